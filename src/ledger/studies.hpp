// Studies and their trials: a search over settings, stored as it happens, so that it can go on after it was killed.
//
//   ARGOSY_TRY(const StudyRow study, database->write([&](Transaction& work) { return create_study(work, wanted); }));
//   ...                                                   // trials are gathered, and written once a second or so:
//   ARGOSY_TRY_VOID(database->write([&](Transaction& work) { return add_trials(work, gathered); }));
//   ARGOSY_TRY(const auto trials, database->read([&](Transaction& work) { return load_trials(work, study.study_id);
//   }));
//
// Doubles come back with the same bits, but that every NaN is one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/record.hpp"
#include "ledger/database.hpp"

namespace argosy::ledger {

// A study; texts named JSON are documents of whoever made it.
struct StudyRow {
  std::int64_t number = 0;  // by age; given by create_study
  std::string study_id;     // "s12-3fa9c1", given by create_study: sorts by age within equal lengths
  std::string name;         // one study has it
  std::string kind;         // strategy or model
  std::string state = "running";
  core::Timestamp created_at;
  std::optional<core::Timestamp> finished_at;
  std::int64_t seed = 0;
  std::string sampler;
  std::string pruner;
  std::string objectives = "[]";     // JSON
  std::string space = "{}";          // JSON
  std::string configuration = "{}";  // JSON: all else that decides what a trial gives
  std::string strategy_text;
  std::string data_hash;
  std::string code_version;
  std::optional<std::string> result_hash;  // once it is finished
  std::int64_t owner_id = 0;               // a user of the ledger, who had it searched; 0: the operator
};

enum class TrialState : std::uint8_t { kComplete, kPruned, kFailed, kInfeasible };
[[nodiscard]] std::string_view to_string(TrialState state);  // "complete", ...

struct TrialRow {
  std::string study_id;
  std::int64_t number = 0;  // from 0, given by the study
  TrialState state = TrialState::kComplete;
  std::string parameters = "{}";                              // JSON
  std::vector<double> values;                                 // one an objective
  std::vector<std::pair<std::int64_t, double>> intermediate;  // (resource, value), as they were reported
  std::vector<double> constraints;                            // above 0: violated
  std::string statistics = "{}";                              // JSON: what else was measured
  std::string engine;                                         // "kernel", "core", or nothing
  std::string result_hash;
  std::string note;  // why it failed or was pruned
  std::int64_t duration_ns = 0;
  core::Timestamp finished_at;
};

// Stores a study and returns it with its number and id. A name that is taken: kAlreadyExists.
[[nodiscard]] core::Result<StudyRow> create_study(Transaction& work, StudyRow study);
// By id, the beginning of one that only one has, or name. kNotFound, kInvalidArgument where several begin so.
[[nodiscard]] core::Result<StudyRow> find_study(Transaction& work, const std::string& id_or_name);
// Newest first.
[[nodiscard]] core::Result<std::vector<StudyRow>> list_studies(Transaction& work);
[[nodiscard]] core::Result<void> finish_study(Transaction& work, const std::string& study_id, core::Timestamp time,
                                              const std::string& result_hash);
// A finished study that is to go on: running, without a result.
[[nodiscard]] core::Result<void> resume_study(Transaction& work, const std::string& study_id);
// With all its trials.
[[nodiscard]] core::Result<void> remove_study(Transaction& work, const std::string& study_id);

// All or none. A number that the study has already: kConflict.
[[nodiscard]] core::Result<void> add_trials(Transaction& work, std::span<const TrialRow> trials);
// By number.
[[nodiscard]] core::Result<std::vector<TrialRow>> load_trials(Transaction& work, const std::string& study_id);
[[nodiscard]] core::Result<std::int64_t> count_trials(Transaction& work, const std::string& study_id);

// Reads every trial, and whether each finished study says what came of it. What is wrong, in words.
[[nodiscard]] core::Result<std::vector<std::string>> verify_studies(Transaction& work);

// A trial as it is stored: lists of numbers are JSON texts, in which an infinity is a text and NaN is null.
struct StoredTrial {
  std::string study_id;
  std::int64_t number = 0;
  std::string state;
  std::string parameters;
  std::string objective_values;
  std::string intermediate;
  std::string constraints;
  std::string statistics;
  std::string engine;
  std::string result_hash;
  std::string note;
  std::int64_t duration_ns = 0;
  core::Timestamp finished_at;
};

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::StudyRow> {
  using StudyRow = argosy::ledger::StudyRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(StudyRow, number, .text = "by age"),
      ARGOSY_FIELD(StudyRow, study_id, .text = "how it is called for: s12-3fa9c1"),
      ARGOSY_FIELD(StudyRow, name, .text = "its name; one study has it"),
      ARGOSY_FIELD(StudyRow, kind, .text = "strategy or model"),
      ARGOSY_FIELD(StudyRow, state, .text = "running or finished"),
      ARGOSY_FIELD(StudyRow, created_at, .text = "when it began"),
      ARGOSY_FIELD(StudyRow, finished_at, .text = "when it ended; null: not yet"),
      ARGOSY_FIELD(StudyRow, seed, .text = "of its random numbers"),
      ARGOSY_FIELD(StudyRow, sampler, .text = "what chose the settings"),
      ARGOSY_FIELD(StudyRow, pruner, .text = "what ended trials early"),
      ARGOSY_FIELD(StudyRow, objectives, .text = "JSON: what was sought"),
      ARGOSY_FIELD(StudyRow, space, .text = "JSON: the settings that there are"),
      ARGOSY_FIELD(StudyRow, configuration, .text = "JSON: all else that decides what a trial gives"),
      ARGOSY_FIELD(StudyRow, strategy_text, .text = "the strategy file"),
      ARGOSY_FIELD(StudyRow, data_hash, .text = "of the bars that were used"),
      ARGOSY_FIELD(StudyRow, code_version, .text = "of the program"),
      ARGOSY_FIELD(StudyRow, result_hash, .text = "of all trials; null: not finished"),
      ARGOSY_FIELD(StudyRow, owner_id, .text = "the user who had it searched; 0: the operator"),
  };
  static constexpr RecordType kType{"studies", "Searches over settings", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::StoredTrial> {
  using StoredTrial = argosy::ledger::StoredTrial;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(StoredTrial, study_id, .text = "of which study"),
      ARGOSY_FIELD(StoredTrial, number, .text = "within the study, from 0", .filterable = true),
      ARGOSY_FIELD(StoredTrial, state, .text = "complete, pruned, failed or infeasible", .filterable = true),
      ARGOSY_FIELD(StoredTrial, parameters, .text = "JSON: its settings"),
      ARGOSY_FIELD(StoredTrial, objective_values, .text = "JSON: a number an objective"),
      ARGOSY_FIELD(StoredTrial, intermediate, .text = "JSON: pairs of resource and value"),
      ARGOSY_FIELD(StoredTrial, constraints, .text = "JSON: numbers; above 0 is violated"),
      ARGOSY_FIELD(StoredTrial, statistics, .text = "JSON: what else was measured"),
      ARGOSY_FIELD(StoredTrial, engine, .text = "kernel, core, or nothing"),
      ARGOSY_FIELD(StoredTrial, result_hash, .text = "of its result"),
      ARGOSY_FIELD(StoredTrial, note, .text = "why it failed or was pruned"),
      ARGOSY_FIELD(StoredTrial, duration_ns, .unit = "ns", .text = "how long it took"),
      ARGOSY_FIELD(StoredTrial, finished_at, .text = "when it ended"),
  };
  static constexpr RecordType kType{"trials", "What a study tried", kFields};
};
