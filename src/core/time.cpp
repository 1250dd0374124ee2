#include "core/time.hpp"

#include <fmt/format.h>

namespace argosy::core {
namespace {

// Exactly `count` digits at text[at]; -1 when they are not there.
int digits_at(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

std::unexpected<Error> bad_time(std::string_view text) {
  return fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a time", text))
                  .with_hint("write RFC 3339 with a zone, for example 2024-11-29T18:00:00Z"));
}

}  // namespace

Result<Date> Date::try_from_ymd(int year, unsigned month, unsigned day) {
  // chrono keeps months and days in a byte, so what does not fit is refused before.
  const bool in_range = year >= 1 && year <= 9999 && month <= 12 && day <= 31;
  if (!in_range || !(std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}).ok()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{:04}-{:02}-{:02} is not a date of the calendar", year, month, day));
  }
  return from_ymd(year, month, day);
}

Result<Date> Date::parse(std::string_view text) {
  const int year = digits_at(text, 0, 4);
  const int month = digits_at(text, 5, 2);
  const int day = digits_at(text, 8, 2);
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || year < 0 || month < 0 || day < 0) {
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a date", text))
                    .with_hint("write YYYY-MM-DD, for example 2024-11-29"));
  }
  return try_from_ymd(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
}

std::string Date::to_string() const {
  const auto value = ymd();
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(value.year()), static_cast<unsigned>(value.month()),
                     static_cast<unsigned>(value.day()));
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  if (text.size() < 20 || (text[10] != 'T' && text[10] != ' ' && text[10] != 't')) return bad_time(text);
  auto date = Date::parse(text.substr(0, 10));
  if (!date) return bad_time(text);
  const int hour = digits_at(text, 11, 2);
  const int minute = digits_at(text, 14, 2);
  const int second = digits_at(text, 17, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || text[13] != ':' ||
      text[16] != ':') {
    return bad_time(text);
  }
  std::size_t at = 19;
  std::int64_t nanoseconds = 0;
  if (text[at] == '.') {
    ++at;
    std::int64_t weight = 100'000'000;
    const std::size_t first = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, weight /= 10)
      nanoseconds += (text[at] - '0') * weight;
    if (at == first || at - first > 9) return bad_time(text);
  }
  if (at == text.size()) return bad_time(text);
  std::chrono::minutes offset{0};
  if (text[at] == 'Z' || text[at] == 'z') {
    ++at;
  } else if (text[at] == '+' || text[at] == '-') {
    const int offset_hours = digits_at(text, at + 1, 2);
    const int offset_minutes = digits_at(text, at + 4, 2);
    if (offset_hours < 0 || offset_hours > 23 || offset_minutes < 0 || offset_minutes > 59 || text[at + 3] != ':')
      return bad_time(text);
    offset = std::chrono::hours{offset_hours} + std::chrono::minutes{offset_minutes};
    if (text[at] == '-') offset = -offset;
    at += 6;
  }
  if (at != text.size()) return bad_time(text);
  // Nanoseconds in 64 bits reach from 1678 to 2261.
  if (date->year() < 1678 || date->year() > 2261) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" lies outside the years 1678 to 2261", text));
  }
  return utc_midnight(*date) + std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second} +
         Duration{nanoseconds} - offset;
}

std::string format_rfc3339(Timestamp time) {
  const Date date = utc_date(time);
  // Not by way of midnight: that of the first day lies before the first instant.
  constexpr std::int64_t kDay = 86'400'000'000'000;
  const std::int64_t total = (time.time_since_epoch().count() % kDay + kDay) % kDay;
  const std::int64_t seconds = total / 1'000'000'000;
  const std::int64_t nanoseconds = total % 1'000'000'000;
  std::string out =
      fmt::format("{}T{:02}:{:02}:{:02}", date.to_string(), seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (nanoseconds != 0) {
    if (nanoseconds % 1'000'000 == 0) {
      out += fmt::format(".{:03}", nanoseconds / 1'000'000);
    } else if (nanoseconds % 1000 == 0) {
      out += fmt::format(".{:06}", nanoseconds / 1000);
    } else {
      out += fmt::format(".{:09}", nanoseconds);
    }
  }
  return out + "Z";
}

}  // namespace argosy::core
