#include "runs/stored_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "backtest/report.hpp"
#include "chart/number.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "market/bar.hpp"
#include "market/timeframe.hpp"

namespace argosy::runs {

using backtest::ReportInput;
using core::JsonValue;
using core::Result;
using ledger::RunTradeRow;

namespace {

enum class Form : std::uint8_t { kPercent, kSignedPercent, kFall, kNumber, kCount };

struct Shown {
  const char* label;
  const char* name;  // in the stored statistics
  Form form;
  const char* held;  // the same of buy-and-hold; null: there is none
  const char* tooltip;
};

constexpr Shown kShown[] = {
    {"Total return", "total_return", Form::kSignedPercent, "buy_and_hold_return", "final equity / initial cash - 1"},
    {"CAGR", "cagr", Form::kSignedPercent, "buy_and_hold_cagr", "compound annual growth rate, by civil days"},
    {"Sharpe", "sharpe", Form::kNumber, "buy_and_hold_sharpe", "annualised Sharpe ratio, risk-free rate 0"},
    {"Max drawdown", "max_drawdown", Form::kFall, nullptr, "largest fall below an earlier peak"},
    {"Trades", "trades", Form::kCount, nullptr, "closed round trips"},
    {"Win rate", "win_rate", Form::kPercent, nullptr, "share of trades with a profit after fees"},
    {"Volatility", "volatility", Form::kPercent, nullptr, "annualised standard deviation of daily returns"},
    {"Sortino", "sortino", Form::kNumber, nullptr, "annualised Sortino ratio, target 0"},
    {"Calmar", "calmar", Form::kNumber, nullptr, "CAGR / max drawdown"},
    {"Profit factor", "profit_factor", Form::kNumber, nullptr, "sum of profits / sum of losses"},
    {"Expectancy", "expectancy", Form::kNumber, nullptr, "mean profit of a trade"},
    {"Exposure", "exposure", Form::kPercent, nullptr, "share of bars with a position"},
    {"Turnover", "turnover", Form::kNumber, nullptr, "half the traded amount over the mean equity, a year"},
};

std::optional<double> number_of(const JsonValue& statistics, const char* name) {
  const JsonValue* found = name == nullptr ? nullptr : statistics.find(name);
  return found == nullptr || found->number() == nullptr ? std::nullopt : core::parse_double(found->number()->text);
}

std::string text_of(const JsonValue& statistics, const char* name) {
  const JsonValue* found = statistics.find(name);
  return found == nullptr || found->string() == nullptr ? "" : *found->string();
}

std::string shown(double value, Form form) {
  switch (form) {
    case Form::kPercent:
      return chart::format_percent(value, 1);
    case Form::kSignedPercent:
      return chart::format_percent(value, 1, chart::Sign::kAlways);
    case Form::kFall:
      return chart::format_percent(-value, 1, chart::Sign::kAlways);
    case Form::kCount:
      return fmt::format("{:.0f}", value);
    case Form::kNumber:
      break;
  }
  return chart::format_number(value, 2);
}

std::string amount(core::Money money) { return chart::format_number(money.to_double(), 2); }

// "stop loss": a name with spaces.
std::string words(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

void add_figures(ReportInput& input, const JsonValue& statistics, const ledger::RunRow& run) {
  for (const Shown& each : kShown) {
    const auto value = number_of(statistics, each.name);
    const auto held = number_of(statistics, each.held);
    const double sign = each.form == Form::kFall            ? -value.value_or(0)
                        : each.form == Form::kSignedPercent ? value.value_or(0)
                                                            : 0;
    input.figures.push_back({.label = each.label,
                             .value = value ? shown(*value, each.form) : "-",
                             .benchmark = held ? shown(*held, each.form) : "",
                             .tooltip = each.tooltip,
                             .sign = sign});
  }
  input.figures.push_back({.label = "Final equity",
                           .value = amount(run.final_equity),
                           .benchmark = {},
                           .tooltip = "cash and positions at the last close"});
}

// What closed trades had gained by each bar in which one was closed.
void add_equity(ReportInput& input, const StoredRun& stored) {
  std::map<std::int64_t, core::Money> gains;
  for (const RunTradeRow& trade : stored.trades) {
    if (trade.exit_at) gains[trade.exit_at->time_since_epoch().count()] += trade.profit + trade.dividends;
  }
  if (gains.empty()) return;
  core::Money equity = stored.run.initial_cash;
  const auto first = std::ranges::min(stored.trades, {}, &RunTradeRow::entry_signal).entry_signal;
  if (first.time_since_epoch().count() < gains.begin()->first) gains[first.time_since_epoch().count()];
  for (const auto& [key, gain] : gains) {
    equity += gain;
    input.equity.keys.push_back(key);
    input.equity.strategy.push_back(equity.to_double());
  }
}

void add_trades(ReportInput& input, const StoredRun& stored, market::Timeframe timeframe) {
  input.trade_columns = {{"Symbol"},      {"Side"},           {"Entry"},      {"Price", true},        {"Exit"},
                         {"Price", true}, {"Quantity", true}, {"Fees", true}, {"Profit", true, true}, {"Reason"}};
  const auto time = [&](const std::optional<core::Timestamp>& at) {
    return at ? market::format_key(at->time_since_epoch().count(), timeframe) : std::string("-");
  };
  std::size_t left_out = 0;
  for (const RunTradeRow& trade : stored.trades) {
    if (trade.outcome != "closed" && trade.outcome != "open") continue;
    if (input.trades.size() == kMostReportedTrades) {
      ++left_out;
      continue;
    }
    input.trades.push_back(
        {{trade.symbol, trade.side, time(trade.entry_at), trade.entry_price ? trade.entry_price->to_string(2) : "-",
          time(trade.exit_at), trade.exit_price ? trade.exit_price->to_string(2) : "-", trade.quantity.to_string(),
          amount(trade.fees), amount(trade.profit), words(trade.exit_reason.value_or("still open"))},
         trade.profit.to_double()});
  }
  if (left_out > 0) input.warnings.push_back(fmt::format("{} further trades are not listed here.", left_out));
}

}  // namespace

Result<std::string> stored_report(const StoredRun& stored) {
  const ledger::RunRow& run = stored.run;
  ARGOSY_TRY(const market::Timeframe timeframe, market::Timeframe::parse(run.timeframe));
  ARGOSY_TRY(const market::Timeframe filled, market::Timeframe::parse(run.fill_timeframe));
  ARGOSY_TRY(const JsonValue statistics, core::parse_json(run.statistics));
  ReportInput input{.title = run.strategy,
                    .description = fmt::format("Run {}", run.run_id),
                    .strategy_text = run.strategy_text,
                    .symbols = run.symbols,
                    .timeframe = run.timeframe,
                    .intraday = filled.is_intraday() || timeframe.is_intraday(),
                    .from = text_of(statistics, "from"),
                    .to = text_of(statistics, "to"),
                    .currency = run.currency};
  add_figures(input, statistics, run);
  add_equity(input, stored);
  input.warnings.push_back(
      "The curve counts trades when they are closed: what positions were worth while they were held is not stored.");
  add_trades(input, stored, filled);
  for (const auto& [label, name] : {std::pair("Fees", "fee_schedule"), std::pair("Slippage", "slippage"),
                                    std::pair("Latency", "latency"), std::pair("Limits", "limits")}) {
    if (std::string text = text_of(statistics, name); !text.empty())
      input.assumptions.push_back({label, std::move(text)});
  }
  for (const auto& [label, text] : {std::pair("Result", run.result_hash), std::pair("Data", run.data_hash),
                                    std::pair("Version", run.code_version)}) {
    if (!text.empty()) input.assumptions.push_back({label, text});
  }
  if (input.trades.empty()) input.empty_reason = "The run made no trade.";
  return backtest::render_report(input);
}

}  // namespace argosy::runs
