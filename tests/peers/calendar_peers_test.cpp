// Our calendar of New York against the Python package exchange_calendars: sessions, openings and closings, 2000 to
// 2027.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
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

TEST(CalendarPeers, exchange_calendars_has_the_same_sessions) {
  const char* python = std::getenv("ARGOSY_PEERS_PYTHON");
  if (python == nullptr) GTEST_SKIP() << "ARGOSY_PEERS_PYTHON is not set: run ./dev test --label peers";
  const std::string script = std::string(ARGOSY_SOURCE_DIR) + "/tests/peers/calendar_sessions.py";
  const std::vector<std::string> theirs = output_lines("'" + std::string(python) + "' '" + script + "'");

  const Calendar& nyse = **find_calendar("XNYS");
  std::vector<std::string> ours;
  for (const core::Date date : nyse.sessions(core::Date::from_ymd(2000, 1, 1), core::Date::from_ymd(2027, 12, 31))) {
    const auto session = nyse.session(date);
    ours.push_back(date.to_string() + "," + core::format_rfc3339(session->open) + "," +
                   core::format_rfc3339(session->close));
  }
  ASSERT_EQ(ours.size(), theirs.size());
  for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_EQ(ours[i], theirs[i]);
}

}  // namespace
}  // namespace argosy::market
