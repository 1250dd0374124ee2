#include "trading/prop_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/check.hpp"

namespace argosy::trading {

using core::Date;
using core::Rounding;
using core::Timestamp;

std::string_view to_string(PropVerdict verdict) {
  constexpr std::array<std::string_view, 8> kNames{"within",  "warning", "flatten_now", "day_over",
                                                   "unknown", "not_set", "passed",      "breached"};
  return kNames[static_cast<std::size_t>(verdict)];
}

std::string_view to_string(PropRule rule) {
  constexpr std::array<std::string_view, 6> kNames{"none",    "daily_loss",   "total_loss", "trailing_drawdown",
                                                   "flatten", "profit_target"};
  return kNames[static_cast<std::size_t>(rule)];
}

core::Result<void> check_prop_limits(const PropLimits& limits, Money initial_balance) {
  if (!limits.initial_balance.has_value() || limits.initial_balance.value() == initial_balance) return {};
  return core::fail(core::Error(core::ErrorCode::kInvalidArgument,
                                fmt::format("the rules of the prop firm are for an account of {}, this one has {}",
                                            limits.initial_balance.value().to_string(), initial_balance.to_string()))
                        .with_hint("begin with that amount, or write initial_balance: unlimited under prop_firm"));
}

PropRules::PropRules(const PropLimits& limits, const DayStart& day, Money initial_balance)
    : limits_(limits),
      days_(day),
      initial_(initial_balance),
      balance_(initial_balance),
      last_equity_(initial_balance),
      day_base_(initial_balance),
      highest_(initial_balance),
      balance_at_begin_(initial_balance) {
  const auto names = unset_limits(limits_);
  if (!names.empty()) unset_ = names.front();
  if (limits_.flatten.has_value() && !limits_.flatten.value().calendar.empty()) {
    const auto found = market::find_calendar(limits_.flatten.value().calendar);
    ARGOSY_CHECK(found.has_value(), "no calendar {}", limits_.flatten.value().calendar);
    calendar_ = *found;
  }
}

void PropRules::advance(Timestamp now) {
  now_ = std::max(now_, now);
  const Date day = days_.day_of(now_);
  if (day_ == day) return;
  if (day_) {
    best_day_ = std::max(best_day_, balance_ - balance_at_begin_);
    if (limits_.trailing_drawdown.has_value() &&
        limits_.trailing_drawdown.value().from == TrailingLoss::From::kEndOfDay)
      highest_ = std::max(highest_, balance_);
  }
  day_ = day;
  day_base_ = std::max(balance_, last_equity_);
  balance_at_begin_ = balance_;
  traded_today_ = false;
  day_over_ = false;
}

void PropRules::on_equity(Timestamp now, std::optional<Money> equity) {
  advance(now);
  equity_ = equity;
  if (!equity) return;
  last_equity_ = *equity;
  if (limits_.trailing_drawdown.has_value() && limits_.trailing_drawdown.value().from == TrailingLoss::From::kEquity)
    highest_ = std::max(highest_, *equity);
  check_levels();
}

void PropRules::on_trade(Timestamp now, std::optional<Money> profit) {
  advance(now);
  if (!profit) {
    balance_known_ = false;
    return;
  }
  balance_ += *profit;
  if (!traded_today_) ++trading_days_;
  traded_today_ = true;
  check_passed();
}

PropMemory PropRules::memory() const {
  return {.initial = initial_,
          .day = day_,
          .balance = balance_,
          .balance_known = balance_known_,
          .last_equity = last_equity_,
          .day_base = day_base_,
          .highest = highest_,
          .balance_at_begin = balance_at_begin_,
          .best_day = best_day_,
          .trading_days = trading_days_,
          .traded_today = traded_today_,
          .day_over = day_over_,
          .passed = passed_,
          .verdict = static_cast<std::int64_t>(reached_.verdict),
          .rule = static_cast<std::int64_t>(reached_.rule),
          .unit = static_cast<std::int64_t>(reached_.numbers.unit),
          .value = reached_.numbers.value,
          .limit = reached_.numbers.limit};
}

void PropRules::restore(const PropMemory& memory) {
  initial_ = memory.initial;
  day_ = memory.day;
  balance_ = memory.balance;
  balance_known_ = memory.balance_known;
  last_equity_ = memory.last_equity;
  day_base_ = memory.day_base;
  highest_ = memory.highest;
  balance_at_begin_ = memory.balance_at_begin;
  best_day_ = memory.best_day;
  trading_days_ = memory.trading_days;
  traded_today_ = memory.traded_today;
  day_over_ = memory.day_over;
  passed_ = memory.passed;
  reached_ = {
      .verdict = static_cast<PropVerdict>(memory.verdict),
      .rule = static_cast<PropRule>(memory.rule),
      .numbers = {.unit = static_cast<Compared::Unit>(memory.unit), .value = memory.value, .limit = memory.limit}};
}

std::optional<Money> PropRules::trailing_level() const {
  if (!limits_.trailing_drawdown.has_value()) return std::nullopt;
  const TrailingLoss& rule = limits_.trailing_drawdown.value();
  const Money level = highest_ - rule.loss.of(initial_);
  return rule.locks_at_start ? std::min(level, initial_) : level;
}

void PropRules::breach(PropRule rule, Compared numbers) {
  if (reached_.verdict == PropVerdict::kBreached) return;
  reached_ = {.verdict = PropVerdict::kBreached, .rule = rule, .numbers = numbers};
}

void PropRules::check_levels() {
  if (passed_) return;
  if (limits_.total_loss.has_value()) {
    const Money lost = initial_ - *equity_;
    const Money limit = limits_.total_loss.value().of(initial_);
    if (lost >= limit) breach(PropRule::kTotalLoss, compared(lost, limit));
  }
  if (const auto level = trailing_level(); level && *equity_ <= *level) {
    const Money limit = limits_.trailing_drawdown.value().loss.of(initial_);
    breach(PropRule::kTrailingDrawdown, compared(limit - (*equity_ - *level), limit));
  }
  if (!limits_.daily_loss.has_value()) return;
  const Money lost = day_base_ - *equity_;
  const Money limit = limits_.daily_loss.value().loss.of(initial_);
  if (lost < limit) return;
  if (limits_.daily_loss.value().ends_account) {
    breach(PropRule::kDailyLoss, compared(lost, limit));
  } else if (!day_over_ && reached_.verdict != PropVerdict::kBreached) {
    day_over_ = true;
    reached_ = {.verdict = PropVerdict::kDayOver, .rule = PropRule::kDailyLoss, .numbers = compared(lost, limit)};
  }
}

PropProgress PropRules::progress() const {
  PropProgress out{.profit = balance_ - initial_, .days = trading_days_};
  out.best_day = std::max(best_day_, balance_ - balance_at_begin_);
  out.target_reached = limits_.profit_target.has_value() && out.profit >= limits_.profit_target.value().of(initial_);
  out.days_reached = limits_.minimum_days.is_unlimited() ||
                     (limits_.minimum_days.has_value() && out.days >= limits_.minimum_days.value());
  out.consistent =
      limits_.best_day.is_unlimited() ||
      (limits_.best_day.has_value() &&
       out.best_day <= core::multiply(std::max(out.profit, Money()), limits_.best_day.value(), Rounding::kFloor));
  return out;
}

void PropRules::check_passed() {
  if (reached_.verdict == PropVerdict::kBreached || !balance_known_ || !unset_.empty()) return;
  const PropProgress now = progress();
  passed_ = passed_ || (now.target_reached && now.days_reached && now.consistent);
}

PropStatus PropRules::nearest_level() const {
  PropStatus nearest;
  Rate used = Rate::from_units(800'000'000);  // four fifths: from here on it is a warning
  const auto consider = [&](PropRule rule, Money lost, Money limit) {
    if (!limit.is_positive() || core::multiply(limit, used, Rounding::kCeiling) > lost) return;
    used = Rate::from_units(core::scale(lost, Rate::kUnitsPerOne, limit.units(), Rounding::kFloor).units());
    nearest = {.verdict = PropVerdict::kWarning, .rule = rule, .numbers = compared(lost, limit)};
  };
  if (limits_.daily_loss.has_value())
    consider(PropRule::kDailyLoss, day_base_ - *equity_, limits_.daily_loss.value().loss.of(initial_));
  if (limits_.total_loss.has_value())
    consider(PropRule::kTotalLoss, initial_ - *equity_, limits_.total_loss.value().of(initial_));
  if (const auto level = trailing_level()) {
    const Money limit = limits_.trailing_drawdown.value().loss.of(initial_);
    consider(PropRule::kTrailingDrawdown, limit - (*equity_ - *level), limit);
  }
  return nearest;
}

PropStatus PropRules::status(Timestamp now) {
  advance(now);
  if (reached_.verdict == PropVerdict::kBreached) return reached_;
  if (!unset_.empty()) return {.verdict = PropVerdict::kNotSet};
  if (passed_) {
    const Money target = limits_.profit_target.value().of(initial_);
    return {.verdict = PropVerdict::kPassed,
            .rule = PropRule::kProfitTarget,
            .numbers = compared(balance_ - initial_, target)};
  }
  if (day_over_) return reached_;
  if (in_flatten(now_)) return {.verdict = PropVerdict::kFlattenNow, .rule = PropRule::kFlatten};
  if (!equity_ || !balance_known_) return {.verdict = PropVerdict::kUnknown};
  return nearest_level();
}

bool PropRules::allows_entries(Timestamp now) {
  const PropVerdict verdict = status(now).verdict;
  return verdict == PropVerdict::kWithin || verdict == PropVerdict::kWarning;
}

bool PropRules::must_flatten(Timestamp now) {
  advance(now);
  return reached_.verdict == PropVerdict::kBreached || day_over_ || in_flatten(now_);
}

bool PropRules::in_flatten(Timestamp now) {
  if (!limits_.flatten.has_value()) return false;
  if (now < stretch_.begin || now >= stretch_.end)
    stretch_ = calendar_ != nullptr ? stretch_of_session(now) : stretch_of_day(now);
  return stretch_.flat;
}

PropRules::Stretch PropRules::stretch_of_day(Timestamp now) {
  const FlattenRule& rule = limits_.flatten.value();
  const Date day = days_.day_of(now);
  const Timestamp end = days_.begin_of(day.plus_days(1));
  if (day.is_weekend()) return {days_.begin_of(day), end, true};
  const Timestamp at = days_.instant_in(day, rule.at);
  if (now < at) return {days_.begin_of(day), at, false};
  return {at, end, rule.every_day || day.weekday() == core::Weekday::kFriday};
}

PropRules::Stretch PropRules::stretch_of_session(Timestamp now) const {
  const FlattenRule& rule = limits_.flatten.value();
  Date date = calendar_->local_date(now);
  auto session = calendar_->session(date);
  if (!session || now < session->open) {  // the last one that has begun
    date = calendar_->previous_session(date);
    session = calendar_->session(date);
  }
  const Timestamp flat_from = session->close - rule.before_close;
  if (now < flat_from) return {session->open, flat_from, false};
  const Date next = calendar_->next_session(date);
  const Timestamp opens = calendar_->session(next)->open;
  return {flat_from, opens, rule.every_day || next - date > 1};
}

}  // namespace argosy::trading
