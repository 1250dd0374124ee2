// argosy health: how the process that trades is, as it says itself each second.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>

#include "cli/commands.hpp"
#include "cli/home.hpp"
#include "cli/trading_home.hpp"
#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "core/json_value.hpp"
#include "core/system.hpp"
#include "ledger/holder.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/open.hpp"

namespace argosy::cli {
namespace {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::Result;

constexpr auto kStaleAfter = std::chrono::seconds(5);

const core::SystemClock kClock;

struct Heartbeat {
  JsonValue report;  // null: there is none
  core::Duration age{};
};

Result<Heartbeat> last_heartbeat(const Globals& globals) {
  ARGOSY_TRY_VOID(load_settings(globals));
  const std::string path = home_folder(globals) + "/health.json";
  auto text = core::system_files().read(path);
  if (!text && text.error().code == ErrorCode::kNotFound) return Heartbeat();
  if (!text) return fail(std::move(text).error());
  ARGOSY_TRY(JsonValue report, core::parse_json(*text));
  const JsonValue* updated = report.find("time");
  if (updated == nullptr || updated->string() == nullptr)
    return fail(Error(ErrorCode::kCorrupt, "the file does not say when it was written").at(path));
  ARGOSY_TRY(const core::Timestamp time, core::parse_rfc3339(*updated->string()));
  return Heartbeat{.report = std::move(report), .age = kClock.now() - time};
}

// The process that holds the ledger, as it calls itself; empty: nobody does. A command may hold it for a moment. Where
// it cannot be known, nothing is said of it.
std::string ledger_holder(const Globals& globals) {
  const auto location = ledger_location(globals);
  if (!location) return {};
  const ledger::Schema& schema = ledger::ledger_schema();
  core::Files& files = core::system_files();
  const auto lock = ledger::take_holder_lock(*location, schema, files);
  if (lock || lock.error().code != ErrorCode::kUnavailable) return {};
  const auto database = ledger::open_database({.path = location->path,
                                               .password = location->password,
                                               .wait = std::chrono::seconds(1),
                                               .missing = ledger::Missing::kFail,
                                               .outdated = ledger::Outdated::kFail,
                                               .checked_bytes = 0},
                                              schema, files, kClock);
  if (!database) return "a process";
  const auto holder = (*database)->read([](ledger::Transaction& work) { return ledger::current_holder(work); });
  return holder && *holder ? (*holder)->process : "a process";
}

// It runs, but has not told for too long how it is.
Result<void> tell_silent(const std::string& holder, const Heartbeat& heartbeat, const Globals& globals) {
  std::string text =
      fmt::format("{} holds the ledger, but its heartbeat is {}", holder,
                  heartbeat.report.object() == nullptr
                      ? "missing"
                      : fmt::format("{:.0f} s old", std::chrono::duration<double>(heartbeat.age).count()));
  const auto free = core::real_system().free_bytes(home_folder(globals));
  text += free ? fmt::format(": it hangs, or cannot write ({:.0f} MB of the disk are free)",
                             static_cast<double>(*free) / (1024.0 * 1024.0))
               : ": it hangs, or cannot write (is the disk full?)";
  if (!globals.json) return print("silent\n  " + text + "\n");
  core::JsonWriter json(2);
  json.begin_object().key("state").value("silent").key("reasons").begin_array();
  json.begin_object().key("state").value("halted").key("what").value("heartbeat").key("text").value(text).end_object();
  json.end_array().key("last");
  core::write_value(json, heartbeat.report);
  json.end_object();
  return print(std::move(json).take() + "\n");
}

std::string scalar_text(const JsonValue& value) {
  if (value.string() != nullptr) return *value.string();
  if (value.number() != nullptr) return value.number()->text;
  if (value.boolean() != nullptr) return *value.boolean() ? "yes" : "no";
  return "-";
}

// A line each; what is nested stands under its name, a dot between.
void add_lines(const JsonValue& value, const std::string& name, std::vector<std::vector<std::string>>& rows) {
  if (const JsonValue::Object* members = value.object()) {
    for (const auto& [key, member] : *members) add_lines(member, name.empty() ? key : name + "." + key, rows);
    return;
  }
  if (const JsonValue::Array* items = value.array()) {
    for (std::size_t i = 0; i < items->size(); ++i) add_lines((*items)[i], fmt::format("{}.{}", name, i + 1), rows);
    return;
  }
  rows.push_back({name, scalar_text(value)});
}

std::string report_text(const JsonValue& report) {
  const JsonValue* state = report.find("state");
  std::string out = (state == nullptr ? std::string("unknown") : scalar_text(*state)) + "\n";
  if (const JsonValue* reasons = report.find("reasons"); reasons != nullptr && reasons->array() != nullptr) {
    for (const JsonValue& reason : *reasons->array()) {
      const JsonValue* text = reason.find("text");
      if (text != nullptr) out += "  " + scalar_text(*text) + "\n";
    }
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, member] : *report.object()) {
    if (key != "state" && key != "reasons") add_lines(member, key, rows);
  }
  return out + "\n" + format_table({"what", "value"}, rows);
}

Result<void> health(const Globals& globals) {
  ARGOSY_TRY(const Heartbeat heartbeat, last_heartbeat(globals));
  const JsonValue& report = heartbeat.report;
  if (report.object() == nullptr || heartbeat.age > kStaleAfter) {
    if (const std::string holder = ledger_holder(globals); !holder.empty()) {
      ARGOSY_TRY_VOID(tell_silent(holder, heartbeat, globals));
    } else if (globals.json) {
      ARGOSY_TRY_VOID(print("{\"state\": \"not running\", \"reasons\": []}\n"));
    } else {
      ARGOSY_TRY_VOID(print("not running\n  start it with argosy serve\n"));
    }
    throw Exit{1};
  }
  if (globals.json) {
    core::JsonWriter json(2);
    core::write_value(json, report);
    ARGOSY_TRY_VOID(print(std::move(json).take() + "\n"));
  } else {
    ARGOSY_TRY_VOID(print(report_text(report)));
  }
  const JsonValue* state = report.find("state");
  if (state != nullptr && scalar_text(*state) == "halted") throw Exit{1};
  return {};
}

}  // namespace

void add_health(CLI::App& parent, Globals& globals) {
  CLI::App* command =
      parent.add_subcommand("health", "How the process that trades is; 1 when it is halted, silent or not running");
  add_common_options(*command, globals);
  command->footer("Examples:\n  argosy health\n  argosy health --json");
  command->callback([&globals] { run_command([&] { return health(globals); }); });
}

}  // namespace argosy::cli
