// argosy backup and argosy restore: a home's databases, configuration, strategies and the lake's manifest in one
// folder.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include "brokers/paper_store.hpp"
#include "cli/commands.hpp"
#include "cli/data_commands.hpp"
#include "cli/home.hpp"
#include "cli/ledger_file.hpp"
#include "cli/trading_home.hpp"
#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "lake/manifest.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/maintenance.hpp"
#include "ledger/runs_schema.hpp"

namespace argosy::cli {
namespace {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::JsonWriter;
using core::Result;

// A backup is a folder:
//   backup.json      what is in it, with sizes and SHA-256
//   ledger.db, paper.db, runs.db, config.yaml, trading.yaml, lake-manifest
//   strategies/, formulas/, fees/, limits/   the home's own files
// Bars are not in it: parts of the lake never change, and are copied by any tool.
constexpr std::string_view kList = "backup.json";
constexpr std::string_view kManifest = "lake-manifest";
constexpr std::int64_t kFormat = 1;
constexpr std::array kFolders = {"strategies", "formulas", "fees", "limits"};

const core::SystemClock kClock;

struct Options {
  std::string path;
};

struct Entry {
  std::string name;  // within the backup
  std::int64_t bytes = 0;
  std::string hash;
};

std::string stamp() {
  std::string text = core::format_rfc3339(std::chrono::floor<std::chrono::seconds>(kClock.now()));
  std::erase(text, '-');
  std::erase(text, ':');
  return text;
}

std::string free_name(const std::string& beginning) {
  std::string name = beginning;
  for (int number = 2; core::system_files().exists(name); ++number) name = fmt::format("{}-{}", beginning, number);
  return name;
}

// Where a file of a backup belongs in the home.
std::string home_path(const std::string& name, const Globals& globals) {
  return home_folder(globals) + "/" + (name == kManifest ? "lake/manifest" : name);
}

Result<Entry> describe(const std::string& folder, const std::string& name) {
  const std::string path = folder + "/" + name;
  std::ifstream file(path, std::ios::binary);
  core::Hasher hasher;
  Entry entry{.name = name};
  std::vector<char> block(1 << 20);
  while (file.good()) {
    file.read(block.data(), std::ssize(block));
    hasher.update(std::string_view(block.data(), static_cast<std::size_t>(file.gcount())));
    entry.bytes += file.gcount();
  }
  if (!file.eof()) return fail(Error(ErrorCode::kIo, "cannot be read").at(path));
  entry.hash = hasher.finish();
  return entry;
}

// --- Backup. ---

Result<void> copy_text(const std::string& from, const std::string& to) {
  ARGOSY_TRY(const std::string text, core::system_files().read(from));
  return core::system_files().write_atomic(to, text);
}

Result<void> copy_database(const std::string& to, const ledger::Location& location, const ledger::Schema& schema,
                           std::vector<std::string>& names) {
  core::Files& files = core::system_files();
  ARGOSY_TRY(const bool exists, ledger::database_exists(location, schema, files));
  if (!exists) return {};
  names.push_back(fmt::format("{}.db", schema.name));
  const std::string copy = to + "/" + names.back();
  // A unit of work that met a busy database runs again.
  if (files.exists(copy)) ARGOSY_TRY_VOID(files.remove(copy));
  ARGOSY_TRY_VOID(ledger::back_up(location, copy, schema, files, kClock));
  return {};
}

// The ledger and the paper broker's books so that they fit. Both are copied within one unit of work of the ledger: an
// order leaves only when it is written there, so the broker's copy knows of none that the ledger's does not. What it
// says of the others may be newer, and is asked for when trading begins again.
Result<std::vector<std::string>> copy_trading(const std::string& to, const ledger::Location& ledger,
                                              const Globals& globals) {
  core::Files& files = core::system_files();
  const ledger::Schema& schema = ledger::ledger_schema();
  const auto copy = [&]() -> Result<std::vector<std::string>> {
    std::vector<std::string> names;
    ARGOSY_TRY_VOID(copy_database(to, ledger, schema, names));
    ARGOSY_TRY_VOID(copy_database(to, paper_path(globals), brokers::paper_schema(), names));
    return names;
  };
  ARGOSY_TRY(const bool exists, ledger::database_exists(ledger, schema, files));
  if (!exists) return copy();
  ARGOSY_TRY(const std::int64_t version, ledger::stored_version(ledger, schema));
  // Nothing of this program trades with a ledger of another version.
  if (version != std::ssize(schema.migrations)) return copy();
  ARGOSY_TRY(const auto database, ledger::open_database({.path = ledger.path,
                                                         .password = ledger.password,
                                                         .missing = ledger::Missing::kFail,
                                                         .outdated = ledger::Outdated::kFail,
                                                         .checked_bytes = 0},
                                                        schema, files, kClock));
  return database->write([&](ledger::Transaction&) { return copy(); });
}

// Copies what the home has; returns the names.
Result<std::vector<std::string>> copy_home(const std::string& to, const Globals& globals) {
  core::Files& files = core::system_files();
  ARGOSY_TRY(const ledger::Location ledger, ledger_location(globals));
  ARGOSY_TRY(std::vector<std::string> names, copy_trading(to, ledger, globals));
  ARGOSY_TRY_VOID(copy_database(to, runs_path(globals), ledger::runs_schema(), names));
  for (const std::string& name : {std::string("config.yaml"), std::string("trading.yaml"), std::string(kManifest)}) {
    if (!files.exists(home_path(name, globals))) continue;
    ARGOSY_TRY_VOID(copy_text(home_path(name, globals), to + "/" + name));
    names.push_back(name);
  }
  for (const std::string folder : kFolders) {
    if (!files.exists(home_path(folder, globals))) continue;
    ARGOSY_TRY(const auto entries, files.list(home_path(folder, globals)));
    ARGOSY_TRY_VOID(files.make_folders(to + "/" + folder));
    for (const core::FileInfo& entry : entries) {
      if (entry.is_folder || !entry.name.ends_with(".yaml")) continue;
      const std::string name = folder + "/" + entry.name;
      ARGOSY_TRY_VOID(copy_text(home_path(name, globals), to + "/" + name));
      names.push_back(name);
    }
  }
  return names;
}

Result<void> write_list(const std::string& folder, const std::vector<std::string>& names, const Globals& globals) {
  JsonWriter json(2);
  json.begin_object().key("format").value(kFormat).key("program").value(globals.version);
  json.key("made_at").value(format_seconds(kClock.now())).key("files").begin_array();
  for (const std::string& name : names) {
    ARGOSY_TRY(const Entry entry, describe(folder, name));
    json.begin_object().key("name").value(name).key("bytes").value(entry.bytes);
    json.key("sha256").value(entry.hash).end_object();
  }
  json.end_array().end_object();
  return core::system_files().write_atomic(folder + "/" + std::string(kList), std::move(json).take() + "\n");
}

Result<void> backup(const Options& options, const Globals& globals) {
  ARGOSY_TRY_VOID(load_settings(globals));
  core::Files& files = core::system_files();
  std::string target = options.path;
  while (target.size() > 1 && target.ends_with('/')) target.pop_back();
  const auto info = files.info(target);
  if (info && !info->is_folder) {
    return fail(Error(ErrorCode::kAlreadyExists, "a file of this name is there already")
                    .with_hint("backups replace nothing: give another name, or a folder")
                    .at(target));
  }
  if (info || options.path.ends_with('/')) {
    ARGOSY_TRY_VOID(files.make_folders(target));
    target = free_name(target + "/argosy-" + stamp());
  }
  // Made aside and named when it is whole.
  const std::string part = free_name(target + ".part");
  ARGOSY_TRY_VOID(files.make_folders(part));
  ARGOSY_TRY(const std::vector<std::string> names, copy_home(part, globals));
  ARGOSY_TRY_VOID(write_list(part, names, globals));
  ARGOSY_TRY_VOID(files.sync_and_rename(part, target));
  if (!globals.json) return print(fmt::format("{}: {}, checked\n", target, count_of(std::ssize(names), "file")));
  JsonWriter json(2);
  json.begin_object().key("backup").value(target).key("files").begin_array();
  for (const std::string& name : names) json.value(name);
  return print(std::move(json.end_array().end_object()).take() + "\n");
}

// --- Restore. ---

// Reads the list of a backup and compares each file with it.
Result<std::vector<Entry>> read_backup(const std::string& folder) {
  const std::string path = folder + "/" + std::string(kList);
  if (!core::system_files().exists(path)) {
    return fail(Error(ErrorCode::kNotFound, "this is no backup of a home")
                    .with_hint("name a folder that argosy backup made; a database alone: argosy db restore")
                    .at(folder));
  }
  ARGOSY_TRY(const std::string text, core::system_files().read(path));
  const auto corrupt = [&](const std::string& what) {
    return fail(Error(ErrorCode::kCorrupt, what).with_hint("take another backup").at(path));
  };
  const auto list = core::parse_json(text);
  if (!list) return corrupt(list.error().message);
  const core::JsonValue* format = list->find("format");
  const core::JsonValue* files = list->find("files");
  if (format == nullptr || format->number() == nullptr || files == nullptr || files->array() == nullptr)
    return corrupt("this is not the list of a backup");
  if (format->number()->text != fmt::to_string(kFormat)) {
    return fail(Error(ErrorCode::kUnsupported,
                      fmt::format("the backup has format {}, this program knows {}", format->number()->text, kFormat))
                    .with_hint("use the newer program that made it")
                    .at(path));
  }
  std::vector<Entry> entries;
  for (const core::JsonValue& file : *files->array()) {
    const core::JsonValue* name = file.find("name");
    const core::JsonValue* hash = file.find("sha256");
    if (name == nullptr || name->string() == nullptr || hash == nullptr || hash->string() == nullptr ||
        name->string()->contains("..") || name->string()->starts_with('/'))
      return corrupt("this is not the list of a backup");
    ARGOSY_TRY(Entry found, describe(folder, *name->string()));
    if (found.hash != *hash->string()) return corrupt(fmt::format("{} is not what was backed up", *name->string()));
    entries.push_back(std::move(found));
  }
  return entries;
}

struct Restored {
  std::string name;
  std::string set_aside;  // empty: nothing was there, or the same
  std::string kept;       // why the home's own stays; empty: restored
};

Result<Restored> restore_text(const std::string& folder, const std::string& name, const Globals& globals) {
  core::Files& files = core::system_files();
  const std::string path = home_path(name, globals);
  ARGOSY_TRY(const std::string text, files.read(folder + "/" + name));
  Restored done{.name = name};
  if (files.exists(path)) {
    ARGOSY_TRY(const std::string there, files.read(path));
    if (there == text) return done;
    done.set_aside = free_name(path + ".before-" + stamp());
    ARGOSY_TRY_VOID(files.write_atomic(done.set_aside, there));
  }
  ARGOSY_TRY_VOID(files.make_folders(std::filesystem::path(path).parent_path().string()));
  ARGOSY_TRY_VOID(files.write_atomic(path, text));
  return done;
}

// The manifest names files of the lake: it is put back where all of them are there.
Result<Restored> restore_manifest(const std::string& folder, const Globals& globals) {
  core::Files& files = core::system_files();
  const std::string from = folder + "/" + std::string(kManifest);
  const std::string lake = home_folder(globals) + "/lake";
  ARGOSY_TRY(const std::string text, files.read(from));
  ARGOSY_TRY(const lake::Manifest manifest, lake::parse_manifest(text, from));
  ARGOSY_TRY_VOID(files.make_folders(lake));
  ARGOSY_TRY(const auto lock, files.lock(lake + "/writer.lock", std::chrono::seconds(10)));
  std::size_t missing = 0;
  for (const lake::BarFile& file : manifest.files) missing += files.exists(lake + "/" + file.path) ? 0 : 1;
  for (const auto& [name, file] : manifest.tables) missing += files.exists(lake + "/" + file.path) ? 0 : 1;
  if (missing == 0) return restore_text(folder, std::string(kManifest), globals);
  return Restored{.name = std::string(kManifest),
                  .kept = fmt::format("{} of the files that it names are not in {}: bring that folder back, or import "
                                      "the bars again",
                                      missing, lake)};
}

Result<Restored> restore_entry(const std::string& folder, const std::string& name, const ledger::Location& ledger,
                               const Globals& globals) {
  if (name == kManifest) return restore_manifest(folder, globals);
  if (name != "ledger.db" && name != "paper.db" && name != "runs.db") return restore_text(folder, name, globals);
  const std::string from = folder + "/" + name;
  ledger::RestoreReport report;
  if (name == "ledger.db") {
    ARGOSY_TRY(report, restore_locked_ledger(from, ledger));
  } else if (name == "paper.db") {
    // Who has the ledger's lock is the only one that may use it.
    ARGOSY_TRY(report,
               ledger::restore(from, paper_path(globals), brokers::paper_schema(), core::system_files(), kClock));
  } else {
    ARGOSY_TRY(report, ledger::restore(from, runs_path(globals), ledger::runs_schema(), core::system_files(), kClock));
  }
  return Restored{.name = name, .set_aside = report.set_aside};
}

Result<void> restore(const Options& options, const Globals& globals) {
  std::string folder = options.path;
  if (folder.ends_with("/" + std::string(kList))) folder.resize(folder.size() - kList.size() - 1);
  ARGOSY_TRY(const std::vector<Entry> entries, read_backup(folder));
  ARGOSY_TRY_VOID(core::system_files().make_folders(home_folder(globals)));
  // Where the ledger is once the backup's configuration is in force.
  const std::string config = "trading.yaml";
  const bool has_config = std::ranges::find(entries, config, &Entry::name) != entries.end();
  ARGOSY_TRY(const ledger::Location ledger,
             has_config ? backed_up_ledger_location(folder + "/" + config, globals) : ledger_location(globals));
  ARGOSY_TRY(const auto lock, lock_ledger(ledger));
  std::string text;
  JsonWriter json(2);
  json.begin_object().key("backup").value(folder).key("files").begin_array();
  for (const Entry& entry : entries) {
    ARGOSY_TRY(const Restored done, restore_entry(folder, entry.name, ledger, globals));
    json.begin_object().key("name").value(done.name).key("restored").value(done.kept.empty());
    if (!done.set_aside.empty()) json.key("set_aside").value(done.set_aside);
    if (!done.kept.empty()) json.key("kept").value(done.kept);
    json.end_object();
    if (!done.kept.empty()) {
      text += fmt::format("{}: left as it is, since {}\n", done.name, done.kept);
    } else {
      text += fmt::format("{}: restored{}\n", done.name,
                          done.set_aside.empty() ? "" : "; what was there lies at " + done.set_aside);
    }
  }
  return print(globals.json ? std::move(json.end_array().end_object()).take() + "\n" : text);
}

}  // namespace

void add_backup(CLI::App& parent, Globals& globals) {
  const auto add = [&](const char* name, const char* text, const char* examples, const char* option,
                       const char* option_text, Result<void> (*work)(const Options&, const Globals&)) {
    auto options = std::make_shared<Options>();
    CLI::App* command = parent.add_subcommand(name, text);
    add_common_options(*command, globals);
    command->footer(std::string("Examples:\n") + examples);
    command->add_option(option, options->path, option_text)->required();
    command->callback([options, work, &globals] { run_command([&] { return work(*options, globals); }); });
  };
  add("backup", "Copy the home's databases, configuration, strategies and the lake's manifest, while in use or not",
      "  argosy backup /backups/\n  argosy backup before-the-change", "to",
      "a folder, in which the backup is named by the time, or a new name", backup);
  add("restore", "Bring a backup of the home back; what is there now is set aside",
      "  argosy restore /backups/argosy-20261122T003000Z", "backup", "what argosy backup made", restore);
}

}  // namespace argosy::cli
