#include "trading/circuit_breaker.hpp"

#include <algorithm>
#include <array>

#include "core/planted.hpp"

namespace argosy::trading {

using core::Timestamp;

std::string_view to_string(BreakerState state) {
  constexpr std::array<std::string_view, 3> kNames{"closed", "open", "half-open"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view to_string(BreakerRule rule) {
  constexpr std::array<std::string_view, 9> kNames{"none",        "consecutive_losses", "daily_loss",
                                                   "drawdown",    "loss_velocity",      "error_rate",
                                                   "reject_rate", "trial_loss",         "by_hand"};
  return kNames[static_cast<std::size_t>(rule)];
}

std::string_view to_string(BreakerAnswer answer) {
  constexpr std::array<std::string_view, 5> kNames{
      "allowed", "the circuit breaker is open", "the trial of the circuit breaker is used up",
      "the equity is not known", "a limit of the circuit breaker is not set"};
  return kNames[static_cast<std::size_t>(answer)];
}

std::optional<Money> known_money(double value) {
  const auto money = Money::from_double(value);
  return money ? std::optional<Money>(*money) : std::nullopt;
}

void CircuitBreaker::Failures::add(Timestamp now, bool failed, core::Duration within) {
  events_.push_back({now, failed});
  failed_ += failed ? 1 : 0;
  while (events_.front().time <= now - within) {
    failed_ -= events_.front().failed ? 1 : 0;
    events_.pop_front();
  }
}

bool CircuitBreaker::Failures::reaches(const FailureRate& rule) const {
  return std::ssize(events_) >= rule.least && failed_ > 0 && share() >= rule.share;
}

Rate CircuitBreaker::Failures::share() const {
  return events_.empty() ? Rate()
                         : core::scale(Rate::from_integer(1), failed_, std::ssize(events_), core::Rounding::kFloor);
}

std::vector<AnswerMemory> CircuitBreaker::Failures::memory() const {
  const auto kept = static_cast<std::ptrdiff_t>(std::min(events_.size(), kRememberedAnswers));
  return {events_.end() - kept, events_.end()};
}

void CircuitBreaker::Failures::restore(const std::vector<AnswerMemory>& answers) {
  events_.assign(answers.begin(), answers.end());
  failed_ = std::ranges::count(events_, true, &AnswerMemory::failed);
}

CircuitBreaker::CircuitBreaker(const BreakerLimits& limits, const DayStart& day)
    : limits_(limits),
      days_(day),
      needs_equity_(limits.daily_loss.has_value() || limits.drawdown.has_value() || limits.loss_velocity.has_value()) {
  const auto names = unset_limits(limits_);
  if (!names.empty()) unset_ = names.front();
}

void CircuitBreaker::on_equity(Timestamp now, std::optional<Money> equity) {
  advance(now);
  equity_ = equity;
  if (!equity) return;
  if (const core::Date day = days_.day_of(now_); !day_base_ || day != day_) {
    day_ = day;
    day_base_ = last_known_ ? last_known_ : equity;
  }
  last_known_ = equity;
  peak_ = peak_ ? std::max(*peak_, *equity) : *equity;
  check_equity();
  advance(now_);  // an open breaker may have waited for a known equity
}

std::optional<Compared> CircuitBreaker::daily_loss_reached() const {
  if (!limits_.daily_loss.has_value() || !equity_ || !day_base_) return std::nullopt;
  const Money lost = *day_base_ - *equity_;
  const Money limit = limits_.daily_loss.value().of(*day_base_);
  return lost >= limit ? std::optional(compared(lost, limit)) : std::nullopt;
}

Money CircuitBreaker::highest_within(Timestamp now, Money equity) {
  while (!window_.empty() && window_.back().equity <= equity) window_.pop_back();
  window_.push_back({now, equity});
  while (window_.front().time <= now - limits_.loss_velocity.value().within) window_.pop_front();
  return window_.front().equity;
}

void CircuitBreaker::check_equity() {
  if (const auto reached = daily_loss_reached()) trip_by(BreakerRule::kDailyLoss, *reached);
  if (limits_.drawdown.has_value() && !ARGOSY_PLANTED(kBreakerIgnoresDrawdown)) {
    const Money lost = *peak_ - *equity_;
    const Money limit = limits_.drawdown.value().of(*peak_);
    if (lost >= limit) trip_by(BreakerRule::kDrawdown, compared(lost, limit));
  }
  if (limits_.loss_velocity.has_value()) {
    const Money highest = highest_within(now_, *equity_);
    const Money lost = highest - *equity_;
    const Money limit = limits_.loss_velocity.value().loss.of(highest);
    if (lost >= limit) trip_by(BreakerRule::kLossVelocity, compared(lost, limit));
  }
}

void CircuitBreaker::on_trade(Timestamp now, std::optional<Money> profit) {
  advance(now);
  const bool lost = !profit || profit->is_negative();
  losses_ = lost ? losses_ + 1 : 0;
  if (state_ == BreakerState::kHalfOpen) {
    if (lost) {
      trip_by(BreakerRule::kTrialLoss, compared(profit.value_or(Money()), Money()));
    } else if (trial_trades_ < trial_entries_) {  // others were opened before the trial
      ++trial_trades_;
      if (trial_trades_ >= limits_.trial_trades.value()) state_ = BreakerState::kClosed;
    }
    return;
  }
  if (limits_.consecutive_losses.has_value() && losses_ >= limits_.consecutive_losses.value())
    trip_by(BreakerRule::kConsecutiveLosses, compared(losses_, limits_.consecutive_losses.value()));
}

void CircuitBreaker::on_order(Timestamp now, bool rejected) {
  advance(now);
  if (!limits_.reject_rate.has_value()) return;
  const FailureRate& rule = limits_.reject_rate.value();
  orders_.add(now_, rejected, rule.within);
  if (orders_.reaches(rule)) trip_by(BreakerRule::kRejectRate, compared(orders_.share(), rule.share));
}

void CircuitBreaker::on_call(Timestamp now, bool failed) {
  advance(now);
  if (!limits_.error_rate.has_value()) return;
  const FailureRate& rule = limits_.error_rate.value();
  calls_.add(now_, failed, rule.within);
  if (calls_.reaches(rule)) trip_by(BreakerRule::kErrorRate, compared(calls_.share(), rule.share));
}

void CircuitBreaker::on_entry(Timestamp now) {
  advance(now);
  if (state_ == BreakerState::kHalfOpen) ++trial_entries_;
}

BreakerAnswer CircuitBreaker::allows_entries(Timestamp now) {
  advance(now);
  if (!unset_.empty()) return BreakerAnswer::kNotSet;
  if (state_ == BreakerState::kOpen) return BreakerAnswer::kOpen;
  if (needs_equity_ && !equity_) return BreakerAnswer::kUnknownEquity;
  if (state_ == BreakerState::kHalfOpen && trial_entries_ >= limits_.trial_trades.value())
    return BreakerAnswer::kTrialUsed;
  return BreakerAnswer::kAllowed;
}

BreakerState CircuitBreaker::state(Timestamp now) {
  advance(now);
  return state_;
}

void CircuitBreaker::trip_by(BreakerRule rule, Compared numbers) {
  if (state_ == BreakerState::kOpen) return;  // the first reason stands
  state_ = BreakerState::kOpen;
  trip_ = {.rule = rule, .numbers = numbers, .at = now_};
  if (limits_.cool_down.has_value()) trip_.until = now_ + limits_.cool_down.value();
  ++trips_;
}

void CircuitBreaker::advance(Timestamp now) {
  now_ = std::max(now_, now);
  if (state_ != BreakerState::kOpen || !trip_.until || now_ < *trip_.until) return;
  if (needs_equity_ && !equity_) return;
  // What was lost today stays lost until the day is over.
  if (days_.day_of(now_) == day_ && daily_loss_reached()) return;
  measure_from_now();
  state_ = limits_.trial_trades.has_value() ? BreakerState::kHalfOpen : BreakerState::kClosed;
}

void CircuitBreaker::measure_from_now() {
  peak_ = equity_;
  window_.clear();
  losses_ = 0;
  trial_entries_ = 0;
  trial_trades_ = 0;
  orders_.clear();
  calls_.clear();
}

void CircuitBreaker::on_flow(Money amount) {
  for (std::optional<Money>* each : {&equity_, &last_known_, &day_base_, &peak_}) {
    if (*each) **each += amount;
  }
  for (Known& each : window_) each.equity += amount;
}

BreakerMemory CircuitBreaker::memory() const {
  BreakerMemory out{.state = static_cast<std::int64_t>(state_),
                    .trips = trips_,
                    .rule = static_cast<std::int64_t>(trip_.rule),
                    .unit = static_cast<std::int64_t>(trip_.numbers.unit),
                    .value = trip_.numbers.value,
                    .limit = trip_.numbers.limit,
                    .tripped_at = trip_.at,
                    .until = trip_.until,
                    .day = day_,
                    .day_base = day_base_,
                    .last_equity = last_known_,
                    .peak = peak_,
                    .highest_at = {},
                    .highest = {},
                    .losses = losses_,
                    .trial_entries = trial_entries_,
                    .trial_trades = trial_trades_,
                    .orders = orders_.memory(),
                    .calls = calls_.memory()};
  if (!window_.empty()) {
    out.highest_at = window_.front().time;
    out.highest = window_.front().equity;
  }
  return out;
}

void CircuitBreaker::restore(const BreakerMemory& memory) {
  state_ = static_cast<BreakerState>(memory.state);
  // The configuration may know no trial any more.
  if (state_ == BreakerState::kHalfOpen && !limits_.trial_trades.has_value()) state_ = BreakerState::kClosed;
  trips_ = memory.trips;
  trip_ = {.rule = static_cast<BreakerRule>(memory.rule),
           .numbers = {.unit = static_cast<Compared::Unit>(memory.unit), .value = memory.value, .limit = memory.limit},
           .at = memory.tripped_at,
           .until = memory.until};
  day_ = memory.day;
  day_base_ = memory.day_base;
  last_known_ = memory.last_equity;
  equity_ = memory.last_equity;  // whoever restores tells the present one before anything is traded
  peak_ = memory.peak;
  if (memory.highest) window_.push_back({memory.highest_at, *memory.highest});
  losses_ = memory.losses;
  trial_entries_ = memory.trial_entries;
  trial_trades_ = memory.trial_trades;
  // Those of a rule that the configuration no longer has would never leave.
  if (limits_.reject_rate.has_value()) orders_.restore(memory.orders);
  if (limits_.error_rate.has_value()) calls_.restore(memory.calls);
}

void CircuitBreaker::open(Timestamp now) {
  advance(now);
  trip_by(BreakerRule::kByHand, {});
  trip_.until.reset();
}

void CircuitBreaker::reset(Timestamp now) {
  advance(now);
  measure_from_now();
  day_base_ = equity_;
  day_ = days_.day_of(now_);
  last_known_ = equity_;
  state_ = BreakerState::kClosed;
}

}  // namespace argosy::trading
