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

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/decimal.hpp"
#include "core/result.hpp"
#include "formula/formula_set.hpp"
#include "market/timeframe.hpp"
#include "trading/account.hpp"
#include "trading/fee_file.hpp"
#include "trading/order.hpp"
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

// What a formula of the file is for.
enum class Role : std::uint8_t {
  kBuy,             // opens a long position
  kShort,           // opens a short one
  kSell,            // closes a long one
  kCover,           // closes a short one
  kSize,            // shares, cash or percent; the distance of a risk; the volatility of a target
  kStopDistance,    // of the stop loss from the entry price
  kTargetDistance,  // of the take profit
  kTrailDistance,   // of the trailing stop
  kLimit,           // of the order
  kStop,            // of the order
  kConfidence,      // 0 to 1
  kRank,            // the higher the better
};
inline constexpr std::size_t kRoleCount = 12;
inline constexpr std::size_t kConditionCount = 4;  // the first roles are conditions, the others numbers
// The key of the file under which it stands, and the name of the program's output: "buy", "stop_loss", "order.limit".
[[nodiscard]] std::string_view to_string(Role role);

// How positions are entered.
struct EntryOrder {
  trading::OrderKind kind = trading::OrderKind::kMarket;
  trading::TimeInForce time_in_force = trading::TimeInForce::kGoodTillCancelled;
  // Of the close, in the direction of the trade: a limit 1 % away is 1 % below for a buy, above for a short sale; a
  // stop is the other way round. For prices that no formula gives.
  core::Rate limit_offset;
  core::Rate stop_offset;
};

// Holds the best of a universe: ranks it now and then, sells what fell out, buys what came in.
struct Rebalance {
  enum class Every : std::uint8_t { kBars, kWeek, kMonth, kQuarter, kYear };
  Every every = Every::kMonth;
  std::int64_t bars = 1;                            // of kBars
  std::int64_t hold = 10;                           // how many
  core::Rate weight = core::Rate::from_integer(1);  // of the equity, shared evenly by them
  core::Rate drift;  // what is held is brought back to its weight when it is off by more than this share of it
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
  std::array<std::string, kRoleCount> formulas;                  // by role; empty: none
  trading::Sizing size;
  EntryOrder order;
  std::string stop_loss;      // a constant formula, a share of the entry price: "8%"; empty: none, or a distance
  std::string take_profit;    // likewise
  std::string trailing_stop;  // likewise, of the best price since the entry
  std::int64_t max_bars = 0;  // 0: as long as it takes
  double minimum_confidence = 0;
  std::optional<Rebalance> rebalance;
  trading::AccountType account = trading::AccountType::kCash;
  trading::Enforcement account_rules = trading::Enforcement::kWarn;
  core::Rate interest;  // a year, on cash that is borrowed
  struct Borrow {
    core::Rate rate;                                        // a year, on the value of what is sold short
    std::vector<std::pair<std::string, core::Rate>> rates;  // of symbols that cost more or less
    std::vector<std::string> unavailable;                   // symbols that nobody lends
  };
  Borrow borrow;
  trading::FeeSchedule fees;
  // How orders are filled, as the venue reads it; empty: its defaults.
  std::string slippage;
  std::string volume_cap;
  std::string latency;
  std::string limit_fills;
  std::string limits;  // a file of risk limits; empty: the profile of backtests
  // Where values stand in the file, for errors: key ("buy", "let.x"), line, column.
  struct Place {
    std::string key;
    std::int64_t line = 0;
    std::int64_t column = 0;
  };
  std::vector<Place> places;
  // Numbers that may be formulas of the parameters, such as "60%" or "hold", by key ("rebalance.hold").
  std::vector<std::pair<std::string, std::string>> numbers;

  [[nodiscard]] const std::string& formula(Role role) const { return formulas[static_cast<std::size_t>(role)]; }
  [[nodiscard]] std::string& formula(Role role) { return formulas[static_cast<std::size_t>(role)]; }
  // An error, moved to where the key stands in the file.
  [[nodiscard]] core::Error locate(std::string_view key, core::Error error) const;
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
// Overrides one parameter, "fast=20", and sets again what depends on it. An unknown name is an error with 'did you
// mean'.
[[nodiscard]] core::Result<void> set_parameter(StrategyFile& strategy, std::string_view assignment);
// A percentage as decimal text ("0.1") to a ratio (0.001); not negative, at most 50.
[[nodiscard]] core::Result<core::Rate> parse_percent(std::string_view text, std::string_view what);

// The JSON Schema (2020-12) of the strategy file.
[[nodiscard]] std::string strategy_schema();

}  // namespace argosy::strategy
