#include "ledger/studies.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "ledger/records.hpp"
#include "ledger/test_ledger.hpp"

namespace argosy::ledger {
namespace {

using core::ErrorCode;

class StudiesTest : public StoreTest {
 protected:
  template <class Function>
  auto write(Function function) {
    return store->write(function);
  }
  template <class Function>
  auto read(Function function) {
    return store->read(function);
  }
  std::unique_ptr<Database> store = open_store();
};

ARGOSY_ON_EACH_STORE(StudiesTest);

TEST_P(StudiesTest, AStudyIsFoundByIdBeginningNameAndLast) {
  const StudyRow first = make_study(*store, "first try");
  const StudyRow second = make_study(*store, "second try");
  EXPECT_TRUE(first.study_id.starts_with("s1-")) << first.study_id;
  EXPECT_EQ(first.study_id.size(), 9U);
  for (const std::string& wanted : {first.study_id, std::string("s1"), std::string("first try")}) {
    const auto found = read([&](Transaction& work) { return find_study(work, wanted); });
    ASSERT_TRUE(found) << found.error().describe();
    EXPECT_EQ(found->study_id, first.study_id);
    EXPECT_EQ(found->created_at, first.created_at);
    EXPECT_FALSE(found->result_hash);
  }
  EXPECT_EQ(read([&](Transaction& work) { return find_study(work, "last"); })->study_id, second.study_id);
  const auto both = read([&](Transaction& work) { return find_study(work, "s"); });
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(both.error().message.contains(second.study_id)) << both.error().message;
  for (const char* none : {"s3", "%", "_1", "third"}) {
    const auto missing = read([&](Transaction& work) { return find_study(work, none); });
    ASSERT_FALSE(missing) << none;
    EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  }
  const auto list = read([&](Transaction& work) { return list_studies(work); });
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ(list->front().name, "second try");
}

TEST_P(StudiesTest, ANameIsOfOneStudy) {
  make_study(*store, "same");
  const auto again = write([&](Transaction& work) { return create_study(work, {.name = "same"}); });
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
}

TEST_P(StudiesTest, FinishResumeRemove) {
  const StudyRow study = make_study(*store, "whole life");
  ASSERT_TRUE(write([&](Transaction& work) { return add_trials(work, make_trials(study.study_id, 0, 3)); }));
  const core::Timestamp time(std::chrono::nanoseconds(42));
  ASSERT_TRUE(write([&](Transaction& work) { return finish_study(work, study.study_id, time, "abc"); }));
  const auto finished = read([&](Transaction& work) { return find_study(work, study.study_id); });
  EXPECT_EQ(finished->state, "finished");
  EXPECT_EQ(finished->result_hash, "abc");
  EXPECT_EQ(finished->finished_at, time);
  ASSERT_TRUE(write([&](Transaction& work) { return resume_study(work, study.study_id); }));
  EXPECT_EQ(read([&](Transaction& work) { return find_study(work, study.study_id); })->state, "running");
  ASSERT_TRUE(write([&](Transaction& work) { return remove_study(work, study.study_id); }));
  EXPECT_EQ(*read([&](Transaction& work) { return count_trials(work, study.study_id); }), 0);
  EXPECT_EQ(write([&](Transaction& work) { return remove_study(work, study.study_id); }).error().code,
            ErrorCode::kNotFound);
}

TEST_P(StudiesTest, TrialsComeBackToTheLastBit) {
  const StudyRow study = make_study(*store, "bits");
  const double infinity = std::numeric_limits<double>::infinity();
  const TrialRow trial{.study_id = study.study_id,
                       .number = 3,
                       .state = TrialState::kPruned,
                       .parameters = R"({"fast":20,"kind":"it's"})",
                       .values = {0.1 + 0.2, -0.0, 5e-324, infinity, -infinity, std::nan("")},
                       .intermediate = {{1, 1.0 / 3}, {9'007'199'254'740'993, -infinity}},
                       .constraints = {-1e300},
                       .statistics = R"({"trades":5})",
                       .engine = "kernel",
                       .result_hash = "ff",
                       .note = "below the median",
                       .duration_ns = 1'234'567,
                       .finished_at = core::Timestamp(std::chrono::nanoseconds(1))};
  ASSERT_TRUE(write([&](Transaction& work) { return add_trials(work, {&trial, 1}); }));
  const auto trials = read([&](Transaction& work) { return load_trials(work, study.study_id); });
  ASSERT_TRUE(trials) << trials.error().describe();
  ASSERT_EQ(trials->size(), 1U);
  const TrialRow& found = trials->front();
  EXPECT_EQ(found.state, TrialState::kPruned);
  EXPECT_EQ(found.parameters, trial.parameters);
  ASSERT_EQ(found.values.size(), trial.values.size());
  for (std::size_t i = 0; i + 1 < trial.values.size(); ++i)
    EXPECT_EQ(std::bit_cast<std::uint64_t>(found.values[i]), std::bit_cast<std::uint64_t>(trial.values[i])) << i;
  EXPECT_TRUE(std::isnan(found.values.back()));
  EXPECT_EQ(found.intermediate, trial.intermediate);
  EXPECT_EQ(found.constraints, trial.constraints);
  EXPECT_EQ(found.statistics, trial.statistics);
  EXPECT_EQ(found.engine, trial.engine);
  EXPECT_EQ(found.note, trial.note);
  EXPECT_EQ(found.duration_ns, trial.duration_ns);
  EXPECT_EQ(found.finished_at, trial.finished_at);
}

TEST_P(StudiesTest, AGroupIsStoredWholeOrNotAtAll) {
  const StudyRow study = make_study(*store, "groups");
  ASSERT_TRUE(write([&](Transaction& work) { return add_trials(work, make_trials(study.study_id, 0, 10)); }));
  const auto twice = write([&](Transaction& work) { return add_trials(work, make_trials(study.study_id, 5, 10)); });
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::kConflict);
  const auto orphan = write([&](Transaction& work) { return add_trials(work, make_trials("s99-000000", 0, 1)); });
  EXPECT_FALSE(orphan) << "a trial belongs to a study";
  EXPECT_EQ(*read([&](Transaction& work) { return count_trials(work, study.study_id); }), 10);
}

}  // namespace
}  // namespace argosy::ledger
