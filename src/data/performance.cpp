#include "data/performance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "market/bar.hpp"

namespace argosy::data {

namespace {
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
}  // namespace

std::vector<PerformanceDay> performance(std::span<const DayEquity> days, std::span<const Flow> flows) {
  std::vector<Flow> sorted(flows.begin(), flows.end());
  std::ranges::stable_sort(sorted, {}, &Flow::date);
  std::vector<PerformanceDay> out;
  core::Money before;
  double growth = 1;
  double highest = 1;
  auto flow = sorted.begin();
  for (const DayEquity& each : days) {
    PerformanceDay day{.date = each.date, .equity = each.equity, .benchmark = kNaN, .benchmark_drawdown = kNaN};
    for (; flow != sorted.end() && flow->date <= each.date; ++flow) day.flow += flow->amount;
    const core::Money begun = before + day.flow;
    day.day_return = begun > core::Money() ? each.equity.to_double() / begun.to_double() - 1 : kNaN;
    if (!std::isnan(day.day_return)) growth *= 1 + day.day_return;
    highest = std::max(highest, growth);
    day.growth = growth;
    day.drawdown = 1 - growth / highest;
    before = each.equity;
    out.push_back(day);
  }
  return out;
}

void add_benchmark(std::span<const std::int64_t> keys, std::span<const double> closes,
                   std::vector<PerformanceDay>& days) {
  if (days.empty() || keys.empty()) return;
  const auto last_before = [&](std::int64_t key) { return std::ranges::lower_bound(keys, key) - keys.begin(); };
  // What it cost when the first day began: the close before; without one, that of the first that there is.
  const auto begun = std::max<std::ptrdiff_t>(last_before(market::date_key(days.front().date)) - 1, 0);
  double highest = 1;
  for (PerformanceDay& day : days) {
    const auto at = last_before(market::date_key(day.date) + 1) - 1;
    if (at < begun) continue;
    day.benchmark = closes[static_cast<std::size_t>(at)] / closes[static_cast<std::size_t>(begun)];
    highest = std::max(highest, day.benchmark);
    day.benchmark_drawdown = 1 - day.benchmark / highest;
  }
}

}  // namespace argosy::data
