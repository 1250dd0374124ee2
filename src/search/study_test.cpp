#include "search/study.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/files.hpp"
#include "ledger/open.hpp"
#include "ledger/runs_schema.hpp"
#include "search/test_functions.hpp"

namespace argosy::search {
namespace {

// A store that is killed after so many trials: what comes later is lost.
class KilledStore final : public StudyStore {
 public:
  KilledStore(StudyStore& store, std::size_t kept) : store_(&store), kept_(kept) {}
  core::Result<std::optional<StoredStudy>> load(const Space& space) override { return store_->load(space); }
  core::Result<void> create(std::span<const Fact> facts, const Space& space) override {
    return store_->create(facts, space);
  }
  core::Result<void> append(std::span<const Trial> trials, const Space& space) override {
    const std::size_t fits = std::min(kept_, trials.size());
    kept_ -= fits;
    return store_->append(trials.first(fits), space);
  }
  core::Result<void> finish(std::string_view /*result_hash*/) override { return {}; }

 private:
  StudyStore* store_;
  std::size_t kept_;
};

StudySetup some_study(SamplerKind sampler, PrunerKind pruner, std::size_t workers, std::uint64_t trials) {
  const bool continuous = sampler == SamplerKind::kCmaEs;
  StudySetup setup = minimise(continuous ? hartmann_space() : conditional_space(), sampler, 7, trials);
  setup.pruner = {.kind = pruner, .max_resource = pruner == PrunerKind::kNone ? 1 : 9};
  setup.workers = workers;
  setup.batch = 8;
  return setup;
}

FunctionEvaluator evaluator_of(const StudySetup& setup) {
  return {setup.space, setup.sampler.kind == SamplerKind::kCmaEs ? hartmann : conditional};
}

std::string hash_of(const StudySetup& setup) {
  FunctionEvaluator evaluator = evaluator_of(setup);
  const auto result = run(setup, evaluator, *make_memory_store());
  EXPECT_TRUE(result) << result.error().describe();
  return result ? result->result_hash : "";
}

TEST(Study, SameSeedSameHash) {
  std::set<std::string> hashes;
  for (const SamplerKind kind : {SamplerKind::kRandom, SamplerKind::kSobol, SamplerKind::kTpe, SamplerKind::kCmaEs}) {
    StudySetup setup = some_study(kind, PrunerKind::kNone, 1, 40);
    hashes.insert(hash_of(setup));
    EXPECT_TRUE(hashes.contains(hash_of(setup)));
    setup.sampler.seed = 8;
    hashes.insert(hash_of(setup));
  }
  EXPECT_EQ(hashes.size(), 8U);
}

// Where no sampler and no pruner looks at what came out, neither workers nor batches matter.
TEST(Study, BatchesDoNotMatterWithoutLearning) {
  StudySetup setup = some_study(SamplerKind::kSobol, PrunerKind::kNone, 1, 40);
  const std::string hash = hash_of(setup);
  setup.workers = 3;
  setup.batch = 1000;
  EXPECT_EQ(hash_of(setup), hash);
}

// Fixed numbers: a change of a sampler, of the pruner, of its log and exp, or of the generator shows here. The function
// uses arithmetic alone, so that they are the same on every machine.
TEST(Study, GivesItsFixedNumbers) {
  const auto hash = [](SamplerKind sampler) {
    StudySetup setup = some_study(sampler, PrunerKind::kAsha, 2, 60);
    FunctionEvaluator evaluator(setup.space, [](const Space& /*space*/, const Setting& setting) {
      double sum = 0;
      for (const double value : setting.values) sum += std::isnan(value) ? 1 : (value - 0.4) * (value - 0.4);
      return sum;
    });
    const auto result = run(setup, evaluator, *make_memory_store());
    EXPECT_TRUE(result) << result.error().describe();
    return result ? result->result_hash.substr(0, 16) : "";
  };
  EXPECT_EQ(hash(SamplerKind::kRandom), "91b29f2fc98b3386");
  EXPECT_EQ(hash(SamplerKind::kSobol), "1c8cbdea181b8ddc");
  EXPECT_EQ(hash(SamplerKind::kTpe), "32b264a33f621d11");
  EXPECT_EQ(hash(SamplerKind::kCmaEs), "3b35b75caf78fb23");
}

void check_resumed(SamplerKind sampler, PrunerKind pruner, std::size_t workers, std::uint64_t trials,
                   std::size_t kept) {
  const StudySetup setup = some_study(sampler, pruner, workers, trials);
  const std::string whole = hash_of(setup);
  const auto store = make_memory_store();
  KilledStore killed(*store, kept);
  FunctionEvaluator before = evaluator_of(setup);
  RC_ASSERT(run(setup, before, killed).has_value());
  FunctionEvaluator after = evaluator_of(setup);
  const auto result = run(setup, after, *store);
  RC_ASSERT(result.has_value());
  RC_ASSERT(result->resumed == std::min<std::size_t>(kept, trials));
  RC_ASSERT(result->result_hash == whole);
  std::set<std::int64_t> again;
  for (const auto& [trial, resource] : after.evaluated) again.insert(trial);
  RC_ASSERT(again.size() == trials - result->resumed);
}

// Killed after any number of trials was stored, a study ends as if it had not been, and evaluates only what was lost.
RC_GTEST_PROP(Study, ResumedIsUninterrupted, ()) {
  const auto sampler =
      *rc::gen::element(SamplerKind::kRandom, SamplerKind::kSobol, SamplerKind::kTpe, SamplerKind::kCmaEs);
  const auto pruner = *rc::gen::element(PrunerKind::kNone, PrunerKind::kMedian, PrunerKind::kSuccessiveHalving,
                                        PrunerKind::kAsha, PrunerKind::kHyperband);
  const auto workers = *rc::gen::inRange<std::size_t>(1, 5);
  const auto trials = *rc::gen::inRange<std::uint64_t>(1, 32);
  const auto kept = *rc::gen::inRange<std::size_t>(0, 34);
  const bool groups = pruner == PrunerKind::kSuccessiveHalving || pruner == PrunerKind::kHyperband;
  RC_PRE(!(groups && sampler == SamplerKind::kCmaEs));
  check_resumed(sampler, pruner, workers, trials, kept);
}

TEST(Study, GoesOnWithALargerBudget) {
  const auto store = make_memory_store();
  StudySetup setup = some_study(SamplerKind::kTpe, PrunerKind::kAsha, 1, 20);
  FunctionEvaluator first = evaluator_of(setup);
  ASSERT_TRUE(run(setup, first, *store));
  setup.trials = 40;
  FunctionEvaluator second = evaluator_of(setup);
  const auto result = run(setup, second, *store);
  ASSERT_TRUE(result) << result.error().describe();
  EXPECT_EQ(result->trials.size(), 40U);
  EXPECT_EQ(result->result_hash, hash_of(setup));
  EXPECT_EQ(second.evaluated.front().first, 20);
}

TEST(Study, RefusesAnotherStudyOfItsName) {
  const auto store = make_memory_store();
  StudySetup setup = some_study(SamplerKind::kTpe, PrunerKind::kNone, 1, 12);
  setup.facts = {{"strategy", "golden_cross 1a2b"}, {"data", "33"}};
  FunctionEvaluator evaluator = evaluator_of(setup);
  ASSERT_TRUE(run(setup, evaluator, *store));
  const auto message = [&](const StudySetup& other) {
    const auto result = run(other, evaluator, *store);
    return result ? "accepted" : result.error().message;
  };
  EXPECT_EQ(message(setup), "accepted");
  StudySetup other = setup;
  other.facts[0].value = "breakout 3c4d";
  EXPECT_EQ(message(other),
            "the study \"test\" is another one; what differs: strategy (was golden_cross 1a2b, is breakout 3c4d)");
  other.sampler.seed = 9;
  EXPECT_EQ(message(other),
            "the study \"test\" is another one; what differs: strategy (was golden_cross 1a2b, is "
            "breakout 3c4d); seed (was 7, is 9)");
  other = setup;
  other.facts.pop_back();
  EXPECT_EQ(message(other), "the study \"test\" is another one; what differs: data (was 33, is none)");
  other = setup;
  other.objectives[0].direction = Direction::kMaximise;
  EXPECT_EQ(message(other),
            "the study \"test\" is another one; what differs: objectives (was minimise loss, is maximise loss)");
  other = setup;
  other.workers = 2;
  EXPECT_EQ(message(other), "the study \"test\" is another one; what differs: workers (was 1, is 2)");
  other = setup;
  other.space = branin_space();
  EXPECT_TRUE(message(other).starts_with("the study \"test\" is another one; what differs: space (was {\"kind\""));
}

// Values, constraints and failures by the setting.
class PlainEvaluator final : public Evaluator {
 public:
  using Function = std::function<Outcome(const Request&)>;
  explicit PlainEvaluator(Function function) : function_(std::move(function)) {}
  core::Result<std::vector<Outcome>> evaluate(std::span<const Request> requests) override {
    batches.push_back(requests.size());
    std::vector<Outcome> outcomes;
    for (const Request& request : requests) outcomes.push_back(function_(request));
    return outcomes;
  }
  std::vector<std::size_t> batches;

 private:
  Function function_;
};

Outcome values(std::vector<double> given) {
  Outcome outcome;
  outcome.values = std::move(given);
  return outcome;
}

TEST(Study, GridIsHandedOverInBatches) {
  StudySetup setup =
      minimise(*parse_space("a: {range: [1, 50]}\nb: {range: [1, 50]}", "s.yaml"), SamplerKind::kGrid, 0, 1);
  setup.trials.reset();
  std::size_t reported = 0;
  setup.on_progress = [&](const StudyProgress& progress) {
    EXPECT_EQ(progress.total, 2500U);
    EXPECT_GT(progress.finished, reported);
    reported = progress.finished;
  };
  PlainEvaluator evaluator([&](const Request& request) { return values({request.setting.values[0]}); });
  const auto result = run(setup, evaluator, *make_memory_store());
  ASSERT_TRUE(result) << result.error().describe();
  EXPECT_EQ(evaluator.batches, (std::vector<std::size_t>{1000, 1000, 500}));
  EXPECT_EQ(result->trials.size(), 2500U);
  EXPECT_EQ(reported, 2500U);
  EXPECT_EQ(result->ranking.front(), 0U);  // of equal ones the first
}

TEST(Study, KeepsWhatFailsAndWhatBreaksAConstraint) {
  StudySetup setup = minimise(*parse_space("a: {range: [1, 9]}", "s.yaml"), SamplerKind::kGrid, 0, 9);
  PlainEvaluator evaluator([&](const Request& request) {
    const double a = request.setting.values[0];
    Outcome outcome = values({a});
    outcome.constraints = {3.5 - a};
    if (a == 5) outcome.error = "no bars";
    if (a == 6) outcome.values = {std::numeric_limits<double>::quiet_NaN()};
    if (a == 7) outcome.values = {1, 2};
    return outcome;
  });
  const auto result = run(setup, evaluator, *make_memory_store());
  ASSERT_TRUE(result) << result.error().describe();
  // 4 is the smallest that is allowed; then 8, 9; 3, 2, 1 break the constraint more and more; 5, 6, 7 failed.
  EXPECT_EQ(result->ranking, (std::vector<std::size_t>{3, 7, 8, 2, 1, 0, 4, 5, 6}));
  EXPECT_EQ(result->trials[2].state, TrialState::kInfeasible);
  EXPECT_EQ(result->trials[4].error, "no bars");
  EXPECT_EQ(result->trials[5].error, "its objective is no number");
  EXPECT_EQ(result->front, (std::vector<std::size_t>{3}));
}

TEST(Study, EndsWhenAllOfTheFirstFail) {
  StudySetup setup = minimise(branin_space(), SamplerKind::kTpe, 1, 100);
  PlainEvaluator evaluator([](const Request& /*request*/) {
    Outcome outcome;
    outcome.error = "no such file";
    return outcome;
  });
  const auto result = run(setup, evaluator, *make_memory_store());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "all of the first 10 trials failed; trial 0: no such file");
  EXPECT_EQ(evaluator.batches.size(), 10U);
}

// What was evaluated is kept when the evaluator gives up.
TEST(Study, KeepsTrialsWhenTheEvaluatorFails) {
  class Failing final : public Evaluator {
   public:
    core::Result<std::vector<Outcome>> evaluate(std::span<const Request> requests) override {
      if (requests[0].trial == 5) return core::fail(core::ErrorCode::kIo, "the disk is gone");
      return std::vector<Outcome>(requests.size(), values({1}));
    }
  };
  const StudySetup setup = minimise(branin_space(), SamplerKind::kRandom, 1, 20);
  StudySetup one_by_one = setup;
  one_by_one.batch = 1;
  Failing evaluator;
  const auto store = make_memory_store();
  const auto result = run(one_by_one, evaluator, *store);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "the disk is gone");
  EXPECT_EQ((*store->load(setup.space))->trials.size(), 5U);
}

TEST(Study, FindsAFrontOfTwoObjectives) {
  // Schaffer's first problem: the front is x from 0 to 2.
  StudySetup setup = minimise(*Space::make({continuous("x", -10, 10)}), SamplerKind::kTpe, 2, 120);
  setup.objectives = {{"one", Direction::kMinimise}, {"two", Direction::kMinimise}};
  const auto near = [&](SamplerKind kind) {
    setup.sampler.kind = kind;
    PlainEvaluator evaluator([](const Request& request) {
      const double x = request.setting.values[0];
      return values({x * x, (x - 2) * (x - 2)});
    });
    const auto result = run(setup, evaluator, *make_memory_store());
    EXPECT_TRUE(result);
    for (const std::size_t i : result->front) {
      EXPECT_GE(result->trials[i].setting.values[0], -0.5);
      EXPECT_LE(result->trials[i].setting.values[0], 2.5);
    }
    return result->front.size();
  };
  EXPECT_GT(near(SamplerKind::kTpe), 2 * near(SamplerKind::kRandom));
}

TEST(Study, StopsWhenTheTimeIsOver) {
  core::SimulatedClock clock{core::Timestamp{}};
  StudySetup setup = minimise(branin_space(), SamplerKind::kTpe, 1, 100);
  setup.trials.reset();
  setup.time_limit = std::chrono::seconds(10);
  PlainEvaluator evaluator([&](const Request& request) {
    clock.advance_to(clock.now() + std::chrono::seconds(1));
    return values({branin(setup.space, request.setting)});
  });
  const auto store = make_memory_store();
  const auto result = run_study(setup, evaluator, *store, clock);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->out_of_time);
  EXPECT_EQ(result->trials.size(), 10U);
  EXPECT_EQ(result->trials[3].duration, core::Duration(std::chrono::seconds(1)));
}

TEST(Study, RefusesBadSetups) {
  const auto message = [](auto change) {
    StudySetup setup = minimise(branin_space(), SamplerKind::kTpe, 1, 10);
    change(setup);
    FunctionEvaluator evaluator(setup.space, branin);
    const auto result = run(setup, evaluator, *make_memory_store());
    return result ? "accepted" : result.error().message;
  };
  EXPECT_EQ(message([](StudySetup& s) { s.trials = 0; }), "a budget of zero trials");
  EXPECT_EQ(message([](StudySetup& s) { s.trials.reset(); }), "a study without an end");
  EXPECT_EQ(message([](StudySetup& s) { s.time_limit = core::Duration{0}; }), "a time limit of zero");
  EXPECT_EQ(message([](StudySetup& s) { s.objectives.clear(); }), "the study has no objective");
  EXPECT_EQ(message([](StudySetup& s) { s.workers = 0; }), "a study without workers");
  EXPECT_EQ(message([](StudySetup& s) {
              s.sampler.kind = SamplerKind::kCmaEs;
              s.pruner = {.kind = PrunerKind::kHyperband, .max_resource = 9};
            }),
            "a generation of cma_es and a group of hyperband would wait for each other");
}

// Stored in a database and read back, also after the loss of the last trials.
struct StoredStudyTest : testing::Test {
  StoredStudyTest() {
    folder = testing::TempDir() + "/argosy-search-" + std::to_string(::getpid());
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    auto opened =
        ledger::open_database({.path = folder + "/runs.db"}, ledger::runs_schema(), core::system_files(), clock);
    EXPECT_TRUE(opened) << opened.error().describe();
    database = *std::move(opened);
  }
  ~StoredStudyTest() override { std::filesystem::remove_all(folder); }

  [[nodiscard]] std::unique_ptr<StudyStore> store() const {
    return make_ledger_store(*database, {.name = "test", .kind = "strategy"}, clock);
  }

  std::string folder;
  core::SimulatedClock clock{core::Timestamp(std::chrono::seconds(1'700'000'000))};
  std::unique_ptr<ledger::Database> database;
};

TEST_F(StoredStudyTest, GoesOnWithNobodyElsesStudy) {
  const StudySetup setup = some_study(SamplerKind::kTpe, PrunerKind::kAsha, 2, 5);
  const auto run_for = [&](std::int64_t owner_id) {
    const auto kept = make_ledger_store(*database, {.name = "test", .kind = "strategy", .owner_id = owner_id}, clock);
    FunctionEvaluator evaluator = evaluator_of(setup);
    return run(setup, evaluator, *kept).has_value();
  };
  EXPECT_TRUE(run_for(2));
  EXPECT_TRUE(run_for(2));
  EXPECT_FALSE(run_for(3)) << "the name is taken";
  EXPECT_TRUE(run_for(0)) << "the operator may";
}

TEST_F(StoredStudyTest, ResumesFromTheDatabase) {
  const StudySetup setup = some_study(SamplerKind::kTpe, PrunerKind::kAsha, 2, 30);
  const std::string whole = hash_of(setup);
  const auto first = store();
  KilledStore killed(*first, 13);
  FunctionEvaluator before = evaluator_of(setup);
  ASSERT_TRUE(run(setup, before, killed));
  const auto second = store();
  FunctionEvaluator after = evaluator_of(setup);
  const auto result = run(setup, after, *second);
  ASSERT_TRUE(result) << result.error().describe();
  EXPECT_EQ(result->resumed, 13U);
  EXPECT_EQ(result->result_hash, whole);
  const auto row = database->read([&](ledger::Transaction& work) { return ledger::find_study(work, "test"); });
  ASSERT_TRUE(row);
  EXPECT_EQ(row->state, "finished");
  EXPECT_EQ(row->result_hash, whole);
  EXPECT_EQ(row->study_id, second->id());
  EXPECT_EQ(row->objectives, R"(["minimise loss"])");
}

TEST_F(StoredStudyTest, KeepsEveryKindOfTrial) {
  StudySetup setup =
      minimise(*parse_space("a: {range: [1, 5]}\nb: {choices: [x, 0.1]}", "s.yaml"), SamplerKind::kGrid, 0, 10);
  setup.facts = {{"data", "h\"1"}};
  PlainEvaluator evaluator([&](const Request& request) {
    const double a = request.setting.values[0];
    Outcome outcome = values({a / 3});
    outcome.constraints = {2.5 - a};
    outcome.engine = "kernel";
    outcome.result_hash = "ab";
    outcome.statistics = R"({"trades":3})";
    if (a == 5) outcome.error = "no bars";
    return outcome;
  });
  const auto result = run(setup, evaluator, *store());
  ASSERT_TRUE(result) << result.error().describe();
  const auto stored = store()->load(setup.space);
  ASSERT_TRUE(stored) << stored.error().describe();
  ASSERT_TRUE(*stored);
  EXPECT_EQ(hash_trials((*stored)->trials, setup.space), result->result_hash);
  EXPECT_EQ((*stored)->trials[0].state, TrialState::kInfeasible);
  EXPECT_EQ((*stored)->trials[0].statistics, R"({"trades":3})");
  EXPECT_EQ((*stored)->trials[0].engine, "kernel");
  EXPECT_EQ((*stored)->trials[9].error, "no bars");
  setup.facts[0].value = "h2";
  const auto other = run(setup, evaluator, *store());
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().message, "the study \"test\" is another one; what differs: data (was h\"1, is h2)");
  StudySetup elsewhere = minimise(branin_space(), SamplerKind::kRandom, 0, 3);
  EXPECT_TRUE(run(elsewhere, evaluator, *store()).error().message.contains("space (was "));
}

}  // namespace
}  // namespace argosy::search
