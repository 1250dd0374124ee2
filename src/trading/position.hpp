// A position, long or short, from the fill that opened it to the one that closed it, with average cost, and beside it
// FIFO lots for those who need them (taxes, journals).
//
//   operation           quantity      cost                       realised
//   buy q at p          + q           + p q                      unchanged        of a long
//   sell q at p         - q           - cost x q / quantity      + p q - that share of the cost
//   sell q at p         - q           - p q                      unchanged        of a short
//   buy q at p          + q           + that share               + that share of what was received - p q
//   split n:d           x n / d       unchanged                  unchanged (a fraction is paid out in cash)
//
// A short's quantity and cost are negative: value - cost is the open profit of either. All amounts are in the
// instrument's currency.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/decimal.hpp"
#include "trading/order.hpp"

namespace argosy::trading {

class Position {
 public:
  // What one fill opened and no other has closed yet, the oldest first.
  struct Lot {
    std::int64_t key = 0;
    Price price;        // restated by splits
    Quantity quantity;  // positive
    Money cost;         // positive
  };

  [[nodiscard]] bool is_open() const { return !quantity_.is_zero(); }
  [[nodiscard]] bool is_long() const { return quantity_.is_positive(); }
  [[nodiscard]] bool is_short() const { return quantity_.is_negative(); }
  [[nodiscard]] Quantity quantity() const { return quantity_; }
  [[nodiscard]] Quantity size() const { return is_short() ? -quantity_ : quantity_; }
  // The side that makes it smaller.
  [[nodiscard]] Side closing_side() const { return is_short() ? Side::kBuy : Side::kSell; }
  [[nodiscard]] Money cost() const { return cost_; }                // of what is held, without fees
  [[nodiscard]] Price entry_price() const { return entry_price_; }  // average, restated by splits
  [[nodiscard]] std::int64_t entry_key() const { return entry_key_; }
  [[nodiscard]] Money fees() const { return fees_; }            // since it was opened, both sides
  [[nodiscard]] Money dividends() const { return dividends_; }  // since it was opened; of a short: negative
  // Profit of what was closed since it was opened, before fees and dividends: by average cost, and by lots. Both are
  // the same once it is closed.
  [[nodiscard]] Money realised() const { return realised_; }
  [[nodiscard]] Money realised_by_lots() const { return realised_by_lots_; }
  [[nodiscard]] std::span<const Lot> lots() const { return std::span(lots_).subspan(first_lot_); }

  // The market value at a price. Called at every bar.
  [[nodiscard]] Money value_at(Price price) const {
    return core::notional(price, quantity_, core::Rounding::kHalfEven);
  }
  [[nodiscard]] Money profit_at(Price price) const { return value_at(price) - cost_; }

  // Books a fill. One that closes is at most as large as the position.
  void fill(std::int64_t key, Side side, Price price, Quantity quantity, Money fee);
  // What was held before: one lot at its average price. The quantity of a short and its cost are negative.
  void restore(std::int64_t key, Quantity quantity, Money cost);
  // Returns the cash paid for a fraction that cannot be held (a short pays: negative): at `last_close` (before the
  // split) restated for the split. `lot` zero: fractions are held.
  Money split(std::int64_t numerator, std::int64_t denominator, Quantity lot, Price last_close);
  // Returns the cash received; what a short owes is negative.
  Money dividend(Price amount);

 private:
  void open(std::int64_t key, Side side, Price price, Quantity quantity);
  void close(Price price, Quantity quantity);
  void close_lots(Money amount, Quantity quantity);
  void split_lots(std::int64_t numerator, std::int64_t denominator, Quantity exact);
  void write_off();

  Quantity quantity_;
  Money cost_;
  Price entry_price_;
  std::int64_t entry_key_ = 0;
  Money fees_;
  Money dividends_;
  Money realised_;
  Money realised_by_lots_;
  std::vector<Lot> lots_;
  std::size_t first_lot_ = 0;  // those before it are closed
};

}  // namespace argosy::trading
