// How much worse than the bar's price an order is filled that takes what is offered: market orders, stops, orders for
// the opening and the closing, and limits at an open that is better than they ask, but never beyond the limit.
//
//   ARGOSY_TRY(const Slippage slippage, parse_slippage("percent:0.05"));
//   slippage.apply(Side::kBuy, price, quantity, bar, instrument)      // never better than `price`
//
// none          holds for nothing but comparisons.
// fixed:0.01    an amount a share, such as half a spread. It lies where the spread changes with price or hour.
// percent:0.05  a share of the price, in percent. It lies in the same way, less where prices differ much.
// volume:0.1    price x 0.1 x (quantity / volume of the bar)^2, the volume share at most 1: impact that grows with the
//               order. It costs small orders nothing, so it says nothing about the spread.
// range:0.1     a share of the bar's high - low: costs grow with unrest. It lies on bars longer than some hours, whose
//               range is mostly drift.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "market/instrument.hpp"
#include "venue/bar_view.hpp"

namespace argosy::venue {

enum class SlippageKind : std::uint8_t { kNone, kFixed, kPercent, kVolume, kRange };

struct Slippage {
  SlippageKind kind = SlippageKind::kNone;
  core::Price amount;  // of kFixed
  core::Rate ratio;    // of kPercent (0.0005 is 0.05 percent), kVolume and kRange

  // The price moved to the worse side and rounded to the tick away. A sell falls at most to one tick, or to zero and
  // below where the instrument's prices may.
  [[nodiscard]] core::Price apply(trading::Side side, core::Price price, core::Quantity quantity, const BarView& bar,
                                  const market::Instrument& instrument) const;

  friend bool operator==(const Slippage&, const Slippage&) = default;
};

// "none", "fixed:0.01", "percent:0.05", "volume:0.1", "range:0.1".
[[nodiscard]] core::Result<Slippage> parse_slippage(std::string_view text);
[[nodiscard]] std::string to_string(const Slippage& slippage);

}  // namespace argosy::venue
