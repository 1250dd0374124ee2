#include "simulation/memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "simulation/disk.hpp"
#include "simulation/test_build.hpp"
#include "simulation/world.hpp"

namespace argosy::simulation {
namespace {

using std::chrono::minutes;
using testing::Gt;
using testing::IsEmpty;

TEST(SimulatedMemory, FailsAfterSoManyAndThenAsOftenAsItIsTold) {
  SimulatedMemory memory;
  const auto next = [&](int count) {
    const SimulatedMemory::Use use(&memory);
    std::string allowed;
    for (int i = 0; i < count; ++i) allowed += SimulatedMemory::allows_one() ? '.' : 'X';
    return allowed;
  };
  EXPECT_EQ(next(3), "...");
  memory.run_out(2, 0);
  EXPECT_EQ(next(6), "..X...");
  memory.run_out(1, 1);
  EXPECT_EQ(next(5), ".XXXX");
  memory.end();
  EXPECT_EQ(next(3), "...");
  memory.run_out(0, 3);
  EXPECT_EQ(next(7), "X..X..X");
  EXPECT_EQ(memory.failed(), 8);
}

TEST(SimulatedMemory, IsWhatSqliteTakesForTheProcessAlone) {
  const core::SystemClock clock;
  SimulatedDisk disk(1, clock);
  SimulatedMemory memory;
  sqlite3* connection = nullptr;
  ASSERT_EQ(sqlite3_open((disk.folder() + "/a.db").c_str(), &connection), SQLITE_OK);
  const auto make = [&](const char* sql) { return sqlite3_exec(connection, sql, nullptr, nullptr, nullptr); };
  memory.run_out(0, 1);
  EXPECT_EQ(make("CREATE TABLE a (b INTEGER)"), SQLITE_OK);
  {
    const SimulatedMemory::Use process(&memory);
    EXPECT_EQ(make("CREATE TABLE c (d INTEGER)"), SQLITE_NOMEM);
    const SimulatedMemory::Use others(nullptr);
    EXPECT_EQ(make("CREATE TABLE c (d INTEGER)"), SQLITE_OK);
  }
  EXPECT_EQ(make("CREATE TABLE e (f INTEGER)"), SQLITE_OK);
  EXPECT_THAT(memory.failed(), Gt(0));
  EXPECT_EQ(sqlite3_close(connection), SQLITE_OK);
}

// F10: at any allocation of the process, once or for two minutes; it goes on, or ends and is started again.
TEST(World, OutlivesWantOfMemory) {
  std::int64_t deaths = 0;
  for (std::uint64_t seed = 1; seed <= kWorlds; ++seed) {
    World world({.seed = seed, .client_ids = seed % 2 == 0});
    world.allow_failures();
    core::Rng rng(seed);
    const std::int64_t bouts = kSanitized ? 4 : 25;
    for (std::int64_t bout = 1; bout <= bouts; ++bout) {
      const std::int64_t before = world.memory().failed();
      world.memory().run_out(static_cast<std::int64_t>(rng.below(2'000)), bout % 2);
      world.run(minutes(2));
      EXPECT_GT(world.memory().failed(), before);
      world.memory().end();
      world.run(minutes(2));
      EXPECT_TRUE(world.is_alive());
    }
    world.calm_down();
    EXPECT_THAT(world.findings(), IsEmpty()) << "seed " << seed;
    EXPECT_EQ(world.fired()[static_cast<std::size_t>(Fault::kNoMemory)], world.memory().failed());
    deaths += world.deaths();
  }
  EXPECT_THAT(deaths, Gt(kSanitized ? 1 : 50));
  static_cast<void>(core::take_warning_count());
}

}  // namespace
}  // namespace argosy::simulation
