// Splits over time: which samples teach and which ones test, without letting the tested leak into the teaching.
//
//   ARGOSY_TRY(const WalkForward plan, parse_walk_forward("3y/1y"));
//   ARGOSY_TRY(const std::vector<Split> splits, walk_forward(plan, dates));
//   ARGOSY_TRY(const CombinatorialSplits cv, combinatorial_splits({.groups = 10, .test_groups = 2}, label_ends));
//
// Samples are numbered in order of time. The label of sample i is known at sample label_end[i] >= i, so that i says
// something about all from i to there. Sources: Lopez de Prado, Advances in Financial Machine Learning (2018), chapters
// 7 and 12.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"

namespace argosy::search {

// Samples [begin, end).
struct Stretch {
  std::size_t begin = 0;
  std::size_t end = 0;

  [[nodiscard]] std::size_t size() const { return end - begin; }
  friend bool operator==(const Stretch&, const Stretch&) = default;
};

// Both in order of time, without touching neighbours.
struct Split {
  std::vector<Stretch> train;
  std::vector<Stretch> test;
};

// A length of time: "3y", "6m", "2w", "10d" (civil), "500" or "500b" (bars).
struct Length {
  enum class Unit : std::uint8_t { kBars, kDays, kWeeks, kMonths, kYears };
  std::int64_t count = 0;
  Unit unit = Unit::kBars;

  friend bool operator==(const Length&, const Length&) = default;
};
[[nodiscard]] core::Result<Length> parse_length(std::string_view text);
[[nodiscard]] std::string to_string(Length length);

struct WalkForward {
  Length train;
  Length test;
  bool anchored = false;    // teaching begins with the first sample, not `train` before the test
  std::size_t purge = 0;    // samples before a test that do not teach, as their labels reach into it
  std::size_t embargo = 0;  // further ones
};
// "3y/1y": train, then test. The other fields keep their defaults.
[[nodiscard]] core::Result<WalkForward> parse_walk_forward(std::string_view text);

// Test after test without a hole, each right after its time of teaching; the last one may be shorter. `dates`: of the
// samples, not descending. An error when not one whole test fits, or when purge and embargo leave nothing to learn
// from.
[[nodiscard]] core::Result<std::vector<Split>> walk_forward(const WalkForward& plan, std::span<const core::Date> dates);

// What may teach when these stretches are tested, in order of time: not what is tested, not what has a label that
// reaches into a test or is reached by the labels of one, not the `embargo` samples after that.
[[nodiscard]] std::vector<Stretch> purged_train(std::span<const Stretch> tests, std::span<const std::size_t> label_end,
                                                std::size_t embargo);

// k stretches of about the same size, each tested once. k from 2 to the number of samples; an error when a split has
// nothing left to teach.
[[nodiscard]] core::Result<std::vector<Split>> purged_k_fold(std::size_t folds, std::span<const std::size_t> label_end,
                                                             std::size_t embargo);

struct Combinatorial {
  std::size_t groups = 10;
  std::size_t test_groups = 2;
  std::size_t embargo = 0;
};

// Every choice of test groups is a split; joined they give several paths over all of the time.
struct CombinatorialSplits {
  std::vector<Stretch> groups;
  std::vector<Split> splits;
  std::vector<std::vector<std::size_t>> test_groups;  // of each split, ascending
  std::vector<std::vector<std::size_t>> paths;        // paths[p][g]: the split that tests group g on path p
};

// Refuses an empty group, a split that has nothing left to teach, and more than 100,000 splits.
[[nodiscard]] core::Result<CombinatorialSplits> combinatorial_splits(const Combinatorial& plan,
                                                                     std::span<const std::size_t> label_end);

}  // namespace argosy::search
