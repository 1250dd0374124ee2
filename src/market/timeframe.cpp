#include "market/timeframe.hpp"

#include <fmt/format.h>

#include "core/check.hpp"

namespace argosy::market {
namespace {

std::unexpected<core::Error> bad_timeframe(std::string_view text, std::string hint) {
  return core::fail(core::Error(core::ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a timeframe", text))
                        .with_hint(std::move(hint)));
}

}  // namespace

core::Result<Timeframe> Timeframe::parse(std::string_view text) {
  constexpr std::string_view kExamples = "write for example 1m, 5m, 15m, 30m, 1h, 4h, 1d, 1w or 1mo";
  std::int32_t count = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && digits < 3 && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    count = count * 10 + (text[digits] - '0');
  }
  const std::string_view unit = text.substr(digits);
  if (count == 0 || text.front() == '0') return bad_timeframe(text, std::string(kExamples));
  if (unit == "m") {
    if (count < 60 && 60 % count == 0) return Timeframe(count, TimeframeUnit::kMinute);
    return bad_timeframe(text, "minutes must divide an hour: 1m 2m 3m 4m 5m 6m 10m 12m 15m 20m 30m, then 1h");
  }
  if (unit == "h") {
    if (count < 24 && 24 % count == 0) return Timeframe(count, TimeframeUnit::kHour);
    return bad_timeframe(text, "hours must divide a day: 1h 2h 3h 4h 6h 8h 12h, then 1d");
  }
  if (count == 1 && unit == "d") return Timeframe(1, TimeframeUnit::kDay);
  if (count == 1 && unit == "w") return Timeframe(1, TimeframeUnit::kWeek);
  if (count == 1 && unit == "mo") return Timeframe(1, TimeframeUnit::kMonth);
  return bad_timeframe(text, std::string(kExamples));
}

std::string Timeframe::to_string() const {
  switch (unit_) {
    case TimeframeUnit::kMinute:
      return fmt::format("{}m", count_);
    case TimeframeUnit::kHour:
      return fmt::format("{}h", count_);
    case TimeframeUnit::kDay:
      return fmt::format("{}d", count_);
    case TimeframeUnit::kWeek:
      return fmt::format("{}w", count_);
    case TimeframeUnit::kMonth:
      return fmt::format("{}mo", count_);
  }
  ARGOSY_CHECK(false, "timeframe unit {}", static_cast<int>(unit_));
}

core::Duration Timeframe::nominal() const {
  switch (unit_) {
    case TimeframeUnit::kMinute:
      return std::chrono::minutes{count_};
    case TimeframeUnit::kHour:
      return std::chrono::hours{count_};
    case TimeframeUnit::kDay:
      return std::chrono::days{count_};
    case TimeframeUnit::kWeek:
      return std::chrono::days{7 * count_};
    case TimeframeUnit::kMonth:
      return std::chrono::days{30 * count_};
  }
  ARGOSY_CHECK(false, "timeframe unit {}", static_cast<int>(unit_));
}

}  // namespace argosy::market
