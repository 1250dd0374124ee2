#include "simulation/detail/oracle_losses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "core/time.hpp"

namespace argosy::simulation::detail {

namespace {

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

std::int64_t time_of(const core::JsonValue& object, std::string_view name, std::int64_t otherwise) {
  const auto time = core::parse_rfc3339(text_of(object, name));
  return time ? time->time_since_epoch().count() : otherwise;
}

}  // namespace

void LossBook::advance(std::int64_t time) {
  if (state_ != State::kOpen || time < until_) return;
  state_ = settings_.limits.breaker.trial_trades.has_value() ? State::kTrial : State::kClosed;
  losses_ = entries_ = wins_ = 0;
}

void LossBook::open(std::int64_t time) {
  const auto& rest = settings_.limits.breaker.cool_down;
  state_ = State::kOpen;
  opened_at_ = time;
  until_ = rest.has_value() ? time + rest.value().count() : kForever;
}

void LossBook::on_fill(std::int64_t service, bool buys, std::int64_t moved, std::int64_t left, std::int64_t time) {
  Trade& trade = trades_[service];
  trade.gained += moved;
  if (buys || left > 0) return;
  const Trade over = std::exchange(trade, {});
  advance(time);
  if (over.unclear) {
    believes_ = true;
    return;
  }
  const trading::BreakerLimits& limits = settings_.limits.breaker;
  const bool lost = over.gained < 0;
  losses_ = lost ? losses_ + 1 : 0;
  if (state_ == State::kTrial) {
    // Others than the trial's may end meanwhile.
    if (lost) return open(time);
    wins_ = std::min(wins_ + 1, entries_);
    if (wins_ >= limits.trial_trades.value()) state_ = State::kClosed;
    return;
  }
  const auto& most = limits.consecutive_losses;
  if (state_ == State::kClosed && most.has_value() && losses_ >= most.value()) open(time);
}

void LossBook::on_guard(const core::JsonValue& breaker, bool is_reset) {
  const auto said = static_cast<State>(whole(breaker, "state"));
  const bool believes = std::exchange(believes_, false) || is_reset;
  const std::int64_t until = time_of(breaker, "until", kForever);
  if (said == State::kOpen && state_ == State::kOpen) until_ = std::min(until_, until);
  const bool is_stricter =
      (said == State::kOpen && state_ != State::kOpen) || (said == State::kClosed && state_ == State::kTrial);
  if (!believes && !is_stricter) return;
  state_ = said;
  opened_at_ = time_of(breaker, "tripped_at", 0);
  until_ = until;
  losses_ = whole(breaker, "losses");
  entries_ = whole(breaker, "trial_entries");
  wins_ = whole(breaker, "trial_trades");
}

void LossBook::on_entry(std::int64_t order, std::int64_t time, Findings& findings) {
  advance(time);
  // With a clock that is set back it cannot be said how long it rests.
  if (believes_ || settings_.time_goes_back || state_ == State::kClosed) return;
  if (state_ == State::kOpen)
    return findings.add(10, fmt::format("order {} was made {} s after the circuit breaker had opened", order,
                                        (time - opened_at_) / 1'000'000'000));
  if (++entries_ > settings_.limits.breaker.trial_trades.value())
    findings.add(10, fmt::format("order {} is one entry more than the trial of the circuit breaker allows", order));
}

void LossBook::forget() {
  trades_.clear();
  state_ = State::kClosed;
  believes_ = true;
  losses_ = opened_at_ = until_ = entries_ = wins_ = 0;
}

}  // namespace argosy::simulation::detail
