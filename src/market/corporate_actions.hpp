// Splits, cash dividends and delistings, and the factors that join prices across them.
//
// Stored prices are raw. In formulas prices are forward-adjusted: raw(t) x F(t). F is 1 at the instrument's anchor (the
// first bar ever imported for it); at each ex-date after the anchor F is multiplied by the split ratio and by
// c / (c - dividend), c the raw close of the last bar before the ex-date (restated for a split on the same date). Bars
// before the anchor get the inverse factors. Volume is raw / S(t), S the split part of F.
//
//   order_actions(actions);
//   ARGOSY_TRY(const AdjustmentFactors factors, adjustment_factors(bars.key, bars.close, actions, anchor, timeframe,
//   nyse)); const double adjusted_close = bars.close[row].to_double() * factors.price[row];
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/decimal.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "market/bar.hpp"
#include "market/calendar.hpp"
#include "market/timeframe.hpp"

namespace argosy::market {

enum class ActionKind : std::uint8_t {
  kSplit,
  kDividend,
  kDelisting,  // the instrument trades for the last time on this date; then its holders are paid
};

struct CorporateAction {
  core::Date ex_date;
  ActionKind kind = ActionKind::kDividend;
  std::int64_t numerator = 1;    // of a split: new shares ...
  std::int64_t denominator = 1;  // ... for so many old ones
  // Cash a share, in the instrument's currency: of a dividend, or what holders get at a delisting, zero where nothing.
  core::Price amount;

  friend bool operator==(const CorporateAction&, const CorporateAction&) = default;
};

[[nodiscard]] std::string_view to_string(ActionKind kind);  // "split", "dividend", "delisting"
[[nodiscard]] core::Result<ActionKind> parse_action_kind(std::string_view text);
// What is wrong with one action, if anything: its date must have a key; parts of a split and the amount of a dividend
// must be above zero, what a delisting pays not below.
[[nodiscard]] core::Result<void> check_action(const CorporateAction& action);
// By ex-date, splits before dividends before a delisting on one date: the order every function here expects.
void order_actions(std::vector<CorporateAction>& actions);

// Factors of one symbol's bars; one entry a bar, in the bars' order.
struct AdjustmentFactors {
  std::vector<double> price;  // F
  std::vector<double> split;  // S
};

// The first key whose bar is quoted after the action: the ex-date itself for daily bars, the first day of its week or
// month for longer ones (their close is quoted after it), midnight on the exchange's wall clock for shorter ones.
[[nodiscard]] std::int64_t ex_key(core::Date ex_date, Timeframe timeframe, const Calendar& calendar);

// `keys` and `close` are equally long, `actions` in the order of order_actions(); `anchor` is the key of the first bar
// ever imported. An action has no effect unless a bar lies before its ex-date and a bar on or after it; a delisting has
// none. Dividends of one date count as one. Errors: an action that check_action() refuses, a dividend not below the
// close before it.
[[nodiscard]] core::Result<AdjustmentFactors> adjustment_factors(std::span<const std::int64_t> keys,
                                                                 std::span<const Price> close,
                                                                 std::span<const CorporateAction> actions,
                                                                 std::int64_t anchor, Timeframe timeframe,
                                                                 const Calendar& calendar);
// The same for daily bars.
[[nodiscard]] core::Result<AdjustmentFactors> adjustment_factors(std::span<const std::int64_t> keys,
                                                                 std::span<const Price> close,
                                                                 std::span<const CorporateAction> actions,
                                                                 std::int64_t anchor);

}  // namespace argosy::market
