// The queue of jobs, in the ledger: who asks for one posts it, a worker takes it, says how far it is, and ends it.
//
//   ARGOSY_TRY(const JobRow job, database->write([&](Transaction& work) { return post_job(work, row); }));
//   ARGOSY_TRY(const auto taken, database->write([&](Transaction& work) { return take_job(work, "serve 7", now); }));
//
// Each of these is part of one unit of work, so a job is never taken twice: no other writer is between its first
// statement and its last. Whoever asks sees and changes the jobs of an owner, or all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/database.hpp"
#include "ledger/jobs.hpp"

namespace argosy::jobs {

using ledger::JobRow;
using ledger::JobState;

// Whose jobs may be seen and changed. Empty: everybody's, which only administrators may.
using Owner = std::optional<std::int64_t>;

// Stores a new job, with the number that it gets, state QUEUED and no attempt. Of its parameters nothing is checked
// here: job_types.hpp does. Where a job of that owner with that key has not ended, it is returned instead; kConflict
// where that one has another type or other parameters.
[[nodiscard]] core::Result<JobRow> post_job(ledger::Transaction& work, JobRow job);

// kNotFound, as if it did not exist, for somebody else's.
[[nodiscard]] core::Result<JobRow> find_job(ledger::Transaction& work, std::int64_t job_id, const Owner& owner);

struct JobFilter {
  Owner owner = {};
  std::optional<JobState> state = {};
  std::string type = {};  // empty: all
  std::int64_t limit = 50;
  std::int64_t offset = 0;
};
struct JobList {
  std::vector<JobRow> jobs;  // the newest first; without result and log
  std::int64_t total = 0;
};
[[nodiscard]] core::Result<JobList> list_jobs(ledger::Transaction& work, const JobFilter& filter);

// One that waits is cancelled at once, one that runs is told to end by its worker. kConflict: it has ended.
[[nodiscard]] core::Result<JobRow> cancel_job(ledger::Transaction& work, std::int64_t job_id, const Owner& owner,
                                              core::Timestamp now);
// Puts one that failed or was cancelled into the queue again, with all its attempts and without a deadline that is
// over. kConflict: it has not ended, is done, or another job that has not ended has its key.
[[nodiscard]] core::Result<JobRow> retry_job(ledger::Transaction& work, std::int64_t job_id, const Owner& owner,
                                             core::Timestamp now);

// --- For workers. ---

// Whether something waits that may be tried now: a look that writes nothing.
[[nodiscard]] core::Result<bool> has_due_job(ledger::Transaction& work, core::Timestamp now);
// The next job that may be tried: by priority, then by age. It is RUNNING and its worker's, and the attempt counts.
// Those whose deadline is over fail on the way.
[[nodiscard]] core::Result<std::optional<JobRow>> take_job(ledger::Transaction& work, const std::string& worker,
                                                           core::Timestamp now);

// An attempt, as its worker knows it.
struct Attempt {
  std::int64_t job_id = 0;
  std::int64_t number = 0;  // from 1
  std::string worker;
};
[[nodiscard]] inline Attempt attempt_of(const JobRow& job) { return {job.job_id, job.attempts, job.worker}; }

// kLost: somebody else has the job, or it is gone; whoever works on it ends, and writes nothing.
enum class Standing : std::uint8_t { kOurs, kCancelRequested, kLost };
// How far it is, and that its worker lives.
struct Report {
  double progress = 0;  // 0 to 1
  std::string text;
  std::string log;
};
[[nodiscard]] core::Result<Standing> report_job(ledger::Transaction& work, const Attempt& attempt, const Report& report,
                                                core::Timestamp now);

// How long a job rests after an attempt that failed: the first time `first`, doubled after each further one up to
// `longest`; of that a random part from a half to the whole, so that those that failed together do not come together.
struct BackOff {
  core::Duration first = std::chrono::seconds(5);
  core::Duration longest = std::chrono::minutes(10);
};
// `uniform` is in [0, 1); `attempts` those that failed, from 1.
[[nodiscard]] core::Duration back_off(const BackOff& settings, std::int64_t attempts, double uniform);

enum class Outcome : std::uint8_t {
  kDone,
  kFailed,       // this attempt; the next one may do better
  kNeverAgain,   // the call itself was wrong
  kCancelled,    // because somebody wanted it
  kInterrupted,  // by the end of its worker: the attempt does not count
};
struct Ending {
  Outcome outcome = Outcome::kDone;
  std::string reason;  // of what failed
  std::string result;  // JSON, of kDone
  std::string log;
  core::Duration rest{};  // until the next attempt: back_off()
};
// Ends an attempt. Returns the state that the job has then; nothing where it was not this attempt's any more.
[[nodiscard]] core::Result<std::optional<JobState>> end_attempt(ledger::Transaction& work, const Attempt& attempt,
                                                                const Ending& ending, core::Timestamp now);

// For a worker that begins and knows that it is the only one: jobs that run and are not its own are of one that died.
// Their attempt counts, and the next may begin at once. Returns how many there were.
[[nodiscard]] core::Result<std::int64_t> recover_jobs(ledger::Transaction& work, const std::string& worker,
                                                      core::Timestamp now);
// Removes jobs that ended before `time`, at most a thousand at once, and never the newest: numbers are not given twice.
// Returns how many.
[[nodiscard]] core::Result<std::int64_t> remove_old_jobs(ledger::Transaction& work, core::Timestamp time);

}  // namespace argosy::jobs
