#include "server/rate_limit.hpp"

#include <gtest/gtest.h>

#include <string>

namespace argosy::server {
namespace {

using core::Duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(RateLimiter, ABurstAndThenAnEvenPace) {
  RateLimiter limiter({.per_minute = 60, .burst = 3}, 10);
  Duration now = seconds(1000);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.take("a", now), Duration::zero()) << i;
  EXPECT_EQ(limiter.take("a", now), seconds(1));
  EXPECT_EQ(limiter.take("a", now), seconds(1)) << "who is refused waits no longer for it";
  EXPECT_EQ(limiter.take("b", now), Duration::zero()) << "another is not concerned";
  now += milliseconds(400);
  EXPECT_EQ(limiter.take("a", now), milliseconds(600));
  now += milliseconds(600);
  EXPECT_EQ(limiter.take("a", now), Duration::zero());
  EXPECT_EQ(limiter.take("a", now), seconds(1));
  now += seconds(3600);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.take("a", now), Duration::zero()) << i;
  EXPECT_GT(limiter.take("a", now), Duration::zero()) << "what is not used does not grow beyond the burst";
}

TEST(RateLimiter, AtNoTimeMoreThanBurstAndPaceAllow) {
  RateLimiter limiter({.per_minute = 600, .burst = 5}, 10);
  int taken = 0;
  for (Duration now = Duration::zero(); now < seconds(10); now += milliseconds(7)) {
    if (limiter.take("a", now) == Duration::zero()) ++taken;
  }
  EXPECT_GE(taken, 103);
  EXPECT_LE(taken, 105);
}

TEST(RateLimiter, ForgetsWhoAskedLongestAgo) {
  RateLimiter limiter({.per_minute = 1, .burst = 1}, 3);
  for (const char* key : {"a", "b", "c", "a", "d"}) (void)limiter.take(key, seconds(0));
  EXPECT_EQ(limiter.size(), 3U);
  EXPECT_GT(limiter.take("a", seconds(0)), Duration::zero());
  EXPECT_EQ(limiter.take("b", seconds(0)), Duration::zero()) << "b is new again";
  for (int i = 0; i < 100'000; ++i) (void)limiter.take(std::to_string(i), seconds(0));
  EXPECT_EQ(limiter.size(), 3U);
}

TEST(AddressKey, IsTheNetworkOfAClient) {
  EXPECT_EQ(address_key("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(address_key("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(address_key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
  EXPECT_EQ(address_key("2001:db8:1:2:ffff::1"), "2001:db8:1:2::");
  EXPECT_NE(address_key("2001:db8:1:3::1"), "2001:db8:1:2::");
  EXPECT_EQ(address_key("local"), "local");
}

}  // namespace
}  // namespace argosy::server
