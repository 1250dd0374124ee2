// Runs jobs, a few at a time, each as a child process with limits of its own. Nothing of a job runs in this process:
// what is heavy, hangs or dies takes nothing with it.
//
//   Workers workers(*database, {.worker = "argosy serve 7", .fencing = 7, .workers = 2}, make, real_processes(), files,
//                   executor);
//   workers.start();
//   ...
//   workers.stop(std::chrono::seconds(2));
//
// A child tells how far it is by lines {"progress": 0.5, "text": "importing"} on the descriptor that the environment
// variable ARGOSY_PROGRESS names. Its standard output is the result and must be JSON; of its standard error the end is
// kept as the log. Exit code 2 says that the call was wrong, and is not tried again; any other but 0, a signal or too
// much time is an attempt that failed.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/child_process.hpp"
#include "core/executor.hpp"
#include "core/files.hpp"
#include "core/rng.hpp"
#include "jobs/job_store.hpp"
#include "jobs/job_types.hpp"
#include "ledger/database.hpp"

namespace argosy::jobs {

struct WorkersSettings {
  std::string worker;             // a name that no other process has had
  std::int64_t fencing = 0;       // of the process that holds the ledger; once another holds it, all children are ended
  std::int64_t workers = 1;       // jobs at a time
  std::uint64_t most_memory = 0;  // bytes of a child's address space; 0: no limit
  int niceness = 10;
  std::vector<std::string> environment = {};                   // "NAME=value", of children
  core::Duration keep = std::chrono::hours(24 * 30);           // jobs that have ended
  core::Duration look_every = std::chrono::milliseconds(250);  // for jobs that are due
  core::Duration poll_every = std::chrono::milliseconds(50);   // children
  core::Duration report_every = std::chrono::seconds(1);       // their progress, in the ledger
  core::Duration grace = std::chrono::seconds(3);              // between SIGTERM and SIGKILL
  BackOff back_off = {};
  std::size_t most_result_bytes = std::size_t{4} * 1024 * 1024;
  std::size_t most_log_bytes = std::size_t{16} * 1024;
  std::uint64_t seed = 1;  // of the jitter between attempts
};

class Workers {
 public:
  using MakeCommand = std::function<core::Result<JobCommand>(const JobRow&)>;

  // What it is given outlives it. The database is used on the executor alone, and so is this; the executor's thread
  // must stay while children run (core/child_process.hpp).
  Workers(ledger::Database& database, WorkersSettings settings, MakeCommand make, core::Processes& processes,
          core::Files& files, core::Executor& executor);
  // Kills what still runs. After the executor's thread has ended, or from there.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // From now on jobs are taken. May be called from any thread.
  void start();
  // Takes no more jobs, tells children to end and kills them after `patience`; their jobs wait for the next start, and
  // lose no attempt. May be called from any thread, and more than once.
  void begin_stop(core::Duration patience);
  // The same, and waits for it, a little longer than `patience` at most. Not from the executor's thread.
  void stop(core::Duration patience);
  [[nodiscard]] bool has_stopped() const;

 private:
  struct Running;

  void turn();
  core::Result<void> recover();
  core::Result<void> take();
  void begin(JobRow job);
  void watch(Running& running);
  void read(Running& running);
  void read_progress(Running& running);
  void hurry(Running& running, core::Timestamp now);
  void end(Running& running, const core::ChildEnd& how);
  core::Result<void> report(core::Timestamp now);
  core::Result<void> store_endings(core::Timestamp now);
  core::Result<void> remove_old(core::Timestamp now);
  void tell_to_end(Running& running, Outcome outcome, std::string reason, core::Duration grace);
  [[nodiscard]] core::Result<bool> still_holds(ledger::Transaction& work) const;
  // Whether it was well.
  bool notice(const core::Result<void>& done);

  ledger::Database& database_;
  WorkersSettings settings_;
  MakeCommand make_;
  core::Processes& processes_;
  core::Files& files_;
  core::Executor& executor_;
  core::Rng rng_;
  std::vector<std::unique_ptr<Running>> running_;
  bool recovered_ = false;
  bool had_error_ = false;
  bool lost_ = false;  // the ledger is another process's
  std::optional<core::Timestamp> stop_until_;
  core::Timestamp next_report_{};
  core::Timestamp next_look_{};
  core::Timestamp next_removal_{};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  mutable std::mutex mutex_;
  std::condition_variable stopped_changed_;
  bool stopped_ = false;
};

}  // namespace argosy::jobs
