// The home: the folder that holds a user's configuration and lake. Made by `argosy init`.
//
//   home/config.yaml     settings, each with its text as a comment
//   home/lake/           bars and small tables (lake/lake.hpp)
//   home/runs.db         backtests and studies (ledger/runs_schema.hpp)
//   home/ledger.db       users, portfolios, services, orders, the journal (ledger/ledger_schema.hpp), unless
//                        trading.yaml names another place: cli/ledger_home.hpp
//   home/backups/        of the ledger, made from time to time
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "core/config.hpp"
#include "core/result.hpp"
#include "data/symbol_data.hpp"
#include "lake/lake.hpp"
#include "ledger/open.hpp"

namespace argosy::cli {

struct DataSettings {
  std::int64_t duckdb_threads = 0;
  std::int64_t grace_minutes = 60;
  std::int64_t lock_wait_seconds = 60;
  std::string default_exchange = "24/7";
};

struct LogSettings {
  std::string level = "warning";
  std::string file;
};

struct Settings {
  DataSettings data;
  LogSettings log;
};

// The sections of the configuration file, bound to `settings`.
[[nodiscard]] std::vector<core::ConfigSection> config_sections(Settings& settings);
// Reads home/config.yaml and the environment, and sets up the log. kNotFound, with the way out, when there is no home.
[[nodiscard]] core::Result<Settings> load_settings(const Globals& globals);
[[nodiscard]] lake::LakeOptions lake_options(const Globals& globals, const Settings& settings);
[[nodiscard]] core::Result<lake::Lake> open_lake(const Globals& globals);
[[nodiscard]] core::Result<lake::Snapshot> open_snapshot(const Globals& globals);

// The database of runs and studies (ledger/runs_schema.hpp), made at first use. `options.path` is set here.
[[nodiscard]] core::Result<std::unique_ptr<ledger::Database>> open_runs(const Globals& globals,
                                                                        ledger::OpenOptions options = {});
[[nodiscard]] std::string runs_path(const Globals& globals);

// A folder of what is shipped beside the program, "bars" or "formulas": of $ARGOSY_SAMPLES; of samples/ of the source
// tree the program was built in; of the share folder of an installation. Empty when there is none.
[[nodiscard]] std::string samples_folder(std::string_view name);

// The file behind a name: a path as it stands; otherwise NAME.yaml in the home's folder of this kind ("formulas",
// "fees"), or among what is shipped. kNotFound lists what there is.
[[nodiscard]] core::Result<std::string> named_file(const std::string& kind, const std::string& name,
                                                   const Globals& globals);
// A file that an option names: read, and noted or given by `globals.inputs` where there are some.
[[nodiscard]] core::Result<std::string> read_input(const std::string& path, const Globals& globals);
// The names known of a kind: the home's, then what is shipped.
[[nodiscard]] std::vector<std::string> known_names(const std::string& kind, const Globals& globals);

using data::parse_range;  // --from and --to

}  // namespace argosy::cli

template <>
struct argosy::core::RecordOf<argosy::cli::DataSettings> {
  using DataSettings = argosy::cli::DataSettings;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(DataSettings, duckdb_threads, .limits = {.minimum = 0, .maximum = 256},
                   .text = "threads that read and write Parquet files; 0: one a core"),
      ARGOSY_FIELD(DataSettings, grace_minutes, .unit = "minutes", .limits = {.minimum = 0, .maximum = 10080},
                   .text = "how long replaced files stay for readers that still use them"),
      ARGOSY_FIELD(DataSettings, lock_wait_seconds, .unit = "seconds", .limits = {.minimum = 0, .maximum = 3600},
                   .text = "how long a writer waits for another one"),
      ARGOSY_FIELD(
          DataSettings, default_exchange,
          .text = "calendar of imported symbols when --exchange is not given; argosy data calendar lists them"),
  };
  static constexpr RecordType kType{"data", "Where bars are kept", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::cli::LogSettings> {
  using LogSettings = argosy::cli::LogSettings;
  static constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(LogSettings, level, .limits = {.one_of = kLevels}, .text = "the least level that is written"),
      ARGOSY_FIELD(LogSettings, file, .text = "file the lines of JSON go to; empty: standard error"),
  };
  static constexpr RecordType kType{"log", "What the program writes about itself", kFields};
};
