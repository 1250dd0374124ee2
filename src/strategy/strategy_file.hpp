// The strategy file: what to trade, when to buy and sell, how much, and at what cost, as YAML.
//
//   name: golden_cross
//   params: {fast: {default: 50, range: [5, 100], step: 5}, slow: 200}
//   buy: cross_above(sma(close, fast), sma(close, slow))
//   sell: cross_below(sma(close, fast), sma(close, slow))
//   size: {percent: 100}
//
// Its JSON Schema is docs/reference/strategy.schema.json, printed by `argosy strategy schema`.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/decimal.hpp"
#include "core/result.hpp"
#include "formula/formula.hpp"
#include "formula/formula_set.hpp"
#include "formula/program.hpp"
#include "market/timeframe.hpp"
#include "trading/fee_file.hpp"
#include "trading/sizing.hpp"

namespace argosy::strategy {

// A named number of the file, with the range a search may try.
struct Parameter {
  std::string name;
  double value = 0;
  struct Range {
    double from = 0;
    double to = 0;
    double step = 0;
  };
  std::optional<Range> range;
};

struct StrategyFile {
  std::string file;  // where it was read from; used in errors
  std::string text;  // as read
  std::string name;
  std::string description;
  market::Timeframe timeframe;
  std::vector<std::string> symbols;  // empty: the caller names them
  std::vector<Parameter> parameters;
  std::vector<std::string> let_files;                            // names shared with other strategies, as written
  std::vector<std::pair<std::string, std::string>> shared_lets;  // what those files name; seen by `lets`
  std::vector<std::pair<std::string, std::string>> lets;         // name, formula
  std::string buy;
  std::string sell;  // empty: positions are left by stop loss and take profit alone
  trading::Sizing size;
  std::string stop_loss;    // a constant formula, a share of the entry price: "8%"; empty: none
  std::string take_profit;  // likewise
  trading::FeeSchedule fees;
  // Where formulas stand in the file, for errors: key ("buy", "let.x"), line, column.
  struct Place {
    std::string key;
    std::int64_t line = 0;
    std::int64_t column = 0;
  };
  std::vector<Place> places;
};

// Gives the files that a strategy file names: under `let_files`, and under `fees`.
struct StrategyReaders {
  std::function<core::Result<formula::FormulaSet>(const std::string& name)> lets;
  trading::FeeReader fees;
};

// Reads and checks a file's text, formulas included. `file` is its name in errors. What no reader is given for is
// refused.
[[nodiscard]] core::Result<StrategyFile> parse_strategy(std::string_view text, std::string_view file,
                                                        const StrategyReaders& readers = {});
// Overrides one parameter, "fast=20". An unknown name is an error with 'did you mean'.
[[nodiscard]] core::Result<void> set_parameter(StrategyFile& strategy, std::string_view assignment);
// A percentage as decimal text ("0.1") to a ratio (0.001); not negative, at most 50.
[[nodiscard]] core::Result<core::Rate> parse_percent(std::string_view text, std::string_view what);

// A strategy ready to run: its formulas as a program with the outputs "buy" and "sell", its levels as ratios. A sell
// condition that depends on the position held is the plan `exit` instead, which reads the program's further outputs.
struct CompiledStrategy {
  formula::Program program;
  bool has_sell = false;  // sell is an output of the program
  std::optional<formula::Plan> exit;
  core::Rate stop_loss;    // zero: none
  core::Rate take_profit;  // zero: none

  // Whether all it reads are the symbol's own rows: then the program is a single plan.
  [[nodiscard]] bool reads_own_rows() const { return program.steps.size() == 1; }
  [[nodiscard]] const formula::Plan& plan() const { return program.last(); }
  [[nodiscard]] std::size_t first_exit_column() const { return has_sell ? 2 : 1; }
};
[[nodiscard]] core::Result<CompiledStrategy> compile_strategy(const StrategyFile& strategy);

// The JSON Schema (2020-12) of the strategy file.
[[nodiscard]] std::string strategy_schema();

}  // namespace argosy::strategy
