#include <fmt/format.h>

#include <set>

#include "backtest/assumptions.hpp"
#include "core/text.hpp"
#include "formula/formula.hpp"
#include "lake/lake.hpp"

namespace argosy::backtest {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

template <class T>
Result<T> located(const strategy::StrategyFile& strategy, std::string_view key, Result<T> value) {
  if (!value) return fail(strategy.locate(key, std::move(value).error()));
  return value;
}

Result<core::Rate> parse_cap(const std::string& text) {
  const auto share = formula::constant(text);
  if (!share || !(*share > 0 && *share <= 1)) {
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("the volume cap is \"{}\"", text))
                    .with_hint("write the share of a bar's volume that orders may take, such as 10%"));
  }
  return core::Rate::from_double(*share);
}

Result<venue::LimitTouch> parse_touch(const std::string& text) {
  if (text == "touch") return venue::LimitTouch::kTouch;
  if (text == "through") return venue::LimitTouch::kThrough;
  return fail(Error(ErrorCode::kInvalidArgument, fmt::format("limit_fills is \"{}\"", text))
                  .with_hint("it is touch, where a price that touches a limit fills it, or through"));
}

}  // namespace

Result<venue::ExchangeSettings> exchange_settings(const strategy::StrategyFile& strategy) {
  venue::ExchangeSettings out;
  if (!strategy.slippage.empty()) {
    ARGOSY_TRY(out.slippage, located(strategy, "slippage", venue::parse_slippage(strategy.slippage)));
  }
  if (!strategy.volume_cap.empty()) {
    ARGOSY_TRY(out.volume_cap, located(strategy, "volume_cap", parse_cap(strategy.volume_cap)));
  }
  if (!strategy.latency.empty()) {
    ARGOSY_TRY(out.latency, located(strategy, "latency", venue::parse_latency(strategy.latency)));
  }
  if (!strategy.limit_fills.empty()) {
    ARGOSY_TRY(out.limit_touch, located(strategy, "limit_fills", parse_touch(strategy.limit_fills)));
  }
  out.interest = strategy.interest;
  out.borrow = {
      .rate = strategy.borrow.rate, .rates = strategy.borrow.rates, .unavailable = strategy.borrow.unavailable};
  return out;
}

namespace {

Result<RateSeries> load_series(const lake::Snapshot& snapshot, const std::string& from, const std::string& to) {
  const market::Timeframe daily;
  for (const bool inverse : {false, true}) {
    for (const char* suffix : {"", "=X"}) {
      const std::string symbol = (inverse ? to + from : from + to) + suffix;
      if (!snapshot.has(symbol, daily)) continue;
      ARGOSY_TRY(const data::SymbolData data, data::load_symbol(snapshot, symbol, daily, {}));
      RateSeries series{.currency = from, .keys = data.bars.key, .rates = {}};
      for (const core::Price close : data.bars.close) series.rates.push_back({.quote = close, .inverse = inverse});
      return series;
    }
  }
  return fail(Error(ErrorCode::kNotFound, fmt::format("there is no rate from {} to {}", from, to))
                  .with_hint(fmt::format(
                      "import daily bars of a symbol {0}{1} or {1}{0}, or run symbols of one currency", from, to)));
}

}  // namespace

Result<std::vector<RateSeries>> load_rates(const lake::Snapshot& snapshot, const std::string& account_currency,
                                           std::span<const std::string> currencies) {
  const std::set<std::string> needed(currencies.begin(), currencies.end());
  std::vector<RateSeries> out;
  for (const std::string& currency : needed) {
    if (currency == account_currency) continue;
    ARGOSY_TRY(RateSeries series, load_series(snapshot, currency, account_currency));
    out.push_back(std::move(series));
  }
  return out;
}

}  // namespace argosy::backtest
