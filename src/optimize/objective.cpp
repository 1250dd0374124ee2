#include "optimize/objective.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/text.hpp"
#include "formula/formula.hpp"

namespace argosy::optimize {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using search::Direction;
using sweep::SweepResult;

namespace {

constexpr double kUnknown = 1e12;  // the excess of what is not defined
constexpr auto kMost = Direction::kMaximise;
constexpr auto kLeast = Direction::kMinimise;

constexpr Statistic kStatistics[] = {
    {"sharpe", kMost, true, "mean daily return over its standard deviation, annualised",
     [](const SweepResult& r) { return r.statistics.sharpe; }},
    {"sortino", kMost, true, "mean daily return over its downside deviation, annualised",
     [](const SweepResult& r) { return r.statistics.sortino; }},
    {"calmar", kMost, false, "yearly growth over the largest drawdown",
     [](const SweepResult& r) { return r.statistics.calmar; }},
    {"total_return", kMost, true, "final equity over initial cash, less 1",
     [](const SweepResult& r) { return r.statistics.total_return; }},
    {"cagr", kMost, false, "compound growth a year", [](const SweepResult& r) { return r.statistics.cagr; }},
    {"volatility", kLeast, true, "standard deviation of daily returns, annualised",
     [](const SweepResult& r) { return r.statistics.volatility; }},
    {"max_drawdown", kLeast, false, "largest fall below an earlier peak, positive",
     [](const SweepResult& r) { return r.statistics.max_drawdown; }},
    {"win_rate", kMost, false, "share of trades with a profit", [](const SweepResult& r) { return r.trades.win_rate; }},
    {"profit_factor", kMost, false, "sum of profits over sum of losses",
     [](const SweepResult& r) { return r.trades.profit_factor; }},
    {"expectancy", kMost, false, "mean profit of a trade, in the account's currency",
     [](const SweepResult& r) { return r.trades.expectancy; }},
    {"trades", kMost, false, "closed round trips",
     [](const SweepResult& r) { return static_cast<double>(r.trades.trades); }},
    {"exposure", kLeast, false, "share of bars with a position", [](const SweepResult& r) { return r.exposure; }},
    {"fees", kLeast, false, "paid in all", [](const SweepResult& r) { return r.fees.to_double(); }},
};

}  // namespace

std::span<const Statistic> statistics() { return kStatistics; }

Result<const Statistic*> find_statistic(std::string_view name) {
  const auto found = std::ranges::find(kStatistics, name, &Statistic::name);
  if (found != std::ranges::end(kStatistics)) return &*found;
  std::vector<std::string_view> names;
  for (const Statistic& statistic : kStatistics) names.push_back(statistic.name);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("\"{}\" is no statistic of a run.{}", name, core::did_you_mean(name, names)));
}

double Objective::value(const SweepResult& result) const {
  const double value = statistic->read(result);
  const bool idle = result.trades.trades == 0 && result.open_positions == 0;
  return std::isnan(value) && idle ? 0 : value;
}

Result<Objective> parse_objective(std::string_view text) {
  const std::size_t colon = text.find(':');
  Objective out;
  ARGOSY_TRY(out.statistic, find_statistic(colon == std::string_view::npos ? text : text.substr(colon + 1)));
  out.direction = out.statistic->direction;
  if (colon == std::string_view::npos) return out;
  const std::string_view direction = text.substr(0, colon);
  if (direction != "max" && direction != "min") {
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is no direction", direction))
                    .with_hint("write max:" + std::string(out.statistic->name) +
                               " or min:" + std::string(out.statistic->name)));
  }
  out.direction = direction == "max" ? kMost : kLeast;
  return out;
}

double Constraint::excess(const SweepResult& result) const {
  const double value = statistic->read(result);
  if (std::isnan(value)) return kUnknown;
  return at_least ? bound - value : value - bound;
}

Result<Constraint> parse_constraint(std::string_view text) {
  Constraint out{.text = std::string(text)};
  const std::size_t at = text.find_first_of("<>");
  if (at == std::string_view::npos || text.size() < at + 3 || text[at + 1] != '=') {
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is no condition", text))
                    .with_hint("write \"trades >= 30\" or \"max_drawdown <= 25%\""));
  }
  ARGOSY_TRY(out.statistic, find_statistic(core::trim(text.substr(0, at))));
  out.at_least = text[at] == '>';
  const auto bound = formula::constant(core::trim(text.substr(at + 2)));
  if (!bound || !std::isfinite(*bound)) {
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" compares with no number", text))
                    .with_hint("write \"trades >= 30\" or \"max_drawdown <= 25%\""));
  }
  out.bound = *bound;
  return out;
}

}  // namespace argosy::optimize
