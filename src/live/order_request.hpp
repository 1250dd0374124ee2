// Orders that people place for a portfolio, outside of any service, as they are asked for (live/request.hpp).
//
//   {"kind": "order_place", "payload": {"symbol": "AAPL", "side": "buy", "quantity": "10", ...}}  ->  {"order_id": 7}
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/decimal.hpp"
#include "core/record.hpp"

namespace argosy::live {

// The instrument as the ledger has it. Quantity or amount: one of both.
struct PlaceOrder {
  std::int64_t portfolio_id = 0;  // 0: the default one
  std::int64_t instrument_id = 0;
  std::string symbol;
  std::string side;
  std::string kind = "market";
  std::string time_in_force = "day";
  std::optional<core::Quantity> quantity;
  std::optional<core::Money> amount;  // of a purchase: what it may cost, fees included
  std::optional<core::Price> limit_price;
  std::optional<core::Price> stop_price;
};

// What is left out stays as it is. Brokers differ in what they can change: the order is cancelled, and one for the rest
// takes its place.
struct ReplaceOrder {
  std::int64_t order_id = 0;
  std::optional<core::Quantity> quantity;  // with what is filled
  std::optional<core::Price> limit_price;
  std::optional<core::Price> stop_price;
};

}  // namespace argosy::live

template <>
struct argosy::core::RecordOf<argosy::live::PlaceOrder> {
  using Asked = argosy::live::PlaceOrder;
  static constexpr std::array<std::string_view, 2> kSides{"buy", "sell"};
  static constexpr std::array<std::string_view, 4> kKinds{"market", "limit", "stop", "stop_limit"};
  static constexpr std::array<std::string_view, 6> kTimes{"gtc", "day", "ioc", "fok", "at_open", "at_close"};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Asked, portfolio_id, .text = "whose order it is; 0: the default one's"),
      ARGOSY_FIELD(Asked, instrument_id),
      ARGOSY_FIELD(Asked, symbol, .limits = {.maximum_length = 20}, .text = "what is traded", .required = true),
      ARGOSY_FIELD(Asked, side, .limits = {.one_of = kSides}, .text = "buy or sell", .required = true),
      ARGOSY_FIELD(Asked, kind, .limits = {.one_of = kKinds}, .text = "market, limit, stop or stop_limit"),
      ARGOSY_FIELD(Asked, time_in_force, .limits = {.one_of = kTimes}, .text = "how long it works"),
      ARGOSY_FIELD(Asked, quantity, .limits = {.minimum = 0}, .text = "shares; this or amount"),
      ARGOSY_FIELD(Asked, amount, .unit = "money", .limits = {.minimum = 0},
                   .text = "of a purchase: what it may cost, fees included, in the portfolio's currency"),
      ARGOSY_FIELD(Asked, limit_price, .limits = {.minimum = 0}, .text = "the worst price, of limit and stop_limit"),
      ARGOSY_FIELD(Asked, stop_price, .limits = {.minimum = 0}, .text = "what starts it, of stop and stop_limit"),
  };
  static constexpr RecordType kType{"order_place", "An order of a portfolio", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::live::ReplaceOrder> {
  using Asked = argosy::live::ReplaceOrder;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Asked, order_id, .required = true),
      ARGOSY_FIELD(Asked, quantity, .limits = {.minimum = 0}, .text = "shares, with what is filled"),
      ARGOSY_FIELD(Asked, limit_price, .limits = {.minimum = 0}, .text = "of limit and stop_limit"),
      ARGOSY_FIELD(Asked, stop_price, .limits = {.minimum = 0}, .text = "of stop and stop_limit"),
  };
  static constexpr RecordType kType{"order_replace", "What an order shall become", kFields};
};
