// Whether services may trade: within the sessions of an exchange, and so long before and after them as is wanted.
#pragma once

#include <algorithm>

#include "core/time.hpp"
#include "market/session_finder.hpp"

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
      : finder_(calendar, settings.pre_market, settings.post_market), settings_(settings) {}

  [[nodiscard]] bool is_open(core::Timestamp now) { return finder_.at(now) != nullptr; }
  [[nodiscard]] bool allows_entries(core::Timestamp now) {
    const market::Session* session = finder_.at(now);
    return session != nullptr && now < session->close - entry_margin();
  }
  // Where the exchange is.
  [[nodiscard]] core::Date date(core::Timestamp now) {
    const market::Session* session = finder_.at(now);
    return session != nullptr ? session->date : calendar().local_date(now);
  }
  // The last minutes, in which positions are sold.
  [[nodiscard]] bool must_flatten(core::Timestamp now) {
    if (settings_.flatten_before_close <= core::Duration::zero()) return false;
    const market::Session* session = finder_.at(now);
    return session != nullptr && now >= session->close - settings_.flatten_before_close;
  }
  [[nodiscard]] const market::Calendar& calendar() const { return finder_.calendar(); }

 private:
  [[nodiscard]] core::Duration entry_margin() const {
    const core::Duration margin = std::max(settings_.no_entries_before_close, settings_.flatten_before_close);
    return margin > core::Duration::zero() ? margin : -settings_.post_market;
  }

  market::SessionFinder finder_;
  MarketHoursSettings settings_;
};

}  // namespace argosy::live
