// Rows of what is held, of accounts and of portfolios, as fills, splits and adoptions change them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/decimal.hpp"
#include "core/time.hpp"
#include "ledger/orders.hpp"

namespace argosy::live::detail {

// A part of an amount: so many of so many shares, both of one sign.
inline core::Money part_of(core::Money amount, core::Quantity part, core::Quantity whole) {
  const std::int64_t sign = whole.is_negative() ? -1 : 1;
  return core::scale(amount, sign * part.units(), sign * whole.units(), core::Rounding::kHalfEven);
}

// What is held changes by a quantity that cost an amount: one that makes it smaller takes a share of the cost with it,
// what goes beyond zero begins anew.
template <class Row>
void change_held(Row& row, core::Quantity change, core::Money amount, core::Timestamp time) {
  const core::Quantity before = row.quantity;
  row.quantity += change;
  row.updated_at = time;
  const bool grows = before.is_zero() || before.is_negative() == change.is_negative();
  if (grows) {
    row.cost += change.is_negative() ? -amount : amount;
  } else if (row.quantity.is_zero()) {
    row.cost = core::Money();
  } else if (row.quantity.is_negative() == before.is_negative()) {
    row.cost = part_of(row.cost, row.quantity, before);
  } else {
    const core::Money rest = part_of(amount, row.quantity, change);
    row.cost = row.quantity.is_negative() ? -rest : rest;
  }
}

// When that happened, by the broker's clock; `before`: what was held until then.
inline void note_trade(ledger::PositionRow& row, core::Quantity before, core::Timestamp time) {
  row.traded_at = row.traded_at ? std::max(*row.traded_at, time) : time;
  if (row.quantity.is_zero()) {
    row.held_since.reset();
  } else if (before.is_zero() || before.is_negative() != row.quantity.is_negative()) {
    row.held_since = time;
  }
}

}  // namespace argosy::live::detail
