// Real children, which are scripts; time is real, too.
#include "jobs/workers.hpp"

#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX's, for kill

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/executor_thread.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "ledger/holder.hpp"
#include "ledger/test_trading.hpp"

namespace argosy::jobs {
namespace {

using core::Result;
using ledger::Transaction;
using std::chrono::milliseconds;

// Workers with a thread and a connection of their own, as argosy serve has them.
class Served {
 public:
  Served(const std::string& path, const WorkersSettings& settings, Workers::MakeCommand make)
      : thread_(clock_, "jobs") {
    auto opened = ledger::open_database({.path = path}, ledger::ledger_schema(), core::system_files(), clock_);
    if (!opened) {
      ADD_FAILURE() << opened.error().describe();
      return;
    }
    database_ = *std::move(opened);
    workers_ = std::make_unique<Workers>(*database_, settings, std::move(make), core::real_processes(),
                                         core::system_files(), thread_.executor());
    workers_->start();
  }
  ~Served() { die(); }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  [[nodiscard]] Workers& workers() { return *workers_; }
  // As a process does that is killed: nothing is written any more.
  void die() {
    thread_.stop();
    workers_.reset();
  }

 private:
  core::SystemClock clock_;
  std::unique_ptr<ledger::Database> database_;
  core::ExecutorThread thread_;
  std::unique_ptr<Workers> workers_;
};

class WorkersTest : public ledger::TradingFixture<ledger::LedgerTest> {
 protected:
  WorkersTest() {
    settings.worker = "first";
    settings.fencing = 1;
    settings.environment = {"PATH=/usr/bin:/bin", "FOLDER=" + folder};
    settings.look_every = milliseconds(10);
    settings.poll_every = milliseconds(5);
    settings.report_every = milliseconds(20);
    settings.grace = milliseconds(200);
    settings.back_off = {.first = milliseconds(10), .longest = milliseconds(20)};
    settings.most_log_bytes = 1'000;
    settings.most_result_bytes = 10'000;
    settings.niceness = 0;
    (void)core::take_warning_count();
  }

  [[nodiscard]] std::unique_ptr<Served> serve() const { return serve(settings); }
  [[nodiscard]] std::unique_ptr<Served> serve(const WorkersSettings& wanted) const {
    return std::make_unique<Served>(ledger_path(), wanted, [](const JobRow& job) -> Result<JobCommand> {
      if (job.type == "wrong") return core::fail(core::ErrorCode::kNotFound, "there is no such thing");
      return JobCommand{.command = {"/bin/sh", "-c", job.type}};
    });
  }
  // A job whose type is the script.
  std::int64_t post(const std::string& script, std::int64_t most_attempts = 1, std::int64_t most_seconds = 30,
                    std::optional<core::Timestamp> deadline = {}) {
    JobRow job;
    job.owner_id = 1;
    job.type = script;
    job.most_attempts = most_attempts;
    job.most_seconds = most_seconds;
    job.deadline = deadline;
    job.created_at = core::SystemClock().now();
    const auto posted = database->write([&](Transaction& work) { return post_job(work, job); });
    EXPECT_TRUE(posted) << posted.error().describe();
    return posted ? posted->job_id : 0;
  }
  JobRow stored(std::int64_t job_id) {
    const auto found = database->read([&](Transaction& work) { return find_job(work, job_id, {}); });
    EXPECT_TRUE(found) << found.error().describe();
    return found.value_or(JobRow());
  }
  template <class Function>
  JobRow wait(std::int64_t job_id, Function is_so) {
    for (int i = 0; i < 2'000; ++i) {
      JobRow job = stored(job_id);
      if (is_so(job)) return job;
      std::this_thread::sleep_for(milliseconds(10));
    }
    const JobRow job = stored(job_id);
    ADD_FAILURE() << "after twenty seconds it is " << ledger::kJobStates[static_cast<std::size_t>(job.state)] << " "
                  << job.reason;
    return job;
  }
  JobRow ended(std::int64_t job_id) {
    return wait(job_id, [](const JobRow& job) { return job.ended_at.has_value(); });
  }
  JobRow running(std::int64_t job_id) {
    return wait(job_id, [](const JobRow& job) { return job.state == JobState::kRunning && !job.log.empty(); });
  }
  JobRow run(const std::string& script, std::int64_t most_attempts = 1, std::int64_t most_seconds = 30) {
    const auto served = serve();
    return ended(post(script, most_attempts, most_seconds));
  }
  // A child says its number in its log.
  static bool is_alive(const JobRow& job) {
    const auto process = core::parse_integer(core::trim(job.log));
    EXPECT_TRUE(process) << job.log;
    return process && ::kill(static_cast<pid_t>(*process), 0) == 0;
  }
  static void wait_until_gone(const JobRow& job) {
    for (int i = 0; i < 500 && is_alive(job); ++i) std::this_thread::sleep_for(milliseconds(10));
    EXPECT_FALSE(is_alive(job));
  }

  WorkersSettings settings;
};

TEST_F(WorkersTest, AJobTellsItsProgressAndItsResult) {
  const auto served = serve();
  const std::int64_t job = post(
      "echo no JSON >&$ARGOSY_PROGRESS; printf '{\"progress\": 0.5, ' >&$ARGOSY_PROGRESS; sleep 0.05; "
      "echo '\"text\": \"half\"}' >&$ARGOSY_PROGRESS; echo a line >&2; "
      "while [ ! -e $FOLDER/go ]; do sleep 0.01; done; echo ' {\"a\": [1]} '");
  const JobRow half = wait(job, [](const JobRow& row) { return row.progress == 0.5; });
  EXPECT_EQ(half.state, JobState::kRunning);
  EXPECT_EQ(half.progress_text, "half");
  EXPECT_EQ(half.log, "a line\n");
  EXPECT_EQ(half.worker, "first");
  std::ofstream(folder + "/go").close();
  const JobRow done = ended(job);
  EXPECT_EQ(done.state, JobState::kDone);
  EXPECT_EQ(done.result, "{\"a\": [1]}");
  EXPECT_EQ(done.progress, 1);
  EXPECT_EQ(done.attempts, 1);
  EXPECT_EQ(done.log, "a line\n");
}

TEST_F(WorkersTest, AFailedAttemptIsTriedAgain) {
  // The second attempt finds what the first left.
  const JobRow done = run("if [ -e $FOLDER/tried ]; then echo 1; else touch $FOLDER/tried; exit 1; fi", 3);
  EXPECT_EQ(done.state, JobState::kDone);
  EXPECT_EQ(done.attempts, 2);
}

TEST_F(WorkersTest, TheLastFailedAttemptIsTheEnd) {
  const JobRow dead = run("echo error: no luck >&2; echo a hint >&2; exit 1", 3);
  EXPECT_EQ(dead.state, JobState::kDead);
  EXPECT_EQ(dead.attempts, 3);
  EXPECT_EQ(dead.reason, "no luck");
  EXPECT_EQ(run("echo one >&2; echo two >&2; exit 1").reason, "two");
  EXPECT_EQ(run("exit 9").reason, "it ended with exit code 9");
  EXPECT_EQ(run("kill -SEGV $$").reason, "signal 11 ended it");
}

TEST_F(WorkersTest, AWrongCallIsNotTriedAgain) {
  const JobRow failed = run("echo error: there is no such symbol >&2; exit 2", 3);
  EXPECT_EQ(failed.state, JobState::kFailed);
  EXPECT_EQ(failed.attempts, 1);
  EXPECT_EQ(failed.reason, "there is no such symbol");
  const JobRow wrong = run("wrong", 3);
  EXPECT_EQ(wrong.state, JobState::kFailed);
  EXPECT_EQ(wrong.reason, "there is no such thing");
  EXPECT_EQ(run("echo hello", 3).state, JobState::kFailed);  // no JSON
}

TEST_F(WorkersTest, OneThatHangsIsKilled) {
  const JobRow dead = run("trap '' TERM; echo $$ >&2; while :; do sleep 0.05; done", 1, 1);
  EXPECT_EQ(dead.state, JobState::kDead);
  EXPECT_EQ(dead.reason, "it took longer than 1 s");
  EXPECT_FALSE(is_alive(dead));
  const auto served = serve();
  const JobRow late = ended(post("sleep 60", 3, 30, core::SystemClock().now() + milliseconds(300)));
  EXPECT_EQ(late.state, JobState::kFailed);
  EXPECT_EQ(late.reason, "its deadline is over");
}

TEST_F(WorkersTest, OneThatEatsMemoryEnds) {
  settings.most_memory = std::uint64_t{64} * 1024 * 1024;
  const JobRow dead = run("x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done");
  EXPECT_EQ(dead.state, JobState::kDead);
  EXPECT_NE(dead.reason, "");
  const JobRow said = run("echo error: std::bad_alloc >&2; exit 1");
  EXPECT_EQ(said.reason, "memory ran out: a job may have 64 MB; std::bad_alloc");
}

TEST_F(WorkersTest, OneThatIsCancelledIsToldToEnd) {
  const auto served = serve();
  const std::int64_t job = post("echo $$ >&2; sleep 60", 3);
  const JobRow begun = running(job);
  const auto cancelled =
      database->write([&](Transaction& work) { return cancel_job(work, job, {}, core::SystemClock().now()); });
  EXPECT_TRUE(cancelled);
  EXPECT_EQ(ended(job).state, JobState::kCancelled);
  EXPECT_FALSE(is_alive(begun));
}

TEST_F(WorkersTest, AFloodIsKeptWithinItsBounds) {
  const JobRow output = run("yes", 3);
  EXPECT_EQ(output.state, JobState::kFailed);
  EXPECT_EQ(output.reason, "its result is larger than 10000 bytes");
  EXPECT_EQ(output.result, "");
  const JobRow errors = run("yes noise | head -c 3000000 >&2; echo the end >&2; echo 1");
  EXPECT_EQ(errors.state, JobState::kDone);
  EXPECT_EQ(errors.log.size(), 1'000U);
  EXPECT_TRUE(errors.log.ends_with("noise\nthe end\n")) << errors.log;
  const JobRow progress = run("yes no JSON | head -c 3000000 >&3; echo 1");
  EXPECT_EQ(progress.state, JobState::kDone);
  const JobRow line = run("head -c 3000000 /dev/zero >&3; echo '{\"progress\": 0.7}' >&3; echo 1");
  EXPECT_EQ(line.state, JobState::kDone);
}

TEST_F(WorkersTest, WhatNoDatabaseTakesIsMadeReadable) {
  const JobRow done = run("printf 'a\\000b\\377c\\033[1m' >&2; echo '\"\\u0000\"'");
  EXPECT_EQ(done.state, JobState::kDone);
  EXPECT_EQ(done.log, "a?b?c?[1m");
  EXPECT_EQ(done.result, "\"\\u0000\"");
}

TEST_F(WorkersTest, WhenItStopsJobsWaitForTheNextStart) {
  const std::string script = "echo $$ >&2; if [ -e $FOLDER/go ]; then echo 1; else sleep 60; fi";
  auto served = serve();
  const std::int64_t job = post(script);
  const JobRow begun = running(job);
  served->workers().stop(std::chrono::seconds(5));
  EXPECT_TRUE(served->workers().has_stopped());
  EXPECT_FALSE(is_alive(begun));
  EXPECT_EQ(stored(job).state, JobState::kQueued);
  EXPECT_EQ(stored(job).attempts, 0);
  std::ofstream(folder + "/go").close();
  settings.worker = "second";
  served = serve();
  EXPECT_EQ(ended(job).state, JobState::kDone);
  EXPECT_EQ(stored(job).attempts, 1);
}

TEST_F(WorkersTest, AJobWhoseServerDiedIsTakenAgain) {
  const std::string script = "echo $$ >&2; if [ -e $FOLDER/go ]; then echo 1; else sleep 60; fi";
  auto served = serve();
  const std::int64_t job = post(script, 2);
  const JobRow begun = running(job);
  served->die();
  EXPECT_EQ(stored(job).state, JobState::kRunning);
  wait_until_gone(begun);
  std::ofstream(folder + "/go").close();
  settings.worker = "second";
  served = serve();
  EXPECT_EQ(ended(job).state, JobState::kDone);
  EXPECT_EQ(stored(job).attempts, 2);
}

TEST_F(WorkersTest, WhoLostTheLedgerEndsItsJobsAndWritesNothing) {
  const auto served = serve();
  const std::int64_t job = post("echo $$ >&2; sleep 60", 2);
  const JobRow begun = running(job);
  ASSERT_TRUE(ledger::take_ledger(*database, {.process = "another", .now = ledger::at(1), .seed = 8}));
  wait_until_gone(begun);
  EXPECT_EQ(stored(job).state, JobState::kRunning);
  EXPECT_EQ(stored(job).worker, "first");
  const std::int64_t next = post("echo 1");
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(stored(next).state, JobState::kQueued);
  EXPECT_GE(core::take_warning_count(), 1);
}

TEST_F(WorkersTest, SeveralRunAtOnceAndNoneTwice) {
  settings.workers = 3;
  const auto one = serve();
  WorkersSettings others = settings;
  const auto two = serve(others);
  std::vector<std::int64_t> all;
  for (int i = 0; i < 30; ++i) all.push_back(post("echo x >> $FOLDER/lines; echo 1"));
  for (const std::int64_t each : all) {
    EXPECT_EQ(ended(each).state, JobState::kDone);
    EXPECT_EQ(stored(each).attempts, 1);
  }
  EXPECT_EQ(core::system_files().read(folder + "/lines")->size(), 60U);
  // Each waits for the other.
  const std::int64_t left = post("touch $FOLDER/left; while [ ! -e $FOLDER/right ]; do sleep 0.01; done; echo 1");
  const std::int64_t right = post("touch $FOLDER/right; while [ ! -e $FOLDER/left ]; do sleep 0.01; done; echo 1");
  EXPECT_EQ(ended(left).state, JobState::kDone);
  EXPECT_EQ(ended(right).state, JobState::kDone);
}

TEST_F(WorkersTest, AProgramThatIsNotThereIsAFailedAttempt) {
  Served served(ledger_path(), settings,
                [](const JobRow&) -> Result<JobCommand> { return JobCommand{.command = {"/no/such/program"}}; });
  const JobRow dead = ended(post("x", 2));
  EXPECT_EQ(dead.state, JobState::kDead);
  EXPECT_TRUE(dead.reason.contains("/no/such/program cannot be started")) << dead.reason;
}

TEST_F(WorkersTest, WhatAJobSaysNamesNoFolderOfTheMachine) {
  Served served(ledger_path(), settings, [this](const JobRow&) -> Result<JobCommand> {
    return JobCommand{.command = {"/bin/sh", "-c", "echo \"error: $FOLDER/scratch: no buy\" >&2; exit 2"},
                      .scratch = {folder + "/scratch"}};
  });
  const JobRow done = ended(post("x"));
  EXPECT_EQ(done.state, JobState::kFailed);
  EXPECT_EQ(done.reason, "scratch: no buy");
  EXPECT_EQ(done.log.find(folder), std::string::npos) << done.log;
}

TEST_F(WorkersTest, WhatChildrenReadIsRemovedAfterThem) {
  std::ofstream(folder + "/scratch").close();
  Served served(ledger_path(), settings, [this](const JobRow&) -> Result<JobCommand> {
    return JobCommand{.command = {"/bin/sh", "-c", "test -e $FOLDER/scratch && echo 1"},
                      .scratch = {folder + "/scratch"}};
  });
  EXPECT_EQ(ended(post("x")).state, JobState::kDone);
  EXPECT_FALSE(std::filesystem::exists(folder + "/scratch"));
}

}  // namespace
}  // namespace argosy::jobs
