// What is said over the WebSocket, as records: from them come reading, checking, writing, and the AsyncAPI document.
//
//   ARGOSY_TRY(const Said said, read_message(R"({"type":"subscribe","room":"services","after":17})"));
//   const Frame frame = change_frame(row);            // one text, for all who hear it
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/record.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "ledger/room_changes.hpp"
#include "ledger/users.hpp"

namespace argosy::push {

// --- From clients. ---

// The first message. Of the two one.
struct AuthIn {
  std::string type;
  core::Secret token;   // an access token, or a key of a program
  core::Secret ticket;  // of POST /ws/ticket
};
struct SubscribeIn {
  std::string type;
  std::string room;
  std::optional<std::int64_t> after;  // the last number that the client has
  std::string ledger;                 // of the welcome when it got that number; another one's numbers mean nothing here
  bool snapshot = false;              // the rows as they are, in any case
};
struct UnsubscribeIn {
  std::string type;
  std::string room;
};
struct PingIn {
  std::string type;
};
using Said = std::variant<AuthIn, SubscribeIn, UnsubscribeIn, PingIn>;

// kInvalidArgument: what is wrong with it, in words that repeat little of it.
[[nodiscard]] core::Result<Said> read_message(std::string_view text);

// --- To clients. ---

struct WelcomeOut {
  std::string type = "welcome";
  std::string username;
  ledger::Role role = ledger::Role::kViewer;
  std::string ledger;
  core::Timestamp time;
};
struct SubscribedOut {
  std::string type = "subscribed";
  std::string room;
  std::int64_t sequence = 0;  // the next change has the next number
};
struct UnsubscribedOut {
  std::string type = "unsubscribed";
  std::string room;
};
struct PongOut {
  std::string type = "pong";
};
struct ErrorOut {
  std::string type = "error";
  std::string code;
  std::string detail;
  std::string hint;
  std::string room;
};
// Besides, `what` and `row`.
struct ChangeOut {
  std::string type = "change";
  std::string room;
  std::int64_t sequence = 0;
  core::Timestamp time;
};
// Besides, `rows`: objects with `what` and `row`.
struct SnapshotOut {
  std::string type = "snapshot";
  std::string room;
  std::int64_t sequence = 0;
  bool is_whole = true;
};
struct PriceOut {
  std::string symbol;
  core::Price bid;
  core::Price ask;
  core::Price last;
  core::Timestamp time;
};
// Besides, `prices`.
struct PricesOut {
  std::string type = "prices";
  std::string room = "price_updates";
};
// Besides, `health`.
struct HealthOut {
  std::string type = "health";
  std::string room = "health";
};

using Frame = std::shared_ptr<const std::string>;

template <class Record>
[[nodiscard]] Frame frame(const Record& record) {
  core::JsonWriter json;
  core::write_json(json, record);
  return std::make_shared<const std::string>(std::move(json).take());
}
// With the room's name as clients know it.
[[nodiscard]] Frame change_frame(const ledger::ChangeRow& row);
[[nodiscard]] Frame snapshot_frame(const SnapshotOut& head, std::span<const std::string> rows);
[[nodiscard]] Frame prices_frame(std::span<const PriceOut> prices);
[[nodiscard]] Frame health_frame(std::string_view health);
[[nodiscard]] Frame error_frame(const core::Error& error, std::string_view room);

}  // namespace argosy::push

namespace argosy::push::detail {
inline constexpr std::string_view kAuthType[] = {"auth"};
inline constexpr std::string_view kSubscribeType[] = {"subscribe"};
inline constexpr std::string_view kUnsubscribeType[] = {"unsubscribe"};
inline constexpr std::string_view kPingType[] = {"ping"};
inline constexpr core::FieldLimits kRoomLimits{.maximum_length = 40};
inline constexpr core::FieldLimits kTokenLimits{.maximum_length = 4'000};
}  // namespace argosy::push::detail

template <>
struct argosy::core::RecordOf<argosy::push::AuthIn> {
  using Row = argosy::push::AuthIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, type, .limits = {.one_of = argosy::push::detail::kAuthType}, .required = true),
      ARGOSY_FIELD(Row, token, .limits = argosy::push::detail::kTokenLimits,
                   .text = "an access token, or a key of a program"),
      ARGOSY_FIELD(Row, ticket, .limits = argosy::push::detail::kTokenLimits,
                   .text = "of POST /ws/ticket; instead of a token"),
  };
  static constexpr RecordType kType{"auth", "The first message: who it is", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::push::SubscribeIn> {
  using Row = argosy::push::SubscribeIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, type, .limits = {.one_of = argosy::push::detail::kSubscribeType}, .required = true),
      ARGOSY_FIELD(Row, room, .limits = argosy::push::detail::kRoomLimits, .text = "what is to be heard of",
                   .required = true),
      ARGOSY_FIELD(Row, after, .limits = {.minimum = 0},
                   .text = "the last number that the client has: it gets what it missed, or a snapshot"),
      ARGOSY_FIELD(Row, ledger, .limits = {.maximum_length = 20},
                   .text = "of the welcome when it got that number: in another ledger it means nothing"),
      ARGOSY_FIELD(Row, snapshot, .text = "the rows as they are, first of all"),
  };
  static constexpr RecordType kType{"subscribe", "Wants to hear what changes in a room", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::push::UnsubscribeIn> {
  using Row = argosy::push::UnsubscribeIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, type, .limits = {.one_of = argosy::push::detail::kUnsubscribeType}, .required = true),
      ARGOSY_FIELD(Row, room, .limits = argosy::push::detail::kRoomLimits, .text = "which one", .required = true),
  };
  static constexpr RecordType kType{"unsubscribe", "Wants to hear no more of a room", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::push::PingIn> {
  using Row = argosy::push::PingIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, type, .limits = {.one_of = argosy::push::detail::kPingType}, .required = true),
  };
  static constexpr RecordType kType{"ping", "For clients that cannot send WebSocket's own", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::push::WelcomeOut> {
  using Row = argosy::push::WelcomeOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, type, .text = "welcome"),
      ARGOSY_FIELD(Row, username, .text = "who it is"),
      ARGOSY_FIELD(Row, role, .limits = {.one_of = argosy::ledger::kRoles}, .text = "of a key: no more than its scope"),
      ARGOSY_FIELD(Row, ledger, .text = "changes when the ledger is brought back from a backup"),
      ARGOSY_FIELD(Row, time, .text = "of the server's clock"),
  };
  static constexpr RecordType kType{"welcome", "The client is known", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::push::SubscribedOut> {
  using Row = argosy::push::SubscribedOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, type, .text = "subscribed"),
      ARGOSY_FIELD(Row, room, .text = "which one"),
      ARGOSY_FIELD(Row, sequence, .text = "the next change has the next number; 0 where rows are not numbered"),
  };
  static constexpr RecordType kType{"subscribed", "What changes in the room follows", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::push::UnsubscribedOut> {
  using Row = argosy::push::UnsubscribedOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, type, .text = "unsubscribed"),
      ARGOSY_FIELD(Row, room, .text = "which one"),
  };
  static constexpr RecordType kType{"unsubscribed", "Nothing more of the room follows", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::push::PongOut> {
  using Row = argosy::push::PongOut;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Row, type, .text = "pong")};
  static constexpr RecordType kType{"pong", "The answer to a ping", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::push::ErrorOut> {
  using Row = argosy::push::ErrorOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, type, .text = "error"),
      ARGOSY_FIELD(Row, code, .text = "for programs: not_found, invalid_argument, ..."),
      ARGOSY_FIELD(Row, detail, .text = "for people"),
      ARGOSY_FIELD(Row, hint, .text = "what to do"),
      ARGOSY_FIELD(Row, room, .text = "that was asked for"),
  };
  static constexpr RecordType kType{"error", "A message that was not followed", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::push::ChangeOut> {
  using Row = argosy::push::ChangeOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, type, .text = "change"),
      ARGOSY_FIELD(Row, room, .text = "where it happened"),
      ARGOSY_FIELD(Row, sequence, .text = "within the room, one more than that of the change before"),
      ARGOSY_FIELD(Row, time, .text = "when it was stored"),
  };
  static constexpr RecordType kType{"change", "A row that changed, as it is since then", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::push::SnapshotOut> {
  using Row = argosy::push::SnapshotOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, type, .text = "snapshot"),
      ARGOSY_FIELD(Row, room, .text = "which one"),
      ARGOSY_FIELD(Row, sequence, .text = "the changes up to it are in the rows"),
      ARGOSY_FIELD(Row, is_whole, .text = "false: these are the newest; the others are to be had by REST"),
  };
  static constexpr RecordType kType{"snapshot", "The rows of a room as they are", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::push::PriceOut> {
  using Row = argosy::push::PriceOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, symbol, .text = "of what"),        ARGOSY_FIELD(Row, bid, .text = "what buyers offer"),
      ARGOSY_FIELD(Row, ask, .text = "what sellers want"), ARGOSY_FIELD(Row, last, .text = "the last trade"),
      ARGOSY_FIELD(Row, time, .text = "of the market"),
  };
  static constexpr RecordType kType{"price", "A price", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::push::PricesOut> {
  using Row = argosy::push::PricesOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, type, .text = "prices"),
      ARGOSY_FIELD(Row, room, .text = "price_updates"),
  };
  static constexpr RecordType kType{"prices", "The newest price of each symbol that has another one", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::push::HealthOut> {
  using Row = argosy::push::HealthOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, type, .text = "health"),
      ARGOSY_FIELD(Row, room, .text = "health"),
  };
  static constexpr RecordType kType{"health", "Whether all is well, each second, as GET /system/health says it",
                                    kFields};
};
