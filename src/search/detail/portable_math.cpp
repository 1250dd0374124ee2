#include "search/detail/portable_math.hpp"

#include <cmath>
#include <limits>

namespace argosy::search::detail {
namespace {

// ln 2 in two parts; the first has zeros at its end, so that its product with an exponent is exact.
constexpr double kLn2High = 0x1.62e42fefa0000p-1;
constexpr double kLn2Low = 0x1.cf79abc9e3b3ap-40;
constexpr double kInverseLn2 = 0x1.71547652b82fep+0;

}  // namespace

// exp(x) = 2^k exp(r) with |r| <= ln(2) / 2, by the series of Taylor: the 14th power is below 1e-17 of the sum.
double portable_exp(double x) {
  if (std::isnan(x)) return x;
  if (x > 709.8) return std::numeric_limits<double>::infinity();
  if (x < -745.2) return 0;
  const double k = std::floor(x * kInverseLn2 + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;
  double sum = 1;
  for (int n = 14; n >= 1; --n) sum = 1 + sum * r / n;
  return std::ldexp(sum, static_cast<int>(k));
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
  const double square = s * s;
  double sum = 0;
  for (int n = 23; n >= 1; n -= 2) sum = sum * square + 1.0 / n;
  return exponent * kLn2High + (exponent * kLn2Low + 2 * s * sum);
}

}  // namespace argosy::search::detail
