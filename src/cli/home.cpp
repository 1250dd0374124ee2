#include "cli/home.hpp"

#include <fmt/format.h>

#include <atomic>
#include <filesystem>

#include "cli/input_files.hpp"
#include "cli/instruments.hpp"
#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "ledger/runs_schema.hpp"
#include "market/bar.hpp"

namespace argosy::cli {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

std::vector<core::ConfigSection> config_sections(Settings& settings) {
  return {core::section("data", settings.data), core::section("log", settings.log)};
}

Result<Settings> load_settings(const Globals& globals) {
  const std::string path = home_folder(globals) + "/config.yaml";
  if (!core::system_files().exists(path)) {
    return fail(
        Error(ErrorCode::kNotFound, fmt::format("there is no Argosy home at {}", home_folder(globals)))
            .with_hint("make one: argosy init" + (globals.home.empty() ? std::string() : " --home " + globals.home)));
  }
  ARGOSY_TRY(const std::string text, core::system_files().read(path));
  Settings settings;
  const auto sections = config_sections(settings);
  ARGOSY_TRY_VOID(core::load_config(text, path, core::system_environment(), sections));
  constexpr std::pair<std::string_view, core::LogLevel> kLevels[] = {{"debug", core::LogLevel::kDebug},
                                                                     {"info", core::LogLevel::kInfo},
                                                                     {"warning", core::LogLevel::kWarning},
                                                                     {"error", core::LogLevel::kError}};
  core::LogSettings log{.file = settings.log.file};
  for (const auto& [name, level] : kLevels) {
    if (settings.log.level == name) log.level = level;
  }
  // Once: a process that runs on reads its settings again on several threads, and may log elsewhere by then.
  static std::atomic<bool> is_configured = false;
  if (!is_configured.exchange(true)) ARGOSY_TRY_VOID(core::configure_log(log));
  return settings;
}

lake::LakeOptions lake_options(const Globals& globals, const Settings& settings) {
  return {.folder = home_folder(globals) + "/lake",
          .duckdb_threads = static_cast<int>(settings.data.duckdb_threads),
          .grace = std::chrono::minutes(settings.data.grace_minutes),
          .lock_wait = std::chrono::seconds(settings.data.lock_wait_seconds)};
}

Result<lake::Lake> open_lake(const Globals& globals) {
  ARGOSY_TRY(const Settings settings, load_settings(globals));
  static const core::SystemClock clock;
  if (instruments_are_pending(globals)) ARGOSY_TRY_VOID(mend_instruments(lake_options(globals, settings), globals));
  return lake::Lake::open(lake_options(globals, settings), core::system_files(), clock);
}

Result<lake::Snapshot> open_snapshot(const Globals& globals) {
  ARGOSY_TRY(const lake::Lake lake, open_lake(globals));
  return lake.snapshot();
}

std::vector<std::string> known_names(const std::string& kind, const Globals& globals) {
  std::vector<std::string> names;
  for (const std::string& folder : {home_folder(globals) + "/" + kind, samples_folder(kind)}) {
    const auto entries = core::system_files().list(folder);
    if (!entries) continue;
    for (const core::FileInfo& entry : *entries) {
      if (entry.name.ends_with(".yaml")) names.push_back(entry.name.substr(0, entry.name.size() - 5));
    }
  }
  return names;
}

Result<std::string> named_file(const std::string& kind, const std::string& name, const Globals& globals) {
  if (name.contains('/') || name.ends_with(".yaml")) return name;
  const std::string noted = kind + "/" + name;
  if (globals.inputs && globals.inputs->is_stored()) {
    if (auto path = globals.inputs->find_name(noted)) return *std::move(path);
    return fail(ErrorCode::kCorrupt, fmt::format("which file \"{}\" was is not stored", noted));
  }
  for (const std::string& folder : {home_folder(globals) + "/" + kind, samples_folder(kind)}) {
    std::string path = folder + "/" + name + ".yaml";
    if (!core::system_files().exists(path)) continue;
    if (globals.inputs) globals.inputs->note_name(noted, path);
    return path;
  }
  const std::vector<std::string> known = known_names(kind, globals);
  const std::vector<std::string_view> words(known.begin(), known.end());
  return fail(Error(ErrorCode::kNotFound,
                    fmt::format("there are no {} called \"{}\".{}", kind, name, core::did_you_mean(name, words)))
                  .with_hint(fmt::format("there are {}; or give the path of a file", core::join(known, ", "))));
}

Result<std::string> read_input(const std::string& path, const Globals& globals) {
  return globals.inputs ? globals.inputs->read(path) : core::system_files().read(path);
}

std::string runs_path(const Globals& globals) { return home_folder(globals) + "/runs.db"; }

Result<std::unique_ptr<ledger::Database>> open_runs(const Globals& globals, ledger::OpenOptions options) {
  ARGOSY_TRY_VOID(load_settings(globals));
  static const core::SystemClock clock;
  options.path = runs_path(globals);
  return ledger::open_database(options, ledger::runs_schema(), core::system_files(), clock);
}

std::string samples_folder(std::string_view name) {
  namespace fs = std::filesystem;
  std::vector<fs::path> places;
  if (const auto place = core::system_environment()("ARGOSY_SAMPLES"); place && !place->empty())
    places.emplace_back(*place);
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const char* near : {"../../samples", "../share/argosy/samples", "samples"}) places.push_back(program / near);
  for (const fs::path& place : places) {
    if (fs::exists(place / "bars" / "instruments.csv", ignored))
      return fs::weakly_canonical(place / name, ignored).string();
  }
  return {};
}

}  // namespace argosy::cli
