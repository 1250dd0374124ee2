// What a portfolio's days gave, apart from the money that came and went, beside a symbol that could have been held
// instead.
//
//   const auto days = performance(equities, flows);          // days[i].growth: 1.25 is 25 % since the first day began
//   add_benchmark(keys, closes, days);
//
// A day's return is equity / (equity of the day before + what came in that day) - 1: money is taken to come in before
// the day's trading. Days are chained (time-weighted), so that deposits do not look like gains.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/decimal.hpp"
#include "core/time.hpp"

namespace argosy::data {

struct DayEquity {
  core::Date date;
  core::Money equity;  // at its end
};
struct Flow {
  core::Date date;
  core::Money amount;  // negative: went out
};

struct PerformanceDay {
  core::Date date;
  core::Money equity;
  core::Money flow;       // of this day and of days before it without a row
  double day_return = 0;  // NaN: there was nothing to gain by
  double growth = 1;      // of what was there when the first day began
  double drawdown = 0;    // below the highest growth so far, positive
  double benchmark = 0;   // its growth in the same time; NaN: not known
  double benchmark_drawdown = 0;
};

// Days ascend; flows stand in any order.
[[nodiscard]] std::vector<PerformanceDay> performance(std::span<const DayEquity> days, std::span<const Flow> flows);
// By the closes of its days, whose keys ascend (market/bar.hpp): each day's last close that was known.
void add_benchmark(std::span<const std::int64_t> keys, std::span<const double> closes,
                   std::vector<PerformanceDay>& days);

}  // namespace argosy::data
