// The headline of a result, and what a reader should know before believing it.
#include <fmt/format.h>

#include <algorithm>

#include "backtest/detail/summary.hpp"
#include "core/text.hpp"

namespace argosy::backtest {

namespace {

std::int64_t count_state(const Simulation& run, trading::OrderState state) {
  return std::ranges::count(run.orders, state, &trading::Order::state);
}

}  // namespace

std::string find_empty_reason(const BacktestResult& result, std::size_t warm_up) {
  if (!result.run.trades.empty()) return {};
  const auto most =
      std::ranges::max(result.market->symbols, {}, [](const data::SymbolData& s) { return s.bars.size(); }).bars.size();
  const bool enters = result.signals.entries > 0 || result.strategy.rebalance.has_value();
  if (!enters && result.signals.left_out > 0)
    return fmt::format("No trades: all {} entries had less than the confidence of {}.", result.signals.left_out,
                       core::format_double(result.strategy.minimum_confidence));
  if (!enters && warm_up >= most) {
    return fmt::format("No trades: the formulas need {} bars before they say anything, and there are {}.", warm_up,
                       most);
  }
  if (!enters) return "No trades: the condition to enter was never true.";
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

namespace {

// What the rules of the account's type have seen.
void add_account_warnings(const BacktestResult& result, std::vector<std::string>& out) {
  const Simulation& run = result.run;
  const strategy::StrategyFile& file = result.strategy;
  if (file.account == trading::AccountType::kCash) {
    if (run.unsettled_uses > 0) {
      out.push_back(fmt::format(
          "{} buys were paid with money of sales that were not settled yet; a broker may call that free riding "
          "(account_rules: refuse spends settled money only).",
          run.unsettled_uses));
    }
    return;
  }
  if (run.most_day_trades > trading::DayTrades::kMostBelowMinimum) {
    out.push_back(
        fmt::format("Up to {} day trades within five sessions: below 25,000 USD of equity that is a pattern day trader "
                    "(account_rules: refuse keeps below it).",
                    run.most_day_trades));
  }
  if (run.margin_calls > 0) {
    out.push_back(
        fmt::format("{} margin calls: the equity did not carry the positions, and all were closed.", run.margin_calls));
  }
  if (file.interest.is_zero()) out.emplace_back("No interest was charged on borrowed cash: set `interest`.");
  if (!file.formula(strategy::Role::kShort).empty() && file.borrow.rate.is_zero())
    out.emplace_back("Short positions cost nothing to borrow: set `borrow`.");
}

// What the limits have done beside denying orders.
void add_limit_warnings(const BacktestResult& result, std::vector<std::string>& out) {
  const Simulation& run = result.run;
  if (run.breaker_trips > 0)
    out.push_back(
        fmt::format("The circuit breaker opened {} times; no position grew while it was open.", run.breaker_trips));
  if (run.forced_flats > 0)
    out.push_back(fmt::format("The rules of the account had everything closed {} times.", run.forced_flats));
  if (result.settings.engine.limits.name != "backtest" && !result.market->timeframe.is_intraday())
    out.emplace_back("Limits on the hours of trading say nothing about bars of a day: they were left out.");
}

}  // namespace

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
      names.push_back(result.market->symbols[open.instrument].instrument.symbol);
    out.push_back(fmt::format("Still held at the end, counted in the equity but not among the trades: {}.",
                              core::join(names, ", ")));
  }
  for (const data::SymbolData& symbol : result.market->symbols) {
    const auto without = std::ranges::count_if(symbol.bars.volume, [](double volume) { return !(volume > 0); });
    if (without > 0)
      out.push_back(fmt::format("{}: {} of {} bars have no volume; nothing is filled in them.",
                                symbol.instrument.symbol, without, symbol.bars.size()));
    if (symbol.bars.size() <= warm_up)
      out.push_back(fmt::format("{}: its {} bars are no more than the {} the formulas need to start.",
                                symbol.instrument.symbol, symbol.bars.size(), warm_up));
  }
  add_account_warnings(result, out);
  add_limit_warnings(result, out);
  if (result.run.bars_without_detail > 0) {
    out.push_back(fmt::format("{} bars had no finer bars within them while orders worked: they were used themselves.",
                              result.run.bars_without_detail));
  }
  if (result.strategy.fees.is_free())
    out.emplace_back("No costs were assumed: set `fees` or commission_percent in the file, or --fees.");
  if (result.trade_statistics.trades > 0 && result.trade_statistics.trades < 30) {
    out.push_back(fmt::format("{} trades are few: the statistics may be luck.", result.trade_statistics.trades));
  }
  return out;
}

namespace {

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

}  // namespace

Summary summarise(const BacktestRequest& request, const BacktestResult& result) {
  const EquityStatistics& s = result.statistics;
  const Simulation& run = result.run;
  Summary out{.strategy = request.strategy.name,
              .symbols = request.symbols,
              .timeframe = request.timeframe.to_string(),
              .from = market::format_key(run.keys.front(), request.timeframe),
              .to = market::format_key(run.keys.back(), request.timeframe),
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
              .account = std::string(to_string(request.strategy.account)),
              .currency = result.market->currency,
              .slippage = venue::to_string(result.settings.exchange.slippage),
              .latency = venue::to_string(result.settings.exchange.latency),
              .limit_fills = result.settings.exchange.limit_touch == venue::LimitTouch::kTouch ? "touch" : "through",
              .limits = request.limits.name,
              .fee_schedule = request.strategy.fees.name(),
              .fees = run.fees,
              .charges = run.charges,
              .dividends = run.dividends,
              .orders = static_cast<std::int64_t>(run.orders.size()),
              .orders_denied = count_state(run, trading::OrderState::kDenied),
              .orders_rejected = count_state(run, trading::OrderState::kRejected),
              .margin_calls = run.margin_calls,
              .breaker_trips = run.breaker_trips,
              .open_positions = static_cast<std::int64_t>(run.open_positions.size()),
              .buy_and_hold_return = result.benchmark.total_return,
              .buy_and_hold_cagr = result.benchmark.cagr,
              .buy_and_hold_sharpe = result.benchmark.sharpe,
              .buy_and_hold_max_drawdown = result.benchmark.max_drawdown,
              .prices = request.prices == data::PriceMode::kRaw ? "raw" : "adjusted"};
  for (const data::SymbolData& symbol : result.market->symbols)
    out.bars += static_cast<std::int64_t>(symbol.bars.size());
  if (run.prop) out.prop_verdict = to_string(run.prop->verdict);
  if (!request.universe.empty()) out.universe = request.universe;
  if (request.detail) out.detail = request.detail->to_string();
  if (!request.strategy.volume_cap.empty()) out.volume_cap = request.strategy.volume_cap;
  out.initial_cash = result.initial_cash;
  fill_drawdown(out, s, request.timeframe);
  return out;
}

}  // namespace argosy::backtest
