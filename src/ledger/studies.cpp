#include "ledger/studies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "core/hash.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "ledger/detail/identity.hpp"
#include "ledger/records.hpp"

namespace argosy::ledger {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::JsonWriter;
using core::Result;

namespace {

constexpr std::array kInteger = {ColumnType::kInteger};
constexpr std::array kStates = {TrialState::kComplete, TrialState::kPruned, TrialState::kFailed,
                                TrialState::kInfeasible};

// JSON has no infinities; they are written as texts.
void write_number(JsonWriter& json, double number) {
  if (number == std::numeric_limits<double>::infinity()) {
    json.value("inf");
  } else if (number == -std::numeric_limits<double>::infinity()) {
    json.value("-inf");
  } else {
    json.value(number);
  }
}

Result<double> read_number(const JsonValue& value) {
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (value.string() != nullptr && *value.string() == "inf") return std::numeric_limits<double>::infinity();
  if (value.string() != nullptr && *value.string() == "-inf") return -std::numeric_limits<double>::infinity();
  if (value.number() != nullptr) {
    if (const auto number = core::parse_double(value.number()->text)) return *number;
  }
  return fail(ErrorCode::kCorrupt, "a list of numbers holds something else");
}

std::string numbers_to_text(std::span<const double> numbers) {
  JsonWriter json;
  json.begin_array();
  for (const double number : numbers) write_number(json, number);
  json.end_array();
  return std::move(json).take();
}

Result<std::vector<double>> text_to_numbers(const std::string& text) {
  ARGOSY_TRY(const JsonValue json, core::parse_json(text));
  if (json.array() == nullptr) return fail(ErrorCode::kCorrupt, fmt::format("{} is no list of numbers", text));
  std::vector<double> numbers;
  for (const JsonValue& item : *json.array()) {
    ARGOSY_TRY(const double number, read_number(item));
    numbers.push_back(number);
  }
  return numbers;
}

std::string pairs_to_text(std::span<const std::pair<std::int64_t, double>> pairs) {
  JsonWriter json;
  json.begin_array();
  for (const auto& [resource, value] : pairs) {
    json.begin_array().value(resource);
    write_number(json, value);
    json.end_array();
  }
  json.end_array();
  return std::move(json).take();
}

Result<std::vector<std::pair<std::int64_t, double>>> text_to_pairs(const std::string& text) {
  ARGOSY_TRY(const JsonValue json, core::parse_json(text));
  const auto wrong = [&] { return fail(ErrorCode::kCorrupt, fmt::format("{} is no list of pairs", text)); };
  if (json.array() == nullptr) return wrong();
  std::vector<std::pair<std::int64_t, double>> pairs;
  for (const JsonValue& item : *json.array()) {
    if (item.array() == nullptr || item.array()->size() != 2 || item.array()->front().number() == nullptr)
      return wrong();
    const auto resource = core::parse_integer(item.array()->front().number()->text);
    if (!resource) return wrong();
    ARGOSY_TRY(const double value, read_number(item.array()->back()));
    pairs.emplace_back(*resource, value);
  }
  return pairs;
}

StoredTrial to_stored(const TrialRow& trial) {
  return {.study_id = trial.study_id,
          .number = trial.number,
          .state = std::string(to_string(trial.state)),
          .parameters = trial.parameters,
          .objective_values = numbers_to_text(trial.values),
          .intermediate = pairs_to_text(trial.intermediate),
          .constraints = numbers_to_text(trial.constraints),
          .statistics = trial.statistics,
          .engine = trial.engine,
          .result_hash = trial.result_hash,
          .note = trial.note,
          .duration_ns = trial.duration_ns,
          .finished_at = trial.finished_at};
}

Result<TrialRow> from_stored(StoredTrial stored) {
  TrialRow trial{.study_id = std::move(stored.study_id),
                 .number = stored.number,
                 .parameters = std::move(stored.parameters),
                 .statistics = std::move(stored.statistics),
                 .engine = std::move(stored.engine),
                 .result_hash = std::move(stored.result_hash),
                 .note = std::move(stored.note),
                 .duration_ns = stored.duration_ns,
                 .finished_at = stored.finished_at};
  const auto* state = std::ranges::find(kStates, stored.state, [](TrialState s) { return to_string(s); });
  if (state == kStates.end()) return fail(ErrorCode::kCorrupt, fmt::format("a trial's state is \"{}\"", stored.state));
  trial.state = *state;
  ARGOSY_TRY(trial.values, text_to_numbers(stored.objective_values));
  ARGOSY_TRY(trial.intermediate, text_to_pairs(stored.intermediate));
  ARGOSY_TRY(trial.constraints, text_to_numbers(stored.constraints));
  return trial;
}

Result<void> must_change(const Result<std::int64_t>& changed, const std::string& study_id) {
  if (!changed) return fail(changed.error());
  if (*changed == 1) return {};
  return fail(ErrorCode::kNotFound, fmt::format("there is no study \"{}\"", study_id));
}

}  // namespace

std::string_view to_string(TrialState state) {
  switch (state) {
    case TrialState::kComplete:
      return "complete";
    case TrialState::kPruned:
      return "pruned";
    case TrialState::kFailed:
      return "failed";
    case TrialState::kInfeasible:
      return "infeasible";
  }
  return "unknown";
}

Result<StudyRow> create_study(Transaction& work, StudyRow study) {
  ARGOSY_TRY(const auto same, select<StudyRow>(work, "WHERE name = :name", {study.name}));
  if (!same.empty()) {
    return fail(Error(ErrorCode::kAlreadyExists,
                      fmt::format("there is a study \"{}\" already: {}", study.name, same.front().study_id))
                    .with_hint("choose another name, or go on with that one"));
  }
  ARGOSY_TRY(study.number, detail::next_number(work, "studies"));
  study.study_id =
      detail::make_identity("s", study.number, {study.name, study.space, study.configuration, study.strategy_text});
  ARGOSY_TRY_VOID(insert<StudyRow>(work, {&study, 1}));
  return study;
}

Result<StudyRow> find_study(Transaction& work, const std::string& id_or_name) {
  ARGOSY_TRY(auto named, select<StudyRow>(work, "WHERE name = :name", {id_or_name}));
  if (!named.empty()) return std::move(named.front());
  ARGOSY_TRY(const std::string id, detail::find_identity(work, {"studies", "study_id", "study"}, id_or_name));
  ARGOSY_TRY(auto found, select<StudyRow>(work, "WHERE study_id = :study_id", {id}));
  return std::move(found.front());
}

Result<std::vector<StudyRow>> list_studies(Transaction& work) { return select<StudyRow>(work, "ORDER BY number DESC"); }

Result<void> finish_study(Transaction& work, const std::string& study_id, core::Timestamp time,
                          const std::string& result_hash) {
  return must_change(work.execute("UPDATE studies SET state = 'finished', finished_at = :finished_at, result_hash = "
                                  ":result_hash WHERE study_id = :study_id",
                                  {std::int64_t{time.time_since_epoch().count()}, result_hash, study_id}),
                     study_id);
}

Result<void> resume_study(Transaction& work, const std::string& study_id) {
  return must_change(work.execute("UPDATE studies SET state = 'running', finished_at = NULL, result_hash = NULL "
                                  "WHERE study_id = :study_id",
                                  {study_id}),
                     study_id);
}

Result<void> remove_study(Transaction& work, const std::string& study_id) {
  return must_change(work.execute("DELETE FROM studies WHERE study_id = :study_id", {study_id}), study_id);
}

Result<void> add_trials(Transaction& work, std::span<const TrialRow> trials) {
  std::vector<StoredTrial> stored;
  stored.reserve(trials.size());
  for (const TrialRow& trial : trials) stored.push_back(to_stored(trial));
  return insert<StoredTrial>(work, stored);
}

Result<std::vector<TrialRow>> load_trials(Transaction& work, const std::string& study_id) {
  ARGOSY_TRY(auto stored, select<StoredTrial>(work, "WHERE study_id = :study_id ORDER BY number", {study_id}));
  std::vector<TrialRow> trials;
  trials.reserve(stored.size());
  for (StoredTrial& one : stored) {
    ARGOSY_TRY(TrialRow trial, from_stored(std::move(one)));
    trials.push_back(std::move(trial));
  }
  return trials;
}

Result<std::int64_t> count_trials(Transaction& work, const std::string& study_id) {
  std::int64_t count = 0;
  ARGOSY_TRY_VOID(work.query("SELECT count(*) FROM trials WHERE study_id = :study_id", kInteger, {study_id},
                             [&](const Row& row) -> Result<void> {
                               count = row.integer(0);
                               return {};
                             }));
  return count;
}

Result<std::vector<std::string>> verify_studies(Transaction& work) {
  std::vector<std::string> found;
  ARGOSY_TRY(const auto studies, list_studies(work));
  for (const StudyRow& study : studies) {
    if ((study.state == "finished") != study.result_hash.has_value())
      found.push_back(fmt::format("study {} is {}, and its result does not fit that", study.study_id, study.state));
    if (const auto trials = load_trials(work, study.study_id); !trials)
      found.push_back(fmt::format("study {}: {}", study.study_id, trials.error().message));
  }
  return found;
}

}  // namespace argosy::ledger
