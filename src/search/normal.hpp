// The normal distribution, from arithmetic alone: the same bits on every machine.
//
//   normal_cdf(1.96)                // 0.975
//   normal_quantile(0.975)          // 1.96
#pragma once

namespace argosy::search {

// The share of a standard normal below x; also far in the tails to a relative error of about 1e-14.
[[nodiscard]] double normal_cdf(double x);
// The x below which the share p lies, 0 < p < 1; minus or plus infinity at the ends, NaN beyond them.
[[nodiscard]] double normal_quantile(double p);

}  // namespace argosy::search
