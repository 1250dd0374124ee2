// What may be run as a job: a table of types, each with the parameters that it takes and the command of this program
// that it becomes.
//
//   auto checked = check_parameters("backtest", json);          // before it is posted: every mistake at once
//   ARGOSY_TRY(const JobCommand command, make_command(job, places));   // by the worker, when its turn has come
//
// Parameters come from users. None of them can become an option or a path that it was not meant to be: each is checked,
// stands behind its option's name ("--from=2024-01-01") and is read by no shell; strategies are named, not pathed, and
// files to import lie in one folder.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.hpp"
#include "core/json.hpp"
#include "core/record.hpp"
#include "core/result.hpp"
#include "ledger/database.hpp"
#include "ledger/jobs.hpp"

namespace argosy::jobs {

// Of backtests and studies; which of them a type takes is said by its record.
struct StrategyParameters {
  bool quick = false;
  std::string strategy;                 // stored, or a file of the home's folder or of the samples: its name
  std::optional<std::int64_t> version;  // of a stored one; none: the newest
  std::vector<std::string> symbols;
  std::string universe;
  std::string timeframe;
  std::string from;
  std::string to;
  std::string cash;
  std::string currency;
  std::vector<std::string> set;
  std::string fees;
  std::string slippage;
  std::string latency;
  std::string prices;
  std::optional<std::int64_t> seed;
  std::string study;
  std::vector<std::string> objectives;
  std::vector<std::string> constraints;
  std::string sampler;
  std::string pruner;
  std::optional<std::int64_t> trials;
  std::optional<std::int64_t> workers;
  std::string walk_forward;
  bool anchored = false;
  std::string cv;
};

struct ImportParameters {
  std::string file;  // within the folder of imports
  std::string timeframe;
  std::string symbol;
  std::string exchange;
  std::string timezone;
  std::vector<std::string> columns;
  std::string source;
  bool strict = false;
};

struct BackupParameters {
  std::string note;
};

struct JobType {
  std::string_view name;
  std::string_view text;
  const core::RecordType* parameters = nullptr;
  bool is_for_admins = false;  // it changes what all users share
  std::int64_t most_seconds = 3'600;
  std::int64_t most_attempts = 3;
};

[[nodiscard]] std::span<const JobType> job_types();
// kNotFound with 'did you mean'.
[[nodiscard]] core::Result<const JobType*> find_job_type(std::string_view name);

// The parameters as they are stored, with every member in one order; or all that is wrong with them.
[[nodiscard]] std::expected<std::string, std::vector<core::Error>> check_parameters(std::string_view type,
                                                                                    const core::JsonValue& parameters);

// A stored strategy's text names files by their names only: its owner may not be the one whose machine this is.
[[nodiscard]] core::Result<void> check_stored_text(const std::string& text, const std::string& name);

// Where commands find what parameters name. Folders are absolute paths.
struct JobPlaces {
  std::string program;                        // the file that is run
  std::string home;                           //
  std::string imports;                        // files to import
  std::string backups;                        //
  std::vector<std::string> strategy_folders;  // files of strategies, the first that has one counts
  std::string scratch;                        // what children read and is removed after them
  core::Files* files = nullptr;
  ledger::Database* ledger = nullptr;  // stored strategies
};

// Where a child finds the number of the user for whom it works.
inline constexpr const char* kOwnerVariable = "ARGOSY_JOB_OWNER";

struct JobCommand {
  std::vector<std::string> command;           // the program and its arguments
  std::vector<std::string> scratch = {};      // files to be removed when it has ended
  std::vector<std::string> environment = {};  // "NAME=value", besides that of all children
};

// The command of a job whose turn has come. Errors say that it can never be run so (an unknown type, a strategy that is
// not there, a file outside of the folder); one that is retryable says that it could not be found out.
[[nodiscard]] core::Result<JobCommand> make_command(const ledger::JobRow& job, const JobPlaces& places);

}  // namespace argosy::jobs

template <>
struct argosy::core::RecordOf<argosy::jobs::StrategyParameters> {
  using P = argosy::jobs::StrategyParameters;
  static constexpr FieldLimits kShort{.maximum_length = 100};
  static constexpr std::string_view kPrices[] = {"", "adjusted", "raw"};
  static constexpr std::string_view kSamplers[] = {"", "grid", "random", "sobol", "tpe", "cma_es"};
  static constexpr std::string_view kPruners[] = {"", "none", "median", "successive_halving", "asha", "hyperband"};
  static constexpr std::string_view kCrossValidations[] = {"", "cpcv"};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(P, quick, .text = "leave out what tells luck from skill"),
      ARGOSY_FIELD(P, strategy, .limits = kShort, .text = "name of a stored strategy, or of a file", .required = true),
      ARGOSY_FIELD(P, version, .limits = {.minimum = 1}, .text = "of a stored strategy; none: the newest"),
      ARGOSY_FIELD(P, symbols, .text = "to trade; none: those of its file"),
      ARGOSY_FIELD(P, universe, .limits = kShort, .text = "instead of symbols"),
      ARGOSY_FIELD(P, timeframe, .limits = {.maximum_length = 10}, .text = "length of a bar"),
      ARGOSY_FIELD(P, from, .limits = {.maximum_length = 40}, .text = "first bar"),
      ARGOSY_FIELD(P, to, .limits = {.maximum_length = 40}, .text = "last bar"),
      ARGOSY_FIELD(P, cash, .limits = {.maximum_length = 30}, .text = "at the start"),
      ARGOSY_FIELD(P, currency, .limits = {.maximum_length = 3}, .text = "of the account"),
      ARGOSY_FIELD(P, set, .text = "parameters: fast=20"),
      ARGOSY_FIELD(P, fees, .limits = kShort, .text = "a preset, free, percent:X or per_share:X"),
      ARGOSY_FIELD(P, slippage, .limits = kShort, .text = "none, fixed:0.01, percent:0.05, ..."),
      ARGOSY_FIELD(P, latency, .limits = kShort, .text = "bars:1 or ms:250"),
      ARGOSY_FIELD(P, prices, .limits = {.one_of = kPrices}, .text = "adjusted or raw"),
      ARGOSY_FIELD(P, seed, .limits = {.minimum = 0}, .text = "of all that is drawn at random"),
      ARGOSY_FIELD(P, study, .limits = kShort, .text = "its name; the same one goes on where it was"),
      ARGOSY_FIELD(P, objectives, .text = "sharpe, calmar, min:volatility, ..."),
      ARGOSY_FIELD(P, constraints, .text = "what the best must meet: trades >= 30"),
      ARGOSY_FIELD(P, sampler, .limits = {.one_of = kSamplers}, .text = "what chooses settings"),
      ARGOSY_FIELD(P, pruner, .limits = {.one_of = kPruners}, .text = "what gives up early"),
      ARGOSY_FIELD(P, trials, .limits = {.minimum = 1, .maximum = 1'000'000}, .text = "how many settings to try"),
      ARGOSY_FIELD(P, workers, .limits = {.minimum = 1, .maximum = 64}, .text = "threads; none: 1"),
      ARGOSY_FIELD(P, walk_forward, .limits = {.maximum_length = 20}, .text = "3y/1y"),
      ARGOSY_FIELD(P, anchored, .text = "every training of the walk begins with the first bar"),
      ARGOSY_FIELD(P, cv, .limits = {.one_of = kCrossValidations}, .text = "cpcv"),
  };
  // All but the first are of a study, all but the last ten of a backtest.
  static constexpr RecordType kType{"optimize", "Search the parameters of a strategy", std::span(kFields).subspan(1)};
  static constexpr RecordType kBacktest{"backtest", "Trade a strategy over stored bars",
                                        std::span(kFields).first(std::size(kFields) - 10)};
};

template <>
struct argosy::core::RecordOf<argosy::jobs::ImportParameters> {
  using P = argosy::jobs::ImportParameters;
  static constexpr std::string_view kSources[] = {"", "REAL_TIME", "DELAYED", "SIMULATED", "HISTORICAL"};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(P, file, .limits = {.maximum_length = 200}, .text = "in the home's folder imports",
                   .required = true),
      ARGOSY_FIELD(P, timeframe, .limits = {.maximum_length = 10}, .text = "length of its bars", .required = true),
      ARGOSY_FIELD(P, symbol, .limits = {.maximum_length = 20}, .text = "of all its bars"),
      ARGOSY_FIELD(P, exchange, .limits = {.maximum_length = 20}, .text = "whose calendar the symbol follows"),
      ARGOSY_FIELD(P, timezone, .limits = {.maximum_length = 60}, .text = "of times written without one"),
      ARGOSY_FIELD(P, columns, .text = "which column is which: time=When"),
      ARGOSY_FIELD(P, source, .limits = {.one_of = kSources}, .text = "of its prices"),
      ARGOSY_FIELD(P, strict, .text = "quarantine odd rows too"),
  };
  static constexpr RecordType kType{"import", "Import bars from a file of the home's folder imports", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::jobs::BackupParameters> {
  using P = argosy::jobs::BackupParameters;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(P, note, .limits = {.maximum_length = 200}, .text = "why it is made"),
  };
  static constexpr RecordType kType{"backup", "Back up the whole home", kFields};
};
