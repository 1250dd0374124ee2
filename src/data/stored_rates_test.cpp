#include "data/stored_rates.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "ledger/ledger_schema.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"

namespace argosy::data {
namespace {

using namespace std::chrono_literals;
using core::Price;
using market::RateQuote;

const core::Timestamp kNow = *core::parse_rfc3339("2024-12-02T14:30:00Z");

RateQuote quote(core::Duration age, const char* base, const char* other, const char* rate, const char* source = "a") {
  return {.time = kNow - age, .base = base, .quote = other, .rate = *Price::parse(rate), .source = source};
}

const ledger::ChangedBy kBy{.actor = "admin", .time = kNow};

class StoredRatesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/ratesXXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root = name;
    auto opened =
        ledger::open_database({.path = root + "/ledger.db"}, ledger::ledger_schema(), core::system_files(), clock);
    ASSERT_TRUE(opened) << opened.error().describe();
    ledger = *std::move(opened);
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  std::string root;
  core::SystemClock clock;
  std::unique_ptr<ledger::Database> ledger;
};

TEST_F(StoredRatesTest, EachOnceByTimeAndSource) {
  const std::vector<RateQuote> rates{quote(2h, "EUR", "USD", "1.05"), quote(1h, "EUR", "USD", "1.06"),
                                     quote(1h, "EUR", "USD", "1.07", "b"), quote(3h, "USD", "KRW", "1390.25")};
  auto done = store_rates(*ledger, rates, kBy);
  ASSERT_TRUE(done) << done.error().describe();
  EXPECT_EQ(done->added, 4);
  done = store_rates(*ledger, std::vector{rates[0], quote(1h, "EUR", "USD", "1.065")}, kBy);
  EXPECT_EQ(done->unchanged, 1);
  EXPECT_EQ(done->changed, 1);
  const auto stored = load_rates(*ledger);
  ASSERT_EQ(stored->size(), 4U);
  EXPECT_EQ(stored->front(), rates[3]);
  EXPECT_EQ((*stored)[2].rate.to_string(), "1.065");
}

TEST_F(StoredRatesTest, TheAuditLogSaysWhatARateWas) {
  const std::vector<RateQuote> rates{quote(2h, "EUR", "USD", "1.05"), quote(1h, "USD", "KRW", "1390.25")};
  ASSERT_TRUE(store_rates(*ledger, rates, kBy));
  ASSERT_TRUE(store_rates(*ledger, std::vector{rates[0], quote(1h, "USD", "KRW", "1391")}, kBy));
  ASSERT_TRUE(store_rates(*ledger, std::vector{rates[0]}, kBy)) << "changes nothing";
  const auto rows =
      ledger->read([](ledger::Transaction& work) { return ledger::select<ledger::AuditRow>(work, "ORDER BY seq"); })
          .value();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].action + " " + rows[0].subject + rows[0].before, "rate.add a");
  EXPECT_EQ(rows[0].after,
            R"({"rates":2,"from":"2024-12-02T12:30:00Z","to":"2024-12-02T13:30:00Z","pairs":["EUR/USD","USD/KRW"]})");
  EXPECT_EQ(rows[1].actor + " " + rows[1].action + " " + rows[1].subject, "admin rate.set USD/KRW");
  EXPECT_TRUE(rows[1].before.contains("1390.25")) << rows[1].before;
  EXPECT_TRUE(rows[1].after.contains("1391")) << rows[1].after;
  EXPECT_TRUE(ledger->read(ledger::verify_audit)->empty());
}

TEST_F(StoredRatesTest, WhatCannotBeIsNotStored) {
  for (const RateQuote& bad :
       {quote(1h, "EUR", "EUR", "1"), quote(1h, "EUR", "USD", "0"), quote(1h, "euro", "USD", "1"),
        quote(1h, "EUR", "USD", "1", "a source whose name is longer than forty letters")}) {
    const auto refused = store_rates(*ledger, std::vector{quote(1h, "EUR", "USD", "1.05"), bad}, kBy);
    ASSERT_FALSE(refused) << bad.base << bad.source;
    EXPECT_EQ(refused.error().code, core::ErrorCode::kInvalidArgument);
    EXPECT_TRUE(load_rates(*ledger)->empty());
  }
}

TEST(StoredRates, ATableOfWhatIsKnown) {
  const std::vector<RateQuote> rates{quote(5h, "EUR", "USD", "1.05"), quote(2h, "EUR", "USD", "1.06"),
                                     quote(-1h, "EUR", "USD", "1.20"), quote(30h, "USD", "KRW", "1390.25")};
  const market::RateTable table = make_rate_table(rates, 24h, kNow);
  EXPECT_EQ(table.find("EUR", "USD", kNow)->rate.quote.to_string(), "1.06");
  EXPECT_FALSE(table.find("USD", "KRW", kNow)) << "too old";
  EXPECT_EQ(table.rates().size(), 2U);
  const RateView fresh = view_of(rates[1], kNow, 24h);
  EXPECT_EQ(fresh.age_seconds, 7'200);
  EXPECT_FALSE(fresh.is_stale);
  EXPECT_TRUE(view_of(rates[3], kNow, 24h).is_stale);
  EXPECT_EQ(view_of(rates[2], kNow, 24h).age_seconds, -3'600);
}

TEST(StoredRates, ASimulatedFeedBeginsWithThem) {
  const std::vector<RateQuote> rates{quote(900h, "USD", "EUR", "0.95"), quote(1h, "USD", "SEK", "10.9")};
  const auto first = first_rates(feeds::usual_rates(), make_rate_table(rates, 1h, kNow));
  ASSERT_EQ(first.size(), feeds::usual_rates().size() + 1);
  EXPECT_EQ(first[0].base + first[0].quote + first[0].first.to_string(), "USDEUR0.95");
  EXPECT_EQ(first[1].first, feeds::usual_rates()[1].first);
  EXPECT_EQ(first.back().quote, "SEK");
  EXPECT_TRUE(feeds::SimulatedRates::make({.start = kNow, .pairs = first}).has_value());
}

}  // namespace
}  // namespace argosy::data
