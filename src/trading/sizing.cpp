#include "trading/sizing.hpp"

#include <algorithm>
#include <array>

#include "core/check.hpp"
#include "trading/fees.hpp"

namespace argosy::trading {

using core::Money;
using core::Quantity;
using core::Rounding;

Money BuyTerms::cost(Quantity quantity) const {
  return core::notional(price, quantity, Rounding::kHalfEven) + fees.fee({.side = side,
                                                                          .quantity = quantity,
                                                                          .price = price,
                                                                          .date = date,
                                                                          .instrument = &instrument,
                                                                          .converted = converted});
}

Quantity affordable(const BuyTerms& terms, Money cash) {
  if (!cash.is_positive() || !terms.price.is_positive()) return {};
  // A quantity has room for 9.2e9 shares; a large account in a tiny price reaches that before its cash is spent.
  constexpr std::int64_t kMostShares = 9'000'000'000;
  const auto without_fees = [&](Money amount) {
    const bool fits = amount.to_double() / terms.price.to_double() < static_cast<double>(kMostShares);
    const Quantity most =
        fits ? core::divide(amount, terms.price, Rounding::kFloor) : Quantity::from_integer(kMostShares);
    return market::round_to_lot(terms.instrument, most);
  };
  // More shares never cost less: what is affordable lies between what the cash pays when the fees of the most are set
  // aside, and the most.
  const Quantity most = without_fees(cash);
  if (terms.cost(most) <= cash) return most;
  const Money rest = cash - (terms.cost(most) - core::notional(terms.price, most, Rounding::kHalfEven));
  const std::int64_t step = terms.instrument.fractional ? 1 : terms.instrument.lot.units();
  std::int64_t fits = rest.is_positive() ? without_fees(rest).units() / step : 0;
  std::int64_t fails = most.units() / step;
  while (fits > 0 && terms.cost(Quantity::from_units(fits * step)) > cash) --fits;  // by the rounding of the amounts
  while (fails - fits > 1) {
    const std::int64_t middle = fits + (fails - fits) / 2;
    (terms.cost(Quantity::from_units(middle * step)) <= cash ? fits : fails) = middle;
  }
  return Quantity::from_units(fits * step);
}

std::string_view to_string(SizeKind kind) {
  constexpr std::array<std::string_view, 6> kNames{"shares", "cash", "percent", "risk", "volatility", "half_kelly"};
  return kNames[static_cast<std::size_t>(kind)];
}

void TradeRecord::add(double trade_return) {
  if (trade_return > 0) {
    ++wins;
    won += trade_return;
  } else {
    ++losses;
    lost -= trade_return;
  }
}

double TradeRecord::kelly() const {
  if (wins == 0) return 0;
  if (losses == 0 || lost <= 0) return 1;
  const double share = static_cast<double>(wins) / static_cast<double>(wins + losses);
  const double ratio = (won / static_cast<double>(wins)) / (lost / static_cast<double>(losses));
  return std::max(0.0, share - (1 - share) / ratio);
}

namespace {

// What a share of the equity pays.
Quantity size_share(const SizeInput& input, core::Rate share) {
  return affordable(input.terms, std::min(core::multiply(input.equity, share, Rounding::kFloor), input.available));
}

std::optional<Quantity> size_risk(const Sizing& sizing, const SizeInput& input) {
  const auto distance = core::Price::from_double(input.value);
  if (!distance || !distance->is_positive()) return std::nullopt;
  const Money risk = core::multiply(input.equity, sizing.fraction, Rounding::kFloor);
  const Quantity most = affordable(input.terms, input.available);
  // More than any account can hold: the distance is tiny.
  if (risk.to_double() / distance->to_double() >= most.to_double()) return most;
  return market::round_to_lot(input.terms.instrument, core::divide(risk, *distance, Rounding::kFloor));
}

std::optional<Quantity> size_by_formula(SizeKind kind, const SizeInput& input) {
  if (kind == SizeKind::kShares) {
    const auto shares = Quantity::from_double(input.value);
    if (!shares) return std::nullopt;
    return market::round_to_lot(input.terms.instrument, *shares);
  }
  if (kind == SizeKind::kCash) {
    const auto cash = Money::from_double(input.value);
    if (!cash) return std::nullopt;
    return affordable(input.terms, std::min(*cash, input.available));
  }
  const auto percent = core::Rate::from_double(input.value);
  if (!percent) return std::nullopt;
  return size_share(input, core::scale(*percent, 1, 100, Rounding::kHalfEven));
}

}  // namespace

std::optional<Quantity> size_order(const Sizing& sizing, const SizeInput& input) {
  if (sizing.by_formula) return input.value >= 0 ? size_by_formula(sizing.kind, input) : std::nullopt;
  switch (sizing.kind) {
    case SizeKind::kShares:
      return market::round_to_lot(input.terms.instrument, sizing.shares);
    case SizeKind::kCash:
      return affordable(input.terms, std::min(sizing.cash, input.available));
    case SizeKind::kPercent:
      return size_share(input, sizing.fraction);
    case SizeKind::kRisk:
      return size_risk(sizing, input);
    case SizeKind::kVolatility: {
      const auto share = core::Rate::from_double(sizing.fraction.to_double() / input.value);
      if (!share || !share->is_positive()) return std::nullopt;
      return size_share(input, std::min(*share, sizing.cap));
    }
    case SizeKind::kHalfKelly: {
      const TradeRecord& record = input.record;
      if (record.wins + record.losses < sizing.least_trades)
        return size_share(input, std::min(sizing.fraction, sizing.cap));
      const auto half = core::Rate::from_double(record.kelly() / 2);
      return half ? std::optional(size_share(input, std::min(*half, sizing.cap))) : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace argosy::trading
