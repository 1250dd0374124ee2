#include "trading/correlation.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace argosy::trading {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t kAllDays = (std::uint64_t{1} << Correlations::kDays) - 1;

// The sum of products, in four sums: the same bits on every machine, and no chain of additions that wait for another.
double dot(const double* a, const double* b) {
  std::array<double, 4> sums{};
  for (std::size_t k = 0; k < Correlations::kDays; k += 4) {
    for (std::size_t lane = 0; lane < 4; ++lane) sums[lane] += a[k + lane] * b[k + lane];
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace

Correlations::Correlations(std::size_t instruments)
    : series_(instruments), returns_(instruments * kDays), standard_(instruments * kDays) {
  static_assert(kDays % 4 == 0 && kDays < 64);
}

void Correlations::on_price(InstrumentIndex i, core::Date day, Price price) {
  if (!started_ || day > day_) {
    if (started_) end_day();
    started_ = true;
    day_ = day;
  }
  series_[i].last = price.is_positive() ? price.to_double() : 0;
}

void Correlations::on_split(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator) {
  const double ratio = static_cast<double>(denominator) / static_cast<double>(numerator);
  series_[i].close *= ratio;
  series_[i].last *= ratio;
}

void Correlations::end_day() {
  const std::uint64_t bit = std::uint64_t{1} << slot_;
  for (InstrumentIndex i = 0; i < series_.size(); ++i) {
    Series& series = series_[i];
    const bool known = series.close > 0 && series.last > 0;
    returns_[i * kDays + slot_] = known ? series.last / series.close - 1 : 0;
    series.days = known ? series.days | bit : series.days & ~bit;
    if (series.last > 0) series.close = series.last;
    series.last = 0;
    standardise(i);
  }
  slot_ = (slot_ + 1) % kDays;
}

void Correlations::standardise(InstrumentIndex i) {
  Series& series = series_[i];
  series.complete = false;
  if (series.days != kAllDays) return;
  const double* from = &returns_[i * kDays];
  double* to = &standard_[i * kDays];
  double mean = 0;
  for (std::size_t k = 0; k < kDays; ++k) mean += from[k];
  mean /= static_cast<double>(kDays);
  for (std::size_t k = 0; k < kDays; ++k) to[k] = from[k] - mean;
  const double length = std::sqrt(dot(to, to));
  if (!(length > 1e-12)) return;  // it stood still
  for (std::size_t k = 0; k < kDays; ++k) to[k] /= length;
  series.complete = true;
}

double Correlations::between(InstrumentIndex i, InstrumentIndex j) const {
  if (series_[i].complete && series_[j].complete) return dot(&standard_[i * kDays], &standard_[j * kDays]);
  return between_some(i, j);
}

double Correlations::between_some(InstrumentIndex i, InstrumentIndex j) const {
  const std::uint64_t both = series_[i].days & series_[j].days;
  const int count = std::popcount(both);
  if (count < kLeastDays) return kUnknown;
  const double* a = &returns_[i * kDays];
  const double* b = &returns_[j * kDays];
  double mean_a = 0;
  double mean_b = 0;
  for (std::size_t k = 0; k < kDays; ++k) {
    if ((both >> k & 1) == 0) continue;
    mean_a += a[k];
    mean_b += b[k];
  }
  mean_a /= count;
  mean_b /= count;
  double aa = 0;
  double bb = 0;
  double ab = 0;
  for (std::size_t k = 0; k < kDays; ++k) {
    if ((both >> k & 1) == 0) continue;
    aa += (a[k] - mean_a) * (a[k] - mean_a);
    bb += (b[k] - mean_b) * (b[k] - mean_b);
    ab += (a[k] - mean_a) * (b[k] - mean_b);
  }
  const double length = std::sqrt(aa) * std::sqrt(bb);
  return length > 1e-24 ? ab / length : kUnknown;
}

}  // namespace argosy::trading
