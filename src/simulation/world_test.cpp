#include "simulation/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/log.hpp"
#include "ledger/records.hpp"
#include "simulation/test_build.hpp"

namespace argosy::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST(World, TradesAndAgreesWithItsBroker) {
  World world({.seed = 3});
  world.run(hours(2));
  EXPECT_GT(world.process().trader().counts().fills, 20);
  world.calm_down();
  EXPECT_THAT(world.findings(), IsEmpty());
  EXPECT_EQ(core::take_warning_count(), 1);  // the stream is broken once, at the end
}

// The power goes again and again, within any write, sync or change of a name; each time what was committed is there,
// and trading goes on.
TEST(World, OutlivesPowerCuts) {
  std::int64_t lost = 0;
  for (std::uint64_t seed = 1; seed <= kWorlds / 2; ++seed) {
    World world({.seed = seed, .client_ids = seed % 2 == 0});
    core::Rng rng(seed);
    for (int death = 0; death < 12; ++death) {
      world.die_at(world.disk().changes() + 1 + static_cast<std::int64_t>(rng.below(300)),
                   rng.below(3) == 0 ? Death::kKill : Death::kPower);
      world.run(minutes(10));
    }
    world.calm_down();
    EXPECT_THAT(world.findings(), IsEmpty()) << "seed " << seed;
    EXPECT_GT(world.deaths(), 6) << "seed " << seed;
    EXPECT_GT(world.process().book().last().fill, 0) << "seed " << seed;
    lost += world.disk().counts().lost_writes;
  }
  EXPECT_GT(lost, 0);
  static_cast<void>(core::take_warning_count());  // connections break
}

// A broker that forgets, repeats, delays and falsifies.
TEST(World, OutlivesItsBroker) {
  std::array<std::int64_t, kBrokerFaults.size()> fired{};
  for (std::uint64_t seed = 1; seed <= kWorlds; ++seed) {
    World world({.seed = seed, .client_ids = seed % 2 == 0, .cancels_early = true});
    core::Rng rng(seed);
    for (int round = 0; round < 10; ++round) {
      for (std::size_t fault = 0; fault < kBrokerFaults.size(); ++fault)
        world.gateway().set(static_cast<BrokerFault>(fault), rng.below(3) == 0 ? 0.3 * rng.uniform() : 0);
      world.set_cancelling(round % 2 == 0);
      if (rng.below(3) == 0)
        world.die_at(world.disk().changes() + 1 + static_cast<std::int64_t>(rng.below(300)), Death::kPower);
      world.run(minutes(15));
    }
    world.calm_down();
    EXPECT_THAT(world.findings(), IsEmpty()) << "seed " << seed;
    for (std::size_t fault = 0; fault < fired.size(); ++fault)
      fired[fault] += world.gateway().count(static_cast<BrokerFault>(fault));
  }
  fired[static_cast<std::size_t>(BrokerFault::kForgets)] = 1;  // it has no night here
  EXPECT_THAT(fired, Each(Gt(0)));
  static_cast<void>(core::take_warning_count());
}

// F46: orders that work at the close, of which the broker knows nothing the next morning.
TEST(World, OutlivesABrokerThatForgetsItsOrdersInTheNight) {
  std::int64_t expired = 0;
  for (std::uint64_t seed = 1; seed <= kWorlds; ++seed) {
    World world({.seed = seed,
                 .start = std::chrono::sys_days(std::chrono::year(2024) / 11 / 26) + minutes(1240),
                 .client_ids = seed % 2 == 0,
                 .quote_interval = std::chrono::seconds(10),
                 .forgets_orders = true});
    world.run(minutes(25));
    if (seed % 2 == 0) world.shut_down();
    world.run(hours(17) + minutes(20));
    world.forget_orders();
    if (seed % 2 == 0) world.start_again();
    world.run(minutes(30));
    world.calm_down();
    EXPECT_THAT(world.findings(), IsEmpty()) << "seed " << seed;
    ASSERT_TRUE(world.ledger().read([&](ledger::Transaction& work) -> core::Result<void> {
      ARGOSY_TRY(const auto orders, ledger::select<ledger::OrderRow>(work, "WHERE state = 'expired'"));
      expired += std::ssize(orders);
      return {};
    }));
  }
  EXPECT_THAT(expired, Gt(0));
  static_cast<void>(core::take_warning_count());
}

// The process is stopped for a minute within its writes: what it wrote meanwhile is not sent on prices of before.
TEST(World, AnOrderWhoseWriteTookAMinuteIsNotSent) {
  World world({.seed = 3});
  std::int64_t stopped = 0;
  for (std::int64_t changes = 1; changes <= 40; ++changes) {
    world.pause_at(world.disk().changes() + changes, minutes(1));
    world.run(minutes(3));
    stopped = world.fired()[static_cast<std::size_t>(Fault::kPaused)];
  }
  EXPECT_THAT(stopped, Gt(30));
  std::int64_t withdrawn = 0;
  ASSERT_TRUE(world.ledger().read([&](ledger::Transaction& work) -> core::Result<void> {
    ARGOSY_TRY(const auto orders,
               ledger::select<ledger::OrderRow>(work, "WHERE note LIKE '%it waited 60 s for the ledger%'"));
    withdrawn = std::ssize(orders);
    return {};
  }));
  EXPECT_THAT(withdrawn, Gt(3));
  world.calm_down();
  EXPECT_THAT(world.findings(), IsEmpty());
  static_cast<void>(core::take_warning_count());
}

TEST(World, OutlivesItsFeed) {
  std::array<std::int64_t, kFeedFaults.size()> fired{};
  for (std::uint64_t seed = 1; seed <= kWorlds; ++seed) {
    World world({.seed = seed});
    core::Rng rng(seed);
    for (int round = 0; round < 6; ++round) {
      for (std::size_t fault = 0; fault < kFeedFaults.size(); ++fault)
        world.set(static_cast<FeedFault>(fault), rng.below(3) == 0 ? 0.2 * rng.uniform() : 0);
      world.run(minutes(20));
    }
    world.calm_down();
    EXPECT_THAT(world.findings(), IsEmpty()) << "seed " << seed;
    for (std::size_t fault = 0; fault < fired.size(); ++fault)
      fired[fault] += world.count(static_cast<FeedFault>(fault));
  }
  EXPECT_THAT(fired, Each(Gt(0)));
  static_cast<void>(core::take_warning_count());
}

// I20: what the process does not let go is seen at a quiet point.
TEST(World, SeesWhatIsNotLetGo) {
  {
    World world({.seed = 4});
    world.run(std::chrono::minutes(3));
    world.calm_down();
    EXPECT_THAT(world.findings(), IsEmpty());
    for (int i = 0; i < 20; ++i) world.executor().call_at(world.now() + std::chrono::hours(9), [] {});
    EXPECT_THAT(world.findings(), ElementsAre(AllOf(StartsWith("I20: "), HasSubstr(" timers are held"))));
  }
  {
    World world({.seed = 4});
    world.calm_down();
    const std::string path = world.disk().folder() + "/leak";
    std::vector<std::unique_ptr<core::AppendFile>> files;
    for (int i = 0; i < 9; ++i) files.push_back(*world.disk().files().open_append(path));
    EXPECT_THAT(world.findings(), ElementsAre(AllOf(StartsWith("I20: "), HasSubstr(" open files are held"))));
    files.clear();
    EXPECT_THAT(world.findings(), IsEmpty());
  }
  std::vector<std::unique_ptr<net::Stream>> streams;
  std::unique_ptr<net::Network> network;
  const auto keep = [&](std::unique_ptr<net::Network> own) {
    for (int i = 0; i < 3 && streams.size() < 6; ++i) streams.push_back(own->connect({.host = "broker", .port = 1}));
    return own;
  };
  World world({.seed = 4, .between_process_and_network = keep});
  world.die(Death::kKill);
  world.run(std::chrono::minutes(1));
  world.calm_down();
  EXPECT_THAT(world.findings(), ElementsAre(AllOf(StartsWith("I20: "), HasSubstr(" streams are held"))));
  streams.clear();
  static_cast<void>(core::take_warning_count());
}

}  // namespace
}  // namespace argosy::simulation
