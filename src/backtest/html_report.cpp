// From a result to the plain data of the report.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#include "backtest/backtest.hpp"
#include "backtest/report.hpp"
#include "chart/number.hpp"

namespace argosy::backtest {
namespace {

std::string percent(double ratio) { return std::isnan(ratio) ? "-" : chart::format_percent(ratio, 1); }
std::string signed_percent(double ratio) {
  return std::isnan(ratio) ? "-" : chart::format_percent(ratio, 1, chart::Sign::kAlways);
}
std::string number(double value) { return std::isnan(value) ? "-" : chart::format_number(value, 2); }

double sign_of(double value) { return std::isnan(value) ? 0 : value; }

std::string amount(core::Money money) { return chart::format_number(money.to_double(), 2); }

std::vector<ReportFigure> figures(const BacktestResult& result) {
  const Summary& s = result.summary;
  const EquityStatistics& b = result.benchmark;
  const auto held = [&](const std::string& text) { return std::isnan(s.buy_and_hold_return) ? std::string() : text; };
  std::string drawdown_dates = "largest fall below an earlier peak";
  if (s.max_drawdown_from) {
    drawdown_dates += fmt::format(": from {} to the low of {}, {}", *s.max_drawdown_from, *s.max_drawdown_low,
                                  s.max_drawdown_to ? "recovered on " + *s.max_drawdown_to : "not recovered");
  }
  return {
      {"Total return", signed_percent(s.total_return), held(signed_percent(b.total_return)),
       "final equity / initial cash - 1", sign_of(s.total_return)},
      {"CAGR", signed_percent(s.cagr), held(signed_percent(b.cagr)), "compound annual growth rate, by civil days",
       sign_of(s.cagr)},
      {"Sharpe", number(s.sharpe), held(number(b.sharpe)),
       "mean daily return / its standard deviation, annualised; risk-free rate 0", 0},
      {"Max drawdown", signed_percent(-s.max_drawdown), held(signed_percent(-b.max_drawdown)), drawdown_dates,
       -s.max_drawdown},
      {"Trades", fmt::format("{}", s.trades), "", "closed round trips", 0},
      {"Win rate", percent(s.win_rate), "", "share of trades with a profit after fees", 0},
      {"Final equity", amount(s.final_equity), held(amount(result.buy_and_hold.equity.back())),
       "cash and positions at the last close", 0},
      {"Volatility", percent(s.volatility), held(percent(b.volatility)),
       "annualised standard deviation of daily returns", 0},
      {"Sortino", number(s.sortino), held(number(b.sortino)), "mean daily return / downside deviation, annualised", 0},
      {"Calmar", number(s.calmar), held(number(b.calmar)), "CAGR / max drawdown", 0},
      {"Drawdown length", fmt::format("{} bars", s.max_drawdown_bars), held(fmt::format("{} bars", b.drawdown_bars)),
       "of the largest one, from its peak to its recovery or the end", 0},
      {"Profit factor", number(s.profit_factor), "", "sum of profits / sum of losses", 0},
      {"Expectancy", number(s.expectancy), "", "mean profit of a trade", sign_of(s.expectancy)},
      {"Average win", number(result.trade_statistics.average_win), "", "mean profit of winning trades", 0},
      {"Average loss", number(result.trade_statistics.average_loss), "", "mean loss of losing trades", 0},
      {"Exposure", percent(s.exposure), "", "share of bars with a position", 0},
      {"Turnover", std::isnan(s.turnover) ? "-" : fmt::format("{:.2f} a year", s.turnover), "",
       "half the traded amount over the mean equity", 0},
      {"Fees", amount(s.fees), held(amount(result.buy_and_hold.fees)), "paid in all", 0},
      {"Dividends", amount(s.dividends), held(amount(result.buy_and_hold.dividends)), "received, less what shorts owed",
       0},
  };
}

// Charts show prices as they would be quoted today: raw x F / F(last), so that splits and dividends leave no steps.
class ChartPrices {
 public:
  ChartPrices(const data::SymbolData& data, bool adjusted) : data_(data), adjusted_(adjusted && !data.bars.empty()) {}

  [[nodiscard]] double factor(std::size_t row) const {
    return adjusted_ ? data_.factors.price[row] / data_.factors.price.back() : 1;
  }
  [[nodiscard]] std::size_t row_of(std::int64_t key) const {
    // A fill may be one of a finer bar within it.
    const auto after = std::ranges::upper_bound(data_.bars.key, key);
    return static_cast<std::size_t>(std::max<std::ptrdiff_t>(after - data_.bars.key.begin() - 1, 0));
  }
  // A raw price of one bar, given in the share units of another.
  [[nodiscard]] double charted(double price, std::size_t row, std::size_t units_row) const {
    const double split = adjusted_ ? data_.factors.split[units_row] / data_.factors.split[row] : 1;
    return price * split * factor(row);
  }

 private:
  const data::SymbolData& data_;
  bool adjusted_;
};

// "stop loss": the name with spaces.
std::string reason_text(trading::OrderReason reason) {
  std::string text(to_string(reason));
  std::ranges::replace(text, '_', ' ');
  return text;
}

ReportSymbol symbol_chart(const BacktestResult& result, trading::InstrumentIndex i, bool adjusted) {
  const data::SymbolData& data = result.market->symbols[i];
  const ChartPrices prices(data, adjusted);
  ReportSymbol out{.symbol = data.instrument.symbol, .keys = data.bars.key, .close = {}, .trades = {}};
  out.close.reserve(data.bars.size());
  for (std::size_t row = 0; row < data.bars.size(); ++row)
    out.close.push_back(data.bars.close[row].to_double() * prices.factor(row));
  for (const engine::Trade& t : result.run.trades) {
    if (t.instrument != i) continue;
    const std::size_t entry = prices.row_of(t.entry_key);
    const std::size_t exit = prices.row_of(t.exit_key);
    out.trades.push_back({.is_short = t.side == trading::Side::kSell,
                          .entry_key = t.entry_key,
                          .entry_price = prices.charted(t.entry_price.to_double(), entry, exit),
                          .exit_key = t.exit_key,
                          .exit_price = prices.charted(t.exit_price.to_double(), exit, exit),
                          .quantity = t.quantity.to_string(),
                          .profit = t.profit.to_double(),
                          .entry_reason = reason_text(t.entry_reason),
                          .exit_reason = reason_text(t.exit_reason)});
  }
  for (const Simulation::OpenPosition& open : result.run.open_positions) {
    if (open.instrument != i) continue;
    const std::size_t entry = prices.row_of(open.entry_key);
    const bool is_short = open.quantity.is_negative();
    out.trades.push_back({.is_short = is_short,
                          .entry_key = open.entry_key,
                          .entry_price = prices.charted(open.entry_price.to_double(), entry, data.bars.size() - 1),
                          .exit_key = std::nullopt,
                          .quantity = (is_short ? -open.quantity : open.quantity).to_string(),
                          .profit = open.profit.to_double(),
                          .entry_reason = reason_text(open.entry_reason),
                          .exit_reason = "still open"});
  }
  return out;
}

// The symbols that are drawn: of many those with the most trades, in the order of the strategy.
std::vector<trading::InstrumentIndex> charted_symbols(const BacktestResult& result) {
  constexpr std::size_t kMostCharts = 8;
  std::vector<trading::InstrumentIndex> out(result.market->symbols.size());
  std::iota(out.begin(), out.end(), trading::InstrumentIndex{0});
  if (out.size() <= kMostCharts) return out;
  std::vector<std::size_t> trades(out.size());
  for (const engine::Trade& trade : result.run.trades) ++trades[trade.instrument];
  std::ranges::stable_sort(out, std::ranges::greater(), [&](trading::InstrumentIndex i) { return trades[i]; });
  out.resize(kMostCharts);
  std::ranges::sort(out);
  return out;
}

void add_trade_table(ReportInput& input, const BacktestResult& result) {
  input.trade_columns = {{"Symbol"},      {"Side"},           {"Entry"},      {"Price", true},        {"Exit"},
                         {"Price", true}, {"Quantity", true}, {"Fees", true}, {"Profit", true, true}, {"Reason"},
                         {"Fill"}};
  std::map<std::pair<trading::InstrumentIndex, std::int64_t>, trading::FillRule> exits;
  for (const trading::Order& order : result.run.orders) {
    if (order.effect == trading::Effect::kClose && !order.filled.is_zero())
      exits[{order.instrument, order.filled_key}] = order.rule;
  }
  for (const engine::Trade& t : result.run.trades) {
    const auto exit = exits.find({t.instrument, t.exit_key});
    std::string rule = exit == exits.end() ? "-" : std::string(to_string(exit->second));
    std::ranges::replace(rule, '_', ' ');
    input.trades.push_back(
        {{result.market->symbols[t.instrument].instrument.symbol, t.side == trading::Side::kBuy ? "long" : "short",
          market::format_key(t.entry_key, result.market->fill_timeframe), t.entry_price.to_string(2),
          market::format_key(t.exit_key, result.market->fill_timeframe), t.exit_price.to_string(2),
          t.quantity.to_string(), amount(t.fees), amount(t.profit), reason_text(t.exit_reason), rule},
         t.profit.to_double()});
  }
}

std::string percent_text(core::Rate share) {
  return core::scale(share, 100, 1, core::Rounding::kHalfEven).to_string() + " %";
}

std::string size_text(const strategy::StrategyFile& file) {
  if (file.rebalance) {
    const strategy::Rebalance& r = *file.rebalance;
    return fmt::format("{} of the equity, shared evenly by the {} best by {}", percent_text(r.weight), r.hold,
                       file.formula(strategy::Role::kRank));
  }
  const trading::Sizing& size = file.size;
  const std::string& formula = file.formula(strategy::Role::kSize);
  switch (size.kind) {
    case trading::SizeKind::kShares:
      return (size.by_formula ? formula : size.shares.to_string()) + " shares";
    case trading::SizeKind::kCash:
      return (size.by_formula ? formula : amount(size.cash)) + " of cash";
    case trading::SizeKind::kPercent:
      return (size.by_formula ? formula + " %" : percent_text(size.fraction)) + " of the equity";
    case trading::SizeKind::kRisk:
      return fmt::format("{} of the equity at risk at a distance of {}", percent_text(size.fraction), formula);
    case trading::SizeKind::kVolatility:
      return fmt::format("a volatility of {} a year, at most {} of the equity; the symbol's is {}",
                         percent_text(size.fraction), percent_text(size.cap), formula);
    case trading::SizeKind::kHalfKelly:
      return fmt::format("half of Kelly's fraction, at most {} of the equity; {} until {} trades are closed",
                         percent_text(size.cap), percent_text(size.fraction), size.least_trades);
  }
  return {};
}

void add_assumptions(ReportInput& input, const BacktestResult& result) {
  const Summary& s = result.summary;
  input.assumptions = {
      {"Signals", "a formula sees a bar only after it has closed"},
      {"Fills",
       fmt::format(
           "market orders at the next open; a stop at the worse of open and stop, a limit at the better of open "
           "and limit, on a {}; the stop before the target within one bar; nothing in a bar without volume",
           s.limit_fills)},
      {"Filled in", s.detail ? "bars of " + *s.detail + " within those of " + s.timeframe : "bars of " + s.timeframe},
      {"Slippage", s.slippage},
      {"Volume", s.volume_cap ? "orders take at most " + *s.volume_cap + " of a bar's volume" : "any quantity trades"},
      {"Latency", s.latency},
      {"Account", fmt::format("{} in {}", s.account, s.currency)},
      {"Risk limits", s.limits},
      {"Fees", s.fee_schedule},
      {"Size", size_text(result.strategy)},
      {"Prices",
       s.prices == "raw"
           ? "raw: splits and dividends are ignored"
           : "formulas see forward-adjusted prices; orders are at raw prices; dividends pay cash on the ex-date"},
      {"Initial cash", amount(s.initial_cash)},
      {"Data hash", s.data_hash},
      {"Result hash", s.result_hash},
  };
  for (const strategy::Parameter& parameter : result.strategy.parameters) {
    input.assumptions.push_back({"Parameter " + parameter.name, fmt::format("{}", parameter.value)});
  }
}

}  // namespace

std::string html_report(const BacktestResult& result, ReportAddition addition) {
  const Summary& s = result.summary;
  ReportInput input{.title = s.strategy,
                    .description = result.strategy.description,
                    .strategy_text = result.strategy.text,
                    .symbols = s.symbols,
                    .timeframe = s.timeframe,
                    .intraday = result.market->timeframe.is_intraday(),
                    .from = s.from,
                    .to = s.to,
                    .currency = result.market->currency,
                    .figures = figures(result),
                    .warnings = s.warnings,
                    .empty_reason = result.empty_reason};
  input.equity.keys = result.run.keys;
  for (const core::Money equity : result.run.equity) input.equity.strategy.push_back(equity.to_double());
  for (const core::Money equity : result.buy_and_hold.equity) input.equity.benchmark.push_back(equity.to_double());
  const std::vector<trading::InstrumentIndex> charted = charted_symbols(result);
  for (const trading::InstrumentIndex i : charted) input.prices.push_back(symbol_chart(result, i, s.prices != "raw"));
  input.more_symbols = result.market->symbols.size() - charted.size();
  add_trade_table(input, result);
  add_assumptions(input, result);
  input.addition = std::move(addition);
  return render_report(input);
}

}  // namespace argosy::backtest
