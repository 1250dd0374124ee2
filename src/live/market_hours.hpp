// Whether an exchange is open, and how long still. Remembers the session it last looked at.
#pragma once

#include <optional>

#include "core/time.hpp"
#include "market/calendar.hpp"

namespace argosy::live {

// When services may trade besides the sessions themselves.
struct MarketHoursSettings {
  core::Duration pre_market{};   // before the opening
  core::Duration post_market{};  // after the close
  core::Duration no_entries_before_close{};
  core::Duration flatten_before_close{};  // positions of services are sold; 0: they stay
};

class MarketHours {
 public:
  MarketHours(const market::Calendar& calendar, const MarketHoursSettings& settings)
      : calendar_(&calendar), settings_(settings) {}

  [[nodiscard]] bool is_open(core::Timestamp now) {
    look_at(now);
    return session_ && now >= session_->open - settings_.pre_market && now < session_->close + settings_.post_market;
  }
  [[nodiscard]] bool allows_entries(core::Timestamp now) {
    return is_open(now) && now < session_->close - entry_margin();
  }
  // The last minutes, in which positions are sold.
  [[nodiscard]] bool must_flatten(core::Timestamp now) {
    return settings_.flatten_before_close > core::Duration::zero() && is_open(now) &&
           now >= session_->close - settings_.flatten_before_close;
  }
  [[nodiscard]] const market::Calendar& calendar() const { return *calendar_; }

 private:
  [[nodiscard]] core::Duration entry_margin() const {
    const core::Duration margin = std::max(settings_.no_entries_before_close, settings_.flatten_before_close);
    return margin > core::Duration::zero() ? margin : -settings_.post_market;
  }
  void look_at(core::Timestamp now) {
    if (now >= from_ && now < until_) return;
    const core::Date date = calendar_->local_date(now);
    session_ = calendar_->session(date);
    from_ = calendar_->local_midnight(date);
    until_ = calendar_->local_midnight(date.plus_days(1));
  }

  const market::Calendar* calendar_;
  MarketHoursSettings settings_;
  std::optional<market::Session> session_;
  core::Timestamp from_{};
  core::Timestamp until_{};  // from_ == until_: nothing is known yet
};

}  // namespace argosy::live
