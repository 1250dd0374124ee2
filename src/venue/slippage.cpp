#include "venue/slippage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace argosy::venue {
namespace {

using core::Price;
using core::Rate;
using core::Rounding;

constexpr std::array<std::string_view, 5> kNames{"none", "fixed", "percent", "volume", "range"};

core::Error wrong(std::string_view text, std::string_view what) {
  return core::Error(core::ErrorCode::kInvalidArgument, fmt::format("\"{}\" is no slippage: {}", text, what))
      .with_hint(
          "write none, fixed:0.01 (an amount a share), percent:0.05 (of the price), volume:0.1 (price x 0.1 x the "
          "share "
          "of the bar's volume squared) or range:0.1 (a share of high - low)");
}

// Not more than the price itself, so that it always fits.
Price impact_of(Price price, core::Quantity quantity, double volume, Rate coefficient) {
  const double share = std::min(1.0, quantity.to_double() / volume);
  const double ratio = std::min(1.0, coefficient.to_double() * share * share);
  const auto rate = Rate::from_double(ratio);
  return core::multiply(price, rate.value_or(Rate()), Rounding::kCeiling);
}

}  // namespace

Price Slippage::apply(trading::Side side, Price price, core::Quantity quantity, const BarView& bar,
                      const market::Instrument& instrument) const {
  Price slip;
  const Price size = price.is_negative() ? -price : price;
  switch (kind) {
    case SlippageKind::kNone:
      return price;
    case SlippageKind::kFixed:
      slip = amount;
      break;
    case SlippageKind::kPercent:
      slip = core::multiply(size, ratio, Rounding::kCeiling);
      break;
    case SlippageKind::kVolume:
      slip = impact_of(size, quantity, bar.volume, ratio);
      break;
    case SlippageKind::kRange:
      slip = core::multiply(bar.high - bar.low, ratio, Rounding::kCeiling);
      break;
  }
  if (slip.is_zero()) return price;
  if (side == trading::Side::kBuy) return trading::to_tick(price + slip, instrument.tick, Rounding::kCeiling);
  const Price sold = trading::to_tick(price - slip, instrument.tick, Rounding::kFloor);
  return instrument.may_be_negative ? sold : std::max(sold, std::min(price, instrument.tick));
}

core::Result<Slippage> parse_slippage(std::string_view text) {
  if (text == "none") return Slippage{};
  const std::size_t colon = text.find(':');
  const auto name = std::ranges::find(kNames, text.substr(0, colon));
  if (name == kNames.end() || name == kNames.begin() || colon == std::string_view::npos)
    return core::fail(wrong(text, "its kind is not known, or its size is missing"));
  Slippage slippage{.kind = static_cast<SlippageKind>(name - kNames.begin())};
  const auto number = Rate::parse(text.substr(colon + 1));
  if (!number) return core::fail(wrong(text, number.error().message));
  if (!number->is_positive()) return core::fail(wrong(text, "its size is not above 0"));
  if (slippage.kind == SlippageKind::kFixed) {
    slippage.amount = Price::from_units(number->units());
    return slippage;
  }
  const bool percent = slippage.kind == SlippageKind::kPercent;
  if (*number > Rate::from_integer(percent ? 100 : 1))
    return core::fail(wrong(text, percent ? "more than 100 percent" : "a share of more than 1"));
  slippage.ratio = percent ? core::scale(*number, 1, 100, Rounding::kCeiling) : *number;
  return slippage;
}

std::string to_string(const Slippage& slippage) {
  const auto name = kNames[static_cast<std::size_t>(slippage.kind)];
  switch (slippage.kind) {
    case SlippageKind::kNone:
      return std::string(name);
    case SlippageKind::kFixed:
      return fmt::format("{}:{}", name, slippage.amount.to_string());
    case SlippageKind::kPercent:
      return fmt::format("{}:{}", name, core::scale(slippage.ratio, 100, 1, Rounding::kHalfEven).to_string());
    case SlippageKind::kVolume:
    case SlippageKind::kRange:
      return fmt::format("{}:{}", name, slippage.ratio.to_string());
  }
  return std::string(name);
}

}  // namespace argosy::venue
