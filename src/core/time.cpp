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

// Zeros before it up to `width` digits.
void append_digits(std::string& out, std::uint64_t value, std::size_t width) {
  out.append(width, '0');
  for (std::size_t at = out.size(); value != 0; value /= 10) out[--at] = static_cast<char>('0' + value % 10);
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
  const int year = static_cast<int>(value.year());
  if (year < 0 || year > 9999)
    return fmt::format("{:04}-{:02}-{:02}", year, static_cast<unsigned>(value.month()),
                       static_cast<unsigned>(value.day()));
  std::string out;
  append_digits(out, static_cast<std::uint64_t>(year), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(value.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(value.day()), 2);
  return out;
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
  const auto total = static_cast<std::uint64_t>((time.time_since_epoch().count() % kDay + kDay) % kDay);
  const std::uint64_t seconds = total / 1'000'000'000;
  const std::uint64_t nanoseconds = total % 1'000'000'000;
  // By hand: lists of rows have many of them.
  std::string out = date.to_string();
  out.reserve(out.size() + 20);
  out += 'T';
  append_digits(out, seconds / 3600, 2);
  out += ':';
  append_digits(out, seconds / 60 % 60, 2);
  out += ':';
  append_digits(out, seconds % 60, 2);
  if (nanoseconds != 0) {
    out += '.';
    if (nanoseconds % 1'000'000 == 0) {
      append_digits(out, nanoseconds / 1'000'000, 3);
    } else if (nanoseconds % 1000 == 0) {
      append_digits(out, nanoseconds / 1000, 6);
    } else {
      append_digits(out, nanoseconds, 9);
    }
  }
  out += 'Z';
  return out;
}

}  // namespace argosy::core
