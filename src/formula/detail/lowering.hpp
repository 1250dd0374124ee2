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

// What a name or an expression stands for. `several`: an operator with several outputs of which none was named yet.
struct Meaning {
  Value value;
  bool several = false;
};

// The names a formula may use besides fields and operators: parameters and `let`s.
using Scope = std::map<std::string, Meaning, std::less<>>;

// Errors point into the source.
[[nodiscard]] core::Result<Meaning> lower(const Source& source, const Tree& tree, const Scope& scope, Graph& graph);

// "open", "hl2", "raw.close", ... in the order of the documentation.
[[nodiscard]] std::vector<std::string_view> field_names();

}  // namespace argosy::formula
