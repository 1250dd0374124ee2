// Our calendars against the Python package exchange_calendars: sessions, openings and closings of every day from the
// first year that we have looked up to 2027. Where we differ, the days and the reason stand here.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "market/calendar.hpp"

namespace argosy::market {
namespace {

std::vector<std::string> output_lines(const std::string& command) {
  std::vector<std::string> lines;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return lines;
  std::string line;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    if (c != '\n') {
      line.push_back(static_cast<char>(c));
    } else {
      lines.push_back(std::move(line));
      line.clear();
    }
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  return lines;
}

struct Comparison {
  const char* exchange;
  int first_year;
  // Day and what they have in place of ours: "open" where we are closed, "hours" where both are open.
  std::map<std::string, std::string> differences;
};

class CalendarPeers : public testing::TestWithParam<Comparison> {};

TEST_P(CalendarPeers, exchange_calendars_has_the_same_sessions) {
  const auto& [name, first_year, differences] = GetParam();
  constexpr int kLastYear = 2027;
  const char* python = std::getenv("ARGOSY_PEERS_PYTHON");
  if (python == nullptr) GTEST_SKIP() << "ARGOSY_PEERS_PYTHON is not set: run ./dev test --label peers";
  std::map<std::string, std::string> theirs;
  const std::string command = fmt::format("'{}' '{}/tests/peers/calendar_sessions.py' {} {} {}", python,
                                          ARGOSY_SOURCE_DIR, name, first_year, kLastYear);
  for (const std::string& line : output_lines(command)) theirs[line.substr(0, 10)] = line.substr(11);

  const Calendar& calendar = **find_calendar(name);
  std::map<std::string, std::string> found;
  const core::Date last = core::Date::from_ymd(kLastYear, 12, 31);
  for (core::Date date = core::Date::from_ymd(first_year, 1, 1); date <= last; date = date.plus_days(1)) {
    const auto session = calendar.session(date);
    const auto their = theirs.find(date.to_string());
    if (session.has_value() != (their != theirs.end())) {
      found[date.to_string()] = session ? "closed" : "open";
    } else if (session &&
               core::format_rfc3339(session->open) + "," + core::format_rfc3339(session->close) != their->second) {
      found[date.to_string()] = "hours";
    }
  }
  EXPECT_EQ(found, differences);
}

INSTANTIATE_TEST_SUITE_P(
    All, CalendarPeers,
    testing::Values(Comparison{"XNYS", 2000, {}}, Comparison{"XLON", 2000, {}}, Comparison{"XETR", 2010, {}},
                    Comparison{"XKRX",
                               2005,
                               {
                                   // Its list of days of the university entrance test ends in 2020.
                                   {"2021-11-18", "hours"},
                                   {"2022-11-17", "hours"},
                                   {"2023-11-16", "hours"},
                                   {"2024-11-14", "hours"},
                                   {"2025-11-13", "hours"},
                                   {"2026-11-19", "hours"},
                                   {"2027-11-18", "hours"},
                                   {"2026-06-03", "open"},  // the regional elections
                                   {"2026-07-17", "open"},  // Constitution Day is a holiday again by the law of 2026
                                   {"2027-07-19", "open"},  // and has a substitute, as
                                   {"2027-05-03", "open"},  // Labour Day has, a public holiday by the same year's law
                               }}),
    [](const auto& info) { return std::string(info.param.exchange); });

}  // namespace
}  // namespace argosy::market
