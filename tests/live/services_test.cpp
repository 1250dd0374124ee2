#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/log.hpp"
#include "core/rng.hpp"
#include "world.hpp"

namespace argosy::live {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::IsEmpty;

void create_services(World& world, int count, const std::string& more = "") {
  for (int i = 0; i < count; ++i) {
    const std::string& symbol = kSymbols[static_cast<std::size_t>(i) % kSymbols.size()];
    const auto id = std::to_string(i % static_cast<int>(kSymbols.size()) + 1);
    world.ask("service_create",
              R"({"instrument_id": )" + id + R"(, "symbol": ")" + symbol + R"(", "balance": "5000")" + more + "}");
  }
}

TEST(Services, BuySellAndBeginAgain) {
  World world({.seed = 3});
  create_services(world, 3);
  world.run(minutes(60));
  std::int64_t bought = 0;
  std::int64_t sold = 0;
  for (const auto& [id, row] : world.book().services()) {
    EXPECT_EQ(row.state, ledger::ServiceState::kActive);
    EXPECT_EQ(row.buy_count - row.sell_count, row.current_shares.is_positive() ? 1 : 0);
    EXPECT_EQ(row.mode, row.current_shares.is_positive() ? ledger::TradingMode::kSell : ledger::TradingMode::kBuy);
    bought += row.buy_count;
    sold += row.sell_count;
  }
  EXPECT_GE(bought, 3);
  EXPECT_GE(sold, 1);
  EXPECT_THAT(world.findings(), IsEmpty());
}

TEST(Services, StoppingGivesTheMoneyBackAndStartingTakesItAgain) {
  World world({.seed = 4});
  create_services(world, 1, R"(, "starts": false)");
  EXPECT_EQ(world.book().service(1)->current_balance.to_string(), "0");
  EXPECT_EQ(world.book().portfolio(1)->cash.to_string(), "100000");
  world.ask("service_start", R"({"id": 1})");
  EXPECT_EQ(world.book().service(1)->current_balance.to_string(), "5000");
  EXPECT_EQ(world.book().portfolio(1)->cash.to_string(), "95000");
  world.run(minutes(10));
  world.ask("service_stop", R"({"id": 1})");
  world.run(minutes(1));
  EXPECT_EQ(world.book().service(1)->current_balance.to_string(), "0");
  EXPECT_THAT(world.findings(), IsEmpty());
}

TEST(Services, APositionIsClosedOrCompletedByHand) {
  World world({.seed = 5});
  create_services(world, 2);
  while (!world.book().service(1)->current_shares.is_positive() ||
         !world.book().service(2)->current_shares.is_positive())
    world.run(seconds(5));
  world.ask("service_stop", R"({"id": 1})");
  world.ask("service_stop", R"({"id": 2})");
  world.run(seconds(2));
  world.ask("close_position", R"({"id": 1})");
  world.run(seconds(10));
  EXPECT_TRUE(world.book().service(1)->current_shares.is_zero());
  const ledger::TransactionRow* open = world.book().open_transaction(2);
  ASSERT_NE(open, nullptr);
  const core::Quantity shares = open->shares;
  world.ask("complete", R"({"transaction_id": )" + std::to_string(open->transaction_id) + R"(, "price": "400"})");
  EXPECT_TRUE(world.book().service(2)->current_shares.is_zero());
  EXPECT_EQ(world.book().position(1, 2)->unassigned, shares);
  world.run(minutes(2));
  EXPECT_THAT(world.findings(), IsEmpty());
}

TEST(Services, AStopSellsWithoutBeingAskedAndAPausedServiceKeepsIt) {
  World world({.seed = 6});
  create_services(world, 1, R"(, "stop_loss_percent": "0.01")");
  while (!world.book().service(1)->current_shares.is_positive()) world.run(seconds(5));
  world.ask("service_pause", R"({"id": 1})");
  const std::int64_t bought = world.book().service(1)->buy_count;
  world.run(minutes(30));
  EXPECT_TRUE(world.book().service(1)->current_shares.is_zero());
  EXPECT_EQ(world.book().service(1)->buy_count, bought);
  EXPECT_THAT(world.findings(), IsEmpty());
}

TEST(Services, TheKillSwitchHoldsAndOutlivesARestart) {
  World world({.seed = 7});
  create_services(world, 5);
  world.run(minutes(5));
  world.ask("risk_kill", R"({"reason": "test"})");
  world.run(seconds(5));
  const std::int64_t before = world.book().last().order;
  world.run(minutes(5));
  world.kill();
  world.start();
  world.run(minutes(5));
  EXPECT_EQ(world.book().last().order, before);
  world.ask("risk_release", "{}");
  world.run(minutes(20));
  EXPECT_GT(world.book().last().order, before);
  EXPECT_THAT(world.findings(), IsEmpty());
}

// Kills, cuts, silence, delays, lost and repeated answers, partial fills and rejections: afterwards the ledger and the
// broker agree to the unit, every fill is booked once, and no order was sent twice.
void survive(std::uint64_t seed, bool client_ids) {
  core::Rng rng(seed);
  WorldSettings settings{.seed = seed, .client_ids = client_ids};
  settings.link = {.latency = std::chrono::milliseconds(5 + static_cast<int>(rng.below(50))),
                   .jitter = std::chrono::milliseconds(rng.below(100)),
                   .split = 0.2,
                   .cut = 0.003,
                   .silence = client_ids ? 0.001 : 0,
                   .clog = 0.01,
                   .clog_time = seconds(3)};
  settings.paper.rejections = *core::Rate::parse("0.05");
  settings.paper.partial_fills = *core::Rate::parse("0.3");
  if (client_ids) settings.paper.lost_answers = *core::Rate::parse("0.03");
  settings.paper.repeated_answers = *core::Rate::parse("0.05");
  World world(settings);
  create_services(world, 10);
  for (int round = 0; round < 12; ++round) {
    world.run(std::chrono::milliseconds(rng.below(240'000)));
    if (rng.below(2) == 0) {
      world.kill();
      world.run(std::chrono::milliseconds(rng.below(20'000)));
      world.start();
    } else if (rng.below(3) == 0) {
      world.network().partition("trader", "paper");
      world.run(std::chrono::milliseconds(rng.below(30'000)));
      world.network().heal("trader", "paper");
    }
  }
  world.calm_down();
  EXPECT_EQ(world.process().trader().in_flight(), 0U) << "seed " << seed;
  EXPECT_GT(world.book().last().fill, 0) << "seed " << seed;
  EXPECT_THAT(world.findings(), IsEmpty()) << "seed " << seed;
}

// Each has a seed of its own.
constexpr std::uint64_t kWorlds = 6;

TEST(Services, SurviveFaults) {
  for (std::uint64_t seed = 1; seed <= kWorlds; ++seed) survive(seed, true);
  EXPECT_GT(core::take_warning_count(), 0);  // connections break
}

TEST(Services, SurviveFaultsOfABrokerThatKnowsNoClientIds) {
  for (std::uint64_t seed = 1; seed <= kWorlds; ++seed) survive(seed, false);
  EXPECT_GT(core::take_warning_count(), 0);
}

}  // namespace
}  // namespace argosy::live
