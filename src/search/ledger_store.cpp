#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "core/text.hpp"
#include "search/study_store.hpp"

namespace argosy::search {
namespace {

using core::ErrorCode;
using core::Result;

std::string fact_of(std::span<const Fact> facts, std::string_view name) {
  const auto found = std::ranges::find(facts, name, &Fact::name);
  return found == facts.end() ? "" : found->value;
}

std::string to_json(std::span<const Fact> facts) {
  core::JsonWriter json;
  json.begin_object();
  for (const Fact& fact : facts) json.key(fact.name).value(std::string_view(fact.value));
  return std::move(json.end_object()).take();
}

Result<std::vector<Fact>> parse_facts(const std::string& text) {
  ARGOSY_TRY(const core::JsonValue root, core::parse_json(text));
  std::vector<Fact> facts;
  if (root.object() == nullptr) return core::fail(ErrorCode::kCorrupt, "its configuration is no object");
  for (const auto& [name, value] : *root.object()) {
    if (value.string() == nullptr) return core::fail(ErrorCode::kCorrupt, "its configuration holds more than texts");
    facts.push_back({name, *value.string()});
  }
  return facts;
}

ledger::TrialState to_row(TrialState state) {
  switch (state) {
    case TrialState::kComplete:
      return ledger::TrialState::kComplete;
    case TrialState::kPruned:
      return ledger::TrialState::kPruned;
    case TrialState::kInfeasible:
      return ledger::TrialState::kInfeasible;
    default:
      return ledger::TrialState::kFailed;
  }
}

TrialState from_row(ledger::TrialState state) {
  switch (state) {
    case ledger::TrialState::kComplete:
      return TrialState::kComplete;
    case ledger::TrialState::kPruned:
      return TrialState::kPruned;
    case ledger::TrialState::kInfeasible:
      return TrialState::kInfeasible;
    default:
      return TrialState::kFailed;
  }
}

Result<Trial> from_row(ledger::TrialRow row, const Space& space) {
  Trial trial;
  trial.number = row.number;
  ARGOSY_TRY(trial.setting, space.from_json(row.parameters));
  trial.state = from_row(row.state);
  trial.values = std::move(row.values);
  trial.constraints = std::move(row.constraints);
  for (const auto& [resource, value] : row.intermediate) trial.intermediates.push_back({resource, value});
  trial.statistics = std::move(row.statistics);
  trial.engine = std::move(row.engine);
  trial.result_hash = std::move(row.result_hash);
  trial.error = std::move(row.note);
  trial.duration = core::Duration(row.duration_ns);
  return trial;
}

class LedgerStore final : public StudyStore {
 public:
  LedgerStore(ledger::Database& database, ledger::StudyRow study, const core::Clock& clock)
      : database_(&database), study_(std::move(study)), clock_(&clock) {}

  Result<std::optional<StoredStudy>> load(const Space& space) override;
  Result<void> create(std::span<const Fact> facts, const Space& space) override;
  Result<void> append(std::span<const Trial> trials, const Space& space) override;
  Result<void> finish(std::string_view result_hash) override;
  std::string id() const override { return study_.study_id; }

 private:
  // An error of what is stored, with the study it is of.
  [[nodiscard]] core::Error corrupt(const core::Error& error) const {
    return core::Error(ErrorCode::kCorrupt, fmt::format("the stored study \"{}\": {}", study_.name, error.describe()))
        .with_hint("run `argosy db verify`, or give this study another name")
        .at(database_->name());
  }

  ledger::Database* database_;
  ledger::StudyRow study_;
  const core::Clock* clock_;
};

// Settings are read only when the space is the stored one: another space could not read them, and the study is refused
// for it anyway.
Result<std::optional<StoredStudy>> LedgerStore::load(const Space& space) {
  auto found = database_->read([&](ledger::Transaction& work) { return ledger::find_study(work, study_.name); });
  // A name may also look like the beginning of no id, or of several.
  if (!found && (found.error().code == ErrorCode::kNotFound || found.error().code == ErrorCode::kInvalidArgument)) {
    return std::nullopt;
  }
  if (!found) return core::fail(std::move(found).error());
  if (found->name != study_.name) return std::nullopt;  // it was found by the beginning of its id
  // The operator may go on with anybody's.
  if (study_.owner_id != 0 && found->owner_id != study_.owner_id)
    return core::fail(core::Error(ErrorCode::kAlreadyExists, fmt::format("the name \"{}\" is taken", study_.name))
                          .with_hint("give the study another name"));
  study_ = *std::move(found);
  StoredStudy stored;
  auto facts = parse_facts(study_.configuration);
  if (!facts) return core::fail(corrupt(facts.error()));
  stored.facts = *std::move(facts);
  if (fact_of(stored.facts, "space") != space.describe()) return stored;
  ARGOSY_TRY(auto rows,
             database_->read([&](ledger::Transaction& work) { return ledger::load_trials(work, study_.study_id); }));
  for (ledger::TrialRow& row : rows) {
    auto trial = from_row(std::move(row), space);
    if (!trial) return core::fail(corrupt(trial.error()));
    stored.trials.push_back(*std::move(trial));
  }
  return stored;
}

Result<void> LedgerStore::create(std::span<const Fact> facts, const Space& space) {
  study_.created_at = clock_->now();
  study_.seed = core::parse_integer(fact_of(facts, "seed")).value_or(0);
  study_.sampler = fact_of(facts, "sampler");
  study_.pruner = fact_of(facts, "pruner");
  core::JsonWriter objectives;
  objectives.begin_array();
  for (const std::string_view objective : core::split(fact_of(facts, "objectives"), ',')) {
    objectives.value(core::trim(objective));
  }
  study_.objectives = std::move(objectives.end_array()).take();
  study_.space = space.describe();
  study_.configuration = to_json(facts);
  ARGOSY_TRY(study_, database_->write([&](ledger::Transaction& work) { return ledger::create_study(work, study_); }));
  return {};
}

Result<void> LedgerStore::append(std::span<const Trial> trials, const Space& space) {
  std::vector<ledger::TrialRow> rows;
  for (const Trial& trial : trials) {
    ledger::TrialRow row{.study_id = study_.study_id,
                         .number = trial.number,
                         .state = to_row(trial.state),
                         .parameters = space.to_json(trial.setting),
                         .values = trial.values,
                         .intermediate = {},
                         .constraints = trial.constraints,
                         .statistics = trial.statistics,
                         .engine = trial.engine,
                         .result_hash = trial.result_hash,
                         .note = trial.error,
                         .duration_ns = trial.duration.count(),
                         .finished_at = clock_->now()};
    for (const Intermediate& seen : trial.intermediates) row.intermediate.emplace_back(seen.resource, seen.value);
    rows.push_back(std::move(row));
  }
  ARGOSY_TRY_VOID(database_->write([&](ledger::Transaction& work) -> Result<void> {
    // A finished study that is given a larger budget goes on.
    if (study_.state != "running") ARGOSY_TRY_VOID(ledger::resume_study(work, study_.study_id));
    return ledger::add_trials(work, rows);
  }));
  study_.state = "running";
  return {};
}

Result<void> LedgerStore::finish(std::string_view result_hash) {
  return database_->write([&](ledger::Transaction& work) {
    return ledger::finish_study(work, study_.study_id, clock_->now(), std::string(result_hash));
  });
}

}  // namespace

std::unique_ptr<StudyStore> make_ledger_store(ledger::Database& database, ledger::StudyRow study,
                                              const core::Clock& clock) {
  return std::make_unique<LedgerStore>(database, std::move(study), clock);
}

}  // namespace argosy::search
