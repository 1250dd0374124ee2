#include "core/patience.hpp"

#include <gtest/gtest.h>

#include "core/clock.hpp"

namespace argosy::core {
namespace {

TEST(Patience, EndsAtItsLimitAndNotBefore) {
  const SystemClock clock;
  const Duration begin = clock.monotonic();
  Patience patience(std::chrono::milliseconds(60));
  int waits = 0;
  while (patience.wait()) ++waits;
  EXPECT_GE(clock.monotonic() - begin, std::chrono::milliseconds(60));
  EXPECT_GE(waits, 3);
  EXPECT_LE(waits, 6) << "the steps grow: 2, 4, 8, 16, 30";
  EXPECT_EQ(patience.left(), Duration::zero());
}

TEST(Patience, NoneIsNoWait) {
  Patience patience(Duration::zero());
  EXPECT_FALSE(patience.wait());
}

}  // namespace
}  // namespace argosy::core
