// Tokens to a tree. Precedence, loosest first: c ? a : b, or, and, not, comparison (not chained), + -, * /, unary -,
// then x[n], .output and calls.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "formula/detail/source.hpp"

namespace argosy::formula {

enum class ExpressionKind : std::uint8_t {
  kNumber,
  kTruth,     // number is 1 or 0
  kText,      // "SPY": an argument of on, of and the like
  kName,      // a field, parameter, let name; "raw.close" is one name
  kOperator,  // one of the grammar: text is its name in the registry ("+", "negate", "?:", ...)
  kCall,
  kIndex,   // children: the value and the number of rows
  kOutput,  // text is the output's name
};

struct Expression {
  ExpressionKind kind = ExpressionKind::kNumber;
  Span span;       // the whole expression
  Span name_span;  // of the operator, name or output
  std::string text;
  double number = 0;
  std::vector<std::uint32_t> children;   // indices into Tree::nodes, all smaller than this one's
  std::vector<std::string> child_names;  // of a kCall: the argument's name or empty, one a child
};

// Children stand before their parents and the root is last, so a loop over the nodes visits them from the leaves up.
struct Tree {
  std::vector<Expression> nodes;
};

// Errors: what was found, what was expected, where. Nesting beyond limits::kFormulaDepth is one.
[[nodiscard]] core::Result<Tree> parse(const Source& source);
// Fully parenthesised text, for tests and messages: "(a + (b * 2))".
[[nodiscard]] std::string to_text(const Tree& tree);

// Words that cannot be names.
[[nodiscard]] bool is_keyword(std::string_view word);

}  // namespace argosy::formula
