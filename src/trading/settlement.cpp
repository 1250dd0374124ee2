#include "trading/settlement.hpp"

#include <algorithm>
#include <array>

#include "market/calendar.hpp"

namespace argosy::trading {
namespace {

using core::Date;

struct Rule {
  std::string_view exchange;
  Date from;
  int sessions;
};

// By exchange, the latest first.
constexpr std::array<Rule, 10> kRules{{
    {"XNYS", Date::from_ymd(2024, 5, 28), 1},
    {"XNYS", Date::from_ymd(2017, 9, 5), 2},
    {"XNYS", Date::from_ymd(1995, 6, 7), 3},
    {"XNYS", Date::from_ymd(1678, 1, 1), 5},
    {"XLON", Date::from_ymd(2027, 10, 11), 1},
    {"XLON", Date::from_ymd(2014, 10, 6), 2},
    {"XLON", Date::from_ymd(1678, 1, 1), 3},
    {"XETR", Date::from_ymd(2027, 10, 11), 1},
    {"XETR", Date::from_ymd(1678, 1, 1), 2},
    {"XKRX", Date::from_ymd(1678, 1, 1), 2},
}};

std::string_view rules_of(std::string_view exchange) { return exchange == "XNAS" ? "XNYS" : exchange; }

}  // namespace

int settlement_sessions(std::string_view exchange, Date trade_date) {
  const std::string_view name = rules_of(exchange);
  for (const Rule& rule : kRules) {
    if (rule.exchange == name && rule.from <= trade_date) return rule.sessions;
  }
  return 0;
}

bool settles_at_once(std::string_view exchange) {
  return std::ranges::find(kRules, rules_of(exchange), &Rule::exchange) == kRules.end();
}

Date settlement_date(std::string_view exchange, Date trade_date) {
  Date date = trade_date;
  const int sessions = settlement_sessions(exchange, trade_date);
  if (sessions == 0) return date;
  const auto calendar = market::find_calendar(exchange);
  if (!calendar) return date;
  for (int i = 0; i < sessions; ++i) date = (*calendar)->next_session(date);
  return date;
}

}  // namespace argosy::trading
