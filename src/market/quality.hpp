// Data quality: which rows cannot be true and which are merely strange.
//
// Impossible rows go to quarantine with their reason: unreadable, high below low, open or close outside the range by
// more than a tick, not positive where the instrument forbids it, one time twice with other values. Odd rows are kept,
// marked and reported: jumps, stale runs, odd volume, unit flips, gaps against the calendar.
//
//   if (const auto finding = find_impossible(bar, instrument)) quarantine(bar, *finding);
//   for (const QualityFinding& finding : find_odd(bars, timeframe, nyse, actions, settings)) report(finding);
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
  kUnreadable,            // a cell is no number, a price that cannot be stored, a volume below zero or not finite
  kHighBelowLow,          //
  kOutsideRange,          // open or close above the high or below the low by more than a tick
  kNotPositive,           // a price of zero or below, unless the instrument may have one
  kConflictingDuplicate,  // one key twice with other values
  // odd
  kJump,            // the close moves further than `jump_ratio`, splits taken out
  kStale,           // one of `stale_bars` or more bars in a row with the same open, high, low and close
  kOddVolume,       // more than `volume_ratio` times the median of the 20 bars before
  kUnitFlip,        // the close changes by a factor of 100 or 1000: cents for dollars
  kGap,             // sessions, or parts of one as long as a bar, are missing before the bar
  kOutsideSession,  // a bar on a date without a session (hours before and after a session are not odd)
  kAfterDelisting,  // a bar after the date on which the instrument traded for the last time
};
[[nodiscard]] std::string_view to_string(QualityRule rule);  // "high_below_low"
[[nodiscard]] core::Result<QualityRule> parse_quality_rule(std::string_view text);
[[nodiscard]] constexpr bool is_impossible(QualityRule rule) { return rule <= QualityRule::kConflictingDuplicate; }

// Thresholds of the odd rows.
struct QualitySettings {
  double jump_ratio = 0.5;       // close / previous close above 1 + this or below 1 / (1 + this), splits taken out
  std::int64_t stale_bars = 10;  // so many bars in a row with equal open, high, low and close
  double volume_ratio = 50;      // volume above this many times the median of the 20 bars before
  double unit_ratio_tolerance = 0.05;  // close / previous within this of 100, 1/100, 1000, 1/1000
};

struct QualityFinding {
  QualityRule rule;
  std::int64_t key;    // of the bar (of the bar after a gap)
  std::string detail;  // values in words: "close 12.5 above high 12.1"

  friend bool operator==(const QualityFinding&, const QualityFinding&) = default;
};

// The first impossible rule one bar breaks on its own, if any.
[[nodiscard]] std::optional<QualityFinding> find_impossible(const Bar& bar, const Instrument& instrument);
// A conflicting duplicate when two bars of one key differ in a price, volume or vwap. Where they came from may differ.
[[nodiscard]] std::optional<QualityFinding> find_conflict(const Bar& first, const Bar& second);
// Everything odd in a run of possible bars, by key and then by rule. `actions`, in the order of order_actions(),
// explain jumps that are splits and say when a delisted instrument traded last. Every bar of a stale run is named. Gaps
// are looked for between bars, not before the first; a week or month without a bar counts as one when it holds a
// session.
[[nodiscard]] std::vector<QualityFinding> find_odd(const BarColumns& bars, Timeframe timeframe,
                                                   const Calendar& calendar, std::span<const CorporateAction> actions,
                                                   const QualitySettings& settings);

}  // namespace argosy::market
