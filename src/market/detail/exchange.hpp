// What a calendar needs to know of an exchange: its clock, and the hours of each day. One source file an exchange.
//
//   kLondon.hours(Date::from_ymd(2024, 12, 24))->close      // 12 h 30 min after midnight in London
//   kLondon.hours(Date::from_ymd(2024, 12, 25))             // nothing: closed all day
#pragma once

#include <optional>
#include <string_view>

#include "core/time.hpp"
#include "market/calendar.hpp"

namespace argosy::market::detail {

// Times of day on the exchange's wall clock.
struct Hours {
  core::Duration open;
  core::Duration close;
  bool early_close = false;
  bool late_open = false;
};

struct Exchange {
  std::string_view time_zone;
  Years dated;
  // For a date from Monday to Friday.
  std::optional<Hours> (*hours)(core::Date date);
};

extern const Exchange kNewYork;  // NYSE and Nasdaq keep the same hours
extern const Exchange kLondon;
extern const Exchange kXetra;
extern const Exchange kKorea;

}  // namespace argosy::market::detail
