#include "backtest/backtest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "backtest/detail/assumptions.hpp"
#include "backtest/detail/summary.hpp"
#include "core/hash.hpp"
#include "data/program_source.hpp"
#include "market/calendar.hpp"
#include "strategy/compiled_strategy.hpp"
#include "strategy/confidence.hpp"
#include "strategy/signals.hpp"

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

// `others`: symbols that formulas look at besides those traded.
std::string hash_data(std::span<const data::SymbolData> symbols, std::span<const data::SymbolData* const> others,
                      data::PriceMode prices) {
  core::Hasher hasher;
  hasher.update(prices == data::PriceMode::kRaw ? "raw\n" : "adjusted\n");
  const auto add = [&](const data::SymbolData& symbol) {
    hasher.update(
        fmt::format("{} {} {}\n", symbol.instrument.symbol, symbol.timeframe.to_string(), symbol.content_hash));
  };
  for (const data::SymbolData& symbol : symbols) add(symbol);
  for (const data::SymbolData* other : others) add(*other);
  return hasher.finish();
}

// Trades, orders and equity as integers: nothing in it depends on a math library, on times of day or on paths.
std::string hash_result(const Simulation& run) {
  core::Hasher hasher;
  std::string text;
  for (const engine::Trade& t : run.trades) {
    fmt::format_to(std::back_inserter(text), "trade {} {} {} {} {} {} {} {} {} {} {} {}\n", t.instrument,
                   to_string(t.side), t.entry_key, t.entry_price.units(), t.exit_key, t.exit_price.units(),
                   t.quantity.units(), t.fees.units(), t.profit.units(), t.dividends.units(), to_string(t.entry_reason),
                   to_string(t.exit_reason));
  }
  for (const trading::Order& o : run.orders) {
    fmt::format_to(std::back_inserter(text), "order {} {} {} {} {} {} {} {} {} {} {} {}", o.instrument,
                   to_string(o.side), to_string(o.kind), to_string(o.state), o.quantity.units(), o.limit.units(),
                   o.stop.units(), o.created_key, o.filled.units(), o.fill_price.units(), o.filled_key,
                   to_string(o.rule));
    fmt::format_to(std::back_inserter(text), " {} {} {} {} {} {} {}\n", to_string(o.reason),
                   o.effect == trading::Effect::kOpen ? "open" : "close", to_string(o.time_in_force), o.triggered,
                   o.trail_amount.units(), o.trail_ratio.units(), o.fee.units());
  }
  hasher.update(text);
  hasher.update_values(std::span<const core::Money>(run.equity));
  return hasher.finish();
}

// What runs of the strategy and of buy-and-hold share.
SimulationSettings market_settings(const BacktestRequest& request, const BacktestResult& result,
                                   const std::vector<RateSeries>& rates) {
  return {.engine = {.account = {.cash = request.cash, .currency = result.currency, .balances = request.balances},
                     .fees = request.strategy.fees},
          .exchange = result.exchange,
          .corporate_actions = request.prices == data::PriceMode::kAdjusted,
          .rates = rates};
}

// Bars of a day or longer have no time of the day: a session's hours say nothing about orders for its opening.
trading::LimitProfile applied_limits(const BacktestRequest& request) {
  trading::LimitProfile limits = request.limits;
  if (!request.timeframe.is_intraday())
    limits.limits.trading_hours = trading::LimitProfile::backtest().limits.trading_hours;
  return limits;
}

void set_strategy(engine::EngineSettings& settings, const strategy::StrategyFile& file,
                  const strategy::CompiledStrategy& compiled) {
  settings.account.type = file.account;
  settings.account.enforcement = file.account_rules;
  settings.size = file.size;
  settings.order = file.order;
  settings.bracket = compiled.bracket;
  settings.max_bars = file.max_bars;
  settings.exit = compiled.exit;
  settings.columns = compiled.columns;
  settings.rebalance = file.rebalance;
  settings.rebalance_filters = compiled.has(strategy::Role::kBuy);
}

// Buys an even share of the cash after the first bar of each symbol and keeps it: the same engine, other signals.
Simulation simulate_buy_and_hold(SimulationSettings settings, std::span<const data::SymbolData> symbols) {
  settings.engine.size = {.kind = trading::SizeKind::kCash,
                          .cash = core::scale(settings.engine.account.cash, 1,
                                              static_cast<std::int64_t>(symbols.size()), core::Rounding::kFloor)};
  std::vector<std::vector<std::uint8_t>> signals;
  std::vector<Feed> feeds;
  for (const data::SymbolData& symbol : symbols) {
    // The signal stays on until it is filled: the first bars may have no volume.
    signals.emplace_back(symbol.bars.size(), strategy::kBuy);
  }
  for (std::size_t i = 0; i < symbols.size(); ++i) feeds.push_back({.data = &symbols[i], .signals = signals[i]});
  return simulate(settings, feeds);
}

bool trades_every_day(std::span<const data::SymbolData> symbols) {
  return std::ranges::any_of(symbols,
                             [](const data::SymbolData& symbol) { return symbol.instrument.exchange == "24/7"; });
}

struct AllSignals {
  std::vector<strategy::Signals> symbols;
  std::string data_hash;
  std::int64_t entries = 0;   // bars with a signal to enter
  std::int64_t left_out = 0;  // entries for want of confidence, not among those
};

// While a symbol is not in the universe nothing opens a position in it, and it has no rank.
void keep_to_members(const BacktestRequest& request, const strategy::CompiledStrategy& compiled,
                     const data::SymbolData& symbol, strategy::Signals& signals) {
  if (!request.members.times.contains(symbol.instrument.symbol)) return;
  constexpr std::uint8_t kEntries = strategy::kBuy | strategy::kShort;
  const auto rank = compiled.columns[static_cast<std::size_t>(strategy::Role::kRank)];
  for (std::size_t row = 0; row < signals.bits.size(); ++row) {
    if (request.members.has(symbol.instrument.symbol, market::key_date(symbol.bars.key[row]))) continue;
    signals.bits[row] = static_cast<std::uint8_t>(signals.bits[row] & ~kEntries);
    if (rank) signals.columns[*rank][row] = kUndefined;
  }
}

// Signals of formulas that look beyond the symbol's own rows.
Result<void> run_program(const BacktestRequest& request, const strategy::CompiledStrategy& compiled,
                         const lake::Snapshot& snapshot, std::span<const data::SymbolData> symbols, AllSignals& out) {
  if (compiled.program.looks_across() && symbols.size() < 2) {
    return fail(Error(ErrorCode::kInvalidArgument, "a cross-section needs several symbols")
                    .with_hint("name them: --symbol AAPL,MSFT,IBM, or a `symbols:` list in the file"));
  }
  data::ProgramSource source(snapshot, request.timeframe, request.range, request.prices);
  for (const data::SymbolData& symbol : symbols) source.add(symbol);
  const auto rows = [&](const formula::RowContext& context, std::string_view entity,
                        std::span<const std::string> fields) -> Result<formula::ProgramRows> {
    ARGOSY_TRY(formula::ProgramRows own, source(context, entity, fields));
    if (const std::string symbol(entity); request.members.times.contains(symbol)) {
      for (const std::int64_t key : own.keys)
        own.left_out.push_back(!request.members.has(symbol, market::key_date(key)));
    }
    return own;
  };
  ARGOSY_TRY(auto results, formula::run_program(compiled.program, request.symbols, rows));
  for (formula::ProgramResult& result : results)
    out.symbols.push_back(strategy::to_signals(compiled, std::move(result.outputs)));
  std::vector<const data::SymbolData*> others;
  for (const auto& [name, symbol] : source.loaded()) {
    if (std::ranges::find(request.symbols, name) == request.symbols.end()) others.push_back(symbol.get());
  }
  out.data_hash = hash_data(symbols, others, request.prices);
  return {};
}

Result<AllSignals> find_signals(const BacktestRequest& request, const strategy::CompiledStrategy& compiled,
                                const lake::Snapshot& snapshot, std::span<const data::SymbolData> symbols) {
  AllSignals out;
  if (compiled.reads_own_rows()) {
    const core::Panel panel = data::make_panel(symbols, compiled.plan().fields(), request.prices);
    for (std::size_t i = 0; i < panel.entity_count(); ++i)
      out.symbols.push_back(strategy::evaluate_signals(compiled, panel.entity(i)));
    out.data_hash = hash_data(symbols, {}, request.prices);
  } else {
    ARGOSY_TRY_VOID(run_program(request, compiled, snapshot, symbols, out));
  }
  const strategy::ConstantConfidence confidence;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    keep_to_members(request, compiled, symbols[i], out.symbols[i]);
    out.left_out += strategy::keep_confident(confidence, compiled, request.strategy.minimum_confidence,
                                             symbols[i].instrument.symbol, symbols[i].bars.key, out.symbols[i]);
  }
  for (const strategy::Signals& signals : out.symbols)
    out.entries += std::ranges::count_if(
        signals.bits, [](std::uint8_t bits) { return (bits & (strategy::kBuy | strategy::kShort)) != 0; });
  return out;
}

}  // namespace

namespace {

Result<void> load_data(const BacktestRequest& request, const lake::Snapshot& snapshot, BacktestResult& result) {
  ARGOSY_TRY(result.symbols, data::load_symbols(snapshot, request.symbols, request.timeframe, request.range));
  if (!request.detail) return {};
  if (!request.detail->is_intraday() || !(request.detail->nominal() < request.timeframe.nominal())) {
    return fail(
        Error(ErrorCode::kInvalidArgument, fmt::format("bars of {} are not finer than those of {}",
                                                       request.detail->to_string(), request.timeframe.to_string()))
            .with_hint("write --detail 1m"));
  }
  result.fill_timeframe = *request.detail;
  ARGOSY_TRY(result.detail, data::load_symbols(snapshot, request.symbols, *request.detail, {}));
  return {};
}

Result<std::vector<RateSeries>> find_rates(const BacktestRequest& request, const lake::Snapshot& snapshot,
                                           const BacktestResult& result) {
  std::vector<std::string> currencies;
  for (const data::SymbolData& symbol : result.symbols) currencies.push_back(symbol.instrument.currency);
  for (const auto& [currency, amount] : request.balances) currencies.push_back(currency);
  return load_rates(snapshot, result.currency, currencies);
}

// With what orders were filled in and money was converted by, where there is such.
std::string hash_everything(const std::string& data_hash, std::span<const data::SymbolData> detail,
                            std::span<const RateSeries> rates) {
  if (detail.empty() && rates.empty()) return data_hash;
  core::Hasher hasher;
  hasher.update(data_hash);
  for (const data::SymbolData& symbol : detail) hasher.update(symbol.content_hash);
  for (const RateSeries& series : rates) {
    hasher.update(series.currency);
    hasher.update_values(std::span<const std::int64_t>(series.keys));
    for (const market::ExchangeRate& rate : series.rates)
      hasher.update(fmt::format("{} {}\n", rate.quote.units(), rate.inverse));
  }
  return hasher.finish();
}

}  // namespace

Result<BacktestResult> run_backtest(const BacktestRequest& request, const lake::Snapshot& snapshot) {
  ARGOSY_TRY_VOID(check_request(request));
  ARGOSY_TRY(const strategy::CompiledStrategy compiled, strategy::compile_strategy(request.strategy));
  BacktestResult result{
      .strategy = request.strategy, .timeframe = request.timeframe, .fill_timeframe = request.timeframe};
  ARGOSY_TRY(result.exchange, exchange_settings(request.strategy));
  result.limits = applied_limits(request);
  if (request.limits.prop) ARGOSY_TRY_VOID(trading::check_prop_limits(*request.limits.prop, request.cash));
  ARGOSY_TRY_VOID(load_data(request, snapshot, result));
  result.currency = request.currency.empty() ? result.symbols.front().instrument.currency : request.currency;
  ARGOSY_TRY(const std::vector<RateSeries> rates, find_rates(request, snapshot, result));

  ARGOSY_TRY(const AllSignals signals, find_signals(request, compiled, snapshot, result.symbols));
  std::vector<Feed> feeds;
  for (std::size_t i = 0; i < signals.symbols.size(); ++i) {
    feeds.push_back({.data = &result.symbols[i],
                     .signals = signals.symbols[i].bits,
                     .columns = signals.symbols[i].columns,
                     .detail = result.detail.empty() ? nullptr : &result.detail[i]});
  }
  SimulationSettings settings = market_settings(request, result, rates);
  result.buy_and_hold = simulate_buy_and_hold(settings, result.symbols);
  set_strategy(settings.engine, request.strategy, compiled);
  settings.engine.limits = result.limits;
  result.run = simulate(settings, feeds);

  const bool every_day = trades_every_day(result.symbols);
  result.initial_cash = result.run.initial_cash;
  result.statistics =
      equity_statistics(result.run.keys, result.run.equity, result.initial_cash, request.timeframe, every_day);
  result.benchmark = equity_statistics(result.buy_and_hold.keys, result.buy_and_hold.equity, result.initial_cash,
                                       request.timeframe, every_day);
  result.trade_statistics = trade_statistics(result.run.trades);
  result.empty_reason =
      find_empty_reason(result, compiled.plan().warm_up(), {.entries = signals.entries, .left_out = signals.left_out});
  result.summary = summarise(request, result);
  result.summary.entries_left_out = signals.left_out;
  result.summary.data_hash = hash_everything(signals.data_hash, result.detail, rates);
  result.summary.result_hash = hash_result(result.run);
  result.summary.warnings = find_warnings(result, compiled.plan().warm_up());
  return result;
}

}  // namespace argosy::backtest
