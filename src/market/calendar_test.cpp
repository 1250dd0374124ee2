#include "market/calendar.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "market/bar.hpp"

namespace argosy::market {
namespace {

using core::Date;
using core::Timestamp;
using std::chrono::hours;
using std::chrono::minutes;

const Calendar& nyse() { return **find_calendar("XNYS"); }
const Calendar& always() { return **find_calendar("24/7"); }
Date date(const char* text) { return *Date::parse(text); }
Timestamp instant(const char* text) { return *core::parse_rfc3339(text); }
Timestamp closing(const Calendar& calendar, const char* key, const char* timeframe) {
  const Timeframe parsed = *Timeframe::parse(timeframe);
  return calendar.closing_instant(*parse_key(key, parsed), parsed);
}

// The lines of a two-column file of tests/data/calendars, without its header.
std::vector<std::pair<std::string, std::string>> read_fixture(const std::string& name) {
  std::ifstream file(std::string(ARGOSY_SOURCE_DIR) + "/tests/data/calendars/" + name);
  std::vector<std::pair<std::string, std::string>> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const std::size_t comma = line.find(',');
    rows.emplace_back(line.substr(0, comma), line.substr(comma + 1));
  }
  return rows;
}

TEST(NewYorkCalendar, has_as_many_sessions_a_year_as_the_table) {
  const auto counts = read_fixture("xnys_counts.csv");
  ASSERT_EQ(counts.size(), 28U);
  for (const auto& [year, count] : counts) {
    const auto sessions = nyse().sessions(date((year + "-01-01").c_str()), date((year + "-12-31").c_str()));
    EXPECT_EQ(std::to_string(sessions.size()), count) << year;
  }
}

TEST(NewYorkCalendar, opens_and_closes_by_the_clock_of_new_york) {
  const auto winter = nyse().session(date("2024-11-29"));
  EXPECT_EQ(winter->open, instant("2024-11-29T14:30:00Z"));
  EXPECT_EQ(winter->close, instant("2024-11-29T18:00:00Z"));
  EXPECT_TRUE(winter->early_close);
  EXPECT_EQ(nyse().session(date("2024-07-03"))->close, instant("2024-07-03T17:00:00Z"));
  // The clocks went forward on 2024-03-10.
  EXPECT_EQ(nyse().session(date("2024-03-08"))->open, instant("2024-03-08T14:30:00Z"));
  EXPECT_EQ(nyse().session(date("2024-03-11"))->open, instant("2024-03-11T13:30:00Z"));
  EXPECT_EQ(nyse().session(date("2024-03-11"))->close, instant("2024-03-11T20:00:00Z"));
}

TEST(NewYorkCalendar, knows_years_outside_its_table) {
  // Christmas of 2150 is a Friday; the year before 1970 had Christmas on a Thursday.
  EXPECT_FALSE(nyse().is_session(date("2150-12-25")));
  EXPECT_FALSE(nyse().session(date("1969-12-25")));
  EXPECT_EQ(nyse().session(date("1969-12-26"))->open, instant("1969-12-26T14:30:00Z"));
  EXPECT_EQ(nyse().session(date("1970-01-02"))->open, instant("1970-01-02T14:30:00Z"));
  EXPECT_EQ(nyse().session(date("2037-12-31"))->open, instant("2037-12-31T14:30:00Z"));
  EXPECT_EQ(nyse().session(date("2038-01-04"))->open, instant("2038-01-04T14:30:00Z"));
  EXPECT_EQ(nyse().session(date("2100-01-04"))->open, instant("2100-01-04T14:30:00Z"));
  EXPECT_FALSE(nyse().is_session(date("9999-01-04")));
  EXPECT_FALSE(nyse().session(date("0001-01-02")));
}

TEST(FindCalendar, knows_other_spellings) {
  EXPECT_EQ((*find_calendar("Xetra"))->name(), "XETR");
  EXPECT_EQ((*find_calendar("lse"))->name(), "XLON");
  EXPECT_EQ((*find_calendar("KRX"))->name(), "XKRX");
  EXPECT_EQ((*find_calendar("nasdaq"))->name(), "XNAS");
  EXPECT_EQ((*find_calendar("NYSE"))->name(), "XNYS");
  EXPECT_EQ((*find_calendar("xnas"))->session(date("2024-11-29")), nyse().session(date("2024-11-29")));
  EXPECT_EQ(nyse().time_zone(), "America/New_York");
}

TEST(FindCalendar, names_what_there_is) {
  const auto missing = find_calendar("XMARS");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, core::ErrorCode::kNotFound);
  EXPECT_EQ(missing.error().hint, "there are 24/7, XETR, XKRX, XLON, XNAS, XNYS");
  for (const std::string_view name : calendar_names()) EXPECT_EQ((*find_calendar(name))->name(), name);
}

TEST(Calendar, walks_from_session_to_session) {
  EXPECT_EQ(nyse().next_session(date("2001-09-10")), date("2001-09-17"));
  EXPECT_EQ(nyse().previous_session(date("2001-09-17")), date("2001-09-10"));
  EXPECT_EQ(nyse().next_session(date("2024-11-29")), date("2024-12-02"));
  for (const auto& [from, open] : {std::pair("2024-11-29T14:30:00Z", "2024-11-29"),
                                   {"2024-11-29T17:59:59Z", "2024-11-29"},
                                   {"2024-11-29T18:00:00Z", "2024-12-02"},
                                   {"2024-11-28T16:00:00Z", "2024-11-29"},
                                   {"2024-12-01T23:00:00Z", "2024-12-02"},
                                   {"2024-11-29T02:00:00Z", "2024-11-29"}}) {
    EXPECT_EQ(nyse().session_from(*core::parse_rfc3339(from)), nyse().session(date(open))) << from;
  }
  EXPECT_EQ(nyse().sessions(date("2024-11-28"), date("2024-12-02")),
            (std::vector{date("2024-11-29"), date("2024-12-02")}));
  EXPECT_TRUE(nyse().sessions(date("2024-12-02"), date("2024-11-28")).empty());
  EXPECT_EQ(always().next_session(date("2024-11-29")), date("2024-11-30"));
}

TEST(OpenStretch, joins_sessions_that_touch_and_no_others) {
  struct Case {
    std::vector<const char*> exchanges;
    const char* time;
    const char* from;
    const char* to;
  };
  const Case cases[] = {
      {{"XNYS"}, "2024-11-27T15:00:00Z", "2024-11-27T14:30:00Z", "2024-11-27T21:00:00Z"},
      {{"XNYS"}, "2024-11-27T21:00:00Z", "2024-11-29T14:30:00Z", "2024-11-29T18:00:00Z"},  // a holiday, a half day
      {{"XNYS", "XNAS"}, "2024-11-27T21:00:00Z", "2024-11-29T14:30:00Z", "2024-11-29T18:00:00Z"},
      // London is open when New York opens; Seoul is alone.
      {{"XNYS", "XLON"}, "2024-11-27T07:00:00Z", "2024-11-27T08:00:00Z", "2024-11-27T21:00:00Z"},
      {{"XNYS", "XLON"}, "2024-11-27T20:00:00Z", "2024-11-27T14:30:00Z", "2024-11-27T21:00:00Z"},
      {{"XNYS", "XLON"}, "2024-11-27T21:00:00Z", "2024-11-28T08:00:00Z", "2024-11-28T16:30:00Z"},
      {{"XNYS", "XKRX"}, "2024-11-27T21:00:00Z", "2024-11-28T00:00:00Z", "2024-11-28T06:30:00Z"},
      {{"24/7"}, "2024-11-27T21:00:00Z", "2024-11-27T00:00:00Z", "2024-12-04T00:00:00Z"},  // cut off
  };
  for (const auto& [exchanges, time, from, to] : cases) {
    std::vector<const Calendar*> calendars;
    for (const char* each : exchanges) calendars.push_back(*find_calendar(each));
    const OpenStretch stretch = open_stretch(calendars, instant(time));
    EXPECT_EQ(core::format_rfc3339(stretch.from), from) << exchanges.back() << " " << time;
    EXPECT_EQ(core::format_rfc3339(stretch.to), to) << exchanges.back() << " " << time;
  }
}

TEST(CalendarDeathTest, stops_where_time_ends) {
  EXPECT_DEATH(static_cast<void>(always().next_session(date("2261-12-31"))), "no session in the year after");
  EXPECT_DEATH(static_cast<void>(always().previous_session(date("1678-01-01"))), "no session in the year before");
}

TEST(ClosingInstant, of_an_intraday_bar_is_its_length_after_its_opening) {
  EXPECT_EQ(closing(nyse(), "2024-11-29T14:30:00Z", "5m"), instant("2024-11-29T14:35:00Z"));
  EXPECT_EQ(closing(nyse(), "2024-12-02T20:30:00Z", "1h"), instant("2024-12-02T21:30:00Z"));
}

TEST(ClosingInstant, of_longer_bars_is_the_close_of_their_last_session) {
  EXPECT_EQ(closing(nyse(), "2024-11-29", "1d"), instant("2024-11-29T18:00:00Z"));
  EXPECT_EQ(closing(nyse(), "2024-11-25", "1w"), instant("2024-11-29T18:00:00Z"));
  // The week's first session was a Tuesday, its last a Thursday.
  EXPECT_EQ(closing(nyse(), "2022-01-18", "1w"), instant("2022-01-21T21:00:00Z"));
  EXPECT_EQ(closing(nyse(), "2023-04-03", "1w"), instant("2023-04-06T20:00:00Z"));
  EXPECT_EQ(closing(nyse(), "2024-11-01", "1mo"), instant("2024-11-29T18:00:00Z"));
  EXPECT_EQ(closing(nyse(), "2024-12-02", "1mo"), instant("2024-12-31T21:00:00Z"));
  EXPECT_EQ(closing(always(), "2024-02-28", "1d"), instant("2024-02-29T00:00:00Z"));
  EXPECT_EQ(closing(always(), "2024-02-01", "1mo"), instant("2024-03-01T00:00:00Z"));
  EXPECT_EQ(closing(always(), "2024-02-26", "1w"), instant("2024-03-04T00:00:00Z"));
}

TEST(ClosingInstant, of_a_bar_without_a_session_is_the_end_of_its_dates) {
  EXPECT_EQ(closing(nyse(), "2024-11-30", "1d"), instant("2024-12-01T05:00:00Z"));
}

TEST(LocalDate, is_the_date_on_the_exchanges_wall) {
  EXPECT_EQ(nyse().local_date(instant("2024-11-29T04:59:59Z")), date("2024-11-28"));
  EXPECT_EQ(nyse().local_date(instant("2024-11-29T05:00:00Z")), date("2024-11-29"));
  EXPECT_EQ(always().local_date(instant("2024-11-29T23:59:59Z")), date("2024-11-29"));
  EXPECT_EQ(nyse().local_midnight(date("2024-07-03")), instant("2024-07-03T04:00:00Z"));
  EXPECT_EQ(always().local_midnight(date("2024-07-03")), instant("2024-07-03T00:00:00Z"));
}

TEST(ToUtc, follows_the_clock_changes_of_the_zone) {
  EXPECT_EQ(*to_utc(date("2024-01-02"), hours{9}, "Asia/Seoul"), instant("2024-01-02T00:00:00Z"));
  EXPECT_EQ(*to_utc(date("2024-01-02"), hours{9}, "UTC"), instant("2024-01-02T09:00:00Z"));
  // 01:30 came twice on 2024-11-03: first in summer time, four hours behind.
  EXPECT_EQ(*to_utc(date("2024-11-03"), minutes{90}, "America/New_York"), instant("2024-11-03T05:30:00Z"));
  EXPECT_EQ(*to_utc(date("2024-11-03"), hours{2}, "America/New_York"), instant("2024-11-03T07:00:00Z"));
  const auto skipped = to_utc(date("2024-03-10"), minutes{150}, "America/New_York");
  ASSERT_FALSE(skipped);
  EXPECT_EQ(skipped.error().message,
            "2024-03-10 02:30:00 does not exist in America/New_York: its clocks were set forward");
}

TEST(ToUtc, refuses_what_is_no_time) {
  EXPECT_EQ(to_utc(date("2024-01-02"), hours{9}, "Mars/Olympus").error().code, core::ErrorCode::kNotFound);
  EXPECT_FALSE(to_utc(date("2024-01-02"), hours{24}, "UTC"));
  EXPECT_FALSE(to_utc(date("2024-01-02"), hours{-1}, "UTC"));
  EXPECT_FALSE(to_utc(date("9999-01-02"), hours{9}, "UTC"));
  EXPECT_TRUE(is_time_zone("Europe/London"));
  EXPECT_FALSE(is_time_zone("Europe/Atlantis"));
  EXPECT_FALSE(is_time_zone(""));
}

}  // namespace
}  // namespace argosy::market
