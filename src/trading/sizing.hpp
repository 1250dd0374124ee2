// How much to buy: so many shares, what an amount of cash buys, or what a percentage of the equity buys.
#pragma once

#include <cstdint>

#include "core/decimal.hpp"
#include "market/instrument.hpp"

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

// The quantity, fees included, rounded down to what the instrument can be traded in; zero when it buys not even one
// lot. `price` is the last close, `available` the cash not yet promised to other orders.
[[nodiscard]] core::Quantity size_order(const Sizing& sizing, const market::Instrument& instrument, core::Price price,
                                        core::Rate fee_rate, core::Money equity, core::Money available);

// The largest tradable quantity whose cost with fees is at most `cash`.
[[nodiscard]] core::Quantity affordable(const market::Instrument& instrument, core::Price price, core::Rate fee_rate,
                                        core::Money cash);

}  // namespace argosy::trading
