#include "core/executor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace argosy::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Simulated : testing::Test {
  SimulatedClock clock{Timestamp{seconds{1'000}}};
  std::unique_ptr<Executor> executor = make_simulated_executor(clock);
  std::vector<std::string> ran;

  auto note(std::string name) {
    return [this, name = std::move(name)] {
      ran.push_back(name + "@" + std::to_string((clock.now() - Timestamp{seconds{1'000}}) / seconds{1}));
    };
  }
  [[nodiscard]] Timestamp at(int second) const { return Timestamp{seconds{1'000 + second}}; }
};

TEST_F(Simulated, RunsPostsThenTimersInTheirOrder) {
  executor->call_at(at(5), note("late"));
  executor->call_at(at(2), note("early"));
  executor->call_at(at(5), note("late too"));
  executor->call_at(at(-3), note("past"));
  executor->post(note("first"));
  executor->post([this] {
    note("second")();
    executor->post(note("nested"));
    executor->call_at(at(5), note("late three"));
  });
  executor->run();
  EXPECT_EQ(ran, (std::vector<std::string>{"first@0", "second@0", "past@0", "nested@0", "early@2", "late@5",
                                           "late too@5", "late three@5"}));
  EXPECT_EQ(&executor->clock(), &clock);
}

TEST_F(Simulated, CancelsWhatHasNotRun) {
  const TimerId timer = executor->call_at(at(1), note("never"));
  EXPECT_TRUE(executor->cancel(timer));
  EXPECT_FALSE(executor->cancel(timer));
  EXPECT_FALSE(executor->cancel(TimerId()));
  // One that is due already, from the one before it.
  TimerId second;
  const TimerId first = executor->call_at(at(2), [&] { EXPECT_TRUE(executor->cancel(second)); });
  second = executor->call_at(at(2), note("never either"));
  executor->run();
  EXPECT_TRUE(ran.empty());
  EXPECT_FALSE(executor->cancel(first));
  EXPECT_EQ(clock.now(), at(2));
}

TEST_F(Simulated, StopsAndGoesOn) {
  executor->post([this] { executor->stop(); });
  executor->post(note("after"));
  executor->call_at(at(1), note("timer"));
  executor->run();
  EXPECT_TRUE(ran.empty());
  executor->run();
  EXPECT_EQ(ran, (std::vector<std::string>{"after@0", "timer@1"}));
  executor->stop();
  executor->post(note("not yet"));
  executor->run();
  EXPECT_EQ(ran.size(), 2U);
}

TEST_F(Simulated, NeitherPostsNorTimersStarveTheOther) {
  int posts = 0;
  std::function<void()> again = [&] {
    if (++posts < 1'000) executor->post(again);
  };
  executor->post(again);
  int posts_at_timer = -1;
  executor->call_at(at(0), [&] { posts_at_timer = posts; });
  executor->run();
  EXPECT_EQ(posts, 1'000);
  EXPECT_LE(posts_at_timer, 2);
}

TEST(RealExecutor, RunsWhatSeveralThreadsPost) {
  constexpr int kThreads = 4;
  constexpr int kEach = 2'000;
  const SystemClock clock;
  const auto executor = make_real_executor(clock);
  std::vector<std::vector<int>> seen(kThreads);  // only touched by the thread that runs
  int total = 0;
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        executor->post([&, thread, i] {
          seen[static_cast<std::size_t>(thread)].push_back(i);
          if (++total == kThreads * kEach) executor->stop();
        });
      }
    });
  }
  executor->run();
  EXPECT_EQ(total, kThreads * kEach);
  for (const auto& numbers : seen) {
    ASSERT_EQ(numbers.size(), static_cast<std::size_t>(kEach));
    EXPECT_TRUE(std::ranges::is_sorted(numbers));
  }
}

TEST(RealExecutor, TimersRunInTimeAndOrder) {
  const SystemClock clock;
  const auto executor = make_real_executor(clock);
  const Timestamp start = clock.now();
  std::vector<int> ran;
  executor->call_at(start + milliseconds{30}, [&] {
    EXPECT_GE(clock.now(), start + milliseconds{30});
    ran.push_back(3);
    executor->stop();
  });
  executor->call_at(start + milliseconds{10}, [&] { ran.push_back(1); });
  executor->call_at(start + milliseconds{10}, [&] { ran.push_back(2); });
  const TimerId never = executor->call_at(start + milliseconds{5}, [&] { ran.push_back(99); });
  EXPECT_TRUE(executor->cancel(never));
  executor->run();
  EXPECT_EQ(ran, (std::vector<int>{1, 2, 3}));
}

TEST(RealExecutor, AnEarlierTimerWakesTheSleeper) {
  const SystemClock clock;
  const auto executor = make_real_executor(clock);
  executor->call_at(clock.now() + std::chrono::hours{1}, [] { FAIL(); });
  std::jthread other([&] {
    std::this_thread::sleep_for(milliseconds{20});
    executor->call_at(clock.now(), [&] { executor->stop(); });
  });
  executor->run();
  std::jthread stopper([&] { executor->stop(); });
  executor->run();
}

// The system's clock, as it shows when somebody sets it.
struct SetClock final : Clock {
  [[nodiscard]] Timestamp now() const override { return real.now() + set.load(); }
  [[nodiscard]] Duration monotonic() const override { return real.monotonic(); }
  SystemClock real;
  std::atomic<Duration> set{};
};

// F32: a clock that is set back by an hour stopped everything that was to happen within a second, for an hour; one that
// is set forward made it happen at once.
TEST(RealExecutor, ShortTimersWaitAsLongAsTheyWereToWhateverTheClockIsSetTo) {
  for (const Duration step : {Duration(-std::chrono::hours{1}), Duration(std::chrono::hours{1})}) {
    SetClock clock;
    const auto executor = make_real_executor(clock);
    const Duration begin = clock.monotonic();
    std::vector<int> ran;
    Duration waited{};
    executor->call_at(clock.now() + milliseconds{200}, [&] { ran.push_back(1); });
    executor->call_at(clock.now() + std::chrono::minutes{30}, [&] { ran.push_back(99); });
    executor->post([&] {
      clock.set = step;
      // Made by the clock as it is now.
      executor->call_at(clock.now() + milliseconds{900}, [&] {
        ran.push_back(2);
        waited = clock.monotonic() - begin;
        executor->stop();
      });
    });
    executor->run();
    EXPECT_GE(waited, milliseconds{900});
    EXPECT_LT(waited, seconds{20});
    // A time of day that has come meanwhile.
    EXPECT_EQ(ran, step > Duration::zero() ? (std::vector<int>{99, 1, 2}) : (std::vector<int>{1, 2}));
  }
}

TEST(RealExecutor, ATimerThatWasShiftedCanBeCancelled) {
  SetClock clock;
  const auto executor = make_real_executor(clock);
  const TimerId never = executor->call_at(clock.now() + milliseconds{100}, [] { FAIL(); });
  executor->post([&] { clock.set = -seconds{10}; });
  executor->call_at(clock.now() + milliseconds{50}, [&] { EXPECT_TRUE(executor->cancel(never)); });
  executor->call_at(clock.now() + milliseconds{150}, [&] { executor->stop(); });
  executor->run();
}

}  // namespace
}  // namespace argosy::core
