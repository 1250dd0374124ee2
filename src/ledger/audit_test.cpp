#include "ledger/audit.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/test_trading.hpp"

namespace argosy::ledger {
namespace {

std::vector<AuditEntry> entries(std::int64_t count) {
  std::vector<AuditEntry> made;
  for (std::int64_t i = 0; i < count; ++i) {
    made.push_back({.time = at(i),
                    .actor = "admin",
                    .action = "service.set",
                    .subject = std::to_string(i),
                    .before = R"({"mode":"BUY"})",
                    .after = R"({"mode":"HOLD"})"});
  }
  return made;
}

TEST_P(TradingTest, TheChainGoesOnFromOneUnitOfWorkToTheNext) {
  for (const std::int64_t count : {2, 3}) {
    ASSERT_TRUE(database->write([&](Transaction& work) { return append_audit(work, entries(count)); }));
  }
  const auto rows = all<AuditRow>("ORDER BY seq");
  ASSERT_EQ(rows.size(), 5);
  EXPECT_EQ(rows[0].previous_hash, "");
  for (std::size_t i = 1; i < rows.size(); ++i) EXPECT_EQ(rows[i].previous_hash, rows[i - 1].hash);
  EXPECT_EQ(*database->read(verify_audit), std::vector<std::string>{});
}

// The same text in another column is another row: lengths are part of what is hashed.
TEST_P(TradingTest, TextsDoNotFlowIntoEachOther) {
  const std::vector<AuditEntry> two{{.time = at(0), .actor = "ab", .action = "c"}};
  const std::vector<AuditEntry> same{{.time = at(0), .actor = "a", .action = "bc"}};
  std::vector<std::string> hashes;
  for (const auto& each : {two, same}) {
    ASSERT_TRUE(database->write([&](Transaction& work) -> core::Result<void> {
      ARGOSY_TRY_VOID(work.execute("DELETE FROM audit_log"));
      return append_audit(work, each);
    }));
    hashes.push_back(all<AuditRow>().at(0).hash);
  }
  EXPECT_NE(hashes[0], hashes[1]);
}

// Whatever is changed, taken away or put in between is found, and the finding names a row at that place.
TEST_P(TradingTest, TamperingIsFound) {
  constexpr std::int64_t kRows = 6;
  ASSERT_TRUE(database->write([&](Transaction& work) { return append_audit(work, entries(kRows)); }));
  const bool held = rc::check([&] {
    // The last row may be cut off without a trace: audit.hpp says so.
    const auto row = *rc::gen::inRange<std::int64_t>(1, kRows);
    const auto column =
        *rc::gen::element(std::string("actor"), std::string("action"), std::string("subject"), std::string("before"),
                          std::string("after"), std::string("previous_hash"), std::string("hash"), std::string("time"),
                          std::string("gone"), std::string("inserted"), std::string("renumbered"));
    std::vector<std::string> statements;
    if (column == "gone") {
      statements = {fmt::format("DELETE FROM audit_log WHERE seq = {}", row)};
    } else if (column == "inserted") {
      statements = {"UPDATE audit_log SET seq = -seq",
                    fmt::format("UPDATE audit_log SET seq = -seq + CASE WHEN -seq > {} THEN 1 ELSE 0 END", row),
                    fmt::format("INSERT INTO audit_log SELECT {}, time, actor, action, subject, before, after, hash, "
                                "'made up' FROM audit_log WHERE seq = {}",
                                row + 1, row)};
    } else if (column == "renumbered") {
      statements = {fmt::format("UPDATE audit_log SET seq = 100 + seq WHERE seq >= {}", row)};
    } else if (column == "time") {
      statements = {fmt::format("UPDATE audit_log SET time = time + 1 WHERE seq = {}", row)};
    } else {
      statements = {fmt::format("UPDATE audit_log SET {0} = {0} || 'x' WHERE seq = {1}", column, row)};
    }
    std::vector<std::string> found;
    const auto taken_back = database->write([&](Transaction& work) -> core::Result<void> {
      for (const std::string& statement : statements) ARGOSY_TRY_VOID(work.execute(statement));
      ARGOSY_TRY(found, verify_audit(work));
      return core::fail(core::ErrorCode::kLimit, "the next try begins with what was there");
    });
    RC_ASSERT(taken_back.error().code == core::ErrorCode::kLimit);
    RC_ASSERT(!found.empty());
    const std::string named = column == "inserted" ? fmt::format("row {} ", row + 1) : fmt::format(" {} ", row);
    RC_ASSERT(found.front().contains(named));
  });
  EXPECT_TRUE(held);
  EXPECT_EQ(*database->read(verify_audit), std::vector<std::string>{});
}

}  // namespace
}  // namespace argosy::ledger
