// What every make of trading::BrokerConnection must do, as tests. A make derives BrokerWorld, and in one source file:
//
//   INSTANTIATE_TEST_SUITE_P(Paper, BrokerContract, testing::Values(+[] { return make_paper_world(...); }));
//
// TC-nn are the numbers under which docs and reports name the cases.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "brokers/broker_world.hpp"

namespace argosy::brokers {

using MakeBrokerWorld = std::unique_ptr<BrokerWorld> (*)();

class BrokerContract : public testing::TestWithParam<MakeBrokerWorld> {
 protected:
  // Connected, with ten thousand dollars, and A at 100.
  void SetUp() override {
    world = GetParam()();
    world->connection().set_listener(notes);
    world->connection().open();
    world->settle();
    ASSERT_EQ(notes.connected, 1);
    ASSERT_TRUE(world->connection().fund(1, "USD", Money::from_integer(10'000)));
    world->settle();
    ASSERT_EQ(notes.funded, std::vector<std::int64_t>{1});
    client_ids = world->connection().capabilities().client_ids;
    trade_at("100");
  }

  static OrderTicket ticket(const std::string& id, Side side, std::int64_t shares) {
    return {.client_order_id = id,
            .symbol = "A",
            .side = side,
            .time_in_force = trading::TimeInForce::kGoodTillCancelled,
            .quantity = Quantity::from_integer(shares),
            .closes = side == Side::kSell};
  }
  static OrderTicket limit(const std::string& id, Side side, std::int64_t shares, const char* price) {
    OrderTicket order = ticket(id, side, shares);
    order.kind = trading::OrderKind::kLimit;
    order.limit = *Price::parse(price);
    return order;
  }
  // Sends it and lets the answer come. Returns the broker's id.
  std::string submit(const OrderTicket& order) {
    const std::size_t before = notes.orders.size();
    EXPECT_TRUE(world->connection().submit(world->commit(order)));
    world->settle();
    if (notes.orders.size() == before) return {};
    EXPECT_EQ(notes.orders[before].client_order_id, order.client_order_id);
    return notes.orders[before].broker_order_id;
  }
  void trade_at(const char* price) {
    world->trade_at(*Price::parse(price));
    world->settle();
  }
  [[nodiscard]] const OrderReport& last() const { return notes.orders.back(); }
  trading::AccountReport ask_account() {
    EXPECT_TRUE(world->connection().ask_account());
    world->settle();
    return notes.accounts.empty() ? trading::AccountReport() : notes.accounts.back();
  }
  std::vector<OrderReport> ask_open_orders() {
    EXPECT_TRUE(world->connection().ask_open_orders());
    world->settle();
    return notes.open_orders.empty() ? std::vector<OrderReport>() : notes.open_orders.back();
  }
  std::vector<OrderReport> ask_history() {
    EXPECT_TRUE(world->connection().ask_history(core::Timestamp()));
    world->settle();
    return notes.histories.empty() ? std::vector<OrderReport>() : notes.histories.back();
  }

  std::unique_ptr<BrokerWorld> world;
  BrokerNotes notes;
  bool client_ids = true;
};

TEST_P(BrokerContract, TC01_AnOrderIsAcceptedThenFilled) {
  const std::string id = submit(ticket("a-1", Side::kBuy, 10));
  ASSERT_FALSE(id.empty());
  EXPECT_EQ(last().state, ReportedState::kWorking);
  trade_at("101");
  EXPECT_EQ(last().state, ReportedState::kFilled);
  EXPECT_EQ(last().broker_order_id, id);
  EXPECT_EQ(last().filled, Quantity::from_integer(10));
  ASSERT_EQ(last().fills.size(), 1);
  EXPECT_EQ(last().fills[0].price, Price::from_integer(101));
  EXPECT_EQ(last().client_order_id, client_ids ? "a-1" : "");
}

TEST_P(BrokerContract, TC02_AnOrderIsRejectedWithAReason) {
  OrderTicket order = ticket("a-1", Side::kBuy, 10);
  order.symbol = "NOSUCH";
  submit(order);
  EXPECT_EQ(last().state, ReportedState::kRejected);
  EXPECT_FALSE(last().note.empty());
  // What the cash does not pay for.
  submit(ticket("a-2", Side::kBuy, 1'000));
  trade_at("100");
  EXPECT_EQ(last().state, ReportedState::kRejected);
  EXPECT_FALSE(last().note.empty());
  EXPECT_EQ(ask_account().balances.at(0).cash, Money::from_integer(10'000));
}

TEST_P(BrokerContract, TC03_AnOrderIsCancelled) {
  const std::string id = submit(limit("a-1", Side::kBuy, 10, "90"));
  ASSERT_TRUE(world->connection().cancel("a-1", id));
  world->settle();
  EXPECT_EQ(last().state, ReportedState::kCancelled);
  trade_at("80");
  EXPECT_EQ(notes.filled(id), Quantity());
}

TEST_P(BrokerContract, TC04_ACancelAfterTheFillIsRefused) {
  const std::string id = submit(ticket("a-1", Side::kBuy, 10));
  trade_at("100");
  ASSERT_TRUE(world->connection().cancel("a-1", id));
  world->settle();
  ASSERT_EQ(notes.refused_cancels.size(), 1);
  EXPECT_EQ(notes.refused_cancels[0].first, "a-1");
  EXPECT_FALSE(notes.refused_cancels[0].second.empty());
}

TEST_P(BrokerContract, TC05_ASecondSubmitIsTheSameOrderWhereClientIdsAreKept) {
  const std::string first = submit(ticket("a-1", Side::kBuy, 10));
  const std::string second = submit(ticket("a-1", Side::kBuy, 10));
  EXPECT_EQ(first == second, client_ids);
  EXPECT_EQ(ask_open_orders().size(), client_ids ? 1 : 2);
  trade_at("100");
  EXPECT_EQ(ask_account().positions.at(0).quantity, Quantity::from_integer(client_ids ? 10 : 20));
  // Also long after it ended.
  submit(ticket("a-1", Side::kBuy, 10));
  EXPECT_EQ(last().state, client_ids ? ReportedState::kFilled : ReportedState::kWorking);
  EXPECT_EQ(last().is_snapshot, client_ids);
}

TEST_P(BrokerContract, TC06_AnUnknownOrderIsSaidToBeUnknown) {
  ASSERT_TRUE(world->connection().ask_order("a-9", ""));
  ASSERT_TRUE(world->connection().ask_order("a-9", "no-such-order"));
  world->settle();
  EXPECT_EQ(notes.unknown, (std::vector<std::string>{"a-9", "a-9"}));
}

TEST_P(BrokerContract, TC07_AnOrderIsFoundByEachOfItsIds) {
  const std::string id = submit(ticket("a-1", Side::kBuy, 10));
  trade_at("100");
  ASSERT_TRUE(world->connection().ask_order("", id));
  world->settle();
  EXPECT_EQ(last().state, ReportedState::kFilled);
  EXPECT_TRUE(last().is_snapshot);
  EXPECT_EQ(last().fills.size(), 1);
  const std::size_t before = notes.orders.size();
  ASSERT_TRUE(world->connection().ask_order("a-1", ""));
  world->settle();
  EXPECT_EQ(notes.orders.size(), before + (client_ids ? 1 : 0));
  EXPECT_EQ(notes.unknown.size(), client_ids ? 0 : 1);
}

TEST_P(BrokerContract, TC08_OpenOrdersAreThoseThatWork) {
  const std::string working = submit(limit("a-1", Side::kBuy, 10, "90"));
  submit(ticket("a-2", Side::kBuy, 10));
  trade_at("100");
  const auto open = ask_open_orders();
  ASSERT_EQ(open.size(), 1);
  EXPECT_EQ(open[0].broker_order_id, working);
  EXPECT_EQ(open[0].state, ReportedState::kWorking);
  EXPECT_TRUE(open[0].is_snapshot);
}

TEST_P(BrokerContract, TC09_TheHistoryHasWhatWasFilledAndWhatEnded) {
  const std::string filled = submit(ticket("a-1", Side::kBuy, 10));
  trade_at("100");
  const std::string cancelled = submit(limit("a-2", Side::kBuy, 10, "90"));
  submit(limit("a-3", Side::kBuy, 10, "80"));
  ASSERT_TRUE(world->connection().cancel("a-2", cancelled));
  world->settle();
  const auto history = ask_history();
  ASSERT_EQ(history.size(), 2);
  EXPECT_EQ(history[0].broker_order_id, filled);
  EXPECT_EQ(history[0].fills.size(), 1);
  EXPECT_EQ(history[1].broker_order_id, cancelled);
  EXPECT_EQ(history[1].state, ReportedState::kCancelled);
}

TEST_P(BrokerContract, TC10_TheAccountHasPositionsAndCash) {
  submit(ticket("a-1", Side::kBuy, 10));
  trade_at("100");
  submit(ticket("a-2", Side::kBuy, 10));
  trade_at("110");
  submit(ticket("a-3", Side::kSell, 5));
  trade_at("120");
  const auto account = ask_account();
  ASSERT_EQ(account.positions.size(), 1);
  EXPECT_EQ(account.positions[0].symbol, "A");
  EXPECT_EQ(account.positions[0].quantity, Quantity::from_integer(15));
  EXPECT_EQ(account.positions[0].average_price, Price::from_integer(105));
  ASSERT_EQ(account.balances.size(), 1);
  EXPECT_EQ(account.balances[0].cash, Money::from_integer(10'000 - 2'100 + 600));
}

TEST_P(BrokerContract, TC11_ABrokenConnectionComesBack) {
  const std::string id = submit(ticket("a-1", Side::kBuy, 10));
  world->cut();
  EXPECT_FALSE(world->connection().is_connected());
  ASSERT_EQ(notes.disconnected.size(), 1);
  EXPECT_FALSE(world->connection().ask_account());
  trade_at("100");  // while nobody listens
  world->settle();
  EXPECT_TRUE(world->connection().is_connected());
  EXPECT_EQ(notes.connected, 2);
  ASSERT_TRUE(world->connection().ask_order("a-1", id));
  world->settle();
  EXPECT_EQ(last().state, ReportedState::kFilled);
  EXPECT_EQ(notes.filled(id), Quantity::from_integer(10));
}

TEST_P(BrokerContract, TC12_AnOrderWhoseAnswerIsLostIsThere) {
  world->lose_answers(true);
  EXPECT_TRUE(submit(ticket("a-1", Side::kBuy, 10)).empty());
  world->lose_answers(false);
  const auto open = ask_open_orders();
  ASSERT_EQ(open.size(), 1);
  EXPECT_EQ(open[0].client_order_id, client_ids ? "a-1" : "");
  ASSERT_TRUE(world->connection().ask_order("a-1", ""));
  world->settle();
  EXPECT_EQ(notes.unknown.size(), client_ids ? 0 : 1);
}

TEST_P(BrokerContract, TC13_AFillMayComeBeforeTheAnswer) {
  world->delay_answers();
  ASSERT_TRUE(world->connection().submit(world->commit(ticket("a-1", Side::kBuy, 10))));
  world->trade_at(Price::from_integer(100));
  world->trade_at(Price::from_integer(100));
  world->settle();
  ASSERT_GE(notes.orders.size(), 2);
  EXPECT_EQ(notes.orders.front().state, ReportedState::kFilled);
  EXPECT_EQ(notes.orders.back().state, ReportedState::kWorking);
  EXPECT_EQ(notes.orders.back().client_order_id, "a-1");
  EXPECT_EQ(notes.orders.back().broker_order_id, notes.orders.front().broker_order_id);
}

TEST_P(BrokerContract, TC14_TheVenueGoesOnAfterARestart) {
  const std::string id = submit(limit("a-1", Side::kBuy, 10, "90"));
  submit(ticket("a-2", Side::kBuy, 7));
  trade_at("100");
  const auto before = ask_account();
  world->restart();
  world->settle();
  EXPECT_EQ(notes.connected, 2);
  const auto after = ask_account();
  ASSERT_EQ(after.balances.size(), 1);
  EXPECT_EQ(after.balances[0].cash, before.balances[0].cash);
  ASSERT_EQ(after.positions.size(), 1);
  EXPECT_EQ(after.positions[0].quantity, Quantity::from_integer(7));
  EXPECT_EQ(after.positions[0].average_price, before.positions[0].average_price);
  const auto open = ask_open_orders();
  ASSERT_EQ(open.size(), 1);
  EXPECT_EQ(open[0].broker_order_id, id);
  trade_at("90");
  EXPECT_EQ(notes.filled(id), Quantity::from_integer(10));
  EXPECT_NE(submit(ticket("a-3", Side::kBuy, 1)), id);
}

TEST_P(BrokerContract, TC15_MoneyIsMovedOnce) {
  auto& connection = world->connection();
  ASSERT_TRUE(connection.fund(2, "USD", Money::from_integer(500)));
  ASSERT_TRUE(connection.fund(2, "USD", Money::from_integer(500)));
  ASSERT_TRUE(connection.fund(3, "USD", Money::from_integer(-200)));
  ASSERT_TRUE(connection.fund(4, "USD", Money::from_integer(-20'000)));
  world->settle();
  EXPECT_EQ(notes.funded, (std::vector<std::int64_t>{1, 2, 2, 3}));
  EXPECT_EQ(notes.refused_fundings, std::vector<std::int64_t>{4});
  EXPECT_EQ(ask_account().balances.at(0).cash, Money::from_integer(10'300));
}

}  // namespace argosy::brokers
