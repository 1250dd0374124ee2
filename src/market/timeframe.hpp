// The length of a bar: 1m, 5m, 15m, 30m, 1h, 4h, 1d, 1w, 1mo and other counts of minutes and hours.
//
//   ARGOSY_TRY(const Timeframe timeframe, Timeframe::parse("15m"));
//   timeframe.nominal()        // 15 minutes
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"

namespace argosy::market {

enum class TimeframeUnit : std::uint8_t { kMinute, kHour, kDay, kWeek, kMonth };

class Timeframe {
 public:
  constexpr Timeframe() = default;  // 1d
  constexpr Timeframe(std::int32_t count, TimeframeUnit unit) : count_(count), unit_(unit) {}
  // "1m" to "59m" (a divisor of 60), "1h" to "12h" (a divisor of 24), "1d", "1w", "1mo".
  [[nodiscard]] static core::Result<Timeframe> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;

  [[nodiscard]] constexpr std::int32_t count() const { return count_; }
  [[nodiscard]] constexpr TimeframeUnit unit() const { return unit_; }
  // Shorter than a day: bars are keyed by their opening instant; otherwise by a civil date.
  [[nodiscard]] constexpr bool is_intraday() const { return unit_ <= TimeframeUnit::kHour; }
  // The nominal length of an intraday bar; a day, 7 days and 30 days for the others (only for ordering).
  [[nodiscard]] core::Duration nominal() const;

  friend constexpr bool operator==(Timeframe, Timeframe) = default;

 private:
  std::int32_t count_ = 1;
  TimeframeUnit unit_ = TimeframeUnit::kDay;
};

}  // namespace argosy::market
