#include "jobs/job_store.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "ledger/audit.hpp"
#include "ledger/records.hpp"
#include "ledger/requests.hpp"
#include "ledger/test_trading.hpp"

namespace argosy::jobs {
namespace {

using core::ErrorCode;
using core::Result;
using ledger::at;
using ledger::Dialect;
using ledger::dialect_name;
using ledger::Transaction;

class JobStoreTest : public ledger::TradingFixture<ledger::StoreTest> {
 protected:
  JobRow post(const std::string& key = "", std::int64_t priority = 0, std::int64_t most_attempts = 3) {
    JobRow job;
    job.owner_id = 1;
    job.type = "backtest";
    job.parameters = R"({"strategy":"s"})";
    if (!key.empty()) job.unique_key = key;
    job.priority = priority;
    job.most_attempts = most_attempts;
    job.created_at = at(0);
    return post(job);
  }
  JobRow post(const JobRow& job) {
    const auto posted = try_post(job);
    EXPECT_TRUE(posted) << posted.error().describe();
    return posted.value_or(JobRow());
  }
  Result<JobRow> try_post(const JobRow& job) {
    return database->write([&](Transaction& work) { return post_job(work, job); });
  }
  std::optional<JobRow> take(std::int64_t second, const std::string& worker = "a") {
    const auto taken = database->write([&](Transaction& work) { return take_job(work, worker, at(second)); });
    EXPECT_TRUE(taken) << taken.error().describe();
    return taken.value_or(std::nullopt);
  }
  std::optional<JobState> end(const JobRow& job, const Ending& ending, std::int64_t second) {
    const auto ended =
        database->write([&](Transaction& work) { return end_attempt(work, attempt_of(job), ending, at(second)); });
    EXPECT_TRUE(ended) << ended.error().describe();
    return ended.value_or(std::nullopt);
  }
  Standing report(const JobRow& job, const Report& report, std::int64_t second) {
    const auto told =
        database->write([&](Transaction& work) { return report_job(work, attempt_of(job), report, at(second)); });
    EXPECT_TRUE(told) << told.error().describe();
    return told.value_or(Standing::kLost);
  }
  Result<JobRow> cancel(std::int64_t job_id, std::int64_t second, const Owner& owner = {}) {
    return database->write([&](Transaction& work) { return cancel_job(work, job_id, owner, at(second)); });
  }
  Result<JobRow> retry(std::int64_t job_id, std::int64_t second, const Owner& owner = {}) {
    return database->write([&](Transaction& work) { return retry_job(work, job_id, owner, at(second)); });
  }
  JobRow stored(std::int64_t job_id) {
    const auto found = database->read([&](Transaction& work) { return find_job(work, job_id, {}); });
    EXPECT_TRUE(found) << found.error().describe();
    return found.value_or(JobRow());
  }
};

ARGOSY_ON_EACH_STORE(JobStoreTest);

TEST_P(JobStoreTest, IsTakenByPriorityThenByAge) {
  const std::int64_t first = post().job_id;
  const std::int64_t second = post().job_id;
  const std::int64_t urgent = post("", 5).job_id;
  EXPECT_EQ(take(1)->job_id, urgent);
  EXPECT_EQ(take(1)->job_id, first);
  const auto last = take(1);
  EXPECT_EQ(last->job_id, second);
  EXPECT_EQ(last->state, JobState::kRunning);
  EXPECT_EQ(last->attempts, 1);
  EXPECT_EQ(last->started_at, at(1));
  EXPECT_FALSE(take(1));
}

TEST_P(JobStoreTest, AKeyIsAskedOnceUntilItHasEnded) {
  const JobRow job = post("nightly");
  EXPECT_EQ(post("nightly").job_id, job.job_id);
  JobRow other = job;
  other.parameters = R"({"strategy":"t"})";
  EXPECT_EQ(try_post(other).error().code, ErrorCode::kConflict);
  EXPECT_EQ(end(*take(1), {.outcome = Outcome::kNeverAgain, .reason = "no"}, 2), JobState::kFailed);
  EXPECT_EQ(post("nightly").job_id, job.job_id + 1);
  EXPECT_EQ(retry(job.job_id, 3).error().code, ErrorCode::kConflict);
  EXPECT_EQ(findings(), std::vector<std::string>{});
}

TEST_P(JobStoreTest, WhatIsOutOfRangeIsRefused) {
  JobRow job;
  job.owner_id = 1;
  job.type = "backtest";
  job.priority = 101;
  EXPECT_EQ(try_post(job).error().code, ErrorCode::kInvalidArgument);
}

TEST_P(JobStoreTest, AFailedAttemptRestsAndTheLastOneIsTheEnd) {
  const JobRow job = post("", 0, 2);
  const Ending failed{.outcome = Outcome::kFailed, .reason = "no luck", .log = "l", .rest = std::chrono::seconds(5)};
  EXPECT_EQ(end(*take(1), failed, 2), JobState::kQueued);
  EXPECT_EQ(stored(job.job_id).reason, "no luck");
  EXPECT_EQ(stored(job.job_id).next_try_at, at(7));
  EXPECT_FALSE(take(6));
  EXPECT_EQ(end(*take(7), failed, 8), JobState::kDead);
  EXPECT_EQ(stored(job.job_id).ended_at, at(8));
  EXPECT_EQ(stored(job.job_id).log, "l");
  EXPECT_FALSE(take(100));
  const auto audit = database->read(
      [](Transaction& work) { return ledger::select<ledger::AuditRow>(work, "WHERE action = 'job.dead'"); });
  ASSERT_TRUE(audit && audit->size() == 1);
  EXPECT_EQ(audit->front().subject, std::to_string(job.job_id));
  EXPECT_EQ(audit->front().after, "no luck");
  // Its owner is told by the process that trades.
  const auto asked = database->read([](Transaction& work) { return ledger::new_requests(work); });
  ASSERT_TRUE(asked && asked->size() == 1);
  EXPECT_EQ(asked->front().kind, "tell_user");
  EXPECT_TRUE(asked->front().payload.starts_with(R"({"owner_id":1,"severity":"warning","subject":"job )"));
  EXPECT_TRUE(asked->front().payload.contains("after 2 attempts: no luck")) << asked->front().payload;
  const auto again = retry(job.job_id, 9);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->attempts, 0);
  EXPECT_EQ(end(*take(9), {.outcome = Outcome::kDone, .result = "[1]"}, 10), JobState::kDone);
  EXPECT_EQ(stored(job.job_id).result, "[1]");
  EXPECT_EQ(stored(job.job_id).progress, 1);
  EXPECT_EQ(stored(job.job_id).reason, "");
  EXPECT_EQ(retry(job.job_id, 11).error().code, ErrorCode::kConflict);
}

TEST_P(JobStoreTest, BackOffDoublesUpToItsLongest) {
  const BackOff settings{.first = std::chrono::seconds(4), .longest = std::chrono::seconds(20)};
  const auto seconds = [&](std::int64_t attempts, double uniform) {
    return std::chrono::duration<double>(back_off(settings, attempts, uniform)).count();
  };
  EXPECT_EQ(seconds(1, 0), 2);
  EXPECT_NEAR(seconds(1, 0.999999), 4, 1e-3);
  EXPECT_EQ(seconds(2, 0.5), 6);
  EXPECT_EQ(seconds(3, 0), 8);
  EXPECT_EQ(seconds(4, 0), 10);
  EXPECT_EQ(seconds(1'000'000, 0), 10);
}

TEST_P(JobStoreTest, CancellingEndsWhatWaitsAndTellsWhatRuns) {
  const JobRow waits = post();
  EXPECT_EQ(cancel(waits.job_id, 1)->state, JobState::kCancelled);
  EXPECT_EQ(cancel(waits.job_id, 2).error().code, ErrorCode::kConflict);
  const JobRow job = post();
  const JobRow taken = *take(3);
  EXPECT_EQ(report(taken, {.progress = 0.25, .text = "a quarter", .log = "l"}, 4), Standing::kOurs);
  EXPECT_EQ(stored(job.job_id).progress, 0.25);
  EXPECT_EQ(stored(job.job_id).progress_text, "a quarter");
  EXPECT_EQ(stored(job.job_id).heartbeat, at(4));
  EXPECT_EQ(cancel(job.job_id, 5)->state, JobState::kRunning);
  EXPECT_EQ(report(taken, {}, 6), Standing::kCancelRequested);
  EXPECT_EQ(end(taken, {.outcome = Outcome::kFailed, .reason = "told to"}, 7), JobState::kCancelled);
}

TEST_P(JobStoreTest, AnAttemptThatIsNotOnesOwnWritesNothing) {
  const JobRow job = post();
  const JobRow first = *take(1, "a");
  EXPECT_EQ(*database->write([&](Transaction& work) { return recover_jobs(work, "b", at(2)); }), 1);
  EXPECT_EQ(report(first, {.progress = 0.9}, 3), Standing::kLost);
  const JobRow second = *take(3, "b");
  EXPECT_EQ(second.job_id, job.job_id);
  EXPECT_EQ(second.attempts, 2);
  EXPECT_EQ(end(first, {.outcome = Outcome::kDone, .result = "1"}, 4), std::nullopt);
  EXPECT_EQ(stored(job.job_id).state, JobState::kRunning);
  EXPECT_EQ(end(second, {.outcome = Outcome::kDone, .result = "2"}, 5), JobState::kDone);
  EXPECT_EQ(stored(job.job_id).result, "2");
}

TEST_P(JobStoreTest, JobsOfAProcessThatDiedAreTakenAgainOrAreDead) {
  const JobRow twice = post("", 0, 2);
  const JobRow once = post("", 0, 1);
  const JobRow unwanted = post();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(take(1));
  EXPECT_TRUE(cancel(unwanted.job_id, 2));
  // Its own are left alone.
  EXPECT_EQ(*database->write([&](Transaction& work) { return recover_jobs(work, "a", at(3)); }), 0);
  EXPECT_EQ(*database->write([&](Transaction& work) { return recover_jobs(work, "b", at(3)); }), 3);
  EXPECT_EQ(stored(twice.job_id).state, JobState::kQueued);
  EXPECT_EQ(stored(twice.job_id).reason, "the process that ran it (a) ended");
  EXPECT_EQ(stored(once.job_id).state, JobState::kDead);
  EXPECT_EQ(stored(unwanted.job_id).state, JobState::kCancelled);
}

TEST_P(JobStoreTest, AnInterruptedAttemptDoesNotCount) {
  const JobRow job = post("", 0, 1);
  EXPECT_EQ(end(*take(1), {.outcome = Outcome::kInterrupted, .reason = "the end"}, 2), JobState::kQueued);
  EXPECT_EQ(stored(job.job_id).attempts, 0);
  EXPECT_EQ(take(2)->attempts, 1);
}

TEST_P(JobStoreTest, AfterItsDeadlineItIsNotBegun) {
  JobRow late;
  late.owner_id = 1;
  late.type = "backtest";
  late.created_at = at(0);
  late.deadline = at(5);
  const std::int64_t first = post(late).job_id;
  const std::int64_t next = post().job_id;
  EXPECT_EQ(take(5)->job_id, next);
  EXPECT_EQ(stored(first).state, JobState::kFailed);
  EXPECT_EQ(retry(first, 6)->deadline, std::nullopt);
}

TEST_P(JobStoreTest, SomebodyElsesJobIsNotThere) {
  const JobRow job = post("key");
  EXPECT_EQ(cancel(job.job_id, 1, 2).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(retry(job.job_id, 1, 2).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(database->read([&](Transaction& work) { return find_job(work, job.job_id, 2); }));
  const auto listed = database->read([](Transaction& work) { return list_jobs(work, {.owner = 2}); });
  EXPECT_EQ(listed->total, 0);
  EXPECT_TRUE(cancel(job.job_id, 1, 1));
}

TEST_P(JobStoreTest, ListsTheNewestFirstWithoutWhatIsLong) {
  for (int i = 0; i < 5; ++i) post();
  (void)end(*take(1), {.outcome = Outcome::kDone, .result = "{}", .log = "long"}, 2);
  const auto some = database->read([](Transaction& work) { return list_jobs(work, {.limit = 2, .offset = 1}); });
  ASSERT_TRUE(some) << some.error().describe();
  EXPECT_EQ(some->total, 5);
  ASSERT_EQ(some->jobs.size(), 2U);
  EXPECT_EQ(some->jobs[0].job_id, 4);
  const auto done = database->read([](Transaction& work) { return list_jobs(work, {.state = JobState::kDone}); });
  ASSERT_EQ(done->jobs.size(), 1U);
  EXPECT_EQ(done->jobs[0].job_id, 1);
  EXPECT_EQ(done->jobs[0].log, "");
  EXPECT_EQ(done->jobs[0].result, "");
}

TEST_P(JobStoreTest, OldOnesAreRemovedButNeverTheNewest) {
  for (int i = 0; i < 3; ++i) post();
  (void)end(*take(1), {.outcome = Outcome::kDone}, 2);
  (void)cancel(3, 2);
  const auto remove = [&](std::int64_t second) {
    return *database->write([&](Transaction& work) { return remove_old_jobs(work, at(second)); });
  };
  EXPECT_EQ(remove(2), 0);
  EXPECT_EQ(remove(3), 1);
  EXPECT_EQ(stored(2).state, JobState::kQueued);
  EXPECT_EQ(post().job_id, 4);
}

TEST_P(JobStoreTest, TwoWorkersNeverTakeOneJob) {
  constexpr int kJobs = 40;
  for (int i = 0; i < kJobs; ++i) post();
  std::array<std::vector<std::int64_t>, 2> taken;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    threads.emplace_back([&, i] {
      auto own = ledger::open_database({.path = ledger_path()}, ledger::ledger_schema(), core::system_files(), clock);
      ASSERT_TRUE(own) << own.error().describe();
      const std::string worker = "worker " + std::to_string(i);
      while (true) {
        const auto job = (*own)->write([&](Transaction& work) { return take_job(work, worker, at(1)); });
        ASSERT_TRUE(job) << job.error().describe();
        if (!*job) return;
        taken[i].push_back((*job)->job_id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::int64_t> all(taken[0].begin(), taken[0].end());
  all.insert(taken[1].begin(), taken[1].end());
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kJobs));
  EXPECT_EQ(taken[0].size() + taken[1].size(), static_cast<std::size_t>(kJobs));
}

}  // namespace
}  // namespace argosy::jobs
