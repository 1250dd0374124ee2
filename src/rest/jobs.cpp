// Stored strategies, and long work: backtests, studies, imports, backups, which processes of their own do.
#include "ledger/jobs.hpp"

#include <fmt/format.h>

#include <array>

#include "jobs/job_store.hpp"
#include "jobs/job_types.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::Field;
using core::Result;
using ledger::JobRow;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

// As in a list: without result and log.
struct JobSummary {
  JobRow row;
};
// The path says which strategy.
struct BacktestIn {
  jobs::StrategyParameters parameters;
};
struct StudyIn {
  jobs::StrategyParameters parameters;
};
struct ImportIn {
  jobs::ImportParameters parameters;
};
struct BackupIn {
  jobs::BackupParameters parameters;
};

namespace {

// The fields but those of the strategy.
template <std::size_t kCount>
constexpr std::array<Field, kCount> without_strategy(std::span<const Field> fields) {
  std::array<Field, kCount> kept{};
  std::size_t at = 0;
  for (const Field& field : fields) {
    if (field.name != "strategy" && field.name != "version") kept[at++] = field;
  }
  return kept;
}

}  // namespace
}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::JobSummary> {
  static constexpr RecordType kType{"job_summary", "Long work in the background, as in a list",
                                    RecordOf<argosy::ledger::JobRow>::kSummary.fields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::BacktestIn> {
  static constexpr const RecordType& kAll = RecordOf<argosy::jobs::StrategyParameters>::kBacktest;
  static constexpr auto kFields = argosy::rest::without_strategy<kAll.fields.size() - 2>(kAll.fields);
  static constexpr RecordType kType{"backtest", kAll.text, kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::StudyIn> {
  static constexpr const RecordType& kAll = RecordOf<argosy::jobs::StrategyParameters>::kType;
  static constexpr auto kFields = argosy::rest::without_strategy<kAll.fields.size() - 2>(kAll.fields);
  static constexpr RecordType kType{"optimize", kAll.text, kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::ImportIn> {
  static constexpr const RecordType& kType = RecordOf<argosy::jobs::ImportParameters>::kType;
};
template <>
struct argosy::core::RecordOf<argosy::rest::BackupIn> {
  static constexpr const RecordType& kType = RecordOf<argosy::jobs::BackupParameters>::kType;
};

namespace argosy::rest {
namespace {

// Whose jobs the caller sees and changes.
jobs::Owner owner_of(const server::Caller& caller) {
  return caller.role == ledger::Role::kAdmin ? jobs::Owner() : jobs::Owner(caller.user_id);
}

// Posts a job of the caller's, and answers 202 with its place. The key of the request is the job's: while the job has
// not ended, asking again is not asking for another.
template <class Call>
Result<JobRow> post(const Resources& resources, const Call& call, std::string_view type, const core::RecordType& record,
                    const void* parameters) {
  core::JsonWriter writer;
  core::write_json(writer, record, parameters);
  ARGOSY_TRY(const core::JsonValue json, core::parse_json(std::move(writer).take()));
  auto checked = jobs::check_parameters(type, json);
  if (!checked) return core::fail(std::move(checked).error().front());
  ARGOSY_TRY(const jobs::JobType* known, jobs::find_job_type(type));
  JobRow job;
  job.owner_id = call.caller->user_id;
  job.type = type;
  job.parameters = *std::move(checked);
  if (const std::string_view key = key_of(call.http); !key.empty()) job.unique_key = std::string(key.substr(0, 64));
  job.most_seconds = known->most_seconds;
  job.most_attempts = known->most_attempts;
  job.created_at = resources.clock.now();
  ARGOSY_TRY(JobRow stored,
             resources.store.ledger().write([&](ledger::Transaction& work) { return jobs::post_job(work, job); }));
  call.reply.headers.add("Location", fmt::format("/api/v1/jobs/{}", stored.job_id));
  return stored;
}

template <class In>
void add_run(server::Api& api, const Resources& resources, std::string_view path, std::string_view name,
             std::string_view type, const core::RecordType& record, std::string_view summary) {
  api.add(endpoint<IdPath, None, In, JobRow>({.method = Method::kPost,
                                              .path = path,
                                              .name = name,
                                              .tag = "strategies",
                                              .summary = summary,
                                              .access = Access::kTrader,
                                              .status = 202,
                                              .takes_key = true},
                                             [&resources, &record, type](const auto& call) -> Result<JobRow> {
                                               ARGOSY_TRY(const auto strategy, resources.store.get<ledger::StrategyRow>(
                                                                                   *call.caller, call.path.id));
                                               jobs::StrategyParameters parameters = call.body.parameters;
                                               parameters.strategy = strategy.name;
                                               parameters.version = strategy.version;
                                               return post(resources, call, type, record, &parameters);
                                             }));
}

template <class In>
void add_admins(server::Api& api, const Resources& resources, std::string_view type, std::string_view summary) {
  static const std::string path = fmt::format("/jobs/{}", type);
  static const std::string name = fmt::format("run_{}", type);
  api.add(endpoint<None, None, In, JobRow>({.method = Method::kPost,
                                            .path = path,
                                            .name = name,
                                            .tag = "jobs",
                                            .summary = summary,
                                            .access = Access::kAdmin,
                                            .status = 202,
                                            .takes_key = true},
                                           [&resources, type](const auto& call) -> Result<JobRow> {
                                             return post(resources, call, type, core::record_type<In>(),
                                                         &call.body.parameters);
                                           }));
}

using Change = Result<JobRow> (*)(ledger::Transaction&, std::int64_t, const jobs::Owner&, core::Timestamp);

void add_change(server::Api& api, const Resources& resources, std::string_view path, std::string_view name,
                Change change, std::string_view summary) {
  api.add(endpoint<IdPath, None, None, JobRow>({.method = Method::kPost,
                                                .path = path,
                                                .name = name,
                                                .tag = "jobs",
                                                .summary = summary,
                                                .access = Access::kTrader},
                                               [&resources, change](const auto& call) -> Result<JobRow> {
                                                 return resources.store.ledger().write([&](ledger::Transaction& work) {
                                                   return change(work, call.path.id, owner_of(*call.caller),
                                                                 resources.clock.now());
                                                 });
                                               }));
}

}  // namespace

void add_strategies(server::Api& api, const Resources& resources) {
  add_list<ledger::StrategyRow>(api, resources,
                                {.path = "/strategies",
                                 .name = "list_strategies",
                                 .tag = "strategies",
                                 .summary = "Stored strategies, each version",
                                 .access = Access::kViewer});
  add_get<ledger::StrategyRow>(api, resources,
                               {.path = "/strategies/{id}",
                                .name = "get_strategy",
                                .tag = "strategies",
                                .summary = "One version of a strategy",
                                .access = Access::kViewer});
  using Parameters = core::RecordOf<jobs::StrategyParameters>;
  add_run<BacktestIn>(api, resources, "/strategies/{id}/backtest", "backtest_strategy", "backtest",
                      Parameters::kBacktest, "Trades it over stored bars, as a job");
  add_run<StudyIn>(api, resources, "/strategies/{id}/optimize", "optimize_strategy", "optimize", Parameters::kType,
                   "Searches its parameters, as a job");
}

void add_jobs(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, server::Listing<JobRow>, None, server::Page<JobSummary>>(
      {.path = "/jobs", .name = "list_jobs", .tag = "jobs", .summary = "Long work", .access = Access::kViewer},
      [&](const auto& call) -> Result<server::Page<JobSummary>> {
        ARGOSY_TRY(auto page, resources.store.list(*call.caller, call.query));
        return shown_page(std::move(page), [](JobRow row) { return JobSummary{std::move(row)}; });
      }));
  add_get<JobRow>(api, resources,
                  {.path = "/jobs/{id}",
                   .name = "get_job",
                   .tag = "jobs",
                   .summary = "One job, with its result and the end of its log",
                   .access = Access::kViewer});
  add_change(api, resources, "/jobs/{id}/cancel", "cancel_job", jobs::cancel_job,
             "Ends it, or takes it from the queue");
  add_change(api, resources, "/jobs/{id}/retry", "retry_job", jobs::retry_job,
             "Puts one that failed into the queue again");
  add_admins<ImportIn>(api, resources, "import", "Imports bars from a file of the home's folder imports, as a job");
  add_admins<BackupIn>(api, resources, "backup", "Backs up the whole home, as a job");
}

}  // namespace argosy::rest
