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

core::Result<void> check_order_texts(const ledger::OrderRow& row) {
  const auto check = [](std::string_view column, std::string_view text, bool is_known) -> core::Result<void> {
    if (is_known) return {};
    return core::fail(core::ErrorCode::kCorrupt, fmt::format("{} \"{}\" is nothing that an order has", column, text));
  };
  using trading::OrderState;
  ARGOSY_TRY_VOID(check("side", row.side, parse(row.side, trading::Side::kSell).has_value()));
  ARGOSY_TRY_VOID(check("kind", row.kind, parse(row.kind, trading::OrderKind::kTrailingStop).has_value()));
  ARGOSY_TRY_VOID(
      check("time_in_force", row.time_in_force, parse(row.time_in_force, trading::TimeInForce::kAtClose).has_value()));
  ARGOSY_TRY_VOID(check("reason", row.reason, parse(row.reason, trading::OrderReason::kManual).has_value()));
  ARGOSY_TRY_VOID(check("resting", row.resting, parse(row.resting, OrderState::kExpired).has_value()));
  return check("state", row.state, parse(row.state, OrderState::kExpired).has_value());
}

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
