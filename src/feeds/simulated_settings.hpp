// What a simulated market is like. The same settings give the same bytes on every machine.
//
// Of one seed, symbol k is the same whatever `symbols` and `timeframe` are, and more `days` go on where fewer ended.
#pragma once

#include <cstdint>
#include <string>

#include "core/decimal.hpp"
#include "core/limits.hpp"
#include "core/record.hpp"
#include "core/time.hpp"
#include "market/timeframe.hpp"

namespace argosy::feeds {

struct SimulatedMarketSettings {
  std::int64_t seed = 1;
  std::int64_t symbols = 1;
  std::int64_t days = 252;
  core::Date start = core::Date::from_ymd(2015, 1, 2);
  std::string exchange = "XNYS";
  std::string currency = "USD";
  std::string prefix = "S";
  core::Price tick = core::Price::from_units(10'000'000);
  core::Price base_price = core::Price::from_integer(50);
  double drift = 0.08;
  double volatility = 0.3;
  double correlation = 0.3;
  double jump_rate = 4;
  double volume = 1'000'000;
  bool actions = true;
  market::Timeframe timeframe = {};  // a day, or shorter
};

}  // namespace argosy::feeds

template <>
struct argosy::core::RecordOf<argosy::feeds::SimulatedMarketSettings> {
  using SimulatedMarketSettings = argosy::feeds::SimulatedMarketSettings;
  static constexpr double kMostSymbols = core::limits::kSimulatedSymbols;
  static constexpr double kMostDays = core::limits::kSimulatedDays;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(SimulatedMarketSettings, seed, .limits = {.minimum = 0},
                   .text = "the number everything is drawn from"),
      ARGOSY_FIELD(SimulatedMarketSettings, symbols, .limits = {.minimum = 1, .maximum = kMostSymbols},
                   .text = "how many symbols"),
      ARGOSY_FIELD(SimulatedMarketSettings, days, .unit = "sessions", .limits = {.minimum = 1, .maximum = kMostDays},
                   .text = "how long"),
      ARGOSY_FIELD(SimulatedMarketSettings, start, .text = "the first session is on or after this date"),
      ARGOSY_FIELD(SimulatedMarketSettings, exchange, .text = "whose calendar they follow"),
      ARGOSY_FIELD(SimulatedMarketSettings, currency, .limits = {.maximum_length = 3},
                   .text = "ISO 4217 code of their prices"),
      ARGOSY_FIELD(SimulatedMarketSettings, prefix, .limits = {.maximum_length = 12},
                   .text = "what their symbols begin with"),
      ARGOSY_FIELD(SimulatedMarketSettings, tick, .text = "smallest step of a price"),
      ARGOSY_FIELD(SimulatedMarketSettings, base_price, .text = "the median of the first prices"),
      ARGOSY_FIELD(SimulatedMarketSettings, drift, .unit = "a year", .limits = {.minimum = -2, .maximum = 2},
                   .text = "mean growth of the expected price, dividends included"),
      ARGOSY_FIELD(SimulatedMarketSettings, volatility, .unit = "a year", .limits = {.minimum = 0.001, .maximum = 3},
                   .text = "mean standard deviation of returns"),
      ARGOSY_FIELD(SimulatedMarketSettings, correlation, .limits = {.minimum = 0, .maximum = 0.95},
                   .text = "mean correlation of two symbols' daily returns"),
      ARGOSY_FIELD(SimulatedMarketSettings, jump_rate, .unit = "a year", .limits = {.minimum = 0, .maximum = 12},
                   .text = "a symbol's own jumps, as at earnings; the whole market has a sixteenth of them"),
      ARGOSY_FIELD(SimulatedMarketSettings, volume, .unit = "shares a day",
                   .limits = {.minimum = 1'000, .maximum = 1e12}, .text = "volume of a typical symbol"),
      ARGOSY_FIELD(SimulatedMarketSettings, actions, .text = "whether some symbols split and pay dividends"),
  };
  static constexpr RecordType kType{"simulated_market", "A market of random numbers", kFields};
};
