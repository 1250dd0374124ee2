#include "market/detail/korea.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "market/calendar.hpp"

namespace argosy::market::detail {
namespace {

using core::Date;

std::set<std::string> weekdays_by_rule(int year) {
  std::set<std::string> out;
  for (const Date date : korean_closures_by_rule(year)) {
    if (!date.is_weekend()) out.insert(date.to_string());
  }
  return out;
}

std::set<std::string> closed_weekdays(int year) {
  std::set<std::string> out;
  for (Date date = Date::from_ymd(year, 1, 1); date.year() == year; date = date.plus_days(1)) {
    if (!date.is_weekend() && !(*find_calendar("XKRX"))->is_session(date)) out.insert(date.to_string());
  }
  return out;
}

// The rules are of 2026; three years before it they differ from the table by what was decided for one year alone, and
// by Constitution Day, which was no holiday until then.
TEST(KoreanClosures, by_rule_are_those_of_the_table) {
  EXPECT_EQ(weekdays_by_rule(2027), closed_weekdays(2027));
  EXPECT_EQ(weekdays_by_rule(2026), closed_weekdays(2026));
  const auto differences = [](int year) {
    std::set<std::string> out;
    std::ranges::set_symmetric_difference(weekdays_by_rule(year), closed_weekdays(year), std::inserter(out, out.end()));
    return out;
  };
  EXPECT_EQ(differences(2025), (std::set<std::string>{"2025-01-27", "2025-06-03", "2025-07-17"}));
  EXPECT_EQ(differences(2024), (std::set<std::string>{"2024-07-17", "2024-10-01"}));
  EXPECT_EQ(differences(2023), (std::set<std::string>{"2023-07-17", "2023-10-02"}));
}

// Foundation Day lies within Chuseok; the Thursday after stands in for it.
TEST(KoreanClosures, replace_a_holiday_swallowed_by_another) {
  const auto closed = weekdays_by_rule(2028);
  for (const char* day : {"2028-10-02", "2028-10-03", "2028-10-04", "2028-10-05"})
    EXPECT_TRUE(closed.contains(day)) << day;
  EXPECT_FALSE(closed.contains("2028-10-06"));
  // Chuseok from Friday to Sunday, with Foundation Day on its Friday: two days stand in.
  const auto both = weekdays_by_rule(2036);
  for (const char* day : {"2036-10-03", "2036-10-06", "2036-10-07", "2036-10-09"})
    EXPECT_TRUE(both.contains(day)) << day;
  EXPECT_FALSE(both.contains("2036-10-08"));
}

TEST(KoreanClosures, leave_what_a_saturday_swallows_of_seollal_and_memorial_day) {
  const auto closed = weekdays_by_rule(2026);
  EXPECT_FALSE(closed.contains("2026-09-28"));  // Chuseok ends on a Saturday
  EXPECT_FALSE(closed.contains("2026-06-08"));  // June 6 is one
}

TEST(KoreanClosures, hold_elections_in_their_turn) {
  EXPECT_TRUE(weekdays_by_rule(2028).contains("2028-04-12"));
  EXPECT_TRUE(weekdays_by_rule(2030).contains("2030-03-27"));
  // The day after June 5 is Memorial Day, so it is a week later.
  EXPECT_FALSE(weekdays_by_rule(2030).contains("2030-06-05"));
  EXPECT_TRUE(weekdays_by_rule(2030).contains("2030-06-12"));
}

TEST(KoreanClosures, end_the_year) {
  EXPECT_TRUE(weekdays_by_rule(2028).contains("2028-12-29"));  // the 31st is a Sunday
  EXPECT_TRUE(weekdays_by_rule(2032).contains("2032-12-31"));
}

}  // namespace
}  // namespace argosy::market::detail
