#include "search/splits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "core/check.hpp"
#include "core/text.hpp"

namespace argosy::search {
namespace {

using core::Date;
using core::ErrorCode;
using core::Result;

constexpr std::int64_t kMostSplits = 100'000;
constexpr std::int64_t kMostLength = 100'000'000;

std::unexpected<core::Error> refuse(std::string message, std::string hint) {
  return core::fail(core::Error(ErrorCode::kInvalidArgument, std::move(message)).with_hint(std::move(hint)));
}

// The same day so many months later, or the last day of a month that is too short.
Date plus_months(Date date, std::int64_t months) {
  using std::chrono::year_month;
  const year_month first{std::chrono::year{date.year()}, std::chrono::month{date.month()}};
  const year_month then = first + std::chrono::months{months};
  const std::chrono::year_month_day_last last{then.year(), std::chrono::month_day_last{then.month()}};
  return Date::from_ymd(static_cast<int>(then.year()), static_cast<unsigned>(then.month()),
                        std::min(date.day(), static_cast<unsigned>(last.day())));
}

// A point in time that lengths are counted from: a sample's number, or a date.
class Boundary {
 public:
  explicit Boundary(std::span<const Date> dates) : dates_(dates), first_(dates.front()) {}

  // The first sample at or after `times` lengths and an offset from the beginning; the number of samples when the data
  // end before.
  [[nodiscard]] std::size_t after(Length offset, Length length, std::int64_t times) const {
    if (length.unit == Length::Unit::kBars) {
      const std::size_t base = after_date(offset);
      return std::min(base + static_cast<std::size_t>(length.count * times), dates_.size());
    }
    if (offset.unit == Length::Unit::kBars) {
      if (static_cast<std::size_t>(offset.count) >= dates_.size()) return dates_.size();
      const Date base = dates_[static_cast<std::size_t>(offset.count)];
      return times == 0 ? static_cast<std::size_t>(offset.count) : at(plus(base, length, times));
    }
    return at(plus(plus(first_, offset, 1), length, times));
  }

  [[nodiscard]] std::size_t after_date(Length offset) const {
    if (offset.unit == Length::Unit::kBars) return std::min(static_cast<std::size_t>(offset.count), dates_.size());
    return at(plus(first_, offset, 1));
  }

  // The sample from which a length reaches to `end`.
  [[nodiscard]] std::size_t before(std::size_t end, Length length) const {
    if (length.unit == Length::Unit::kBars) {
      const auto count = static_cast<std::size_t>(length.count);
      return end > count ? end - count : 0;
    }
    return at(plus(dates_[end], length, -1));
  }

  // Whether the data reach to the end of the length: the day before it, or later.
  [[nodiscard]] bool is_whole(Length offset, Length length, std::int64_t times) const {
    if (length.unit == Length::Unit::kBars) {
      return after_date(offset) + static_cast<std::size_t>(length.count * times) <= dates_.size();
    }
    const Date base = offset.unit != Length::Unit::kBars ? plus(first_, offset, 1)
                      : static_cast<std::size_t>(offset.count) < dates_.size()
                          ? dates_[static_cast<std::size_t>(offset.count)]
                          : dates_.back();
    // A week may be without sessions: the data need not have the very last day.
    return dates_.back().plus_days(7) >= plus(base, length, times);
  }

 private:
  [[nodiscard]] static Date plus(Date from, Length length, std::int64_t times) {
    const std::int64_t count = length.count * times;
    switch (length.unit) {
      case Length::Unit::kDays:
        return from.plus_days(static_cast<std::int32_t>(count));
      case Length::Unit::kWeeks:
        return from.plus_days(static_cast<std::int32_t>(count * 7));
      case Length::Unit::kMonths:
        return plus_months(from, count);
      default:
        return plus_months(from, count * 12);
    }
  }
  [[nodiscard]] std::size_t at(Date date) const {
    return static_cast<std::size_t>(std::ranges::lower_bound(dates_, date) - dates_.begin());
  }

  std::span<const Date> dates_;
  Date first_;
};

// About equal stretches that cover all.
std::vector<Stretch> cut(std::size_t samples, std::size_t parts) {
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i < parts; ++i) stretches.push_back({samples * i / parts, samples * (i + 1) / parts});
  return stretches;
}

Result<void> check_samples(std::size_t parts, std::size_t samples) {
  if (parts < 2) return refuse(fmt::format("{} parts cannot teach and test", parts), "take two or more");
  if (parts > samples) {
    return refuse(fmt::format("{} samples cannot be cut into {} parts", samples, parts), "take fewer parts");
  }
  return {};
}

Result<Split> make_split(std::vector<Stretch> tests, std::span<const std::size_t> label_end, std::size_t embargo) {
  Split split{.train = purged_train(tests, label_end, embargo), .test = std::move(tests)};
  if (split.train.empty()) {
    return refuse("a split has nothing left to learn from",
                  "take fewer test groups, a smaller embargo, or labels that reach less far");
  }
  return split;
}

// n over k; nothing when it is above the limit.
std::optional<std::int64_t> choose(std::size_t n, std::size_t k) {
  std::int64_t result = 1;
  for (std::size_t i = 1; i <= std::min(k, n - k); ++i) {
    result = result * static_cast<std::int64_t>(n - i + 1) / static_cast<std::int64_t>(i);
    if (result > kMostSplits) return std::nullopt;
  }
  return result;
}

// The next choice of k out of n in the order of the alphabet; false after the last.
bool next_choice(std::vector<std::size_t>& choice, std::size_t n) {
  const std::size_t k = choice.size();
  for (std::size_t i = k; i > 0; --i) {
    if (choice[i - 1] + (k - i) + 1 >= n) continue;
    ++choice[i - 1];
    for (std::size_t j = i; j < k; ++j) choice[j] = choice[j - 1] + 1;
    return true;
  }
  return false;
}

}  // namespace

Result<Length> parse_length(std::string_view text) {
  constexpr std::array<std::pair<char, Length::Unit>, 5> kUnits{{{'b', Length::Unit::kBars},
                                                                 {'d', Length::Unit::kDays},
                                                                 {'w', Length::Unit::kWeeks},
                                                                 {'m', Length::Unit::kMonths},
                                                                 {'y', Length::Unit::kYears}}};
  Length length;
  std::string_view digits = text;
  if (const auto bars = std::string_view("bars"); digits.ends_with(bars)) digits.remove_suffix(bars.size() - 1);
  for (const auto& [letter, unit] : kUnits) {
    if (digits.empty() || digits.back() != letter) continue;
    length.unit = unit;
    digits.remove_suffix(1);
    break;
  }
  const auto count = core::parse_integer(core::trim(digits));
  if (!count || *count < 1 || *count > kMostLength || (length.unit != Length::Unit::kBars && *count > 100'000)) {
    return refuse(fmt::format("\"{}\" is no length of time", text), "write 3y, 6m, 2w, 10d, or 500 for bars");
  }
  length.count = *count;
  return length;
}

std::string to_string(Length length) {
  constexpr std::array<std::string_view, 5> kLetters{"b", "d", "w", "m", "y"};
  return fmt::format("{}{}", length.count, kLetters.at(static_cast<std::size_t>(length.unit)));
}

Result<WalkForward> parse_walk_forward(std::string_view text) {
  const std::vector<std::string_view> parts = core::split(text, '/');
  if (parts.size() != 2) {
    return refuse(fmt::format("\"{}\" is no plan to walk forward", text), "write train/test, such as 3y/1y");
  }
  WalkForward plan;
  ARGOSY_TRY(plan.train, parse_length(core::trim(parts[0])));
  ARGOSY_TRY(plan.test, parse_length(core::trim(parts[1])));
  return plan;
}

Result<std::vector<Split>> walk_forward(const WalkForward& plan, std::span<const Date> dates) {
  if (dates.empty()) return refuse("there is no bar to walk over", "choose a range that has bars");
  const Boundary boundary(dates);
  const std::string wanted = fmt::format("{}/{}", to_string(plan.train), to_string(plan.test));
  if (!boundary.is_whole(plan.train, plan.test, 1) || boundary.after(plan.train, plan.test, 0) >= dates.size()) {
    return refuse(fmt::format("the data end before the first test of {} does: {} bars from {} to {}", wanted,
                              dates.size(), dates.front().to_string(), dates.back().to_string()),
                  "take shorter lengths or more data");
  }
  std::vector<Split> splits;
  for (std::int64_t i = 0;; ++i) {
    const std::size_t begin = boundary.after(plan.train, plan.test, i);
    if (begin >= dates.size()) break;
    const std::size_t end = boundary.after(plan.train, plan.test, i + 1);
    if (begin == end) continue;  // a time without bars
    const std::size_t first = plan.anchored ? 0 : boundary.before(begin, plan.train);
    const std::size_t gap = plan.purge + plan.embargo;
    if (begin < first + gap + 1) {
      return refuse(
          fmt::format("before the test from {} there is nothing to learn from: {} bars, of which {} are left out",
                      dates[begin].to_string(), begin - first, gap),
          "take a longer time to learn, or a smaller purge and embargo");
    }
    splits.push_back({.train = {{first, begin - gap}}, .test = {{begin, end}}});
  }
  return splits;
}

std::vector<Stretch> purged_train(std::span<const Stretch> tests, std::span<const std::size_t> label_end,
                                  std::size_t embargo) {
  std::vector<bool> left_out(label_end.size());
  for (const Stretch& test : tests) {
    std::size_t known = test.begin;  // when the last label of the test is
    for (std::size_t i = test.begin; i < test.end; ++i) {
      ARGOSY_CHECK(label_end[i] >= i, "the label of sample {} is known before it, at {}", i, label_end[i]);
      known = std::max(known, label_end[i]);
    }
    for (std::size_t i = 0; i < label_end.size() && i <= known; ++i) {
      if (label_end[i] >= test.begin) left_out[i] = true;
    }
    for (std::size_t i = known + 1; i < label_end.size() && i - known <= embargo; ++i) left_out[i] = true;
  }
  std::vector<Stretch> train;
  for (std::size_t i = 0; i < left_out.size(); ++i) {
    if (left_out[i]) continue;
    if (train.empty() || train.back().end != i) train.push_back({i, i});
    train.back().end = i + 1;
  }
  return train;
}

Result<std::vector<Split>> purged_k_fold(std::size_t folds, std::span<const std::size_t> label_end,
                                         std::size_t embargo) {
  ARGOSY_TRY_VOID(check_samples(folds, label_end.size()));
  std::vector<Split> splits;
  for (const Stretch& test : cut(label_end.size(), folds)) {
    ARGOSY_TRY(Split split, make_split({test}, label_end, embargo));
    splits.push_back(std::move(split));
  }
  return splits;
}

Result<CombinatorialSplits> combinatorial_splits(const Combinatorial& plan, std::span<const std::size_t> label_end) {
  ARGOSY_TRY_VOID(check_samples(plan.groups, label_end.size()));
  if (plan.test_groups < 1 || plan.test_groups >= plan.groups) {
    return refuse(fmt::format("{} of {} groups cannot be tested at once", plan.test_groups, plan.groups),
                  "test one group or more, and leave one to learn from");
  }
  if (!choose(plan.groups, plan.test_groups)) {
    return refuse(fmt::format("{} of {} groups are more than {} splits", plan.test_groups, plan.groups, kMostSplits),
                  "take fewer groups");
  }
  CombinatorialSplits result{
      .groups = cut(label_end.size(), plan.groups), .splits = {}, .test_groups = {}, .paths = {}};
  std::vector<std::size_t> choice;
  for (std::size_t i = 0; i < plan.test_groups; ++i) choice.push_back(i);
  std::vector<std::size_t> tested(plan.groups, 0);  // how often each group was
  do {
    std::vector<Stretch> tests;
    for (const std::size_t group : choice) {
      const Stretch& stretch = result.groups[group];
      if (!tests.empty() && tests.back().end == stretch.begin) {
        tests.back().end = stretch.end;
      } else {
        tests.push_back(stretch);
      }
      const std::size_t path = tested[group]++;
      if (path == result.paths.size()) result.paths.emplace_back(plan.groups, 0);
      result.paths[path][group] = result.splits.size();
    }
    ARGOSY_TRY(Split split, make_split(std::move(tests), label_end, plan.embargo));
    result.splits.push_back(std::move(split));
    result.test_groups.push_back(choice);
  } while (next_choice(choice, plan.groups));
  return result;
}

}  // namespace argosy::search
