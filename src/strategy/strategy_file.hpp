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

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/decimal.hpp"
#include "core/result.hpp"
#include "formula/formula.hpp"
#include "market/timeframe.hpp"
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
  std::vector<std::pair<std::string, std::string>> lets;  // name, formula
  std::string buy;
  std::string sell;  // empty: positions are left by stop loss and take profit alone
  trading::Sizing size;
  std::string stop_loss;    // a constant formula, a share of the entry price: "8%"; empty: none
  std::string take_profit;  // likewise
  core::Rate commission;    // a ratio: commission_percent 0.1 is 0.001
  // Where formulas stand in the file, for errors: key ("buy", "let.x"), line, column.
  struct Place {
    std::string key;
    std::int64_t line = 0;
    std::int64_t column = 0;
  };
  std::vector<Place> places;
};

// Reads and checks a file's text, formulas included. `file` is its name in errors.
[[nodiscard]] core::Result<StrategyFile> parse_strategy(std::string_view text, std::string_view file);
// Overrides one parameter, "fast=20". An unknown name is an error with 'did you mean'.
[[nodiscard]] core::Result<void> set_parameter(StrategyFile& strategy, std::string_view assignment);
// A percentage as decimal text ("0.1") to a ratio (0.001); not negative, at most 50.
[[nodiscard]] core::Result<core::Rate> parse_percent(std::string_view text, std::string_view what);

// A strategy ready to run: its formulas as one plan with the outputs "buy" and "sell", its levels as ratios.
struct CompiledStrategy {
  formula::Plan plan;
  bool has_sell = false;
  core::Rate stop_loss;    // zero: none
  core::Rate take_profit;  // zero: none
};
[[nodiscard]] core::Result<CompiledStrategy> compile_strategy(const StrategyFile& strategy);

// The JSON Schema (2020-12) of the strategy file.
[[nodiscard]] std::string strategy_schema();

}  // namespace argosy::strategy
