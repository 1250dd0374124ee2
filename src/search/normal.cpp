#include "search/normal.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "search/detail/portable_math.hpp"

namespace argosy::search {
namespace {

using detail::portable_exp;
using detail::portable_log;

template <std::size_t kCount>
double polynomial(const std::array<double, kCount>& coefficients, double x) {
  double sum = 0;
  for (std::size_t i = kCount; i > 0; --i) sum = sum * x + coefficients[i - 1];
  return sum;
}

// exp(-x^2) with the rounding error of the square taken out: x^2 = a^2 + (x - a)(x + a), a with few digits.
double exp_minus_square(double x) {
  const double a = std::trunc(x * 16) / 16;
  return portable_exp(-a * a) * portable_exp(-(x - a) * (x + a));
}

// The complementary error function for x >= 0, by the rational approximations of W. J. Cody, Mathematics of Computation
// 23 (1969).
double upper_erfc(double x) {
  if (x <= 0.46875) {
    constexpr std::array<double, 5> kP{3.20937758913846947e03, 3.77485237685302021e02, 1.13864154151050156e02,
                                       3.16112374387056560e00, 1.85777706184603153e-1};
    constexpr std::array<double, 5> kQ{2.84423683343917062e03, 1.28261652607737228e03, 2.44024637934444173e02,
                                       2.36012909523441209e01, 1.0};
    return 1 - x * polynomial(kP, x * x) / polynomial(kQ, x * x);
  }
  if (x <= 4) {
    constexpr std::array<double, 9> kP{1.23033935479799725e03, 2.05107837782607147e03, 1.71204761263407058e03,
                                       8.81952221241769090e02, 2.98635138197400131e02, 6.61191906371416295e01,
                                       8.88314979438837594e00, 5.64188496988670089e-1, 2.15311535474403846e-8};
    constexpr std::array<double, 9> kQ{1.23033935480374942e03, 3.43936767414372164e03, 4.36261909014324716e03,
                                       3.29079923573345963e03, 1.62138957456669019e03, 5.37181101862009858e02,
                                       1.17693950891312499e02, 1.57449261107098347e01, 1.0};
    return exp_minus_square(x) * polynomial(kP, x) / polynomial(kQ, x);
  }
  if (x > 27) return 0;
  constexpr std::array<double, 6> kP{6.58749161529837803e-4, 1.60837851487422766e-2, 1.25781726111229246e-1,
                                     3.60344899949804439e-1, 3.05326634961232344e-1, 1.63153871373020978e-2};
  constexpr std::array<double, 6> kQ{2.33520497626869185e-3, 6.05183413124413191e-2, 5.27905102951428412e-1,
                                     1.87295284992346725e00, 2.56852019228982242e00, 1.0};
  const double inverse = 1 / (x * x);
  constexpr double kInverseRootPi = 0.56418958354775628695;
  const double rest = inverse * polynomial(kP, inverse) / polynomial(kQ, inverse);
  return exp_minus_square(x) * (kInverseRootPi - rest) / x;
}

}  // namespace

double normal_cdf(double x) {
  if (std::isnan(x)) return x;
  const double scaled = std::fabs(x) * 0.70710678118654752440;
  const double tail = 0.5 * upper_erfc(scaled);
  return x < 0 ? tail : 1 - tail;
}

// M. J. Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988).
double normal_quantile(double p) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (std::isnan(p) || p < 0 || p > 1) return std::numeric_limits<double>::quiet_NaN();
  if (p == 0) return -kInfinity;
  if (p == 1) return kInfinity;
  const double q = p - 0.5;
  if (std::fabs(q) <= 0.425) {
    constexpr std::array<double, 8> kP{3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                                       1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                                       3.3430575583588128105e4, 2.5090809287301226727e3};
    constexpr std::array<double, 8> kQ{1.0,
                                       4.2313330701600911252e1,
                                       6.8718700749205790830e2,
                                       5.3941960214247511077e3,
                                       2.1213794301586595867e4,
                                       3.9307895800092710610e4,
                                       2.8729085735721942674e4,
                                       5.2264952788528545610e3};
    const double r = 0.180625 - q * q;
    return q * polynomial(kP, r) / polynomial(kQ, r);
  }
  const double r = std::sqrt(-portable_log(q < 0 ? p : 1 - p));
  double x = 0;
  if (r <= 5) {
    constexpr std::array<double, 8> kP{1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                                       3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                                       2.27238449892691845833e-2, 7.74545014278341407640e-4};
    constexpr std::array<double, 8> kQ{1.0,
                                       2.05319162663775882187e0,
                                       1.67638483018380384940e0,
                                       6.89767334985100004550e-1,
                                       1.48103976427480074590e-1,
                                       1.51986665636164571966e-2,
                                       5.47593808499534494600e-4,
                                       1.05075007164441684324e-9};
    x = polynomial(kP, r - 1.6) / polynomial(kQ, r - 1.6);
  } else {
    constexpr std::array<double, 8> kP{6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                                       2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                       2.71155556874348757815e-5, 2.01033439929228813265e-7};
    constexpr std::array<double, 8> kQ{1.0,
                                       5.99832206555887937690e-1,
                                       1.36929880922735805310e-1,
                                       1.48753612908506148525e-2,
                                       7.86869131145613259100e-4,
                                       1.84631831751005468180e-5,
                                       1.42151175831644588870e-7,
                                       2.04426310338993978564e-15};
    x = polynomial(kP, r - 5) / polynomial(kQ, r - 5);
  }
  return q < 0 ? -x : x;
}

}  // namespace argosy::search
