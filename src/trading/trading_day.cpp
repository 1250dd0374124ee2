#include "trading/trading_day.hpp"

#include <chrono>
#include <utility>

#include "core/check.hpp"
#include "market/calendar.hpp"

namespace argosy::trading {
namespace {

using core::Date;
using core::Duration;
using core::Timestamp;

// A time of a zone's clocks as an instant; one that is skipped is the first quarter of an hour after it that is not.
Timestamp instant_of(Date date, Duration time, const std::string& zone) {
  constexpr Duration kStep = std::chrono::minutes(15);
  for (Duration at = time;; at += kStep) {
    const bool next_day = at >= std::chrono::days(1);
    const Duration rest = next_day ? at - std::chrono::days(1) : at;
    if (const auto found = market::to_utc(date.plus_days(next_day ? 1 : 0), rest, zone)) return *found;
    ARGOSY_CHECK(at < time + std::chrono::days(1), "no time of {} exists in {}", date.to_string(), zone);
  }
}

// The civil date on which a trading day begins.
Date begin_date(Date day, const DayStart& start) { return day.plus_days(start.at >= std::chrono::hours(12) ? -1 : 0); }

}  // namespace

TradingDays::TradingDays(DayStart start) : start_(std::move(start)) {
  ARGOSY_CHECK(market::is_time_zone(start_.zone), "no time zone {}", start_.zone);
  ARGOSY_CHECK(start_.at >= Duration::zero() && start_.at < std::chrono::days(1), "a day that begins {} ns after it",
               start_.at.count());
}

Timestamp TradingDays::begin_of(Date day) const { return instant_of(begin_date(day, start_), start_.at, start_.zone); }

Timestamp TradingDays::instant_in(Date day, Duration after_midnight) const {
  const Date first = begin_date(day, start_);
  return instant_of(first.plus_days(after_midnight < start_.at ? 1 : 0), after_midnight, start_.zone);
}

void TradingDays::find(Timestamp time) {
  Date day = core::utc_date(time).plus_days(3);  // later than any zone's
  Timestamp begin = begin_of(day);
  Timestamp end = begin;
  while (begin > time) {
    end = begin;
    day = day.plus_days(-1);
    begin = begin_of(day);
  }
  day_ = day;
  begin_ = begin;
  end_ = end;
}

}  // namespace argosy::trading
