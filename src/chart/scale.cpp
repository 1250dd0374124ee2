#include "chart/scale.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "chart/number.hpp"
#include "core/check.hpp"

namespace argosy::chart {
namespace {

constexpr double kLabelGap = 15;           // pixels between two labels
constexpr double kLongestNumber = 1e7;     // of a label that is not shortened
constexpr double kDecadesForPowers = 0.9;  // from here on a log axis shows 1, 2, 5 of each decade

// The largest power of ten not above `value`, found by multiplying: the same bits everywhere, unlike log10.
double power_of_ten_below(double value) {
  double power = 1;
  while (power * 10 <= value) power *= 10;
  while (power > value) power /= 10;
  return power;
}

// Two ends apart, so that a constant series has a range around it.
std::pair<double, double> apart(double low, double high) {
  if (low > high) std::swap(low, high);
  const double size = std::max(std::fabs(low), std::fabs(high));
  if (high - low > size * 1e-9 && high - low > 1e-90) return {low, high};
  const double margin = size > 1e-90 ? size * 0.05 : 1.0;
  return {low - margin, high + margin};
}

int decimals_of(double step) {
  int decimals = 0;
  for (double unit = 1; unit > step * 1.000001 && decimals < 12; unit /= 10) ++decimals;
  return decimals;
}

std::string tick_label(double value, double step, double largest, ValueFormat format) {
  if (format == ValueFormat::kPercent) return format_percent(value, decimals_of(step * 100));
  if (largest >= 1e5 || (largest >= 1e4 && step >= 1000)) return format_compact(value);
  return format_number(value, decimals_of(step));
}

std::vector<double> log_values(double low, double high, std::size_t target) {
  std::vector<double> values;
  static constexpr std::array<double, 3> kSteps = {1, 2, 5};
  for (double decade = power_of_ten_below(low); decade <= high; decade *= 10) {
    for (const double step : kSteps) {
      if (decade * step >= low && decade * step <= high) values.push_back(decade * step);
    }
  }
  if (values.size() <= target + 2) return values;
  // Too many: powers of ten only, then every other of them.
  std::erase_if(values, [](double value) { return power_of_ten_below(value) * 1.5 < value; });
  while (values.size() > target + 2) {
    std::vector<double> kept;
    for (std::size_t at = 0; at < values.size(); at += 2) kept.push_back(values[at]);
    values = std::move(kept);
  }
  return values;
}

}  // namespace

double nice_step(double low, double high, std::size_t target) {
  ARGOSY_CHECK(low < high, "range {} to {}", low, high);
  const double raw = (high - low) / static_cast<double>(std::max<std::size_t>(target, 1));
  const double power = power_of_ten_below(raw);
  for (const double step : {1.0, 2.0, 5.0}) {
    if (power * step >= raw) return power * step;
  }
  return power * 10;
}

std::vector<double> nice_values(double low, double high, std::size_t target) {
  const double step = nice_step(low, high, target);
  const double slack = 1e-9;
  std::vector<double> values;
  const double last = std::floor(high / step + slack);
  for (double multiple = std::ceil(low / step - slack); multiple <= last; multiple += 1) {
    // Steps below one are divided by their inverse, a whole number: 3 * 0.1 would show as 0.30000000000000004.
    const double inverse = std::round(1 / step);
    const double value = step < 1 && inverse < 1e15 ? multiple / inverse : multiple * step;
    values.push_back(value == 0 ? 0 : value);
    if (values.size() > 4 * target + 8) break;
  }
  return values;
}

Scale Scale::linear(double low, double high, double height) {
  ARGOSY_CHECK(is_drawable(low) && is_drawable(high), "range {} to {}", low, high);
  const auto [bottom, top] = apart(low, high);
  return {ScaleKind::kLinear, bottom, top, height};
}

Scale Scale::log(double low, double high, double height) {
  ARGOSY_CHECK(is_drawable(low) && is_drawable(high) && low > 0 && high > 0, "range {} to {}", low, high);
  const auto [bottom, top] = apart(low, high);
  return {ScaleKind::kLog, bottom, top, height};
}

double Scale::y(double value) const {
  double share = 0;
  if (kind_ == ScaleKind::kLinear) {
    share = (value - low_) / (high_ - low_);
  } else if (value > 0) {
    share = std::log(value / low_) / std::log(high_ / low_);
  }
  return height_ * (1 - std::clamp(share, 0.0, 1.0));
}

std::vector<Tick> Scale::ticks(std::size_t target, ValueFormat format) const {
  const bool powers = kind_ == ScaleKind::kLog && std::log10(high_ / low_) >= kDecadesForPowers;
  const std::vector<double> values = powers ? log_values(low_, high_, target) : nice_values(low_, high_, target);
  const double largest = std::max(std::fabs(low_), std::fabs(high_));
  std::vector<Tick> ticks;
  for (const double value : values) {
    if (!ticks.empty() && std::fabs(y(value) - y(ticks.back().value)) < kLabelGap) continue;
    const double step = powers ? power_of_ten_below(value) : nice_step(low_, high_, target);
    ticks.push_back({value, tick_label(value, step, largest, format)});
  }
  // What is short for one tick may be short for the next one, too: 100,000 and 100,500 are both 100k.
  const bool ambiguous = std::ranges::adjacent_find(ticks, {}, &Tick::label) != ticks.end();
  if (!ambiguous || format != ValueFormat::kNumber || largest >= kLongestNumber) return ticks;
  for (Tick& tick : ticks) tick.label = format_number(tick.value, 0);
  return ticks;
}

}  // namespace argosy::chart
