// argosy study: the searches that were stored.
#include "ledger/studies.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/commands.hpp"
#include "cli/home.hpp"
#include "cli/run_commands.hpp"
#include "core/json_value.hpp"
#include "core/text.hpp"

namespace argosy::cli {
namespace {

using core::fail;
using core::Result;

struct ShowOptions {
  std::string study;
  bool trials = false;
};

// A study with its trials.
struct Stored {
  ledger::StudyRow study;
  std::vector<ledger::TrialRow> trials;
};

Result<Stored> load(const std::string& wanted, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_stored_runs(globals));
  if (!database) {
    return fail(
        core::Error(core::ErrorCode::kNotFound, fmt::format("there is no study \"{}\": none was stored yet", wanted))
            .with_hint("a search is stored as one: argosy optimize"));
  }
  return database->read([&](ledger::Transaction& work) -> Result<Stored> {
    Stored out;
    ARGOSY_TRY(out.study, ledger::find_study(work, wanted));
    ARGOSY_TRY(out.trials, ledger::load_trials(work, out.study.study_id));
    return out;
  });
}

// ["maximise sharpe"]
std::vector<std::string> texts(const std::string& document) {
  std::vector<std::string> out;
  const auto root = core::parse_json(document);
  if (!root || root->array() == nullptr) return out;
  for (const core::JsonValue& item : *root->array()) {
    if (item.string() != nullptr) out.push_back(*item.string());
  }
  return out;
}

// The complete trials, the best first by the first objective.
std::vector<const ledger::TrialRow*> rank(const Stored& stored) {
  std::vector<const ledger::TrialRow*> out;
  for (const ledger::TrialRow& trial : stored.trials) {
    if (trial.state == ledger::TrialState::kComplete && !trial.values.empty()) out.push_back(&trial);
  }
  const auto objectives = texts(stored.study.objectives);
  const bool least = !objectives.empty() && objectives.front().starts_with("minimise");
  std::ranges::stable_sort(out, [&](const auto* a, const auto* b) {
    return least ? a->values.front() < b->values.front() : a->values.front() > b->values.front();
  });
  return out;
}

Result<void> list(const Globals& globals) {
  ARGOSY_TRY(const auto database, open_stored_runs(globals));
  std::vector<ledger::StudyRow> studies;
  std::vector<std::int64_t> counts;
  if (database) {
    ARGOSY_TRY_VOID(database->read([&](ledger::Transaction& work) -> Result<void> {
      ARGOSY_TRY(studies, ledger::list_studies(work));
      for (const ledger::StudyRow& study : studies) {
        ARGOSY_TRY(const std::int64_t count, ledger::count_trials(work, study.study_id));
        counts.push_back(count);
      }
      return {};
    }));
  }
  if (globals.json) {
    core::JsonWriter json(2);
    json.begin_object().key("items").begin_array();
    for (std::size_t i = 0; i < studies.size(); ++i) {
      const ledger::StudyRow& study = studies[i];
      json.begin_object().key("study").value(study.study_id).key("name").value(study.name);
      json.key("created_at").value(core::format_rfc3339(study.created_at)).key("state").value(study.state);
      json.key("trials").value(counts[i]).key("sampler").value(study.sampler).key("pruner").value(study.pruner);
      json.end_object();
    }
    json.end_array().key("meta").begin_object().key("total").value(studies.size()).end_object().end_object();
    return print(std::move(json).take() + "\n");
  }
  if (studies.empty()) return print("No studies. A search is stored as one: argosy optimize\n");
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < studies.size(); ++i) {
    const ledger::StudyRow& study = studies[i];
    rows.push_back({study.study_id, format_seconds(study.created_at), study.name, study.state,
                    fmt::to_string(counts[i]), core::join(texts(study.objectives), ", "), study.sampler});
  }
  return print(format_table({"study", "time", "name", "state", "trials", "objective", "sampler"}, rows));
}

Result<void> show_json(const Stored& stored, bool trials) {
  const ledger::StudyRow& study = stored.study;
  core::JsonWriter json(2);
  json.begin_object().key("study").value(study.study_id).key("name").value(study.name);
  json.key("created_at").value(core::format_rfc3339(study.created_at)).key("state").value(study.state);
  json.key("seed").value(study.seed).key("sampler").value(study.sampler).key("pruner").value(study.pruner);
  json.key("code_version").value(study.code_version).key("result_hash").value(study.result_hash.value_or(""));
  for (const auto& [key, text] : {std::pair("objectives", &study.objectives), std::pair("space", &study.space),
                                  std::pair("configuration", &study.configuration)}) {
    json.key(key);
    ARGOSY_TRY_VOID(core::write_document(json, *text));
  }
  json.key("strategy_text").value(study.strategy_text).key("count").value(stored.trials.size());
  if (trials) {
    json.key("trials").begin_array();
    for (const ledger::TrialRow& trial : stored.trials) {
      json.begin_object().key("number").value(trial.number).key("state").value(to_string(trial.state));
      json.key("parameters");
      ARGOSY_TRY_VOID(core::write_document(json, trial.parameters));
      json.key("values").begin_array();
      for (const double value : trial.values) json.value(value);
      json.end_array().key("engine").value(trial.engine).key("note").value(trial.note).end_object();
    }
    json.end_array();
  }
  return print(std::move(json.end_object()).take() + "\n");
}

Result<void> show(const ShowOptions& options, const Globals& globals) {
  ARGOSY_TRY(const Stored stored, load(options.study, globals));
  if (globals.json) return show_json(stored, options.trials);
  const ledger::StudyRow& study = stored.study;
  std::string text = fmt::format("{}  {}  {}\n{} trials by {}, {}; {}, seed {}\n\n", study.study_id, study.name,
                                 format_seconds(study.created_at), stored.trials.size(), study.sampler, study.pruner,
                                 study.state, study.seed);
  std::vector<std::vector<std::string>> rows;
  constexpr std::size_t kMostRows = 10;
  for (const ledger::TrialRow* trial : rank(stored)) {
    if (!options.trials && rows.size() == kMostRows) break;
    std::vector<std::string> values;
    for (const double value : trial->values) values.push_back(fmt::format("{:.4f}", value));
    rows.push_back({fmt::to_string(trial->number), core::join(values, "  "), trial->parameters});
  }
  text += format_table({"trial", core::join(texts(study.objectives), ", "), "settings"}, rows);
  return print(text);
}

Result<void> remove(const std::vector<std::string>& wanted, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_runs(globals, {.missing = ledger::Missing::kFail}));
  ARGOSY_TRY(const auto ids, database->write([&](ledger::Transaction& work) -> Result<std::vector<std::string>> {
    std::vector<std::string> found;
    for (const std::string& each : wanted) {
      ARGOSY_TRY(const ledger::StudyRow study, ledger::find_study(work, each));
      if (std::ranges::find(found, study.study_id) == found.end()) found.push_back(study.study_id);
    }
    for (const std::string& id : found) ARGOSY_TRY_VOID(ledger::remove_study(work, id));
    return found;
  }));
  return print_removed(ids, globals);
}

}  // namespace

void add_study(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand("study", "Stored searches: list, show, remove");
  group->require_subcommand(1);
  CLI::App* list_command = group->add_subcommand("list", "The stored searches, newest first");
  add_common_options(*list_command, globals);
  list_command->footer("Examples:\n  argosy study list\n  argosy study list --json");
  list_command->callback([&globals] { run_command([&] { return list(globals); }); });

  auto show_options = std::make_shared<ShowOptions>();
  CLI::App* show_command = group->add_subcommand("show", "A stored search with its best trials");
  show_command->add_option("study", show_options->study, "its id, the beginning of it, or its name")->required();
  show_command->add_flag("--trials", show_options->trials, "all trials, not the best ten");
  add_common_options(*show_command, globals);
  show_command->footer("Examples:\n  argosy study show s12\n  argosy study show s12 --trials --json");
  show_command->callback([show_options, &globals] { run_command([&] { return show(*show_options, globals); }); });

  auto removed = std::make_shared<std::vector<std::string>>();
  CLI::App* remove_command = group->add_subcommand("remove", "Forget stored searches with their trials");
  remove_command->add_option("studies", *removed, "their ids, the beginnings of them, or names")->required();
  add_common_options(*remove_command, globals);
  remove_command->footer("Examples:\n  argosy study remove s3 s4");
  remove_command->callback([removed, &globals] { run_command([&] { return remove(*removed, globals); }); });
}

}  // namespace argosy::cli
