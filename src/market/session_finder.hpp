// Which session holds an instant, for streams of events: the last answer is kept, so that most questions are two
// comparisons. One a calendar and thread.
#pragma once

#include <optional>

#include "core/time.hpp"
#include "market/calendar.hpp"

namespace argosy::market {

class SessionFinder {
 public:
  // `before` and `after`: how much longer than its session an exchange counts as open, within the same civil date. The
  // calendar must live longer.
  explicit SessionFinder(const Calendar& calendar, core::Duration before = {}, core::Duration after = {})
      : calendar_(&calendar), before_(before), after_(after) {}

  [[nodiscard]] const Calendar& calendar() const { return *calendar_; }
  // The session that is open; null when none is. Until the next call.
  [[nodiscard]] const Session* at(core::Timestamp time) {
    if (time < from_ || time >= to_) look_up(time);
    return open_ ? &session_ : nullptr;
  }

 private:
  void look_up(core::Timestamp time);

  const Calendar* calendar_;
  core::Duration before_;
  core::Duration after_;
  // From `from_` to before `to_` the answer is the same.
  core::Timestamp from_;
  core::Timestamp to_;
  bool open_ = false;
  Session session_;
};

}  // namespace argosy::market
