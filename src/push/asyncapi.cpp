#include <fmt/format.h>

#include <array>
#include <span>

#include "core/json.hpp"
#include "ledger/views.hpp"
#include "push/endpoints.hpp"
#include "push/messages.hpp"
#include "push/rooms.hpp"

namespace argosy::push {

using core::JsonWriter;
using core::RecordOf;
using core::RecordType;

namespace {

enum class More : std::uint8_t { kNothing, kChange, kRows, kPrices, kHealth };

struct Message {
  const RecordType* type = nullptr;
  bool is_sent = false;  // by clients
  More more = More::kNothing;
};

constexpr Message kMessages[] = {
    {&RecordOf<AuthIn>::kType, true},
    {&RecordOf<SubscribeIn>::kType, true},
    {&RecordOf<UnsubscribeIn>::kType, true},
    {&RecordOf<PingIn>::kType, true},
    {&RecordOf<WelcomeOut>::kType, false},
    {&RecordOf<SubscribedOut>::kType, false},
    {&RecordOf<UnsubscribedOut>::kType, false},
    {&RecordOf<ChangeOut>::kType, false, More::kChange},
    {&RecordOf<SnapshotOut>::kType, false, More::kRows},
    {&RecordOf<PricesOut>::kType, false, More::kPrices},
    {&RecordOf<HealthOut>::kType, false, More::kHealth},
    {&RecordOf<PongOut>::kType, false},
    {&RecordOf<ErrorOut>::kType, false},
};

// What changes, by the word in `what`.
struct Row {
  std::string_view what;
  const RecordType* type;
};
constexpr Row kRows[] = {
    {"service", &RecordOf<ledger::ServiceRow>::kType}, {"transaction", &RecordOf<ledger::TransactionRow>::kType},
    {"order", &RecordOf<ledger::OrderRow>::kType},     {"portfolio", &RecordOf<ledger::PortfolioRow>::kType},
    {"holding", &RecordOf<ledger::HoldingRow>::kType}, {"job", &RecordOf<ledger::JobRow>::kSummary},
    {"stock", &RecordOf<ledger::StockRow>::kType},     {"notification", &RecordOf<ledger::OutboxRow>::kTold},
};

struct Room {
  RoomKind kind;
  std::string_view text;
};
constexpr Room kRooms[] = {
    {RoomKind::kServices, "the caller's services; an admin's: everybody's. So it is with each list but stocks"},
    {RoomKind::kService, "one service"},
    {RoomKind::kStocks, "instruments"},
    {RoomKind::kStock, "one instrument"},
    {RoomKind::kTransactions, "round trips of services"},
    {RoomKind::kPrices, "prices, at most one message in 250 ms; not numbered"},
    {RoomKind::kOrders, "orders"},
    {RoomKind::kPortfolio, "a portfolio with its cash, and its holdings"},
    {RoomKind::kJobs, "long work"},
    {RoomKind::kJob, "one job, with its progress"},
    {RoomKind::kHealth, "whether all is well, each second; not numbered"},
    {RoomKind::kNotifications, "what concerns the caller's services; an admin's: all"},
};

void reference(JsonWriter& json, std::string_view place, std::string_view name) {
  json.begin_object().key("$ref").value(fmt::format("#/{}/{}", place, name)).end_object();
}

std::string row_schema(std::string_view what) { return fmt::format("row_{}", what); }
void write_told_rows(JsonWriter& json) {
  json.begin_object().key("oneOf").begin_array();
  for (const Row& row : kRows) {
    json.begin_object().key("type").value("object").key("required").begin_array().value("what").value("row");
    json.end_array().key("properties").begin_object().key("what").begin_object().key("const").value(row.what);
    json.end_object().key("row");
    reference(json, "components/schemas", row_schema(row.what));
    json.end_object().end_object();
  }
  json.end_array().end_object();
}

// What a message has besides its record.
void write_more(JsonWriter& json, More more) {
  switch (more) {
    case More::kChange:
      json.key("what").begin_object().key("type").value("string").end_object();
      json.key("row").begin_object().key("type").value("object").end_object();
      break;
    case More::kRows:
      json.key("rows").begin_object().key("type").value("array").key("items");
      write_told_rows(json);
      json.end_object();
      break;
    case More::kPrices:
      json.key("prices").begin_object().key("type").value("array").key("items");
      reference(json, "components/schemas", "price");
      json.end_object();
      break;
    case More::kHealth:
      json.key("health").begin_object().key("type").value("object").end_object();
      break;
    case More::kNothing:
      break;
  }
}

// The record's members and those besides; a record's own schema would allow no others.
void write_schema(JsonWriter& json, const Message& message) {
  if (message.more == More::kNothing) return core::write_json_schema(json, *message.type);
  json.begin_object().key("type").value("object").key("description").value(message.type->text);
  json.key("properties").begin_object();
  for (const core::Field& field : message.type->fields) {
    json.key(field.name);
    core::write_json_schema(json, field);
  }
  write_more(json, message.more);
  json.end_object();
  if (message.more == More::kChange) {
    json.key("allOf").begin_array();
    write_told_rows(json);
    json.end_array();
  }
  json.end_object();
}

void write_schemas(JsonWriter& json) {
  json.key("schemas").begin_object();
  for (const Message& message : kMessages) {
    json.key(message.type->name);
    write_schema(json, message);
  }
  for (const Row& row : kRows) {
    json.key(row_schema(row.what));
    core::write_json_schema(json, *row.type);
  }
  json.key("price");
  core::write_json_schema(json, RecordOf<PriceOut>::kType);
  json.end_object();
}

void write_messages(JsonWriter& json) {
  json.key("messages").begin_object();
  for (const Message& message : kMessages) {
    json.key(message.type->name).begin_object().key("name").value(message.type->name);
    json.key("title").value(message.type->text).key("contentType").value("application/json").key("payload");
    reference(json, "components/schemas", message.type->name);
    json.end_object();
  }
  json.end_object();
}

void write_operation(JsonWriter& json, std::string_view name, std::string_view action, std::string_view summary,
                     bool is_sent) {
  json.key(name).begin_object().key("action").value(action).key("summary").value(summary).key("channel");
  reference(json, "channels", "ws");
  json.key("messages").begin_array();
  for (const Message& message : kMessages) {
    if (message.is_sent == is_sent) reference(json, "channels/ws/messages", message.type->name);
  }
  json.end_array().end_object();
}

}  // namespace

std::string asyncapi(const std::string& path) {
  JsonWriter json;
  json.begin_object().key("asyncapi").value("3.0.0").key("info").begin_object();
  json.key("title").value("Argosy").key("version").value("1").key("description");
  json.value(
      "The first message says who the client is; then it subscribes to rooms. Changes of a room are numbered without "
      "gaps: who comes back gives its last number.");
  json.end_object().key("defaultContentType").value("application/json");
  json.key("servers").begin_object().key("argosy").begin_object().key("host").value("{host}").key("protocol");
  json.value("ws").key("variables").begin_object().key("host").begin_object().key("default").value("127.0.0.1:8080");
  json.end_object().end_object().end_object().end_object();
  json.key("channels")
      .begin_object()
      .key("ws")
      .begin_object()
      .key("address")
      .value(path)
      .key("messages")
      .begin_object();
  for (const Message& message : kMessages) {
    json.key(message.type->name);
    reference(json, "components/messages", message.type->name);
  }
  json.end_object().key("x-rooms").begin_object();
  for (const Room& room : kRooms) json.key(kRoomNames[static_cast<std::size_t>(room.kind)]).value(room.text);
  json.end_object().end_object().end_object();
  json.key("operations").begin_object();
  write_operation(json, "say", "receive", "What clients say", true);
  write_operation(json, "hear", "send", "What clients hear", false);
  json.end_object().key("components").begin_object();
  write_messages(json);
  write_schemas(json);
  json.end_object().end_object();
  return std::move(json).take();
}

}  // namespace argosy::push
