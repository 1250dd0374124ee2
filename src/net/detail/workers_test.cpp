#include "net/detail/workers.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <semaphore>
#include <set>
#include <thread>

#include "core/waits.hpp"

namespace argosy::net::detail {
namespace {

TEST(Workers, RunSoManyAtOnce) {
  Workers workers(2, 8);
  std::counting_semaphore<> go(0);
  std::counting_semaphore<> begun(0);
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  std::latch done(6);
  for (int i = 0; i < 6; ++i) {
    workers.post([&] {
      const int now = ++running;
      for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) continue;
      begun.release();
      go.acquire();
      --running;
      done.count_down();
    });
  }
  begun.acquire();
  begun.acquire();
  EXPECT_EQ(running, 2);
  go.release(6);
  done.wait();
  EXPECT_EQ(most, 2);
}

TEST(Workers, LetOthersRunWhileSomeWait) {
  Workers workers(1, 3);
  std::counting_semaphore<> answer(0);
  std::counting_semaphore<> waiting(0);
  std::latch done(2);
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  const auto question = [&] {
    {
      const core::Waits waits;
      waiting.release();
      answer.acquire();
    }
    const int now = ++running;
    if (now > most) most = now;
    std::this_thread::yield();
    --running;
    done.count_down();
  };
  workers.post(question);
  workers.post(question);
  waiting.acquire();
  waiting.acquire();
  std::binary_semaphore other(0);
  workers.post([&] { other.release(); });
  other.acquire();
  answer.release(2);
  done.wait();
  // Those that come back take places, too.
  EXPECT_EQ(most, 1);
}

TEST(Workers, HaveNoMoreThreadsThanTheyMay) {
  Workers workers(1, 2);
  std::counting_semaphore<> answer(0);
  std::counting_semaphore<> waiting(0);
  std::atomic<int> begun = 0;
  std::latch done(3);
  for (int i = 0; i < 3; ++i) {
    workers.post([&] {
      ++begun;
      {
        const core::Waits waits;
        waiting.release();
        answer.acquire();
      }
      done.count_down();
    });
  }
  waiting.acquire();
  waiting.acquire();
  EXPECT_EQ(begun, 2);
  answer.release(3);
  done.wait();
}

TEST(Workers, KeepTheThreadsThatTheyHave) {
  Workers workers(4, 16);
  std::mutex mutex;
  std::set<std::thread::id> threads;
  for (int i = 0; i < 1'000; ++i) {
    std::binary_semaphore done(0);
    workers.post([&] {
      {
        const std::scoped_lock lock(mutex);
        threads.insert(std::this_thread::get_id());
      }
      done.release();
    });
    done.acquire();
  }
  EXPECT_LE(threads.size(), 4U);
}

TEST(Workers, ManyWaitsOfManyThreadsLoseNothing) {
  Workers workers(2, 12);
  constexpr int kTasks = 2'000;
  std::atomic<int> running = 0;
  std::atomic<bool> too_many = false;
  std::latch done(kTasks);
  const auto work = [&] {
    if (++running > 2) too_many = true;
    std::this_thread::yield();
    --running;
  };
  for (int i = 0; i < kTasks; ++i) {
    workers.post([&, i] {
      work();
      if (i % 3 == 0) {
        const core::Waits waits;
        std::this_thread::yield();
      }
      work();
      done.count_down();
    });
  }
  done.wait();
  EXPECT_FALSE(too_many);
}

TEST(Workers, StopWaitsForThoseThatRunAndDropsTheOthers) {
  std::counting_semaphore<> go(0);
  std::counting_semaphore<> begun(0);
  std::atomic<int> ended = 0;
  Workers workers(1, 4);
  for (int i = 0; i < 3; ++i) {
    workers.post([&] {
      begun.release();
      {
        const core::Waits waits;
        go.acquire();
      }
      ++ended;
    });
  }
  for (int i = 0; i < 3; ++i) begun.acquire();
  std::thread releaser([&] { go.release(3); });
  workers.stop();
  releaser.join();
  EXPECT_EQ(ended, 3);
  workers.post([&] { ++ended; });
  workers.stop();
  EXPECT_EQ(ended, 3);
}

}  // namespace
}  // namespace argosy::net::detail
