#include "live/order_text.hpp"

#include <fmt/format.h>

#include <optional>

#include "core/check.hpp"

namespace argosy::live {

using trading::Order;

namespace {

// The enumerator that is written so; the enum counts from 0 to `last`.
template <class Enum>
std::optional<Enum> parse(std::string_view text, Enum last) {
  for (int value = 0; value <= static_cast<int>(last); ++value) {
    if (to_string(static_cast<Enum>(value)) == text) return static_cast<Enum>(value);
  }
  return std::nullopt;
}

template <class Enum>
Enum parse_known(std::string_view text, Enum last) {
  const auto found = parse(text, last);
  ARGOSY_CHECK(found.has_value(), "\"{}\" is nothing that an order has", text);
  return *found;
}

}  // namespace

trading::OrderState parse_order_state(std::string_view text) {
  return parse_known(text, trading::OrderState::kExpired);
}

core::Result<trading::OrderEvent> parse_order_event(std::string_view text) {
  if (const auto found = parse(text, trading::OrderEvent::kLose)) return *found;
  return core::fail(core::ErrorCode::kCorrupt, fmt::format("\"{}\" does not happen to orders", text));
}

Order to_order(const ledger::OrderRow& row, trading::InstrumentIndex instrument) {
  return {.instrument = instrument,
          .side = parse_known(row.side, trading::Side::kSell),
          .kind = parse_known(row.kind, trading::OrderKind::kTrailingStop),
          .time_in_force = parse_known(row.time_in_force, trading::TimeInForce::kAtClose),
          .effect = row.effect == "close" ? trading::Effect::kClose : trading::Effect::kOpen,
          .reason = parse_known(row.reason, trading::OrderReason::kManual),
          .state = parse_order_state(row.state),
          .triggered = row.resting == to_string(trading::OrderState::kTriggered),
          .late_fill = row.late_fill,
          .overfilled = row.overfilled,
          .quantity = row.quantity,
          .limit = row.limit_price.value_or(core::Price()),
          .stop = row.stop_price.value_or(core::Price()),
          .filled = row.filled_quantity,
          .fill_price = row.fill_price.value_or(core::Price()),
          .fee = row.fees};
}

}  // namespace argosy::live
