// From the honesty of a result to the plain data of its part of the report.
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "chart/number.hpp"
#include "honesty/detail/report.hpp"
#include "honesty/detail/sentences.hpp"

namespace argosy::honesty {

using backtest::BacktestResult;
using detail::ReportHonesty;

namespace {

enum class Unit : std::uint8_t { kNumber, kPercent };

struct Shown {
  std::string_view name;
  std::string_view label;
  Unit unit;
};
constexpr std::array kShown{Shown{"total_return", "Total return", Unit::kPercent},
                            Shown{"cagr", "CAGR", Unit::kPercent},
                            Shown{"volatility", "Volatility", Unit::kPercent},
                            Shown{"sharpe", "Sharpe", Unit::kNumber},
                            Shown{"sortino", "Sortino", Unit::kNumber},
                            Shown{"calmar", "Calmar", Unit::kNumber},
                            Shown{"max_drawdown", "Max drawdown", Unit::kPercent},
                            Shown{"win_rate", "Win rate", Unit::kPercent},
                            Shown{"profit_factor", "Profit factor", Unit::kNumber},
                            Shown{"expectancy", "Expectancy", Unit::kNumber}};

std::string number(double value, int decimals = 2) {
  if (std::isinf(value)) return value > 0 ? "\xE2\x88\x9E" : "\xE2\x88\x92\xE2\x88\x9E";
  return std::isnan(value) ? "\xE2\x80\x94" : chart::format_number(value, decimals);
}
std::string percent(double value) { return std::isfinite(value) ? chart::format_percent(value, 1) : number(value); }

std::string text(double value, Unit unit) { return unit == Unit::kPercent ? percent(value) : number(value); }

void add_intervals(ReportHonesty& out, const Luck& luck) {
  for (const Estimate& estimate : luck.estimates) {
    const auto* shown = std::ranges::find(kShown, estimate.name, &Shown::name);
    if (shown == kShown.end() || std::isnan(estimate.value)) continue;
    out.intervals.push_back({.label = std::string(shown->label),
                             .value = text(estimate.value, shown->unit),
                             .low = text(estimate.interval.low, shown->unit),
                             .high = text(estimate.interval.high, shown->unit),
                             .at = estimate.value,
                             .from = estimate.interval.low,
                             .to = estimate.interval.high});
  }
  out.intervals_hint = luck.replicates == 0
                           ? "There are too few returns for intervals."
                           : fmt::format(
                                 "Where the true figure may lie if the past was one of many that could have been: {} "
                                 "resamplings of {} returns of a {}, in blocks of {}.",
                                 luck.replicates, number(static_cast<double>(luck.returns), 0), luck.unit, luck.block);
}

void add_judgements(ReportHonesty& out, const Honesty& honesty) {
  const SharpeLuck& sharpe = honesty.luck.sharpe;
  if (!std::isnan(sharpe.probabilistic)) {
    out.judgements.push_back(
        {"Sharpe above 0", fmt::format("with a probability of {} (skew {}, kurtosis {})", percent(sharpe.probabilistic),
                                       number(sharpe.skew), number(sharpe.kurtosis))});
    if (sharpe.trials > 1)
      out.judgements.push_back({"Deflated", fmt::format("{} after {} settings that were tried",
                                                        percent(sharpe.deflated), number(sharpe.trials, 0))});
    out.judgements.push_back({"Track record needed",
                              std::isfinite(sharpe.minimum_years)
                                  ? fmt::format("{} years for 95 % that it is above 0", number(sharpe.minimum_years, 1))
                                  : std::string("no length shows that it is above 0")});
  }
  const EntryTest& entries = honesty.entries;
  if (entries.replicates == 0) {
    out.judgements.push_back({"Random entries", fmt::format("{} entries are too few to compare", entries.entries)});
    return;
  }
  const auto shown = [](double value) { return chart::format_percent(value, 2); };
  out.judgements.push_back(
      {"Random entries",
       fmt::format("p = {}: {} is {}, of {} runs that enter at random {} (90 % of them {} to {})",
                   number(entries.p_value, 3), entries.measure, shown(entries.actual), entries.replicates,
                   shown(entries.random_mean), shown(entries.random_low), shown(entries.random_high))});
}

void add_drawdowns(ReportHonesty& out, const DrawdownLuck& drawdown) {
  if (drawdown.drawn.empty()) return;
  out.drawdowns = drawdown.drawn;
  out.drawdown_hint = fmt::format(
      "Of the same trades in {} other orders. As they came: {}; half of the orders are above {}, one in twenty above "
      "{}.",
      drawdown.drawn.size(), percent(drawdown.actual), percent(drawdown.median), percent(drawdown.high));
}

void add_costs(ReportHonesty& out, const CostLadder& costs) {
  const std::string break_even = detail::break_even_sentence(costs);
  out.costs_hint = "Fees, slippage, interest and borrow fees times so much. Break-even: " + break_even + ".";
  for (const CostRung& rung : costs.rungs) {
    out.costs.push_back({.multiple = costs.assumed ? fmt::format("{} \xC3\x97", number(rung.multiple, 0))
                                                   : number(rung.multiple / 10, 1) + " % of each fill",
                         .total_return = chart::format_percent(rung.total_return, 1, chart::Sign::kAlways),
                         .final_equity = chart::format_number(rung.final_equity.to_double(), 2),
                         .fees = chart::format_number(rung.fees.to_double(), 2),
                         .gain = rung.total_return});
  }
}

ReportHonesty to_report(const Honesty& honesty, market::Timeframe timeframe) {
  ReportHonesty out{.clean = honesty.look_ahead.leaks.empty(),
                    .look_ahead = detail::look_ahead_sentence(honesty.look_ahead, timeframe)};
  add_intervals(out, honesty.luck);
  add_judgements(out, honesty);
  add_drawdowns(out, honesty.luck.drawdown);
  add_costs(out, honesty.costs);
  for (const MemoryOfFormula& formula : honesty.memory) {
    if (!formula.recursive) continue;
    const std::string most = formula.differences.empty() ? "-" : fmt::format("{}", formula.differences.back().bars);
    out.memory.push_back({formula.formula, formula.bars_needed ? fmt::format("{} bars", *formula.bars_needed)
                                                               : "more than " + most + " bars"});
  }
  return out;
}

}  // namespace

backtest::ReportAddition report_addition(const BacktestResult& result, const std::optional<Honesty>& honesty) {
  std::optional<ReportHonesty> shown;
  if (honesty) shown = to_report(*honesty, result.market->timeframe);
  return detail::render_honesty(shown);
}

}  // namespace argosy::honesty
