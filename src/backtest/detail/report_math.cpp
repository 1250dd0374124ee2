#include "backtest/detail/report_math.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/time.hpp"

namespace argosy::backtest::detail {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double change(double value, double base) { return base > 0 && std::isfinite(value) ? value / base - 1 : kNaN; }

}  // namespace

std::vector<double> drawdown_of(std::span<const double> values) {
  std::vector<double> drawdown;
  drawdown.reserve(values.size());
  double peak = kNaN;
  for (const double value : values) {
    if (std::isfinite(value) && !(value <= peak)) peak = value;
    drawdown.push_back(change(value, peak));
  }
  return drawdown;
}

std::optional<DeepestDrawdown> deepest_drawdown(std::span<const double> values) {
  const std::vector<double> drawdown = drawdown_of(values);
  std::optional<DeepestDrawdown> deepest;
  std::size_t peak = 0;
  for (std::size_t at = 0; at < drawdown.size(); ++at) {
    if (!std::isfinite(drawdown[at])) continue;
    if (drawdown[at] == 0) {
      peak = at;
      if (deepest && !deepest->recovery && deepest->depth < 0) deepest->recovery = at;
    }
    if (!deepest || drawdown[at] < deepest->depth) deepest = DeepestDrawdown{drawdown[at], peak, at, std::nullopt};
  }
  return deepest;
}

double total_return(std::span<const double> values) {
  const auto is_finite = [](double value) { return std::isfinite(value); };
  const auto first = std::ranges::find_if(values, is_finite);
  if (first == values.end()) return kNaN;
  const auto last = std::find_if(values.rbegin(), values.rend(), is_finite);
  return change(*last, *first);
}

std::vector<YearReturns> monthly_returns(std::span<const std::int64_t> keys, std::span<const double> values) {
  std::vector<YearReturns> years;
  double month_base = kNaN;
  double year_base = kNaN;
  double previous = kNaN;
  unsigned previous_month = 0;
  for (std::size_t at = 0; at < keys.size(); ++at) {
    if (!std::isfinite(values[at])) continue;
    const core::Date date = core::utc_date(core::Timestamp(core::Duration(keys[at])));
    const bool new_year = years.empty() || years.back().year != date.year();
    if (!std::isfinite(previous)) previous = values[at];
    if (new_year) {
      years.push_back({.year = date.year(), .months = {}, .total = 0});
      years.back().months.fill(kNaN);
      year_base = previous;
    }
    if (new_year || date.month() != previous_month) month_base = previous;
    years.back().months[date.month() - 1] = change(values[at], month_base);
    years.back().total = change(values[at], year_base);
    previous = values[at];
    previous_month = date.month();
  }
  return years;
}

}  // namespace argosy::backtest::detail
