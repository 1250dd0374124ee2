#include "ledger/backups.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "ledger/test_trading.hpp"

namespace argosy::ledger {
namespace {

using core::ErrorCode;

class BackupsTest : public TradingFixture<LedgerTest> {
 protected:
  [[nodiscard]] std::string backups() const { return folder + "/backups"; }
  BackupsReport back_up_now(const BackupPolicy& policy) {
    auto done = back_up_and_prune(ledger_path(), backups(), policy, ledger_schema(), core::system_files(), clock);
    EXPECT_TRUE(done) << (done ? "" : done.error().describe());
    return done ? *std::move(done) : BackupsReport();
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const std::string& file : *list_backups(backups(), ledger_schema(), core::system_files()))
      found.push_back(std::filesystem::path(file).filename().string());
    return found;
  }
  [[nodiscard]] core::Result<std::unique_ptr<Database>> open_again() const {
    return open_or_set_aside({.path = ledger_path()}, ledger_schema(), backups(), core::system_files(), clock);
  }
  void wait_for(core::Duration time) { clock.advance_to(clock.now() + time); }
  static void damage(const std::string& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(8192, '\xa5');
  }
};

TEST_F(BackupsTest, TheNewestAndOneADayAreKept) {
  for (int i = 0; i < 9; ++i) {
    const BackupsReport report = back_up_now({.last = 2, .daily = 3});
    EXPECT_TRUE(std::filesystem::exists(report.made.file));
    wait_for(std::chrono::hours(8));
  }
  // From 2023-11-14T22:13:20 on, each 8 hours: the last two, and the last of each of three days.
  EXPECT_EQ(names(), (std::vector<std::string>{"ledger-20231117T141320Z.db", "ledger-20231117T061320Z.db",
                                               "ledger-20231116T221320Z.db", "ledger-20231115T221320Z.db"}));
  std::ofstream(backups() + "/ledger-notes.db") << "not a backup";
  std::ofstream(backups() + "/runs-20231101T000000Z.db") << "of another database";
  back_up_now({.last = 1, .daily = 0});
  EXPECT_EQ(names(), std::vector<std::string>{"ledger-20231117T221320Z.db"});
  EXPECT_TRUE(std::filesystem::exists(backups() + "/ledger-notes.db"));
  EXPECT_TRUE(std::filesystem::exists(backups() + "/runs-20231101T000000Z.db"));
}

TEST_F(BackupsTest, SeveralOfOneSecondAreOrderedByTheirNumber) {
  for (int i = 0; i < 11; ++i) back_up_now({.last = 3, .daily = 0});
  // Numbers that became free are taken again; the one just made is never the one that goes.
  const BackupsReport last = back_up_now({.last = 1, .daily = 0});
  EXPECT_TRUE(std::filesystem::exists(last.made.file));
}

TEST_F(BackupsTest, TheNewestGoodOneIsWholeAndVerified) {
  EXPECT_FALSE(
      *newest_good_backup(backups(), ledger_path() + ".checked", ledger_schema(), core::system_files(), clock));
  write_whole(traded());
  const std::string good = back_up_now({}).made.file;
  wait_for(std::chrono::hours(1));
  ASSERT_TRUE(run_sql(*database, "UPDATE portfolios SET cash = 1"));
  (void)back_up_now({});
  wait_for(std::chrono::hours(1));
  const std::string broken = back_up_now({}).made.file;
  damage(broken);
  const auto bytes = core::system_files().read(good);
  const auto found =
      newest_good_backup(backups(), ledger_path() + ".checked", ledger_schema(), core::system_files(), clock);
  ASSERT_TRUE(found) << found.error().describe();
  EXPECT_EQ(*found, good);
  EXPECT_EQ(*core::system_files().read(good), *bytes) << "looking leaves it as it is";
  EXPECT_FALSE(std::filesystem::exists(ledger_path() + ".checked"));
  EXPECT_EQ(names().size(), 3);
}

TEST_F(BackupsTest, ADamagedFileIsSetAsideAndNothingIsMadeInItsPlace) {
  write_whole(traded());
  const std::string good = back_up_now({}).made.file;
  database.reset();
  damage(ledger_path());
  for (int i = 0; i < 2; ++i) {
    const auto refused = open_again();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
    EXPECT_TRUE(refused.error().hint.contains("argosy db restore " + good + " --database ledger"))
        << refused.error().hint;
    EXPECT_TRUE(refused.error().hint.contains("ledger.db.damaged-20231114T221320Z")) << refused.error().hint;
    EXPECT_FALSE(std::filesystem::exists(ledger_path()));
    EXPECT_TRUE(std::filesystem::exists(ledger_path() + ".damaged-20231114T221320Z"));
  }
  ASSERT_TRUE(restore(good, ledger_path(), ledger_schema(), core::system_files(), clock));
  auto opened = open_again();
  ASSERT_TRUE(opened) << opened.error().describe();
  database = *std::move(opened);
  EXPECT_EQ(all<OrderRow>().size(), 2);
}

TEST_F(BackupsTest, WithoutAGoodBackupTheErrorSaysSo) {
  database.reset();
  std::ofstream(ledger_path(), std::ios::trunc) << "";
  const auto refused = open_again();
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().hint.contains("no good backup")) << refused.error().hint;
  std::filesystem::rename(ledger_path() + ".damaged-20231114T221320Z", folder + "/elsewhere.db");
  EXPECT_TRUE(open_again()) << "moved away by a person: it begins anew";
}

// A newer schema is no damage.
TEST_F(BackupsTest, ANewerFileIsLeft) {
  ASSERT_TRUE(run_sql(*database, "INSERT INTO migrations VALUES ('ledger', 99, 'of the future', 0)"));
  database.reset();
  const auto refused = open_again();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_TRUE(std::filesystem::exists(ledger_path()));
}

}  // namespace
}  // namespace argosy::ledger
