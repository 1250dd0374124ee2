// Strategies checked, stored, ordered and removed. A change is the next version; all versions stay until the strategy
// is removed.
#include "ledger/strategies.hpp"

#include <fmt/format.h>

#include <utility>

#include "jobs/job_types.hpp"
#include "live/strategy_decisions.hpp"
#include "rest/answer_schemas.hpp"
#include "rest/resources.hpp"
#include "strategy/compiled_strategy.hpp"

namespace argosy::rest {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using ledger::StrategyRow;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

struct StrategyTextIn {
  std::string text;
};
struct StrategyIn {
  std::string text;
  std::string name;
};
struct PositionIn {
  std::int64_t position = 1;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::StrategyTextIn> {
  using Row = argosy::rest::StrategyTextIn;
  static constexpr FieldLimits kText{.maximum_length = 65'536};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, text, .limits = kText, .text = "the strategy file (YAML)", .required = true)};
  static constexpr RecordType kType{"strategy_text", "A strategy file", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::StrategyIn> {
  using Row = argosy::rest::StrategyIn;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, text, .limits = RecordOf<argosy::rest::StrategyTextIn>::kText,
                   .text = "the strategy file (YAML)", .required = true),
      ARGOSY_FIELD(Row, name, .limits = {.maximum_length = 100}, .text = "empty: as the file calls itself"),
  };
  static constexpr RecordType kType{"new_strategy", "A strategy to be stored", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::PositionIn> {
  using Row = argosy::rest::PositionIn;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Row, position, .limits = {.minimum = 1, .maximum = 1'000'000},
                                                   .text = "in the owner's list, from 1; behind its end is the end",
                                                   .required = true)};
  static constexpr RecordType kType{"position", "A place in a list", kFields};
};

namespace argosy::rest {
namespace {

struct Checked {
  strategy::StrategyFile file;
  strategy::CompiledStrategy compiled;
};

// Files that a text names are those of the home by name: it comes from whoever may store strategies.
Result<Checked> check(const Resources& resources, const std::string& text) {
  ARGOSY_TRY_VOID(jobs::check_stored_text(text, "strategy"));
  Checked checked;
  ARGOSY_TRY(checked.file, resources.read_strategy(text, "strategy"));
  ARGOSY_TRY(checked.compiled, strategy::compile_strategy(checked.file));
  return checked;
}

void write_checked(core::JsonWriter& json, const Checked& checked) {
  const strategy::StrategyFile& file = checked.file;
  json.key("is_valid").value(true).key("errors").begin_array().end_array().key("warnings").begin_array();
  // A backtest takes more than a service does.
  if (const auto tradable = live::check_tradable(file, checked.compiled); !tradable)
    json.value("services cannot trade it: " + tradable.error().message);
  if (file.symbols.empty() && file.rebalance) json.value("it ranks symbols: a backtest must be given several");
  json.end_array().key("name").value(file.name).key("description").value(file.description);
  json.key("timeframe").value(file.timeframe.to_string()).key("warm_up").value(checked.compiled.plan().warm_up());
  json.key("symbols").begin_array();
  for (const std::string& symbol : file.symbols) json.value(symbol);
  json.end_array().key("fields").begin_array();
  for (const std::string& field : checked.compiled.program.fields()) json.value(field);
  json.end_array().key("parameters").begin_array();
  for (const strategy::Parameter& parameter : file.parameters) {
    json.begin_object().key("name").value(parameter.name).key("value").value(parameter.value);
    if (parameter.range)
      json.key("from")
          .value(parameter.range->from)
          .key("to")
          .value(parameter.range->to)
          .key("step")
          .value(parameter.range->step);
    json.end_object();
  }
  json.end_array();
}

Result<net::HttpResponse> answer_check(const Resources& resources, const std::string& text) {
  core::JsonWriter json;
  json.begin_object();
  if (const auto checked = check(resources, text)) {
    write_checked(json, *checked);
  } else {
    const Error& error = checked.error();
    const bool is_the_texts = error.code != ErrorCode::kIo && error.code != ErrorCode::kUnavailable;
    if (!is_the_texts) return fail(error);
    json.key("is_valid").value(false).key("errors").begin_array().begin_object();
    json.key("detail").value(error.message).key("hint").value(error.hint).key("field").value(error.field);
    json.key("line").value(error.line).key("column").value(error.column).end_object().end_array();
    json.key("warnings").begin_array().end_array();
  }
  return net::text_response(200, "application/json", std::move(json.end_object()).take());
}

// What is wrong with the text stands in the member `text`.
Result<Checked> check_body(const Resources& resources, const std::string& text) {
  auto checked = check(resources, text);
  if (!checked) {
    Error error = std::move(checked).error();
    if (error.code == ErrorCode::kNotFound) error.code = ErrorCode::kInvalidArgument;  // a file that it names
    return fail(std::move(error).in_field("text"));
  }
  return checked;
}

ledger::ChangedBy changed_by(const Resources& resources, const server::Caller& caller) {
  return {.actor = caller.username, .time = resources.clock.now()};
}

template <class Call>
Result<StrategyRow> save(const Resources& resources, const Call& call, std::int64_t owner_id, const std::string& name,
                         const std::string& text, int status) {
  ARGOSY_TRY(const ledger::SavedStrategy saved, resources.store.ledger().write([&](ledger::Transaction& work) {
    return ledger::save_strategy(work, owner_id, name, text, changed_by(resources, *call.caller));
  }));
  if (!saved.is_new) call.reply.status = 200;
  if (saved.is_new && status == 201)
    call.reply.headers.add("Location", fmt::format("/api/v1/strategies/{}", saved.row.strategy_id));
  return saved.row;
}

}  // namespace

void add_strategy_changes(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, None, StrategyTextIn, net::HttpResponse>(
      {.method = Method::kPost,
       .path = "/strategies/check",
       .name = "check_strategy",
       .tag = "strategies",
       .summary = "Whether a strategy file is right, and what is not",
       .access = Access::kViewer,
       .text = "Answers is_valid, errors (detail, hint, field, line, column), warnings, and of a valid one its name, "
               "timeframe, warm_up, symbols, fields and parameters.",
       .raw_schema = &kCheckedStrategySchema},
      [&](const auto& call) { return answer_check(resources, call.body.text); }));
  api.add(endpoint<None, None, StrategyIn, StrategyRow>(
      {.method = Method::kPost,
       .path = "/strategies",
       .name = "create_strategy",
       .tag = "strategies",
       .summary = "Stores a strategy, or the next version of one of that name",
       .access = Access::kTrader,
       .status = 201,
       .takes_key = true},
      [&](const auto& call) -> Result<StrategyRow> {
        ARGOSY_TRY(const Checked checked, check_body(resources, call.body.text));
        const std::string& name = call.body.name.empty() ? checked.file.name : call.body.name;
        return save(resources, call, call.caller->user_id, name, call.body.text, 201);
      }));
  api.add(endpoint<IdPath, None, StrategyTextIn, StrategyRow>(
      {.method = Method::kPut,
       .path = "/strategies/{id}",
       .name = "change_strategy",
       .tag = "strategies",
       .summary = "Stores the next version of a strategy",
       .access = Access::kTrader},
      [&](const auto& call) -> Result<StrategyRow> {
        ARGOSY_TRY(const auto row, resources.store.get<StrategyRow>(*call.caller, call.path.id));
        ARGOSY_TRY_VOID(check_body(resources, call.body.text));
        return save(resources, call, row.owner_id, row.name, call.body.text, 200);
      }));
  api.add(endpoint<IdPath, None, PositionIn, StrategyRow>(
      {.method = Method::kPost,
       .path = "/strategies/{id}/position",
       .name = "place_strategy",
       .tag = "strategies",
       .summary = "Puts a strategy at a place of its owner's list, all its versions",
       .access = Access::kTrader},
      [&](const auto& call) -> Result<StrategyRow> {
        ARGOSY_TRY(const auto row, resources.store.get<StrategyRow>(*call.caller, call.path.id));
        ARGOSY_TRY_VOID(resources.store.ledger().write([&](ledger::Transaction& work) {
          return ledger::place_strategy(work, row.owner_id, row.name, call.body.position,
                                        changed_by(resources, *call.caller));
        }));
        return resources.store.get<StrategyRow>(*call.caller, call.path.id);
      }));
  api.add(endpoint<IdPath, None, None, None>(
      {.method = Method::kDelete,
       .path = "/strategies/{id}",
       .name = "remove_strategy",
       .tag = "strategies",
       .summary = "Removes a strategy, all its versions; 409 while a service decides by it",
       .access = Access::kTrader},
      [&](const auto& call) -> Result<None> {
        ARGOSY_TRY(const auto row, resources.store.get<StrategyRow>(*call.caller, call.path.id));
        ARGOSY_TRY_VOID(resources.store.ledger().write([&](ledger::Transaction& work) {
          return ledger::remove_strategy(work, row.name, changed_by(resources, *call.caller));
        }));
        return None{};
      }));
}

}  // namespace argosy::rest
