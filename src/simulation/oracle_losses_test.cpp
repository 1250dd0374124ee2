#include "simulation/detail/oracle_losses.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace argosy::simulation::detail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kMinute = 60'000'000'000;

class Losses : public testing::Test {
 protected:
  Losses() {
    settings.limits.breaker.consecutive_losses = trading::Limit<std::int64_t>::of(2);
    settings.limits.breaker.cool_down = trading::Limit<core::Duration>::of(std::chrono::minutes(10));
    settings.limits.breaker.trial_trades = trading::Limit<std::int64_t>::of(1);
  }
  void trade(std::int64_t service, std::int64_t gain, std::int64_t minute) {
    book.on_fill(service, true, -1'000, 10, minute * kMinute);
    book.on_fill(service, false, 1'000 + gain, 0, minute * kMinute);
  }
  // What is wrong with an entry.
  std::vector<std::string> enter(std::int64_t minute) {
    Findings findings;
    book.on_entry(1, minute * kMinute, findings);
    std::vector<std::string> out;
    for (const Violation& each : findings.take()) out.push_back(to_string(each));
    return out;
  }
  void say(const char* breaker, bool is_reset = false) { book.on_guard(*core::parse_json(breaker), is_reset); }

  OracleSettings settings;
  LossBook book{settings};
};

TEST_F(Losses, SoManyInARowOpenTheBreakerUntilItHasRested) {
  trade(1, -5, 0);
  trade(2, 5, 1);
  trade(1, -5, 2);
  EXPECT_THAT(enter(3), IsEmpty());
  trade(2, -5, 4);
  EXPECT_THAT(enter(13), ElementsAre(HasSubstr("order 1 was made 540 s after the circuit breaker had opened")));
  EXPECT_THAT(enter(14), IsEmpty());
}

TEST_F(Losses, TheTrialAllowsSoManyEntriesAndEndsWithOneThatWins) {
  trade(1, -5, 0);
  trade(1, -5, 0);
  EXPECT_THAT(enter(10), IsEmpty());
  EXPECT_THAT(enter(11), ElementsAre(HasSubstr("one entry more than the trial")));
  trade(1, 5, 12);
  EXPECT_THAT(enter(13), IsEmpty());
  EXPECT_THAT(enter(13), IsEmpty());
}

TEST_F(Losses, ALossOfTheTrialOpensItAgain) {
  trade(1, -5, 0);
  trade(1, -5, 0);
  EXPECT_THAT(enter(10), IsEmpty());
  trade(1, -5, 11);
  EXPECT_THAT(enter(20), testing::SizeIs(1));
}

// Of what a trade won whose shares came by a split nothing is said; the breaker says what it made of it.
TEST_F(Losses, WhatIsUnclearIsBelieved) {
  trade(1, -5, 0);
  book.on_unclear(1);
  trade(1, -5, 1);
  EXPECT_THAT(enter(2), IsEmpty());
  say(R"({"state": 0, "losses": 0})");
  trade(1, -5, 3);
  EXPECT_THAT(enter(4), IsEmpty());
}

TEST_F(Losses, OnlyAPersonClosesItEarlier) {
  trade(1, -5, 0);
  trade(1, -5, 0);
  say(R"({"state": 0, "losses": 0})");
  EXPECT_THAT(enter(1), testing::SizeIs(1));
  say(R"({"state": 0, "losses": 0})", true);
  EXPECT_THAT(enter(1), IsEmpty());
}

TEST_F(Losses, WhatOpensItByAnotherRuleIsBelieved) {
  say(R"({"state": 1, "losses": 0, "tripped_at": "1970-01-01T00:00:00Z", "until": "1970-01-01T00:05:00Z"})");
  EXPECT_THAT(enter(4), testing::SizeIs(1));
  EXPECT_THAT(enter(5), IsEmpty());
}

}  // namespace
}  // namespace argosy::simulation::detail
