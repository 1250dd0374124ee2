#include "core/paced_clock.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/check.hpp"

namespace argosy::core {
namespace {

// Farther than this real_wait() does not look: a timer in a year would ask for a year of stretches at each wait.
constexpr Duration kFarAhead = std::chrono::minutes{1};

}  // namespace

PacedClock::PacedClock(const Clock& real, Timestamp start, PacedClockOptions options, NextOpen next_open)
    : real_(real), options_(options), next_open_(std::move(next_open)) {
  ARGOSY_CHECK(options_.speed > 0 && std::isfinite(options_.speed), "a clock {} times as fast", options_.speed);
  ARGOSY_CHECK(options_.after_close >= Duration::zero(), "{} ns after a close", options_.after_close.count());
  run_ = first_run(start);
}

Duration PacedClock::real_time_of(Duration shown) const {
  constexpr double kForever = 4e18;  // 127 years, so that sums fit
  const double real = std::ceil(static_cast<double>(shown.count()) / options_.speed);
  return Duration{static_cast<std::int64_t>(std::min(real, kForever))};
}

PacedClock::Run PacedClock::first_run(Timestamp start) const {
  const Duration real_now = real_.monotonic();
  const auto stretch = next_open_(start);
  if (!stretch) return {real_now, start, Timestamp::max()};
  ARGOSY_CHECK(stretch->to > std::max(start, stretch->from), "a stretch until {} at {}", format_rfc3339(stretch->to),
               format_rfc3339(start));
  return {real_now, std::max(start, stretch->from), stretch->to + options_.after_close};
}

// A stretch that begins while the end of the last one is still shown follows without a jump: the clock never goes back.
PacedClock::Run PacedClock::run_after(const Run& run) const {
  Run next{run.real_from + real_time_of(run.to - run.from), run.to, Timestamp::max()};
  const auto stretch = next_open_(run.to);
  if (!stretch) return next;
  ARGOSY_CHECK(stretch->to > run.to && stretch->to > stretch->from, "the stretch after {} ends {}",
               format_rfc3339(run.to), format_rfc3339(stretch->to));
  next.from = std::max(run.to, stretch->from);
  next.to = stretch->to + options_.after_close;
  return next;
}

void PacedClock::catch_up(Duration real_now) const {
  while (run_.to != Timestamp::max() && real_now - run_.real_from >= real_time_of(run_.to - run_.from))
    run_ = run_after(run_);
}

Timestamp PacedClock::now() const {
  const std::scoped_lock lock(mutex_);
  // Under the lock, so that no thread can see an earlier time than one that asked before it.
  const Duration real_now = real_.monotonic();
  catch_up(real_now);
  const double shown = static_cast<double>((real_now - run_.real_from).count()) * options_.speed;
  const Timestamp time = run_.from + Duration{static_cast<std::int64_t>(shown)};
  return run_.to == Timestamp::max() ? time : std::min(time, run_.to - Duration{1});
}

Duration PacedClock::real_wait(Timestamp until) const {
  const std::scoped_lock lock(mutex_);
  const Duration real_now = real_.monotonic();
  catch_up(real_now);
  Run run = run_;
  while (until >= run.to && run.real_from - real_now < kFarAhead) run = run_after(run);
  const Duration into = std::clamp(until, run.from, run.to) - run.from;
  return run.real_from + real_time_of(into) - real_now;
}

}  // namespace argosy::core
