#include "data/instruments.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <limits>

#include "data/tables_import.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"

namespace argosy::data {
namespace {

using core::Result;

// The real files until so many have been changed; from then on the disk is gone.
class MortalFiles final : public core::Files {
 public:
  explicit MortalFiles(int changes = std::numeric_limits<int>::max()) : left_(changes) {}
  [[nodiscard]] bool died() const { return left_ < 0; }

  Result<std::string> read(const std::string& path) override { return real_.read(path); }
  bool exists(const std::string& path) override { return real_.exists(path); }
  Result<core::FileInfo> info(const std::string& path) override { return real_.info(path); }
  Result<std::vector<core::FileInfo>> list(const std::string& folder) override { return real_.list(folder); }
  Result<void> write_atomic(const std::string& path, std::string_view bytes) override {
    return changing([&] { return real_.write_atomic(path, bytes); });
  }
  Result<void> sync_and_rename(const std::string& from, const std::string& to) override {
    return changing([&] { return real_.sync_and_rename(from, to); });
  }
  Result<std::unique_ptr<core::AppendFile>> open_append(const std::string& path) override {
    return real_.open_append(path);
  }
  Result<void> truncate(const std::string& path, std::uint64_t size) override { return real_.truncate(path, size); }
  Result<void> remove(const std::string& path) override {
    return changing([&] { return real_.remove(path); });
  }
  Result<void> make_folders(const std::string& path) override { return real_.make_folders(path); }
  Result<std::unique_ptr<core::FileLock>> lock(const std::string& path, core::Duration wait) override {
    return real_.lock(path, wait);
  }

 private:
  template <class Work>
  Result<void> changing(Work work) {
    if (--left_ < 0) return core::fail(core::ErrorCode::kIo, "the disk is gone");
    return work();
  }

  core::Files& real_ = core::system_files();
  int left_;
};

class InstrumentsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/instrumentsXXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root = name;
    make_home();
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  void make_home() {
    ledger.reset();
    std::filesystem::remove_all(root);
    std::filesystem::create_directories(root);
    ASSERT_TRUE(lake::Lake::create({.folder = root + "/lake"}, core::system_files()));
    auto opened =
        ledger::open_database({.path = root + "/ledger.db"}, ledger::ledger_schema(), core::system_files(), clock);
    ASSERT_TRUE(opened) << opened.error().describe();
    ledger = *std::move(opened);
  }
  lake::Lake lake(core::Files& files = core::system_files()) const {
    return lake::Lake::open({.folder = root + "/lake"}, files, clock).value();
  }
  InstrumentOwner owner(core::Files& files = core::system_files()) {
    return {*ledger, files, root + "/instruments.pending", "admin", clock};
  }
  lake::Tables tables() const { return lake().snapshot()->tables(); }
  Instruments rows() { return load_instruments(*ledger).value(); }
  // What a program that knows only the lake does.
  void set_in_lake(const market::Instrument& instrument) const {
    auto transaction = lake().begin().value();
    lake::Tables tables = transaction.tables();
    tables.instruments[instrument.symbol] = instrument;
    transaction.set_tables(std::move(tables));
    ASSERT_TRUE(transaction.commit());
  }
  void set_in_ledger(const ledger::InstrumentRow& row) {
    ASSERT_TRUE(ledger->write([&](ledger::Transaction& work) {
      return ledger::upsert<ledger::InstrumentRow>(work, {&row, 1}, {"instrument_id"});
    }));
  }
  static Result<void> name_apple(Instruments& all) {
    ledger::InstrumentRow row = all.contains("AAPL") ? all.at("AAPL") : new_instrument("AAPL");
    row.exchange = "XNAS";
    row.name = "Apple Inc.";
    row.description = "Telephones";
    return set_instrument(row, all);
  }
  void expect_same() {
    for (const auto& [symbol, copy] : tables().instruments)
      EXPECT_EQ(core::csv_row(core::record_type<market::Instrument>(), &copy), [&] {
        const market::Instrument owned = copy_of(rows().at(symbol));
        return core::csv_row(core::record_type<market::Instrument>(), &owned);
      }());
    EXPECT_FALSE(owner().is_pending());
  }

  std::string root;
  core::SimulatedClock clock{core::Timestamp(std::chrono::seconds(1'700'000'000))};
  std::unique_ptr<ledger::Database> ledger;
};

TEST_F(InstrumentsTest, AChangeShowsInBoth) {
  ASSERT_TRUE(owner().change(lake(), name_apple));
  EXPECT_EQ(rows().at("AAPL").description, "Telephones");
  EXPECT_EQ(rows().at("AAPL").updated_at, clock.now());
  EXPECT_EQ(tables().instruments.at("AAPL").name, "Apple Inc.");
  expect_same();
  const auto generation = lake().snapshot()->manifest().generation;
  ASSERT_TRUE(owner().change(lake(), name_apple));
  EXPECT_EQ(lake().snapshot()->manifest().generation, generation) << "nothing changed";
  // What the lake does not keep leaves its version alone: runs of it stay the same.
  ASSERT_TRUE(owner().change(lake(), [](Instruments& all) -> Result<void> {
    all.at("AAPL").is_active = false;
    return {};
  }));
  EXPECT_EQ(lake().snapshot()->manifest().generation, generation);
  EXPECT_FALSE(rows().at("AAPL").is_active);
}

TEST_F(InstrumentsTest, TheAuditLogSaysWhatWasChanged) {
  ASSERT_TRUE(owner().change(lake(), name_apple));
  ASSERT_TRUE(owner().change(lake(), name_apple)) << "changes nothing";
  ASSERT_TRUE(owner().change(lake(), [](Instruments& all) -> Result<void> {
    all.at("AAPL").sector = "Fruit";
    return {};
  }));
  ASSERT_TRUE(owner().add({{"IBM", new_instrument("IBM")}}));
  const auto audit =
      ledger->read([](ledger::Transaction& work) { return ledger::select<ledger::AuditRow>(work, "ORDER BY seq"); })
          .value();
  ASSERT_EQ(audit.size(), 3U);
  EXPECT_EQ(audit[0].actor + " " + audit[0].action + " " + audit[0].subject + audit[0].before,
            "admin instrument.add AAPL");
  EXPECT_EQ(audit[1].action, "instrument.set");
  EXPECT_TRUE(audit[1].before.contains(R"("sector":"")")) << audit[1].before;
  EXPECT_TRUE(audit[1].after.contains(R"("sector":"Fruit")")) << audit[1].after;
  EXPECT_EQ(audit[2].subject, "IBM");
  EXPECT_TRUE(ledger->read(ledger::verify_audit)->empty());
}

TEST_F(InstrumentsTest, OfOneNotTakenOverTheLakesStandsAndLaterTheLedgers) {
  set_in_ledger({.instrument_id = 1, .symbol = "AAPL", .exchange = "XNYS", .description = "kept"});
  set_in_lake({.symbol = "AAPL", .exchange = "XNAS", .name = "Apple"});
  set_in_lake({.symbol = "IBM", .exchange = "XNYS"});
  ASSERT_TRUE(owner().settle(lake()));
  EXPECT_EQ(rows().at("AAPL").exchange, "XNAS");
  EXPECT_EQ(rows().at("AAPL").description, "kept");
  EXPECT_EQ(rows().at("IBM").instrument_id, 2);
  EXPECT_TRUE(agree(tables(), rows()));
  expect_same();
  set_in_lake({.symbol = "AAPL", .exchange = "24/7"});
  EXPECT_FALSE(agree(tables(), rows()));
  ASSERT_TRUE(owner().settle(lake()));
  EXPECT_EQ(tables().instruments.at("AAPL").exchange, "XNAS");
  expect_same();
}

TEST_F(InstrumentsTest, ATransactionOfTheLakeTellsTheLedger) {
  ASSERT_TRUE(owner().change(lake(), name_apple));
  {
    auto transaction = lake().begin().value();
    lake::Tables tables = transaction.tables();
    tables.instruments["AAPL"].exchange = "XNYS";
    tables.instruments["NEW"] = {.symbol = "NEW", .exchange = "XNAS"};
    transaction.set_tables(std::move(tables));
    ASSERT_TRUE(owner().before_commit(transaction));
    EXPECT_TRUE(owner().is_pending());
    ASSERT_TRUE(transaction.commit());
    ASSERT_TRUE(owner().finish());
  }
  EXPECT_EQ(rows().at("AAPL").exchange, "XNYS");
  EXPECT_EQ(rows().at("AAPL").description, "Telephones");
  EXPECT_EQ(rows().at("NEW").exchange, "XNAS");
  expect_same();
}

TEST_F(InstrumentsTest, CutOffAnywhereIsMendedAtTheNextCommand) {
  bool ended = false;
  int pending = 0;
  for (int changes = 0; !ended; ++changes) {
    ASSERT_LT(changes, 50);
    make_home();
    MortalFiles files(changes);
    ended = owner(files).change(lake(files), name_apple).has_value() && !files.died();
    if (owner().is_pending()) ++pending;
    // What the ledger has is what counts: all of it, or nothing was changed.
    const bool is_owned = rows().contains("AAPL");
    EXPECT_TRUE(!is_owned || owner().is_pending() || ended) << "nobody would look after it";
    ASSERT_TRUE(owner().settle(lake()));
    EXPECT_EQ(rows().contains("AAPL"), is_owned);
    EXPECT_EQ(tables().instruments.contains("AAPL"), is_owned);
    expect_same();
  }
  EXPECT_GT(pending, 1);
}

TEST_F(InstrumentsTest, TheBooksCurrencyCannotBecomeAnother) {
  ASSERT_TRUE(owner().change(lake(), name_apple));
  const auto in_pounds = [](Instruments& all) -> Result<void> {
    all.at("AAPL").currency = "GBP";
    return {};
  };
  const auto run = [&](const char* statement) {
    return ledger->write([&](ledger::Transaction& work) -> Result<void> {
      ARGOSY_TRY_VOID(work.execute(statement));
      return {};
    });
  };
  ASSERT_TRUE(run("INSERT INTO users VALUES (1, 'admin', 'a@localhost', '', 'admin', 1, NULL, 0, 0)"));
  ASSERT_TRUE(run("INSERT INTO broker_accounts VALUES (1, 'paper', 'paper', '', 'USD', 1, 0)"));
  ASSERT_TRUE(
      run("INSERT INTO positions (broker_account_id, instrument_id, symbol, quantity, unassigned, cost, updated_at) "
          "VALUES (1, 1, 'AAPL', 5, 0, 500, 0)"));
  const auto refused = owner().change(lake(), in_pounds);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, core::ErrorCode::kConflict);
  EXPECT_EQ(rows().at("AAPL").currency, "USD");
  EXPECT_EQ(tables().instruments.at("AAPL").currency, "USD");
  ASSERT_TRUE(owner().settle(lake()));
  ASSERT_TRUE(run("DELETE FROM positions"));
  EXPECT_TRUE(owner().change(lake(), in_pounds)) << "nothing is booked";
  EXPECT_EQ(tables().instruments.at("AAPL").currency, "GBP");
}

}  // namespace
}  // namespace argosy::data
