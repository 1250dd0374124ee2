#include <algorithm>
#include <cctype>

#include "core/text.hpp"
#include "data/bar_text.hpp"

namespace argosy::data {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Takes exactly `count` digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t count) {
  if (text.size() < count || !is_digits(text.substr(0, count))) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, count)) value = value * 10 + (c - '0');
  text.remove_prefix(count);
  return value;
}

bool take_char(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<WrittenTime> from_epoch(std::string_view text) {
  const auto number = core::parse_integer(text);
  std::int64_t unit = 0;
  switch (text.size()) {
    case 9:
    case 10:
      unit = 1'000'000'000;
      break;
    case 12:
    case 13:
      unit = 1'000'000;
      break;
    case 15:
    case 16:
      unit = 1'000;
      break;
    case 18:
    case 19:
      unit = 1;
      break;
    default:
      return std::nullopt;
  }
  std::int64_t ns = 0;
  if (!number || __builtin_mul_overflow(*number, unit, &ns)) return std::nullopt;
  const core::Timestamp time{nanoseconds(ns)};
  const core::Date date = core::utc_date(time);
  return WrittenTime{date, time - core::utc_midnight(date), core::Duration(0)};
}

std::optional<core::Date> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  const char separator = !text.empty() && (text.front() == '-' || text.front() == '/') ? text.front() : '\0';
  if (separator != '\0') text.remove_prefix(1);
  const auto month = take_number(text, 2);
  if (separator != '\0' && !take_char(text, separator)) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!year || !month || !day) return std::nullopt;
  // Keys are nanoseconds in 64 bits, which reach from 1677 to 2262.
  if (*year < 1700 || *year > 2260) return std::nullopt;
  const auto date = core::Date::try_from_ymd(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day));
  return date ? std::optional(*date) : std::nullopt;
}

std::optional<core::Duration> take_time_of_day(std::string_view& text) {
  const auto hour = take_number(text, 2);
  const bool colon = take_char(text, ':');
  const auto minute = take_number(text, 2);
  if (!hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
  core::Duration time = hours(*hour) + minutes(*minute);
  if (colon ? !take_char(text, ':') : !(text.size() >= 2 && is_digits(text.substr(0, 2)))) return time;
  const auto second = take_number(text, 2);
  if (!second || *second > 59) return std::nullopt;
  time += seconds(*second);
  if (!take_char(text, '.')) return time;
  std::int64_t unit = 100'000'000;
  bool any = false;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9' && unit > 0) {
    time += nanoseconds((text.front() - '0') * unit);
    unit /= 10;
    text.remove_prefix(1);
    any = true;
  }
  return any ? std::optional(time) : std::nullopt;
}

// The rest of the text is a zone, or nothing; false when it is anything else.
bool take_zone(std::string_view text, std::optional<core::Duration>& offset) {
  text = core::trim(text);
  if (text.empty()) return true;
  if (text == "Z" || text == "z" || text == "UTC" || text == "GMT") {
    offset = core::Duration(0);
    return true;
  }
  const int sign = text.front() == '-' ? -1 : 1;
  if (text.front() != '-' && text.front() != '+') return false;
  text.remove_prefix(1);
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 18) return false;
  int minute = 0;
  if (!text.empty()) {
    (void)take_char(text, ':');
    const auto written = take_number(text, 2);
    if (!written || *written > 59 || !text.empty()) return false;
    minute = *written;
  }
  offset = sign * (hours(*hour) + minutes(minute));
  return true;
}

}  // namespace

std::optional<WrittenTime> parse_written_time(std::string_view text) {
  text = core::trim(text);
  if (is_digits(text) && text.size() != 8) return from_epoch(text);
  WrittenTime out;
  const auto date = take_date(text);
  if (!date) return std::nullopt;
  out.date = *date;
  if (text.empty()) return out;
  if (!take_char(text, 'T') && !take_char(text, 't') && !take_char(text, ' ')) return std::nullopt;
  out.time_of_day = take_time_of_day(text);
  if (!out.time_of_day || !take_zone(text, out.offset)) return std::nullopt;
  return out;
}

}  // namespace argosy::data
