#include "push/messages.hpp"

#include <utility>

#include "core/json.hpp"
#include "server/problem.hpp"

namespace argosy::push {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

template <class Record>
Result<Said> read(const core::JsonValue& json) {
  Record record;
  auto errors = core::read_json(json, core::record_type<Record>(), &record);
  if (!errors.empty()) return fail(std::move(errors.front()));
  return Said(std::move(record));
}

// The head, whose object is opened again for `members`: "\"what\":...,\"row\":{...}".
template <class Record>
std::string with_members(const Record& head, std::string_view members) {
  core::JsonWriter json;
  core::write_json(json, head);
  std::string text = std::move(json).take();
  text.back() = ',';
  text += members;
  return text += '}';
}

Frame shared(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

}  // namespace

Result<Said> read_message(std::string_view text) {
  ARGOSY_TRY(const core::JsonValue json, core::parse_json(text));
  const core::JsonValue* type = json.find("type");
  const std::string* name = type == nullptr ? nullptr : type->string();
  if (name != nullptr && *name == "auth") return read<AuthIn>(json);
  if (name != nullptr && *name == "subscribe") return read<SubscribeIn>(json);
  if (name != nullptr && *name == "unsubscribe") return read<UnsubscribeIn>(json);
  if (name != nullptr && *name == "ping") return read<PingIn>(json);
  return fail(Error(ErrorCode::kInvalidArgument, "a message has a type: auth, subscribe, unsubscribe or ping")
                  .with_hint("asyncapi.json says what each has besides"));
}

Frame change_frame(const ledger::ChangeRow& row) {
  const ChangeOut head{.room = row.room.substr(0, row.room.find('/')), .sequence = row.sequence, .time = row.made_at};
  return shared(with_members(head, std::string_view(row.payload).substr(1, row.payload.size() - 2)));
}

Frame snapshot_frame(const SnapshotOut& head, std::span<const std::string> rows) {
  std::string members = "\"rows\":[";
  for (const std::string& row : rows) members += (members.back() == '[' ? "" : ",") + row;
  return shared(with_members(head, members + "]"));
}

Frame prices_frame(std::span<const PriceOut> prices) {
  core::JsonWriter json;
  json.begin_array();
  for (const PriceOut& each : prices) core::write_json(json, each);
  json.end_array();
  return shared(with_members(PricesOut(), "\"prices\":" + std::move(json).take()));
}

Frame health_frame(std::string_view health) {
  return shared(with_members(HealthOut(), "\"health\":" + std::string(health)));
}

Frame error_frame(const Error& error, std::string_view room) {
  const server::Problem problem = server::to_problem(error);
  return frame(ErrorOut{
      .code = problem.code, .detail = problem.detail, .hint = problem.hint, .room = std::string(room.substr(0, 40))});
}

}  // namespace argosy::push
