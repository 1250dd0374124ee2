// Formulas as people write them, on a command line or in an address: "sma(close, 20)" or "fast=sma(close, 20)".
//
//   const auto outputs = written_outputs({"fast=sma(close, 10)", "close > open"}, {.single = "value"});
//   // fast: sma(close, 10); close > open: close > open
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "formula/formula.hpp"
#include "formula/program.hpp"

namespace argosy::formula {

// "name=text" cut at its "="; no name where there is none: "a == b" has none.
struct Assignment {
  std::string name;
  std::string text;
};
[[nodiscard]] Assignment split_assignment(std::string_view text);

struct WrittenOptions {
  std::string_view single;   // what a formula that is alone and has no name is called; empty: by its text
  bool all_outputs = false;  // of each operator, not its first
};
// Each under its name, or its text where it has none.
[[nodiscard]] std::vector<Output> written_outputs(std::span<const std::string> texts, const WrittenOptions& options);
// kInvalidArgument where two columns of a program have one name.
[[nodiscard]] core::Result<void> check_names(const Program& program);

}  // namespace argosy::formula
