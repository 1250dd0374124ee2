// Bars as charts show them, in any timeframe, with formulas evaluated beside: what the API and charting libraries ask
// for.
//
//   ARGOSY_TRY(const auto program, formula::compile_program(formula::written_outputs(texts, {})));
//   ARGOSY_TRY(const Candles candles, load_candles(snapshot, {.symbol = "AAPL", .program = &program}));
//   candles.close[i], candles.columns[k].values[i]       // of the bar with candles.keys[i]
//
// Formulas run from the first stored bar on, so a value does not depend on where the range begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "data/symbol_data.hpp"
#include "formula/program.hpp"
#include "lake/lake.hpp"
#include "market/timeframe.hpp"

namespace argosy::data {

// Stored bars that one question reads of a symbol: half a second's work. Where a symbol has more before the end of the
// range, formulas begin with the oldest of these.
inline constexpr std::size_t kMostCandleBars = 200'000;
// The longest warm-up of a formula: what it costs a row may grow with its window.
inline constexpr std::size_t kMostCandleWarmUp = 5'000;

struct CandleQuestion {
  std::string symbol;
  market::Timeframe timeframe = {};
  KeyRange range = {};      // with an end, less is read of bars within days
  std::size_t limit = 500;  // the newest of the range
  PriceMode prices = PriceMode::kAdjusted;
  const formula::Program* program = nullptr;  // null: no formulas
};

struct CandleColumn {
  formula::OutputColumn output;
  std::vector<double> values;  // NaN: none yet
};

// Columns of equal length, oldest first. The last bar may be half made.
struct Candles {
  market::Timeframe timeframe;
  market::Timeframe made_of;  // the stored bars
  std::vector<std::int64_t> keys;
  std::vector<double> open;
  std::vector<double> high;
  std::vector<double> low;
  std::vector<double> close;
  std::vector<double> volume;
  std::vector<CandleColumn> columns;
  std::size_t warm_up = 0;                    // of the formulas, in bars
  std::optional<std::int64_t> formulas_from;  // the bar at which they began where that is not the symbol's first
  std::optional<std::int64_t> earlier;        // the newest bar before those given
};

// Whether bars of `longer` are made of whole bars of `stored`.
[[nodiscard]] bool makes(market::Timeframe stored, market::Timeframe longer);
// Where bars of the timeframe are not stored they are made of the longest shorter ones that are. Errors: kNotFound for
// a symbol without such bars; kInvalidArgument for a program that looks across symbols, and for what is above the
// limits. No bars in the range: no candles, and `earlier` where there are some before it.
[[nodiscard]] core::Result<Candles> load_candles(const lake::Snapshot& snapshot, const CandleQuestion& question);

}  // namespace argosy::data
