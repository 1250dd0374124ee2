#include "backtest/backtest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "data/program_source.hpp"
#include "market/calendar.hpp"
#include "strategy/compiled_strategy.hpp"
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

Result<void> check_currencies(std::span<const data::SymbolData> symbols) {
  for (const data::SymbolData& symbol : symbols) {
    if (symbol.instrument.currency == symbols.front().instrument.currency) continue;
    return fail(Error(ErrorCode::kUnsupported,
                      fmt::format("{} is quoted in {}, {} in {}", symbol.instrument.symbol, symbol.instrument.currency,
                                  symbols.front().instrument.symbol, symbols.front().instrument.currency))
                    .with_hint("run symbols of one currency together"));
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
    fmt::format_to(std::back_inserter(text), "trade {} {} {} {} {} {} {} {} {} {} {}\n", t.instrument,
                   to_string(t.side), t.entry_key, t.entry_price.units(), t.exit_key, t.exit_price.units(),
                   t.quantity.units(), t.fees.units(), t.profit.units(), t.dividends.units(), to_string(t.exit_reason));
  }
  for (const trading::Order& o : run.orders) {
    fmt::format_to(std::back_inserter(text), "order {} {} {} {} {} {} {} {} {} {} {} {}\n", o.instrument,
                   to_string(o.side), to_string(o.kind), to_string(o.state), o.quantity.units(), o.limit.units(),
                   o.stop.units(), o.created_key, o.filled.units(), o.fill_price.units(), o.filled_key,
                   to_string(o.rule));
  }
  hasher.update(text);
  hasher.update_values(std::span<const core::Money>(run.equity));
  return hasher.finish();
}

SimulationSettings simulation_settings(const BacktestRequest& request, const strategy::CompiledStrategy& compiled) {
  const strategy::StrategyFile& file = request.strategy;
  return {.engine = {.account = {.cash = request.cash, .type = file.account, .enforcement = file.account_rules},
                     .fees = file.fees,
                     .size = file.size,
                     .order = file.order,
                     .bracket = compiled.bracket,
                     .max_bars = file.max_bars,
                     .exit = compiled.exit,
                     .columns = compiled.columns,
                     .rebalance = file.rebalance,
                     .rebalance_filters = compiled.has(strategy::Role::kBuy)},
          .corporate_actions = request.prices == data::PriceMode::kAdjusted};
}

// Buys an even share of the cash after the first bar of each symbol and keeps it: the same engine, other signals.
Simulation simulate_buy_and_hold(const BacktestRequest& request, std::span<const data::SymbolData> symbols) {
  SimulationSettings settings{.engine = {.account = {.cash = request.cash}, .fees = request.strategy.fees},
                              .corporate_actions = request.prices == data::PriceMode::kAdjusted};
  settings.engine.size = {
      .kind = trading::SizeKind::kCash,
      .cash = core::scale(request.cash, 1, static_cast<std::int64_t>(symbols.size()), core::Rounding::kFloor)};
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

std::int64_t count_state(const Simulation& run, trading::OrderState state) {
  return std::ranges::count(run.orders, state, &trading::Order::state);
}

std::string empty_reason(const BacktestResult& result, std::size_t warm_up, std::int64_t signals) {
  if (!result.run.trades.empty()) return {};
  const auto most =
      std::ranges::max(result.symbols, {}, [](const data::SymbolData& s) { return s.bars.size(); }).bars.size();
  if (signals == 0 && warm_up >= most) {
    return fmt::format("No trades: the formulas need {} bars before they say anything, and there are {}.", warm_up,
                       most);
  }
  if (signals == 0) return "No trades: the buy condition was never true.";
  const std::int64_t denied = count_state(result.run, trading::OrderState::kDenied);
  const std::int64_t rejected = count_state(result.run, trading::OrderState::kRejected);
  if (!result.run.open_positions.empty()) return "No closed trades: what was bought is still held at the end.";
  if (denied + rejected > 0) {
    const auto refused = std::ranges::find_if(result.run.orders, [](const trading::Order& o) {
      return o.state == trading::OrderState::kDenied || o.state == trading::OrderState::kRejected;
    });
    return fmt::format("No trades: all {} orders were refused, the first because {}.", denied + rejected,
                       refused->note);
  }
  return "No trades: no order could be filled; a bar without volume fills nothing.";
}

std::vector<std::string> find_warnings(const BacktestResult& result, std::size_t warm_up) {
  std::vector<std::string> out;
  if (!result.empty_reason.empty()) out.push_back(result.empty_reason);
  const std::int64_t denied = count_state(result.run, trading::OrderState::kDenied);
  if (denied > 0) {
    const auto first = std::ranges::find(result.run.orders, trading::OrderState::kDenied, &trading::Order::state);
    out.push_back(fmt::format("{} of {} orders were denied by the risk gate, the first because: {}.", denied,
                              result.run.orders.size(), first->note));
  }
  if (const std::int64_t rejected = count_state(result.run, trading::OrderState::kRejected); rejected > 0) {
    const auto first = std::ranges::find(result.run.orders, trading::OrderState::kRejected, &trading::Order::state);
    out.push_back(fmt::format("{} orders were rejected by the exchange, the first because {}.", rejected, first->note));
  }
  if (!result.run.open_positions.empty()) {
    std::vector<std::string> names;
    for (const auto& open : result.run.open_positions)
      names.push_back(result.symbols[open.instrument].instrument.symbol);
    out.push_back(fmt::format("Still held at the end, counted in the equity but not among the trades: {}.",
                              core::join(names, ", ")));
  }
  for (const data::SymbolData& symbol : result.symbols) {
    const auto without = std::ranges::count_if(symbol.bars.volume, [](double volume) { return !(volume > 0); });
    if (without > 0)
      out.push_back(fmt::format("{}: {} of {} bars have no volume; nothing is filled in them.",
                                symbol.instrument.symbol, without, symbol.bars.size()));
    if (symbol.bars.size() <= warm_up)
      out.push_back(fmt::format("{}: its {} bars are no more than the {} the formulas need to start.",
                                symbol.instrument.symbol, symbol.bars.size(), warm_up));
  }
  if (result.strategy.fees.is_free())
    out.emplace_back("No costs were assumed: set `fees` or commission_percent in the file, or --fees.");
  if (result.trade_statistics.trades > 0 && result.trade_statistics.trades < 30) {
    out.push_back(fmt::format("{} trades are few: the statistics may be luck.", result.trade_statistics.trades));
  }
  return out;
}

double turnover(const Simulation& run) {
  const auto days = static_cast<double>(run.keys.back() - run.keys.front()) / 86'400e9;
  double sum = 0;
  for (const core::Money equity : run.equity) sum += equity.to_double();
  const double mean = sum / static_cast<double>(run.equity.size());
  if (!(days >= 1) || !(mean > 0)) return kUndefined;
  return run.traded.to_double() / 2 / mean / (days / 365.25);
}

void fill_drawdown(Summary& summary, const EquityStatistics& s, market::Timeframe timeframe) {
  summary.max_drawdown = s.max_drawdown;
  summary.max_drawdown_bars = s.drawdown_bars;
  if (s.max_drawdown <= 0) return;
  summary.max_drawdown_from = market::format_key(s.drawdown_peak, timeframe);
  summary.max_drawdown_low = market::format_key(s.drawdown_trough, timeframe);
  if (s.drawdown_recovery != 0) summary.max_drawdown_to = market::format_key(s.drawdown_recovery, timeframe);
}

Summary summarise(const BacktestRequest& request, const BacktestResult& result) {
  const EquityStatistics& s = result.statistics;
  const Simulation& run = result.run;
  Summary out{.strategy = request.strategy.name,
              .symbols = request.symbols,
              .timeframe = request.timeframe.to_string(),
              .from = market::format_key(run.keys.front(), request.timeframe),
              .to = market::format_key(run.keys.back(), request.timeframe),
              .initial_cash = request.cash,
              .final_equity = run.equity.back(),
              .total_return = s.total_return,
              .cagr = s.cagr,
              .volatility = s.volatility,
              .sharpe = s.sharpe,
              .sortino = s.sortino,
              .calmar = s.calmar,
              .trades = result.trade_statistics.trades,
              .win_rate = result.trade_statistics.win_rate,
              .profit_factor = result.trade_statistics.profit_factor,
              .expectancy = result.trade_statistics.expectancy,
              .exposure = static_cast<double>(run.invested) / static_cast<double>(run.keys.size()),
              .turnover = turnover(run),
              .fee_schedule = request.strategy.fees.name(),
              .fees = run.fees,
              .dividends = run.dividends,
              .orders = static_cast<std::int64_t>(run.orders.size()),
              .orders_denied = count_state(run, trading::OrderState::kDenied),
              .orders_rejected = count_state(run, trading::OrderState::kRejected),
              .open_positions = static_cast<std::int64_t>(run.open_positions.size()),
              .buy_and_hold_return = result.benchmark.total_return,
              .buy_and_hold_cagr = result.benchmark.cagr,
              .buy_and_hold_sharpe = result.benchmark.sharpe,
              .buy_and_hold_max_drawdown = result.benchmark.max_drawdown,
              .prices = request.prices == data::PriceMode::kRaw ? "raw" : "adjusted"};
  for (const data::SymbolData& symbol : result.symbols) out.bars += static_cast<std::int64_t>(symbol.bars.size());
  fill_drawdown(out, s, request.timeframe);
  return out;
}

struct AllSignals {
  std::vector<strategy::Signals> symbols;
  std::string data_hash;
  std::int64_t buys = 0;  // bars whose buy condition is true
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
  for (std::size_t i = 0; i < symbols.size(); ++i) keep_to_members(request, compiled, symbols[i], out.symbols[i]);
  for (const strategy::Signals& signals : out.symbols)
    out.buys += std::ranges::count_if(signals.bits, [](std::uint8_t bits) { return (bits & strategy::kBuy) != 0; });
  return out;
}

}  // namespace

Result<BacktestResult> run_backtest(const BacktestRequest& request, const lake::Snapshot& snapshot) {
  ARGOSY_TRY_VOID(check_request(request));
  ARGOSY_TRY(const strategy::CompiledStrategy compiled, strategy::compile_strategy(request.strategy));
  BacktestResult result{.strategy = request.strategy, .timeframe = request.timeframe};
  for (const std::string& symbol : request.symbols) {
    ARGOSY_TRY(data::SymbolData data, data::load_symbol(snapshot, symbol, request.timeframe, request.range));
    result.symbols.push_back(std::move(data));
  }
  ARGOSY_TRY_VOID(check_currencies(result.symbols));

  ARGOSY_TRY(const AllSignals signals, find_signals(request, compiled, snapshot, result.symbols));
  std::vector<Feed> feeds;
  for (std::size_t i = 0; i < signals.symbols.size(); ++i)
    feeds.push_back({&result.symbols[i], signals.symbols[i].bits, signals.symbols[i].columns});
  result.run = simulate(simulation_settings(request, compiled), feeds);
  result.buy_and_hold = simulate_buy_and_hold(request, result.symbols);

  const bool every_day = trades_every_day(result.symbols);
  result.statistics = equity_statistics(result.run.keys, result.run.equity, request.cash, request.timeframe, every_day);
  result.benchmark = equity_statistics(result.buy_and_hold.keys, result.buy_and_hold.equity, request.cash,
                                       request.timeframe, every_day);
  result.trade_statistics = trade_statistics(result.run.trades);
  result.empty_reason = empty_reason(result, compiled.plan().warm_up(), signals.buys);
  result.summary = summarise(request, result);
  result.summary.data_hash = signals.data_hash;
  result.summary.result_hash = hash_result(result.run);
  result.summary.warnings = find_warnings(result, compiled.plan().warm_up());
  return result;
}

}  // namespace argosy::backtest
