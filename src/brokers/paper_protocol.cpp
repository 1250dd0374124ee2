#include "brokers/paper_protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/json.hpp"
#include "core/text.hpp"

namespace argosy::brokers {
namespace {

using core::ErrorCode;
using core::JsonValue;
using core::JsonWriter;
using core::Result;
using trading::AccountReport;
using trading::OrderReport;
using trading::OrderTicket;
using trading::ReportedBalance;
using trading::ReportedFill;
using trading::ReportedPosition;

// --- Bodies: what stands in a line beside its type and number. ---

template <class T>
Result<void> read_record(const JsonValue* value, T& record) {
  if (value == nullptr) return core::fail(ErrorCode::kInvalidArgument, "a message without its body");
  auto errors = core::read_json(*value, core::record_type<T>(), &record);
  if (!errors.empty()) return core::fail(std::move(errors.front()));
  return {};
}

template <class T, class ReadItem>
Result<void> read_list(const JsonValue& line, std::string_view name, std::vector<T>& items, ReadItem read_item) {
  const JsonValue* list = line.find(name);
  if (list == nullptr || list->array() == nullptr)
    return core::fail(ErrorCode::kInvalidArgument, fmt::format("a message without its list \"{}\"", name));
  for (const JsonValue& item : *list->array()) ARGOSY_TRY_VOID(read_item(item, items.emplace_back()));
  return {};
}

template <class T>
void write_list(JsonWriter& json, std::string_view name, const std::vector<T>& items) {
  json.key(name).begin_array();
  for (const T& item : items) core::write_json(json, item);
  json.end_array();
}

template <class T>
struct Body {
  static constexpr std::string_view kType = core::RecordOf<T>::kType.name;
  static Result<void> read(const JsonValue& line, T& record) { return read_record(line.find("body"), record); }
  static void write(JsonWriter& json, const T& record) {
    json.key("body");
    core::write_json(json, record);
  }
};

template <class T>
struct EmptyBody {
  static Result<void> read(const JsonValue&, T&) { return {}; }
  static void write(JsonWriter&, const T&) {}
};
template <>
struct Body<AskOpenOrders> : EmptyBody<AskOpenOrders> {
  static constexpr std::string_view kType = "ask_open_orders";
};
template <>
struct Body<AskAccount> : EmptyBody<AskAccount> {
  static constexpr std::string_view kType = "ask_account";
};

template <>
struct Body<OrderReport> {
  static constexpr std::string_view kType = "order";
  static Result<void> read(const JsonValue& line, OrderReport& report) {
    ARGOSY_TRY_VOID(read_record(line.find("body"), report));
    return read_list(line, "fills", report.fills,
                     [](const JsonValue& item, ReportedFill& fill) { return read_record(&item, fill); });
  }
  static void write(JsonWriter& json, const OrderReport& report) {
    json.key("body");
    core::write_json(json, report);
    write_list(json, "fills", report.fills);
  }
};

template <class T>
struct ReportsBody {
  static Result<void> read(const JsonValue& line, T& list) {
    const JsonValue* last = line.find("last");
    if (last == nullptr || last->boolean() == nullptr)
      return core::fail(ErrorCode::kInvalidArgument, "a part of a list that does not say whether it is the last");
    list.is_last = *last->boolean();
    return read_list(line, "orders", list.orders, Body<OrderReport>::read);
  }
  static void write(JsonWriter& json, const T& list) {
    json.key("orders").begin_array();
    for (const OrderReport& report : list.orders) {
      json.begin_object();
      Body<OrderReport>::write(json, report);
      json.end_object();
    }
    json.end_array().key("last").value(list.is_last);
  }
};
template <>
struct Body<OpenOrders> : ReportsBody<OpenOrders> {
  static constexpr std::string_view kType = "open_orders";
};
template <>
struct Body<History> : ReportsBody<History> {
  static constexpr std::string_view kType = "history";
};

template <>
struct Body<AccountReport> {
  static constexpr std::string_view kType = "account";
  static Result<void> read(const JsonValue& line, AccountReport& report) {
    const JsonValue* time = line.find("time");
    if (time == nullptr || time->string() == nullptr)
      return core::fail(ErrorCode::kInvalidArgument, "an account without its time");
    ARGOSY_TRY(report.time, core::parse_rfc3339(*time->string()));
    ARGOSY_TRY_VOID(read_list(line, "positions", report.positions,
                              [](const JsonValue& item, ReportedPosition& each) { return read_record(&item, each); }));
    return read_list(line, "balances", report.balances,
                     [](const JsonValue& item, ReportedBalance& each) { return read_record(&item, each); });
  }
  static void write(JsonWriter& json, const AccountReport& report) {
    json.key("time").value(core::format_rfc3339(report.time));
    write_list(json, "positions", report.positions);
    write_list(json, "balances", report.balances);
  }
};

// --- Lines: the type picks one of a variant's alternatives. ---

template <class Message>
struct LineOf;

template <class... Alternatives>
struct LineOf<std::variant<Alternatives...>> {
  using Message = std::variant<Alternatives...>;
  static constexpr std::string_view kTypes[] = {Body<Alternatives>::kType...};

  static Result<Message> read(const std::string& type, const JsonValue& line) {
    std::optional<Result<Message>> message;
    const auto try_one = [&]<class T>(std::type_identity<T>) {
      if (type != Body<T>::kType) return false;
      T body;
      if (auto done = Body<T>::read(line, body); done) {
        message.emplace(std::move(body));
      } else {
        message.emplace(core::fail(std::move(done).error()));
      }
      return true;
    };
    if ((try_one(std::type_identity<Alternatives>{}) || ...)) return *std::move(message);
    return core::fail(
        core::Error(ErrorCode::kUnsupported, fmt::format("\"{}\" is no type of message here", type))
            .with_hint(fmt::format("the versions of client and venue differ.{}", core::did_you_mean(type, kTypes))));
  }

  static std::string write(std::int64_t id, const Message& message) {
    JsonWriter json;
    json.begin_object().key("type").value(kTypes[message.index()]).key("id").value(id);
    std::visit([&]<class T>(const T& body) { Body<T>::write(json, body); }, message);
    json.end_object();
    return std::move(json).take() + '\n';
  }
};

struct Head {
  JsonValue line;
  std::string type;
  std::int64_t id = 0;
};

Result<Head> parse_head(std::string_view text) {
  const auto wrong = [](std::string message) {
    return core::fail(core::Error(ErrorCode::kCorrupt, std::move(message))
                          .with_hint("a message is one line: {\"type\":\"...\",\"id\":1,\"body\":{...}}"));
  };
  Head head;
  auto line = core::parse_json(text);
  if (!line) return wrong(fmt::format("a line that is no message: {}", line.error().describe()));
  head.line = *std::move(line);
  const JsonValue* type = head.line.find("type");
  if (type == nullptr || type->string() == nullptr) return wrong("a message without a type");
  head.type = *type->string();
  const JsonValue* id = head.line.find("id");
  if (id == nullptr || id->number() == nullptr) return wrong("a message without a number");
  const auto number = core::parse_integer(id->number()->text);
  if (!number || *number < 0) return wrong(fmt::format("a message whose number is {}", id->number()->text));
  head.id = *number;
  return head;
}

}  // namespace

Result<AskedLine> parse_question(std::string_view line) {
  ARGOSY_TRY(const Head head, parse_head(line));
  return AskedLine{.id = head.id, .question = LineOf<Question>::read(head.type, head.line)};
}

Result<AnsweredLine> parse_answer(std::string_view line) {
  ARGOSY_TRY(const Head head, parse_head(line));
  return AnsweredLine{.id = head.id, .answer = LineOf<Answer>::read(head.type, head.line)};
}

std::string to_line(std::int64_t id, const Question& question) { return LineOf<Question>::write(id, question); }
std::string to_line(std::int64_t id, const Answer& answer) { return LineOf<Answer>::write(id, answer); }

bool is_client_order_id(std::string_view text) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && text.size() <= 40 && std::ranges::all_of(text, is_allowed);
}

}  // namespace argosy::brokers
