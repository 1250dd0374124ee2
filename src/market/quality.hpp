// Data quality: which rows cannot be true and which are merely strange.
//
// Impossible rows go to quarantine with their reason: unreadable, high below low, open or close outside the range by
// more than a tick, not positive where the instrument forbids it, one time twice with other values. Odd rows are kept,
// marked and reported: jumps, stale runs, odd volume, unit flips, gaps against the calendar.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "market/bar.hpp"
#include "market/calendar.hpp"
#include "market/corporate_actions.hpp"
#include "market/instrument.hpp"

namespace argosy::market {

enum class QualityRule : std::uint8_t {
  // impossible
  kUnreadable,
  kHighBelowLow,
  kOutsideRange,
  kNotPositive,
  kConflictingDuplicate,
  // odd
  kJump,
  kStale,
  kOddVolume,
  kUnitFlip,
  kGap,
  kOutsideSession,
};
[[nodiscard]] std::string_view to_string(QualityRule rule);  // "high_below_low"
[[nodiscard]] constexpr bool is_impossible(QualityRule rule) { return rule <= QualityRule::kConflictingDuplicate; }

// Thresholds of the odd rows.
struct QualitySettings {
  double jump_ratio = 0.5;             // |close / previous close - 1| above this, splits taken out
  std::int64_t stale_bars = 10;        // so many bars in a row with equal open, high, low and close
  double volume_ratio = 50;            // volume above this many times the median of the 20 bars before
  double unit_ratio_tolerance = 0.05;  // close / previous within this of 100, 1/100, 1000, 1/1000
};

struct QualityFinding {
  QualityRule rule;
  std::int64_t key;    // of the bar (of the bar after a gap)
  std::string detail;  // values in words: "close 12.5 above high 12.1"
};

// The first impossible rule one bar breaks on its own, if any.
[[nodiscard]] std::optional<QualityFinding> find_impossible(const Bar& bar, const Instrument& instrument);
// Everything odd in a run of possible bars. `actions` explain jumps that are splits.
[[nodiscard]] std::vector<QualityFinding> find_odd(const BarColumns& bars, Timeframe timeframe,
                                                   const Calendar& calendar, std::span<const CorporateAction> actions,
                                                   const QualitySettings& settings);

}  // namespace argosy::market
