#include "market/corporate_actions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <tuple>
#include <utility>

#include "core/check.hpp"

namespace argosy::market {
namespace {

using ExKey = std::function<std::int64_t(core::Date)>;

// Splits before dividends before a delisting on one date: the enumerators stand in that order. The rest makes the order
// total.
auto rank(const CorporateAction& action) {
  return std::tuple(action.ex_date, action.kind, action.numerator, action.denominator, action.amount);
}
bool before(const CorporateAction& a, const CorporateAction& b) {
  return std::pair(a.ex_date, a.kind) < std::pair(b.ex_date, b.kind);
}

// What one ex-date does to prices and volumes.
struct Step {
  std::int64_t key = 0;  // first key after it
  std::size_t row = 0;   // of the first bar at or after `key`
  double price = 1;
  double split = 1;
};

// The step of the actions that share the first one's ex-date; `close` is the raw close before it.
core::Result<Step> make_step(std::span<const CorporateAction> same_date, Price close) {
  Step step;
  core::Price dividends;
  for (const CorporateAction& action : same_date) {
    if (action.kind == ActionKind::kSplit) {
      step.split *= static_cast<double>(action.numerator) / static_cast<double>(action.denominator);
    } else if (action.kind == ActionKind::kDividend) {
      dividends += action.amount;
    }
  }
  step.price = step.split;
  if (dividends.is_zero()) return step;
  const double restated = close.to_double() / step.split;
  const double left = restated - dividends.to_double();
  if (!(left > 0)) {
    return core::fail(core::Error(core::ErrorCode::kInvalidArgument,
                                  fmt::format("the dividend of {} on {} is not below the close of {} before it{}",
                                              dividends.to_string(), same_date.front().ex_date.to_string(),
                                              close.to_string(), step.split == 1 ? "" : ", restated for the split"))
                          .with_hint("correct the dividend's amount, or its currency")
                          .in_field("amount", dividends.to_string()));
  }
  step.price *= restated / left;
  return step;
}

core::Result<std::vector<Step>> make_steps(std::span<const std::int64_t> keys, std::span<const Price> close,
                                           std::span<const CorporateAction> actions, const ExKey& ex) {
  std::vector<Step> steps;
  for (std::size_t first = 0; first < actions.size();) {
    std::size_t last = first;
    while (last < actions.size() && actions[last].ex_date == actions[first].ex_date) ++last;
    const std::int64_t key = ex(actions[first].ex_date);
    const auto row = static_cast<std::size_t>(std::ranges::lower_bound(keys, key) - keys.begin());
    if (row > 0 && row < keys.size()) {
      ARGOSY_TRY(Step step, make_step(actions.subspan(first, last - first), close[row - 1]));
      step.key = key;
      step.row = row;
      steps.push_back(step);
    }
    first = last;
  }
  return steps;
}

core::Result<AdjustmentFactors> join(std::span<const std::int64_t> keys, std::span<const Price> close,
                                     std::span<const CorporateAction> actions, std::int64_t anchor, const ExKey& ex) {
  ARGOSY_CHECK(keys.size() == close.size(), "{} keys, {} closes", keys.size(), close.size());
  ARGOSY_CHECK(std::ranges::is_sorted(actions, before), "corporate actions are not sorted");
  for (const CorporateAction& action : actions) ARGOSY_TRY_VOID(check_action(action));
  ARGOSY_TRY(const std::vector<Step> steps, make_steps(keys, close, actions, ex));
  AdjustmentFactors factors{std::vector<double>(keys.size(), 1.0), std::vector<double>(keys.size(), 1.0)};

  // Away from the anchor in both directions, so that bars and actions on one side never change a bit on the other.
  const auto origin = std::ranges::find_if(steps, [&](const Step& step) { return step.key > anchor; });
  double price = 1;
  double split = 1;
  for (auto step = origin; step != steps.end(); ++step) {
    price *= step->price;
    split *= step->split;
    const std::size_t end = step + 1 == steps.end() ? keys.size() : (step + 1)->row;
    std::fill(factors.price.begin() + static_cast<std::ptrdiff_t>(step->row),
              factors.price.begin() + static_cast<std::ptrdiff_t>(end), price);
    std::fill(factors.split.begin() + static_cast<std::ptrdiff_t>(step->row),
              factors.split.begin() + static_cast<std::ptrdiff_t>(end), split);
  }
  price = 1;
  split = 1;
  for (auto step = origin; step != steps.begin();) {
    --step;
    price /= step->price;
    split /= step->split;
    const std::size_t begin = step == steps.begin() ? 0 : (step - 1)->row;
    std::fill(factors.price.begin() + static_cast<std::ptrdiff_t>(begin),
              factors.price.begin() + static_cast<std::ptrdiff_t>(step->row), price);
    std::fill(factors.split.begin() + static_cast<std::ptrdiff_t>(begin),
              factors.split.begin() + static_cast<std::ptrdiff_t>(step->row), split);
  }
  return factors;
}

}  // namespace

std::string_view to_string(ActionKind kind) {
  constexpr std::array<std::string_view, 3> kNames{"split", "dividend", "delisting"};
  return kNames[static_cast<std::size_t>(kind)];
}

core::Result<ActionKind> parse_action_kind(std::string_view text) {
  if (text == "split") return ActionKind::kSplit;
  if (text == "dividend") return ActionKind::kDividend;
  if (text == "delisting") return ActionKind::kDelisting;
  return core::fail(core::Error(core::ErrorCode::kInvalidArgument, fmt::format("\"{}\" is no corporate action", text))
                        .with_hint("write split, dividend or delisting"));
}

core::Result<void> check_action(const CorporateAction& action) {
  if (!has_key(action.ex_date)) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      fmt::format("the ex-date {} lies outside the years {} to {}", action.ex_date.to_string(),
                                  kFirstKeyYear, kLastKeyYear));
  }
  if (action.kind == ActionKind::kSplit && (action.numerator <= 0 || action.denominator <= 0)) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      fmt::format("the split of {} for {} on {} has a part that is not above zero", action.numerator,
                                  action.denominator, action.ex_date.to_string()));
  }
  if (action.kind == ActionKind::kDividend && !action.amount.is_positive()) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      fmt::format("the dividend of {} on {} is not above zero", action.amount.to_string(),
                                  action.ex_date.to_string()));
  }
  if (action.kind == ActionKind::kDelisting && action.amount.is_negative()) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      fmt::format("the delisting on {} pays {}, which is below zero", action.ex_date.to_string(),
                                  action.amount.to_string()));
  }
  return {};
}

void order_actions(std::vector<CorporateAction>& actions) { std::ranges::sort(actions, {}, rank); }

std::int64_t ex_key(core::Date ex_date, Timeframe timeframe, const Calendar& calendar) {
  switch (timeframe.unit()) {
    case TimeframeUnit::kMinute:
    case TimeframeUnit::kHour:
      return calendar.local_midnight(ex_date).time_since_epoch().count();
    case TimeframeUnit::kDay:
      return date_key(ex_date);
    case TimeframeUnit::kWeek:
      return date_key(ex_date.plus_days(-static_cast<std::int32_t>(ex_date.weekday())));
    case TimeframeUnit::kMonth:
      return date_key(core::Date::from_ymd(ex_date.year(), ex_date.month(), 1));
  }
  ARGOSY_CHECK(false, "timeframe unit {}", static_cast<int>(timeframe.unit()));
}

core::Result<AdjustmentFactors> adjustment_factors(std::span<const std::int64_t> keys, std::span<const Price> close,
                                                   std::span<const CorporateAction> actions, std::int64_t anchor,
                                                   Timeframe timeframe, const Calendar& calendar) {
  return join(keys, close, actions, anchor, [&](core::Date date) { return ex_key(date, timeframe, calendar); });
}

core::Result<AdjustmentFactors> adjustment_factors(std::span<const std::int64_t> keys, std::span<const Price> close,
                                                   std::span<const CorporateAction> actions, std::int64_t anchor) {
  return join(keys, close, actions, anchor, date_key);
}

}  // namespace argosy::market
