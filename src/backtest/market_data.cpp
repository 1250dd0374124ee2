#include "backtest/market_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "backtest/assumptions.hpp"

namespace argosy::backtest {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

Result<void> check_request(const BacktestRequest& request) {
  if (request.symbols.empty()) {
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("{} names no symbols", request.strategy.name))
                    .with_hint("add --symbol AAPL, or a `symbols:` list to the file"));
  }
  const std::set<std::string> distinct(request.symbols.begin(), request.symbols.end());
  if (distinct.size() != request.symbols.size()) return fail(ErrorCode::kInvalidArgument, "a symbol is named twice");
  constexpr std::int64_t kMostCash = 1'000'000'000'000;
  if (!request.cash.is_positive() || request.cash > core::Money::from_integer(kMostCash)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the cash must be above 0 and at most {}, not {}", kMostCash, request.cash.to_string()));
  }
  return {};
}

Result<void> load_bars(const BacktestRequest& request, const lake::Snapshot& snapshot, MarketData& market) {
  ARGOSY_TRY(market.symbols, data::load_symbols(snapshot, request.symbols, request.timeframe, request.range));
  if (!request.detail) return {};
  if (!request.detail->is_intraday() || !(request.detail->nominal() < request.timeframe.nominal())) {
    return fail(
        Error(ErrorCode::kInvalidArgument, fmt::format("bars of {} are not finer than those of {}",
                                                       request.detail->to_string(), request.timeframe.to_string()))
            .with_hint("write --detail 1m"));
  }
  market.fill_timeframe = *request.detail;
  ARGOSY_TRY(market.detail, data::load_symbols(snapshot, request.symbols, *request.detail, {}));
  return {};
}

Result<void> find_rates(const BacktestRequest& request, const lake::Snapshot& snapshot, MarketData& market) {
  std::vector<std::string> currencies;
  for (const data::SymbolData& symbol : market.symbols) currencies.push_back(symbol.instrument.currency);
  for (const auto& [currency, amount] : request.balances) currencies.push_back(currency);
  ARGOSY_TRY(market.rates, load_rates(snapshot, market.currency, currencies));
  return {};
}

}  // namespace

bool MarketData::trades_every_day() const {
  return std::ranges::any_of(symbols,
                             [](const data::SymbolData& symbol) { return symbol.instrument.exchange == "24/7"; });
}

Result<MarketData> load_market(const BacktestRequest& request, const lake::Snapshot& snapshot) {
  ARGOSY_TRY_VOID(check_request(request));
  MarketData market{.symbols = {},
                    .detail = {},
                    .rates = {},
                    .timeframe = request.timeframe,
                    .fill_timeframe = request.timeframe,
                    .currency = {}};
  ARGOSY_TRY_VOID(load_bars(request, snapshot, market));
  market.currency = request.currency.empty() ? market.symbols.front().instrument.currency : request.currency;
  ARGOSY_TRY_VOID(find_rates(request, snapshot, market));
  return market;
}

}  // namespace argosy::backtest
