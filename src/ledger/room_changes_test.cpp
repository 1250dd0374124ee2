#include "ledger/room_changes.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.hpp"
#include "ledger/test_trading.hpp"

namespace argosy::ledger {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class RoomChangesTest : public TradingTest {
 public:
  RoomChangesTest() {
    const auto done = database->write([](Transaction& work) -> core::Result<void> {
      const UserRow user{
          .user_id = 2, .username = "jean", .email = "jean@localhost", .role = Role::kTrader, .created_at = at(0)};
      return insert<UserRow>(work, {&user, 1});
    });
    EXPECT_TRUE(done);
  }

 protected:
  [[nodiscard]] std::vector<std::string> rooms() const {
    std::vector<std::string> found;
    for (const ChangeRow& row : all<ChangeRow>("ORDER BY change_id"))
      found.push_back(fmt::format("{} {}", row.room, row.sequence));
    return found;
  }
  void tell_stock(core::Timestamp now) const {
    const InstrumentRow row{.instrument_id = 1, .symbol = "AAPL", .exchange = "XNAS"};
    const auto done = database->write(
        [&](Transaction& work) { return tell_rooms(work, std::span<const InstrumentRow>(&row, 1), now); });
    EXPECT_TRUE(done) << (done ? "" : done.error().describe());
  }
  [[nodiscard]] Kept kept(const std::string& room, std::int64_t after, std::int64_t most = 100) const {
    const auto found = database->read([&](Transaction& work) { return changes_after(work, room, after, most); });
    EXPECT_TRUE(found);
    return found ? *found : Kept();
  }
  [[nodiscard]] std::int64_t remove(core::Timestamp time, std::int64_t most = 1'000) const {
    const auto removed = database->write([&](Transaction& work) { return remove_old_changes(work, time, most); });
    EXPECT_TRUE(removed) << (removed ? "" : removed.error().describe());
    return removed.value_or(-1);
  }
};

TEST_P(RoomChangesTest, ATurnIsToldToTheRoomsOfItsRows) {
  Changes changes = traded();
  changes.services[0].owner_id = 2;
  changes.outbox = {
      {.outbox_id = 1, .time = at(1), .channel = "log", .severity = "info", .subject = "of all", .text = "t"},
      {.outbox_id = 2,
       .time = at(1),
       .channel = "log",
       .severity = "info",
       .subject = "jean's",
       .text = "t",
       .owner_id = 2}};
  write_whole(changes);
  EXPECT_THAT(rooms(),
              UnorderedElementsAre("portfolio_1 1", "services 1", "services/2 1", "service_1 1", "transactions 1",
                                   "transactions/2 1", "orders 1", "orders/2 1", "orders 2", "orders/2 2",
                                   "portfolio_1 2", "notifications 1", "notifications 2", "notifications/2 1"));
  const auto service = all<ChangeRow>("WHERE room = 'service_1'").at(0);
  EXPECT_EQ(service.made_at, at(100));
  const auto payload = core::parse_json(service.payload);
  ASSERT_TRUE(payload);
  EXPECT_EQ(*payload->find("what")->string(), "service");
  EXPECT_EQ(*payload->find("row")->find("current_balance")->string(), "7167");
  EXPECT_THAT(all<ChangeRow>("WHERE room = 'notifications/2'").at(0).payload, HasSubstr("jean's"));

  // A transaction whose service did not change in the same turn is told to its owner all the same.
  Changes next;
  next.transactions = changes.transactions;
  write_whole(next);
  EXPECT_EQ(kept("transactions/2", 1).rows.size(), 1);
  EXPECT_EQ(findings(), std::vector<std::string>{});
}

TEST_P(RoomChangesTest, WhatIsTakenBackIsNotTold) {
  Changes wrong = traded();
  wrong.fills[0].order_id = 99;  // no such order
  EXPECT_FALSE(write(wrong));
  EXPECT_TRUE(rooms().empty());
  write_whole(traded());
  EXPECT_EQ(kept("services", 0).last, 1);
}

TEST_P(RoomChangesTest, WhoComesBackGetsWhatItMissedOrHearsThatItIsNotWhole) {
  for (int i = 0; i < 5; ++i) tell_stock(at(i));
  EXPECT_EQ(kept("stocks", 2).rows.size(), 3);
  EXPECT_TRUE(kept("stocks", 2).is_whole);
  EXPECT_TRUE(kept("stocks", 5).is_whole);
  EXPECT_TRUE(kept("stocks", 0).is_whole);
  EXPECT_FALSE(kept("stocks", 6).is_whole) << "it heard more than there is: of another ledger";
  EXPECT_FALSE(kept("stocks", 0, 4).is_whole) << "too many";
  EXPECT_TRUE(kept("nothing", 0).is_whole);
  EXPECT_FALSE(kept("nothing", 1).is_whole);
  EXPECT_EQ(remove(at(3)), 6) << "two rooms";
  EXPECT_FALSE(kept("stocks", 2).is_whole) << "the third is gone";
  EXPECT_TRUE(kept("stocks", 3).is_whole);
}

TEST_P(RoomChangesTest, OldOnesGoButNumbersGoOn) {
  for (int i = 0; i < 5; ++i) tell_stock(at(i));
  EXPECT_EQ(remove(at(50), 3), 3) << "at most so many";
  EXPECT_EQ(remove(at(50)), 5);
  EXPECT_EQ(remove(at(50)), 0);
  EXPECT_THAT(rooms(), ElementsAre("stocks 5", "stock_AAPL 5"));
  tell_stock(at(60));
  EXPECT_THAT(rooms(), ElementsAre("stocks 5", "stock_AAPL 5", "stocks 6", "stock_AAPL 6"));
}

TEST_P(RoomChangesTest, AClockThatWasSetBackLeavesNoGap) {
  for (const int second : {10, 60, 20, 70}) tell_stock(at(second));
  EXPECT_EQ(remove(at(50)), 2) << "of each room the first";
  EXPECT_EQ(findings(), std::vector<std::string>{});
  const auto damaged =
      database->write([](Transaction& work) { return work.execute("DELETE FROM changes WHERE sequence = 3"); });
  EXPECT_TRUE(damaged);
  EXPECT_THAT(findings(), ElementsAre(HasSubstr("changes stock_AAPL: the numbers have gaps"),
                                      HasSubstr("changes stocks: the numbers have gaps")));
}

ARGOSY_ON_EACH_STORE(RoomChangesTest);

}  // namespace
}  // namespace argosy::ledger
