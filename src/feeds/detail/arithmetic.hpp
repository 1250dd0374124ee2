// Arithmetic whose bits are the same on every machine: the C library's exp and log differ between processors.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "core/rng.hpp"

namespace argosy::feeds::detail {

// e^x within two units in the last place, for |x| <= 600; beyond, the value at that end. By x = k ln 2 + r and the
// series of e^r, whose remainder after r^13 is below 2^-57 for |r| <= ln 2 / 2.
[[nodiscard]] inline double exponential(double x) {
  constexpr double kLog2E = 1.4426950408889634;
  constexpr double kLn2High = 0x1.62e42fee00000p-1;  // ends in zeros, so that k times it is exact
  constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
  x = std::clamp(x, -600.0, 600.0);
  const double k = std::floor(x * kLog2E + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;
  double sum = 1;
  for (int i = 13; i >= 1; --i) sum = 1 + sum * r / i;
  return sum * std::bit_cast<double>(static_cast<std::uint64_t>(1023 + static_cast<std::int64_t>(k)) << 52U);
}

// A bell of variance 1 that ends at 3.46: the sum of four uniform numbers out of one draw. Ten times as fast as
// Rng::normal(), for where tails do not matter.
[[nodiscard]] inline double quick_bell(core::Rng& rng) {
  const std::uint64_t bits = rng.next();
  const std::uint64_t sum = (bits & 0xFFFFU) + ((bits >> 16U) & 0xFFFFU) + ((bits >> 32U) & 0xFFFFU) + (bits >> 48U);
  constexpr double kMean = 2 * 65535.0;
  constexpr double kScale = 1.7320508075688772 / 65536;  // four uniform numbers have the variance 4 / 12
  return (static_cast<double>(sum) - kMean) * kScale;
}

// About twice an exponential variable, out of one draw: the sum of the squares of two bells of variance 1; its mean
// is 2.
[[nodiscard]] inline double quick_square_sum(core::Rng& rng) {
  const std::uint64_t bits = rng.next();
  constexpr double kMean = 65535.0;
  constexpr double kScale = 2.4494897427831781 / 65536;  // two uniform numbers have the variance 2 / 12
  const double a = (static_cast<double>((bits & 0xFFFFU) + ((bits >> 16U) & 0xFFFFU)) - kMean) * kScale;
  const double b = (static_cast<double>(((bits >> 32U) & 0xFFFFU) + (bits >> 48U)) - kMean) * kScale;
  return a * a + b * b;
}

// How far a Brownian motion that ends `move` higher came above its start on the way, when its variance is given; `draw`
// is twice an exponential variable (the law of the maximum of a Brownian bridge: P(max > h) = exp(-2 h (h - move) /
// variance)).
[[nodiscard]] inline double highest_of_bridge(double move, double variance, double draw) {
  return 0.5 * (move + std::sqrt(move * move + variance * draw));
}

// The nearest whole number; halves upwards.
[[nodiscard]] inline std::int64_t nearest(double x) { return static_cast<std::int64_t>(std::floor(x + 0.5)); }

}  // namespace argosy::feeds::detail
