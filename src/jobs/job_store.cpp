#include "jobs/job_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/check.hpp"
#include "core/json.hpp"
#include "ledger/audit.hpp"
#include "ledger/records.hpp"
#include "ledger/requests.hpp"
#include "ledger/room_changes.hpp"

namespace argosy::jobs {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using core::Timestamp;
using ledger::Transaction;
using ledger::Value;

namespace {

constexpr std::size_t kMostToldBytes = 500;
constexpr std::array kInteger = {ledger::ColumnType::kInteger};

std::int64_t stored(Timestamp time) { return time.time_since_epoch().count(); }

Result<std::int64_t> number_of(Transaction& work, const std::string& sql, const std::vector<Value>& values = {}) {
  std::int64_t number = 0;
  ARGOSY_TRY_VOID(work.query(sql, kInteger, values, [&](const ledger::Row& row) -> Result<void> {
    number = row.integer(0);
    return {};
  }));
  return number;
}

Result<std::optional<JobRow>> with_key(Transaction& work, std::int64_t owner_id, const std::string& key) {
  ARGOSY_TRY(std::vector<JobRow> found,
             ledger::select<JobRow>(work,
                                    "WHERE owner_id = :owner_id AND unique_key = :unique_key AND state IN ('QUEUED', "
                                    "'RUNNING')",
                                    {owner_id, key}));
  if (found.empty()) return std::optional<JobRow>();
  return std::optional<JobRow>(std::move(found.front()));
}

// The audit log has it, and its owner is told: by the process that trades, for it alone numbers what people are told.
Result<void> tell_dead(Transaction& work, const JobRow& job, Timestamp now) {
  const ledger::AuditEntry entry{.time = now,
                                 .actor = "jobs",
                                 .action = "job.dead",
                                 .subject = fmt::to_string(job.job_id),
                                 .before = job.parameters,
                                 .after = job.reason};
  ARGOSY_TRY_VOID(ledger::append_audit(work, {&entry, 1}));
  core::JsonWriter json;
  json.begin_object().key("owner_id").value(job.owner_id).key("severity").value("warning");
  json.key("subject").value(fmt::format("job {} ({}) was given up", job.job_id, job.type));
  json.key("text").value(fmt::format("after {} attempts: {}", job.attempts, job.reason.substr(0, kMostToldBytes)));
  const ledger::RequestRow request{.request_key = fmt::format("job {} dead {}", job.job_id, stored(now)),
                                   .kind = "tell_user",
                                   .payload = std::move(json.end_object()).take(),
                                   .requested_by = "jobs",
                                   .requested_at = now};
  ARGOSY_TRY_VOID(ledger::post_request<ledger::ServiceCommandRow>(work, request));
  return {};
}

Result<void> store(Transaction& work, const JobRow& job, Timestamp now) {
  ARGOSY_TRY_VOID(ledger::upsert<JobRow>(work, {&job, 1}, {"job_id"}));
  if (job.state == JobState::kDead) ARGOSY_TRY_VOID(tell_dead(work, job, now));
  return ledger::tell_rooms(work, std::span<const JobRow>(&job, 1), now);
}

// The job, while it runs and is this attempt's.
Result<std::optional<JobRow>> held(Transaction& work, const Attempt& attempt) {
  ARGOSY_TRY(std::vector<JobRow> found,
             ledger::select<JobRow>(work,
                                    "WHERE job_id = :job_id AND state = 'RUNNING' AND worker = :worker AND attempts = "
                                    ":attempts",
                                    {attempt.job_id, attempt.worker, attempt.number}));
  if (found.empty()) return std::optional<JobRow>();
  return std::optional<JobRow>(std::move(found.front()));
}

void end(JobRow& job, JobState state, std::string reason, Timestamp now) {
  job.state = state;
  job.reason = std::move(reason);
  job.worker.clear();
  job.ended_at = now;
}

void queue_again(JobRow& job, Timestamp when) {
  job.state = JobState::kQueued;
  job.worker.clear();
  job.next_try_at = when;
  job.progress = 0;
  job.progress_text.clear();
}

// An attempt that failed and may be followed by another.
void fail_attempt(JobRow& job, std::string reason, core::Duration rest, Timestamp now) {
  if (job.cancel_requested) return end(job, JobState::kCancelled, std::move(reason), now);
  if (job.deadline && *job.deadline <= now) return end(job, JobState::kFailed, std::move(reason), now);
  if (job.attempts >= job.most_attempts) return end(job, JobState::kDead, std::move(reason), now);
  job.reason = std::move(reason);
  queue_again(job, now + rest);
}

}  // namespace

Result<JobRow> post_job(Transaction& work, JobRow job) {
  ARGOSY_CHECK(job.owner_id > 0, "a job of nobody");
  if (job.unique_key && job.unique_key->empty()) job.unique_key.reset();
  auto errors = core::validate(core::record_type<JobRow>(), &job);
  if (!errors.empty()) return fail(std::move(errors.front()));
  if (job.unique_key) {
    ARGOSY_TRY(std::optional<JobRow> there, with_key(work, job.owner_id, *job.unique_key));
    if (there && there->type == job.type && there->parameters == job.parameters) return *std::move(there);
    if (there)
      return fail(Error(ErrorCode::kConflict,
                        fmt::format("job {} has the key \"{}\" and is another one", there->job_id, *job.unique_key))
                      .with_hint("wait until it has ended, cancel it, or give another key"));
  }
  ARGOSY_TRY(job.job_id, ledger::next_number(work, "jobs", "job_id"));
  job.state = JobState::kQueued;
  job.attempts = 0;
  job.next_try_at = std::max(job.next_try_at, job.created_at);
  ARGOSY_TRY_VOID(ledger::insert<JobRow>(work, {&job, 1}));
  ARGOSY_TRY_VOID(ledger::tell_rooms(work, std::span<const JobRow>(&job, 1), job.created_at));
  return job;
}

Result<JobRow> find_job(Transaction& work, std::int64_t job_id, const Owner& owner) {
  std::string condition = "WHERE job_id = :job_id";
  std::vector<Value> values{job_id};
  if (owner) {
    condition += " AND owner_id = :owner_id";
    values.emplace_back(*owner);
  }
  ARGOSY_TRY(std::vector<JobRow> found, ledger::select<JobRow>(work, condition, values));
  if (!found.empty()) return std::move(found.front());
  return fail(Error(ErrorCode::kNotFound, fmt::format("there is no job {}", job_id))
                  .with_hint("argosy job list shows what there is"));
}

Result<JobList> list_jobs(Transaction& work, const JobFilter& filter) {
  std::string condition = "WHERE 1 = 1";
  std::vector<Value> values;
  const auto where = [&](const char* column, Value value) {
    condition += fmt::format(" AND {0} = :{0}", column);
    values.push_back(std::move(value));
  };
  if (filter.owner) where("owner_id", *filter.owner);
  if (filter.state) where("state", std::string(ledger::kJobStates[static_cast<std::size_t>(*filter.state)]));
  if (!filter.type.empty()) where("type", filter.type);
  JobList list;
  ARGOSY_TRY(list.total, number_of(work, "SELECT count(*) FROM jobs " + condition, values));
  values.insert(values.end(), {filter.limit, filter.offset});
  ARGOSY_TRY(list.jobs,
             ledger::select_some<JobRow>(work, core::RecordOf<JobRow>::kSummary,
                                         condition + " ORDER BY job_id DESC LIMIT :limit OFFSET :offset", values));
  return list;
}

Result<JobRow> cancel_job(Transaction& work, std::int64_t job_id, const Owner& owner, Timestamp now) {
  ARGOSY_TRY(JobRow job, find_job(work, job_id, owner));
  if (job.ended_at) {
    return fail(ErrorCode::kConflict,
                fmt::format("job {} has ended: {}", job_id, ledger::kJobStates[static_cast<std::size_t>(job.state)]));
  }
  job.cancel_requested = true;
  if (job.state == JobState::kQueued) end(job, JobState::kCancelled, "", now);
  ARGOSY_TRY_VOID(store(work, job, now));
  return job;
}

Result<JobRow> retry_job(Transaction& work, std::int64_t job_id, const Owner& owner, Timestamp now) {
  ARGOSY_TRY(JobRow job, find_job(work, job_id, owner));
  if (!job.ended_at || job.state == JobState::kDone) {
    return fail(ErrorCode::kConflict, fmt::format("job {} is {}: only what failed or was cancelled is tried again",
                                                  job_id, ledger::kJobStates[static_cast<std::size_t>(job.state)]));
  }
  if (job.unique_key) {
    ARGOSY_TRY(const std::optional<JobRow> there, with_key(work, job.owner_id, *job.unique_key));
    if (there)
      return fail(ErrorCode::kConflict, fmt::format("job {} has its key \"{}\"", there->job_id, *job.unique_key));
  }
  queue_again(job, now);
  job.attempts = 0;
  job.cancel_requested = false;
  job.reason.clear();
  job.ended_at.reset();
  job.heartbeat.reset();
  if (job.deadline && *job.deadline <= now) job.deadline.reset();
  ARGOSY_TRY_VOID(store(work, job, now));
  return job;
}

Result<bool> has_due_job(Transaction& work, Timestamp now) {
  ARGOSY_TRY(
      const std::int64_t due,
      number_of(work, "SELECT count(*) FROM jobs WHERE state = 'QUEUED' AND next_try_at <= :now", {stored(now)}));
  return due > 0;
}

Result<std::optional<JobRow>> take_job(Transaction& work, const std::string& worker, Timestamp now) {
  ARGOSY_CHECK(!worker.empty(), "a worker without a name");
  while (true) {
    ARGOSY_TRY(std::vector<JobRow> found,
               ledger::select<JobRow>(work,
                                      "WHERE state = 'QUEUED' AND next_try_at <= :now ORDER BY priority DESC, job_id "
                                      "LIMIT 1",
                                      {stored(now)}));
    if (found.empty()) return std::optional<JobRow>();
    JobRow job = std::move(found.front());
    if (job.deadline && *job.deadline <= now) {
      end(job, JobState::kFailed, "its deadline was over before it could begin", now);
      ARGOSY_TRY_VOID(store(work, job, now));
      continue;
    }
    job.state = JobState::kRunning;
    job.worker = worker;
    job.attempts += 1;
    job.progress = 0;
    job.progress_text.clear();
    job.log.clear();
    job.started_at = now;
    job.heartbeat = now;
    ARGOSY_TRY_VOID(store(work, job, now));
    return std::optional<JobRow>(std::move(job));
  }
}

Result<Standing> report_job(Transaction& work, const Attempt& attempt, const Report& report, Timestamp now) {
  ARGOSY_TRY(std::optional<JobRow> job, held(work, attempt));
  if (!job) return Standing::kLost;
  job->progress = std::isfinite(report.progress) ? std::clamp(report.progress, 0.0, 1.0) : 0.0;
  job->progress_text = report.text;
  job->log = report.log;
  job->heartbeat = now;
  ARGOSY_TRY_VOID(store(work, *job, now));
  return job->cancel_requested ? Standing::kCancelRequested : Standing::kOurs;
}

core::Duration back_off(const BackOff& settings, std::int64_t attempts, double uniform) {
  const double doubled = std::ldexp(static_cast<double>(settings.first.count()),
                                    static_cast<int>(std::clamp<std::int64_t>(attempts - 1, 0, 60)));
  const double whole = std::min(doubled, static_cast<double>(settings.longest.count()));
  return core::Duration(static_cast<std::int64_t>(whole * (0.5 + 0.5 * uniform)));
}

Result<std::optional<JobState>> end_attempt(Transaction& work, const Attempt& attempt, const Ending& ending,
                                            Timestamp now) {
  ARGOSY_TRY(std::optional<JobRow> job, held(work, attempt));
  if (!job) return std::optional<JobState>();
  job->log = ending.log;
  job->heartbeat = now;
  switch (ending.outcome) {
    case Outcome::kDone:
      job->progress = 1;
      job->result = ending.result;
      end(*job, JobState::kDone, "", now);
      break;
    case Outcome::kFailed:
      fail_attempt(*job, ending.reason, ending.rest, now);
      break;
    case Outcome::kNeverAgain:
      end(*job, job->cancel_requested ? JobState::kCancelled : JobState::kFailed, ending.reason, now);
      break;
    case Outcome::kCancelled:
      end(*job, JobState::kCancelled, ending.reason, now);
      break;
    case Outcome::kInterrupted:
      if (job->cancel_requested) {
        end(*job, JobState::kCancelled, ending.reason, now);
      } else {
        job->attempts -= 1;
        job->reason = ending.reason;
        queue_again(*job, now);
      }
      break;
  }
  ARGOSY_TRY_VOID(store(work, *job, now));
  return std::optional<JobState>(job->state);
}

Result<std::int64_t> recover_jobs(Transaction& work, const std::string& worker, Timestamp now) {
  ARGOSY_TRY(std::vector<JobRow> jobs,
             ledger::select<JobRow>(work, "WHERE state = 'RUNNING' AND worker <> :worker ORDER BY job_id", {worker}));
  for (JobRow& job : jobs) {
    fail_attempt(job, fmt::format("the process that ran it ({}) ended", job.worker), {}, now);
    ARGOSY_TRY_VOID(store(work, job, now));
  }
  return std::ssize(jobs);
}

Result<std::int64_t> remove_old_jobs(Transaction& work, Timestamp time) {
  const std::string old =
      "FROM jobs WHERE ended_at < :time AND job_id < (SELECT max(job_id) FROM jobs) ORDER BY ended_at, job_id LIMIT "
      "1000";
  // Nobody will be told anything of them again.
  ARGOSY_TRY_VOID(work.execute("DELETE FROM changes WHERE room IN (SELECT 'job_' || CAST(job_id AS TEXT) " + old + ")",
                               {stored(time)}));
  return work.execute("DELETE FROM jobs WHERE job_id IN (SELECT job_id " + old + ")", {stored(time)});
}

}  // namespace argosy::jobs
