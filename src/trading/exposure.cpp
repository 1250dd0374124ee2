#include "trading/exposure.hpp"

#include <algorithm>
#include <limits>

#include "core/planted.hpp"

namespace argosy::trading {

using core::Rounding;

namespace {

Price magnitude(Price price) { return price.is_negative() ? -price : price; }
Money magnitude(Money amount) { return amount.is_negative() ? -amount : amount; }

}  // namespace

void Exposures::prepare(std::size_t instruments) {
  potential_.assign(instruments, {});
  touched_.clear();
  touched_.reserve(instruments);
}

Exposures::Potential& Exposures::touch(const Account& account, InstrumentIndex i) {
  Potential& potential = potential_[i];
  if (!potential.touched) {
    const Quantity held = account.position(i).quantity();
    potential = {.highest = held, .lowest = held, .touched = true};
    touched_.push_back(i);
  }
  return potential;
}

void Exposures::add(Potential& potential, Side side, Quantity quantity) {
  if (side == Side::kBuy) {
    potential.highest += quantity;
  } else {
    potential.lowest -= quantity;
  }
}

void Exposures::count(const Account& account, const Order& order, OrderId except) {
  for (const InstrumentIndex i : touched_) potential_[i].touched = false;
  touched_.clear();
  for (const InstrumentIndex i : account.open_positions()) touch(account, i);
  for (const OrderId id : account.working_orders()) {
    const Order& working = account.order(id);
    if (working.effect == Effect::kOpen && id != except && !ARGOSY_PLANTED(kCountsNoWorkingOrders))
      add(touch(account, working.instrument), working.side, working.remaining());
  }
  touch(account, order.instrument);
  sum(account, order);
}

void Exposures::sum(const Account& account, const Order& order) {
  totals_ = {};
  Money highest;
  Money lowest;
  Money highest_before;
  Money lowest_before;
  for (const InstrumentIndex i : touched_) {
    Potential& potential = potential_[i];
    if (!account.has_rate(i)) {
      totals_.known = false;
      continue;
    }
    const Price mark = account.mark(i);
    const auto value = [&](Quantity quantity) {
      return quantity.is_zero() ? Money() : account.to_account(i, core::notional(mark, quantity, Rounding::kHalfEven));
    };
    const Money high = value(potential.highest);
    const Money low = potential.lowest == potential.highest ? high : value(potential.lowest);
    highest_before += high;
    lowest_before += low;
    if (i == order.instrument) {
      add(potential, order.side, order.remaining());
      highest += value(potential.highest);
      lowest += value(potential.lowest);
    } else {
      highest += high;
      lowest += low;
    }
    potential.size = std::max({potential.highest, -potential.lowest, Quantity()});
    if (potential.size.is_zero()) continue;
    potential.value = account.to_account(i, core::notional(magnitude(mark), potential.size, Rounding::kCeiling));
    totals_.gross += potential.value;
    // Shares of many cheap instruments may be more than can be counted.
    constexpr Quantity kMost = Quantity::from_units(std::numeric_limits<std::int64_t>::max());
    totals_.contracts = totals_.contracts > kMost - potential.size ? kMost : totals_.contracts + potential.size;
    ++totals_.positions;
  }
  totals_.net = std::max(magnitude(highest), magnitude(lowest));
  totals_.net_before = std::max(magnitude(highest_before), magnitude(lowest_before));
}

std::optional<Price> reach(const Order& order, Price mark, Rate collar) {
  const bool waits = (order.kind == OrderKind::kStop || order.kind == OrderKind::kStopLimit ||
                      order.kind == OrderKind::kTrailingStop) &&
                     !order.triggered;
  if (waits) return std::nullopt;
  if (order.kind == OrderKind::kLimit || order.kind == OrderKind::kStopLimit) return order.limit;
  const Price beyond = core::multiply(magnitude(mark), collar, Rounding::kCeiling);
  return order.side == Side::kBuy ? mark + beyond : mark - beyond;
}

}  // namespace argosy::trading
