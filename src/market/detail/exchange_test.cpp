// Every calendar of an exchange against its table in tests/data/calendars, and what holds for all of them.
#include "market/detail/exchange.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <map>
#include <string>

#include "market/calendar.hpp"

namespace argosy::market {
namespace {

using core::Date;
using core::Timestamp;

const Calendar& calendar(std::string_view name) { return **find_calendar(name); }
Date date(std::string_view text) { return *Date::parse(text); }

// "08:00-16:30" of a wall clock, or "closed".
std::string wall_hours(const Calendar& exchange, Date day) {
  const auto session = exchange.session(day);
  if (!session) return "closed";
  const Timestamp midnight = exchange.local_midnight(day);
  const auto text = [&](Timestamp time) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(time - midnight).count();
    return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
  };
  return text(session->open) + "-" + text(session->close);
}
std::string wall_hours(std::string_view exchange, std::string_view day) {
  return wall_hours(calendar(exchange), date(day));
}

struct Table {
  const char* exchange;  // in small letters, as its file
  std::size_t rows;      // unusual days from the first to the last year
  int first_year;
  std::map<std::string, std::string> hours;  // of each kind of day; "" is a usual one
};

std::map<Date, std::string> read_table(const std::string& exchange) {
  std::ifstream file(std::string(ARGOSY_SOURCE_DIR) + "/tests/data/calendars/" + exchange + ".csv");
  std::map<Date, std::string> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) rows[date(line.substr(0, 10))] = line.substr(11);
  return rows;
}

class ExchangeTable : public testing::TestWithParam<Table> {};

TEST_P(ExchangeTable, is_what_the_calendar_says_on_every_day_until_2027) {
  const Table& table = GetParam();
  const Calendar& exchange = calendar(table.exchange);
  const auto unusual = read_table(table.exchange);
  ASSERT_EQ(unusual.size(), table.rows);
  EXPECT_LE(exchange.dated_years().first, table.first_year);
  EXPECT_EQ(exchange.dated_years().last, 2027);
  const Date first = Date::from_ymd(table.first_year, 1, 1);
  for (Date day = first; day <= date("2027-12-31"); day = day.plus_days(1)) {
    const auto found = unusual.find(day);
    const std::string kind = day.is_weekend() ? "closed" : found == unusual.end() ? "" : found->second;
    std::string expected = kind == "closed" ? "closed" : table.hours.at(kind);
    const bool short_day = exchange.name() == "XKRX" && day < date("2016-08-01") && kind != "closed";
    if (short_day) expected = expected.substr(0, 6) + (kind == "an_hour_later" ? "16:00" : "15:00");
    EXPECT_EQ(wall_hours(exchange, day), expected) << day.to_string();
    const auto session = exchange.session(day);
    EXPECT_EQ(exchange.is_session(day), session.has_value()) << day.to_string();
    if (!session) continue;
    EXPECT_EQ(session->date, day);
    EXPECT_EQ(session->early_close, kind == "early_close") << day.to_string();
    EXPECT_EQ(session->late_open, kind == "late_open" || kind == "an_hour_later") << day.to_string();
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ExchangeTable,
    testing::Values(Table{"xnys", 325, 2000, {{"", "09:30-16:00"}, {"early_close", "09:30-13:00"}}},
                    Table{"xlon", 286, 2000, {{"", "08:00-16:30"}, {"early_close", "08:00-12:30"}}},
                    Table{"xetr", 142, 2010, {{"", "09:00-17:30"}, {"early_close", "09:00-14:00"}}},
                    Table{"xkrx",
                          376,
                          2005,
                          {{"", "09:00-15:30"}, {"late_open", "10:00-15:30"}, {"an_hour_later", "10:00-16:30"}}}),
    [](const auto& info) { return std::string(info.param.exchange); });

TEST(LondonCalendar, knows_single_holidays_and_those_that_moved) {
  for (const char* day :
       {"2012-06-04", "2012-06-05", "2020-05-08", "2022-06-02", "2022-06-03", "2022-09-19", "2023-05-08"})
    EXPECT_EQ(wall_hours("XLON", day), "closed") << day;
  for (const char* day : {"2012-05-28", "2020-05-04", "2022-05-30"})
    EXPECT_EQ(wall_hours("XLON", day), "08:00-16:30") << day;
  // Christmas of 2021 was a Saturday, that of 2022 a Sunday, Boxing Day of 2020 a Saturday.
  EXPECT_EQ(calendar("XLON").sessions(date("2021-12-24"), date("2021-12-31")),
            (std::vector{date("2021-12-24"), date("2021-12-29"), date("2021-12-30"), date("2021-12-31")}));
  EXPECT_EQ(calendar("XLON").next_session(date("2022-12-23")), date("2022-12-28"));
  EXPECT_EQ(calendar("XLON").next_session(date("2020-12-24")), date("2020-12-29"));
  EXPECT_EQ(wall_hours("XLON", "2022-12-23"), "08:00-12:30");
  EXPECT_EQ(wall_hours("XLON", "2022-12-30"), "08:00-12:30");
}

TEST(LondonCalendar, follows_its_own_summer) {
  // New York changed its clocks on 2024-03-10, London on 2024-03-31.
  EXPECT_EQ(calendar("XLON").session(date("2024-03-28"))->open, *core::parse_rfc3339("2024-03-28T08:00:00Z"));
  EXPECT_EQ(calendar("XLON").session(date("2024-04-02"))->open, *core::parse_rfc3339("2024-04-02T07:00:00Z"));
  EXPECT_EQ(calendar("XETR").session(date("2024-04-02"))->open, *core::parse_rfc3339("2024-04-02T07:00:00Z"));
  EXPECT_EQ(calendar("XKRX").session(date("2024-04-02"))->open, *core::parse_rfc3339("2024-04-02T00:00:00Z"));
}

TEST(XetraCalendar, kept_some_holidays_for_some_years_only) {
  for (const char* day : {"2015-05-25", "2021-05-24", "2019-10-03", "2017-10-31"})
    EXPECT_EQ(wall_hours("XETR", day), "closed") << day;
  for (const char* day : {"2014-06-09", "2022-06-06", "2022-10-03", "2018-10-31", "2024-05-09"})
    EXPECT_EQ(wall_hours("XETR", day), "09:00-17:30") << day;
  EXPECT_EQ(wall_hours("XETR", "2023-12-29"), "09:00-14:00");
  EXPECT_EQ(wall_hours("XETR", "2018-12-28"), "09:00-14:00");
  EXPECT_EQ(wall_hours("XETR", "2024-12-30"), "09:00-14:00");
}

TEST(KoreaCalendar, knows_days_of_tests_elections_and_decisions) {
  // The test of 2017 was put off overnight; the hours of both days were changed.
  EXPECT_EQ(wall_hours("XKRX", "2017-11-16"), "10:00-16:30");
  EXPECT_EQ(wall_hours("XKRX", "2017-11-23"), "10:00-16:30");
  EXPECT_EQ(wall_hours("XKRX", "2015-11-12"), "10:00-16:00");
  EXPECT_EQ(wall_hours("XKRX", "2020-12-03"), "10:00-16:30");
  EXPECT_EQ(wall_hours("XKRX", "2020-11-19"), "09:00-15:30");
  EXPECT_EQ(wall_hours("XKRX", "2024-01-02"), "10:00-15:30");
  EXPECT_EQ(wall_hours("XKRX", "2016-07-29"), "09:00-15:00");
  EXPECT_EQ(wall_hours("XKRX", "2016-08-01"), "09:00-15:30");
  for (const char* day : {"2015-08-14", "2017-05-09", "2020-08-17", "2024-10-01", "2025-01-27", "2025-06-03",
                          "2026-06-03", "2026-07-17", "2022-12-30"})
    EXPECT_EQ(wall_hours("XKRX", day), "closed") << day;
  EXPECT_EQ(wall_hours("XKRX", "2025-07-17"), "09:00-15:30");  // Constitution Day was no holiday then
}

TEST(Forecast, begins_after_the_dated_years) {
  for (const char* name : {"XNYS", "XNAS", "XLON", "XETR", "XKRX"}) {
    EXPECT_FALSE(calendar(name).is_forecast(date("2027-12-31"))) << name;
    EXPECT_TRUE(calendar(name).is_forecast(date("2028-01-01"))) << name;
    EXPECT_FALSE(calendar(name).is_forecast(date("2015-01-01"))) << name;
  }
  EXPECT_FALSE(calendar("24/7").is_forecast(date("2200-01-01")));
}

TEST(Forecast, keeps_the_rules) {
  EXPECT_EQ(wall_hours("XLON", "2050-12-23"), "08:00-12:30");  // Christmas Eve is a Saturday
  EXPECT_EQ(wall_hours("XLON", "2050-12-27"), "closed");
  EXPECT_EQ(wall_hours("XETR", "2028-06-05"), "09:00-17:30");
  EXPECT_EQ(wall_hours("XETR", "2028-12-29"), "09:00-14:00");
  EXPECT_EQ(wall_hours("XKRX", "2028-11-16"), "10:00-16:30");
  EXPECT_EQ(wall_hours("XKRX", "2029-01-02"), "10:00-15:30");
  EXPECT_EQ(wall_hours("XKRX", "2100-02-09"), "closed");  // Seollal
}

// Any calendar and any day of three centuries.
struct Place {
  const Calendar* calendar = nullptr;
  Date day;
};
Place any_place() {
  const auto names = calendar_names();
  const std::string_view name = names[*rc::gen::inRange<std::size_t>(0, names.size())];
  return {&calendar(name), Date::from_days(*rc::gen::inRange(-25'000, 100'000))};
}

RC_GTEST_PROP(AllCalendars, sessions_follow_one_another, ()) {
  const auto [exchange, day] = any_place();
  const Date next = exchange->next_session(day);
  const auto session = exchange->session(next);
  const auto before = exchange->session(exchange->previous_session(next));
  RC_ASSERT(session->open < session->close);
  RC_ASSERT(before->close <= session->open);
  RC_ASSERT(exchange->local_date(session->open) == next);
  RC_ASSERT(exchange->name() == "24/7" || exchange->local_date(session->close) == next);
}

RC_GTEST_PROP(AllCalendars, next_and_previous_undo_each_other, ()) {
  const auto [exchange, day] = any_place();
  const Date next = exchange->next_session(day);
  RC_ASSERT(next > day);
  RC_ASSERT(exchange->is_session(next));
  RC_ASSERT(exchange->sessions(day.plus_days(1), next.plus_days(-1)).empty());
  RC_ASSERT(exchange->is_session(day) == (exchange->previous_session(next) == day));
}

RC_GTEST_PROP(AllCalendars, weekends_are_closed, ()) {
  const auto [exchange, day] = any_place();
  RC_ASSERT(exchange->name() == "24/7" || !day.is_weekend() || !exchange->is_session(day));
  RC_ASSERT(exchange->is_session(day) == exchange->session(day).has_value());
}

}  // namespace
}  // namespace argosy::market
