#include "data/time_columns.hpp"

#include <algorithm>
#include <array>

#include "market/bar.hpp"

namespace argosy::data {

namespace {

constexpr std::int64_t kMinute = 60'000'000'000;

// A bar's opening on the exchange's clock. Bars of one day share all but the time.
struct Day {
  core::Date date;
  std::int64_t midnight = 0;  // nanoseconds since 1970
  std::int64_t next_midnight = 0;
  std::int64_t session_open = 0;  // midnight when there is no session
};

Day day_of(core::Date date, const market::Calendar& calendar) {
  Day day{.date = date};
  day.midnight = calendar.local_midnight(date).time_since_epoch().count();
  day.next_midnight = calendar.local_midnight(date.plus_days(1)).time_since_epoch().count();
  const auto session = calendar.session(date);
  day.session_open = session ? session->open.time_since_epoch().count() : day.midnight;
  return day;
}

double is_month_end(std::int64_t key, const Day& day, market::Timeframe timeframe, const market::Calendar& calendar) {
  core::Date last = day.date;
  if (!timeframe.is_intraday()) {
    const auto closing = calendar.closing_instant(key, timeframe);
    last = calendar.local_date(closing - core::Duration(1));
  }
  if (!calendar.is_session(last)) return 0.0;
  return calendar.next_session(last).month() != last.month() ? 1.0 : 0.0;
}

}  // namespace

std::optional<std::vector<double>> time_column(std::string_view field, std::span<const std::int64_t> keys,
                                               market::Timeframe timeframe, const market::Calendar& calendar) {
  constexpr std::array<std::string_view, 8> kFields = {"hour",  "minute",  "weekday",        "day",
                                                       "month", "quarter", "session_minute", "is_month_end"};
  const auto* const found = std::ranges::find(kFields, field);
  if (found == kFields.end()) return std::nullopt;
  std::vector<double> out;
  out.reserve(keys.size());
  Day day;
  double month_end = 0;
  for (const std::int64_t key : keys) {
    const bool same = timeframe.is_intraday() && !out.empty() && key >= day.midnight && key < day.next_midnight;
    if (!same) {
      day = day_of(timeframe.is_intraday() ? calendar.local_date(market::key_instant(key)) : market::key_date(key),
                   calendar);
      if (field == "is_month_end") month_end = is_month_end(key, day, timeframe, calendar);
    }
    const std::int64_t opening = timeframe.is_intraday() ? key : day.session_open;
    const std::int64_t minutes = (opening - day.midnight) / kMinute;
    const std::int64_t hour = minutes / 60;
    const std::int64_t session_minute = (opening - day.session_open) / kMinute;
    const unsigned quarter = (day.date.month() + 2) / 3;
    if (field == "hour") {
      out.push_back(static_cast<double>(hour));
    } else if (field == "minute") {
      out.push_back(static_cast<double>(minutes % 60));
    } else if (field == "weekday") {
      out.push_back(static_cast<double>(static_cast<int>(day.date.weekday()) + 1));
    } else if (field == "day") {
      out.push_back(static_cast<double>(day.date.day()));
    } else if (field == "month") {
      out.push_back(static_cast<double>(day.date.month()));
    } else if (field == "quarter") {
      out.push_back(static_cast<double>(quarter));
    } else if (field == "session_minute") {
      out.push_back(static_cast<double>(session_minute));
    } else {
      out.push_back(month_end);
    }
  }
  return out;
}

}  // namespace argosy::data
