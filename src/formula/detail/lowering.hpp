// Trees to graph values: names are looked up, types checked, arguments put in order.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "formula/detail/graph.hpp"
#include "formula/detail/parser.hpp"
#include "formula/detail/source.hpp"

namespace argosy::formula {

// What a name or an expression stands for. Of an operator with several outputs of which none was named yet it is the
// first, and all of them are at hand.
struct Meaning {
  Value value;
  const Operator* several = nullptr;
  std::vector<Value> outputs{};
};

// A name besides fields and operators: a parameter or a `let`. A let is read again where it is used on other rows, as
// in on("1w", trend).
struct Named {
  Meaning meaning;
  std::string file{};
  std::string text{};  // of a let
};
using Scope = std::map<std::string, Named, std::less<>>;

struct LoweringOptions {
  bool labels = false;
  bool position = false;      // an exit: it may use what is known of the position held
  std::uint32_t context = 0;  // whose rows the formula is of
  std::size_t depth = 0;      // lets within lets
};

// Errors point into the source.
[[nodiscard]] core::Result<Meaning> lower(const Source& source, const Tree& tree, const Scope& scope, Graph& graph,
                                          const LoweringOptions& options = {});

// "open", "hl2", "raw.close", ... in the order of the documentation.
[[nodiscard]] std::vector<std::string_view> field_names();

}  // namespace argosy::formula
