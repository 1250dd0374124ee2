// Which day an instant counts to, for limits that hold for a day.
//
//   TradingDays days({.zone = "America/Chicago", .at = std::chrono::hours(17)});
//   days.day_of(instant)          // 2024-03-11 for Sunday, 10 March 2024, 17:00 in Chicago
#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "trading/limits.hpp"

namespace argosy::trading {

class TradingDays {
 public:
  // The zone must be one that market::is_time_zone() knows.
  explicit TradingDays(DayStart start);

  // Instants mostly come in order: the last answer is kept, and a call within the same day costs two comparisons.
  [[nodiscard]] core::Date day_of(core::Timestamp time) {
    if (time < begin_ || time >= end_) find(time);
    return day_;
  }
  // The first instant of a day. Where the clocks skip the time at which it begins, it begins when they go on.
  [[nodiscard]] core::Timestamp begin_of(core::Date day) const;
  // The instant at which the clocks show a time, `after_midnight` below 24 h, within a day.
  [[nodiscard]] core::Timestamp instant_in(core::Date day, core::Duration after_midnight) const;
  [[nodiscard]] const DayStart& start() const { return start_; }

 private:
  void find(core::Timestamp time);

  DayStart start_;
  core::Date day_;
  core::Timestamp begin_;
  core::Timestamp end_;  // begin_ == end_: nothing is known yet
};

}  // namespace argosy::trading
