// A long position with average cost, from its first buy to the sell that closes it.
//
//   operation           quantity      cost                       realised
//   buy q at p          + q           + p q                      unchanged
//   sell q at p         - q           - cost x q / quantity      + p q - that share of the cost
//   split n:d           x n / d       unchanged                  unchanged (a fraction is paid out in cash)
#pragma once

#include <cstdint>

#include "core/decimal.hpp"

namespace argosy::trading {

using core::Money;
using core::Price;
using core::Quantity;

class Position {
 public:
  [[nodiscard]] bool is_open() const { return quantity_.is_positive(); }
  [[nodiscard]] Quantity quantity() const { return quantity_; }
  [[nodiscard]] Money cost() const { return cost_; }                // of what is held, without fees
  [[nodiscard]] Price entry_price() const { return entry_price_; }  // average, restated by splits
  [[nodiscard]] std::int64_t entry_key() const { return entry_key_; }
  [[nodiscard]] Money fees() const { return fees_; }            // since it was opened, both sides
  [[nodiscard]] Money dividends() const { return dividends_; }  // since it was opened
  [[nodiscard]] Money proceeds() const { return proceeds_; }    // of sells since it was opened, without fees
  // Profit of sells since it was opened, before fees and dividends.
  [[nodiscard]] Money realised() const { return realised_; }

  // The market value at a price. Called at every bar.
  [[nodiscard]] Money value_at(Price price) const {
    return core::notional(price, quantity_, core::Rounding::kHalfEven);
  }

  void buy(std::int64_t key, Price price, Quantity quantity, Money fee);
  // `quantity` is at most what is held.
  void sell(Price price, Quantity quantity, Money fee);
  // Returns the cash paid for a fraction that cannot be held: at `last_close` (before the split) restated for the
  // split. `lot` zero: fractions are held.
  Money split(std::int64_t numerator, std::int64_t denominator, Quantity lot, Price last_close);
  // Returns the cash received.
  Money dividend(Price amount);

 private:
  Quantity quantity_;
  Money cost_;
  Price entry_price_;
  std::int64_t entry_key_ = 0;
  Money fees_;
  Money dividends_;
  Money proceeds_;
  Money realised_;
};

}  // namespace argosy::trading
