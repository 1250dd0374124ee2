#include "core/paced_clock.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <memory>
#include <thread>
#include <vector>

#include "core/executor.hpp"

namespace argosy::core {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// Days of six hours from the ninth on: 09:00 to 15:00 UTC, counted from 1970.
std::optional<PacedClock::Stretch> six_hours(Timestamp time) {
  Timestamp day = std::chrono::floor<std::chrono::days>(time);
  if (time >= day + hours{15}) day += hours{24};
  return PacedClock::Stretch{day + hours{9}, day + hours{15}};
}

Timestamp at(int day, Duration time) { return Timestamp{hours{24 * day}} + time; }

struct Paced : testing::Test {
  SimulatedClock real{Timestamp{seconds{5'000}}};
  void pass(Duration time) { real.advance_to(real.now() + time); }
};

TEST_F(Paced, RunsAtItsSpeedAndJumpsOverClosedHours) {
  const PacedClock clock(real, at(0, hours{9}), {.speed = 120}, six_hours);
  EXPECT_EQ(clock.now(), at(0, hours{9}));
  pass(seconds{30});
  EXPECT_EQ(clock.now(), at(0, hours{10}));
  EXPECT_EQ(clock.monotonic(), seconds{30});
  pass(seconds{150});
  EXPECT_EQ(clock.now(), at(0, hours{15}));  // the minute after the close
  pass(milliseconds{499});
  EXPECT_EQ(clock.now(), at(0, hours{15} + milliseconds{59'880}));
  pass(milliseconds{1});
  EXPECT_EQ(clock.now(), at(1, hours{9}));
  // Several days in one step: each takes 180.5 s.
  pass(milliseconds{180'500 * 3 + 30'000});
  EXPECT_EQ(clock.now(), at(4, hours{10}));
}

TEST_F(Paced, BeginsInAnOpenStretch) {
  EXPECT_EQ(PacedClock(real, at(2, hours{11}), {}, six_hours).now(), at(2, hours{11}));
  EXPECT_EQ(PacedClock(real, at(2, hours{16}), {}, six_hours).now(), at(3, hours{9}));
  EXPECT_EQ(PacedClock(real, at(2, hours{1}), {}, six_hours).now(), at(2, hours{9}));
}

TEST_F(Paced, RunsOnWithoutFurtherStretches) {
  const PacedClock clock(real, at(0, hours{9}), {.speed = 60}, [](Timestamp time) {
    const auto stretch = six_hours(time);
    return time < at(1, hours{0}) && stretch->from < at(1, hours{0}) ? stretch : std::nullopt;
  });
  pass(minutes{6});
  EXPECT_EQ(clock.now(), at(0, hours{15}));
  pass(hours{1});
  EXPECT_EQ(clock.now(), at(3, hours{3}));
  EXPECT_EQ(clock.real_wait(at(3, hours{4})), minutes{1});
}

TEST_F(Paced, StretchesThatTouchAreOne) {
  const PacedClock clock(real, at(0, hours{1}), {.speed = 10}, [](Timestamp time) {
    const Timestamp day = std::chrono::floor<std::chrono::days>(time);
    return PacedClock::Stretch{day, day + hours{24}};
  });
  for (int i = 1; i < 100; ++i) {
    pass(hours{1});
    EXPECT_EQ(clock.now(), at(0, hours{1 + 10 * i}));
  }
}

TEST_F(Paced, SaysHowLongToWait) {
  const PacedClock clock(real, at(0, hours{9}), {.speed = 120}, six_hours);
  pass(seconds{30});
  EXPECT_EQ(clock.real_wait(at(0, hours{12})), minutes{1});
  EXPECT_LE(clock.real_wait(at(0, hours{10})), Duration::zero());
  EXPECT_LE(clock.real_wait(at(0, hours{9})), Duration::zero());
  // What falls into the night is due at the jump: 5 hours and a minute from now.
  const Duration jump = milliseconds{150'500};
  EXPECT_EQ(clock.real_wait(at(1, hours{3})), jump);
  EXPECT_EQ(clock.real_wait(at(1, hours{9})), jump);
  EXPECT_EQ(clock.real_wait(at(1, hours{9} + minutes{2})), jump + seconds{1});
  EXPECT_GE(clock.real_wait(at(9'000, hours{9})), minutes{1});
  EXPECT_GE(clock.real_wait(Timestamp::max()), minutes{1});
}

RC_GTEST_PROP(PacedClockProperties, NeverGoesBackAndKeepsItsWord, ()) {
  SimulatedClock real{Timestamp{seconds{5'000}}};
  const int speed = *rc::gen::inRange(1, 5'000);
  const Duration after = seconds{*rc::gen::inRange(0, 3'600)};
  const PacedClock clock(real, at(0, minutes{*rc::gen::inRange(0, 1'440)}),
                         {.speed = static_cast<double>(speed), .after_close = after}, six_hours);
  Timestamp last = clock.now();
  for (const std::int64_t step :
       *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange(0L, 90'000'000'000L))) {
    const Timestamp until = last + Duration{step};
    const Duration wait = clock.real_wait(until);
    if (wait > nanoseconds{1} && wait < minutes{1}) {
      real.advance_to(real.now() + wait - nanoseconds{1});
      RC_ASSERT(clock.now() < until);
    }
    real.advance_to(real.now() + std::max(wait, Duration::zero()) + nanoseconds{2});
    const Timestamp now = clock.now();
    RC_ASSERT(now >= last);
    RC_ASSERT(wait >= minutes{1} || now >= until);
    // Shown are only stretches and what follows them.
    const Duration of_day = now - std::chrono::floor<std::chrono::days>(now);
    RC_ASSERT(of_day >= hours{9} && of_day < hours{15} + std::max(after, Duration{1}));
    last = now;
  }
}

TEST(PacedClockThreads, TimersOfARealExecutorRunOnIt) {
  const SystemClock real;
  // A day lasts 21.6 ms, the time after its close 0.06 ms.
  const PacedClock clock(real, at(0, hours{9}), {.speed = 1e6}, six_hours);
  const auto executor = make_real_executor(clock);
  const Duration begin = real.monotonic();
  std::vector<Timestamp> ran;
  for (const Timestamp time : {at(0, hours{12}), at(0, hours{20}), at(1, hours{9}), at(2, hours{14})}) {
    executor->call_at(time, [&, time] {
      EXPECT_GE(clock.now(), time);
      ran.push_back(time);
    });
  }
  executor->call_at(at(2, hours{14} + minutes{30}), [&] { executor->stop(); });
  executor->run();
  EXPECT_TRUE(std::ranges::is_sorted(ran));
  EXPECT_EQ(ran.size(), 4U);
  // Two days and five and a half hours; waiting for nights would have taken 190 ms.
  const Duration took = real.monotonic() - begin;
  EXPECT_GE(took, milliseconds{62});
  EXPECT_LT(took, seconds{10});
}

TEST(PacedClockThreads, NoThreadSeesTimeGoBack) {
  const SystemClock real;
  const PacedClock clock(real, at(0, hours{9}), {.speed = 1e7}, six_hours);
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&] {
      Timestamp last = clock.now();
      for (int i = 0; i < 2'000; ++i) {
        const Timestamp now = clock.now();
        ASSERT_GE(now, last);
        last = now;
      }
    });
  }
}

}  // namespace
}  // namespace argosy::core
