#include "backtest/steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "backtest/assumptions.hpp"
#include "backtest/statistics.hpp"
#include "core/check.hpp"
#include "core/hash.hpp"
#include "core/limits.hpp"
#include "data/program_source.hpp"
#include "formula/program_stream.hpp"
#include "strategy/confidence.hpp"

namespace argosy::backtest {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

// What runs of the strategy and of buy-and-hold share.
Result<SimulationSettings> market_settings(const BacktestRequest& request, const MarketData& market) {
  SimulationSettings out{
      .engine = {.account = {.cash = request.cash, .currency = market.currency, .balances = request.balances},
                 .fees = request.strategy.fees},
      .corporate_actions = request.prices == data::PriceMode::kAdjusted,
      .rates = market.rates};
  ARGOSY_TRY(out.exchange, exchange_settings(request.strategy));
  return out;
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

// Bars of a day or longer have no time of the day: a session's hours say nothing about orders for its opening.
trading::LimitProfile applied_limits(const BacktestRequest& request) {
  trading::LimitProfile limits = request.limits;
  if (!request.timeframe.is_intraday())
    limits.limits.trading_hours = trading::LimitProfile::backtest().limits.trading_hours;
  return limits;
}

}  // namespace

Result<SimulationSettings> make_settings(const BacktestRequest& request, const strategy::CompiledStrategy& compiled,
                                         const MarketData& market) {
  if (request.limits.prop) ARGOSY_TRY_VOID(trading::check_prop_limits(*request.limits.prop, request.cash));
  ARGOSY_TRY(SimulationSettings out, market_settings(request, market));
  set_strategy(out.engine, request.strategy, compiled);
  out.engine.limits = applied_limits(request);
  return out;
}

namespace {

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

// The rows of a program, without those of a cross-section at which a symbol is not in the universe.
class Rows {
 public:
  Rows(const BacktestRequest& request, const lake::Snapshot& snapshot, std::span<const data::SymbolData> symbols,
       const OtherSymbols& others)
      : request_(request), source_(snapshot, request.timeframe, request.range, request.prices) {
    for (const data::SymbolData& symbol : symbols) source_.add(symbol);
    for (const auto& other : others) source_.add(*other);
  }

  Result<formula::ProgramRows> operator()(const formula::RowContext& context, std::string_view entity,
                                          std::span<const std::string> fields) {
    ARGOSY_TRY(formula::ProgramRows own, source_(context, entity, fields));
    if (const std::string symbol(entity); request_.members.times.contains(symbol)) {
      for (const std::int64_t key : own.keys)
        own.left_out.push_back(!request_.members.has(symbol, market::key_date(key)));
    }
    return own;
  }
  // What was read besides the symbols traded.
  [[nodiscard]] OtherSymbols others() const {
    OtherSymbols out;
    for (const auto& [name, symbol] : source_.loaded()) {
      if (std::ranges::find(request_.symbols, name) == request_.symbols.end()) out.push_back(symbol);
    }
    return out;
  }

 private:
  const BacktestRequest& request_;
  data::ProgramSource source_;
};

// Signals of formulas that look beyond the symbol's own rows.
Result<void> run_program(const BacktestRequest& request, const strategy::CompiledStrategy& compiled,
                         std::span<const data::SymbolData> symbols, Rows& rows, RunSignals& out) {
  if (compiled.program.looks_across() && symbols.size() < 2) {
    return fail(Error(ErrorCode::kInvalidArgument, "a cross-section needs several symbols")
                    .with_hint("name them: --symbol AAPL,MSFT,IBM, or a `symbols:` list in the file"));
  }
  ARGOSY_TRY(auto results, formula::run_program(compiled.program, request.symbols, std::ref(rows)));
  for (formula::ProgramResult& result : results)
    out.symbols.push_back(strategy::to_signals(compiled, std::move(result.outputs)));
  out.others = rows.others();
  std::vector<const data::SymbolData*> others;
  for (const auto& other : out.others) others.push_back(other.get());
  out.data_hash = hash_data(symbols, others, request.prices);
  return {};
}

// One symbol's outputs, computed from a buffer that holds nothing behind the end of each stretch.
std::vector<std::vector<double>> evaluate_stretches(const formula::Plan& plan, const core::PanelSlice& slice,
                                                    std::span<const std::size_t> ends) {
  const std::size_t rows = slice.keys.size();
  std::vector<std::vector<double>> out(plan.outputs().size(), std::vector<double>(rows));
  std::vector<std::vector<double>> seen(slice.fields.size());
  std::vector<std::span<const double>> fields(slice.fields.size());
  std::vector<std::span<double>> outputs(out.size());
  formula::Evaluator evaluator(plan);
  std::size_t from = 0;
  for (const std::size_t end : ends) {
    // Long stretches in pieces, so that the buffers stay in the cache.
    while (from < end) {
      const std::size_t count = std::min(core::limits::kChunkRows, end - from);
      for (std::size_t f = 0; f < seen.size(); ++f) {
        const auto part = slice.fields[f].subspan(from, count);
        seen[f].assign(part.begin(), part.end());
        fields[f] = seen[f];
      }
      for (std::size_t k = 0; k < out.size(); ++k) outputs[k] = std::span(out[k]).subspan(from, count);
      evaluator.evaluate(fields, outputs, count);
      from += count;
    }
  }
  ARGOSY_CHECK(from == rows, "stretches end at row {} of {}", from, rows);
  return out;
}

// What the request takes back of the signals that formulas gave.
void keep_wanted(const BacktestRequest& request, const strategy::CompiledStrategy& compiled,
                 std::span<const data::SymbolData> symbols, RunSignals& out) {
  const strategy::ConstantConfidence confidence;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    keep_to_members(request, compiled, symbols[i], out.symbols[i]);
    out.left_out += strategy::keep_confident(confidence, compiled, request.strategy.minimum_confidence,
                                             symbols[i].instrument.symbol, symbols[i].bars.key, out.symbols[i]);
  }
  for (const strategy::Signals& signals : out.symbols)
    out.entries += std::ranges::count_if(
        signals.bits, [](std::uint8_t bits) { return (bits & (strategy::kBuy | strategy::kShort)) != 0; });
}

}  // namespace

Result<RunSignals> find_signals(const BacktestRequest& request, const strategy::CompiledStrategy& compiled,
                                std::span<const data::SymbolData> symbols, const lake::Snapshot& snapshot,
                                const OtherSymbols& others) {
  RunSignals out;
  if (compiled.reads_own_rows()) {
    const core::Panel panel = data::make_panel(symbols, compiled.plan().fields(), request.prices);
    for (std::size_t i = 0; i < panel.entity_count(); ++i)
      out.symbols.push_back(strategy::evaluate_signals(compiled, panel.entity(i)));
    out.data_hash = hash_data(symbols, {}, request.prices);
  } else {
    Rows rows(request, snapshot, symbols, others);
    ARGOSY_TRY_VOID(run_program(request, compiled, symbols, rows, out));
  }
  keep_wanted(request, compiled, symbols, out);
  return out;
}

Result<RunSignals> find_signals_in_stretches(const BacktestRequest& request, const strategy::CompiledStrategy& compiled,
                                             std::span<const data::SymbolData> symbols, const lake::Snapshot& snapshot,
                                             const OtherSymbols& others,
                                             std::span<const std::vector<std::size_t>> ends) {
  RunSignals out;
  if (compiled.reads_own_rows()) {
    const core::Panel panel = data::make_panel(symbols, compiled.plan().fields(), request.prices);
    for (std::size_t i = 0; i < panel.entity_count(); ++i)
      out.symbols.push_back(
          strategy::to_signals(compiled, evaluate_stretches(compiled.plan(), panel.entity(i), ends[i])));
  } else {
    Rows rows(request, snapshot, symbols, others);
    ARGOSY_TRY(auto results, formula::stream_program(compiled.program, request.symbols, std::ref(rows)));
    for (formula::ProgramResult& result : results)
      out.symbols.push_back(strategy::to_signals(compiled, std::move(result.outputs)));
  }
  keep_wanted(request, compiled, symbols, out);
  return out;
}

std::vector<Feed> make_feeds(const MarketData& market, const RunSignals& signals) {
  std::vector<Feed> feeds;
  for (std::size_t i = 0; i < signals.symbols.size(); ++i) {
    feeds.push_back({.data = &market.symbols[i],
                     .signals = signals.symbols[i].bits,
                     .columns = signals.symbols[i].columns,
                     .detail = market.detail.empty() ? nullptr : &market.detail[i]});
  }
  return feeds;
}

Result<Simulation> simulate_buy_and_hold(const BacktestRequest& request, const MarketData& market) {
  ARGOSY_TRY(SimulationSettings settings, market_settings(request, market));
  const std::span<const data::SymbolData> symbols = market.symbols;
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

std::string hash_market(const RunSignals& signals, const MarketData& market) {
  if (market.detail.empty() && market.rates.empty()) return signals.data_hash;
  core::Hasher hasher;
  hasher.update(signals.data_hash);
  for (const data::SymbolData& symbol : market.detail) hasher.update(symbol.content_hash);
  for (const RateSeries& series : market.rates) {
    hasher.update(series.currency);
    hasher.update_values(std::span<const std::int64_t>(series.keys));
    for (const market::ExchangeRate& rate : series.rates)
      hasher.update(fmt::format("{} {}\n", rate.quote.units(), rate.inverse));
  }
  return hasher.finish();
}

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

}  // namespace argosy::backtest
