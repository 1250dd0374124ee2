// Files of formulas: sets of columns such as alpha158, and names shared between strategies.
//
//   name: mean_reversion
//   description: How far prices are from where they were.
//   let:
//     trend: sma(close, 200)
//   formulas:
//     distance: close / trend - 1
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "formula/formula.hpp"

namespace argosy::formula {

struct FormulaSet {
  std::string name;
  std::string description;
  std::vector<std::pair<std::string, std::string>> lets;  // as CompileOptions::lets
  std::vector<Output> formulas;                           // may be empty: a file of names alone
};

// Unknown and duplicate keys are errors with line and column. The formulas themselves are checked when compiled.
[[nodiscard]] core::Result<FormulaSet> parse_formula_set(std::string_view text, const std::string& file);

}  // namespace argosy::formula
