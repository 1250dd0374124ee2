// argosy db: the databases of the home.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "cli/commands.hpp"
#include "cli/home.hpp"
#include "cli/ledger_file.hpp"
#include "cli/ledger_home.hpp"
#include "cli/trading_home.hpp"
#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/maintenance.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"
#include "ledger/runs_schema.hpp"
#include "live/verify.hpp"

namespace argosy::cli {
namespace {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::JsonWriter;
using core::Result;

struct Place {
  const ledger::Schema* schema;
  ledger::Location location;
};

Result<std::vector<Place>> databases(const Globals& globals) {
  ARGOSY_TRY_VOID(load_settings(globals));
  ARGOSY_TRY(ledger::Location ledger, ledger_location(globals));
  return std::vector<Place>{{.schema = &ledger::runs_schema(), .location = runs_path(globals)},
                            {.schema = &ledger::ledger_schema(), .location = std::move(ledger)}};
}

struct Options {
  std::string database = "runs";
  std::string file;
};

Result<Place> find_database(const std::string& name, const Globals& globals) {
  ARGOSY_TRY(const std::vector<Place> places, databases(globals));
  for (const Place& each : places) {
    if (each.schema->name == name) return each;
  }
  return fail(Error(ErrorCode::kInvalidArgument, fmt::format("there is no database \"{}\"", name))
                  .with_hint("there are runs: backtests, studies and their trials; and ledger: trading"));
}

Result<std::unique_ptr<ledger::Database>> open(const Place& place, ledger::OpenOptions options,
                                               const Globals& globals) {
  static const core::SystemClock clock;
  // A damaged ledger is not replaced by an empty one.
  if (place.schema == &ledger::ledger_schema()) return open_ledger(globals, options);
  options.path = place.location.path;
  return ledger::open_database(options, *place.schema, core::system_files(), clock);
}

Result<void> finish(const Globals& globals, JsonWriter& json, const std::string& text) {
  return print(globals.json ? std::move(json.end_object()).take() + "\n" : text);
}

Result<void> migrate(const Options&, const Globals& globals) {
  ARGOSY_TRY(const std::vector<Place> places, databases(globals));
  JsonWriter json(2);
  std::string text;
  json.begin_object().key("databases").begin_array();
  for (const Place& place : places) {
    ARGOSY_TRY(const bool exists, ledger::database_exists(place.location, *place.schema, core::system_files()));
    std::int64_t before = 0;
    if (exists) {
      // What is older than this program knows is opened as it is, to tell its version.
      ARGOSY_TRY(before, ledger::stored_version(place.location, *place.schema));
    }
    ARGOSY_TRY(const auto database, open(place, {}, globals));
    ARGOSY_TRY(const std::int64_t after, ledger::schema_version(*database, *place.schema));
    json.begin_object().key("database").value(place.schema->name).key("file").value(place.location.text());
    json.key("from").value(before).key("to").value(after).end_object();
    text += fmt::format("{}: {}\n", place.schema->name,
                        !exists           ? fmt::format("made, version {}", after)
                        : before == after ? fmt::format("is at version {} already", after)
                                          : fmt::format("version {} is now {}", before, after));
  }
  json.end_array();
  return finish(globals, json, text);
}

Result<void> schema(const Options&, const Globals& globals) {
  JsonWriter json(2);
  std::string text;
  json.begin_object().key("databases").begin_array();
  for (const ledger::Schema* each : {&ledger::runs_schema(), &ledger::ledger_schema()}) {
    json.begin_object().key("database").value(each->name).key("version").value(each->migrations.size());
    json.key("tables").begin_array();
    text += fmt::format("database {}, version {}\n", each->name, each->migrations.size());
    for (const core::RecordType* table : each->tables) {
      json.begin_object().key("table").value(table->name).key("text").value(table->text).key("columns").begin_array();
      std::vector<std::vector<std::string>> rows;
      for (const core::Field& field : table->fields) {
        const bool null = ledger::may_be_null(field);
        const std::string_view type = core::type_name(field.type);
        json.begin_object().key("name").value(field.name).key("type").value(type).key("null").value(null);
        json.key("text").value(field.notes.text).end_object();
        rows.push_back({std::string(field.name), fmt::format("{}{}", type, null ? " or null" : ""),
                        std::string(field.notes.text)});
      }
      json.end_array().end_object();
      text += fmt::format("\n{0}: {1} (v_{0} for people)\n", table->name, table->text);
      text += format_table({"column", "type", "what it is"}, rows);
    }
    json.end_array().end_object();
  }
  json.end_array();
  return finish(globals, json, text);
}

Result<void> backup(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const Place place, find_database(options.database, globals));
  const core::SystemClock clock;
  ARGOSY_TRY(const ledger::BackupReport made,
             ledger::back_up(place.location, options.file, *place.schema, core::system_files(), clock));
  JsonWriter json(2);
  json.begin_object().key("database").value(place.schema->name).key("file").value(made.file);
  json.key("bytes").value(static_cast<std::int64_t>(made.bytes)).key("version").value(made.version);
  return finish(globals, json, fmt::format("{}: {} bytes, version {}, checked\n", made.file, made.bytes, made.version));
}

Result<void> restore(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const Place place, find_database(options.database, globals));
  const core::SystemClock clock;
  ARGOSY_TRY(const ledger::RestoreReport done,
             place.schema == &ledger::ledger_schema()
                 ? restore_ledger(options.file, place.location)
                 : ledger::restore(options.file, place.location, *place.schema, core::system_files(), clock));
  JsonWriter json(2);
  json.begin_object().key("database").value(place.schema->name).key("version").value(done.version);
  json.key("set_aside");
  if (done.set_aside.empty()) {
    json.null();
  } else {
    json.value(done.set_aside);
  }
  std::string text = fmt::format("{} holds what {} held\n", place.location.text(), options.file);
  if (!done.set_aside.empty())
    text += fmt::format("what was there before{} lies at {}\n", done.was_damaged ? ", damaged," : "", done.set_aside);
  return finish(globals, json.key("was_damaged").value(done.was_damaged), text);
}

// What is wrong with a database; of the ledger also where its journal, done again, does not arrive at its rows.
Result<ledger::VerifyReport> look_at(ledger::Database& database, const ledger::Schema& schema) {
  if (&schema == &ledger::ledger_schema()) return live::verify_whole(database);
  return ledger::verify(database, schema);
}

Result<void> verify(const Options&, const Globals& globals) {
  ARGOSY_TRY(const std::vector<Place> places, databases(globals));
  JsonWriter json(2);
  std::string text;
  std::size_t wrong = 0;
  json.begin_object().key("databases").begin_array();
  for (const Place& place : places) {
    ARGOSY_TRY(const bool exists, ledger::database_exists(place.location, *place.schema, core::system_files()));
    // Tried all the same: a damaged file that was set aside is not there either.
    const auto database = open(
        place, {.missing = ledger::Missing::kFail, .outdated = ledger::Outdated::kFail, .checked_bytes = 0}, globals);
    if (!exists && !database && database.error().code == ErrorCode::kNotFound) {
      text += fmt::format("{}: nothing is stored yet\n", place.schema->name);
      continue;
    }
    if (!database) return fail(database.error());
    ARGOSY_TRY(const ledger::VerifyReport report, look_at(**database, *place.schema));
    wrong += report.findings.size();
    json.begin_object().key("database").value(place.schema->name).key("version").value(report.version);
    json.key("tables").begin_object();
    text += fmt::format("{}: version {}", place.schema->name, report.version);
    for (const auto& table : report.tables) {
      json.key(table.name).value(table.rows);
      text += fmt::format(", {} {}", table.rows, table.name);
    }
    json.end_object().key("findings").begin_array();
    text += report.findings.empty() ? ": all is well\n" : "\n";
    for (const std::string& finding : report.findings) {
      json.value(finding);
      text += "  " + finding + "\n";
    }
    json.end_array().end_object();
  }
  json.end_array().key("ok").value(wrong == 0);
  ARGOSY_TRY_VOID(finish(globals, json, text));
  if (wrong > 0) throw Exit{1};
  return {};
}

}  // namespace

void add_db(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand("db", "The home's databases: bring up to date, back up, restore, verify");
  group->require_subcommand(1);
  auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* text, const char* examples,
                       Result<void> (*work)(const Options&, const Globals&)) {
    CLI::App* command = group->add_subcommand(name, text);
    add_common_options(*command, globals);
    command->footer(std::string("Examples:\n") + examples);
    command->callback([options, work, &globals] { run_command([&] { return work(*options, globals); }); });
    return command;
  };
  add("migrate", "Bring the databases to the schema of this program", "  argosy db migrate", migrate);
  add("schema", "The tables and their columns", "  argosy db schema\n  argosy db schema --json", schema);
  CLI::App* backup_command =
      add("backup", "Copy a database while it may be in use, and check the copy",
          "  argosy db backup /backups/ --database ledger\n  argosy db backup runs-before-cleaning.db", backup);
  backup_command->add_option("to", options->file, "a new file, or a folder")->required();
  CLI::App* restore_command = add("restore", "Bring a backup back; what is there now is set aside",
                                  "  argosy db restore /backups/runs-20261122T003000Z.db", restore);
  restore_command->add_option("backup", options->file, "a file that argosy db backup made")->required();
  for (CLI::App* command : {backup_command, restore_command})
    command->add_option("--database", options->database, "which one: runs or ledger")->capture_default_str();
  add("verify", "Look at everything the databases hold; 1 when something is wrong", "  argosy db verify --json",
      verify);
}

}  // namespace argosy::cli
