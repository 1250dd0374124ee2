#include "search/splits.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace argosy::search {
namespace {

using core::Date;

// Every civil day from a date on.
std::vector<Date> days(Date first, int count) {
  std::vector<Date> dates;
  for (int i = 0; i < count; ++i) dates.push_back(first.plus_days(i));
  return dates;
}

std::vector<std::size_t> labels(std::size_t samples, std::size_t horizon) {
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < samples; ++i) ends.push_back(std::min(i + horizon, samples - 1));
  return ends;
}

TEST(Length, IsReadAndWritten) {
  EXPECT_EQ(to_string(*parse_length("3y")), "3y");
  EXPECT_EQ(to_string(*parse_length("18m")), "18m");
  EXPECT_EQ(to_string(*parse_length("2w")), "2w");
  EXPECT_EQ(to_string(*parse_length("10d")), "10d");
  for (const char* text : {"500", "500b", "500bars", "500 bars"})
    EXPECT_EQ(to_string(*parse_length(text)), "500b") << text;
  for (const char* text : {"", "y", "0y", "-1y", "3.5y", "3q", "3 years", "999999999999y"}) {
    EXPECT_FALSE(parse_length(text)) << text;
  }
  EXPECT_EQ(parse_walk_forward("3y / 6m")->test, (Length{6, Length::Unit::kMonths}));
  for (const char* text : {"3y", "3y/1y/1y", "/1y", "3y/"}) EXPECT_FALSE(parse_walk_forward(text)) << text;
}

TEST(WalkForward, ByBars) {
  const auto dates = days(Date::from_ymd(2020, 1, 1), 11);
  WalkForward plan = *parse_walk_forward("4/3");
  plan.purge = 1;
  const auto splits = walk_forward(plan, dates);
  ASSERT_TRUE(splits) << splits.error().describe();
  ASSERT_EQ(splits->size(), 3U);
  EXPECT_EQ((*splits)[0].train, (std::vector<Stretch>{{0, 3}}));
  EXPECT_EQ((*splits)[0].test, (std::vector<Stretch>{{4, 7}}));
  EXPECT_EQ((*splits)[1].train, (std::vector<Stretch>{{3, 6}}));
  EXPECT_EQ((*splits)[2].train, (std::vector<Stretch>{{6, 9}}));
  EXPECT_EQ((*splits)[2].test, (std::vector<Stretch>{{10, 11}}));
  plan.anchored = true;
  plan.embargo = 1;
  EXPECT_EQ((*walk_forward(plan, dates))[2].train, (std::vector<Stretch>{{0, 8}}));
}

TEST(WalkForward, ByCalendar) {
  const auto dates = days(Date::from_ymd(2020, 1, 31), 365 * 3);
  const auto splits = walk_forward(*parse_walk_forward("1y/1m"), dates);
  ASSERT_TRUE(splits) << splits.error().describe();
  // A month after the 31st of January is the last day of February, two months after it the 31st of March.
  EXPECT_EQ(dates[(*splits)[0].test[0].begin].to_string(), "2021-01-31");
  EXPECT_EQ(dates[(*splits)[1].test[0].begin].to_string(), "2021-02-28");
  EXPECT_EQ(dates[(*splits)[2].test[0].begin].to_string(), "2021-03-31");
  EXPECT_EQ(dates[(*splits)[2].train[0].begin].to_string(), "2020-03-31");
}

TEST(WalkForward, RefusesWhatDoesNotFit) {
  const auto dates = days(Date::from_ymd(2020, 1, 1), 1000);
  const auto longer = walk_forward(*parse_walk_forward("3y/1y"), dates);
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().message,
            "the data end before the first test of 3y/1y does: 1000 bars from 2020-01-01 to 2022-09-26");
  EXPECT_FALSE(walk_forward(*parse_walk_forward("900/200"), dates));
  EXPECT_FALSE(walk_forward(*parse_walk_forward("900/200"), {}));
  WalkForward plan = *parse_walk_forward("100/50");
  plan.purge = 60;
  plan.embargo = 40;
  EXPECT_FALSE(walk_forward(plan, dates));
  plan.embargo = 39;
  EXPECT_TRUE(walk_forward(plan, dates));
}

// The tests follow each other without a hole to the end of the data, and nothing that teaches is tested or near it.
RC_GTEST_PROP(WalkForward, CoversTheTimeAfterTheFirstTraining, ()) {
  const auto count = *rc::gen::inRange(20, 600);
  std::vector<Date> dates;
  Date date = Date::from_ymd(2019, 12, 30);
  for (int i = 0; i < count; ++i) dates.push_back(date = date.plus_days(*rc::gen::inRange(0, 4)));
  WalkForward plan;
  plan.train = {*rc::gen::inRange(5, 300), *rc::gen::element(Length::Unit::kBars, Length::Unit::kDays)};
  plan.test = {*rc::gen::inRange(1, 100),
               *rc::gen::element(Length::Unit::kBars, Length::Unit::kDays, Length::Unit::kWeeks)};
  plan.purge = *rc::gen::inRange<std::size_t>(0, 4);
  plan.anchored = *rc::gen::arbitrary<bool>();
  const auto splits = walk_forward(plan, dates);
  if (!splits) return;
  RC_ASSERT(!splits->empty());
  for (std::size_t i = 0; i < splits->size(); ++i) {
    const Split& split = (*splits)[i];
    RC_ASSERT(split.train[0].size() > 0);
    RC_ASSERT(split.train[0].end + plan.purge == split.test[0].begin);
    if (i > 0) RC_ASSERT((*splits)[i - 1].test[0].end == split.test[0].begin);
  }
  RC_ASSERT(splits->back().test[0].end == dates.size());
}

TEST(PurgedKFold, ByHand) {
  const auto splits = purged_k_fold(3, labels(12, 2), 1);
  ASSERT_TRUE(splits) << splits.error().describe();
  // 4 to 7 are tested, and their labels reach to 9. Those of 2 and 3 reach into it; 10 is the embargo.
  EXPECT_EQ((*splits)[1].test, (std::vector<Stretch>{{4, 8}}));
  EXPECT_EQ((*splits)[1].train, (std::vector<Stretch>{{0, 2}, {11, 12}}));
  EXPECT_FALSE(purged_k_fold(1, labels(12, 2), 0));
  EXPECT_FALSE(purged_k_fold(13, labels(12, 2), 0));
  EXPECT_FALSE(purged_k_fold(2, labels(12, 11), 0));
}

TEST(Cpcv, CountsItsPaths) {
  struct Known {
    std::size_t groups, test_groups, splits, paths;
  };
  for (const Known& known : {Known{6, 2, 15, 5}, Known{8, 2, 28, 7}, Known{10, 2, 45, 9}, Known{10, 3, 120, 36},
                             Known{10, 5, 252, 126}, Known{12, 2, 66, 11}, Known{16, 2, 120, 15}}) {
    const auto result = combinatorial_splits({known.groups, known.test_groups, 0}, labels(400, 1));
    ASSERT_TRUE(result) << result.error().describe();
    EXPECT_EQ(result->splits.size(), known.splits);
    EXPECT_EQ(result->paths.size(), known.paths);
  }
  EXPECT_FALSE(combinatorial_splits({40, 20, 0}, labels(400, 1)));
  EXPECT_FALSE(combinatorial_splits({10, 10, 0}, labels(400, 1)));
  EXPECT_FALSE(combinatorial_splits({10, 0, 0}, labels(400, 1)));
  EXPECT_FALSE(combinatorial_splits({10, 2, 0}, labels(9, 1)));
}

// Labels of any length, also ones that end before those of earlier samples.
std::vector<std::size_t> some_labels() {
  const auto samples = *rc::gen::inRange<std::size_t>(20, 120);
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < samples; ++i) {
    ends.push_back(std::min(i + *rc::gen::inRange<std::size_t>(0, 8), samples - 1));
  }
  return ends;
}

RC_GTEST_PROP(Cpcv, NoLabelOfTheTrainingMeetsATest, ()) {
  const std::vector<std::size_t> ends = some_labels();
  const Combinatorial plan{*rc::gen::inRange<std::size_t>(3, 8), *rc::gen::inRange<std::size_t>(1, 3),
                           *rc::gen::inRange<std::size_t>(0, 5)};
  const auto result = combinatorial_splits(plan, ends);
  if (!result) return;
  for (const Split& split : result->splits) {
    for (const Stretch& train : split.train) {
      for (std::size_t i = train.begin; i < train.end; ++i) {
        for (const Stretch& test : split.test) {
          for (std::size_t j = test.begin; j < test.end; ++j) RC_ASSERT(ends[i] < j || i > ends[j]);
        }
      }
    }
  }
}

RC_GTEST_PROP(Cpcv, EachPathTestsEachGroupOnce, ()) {
  const std::vector<std::size_t> ends = some_labels();
  const Combinatorial plan{*rc::gen::inRange<std::size_t>(3, 8), *rc::gen::inRange<std::size_t>(1, 3), 0};
  const auto result = combinatorial_splits(plan, ends);
  if (!result) return;
  std::vector<std::vector<bool>> used(result->splits.size(), std::vector<bool>(plan.groups));
  std::size_t filled = 0;
  for (const std::vector<std::size_t>& path : result->paths) {
    RC_ASSERT(path.size() == plan.groups);
    for (std::size_t group = 0; group < plan.groups; ++group) {
      const std::size_t split = path[group];
      const auto& tested = result->test_groups[split];
      RC_ASSERT(std::ranges::find(tested, group) != tested.end());
      RC_ASSERT(!used[split][group]);
      used[split][group] = true;
      ++filled;
    }
  }
  RC_ASSERT(filled == result->splits.size() * plan.test_groups);
}

}  // namespace
}  // namespace argosy::search
