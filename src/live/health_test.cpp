#include "live/health.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "live/clock_watch.hpp"
#include "live/health_probe.hpp"

namespace argosy::live {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kMegabyte = 1024ULL * 1024;

// Everything measured, and all of it well.
HealthFacts well() {
  return {.time = core::Timestamp(seconds(1'700'000'000)),
          .feeds = {{.name = "simulated", .is_in_session = true, .silent_for = seconds(1)}},
          .brokers = {{.name = "paper", .is_connected = true}},
          .queues = {{.name = "quotes", .depth = 4, .limit = 100}},
          .disk_free_bytes = 50'000 * kMegabyte,
          .commit_p99 = milliseconds(3),
          .commit_last = milliseconds(1),
          .commit_stalled = milliseconds(0),
          .clock_skew = milliseconds(20),
          .clock_set = -milliseconds(20),
          .resident_bytes = 200 * kMegabyte};
}

struct Case {
  std::string name;
  void (*change)(HealthFacts&);
  HealthState state;
  std::string what;  // of the one reason; empty: there is none
};

const std::vector<Case> kCases = {
    {"all is well", [](HealthFacts&) {}, HealthState::kHealthy, ""},
    {"nothing is measured", [](HealthFacts& f) { f = {}; }, HealthState::kHealthy, ""},
    {"silent, just not too long", [](HealthFacts& f) { f.feeds[0].silent_for = milliseconds(14'999); },
     HealthState::kHealthy, ""},
    {"silent", [](HealthFacts& f) { f.feeds[0].silent_for = seconds(15); }, HealthState::kDegraded, "feed"},
    {"silent for long", [](HealthFacts& f) { f.feeds[0].silent_for = seconds(60); }, HealthState::kHalted, "feed"},
    {"silent while closed",
     [](HealthFacts& f) { f.feeds[0] = {.name = "simulated", .is_in_session = false, .silent_for = seconds(9'999)}; },
     HealthState::kHealthy, ""},
    {"disconnected", [](HealthFacts& f) { f.brokers[0].is_connected = false; }, HealthState::kHalted, "broker"},
    {"a queue half full", [](HealthFacts& f) { f.queues[0].depth = 50; }, HealthState::kDegraded, "queue"},
    {"a queue full", [](HealthFacts& f) { f.queues[0].depth = 95; }, HealthState::kHalted, "queue"},
    {"a queue without a limit", [](HealthFacts& f) { f.queues[0] = {"q", 95, 0}; }, HealthState::kHealthy, ""},
    {"little disk", [](HealthFacts& f) { f.disk_free_bytes = 1'023 * kMegabyte; }, HealthState::kDegraded, "disk"},
    {"enough disk", [](HealthFacts& f) { f.disk_free_bytes = 1'024 * kMegabyte; }, HealthState::kHealthy, ""},
    {"no disk", [](HealthFacts& f) { f.disk_free_bytes = 0; }, HealthState::kHalted, "disk"},
    {"slow writes", [](HealthFacts& f) { f.commit_p99 = milliseconds(100); }, HealthState::kDegraded, "ledger"},
    {"writes that stall", [](HealthFacts& f) { f.commit_stalled = seconds(5); }, HealthState::kHalted, "ledger"},
    {"no writes", [](HealthFacts& f) { f.ledger_error = "the disk is full"; }, HealthState::kHalted, "ledger"},
    {"a clock ahead", [](HealthFacts& f) { f.clock_skew = seconds(2); }, HealthState::kDegraded, "clock"},
    {"a clock far behind", [](HealthFacts& f) { f.clock_skew = -seconds(31); }, HealthState::kHalted, "clock"},
    {"a clock set, just not by much", [](HealthFacts& f) { f.clock_set = milliseconds(999); }, HealthState::kHealthy,
     ""},
    {"a clock set back by far", [](HealthFacts& f) { f.clock_set = -seconds(3'600); }, HealthState::kDegraded, "clock"},
    {"a clock set forward", [](HealthFacts& f) { f.clock_set = seconds(1); }, HealthState::kDegraded, "clock"},
    {"much memory", [](HealthFacts& f) { f.resident_bytes = 8'193 * kMegabyte; }, HealthState::kDegraded, "memory"},
    {"an unknown order", [](HealthFacts& f) { f.unknown_orders = 1; }, HealthState::kDegraded, "unknown_orders"},
    {"a block", [](HealthFacts& f) { f.blocked_instruments = {"AAPL"}; }, HealthState::kDegraded,
     "blocked_instruments"},
    {"the only account blocked", [](HealthFacts& f) { f.blocked_accounts = {"account 1: cash"}; }, HealthState::kHalted,
     "blocked_accounts"},
    {"one account of two blocked",
     [](HealthFacts& f) {
       f.brokers.push_back({.name = "other", .is_connected = true});
       f.blocked_accounts = {"account 1: cash"};
     },
     HealthState::kDegraded, "blocked_accounts"},
    {"a switch of one service", [](HealthFacts& f) { f.kill_switches = {"service 7: by hand"}; },
     HealthState::kDegraded, "kill_switch"},
    {"the switch of all", [](HealthFacts& f) { f.kill_switches = {"all: by hand"}; }, HealthState::kHalted,
     "kill_switch"},
    {"strange quotes", [](HealthFacts& f) { f.quarantined_quotes = 100; }, HealthState::kDegraded, "quotes"},
    {"stopping", [](HealthFacts& f) { f.stopping = "the process ends"; }, HealthState::kHalted, "stopping"},
};

TEST(Health, EachFactAloneDecidesAsTheTableSays) {
  for (const Case& each : kCases) {
    HealthFacts facts = well();
    each.change(facts);
    const HealthReport report = judge_health(facts, {});
    EXPECT_EQ(report.state, each.state) << each.name;
    ASSERT_EQ(report.reasons.size(), each.what.empty() ? 0U : 1U) << each.name;
    if (!each.what.empty()) {
      EXPECT_EQ(report.reasons[0].what, each.what) << each.name;
      EXPECT_EQ(report.reasons[0].state, each.state) << each.name;
      EXPECT_FALSE(report.reasons[0].text.empty()) << each.name;
    }
  }
}

TEST(Health, TheWorstReasonDecidesAndAllAreTold) {
  HealthFacts facts = well();
  facts.brokers[0].is_connected = false;
  facts.unknown_orders = 2;
  const HealthReport report = judge_health(facts, {});
  EXPECT_EQ(report.state, HealthState::kHalted);
  ASSERT_EQ(report.reasons.size(), 2U);
  const auto json = core::parse_json(health_json(report, facts));
  ASSERT_TRUE(json.has_value()) << json.error().describe();
  EXPECT_EQ(*json->find("state")->string(), "halted");
  EXPECT_EQ(*json->find("time")->string(), "2023-11-14T22:13:20Z");
  EXPECT_NE(json->find("facts")->find("disk_free_bytes"), nullptr);
}

TEST(ClockWatch, ASetClockIsToldForAnHour) {
  const core::Timestamp start(seconds(1'700'000'000));
  ClockWatch watch;
  // Wall and monotonic clock, in seconds since the start.
  const auto look = [&](double wall, double passed) {
    const auto length = [](double value) { return core::Duration(static_cast<std::int64_t>(value * 1e9)); };
    return std::chrono::duration<double>(watch.look(start + length(wall), seconds(77) + length(passed))).count();
  };
  for (int second = 0; second < 300; ++second) EXPECT_EQ(look(second, second), 0);
  EXPECT_DOUBLE_EQ(look(302.5, 300), 2.5) << "set forward";
  EXPECT_DOUBLE_EQ(look(303.5, 301), 2.5) << "and it stays so";
  EXPECT_DOUBLE_EQ(look(902.5, 900), 2.5);
  EXPECT_DOUBLE_EQ(look(901, 901), -2.5) << "set back again: it moved both ways";
  for (int second = 902; second < 4'600; second += 30) look(second, second);
  EXPECT_EQ(look(4'600, 4'600), 0) << "an hour later nobody needs to look";
  // Steered by half a millisecond a second, as clocks of machines are: 1.8 s in an hour.
  double most = 0;
  for (int second = 4'600; second < 9'000; ++second)
    most = std::max(most, look(second + (second - 4'600) / 2'000.0, second));
  EXPECT_NEAR(most, 1.8, 0.05);
}

class BrokenSystem final : public core::System {
 public:
  core::Result<std::uint64_t> free_bytes(const std::string&) override { return 7; }
  core::Result<std::uint64_t> resident_bytes() override { return core::fail(core::ErrorCode::kIo, "no /proc"); }
};

TEST(Health, WhatCannotBeMeasuredIsNotJudged) {
  BrokenSystem system;
  HealthFacts facts;
  probe_machine(system, "/home", facts);
  EXPECT_EQ(facts.disk_free_bytes, 7U);
  EXPECT_FALSE(facts.resident_bytes.has_value());
  EXPECT_EQ(judge_health(facts, {}).reasons.size(), 1U);
}

}  // namespace
}  // namespace argosy::live
