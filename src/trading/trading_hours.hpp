// Whether an instant lies within the session of an exchange. Remembers the session it last looked at: asking again
// within it costs a few comparisons.
#pragma once

#include "core/time.hpp"
#include "market/calendar.hpp"
#include "trading/limits.hpp"

namespace argosy::trading {

class SessionHours {
 public:
  explicit SessionHours(const market::Calendar& calendar) : calendar_(&calendar) {}
  [[nodiscard]] const market::Calendar& calendar() const { return *calendar_; }
  [[nodiscard]] bool is_within(core::Timestamp now, const TradingHours& hours) {
    if (now < open_ || now >= next_open_) find(now);
    return now >= open_ + hours.after_open && now < close_ - hours.before_close;
  }

 private:
  void find(core::Timestamp now);

  const market::Calendar* calendar_;
  core::Timestamp open_;  // of the last session that has begun
  core::Timestamp close_;
  core::Timestamp next_open_;  // open_ == next_open_: nothing is known yet
};

}  // namespace argosy::trading
