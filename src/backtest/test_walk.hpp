// Random walks as a market, for tests.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "backtest/market_data.hpp"
#include "core/rng.hpp"

namespace argosy::backtest {

// Daily bars in quarters of a unit; every ninth without volume.
inline data::SymbolData make_test_walk(const std::string& name, std::size_t count, std::uint64_t seed) {
  core::Rng rng(seed);
  data::SymbolData out{.timeframe = market::Timeframe()};
  out.instrument.symbol = name;
  std::int64_t close = 400;
  const core::Date start = core::Date::from_ymd(2015, 1, 1);
  for (std::size_t i = 0; i < count; ++i) {
    const auto quarters = [](std::int64_t value) { return core::Price::from_units(value * 250'000'000); };
    const auto step = [&](std::uint64_t width) { return static_cast<std::int64_t>(rng.below(width)); };
    const std::int64_t open = std::max<std::int64_t>(40, close + step(5) - 2);
    close = std::max<std::int64_t>(40, open + step(13) - 6);
    out.bars.push_back({.key = market::date_key(start.plus_days(static_cast<std::int32_t>(i))),
                        .open = quarters(open),
                        .high = quarters(std::max(open, close) + step(4)),
                        .low = quarters(std::min(open, close) - step(4)),
                        .close = quarters(close),
                        .volume = rng.below(9) == 0 ? 0.0 : 1000});
  }
  out.factors.price.assign(count, 1.0);
  out.factors.split.assign(count, 1.0);
  return out;
}

inline MarketData make_test_market(std::vector<data::SymbolData> symbols) {
  return {.symbols = std::move(symbols),
          .detail = {},
          .rates = {},
          .timeframe = market::Timeframe(),
          .fill_timeframe = market::Timeframe(),
          .currency = "USD"};
}

}  // namespace argosy::backtest
