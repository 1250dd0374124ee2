// What a fill costs beside its price. Models are types with one method, `Money fee(Money notional)`.
#pragma once

#include "core/decimal.hpp"

namespace argosy::trading {

// A percentage of the traded amount, on both sides. Holds for brokers that charge a flat rate; it ignores minimums,
// caps, taxes on one side and exchange fees.
struct PercentFee {
  core::Rate rate;  // 0.001 is 0.1 %

  // The fee of one fill, rounded half to even in 1e-6 of the currency.
  [[nodiscard]] core::Money fee(core::Money notional) const {
    return core::multiply(notional, rate, core::Rounding::kHalfEven);
  }
};

}  // namespace argosy::trading
