// Bars: one symbol's prices and volume over stretches of time, in columns. Prices are raw (as quoted) decimals, volume
// is a double. A key is nanoseconds since 1970: the opening instant of an intraday bar, midnight UTC of the civil date
// of a daily or longer one; Timeframe::is_intraday() says which.
//
//   ARGOSY_TRY(const std::int64_t key, parse_key("2024-11-29", timeframe));
//   BarColumns bars;
//   bars.push_back({.key = key, .open = open, .high = high, .low = low, .close = close, .volume = 9'616'100});
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/decimal.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "market/timeframe.hpp"

namespace argosy::market {

using core::Price;

// Where a bar came from.
enum class PriceSource : std::uint8_t { kRealTime, kDelayed, kSimulated, kHistorical };
[[nodiscard]] std::string_view to_string(PriceSource source);  // "REAL_TIME", "DELAYED", "SIMULATED", "HISTORICAL"
[[nodiscard]] core::Result<PriceSource> parse_price_source(std::string_view text);

struct Bar {
  std::int64_t key = 0;
  Price open;
  Price high;
  Price low;
  Price close;
  double volume = 0;
  double vwap = std::numeric_limits<double>::quiet_NaN();  // NaN: the source gives none
  PriceSource source = PriceSource::kHistorical;

  friend bool operator==(const Bar& a, const Bar& b);  // two NaN vwaps are equal
};

// One symbol's bars of one timeframe, in columns of equal length; keys ascend strictly.
struct BarColumns {
  std::vector<std::int64_t> key;
  std::vector<Price> open;
  std::vector<Price> high;
  std::vector<Price> low;
  std::vector<Price> close;
  std::vector<double> volume;
  std::vector<double> vwap;  // empty: no bar has one
  std::vector<PriceSource> source;

  [[nodiscard]] std::size_t size() const { return key.size(); }
  [[nodiscard]] bool empty() const { return key.empty(); }
  void reserve(std::size_t rows);
  void push_back(const Bar& bar);
  [[nodiscard]] Bar at(std::size_t row) const;
};

// Nanoseconds in 64 bits hold these whole years; a date outside them has no key.
inline constexpr int kFirstKeyYear = 1678;
inline constexpr int kLastKeyYear = 2261;
[[nodiscard]] inline bool has_key(core::Date date) {
  return date.year() >= kFirstKeyYear && date.year() <= kLastKeyYear;
}
[[nodiscard]] inline core::Timestamp key_instant(std::int64_t key) { return core::Timestamp(core::Duration(key)); }
[[nodiscard]] inline core::Date key_date(std::int64_t key) { return core::utc_date(key_instant(key)); }
[[nodiscard]] inline std::int64_t date_key(core::Date date) {
  return core::utc_midnight(date).time_since_epoch().count();
}
// "2024-11-29" for daily and longer bars, RFC 3339 with 'Z' for shorter ones.
[[nodiscard]] std::string format_key(std::int64_t key, Timeframe timeframe);
// The reverse; a date is also accepted for an intraday key (midnight UTC), for --from and --to.
[[nodiscard]] core::Result<std::int64_t> parse_key(std::string_view text, Timeframe timeframe);

}  // namespace argosy::market
