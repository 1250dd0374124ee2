#include "market/detail/lunar.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace argosy::market::detail {
namespace {

using core::Date;

TEST(LunarDate, equals_the_table_from_1990_to_2050) {
  std::ifstream file(std::string(ARGOSY_SOURCE_DIR) + "/tests/data/calendars/korean_lunar.csv");
  std::string line;
  std::getline(file, line);
  int year = 1990;
  for (; std::getline(file, line); ++year) {
    EXPECT_EQ(line, std::to_string(year) + "," + lunar_date(year, 1, 1).to_string() + "," +
                        lunar_date(year, 4, 8).to_string() + "," + lunar_date(year, 8, 15).to_string());
  }
  EXPECT_EQ(year, 2051);
}

// The second month of 2023 was repeated from March 22 on.
TEST(LunarDate, counts_a_repeated_month_once) {
  EXPECT_EQ(lunar_date(2023, 2, 1), Date::from_ymd(2023, 2, 20));
  EXPECT_EQ(lunar_date(2023, 3, 1), Date::from_ymd(2023, 4, 20));
}

TEST(LunarDate, keeps_to_its_season_as_long_as_time_lasts) {
  for (int year = 1678; year <= 2261; ++year) {
    const Date new_year = lunar_date(year, 1, 1);
    EXPECT_GE(new_year, Date::from_ymd(year, 1, 20)) << year;
    EXPECT_LE(new_year, Date::from_ymd(year, 2, 22)) << year;
    // Seven months and two weeks later, or eight with a repeated one; a month has 29 or 30 days.
    const int days = lunar_date(year, 8, 15) - new_year;
    EXPECT_TRUE((days >= 219 && days <= 222) || (days >= 248 && days <= 252)) << year << " " << days;
  }
}

}  // namespace
}  // namespace argosy::market::detail
