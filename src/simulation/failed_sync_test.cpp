#include <gtest/gtest.h>

#include <string>

#include "ledger/holder.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"
#include "ledger/users.hpp"
#include "simulation/disk.hpp"

namespace argosy::simulation {
namespace {

// F3 and F2: the sync of a commit fails, the process ends, and the next one finds in the system's cache what the disk
// does not have. What the next one commits must outlive the loss of power all the same.
TEST(FailedSync, IsNoTrapForTheNextProcess) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    core::SimulatedClock clock(*core::parse_rfc3339("2024-11-29T15:00:00Z"));
    SimulatedDisk disk(seed, clock);
    const auto open = [&] {
      return ledger::open_database({.path = disk.folder() + "/ledger.db"}, ledger::ledger_schema(), disk.files(),
                                   clock);
    };
    const auto add_user = [&](ledger::Database& database, std::int64_t id) {
      return database.write([&](ledger::Transaction& work) {
        const std::string name = "user" + std::to_string(id);
        const ledger::UserRow row{.user_id = id, .username = name, .email = name + "@localhost"};
        return ledger::insert<ledger::UserRow>(work, {&row, 1});
      });
    };
    const auto take = [&](ledger::Database& database) {
      return ledger::take_ledger(database, {.process = "test", .now = clock.now(), .seed = seed}).has_value();
    };
    {
      const auto database = open();
      ASSERT_TRUE(database && take(**database) && add_user(**database, 1));
      disk.add_rule({.operation = DiskOperation::kSync, .part = "-wal"});
      ASSERT_FALSE(add_user(**database, 2));
      disk.freeze();
    }
    disk.restart();
    disk.clear_rules();
    {
      const auto database = open();
      ASSERT_TRUE(database && take(**database) && add_user(**database, 3));
      disk.freeze();
    }
    disk.cut_power();
    const auto database = open();
    ASSERT_TRUE(database) << database.error().message;
    const auto users = (*database)->read(
        [](ledger::Transaction& work) { return ledger::select<ledger::UserRow>(work, "WHERE user_id IN (1, 3)"); });
    ASSERT_TRUE(users);
    EXPECT_EQ(users->size(), 2U) << "seed " << seed;
  }
}

}  // namespace
}  // namespace argosy::simulation
