#include "search/detail/portable_math.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace argosy::search::detail {
namespace {

// ln 2 in two parts; the first has zeros at its end, so that its product with an exponent is exact.
constexpr double kLn2High = 0x1.62e42fefa0000p-1;
constexpr double kLn2Low = 0x1.cf79abc9e3b3ap-40;
constexpr double kInverseLn2 = 0x1.71547652b82fep+0;

constexpr std::array<double, 15> kInverseFactorials = [] {
  std::array<double, 15> inverse{};
  double factorial = 1;
  for (std::size_t n = 0; n < inverse.size(); ++n) {
    if (n > 0) factorial *= static_cast<double>(n);
    inverse[n] = 1 / factorial;
  }
  return inverse;
}();
constexpr std::array<double, 12> kInverseOdds = [] {  // 1, 1/3, 1/5, ...
  std::array<double, 12> inverse{};
  for (std::size_t i = 0; i < inverse.size(); ++i) inverse[i] = 1 / static_cast<double>(2 * i + 1);
  return inverse;
}();

template <std::size_t kCount>
double polynomial(const std::array<double, kCount>& coefficients, double x) {
  double sum = 0;
  for (std::size_t i = kCount; i > 0; --i) sum = sum * x + coefficients[i - 1];
  return sum;
}

}  // namespace

// exp(x) = 2^k exp(r) with |r| <= ln(2) / 2, by the series of Taylor: the 14th power is below 1e-17 of the sum.
double portable_exp(double x) {
  if (std::isnan(x)) return x;
  if (x > 709.8) return std::numeric_limits<double>::infinity();
  if (x < -745.2) return 0;
  const double k = std::floor(x * kInverseLn2 + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;
  return std::ldexp(polynomial(kInverseFactorials, r), static_cast<int>(k));
}

// log(m 2^e) = e ln(2) + 2 artanh(s) with s = (m - 1) / (m + 1), |s| <= 0.172.
double portable_log(double x) {
  if (std::isnan(x) || x < 0) return std::numeric_limits<double>::quiet_NaN();
  if (x == 0) return -std::numeric_limits<double>::infinity();
  if (std::isinf(x)) return x;
  int exponent = 0;
  double m = std::frexp(x, &exponent);
  if (m < 0.70710678118654752) {
    m *= 2;
    --exponent;
  }
  const double s = (m - 1) / (m + 1);
  return exponent * kLn2High + (exponent * kLn2Low + 2 * s * polynomial(kInverseOdds, s * s));
}

}  // namespace argosy::search::detail
