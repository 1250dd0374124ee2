// argosy job: long work beside trading, done by processes of their own while argosy serve runs.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>

#include "cli/commands.hpp"
#include "cli/ledger_home.hpp"
#include "core/clock.hpp"
#include "core/config.hpp"
#include "core/json.hpp"
#include "core/json_value.hpp"
#include "core/text.hpp"
#include "jobs/job_store.hpp"
#include "jobs/job_types.hpp"
#include "ledger/records.hpp"
#include "ledger/users.hpp"

namespace argosy::cli {
namespace {

using core::ErrorCode;
using core::fail;
using core::JsonWriter;
using core::Result;
using jobs::JobRow;

const core::SystemClock kClock;

struct Options {
  std::int64_t job = 0;
  std::string type;
  std::string parameters = "{}";
  std::string key;
  std::int64_t priority = 0;
  std::optional<std::int64_t> most_seconds = {};
  std::optional<std::int64_t> most_attempts = {};
  std::string deadline;
  std::string state;
  std::int64_t limit = 50;
};

std::string_view state_text(const JobRow& job) { return ledger::kJobStates[static_cast<std::size_t>(job.state)]; }

// The members of a job, parameters and result as what they are.
Result<void> write_job(JsonWriter& json, const JobRow& job, const core::RecordType& type) {
  std::vector<core::Field> plain;
  for (const core::Field& field : type.fields) {
    if (field.name != "parameters" && field.name != "result") plain.push_back(field);
  }
  json.begin_object();
  core::write_json_fields(json, core::RecordType{type.name, type.text, plain}, &job);
  ARGOSY_TRY_VOID(core::write_document(json.key("parameters"), job.parameters));
  if (plain.size() + 2 == type.fields.size())
    ARGOSY_TRY_VOID(core::write_document(json.key("result"), job.result.empty() ? "null" : job.result));
  json.end_object();
  return {};
}

Result<void> print_job(const JobRow& job, const Globals& globals, const std::string& text) {
  if (!globals.json) return print(text);
  JsonWriter json(2);
  ARGOSY_TRY_VOID(write_job(json, job, core::record_type<JobRow>()));
  return print(std::move(json).take() + "\n");
}

Result<void> add(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const jobs::JobType* type, jobs::find_job_type(options.type));
  auto json = core::parse_json(options.parameters);
  if (!json) return fail(std::move(json).error().in_field("--parameters"));
  auto parameters = jobs::check_parameters(options.type, *json);
  if (!parameters) return fail(core::join_errors(std::move(parameters).error()));
  JobRow job;
  job.type = options.type;
  job.parameters = *std::move(parameters);
  if (!options.key.empty()) job.unique_key = options.key;
  job.priority = options.priority;
  job.most_seconds = options.most_seconds.value_or(type->most_seconds);
  job.most_attempts = options.most_attempts.value_or(type->most_attempts);
  if (!options.deadline.empty()) {
    ARGOSY_TRY(job.deadline, core::parse_rfc3339(options.deadline));
  }
  job.created_at = kClock.now();
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const JobRow stored, database->write([&](ledger::Transaction& work) -> Result<JobRow> {
    ARGOSY_TRY(const auto users,
               ledger::select<ledger::UserRow>(work, "WHERE username = :username", {std::string(kCommandUser)}));
    if (users.empty()) return fail(ErrorCode::kNotFound, fmt::format("there is no user {}", kCommandUser));
    JobRow asked = job;
    asked.owner_id = users.front().user_id;
    return jobs::post_job(work, std::move(asked));
  }));
  return print_job(
      stored, globals,
      fmt::format("job {} ({}) is {}; argosy serve runs it\n", stored.job_id, stored.type, state_text(stored)));
}

Result<void> list(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  jobs::JobFilter filter{.type = options.type, .limit = options.limit};
  const auto state = std::ranges::find(ledger::kJobStates, options.state);
  if (state != ledger::kJobStates.end()) filter.state = static_cast<jobs::JobState>(state - ledger::kJobStates.begin());
  ARGOSY_TRY(const jobs::JobList listed,
             database->read([&](ledger::Transaction& work) { return jobs::list_jobs(work, filter); }));
  if (globals.json) {
    JsonWriter json(2);
    json.begin_object().key("items").begin_array();
    for (const JobRow& job : listed.jobs) ARGOSY_TRY_VOID(write_job(json, job, core::RecordOf<JobRow>::kSummary));
    json.end_array().key("meta").begin_object().key("count").value(listed.jobs.size());
    json.key("total").value(listed.total).end_object().end_object();
    return print(std::move(json).take() + "\n");
  }
  if (listed.jobs.empty()) return print("No jobs. argosy job add adds one.\n");
  std::vector<std::vector<std::string>> rows;
  for (const JobRow& job : listed.jobs) {
    const std::string& what = job.state == jobs::JobState::kRunning ? job.progress_text : job.reason;
    rows.push_back({fmt::to_string(job.job_id), job.type, std::string(state_text(job)),
                    fmt::format("{:.0f} %", job.progress * 100), fmt::format("{}/{}", job.attempts, job.most_attempts),
                    format_seconds(job.created_at), job.ended_at ? format_seconds(*job.ended_at) : "-", what});
  }
  std::string text = format_table({"job", "type", "state", "done", "attempts", "made", "ended", "note"}, rows);
  if (std::ssize(listed.jobs) < listed.total)
    text += fmt::format("the newest {} of {}; --limit shows more\n", listed.jobs.size(), listed.total);
  return print(text);
}

Result<void> show(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const JobRow job,
             database->read([&](ledger::Transaction& work) { return jobs::find_job(work, options.job, {}); }));
  std::vector<std::vector<std::string>> rows;
  for (const core::Field& field : core::RecordOf<JobRow>::kSummary.fields) {
    const std::string text = core::field_text(field, &job);
    if (!text.empty()) rows.push_back({std::string(field.name), text, std::string(field.notes.text)});
  }
  std::string text = format_table({"job", fmt::to_string(job.job_id), "what it is"}, rows);
  if (!job.result.empty()) text += "\nresult\n" + job.result + "\n";
  if (!job.log.empty()) text += "\nlog\n" + job.log + (job.log.ends_with('\n') ? "" : "\n");
  return print_job(job, globals, text);
}

Result<void> cancel(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const JobRow job, database->write([&](ledger::Transaction& work) {
    return jobs::cancel_job(work, options.job, {}, kClock.now());
  }));
  return print_job(job, globals,
                   fmt::format("job {} is {}\n", job.job_id, job.ended_at ? "cancelled" : "being cancelled"));
}

Result<void> retry(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const JobRow job, database->write([&](ledger::Transaction& work) {
    return jobs::retry_job(work, options.job, {}, kClock.now());
  }));
  return print_job(job, globals, fmt::format("job {} is queued again\n", job.job_id));
}

// "backtest (quick, strategy, ...)" for each type.
std::string type_lines() {
  std::string text;
  for (const jobs::JobType& type : jobs::job_types()) {
    std::vector<std::string> names;
    for (const core::Field& field : type.parameters->fields) names.emplace_back(field.name);
    text += fmt::format("  {:<9} {}\n            {}\n", type.name, type.text, core::join(names, ", "));
  }
  return text;
}

void add_posting(CLI::App& command, Options& options) {
  std::vector<std::string> types;
  for (const jobs::JobType& type : jobs::job_types()) types.emplace_back(type.name);
  command.add_option("type", options.type, "what to do: " + core::join(types, ", "))->required();
  command.add_option("--parameters", options.parameters, "as JSON")->capture_default_str();
  command.add_option("--key", options.key, "asking twice with one key is asking once, until the job has ended");
  command.add_option("--priority", options.priority, "higher ones first")
      ->check(CLI::Range(-100, 100))
      ->capture_default_str();
  command.add_option("--seconds", options.most_seconds, "most of an attempt; then it is killed")
      ->check(CLI::Range(1, 604'800));
  command.add_option("--attempts", options.most_attempts, "how often it is tried")->check(CLI::Range(1, 100));
  command.add_option("--deadline", options.deadline, "later it is not wanted: 2026-01-31T18:00:00Z");
}

}  // namespace

void add_job(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand("job", "Long work beside trading: add, look at, cancel, try again");
  group->require_subcommand(1);
  auto options = std::make_shared<Options>();
  const auto make = [&](const char* name, const char* text, const std::string& footer,
                        Result<void> (*work)(const Options&, const Globals&)) {
    CLI::App* command = group->add_subcommand(name, text);
    add_common_options(*command, globals);
    command->footer(footer);
    command->callback([options, work, &globals] { run_command([&] { return work(*options, globals); }); });
    return command;
  };
  CLI::App* adder =
      make("add", "Add a job; it waits until argosy serve runs it",
           "Types, and their parameters:\n" + type_lines() +
               "\nFiles to import lie in the folder imports of the home.\n\nExamples:\n"
               "  argosy job add backtest --parameters '{\"strategy\": \"golden_cross\", \"symbols\": [\"AAPL\"]}'\n"
               "  argosy job add import --parameters '{\"file\": \"F.csv\", \"timeframe\": \"1d\"}' --priority 5\n"
               "  argosy job add backup --key nightly",
           add);
  add_posting(*adder, *options);
  CLI::App* lister = make("list", "Show jobs, the newest first",
                          "Examples:\n  argosy job list --state DEAD\n  argosy job list --type backtest --json", list);
  std::vector<std::string> states(ledger::kJobStates.begin(), ledger::kJobStates.end());
  lister->add_option("--state", options->state, "those in this state")->check(CLI::IsMember(states));
  lister->add_option("--type", options->type, "those of this type");
  lister->add_option("--limit", options->limit, "the newest so many")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  CLI::App* shower = make("show", "Everything about a job, with its result and log",
                          "Examples:\n  argosy job show 12\n  argosy job show 12 --json", show);
  CLI::App* canceller =
      make("cancel", "End a job, or take it out of the queue", "Examples:\n  argosy job cancel 12", cancel);
  CLI::App* retrier =
      make("retry", "Queue a job that failed or was cancelled again", "Examples:\n  argosy job retry 12", retry);
  for (CLI::App* command : {shower, canceller, retrier})
    command->add_option("job", options->job, "its number")->required();
}

}  // namespace argosy::cli
