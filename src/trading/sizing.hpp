// How much to buy: so many shares, what an amount of cash buys, or what a percentage of the equity buys.
#pragma once

#include <cstdint>

#include "core/decimal.hpp"
#include "core/time.hpp"
#include "market/instrument.hpp"
#include "trading/fees.hpp"

namespace argosy::trading {

enum class SizeKind : std::uint8_t { kShares, kCash, kPercent };

struct Sizing {
  SizeKind kind = SizeKind::kPercent;
  core::Quantity shares;                                        // of kShares
  core::Money cash;                                             // of kCash
  core::Rate fraction = core::Rate::from_units(1'000'000'000);  // of kPercent: 0.2 is a fifth of the equity

  // A size in money may shrink to what the cash pays; a number of shares is bought whole or not at all.
  [[nodiscard]] bool may_shrink() const { return kind != SizeKind::kShares; }
};

// What is bought, at what price, when, and what that costs beside the price.
struct BuyTerms {
  const market::Instrument& instrument;
  core::Price price;
  core::Date date;
  const FeeSchedule& fees;

  // What a quantity costs, fees included.
  [[nodiscard]] core::Money cost(core::Quantity quantity) const;
};

// The quantity, fees included, rounded down to what the instrument can be traded in; zero when it buys not even one
// lot. The price is the last close, `available` the cash not yet promised to other orders.
[[nodiscard]] core::Quantity size_order(const Sizing& sizing, const BuyTerms& terms, core::Money equity,
                                        core::Money available);

// The largest tradable quantity whose cost with fees is at most `cash`.
[[nodiscard]] core::Quantity affordable(const BuyTerms& terms, core::Money cash);

}  // namespace argosy::trading
