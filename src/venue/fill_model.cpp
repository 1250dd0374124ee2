#include "venue/fill_model.hpp"

namespace argosy::venue {

using core::Rounding;

std::optional<Fill> limit_at(Side side, Price limit, Price traded, LimitTouch touch) {
  if (is_better(side, traded, limit)) return Fill{traded, FillRule::kLimitGap};
  if (traded == limit && touch == LimitTouch::kTouch) return Fill{limit, FillRule::kLimitLevel};
  return std::nullopt;
}

std::optional<Fill> limit_within(Side side, Price limit, Price best, LimitTouch touch) {
  const bool reached = is_better(side, best, limit) || (best == limit && touch == LimitTouch::kTouch);
  return reached ? std::optional(Fill{limit, FillRule::kLimitLevel}) : std::nullopt;
}

std::optional<Fill> stop_at(Side side, Price stop, Price traded) {
  if (is_better(side, traded, stop)) return std::nullopt;
  return Fill{traded, traded == stop ? FillRule::kStopLevel : FillRule::kStopGap};
}

std::optional<Fill> stop_within(Side side, Price stop, Price worst) {
  if (is_better(side, worst, stop)) return std::nullopt;
  return Fill{stop, FillRule::kStopLevel};
}

Price trailing_level(Side side, Price followed, const Trail& trail, Price tick) {
  const bool below = side == Side::kSell;
  const Rounding away = below ? Rounding::kFloor : Rounding::kCeiling;
  const Price distance = trail.ratio.is_zero() ? trail.amount : core::multiply(followed, trail.ratio, Rounding::kFloor);
  return trading::to_tick(below ? followed - distance : followed + distance, tick, away);
}

}  // namespace argosy::venue
