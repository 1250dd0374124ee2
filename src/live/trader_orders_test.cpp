// Orders of people: placed for a portfolio, changed, cancelled, and found again after the process died.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "live/test_rig.hpp"

namespace argosy::live {
namespace {

using core::ErrorCode;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using trading::ReportedState;

// 100,000 USD in portfolio 1, and AAPL at 99.9 and 100.
class OwnOrders : public testing::Test {
 public:
  OwnOrders() { rig.quote("99.9", "100"); }

  core::Result<std::string> place(const std::string& more) {
    return rig.request("order_place", R"({"instrument_id": 1, "symbol": "AAPL", )" + more + "}");
  }
  // The number of an order that was taken.
  std::int64_t placed(const std::string& more) {
    const auto answer = place(more);
    EXPECT_TRUE(answer) << answer.error().describe();
    return answer ? must(answered_number(must(core::parse_json(*answer)), "order_id")) : 0;
  }
  // Ten shares at 100, which the broker holds then.
  void buy_ten() {
    (void)placed(R"("side": "buy", "quantity": "10")");
    rig.say(rig.filled(rig.last(), "100", "10"));
    rig.set_account(rig.book().cash_of(1).to_string().c_str(), "10");
  }
  const ledger::OrderRow& order(std::int64_t id) { return *rig.book().order(id); }
  Quantity own() {
    const auto found = rig.book().holdings().find({1, 1});
    return found == rig.book().holdings().end() ? Quantity() : found->second.unassigned;
  }
  Money cash() { return rig.book().portfolio(1)->cash; }

  Rig rig;
};

TEST_F(OwnOrders, APurchaseIsThePortfoliosAlone) {
  rig.make_service();
  const std::int64_t id = placed(R"("side": "buy", "quantity": "10")");
  ASSERT_THAT(rig.broker().submitted, SizeIs(1));
  EXPECT_EQ(rig.last().quantity, shares("10"));
  EXPECT_EQ(rig.last().kind, trading::OrderKind::kMarket);
  EXPECT_EQ(order(id).portfolio_id, 1);
  EXPECT_FALSE(order(id).service_id);
  EXPECT_EQ(order(id).reason, "manual");
  rig.say(rig.filled(rig.last(), "100", "4"));
  EXPECT_EQ(own(), shares("4"));
  EXPECT_EQ(order(id).state, "partially_filled");
  rig.say(rig.filled(rig.last(), "101", "6"));
  EXPECT_EQ(order(id).state, "filled");
  EXPECT_EQ(own(), shares("10"));
  EXPECT_EQ(cash(), money("88992")) << "90,000 - 400 - 606 - two fees";
  EXPECT_EQ(rig.book().service(1)->current_shares, Quantity());
  EXPECT_THAT(rig.rows<ledger::AuditRow>("WHERE action = 'order.place'"), SizeIs(1));
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST_F(OwnOrders, AnAmountBuysWhatItPaysWithRoomForThePriceToMove) {
  (void)placed(R"("side": "buy", "amount": "1000")");
  EXPECT_EQ(rig.last().quantity, shares("9"));
  (void)placed(R"("side": "buy", "amount": "1000", "kind": "limit", "limit_price": "100")");
  EXPECT_EQ(rig.last().quantity, shares("10")) << "a limit bounds what is paid";
}

TEST_F(OwnOrders, WhatCannotBeMeantOrPaidIsRefusedAndMakesNoOrder) {
  struct Case {
    const char* asked;
    ErrorCode code;
    const char* why;
  };
  const Case cases[] = {
      {R"("side": "buy")", ErrorCode::kInvalidArgument, "how much"},
      {R"("side": "buy", "quantity": "1", "amount": "1")", ErrorCode::kInvalidArgument, "one of both"},
      {R"("side": "buy", "quantity": "0")", ErrorCode::kInvalidArgument, "above 0"},
      {R"("side": "hold", "quantity": "1")", ErrorCode::kInvalidArgument, "side"},
      {R"("side": "buy", "quantity": "1", "kind": "limit")", ErrorCode::kInvalidArgument, "needs a limit"},
      {R"("side": "buy", "quantity": "1", "limit_price": "9")", ErrorCode::kInvalidArgument, "only limit"},
      {R"("side": "sell", "amount": "10")", ErrorCode::kInvalidArgument, "quantity"},
      {R"("side": "buy", "quantity": "1", "portfolio_id": 9)", ErrorCode::kNotFound, "portfolio 9"},
      {R"("side": "buy", "quantity": "1000")", ErrorCode::kConflict, "less than 100500"},
      {R"("side": "buy", "amount": "100001")", ErrorCode::kConflict, "less than 100001"},
      {R"("side": "buy", "amount": "99")", ErrorCode::kConflict, "do not pay"},
      {R"("side": "sell", "quantity": "1")", ErrorCode::kConflict, "0 AAPL of its own"},
  };
  for (const auto& [asked, code, why] : cases) {
    const auto answer = place(asked);
    ASSERT_FALSE(answer) << asked;
    EXPECT_EQ(answer.error().code, code) << asked << answer.error().describe();
    EXPECT_THAT(answer.error().describe(), HasSubstr(why)) << asked;
  }
  EXPECT_THAT(rig.book().orders(), IsEmpty());
  rig.run(std::chrono::minutes(2));
  EXPECT_EQ(place(R"("side": "buy", "quantity": "1")").error().code, ErrorCode::kConflict) << "no price comes";
  EXPECT_TRUE(place(R"("side": "buy", "quantity": "1", "kind": "limit", "limit_price": "90")"));
}

TEST_F(OwnOrders, TheGateDeniesWithItsReason) {
  rig.ask("risk_kill", R"({"reason": "enough"})");
  const auto answer = place(R"("side": "buy", "quantity": "1")");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kConflict);
  EXPECT_THAT(answer.error().message, HasSubstr("order 1 is denied: the kill switch is on"));
  EXPECT_EQ(order(1).state, "denied");
  EXPECT_THAT(rig.broker().submitted, IsEmpty());
  EXPECT_THAT(rig.findings(), IsEmpty());
}

// What an order may still take is neither given to a service, nor withdrawn, nor promised to another order.
TEST_F(OwnOrders, MoneyAndSharesAreNotPromisedTwice) {
  buy_ten();
  (void)placed(R"("side": "buy", "quantity": "900", "kind": "limit", "limit_price": "100")");
  EXPECT_THAT(place(R"("side": "buy", "quantity": "100", "kind": "limit", "limit_price": "100")").error().message,
              HasSubstr("8999"));
  EXPECT_EQ(rig.request("portfolio_withdraw", R"({"amount": "9000"})").error().code, ErrorCode::kConflict);
  EXPECT_EQ(rig.request("service_create", R"({"instrument_id": 1, "symbol": "AAPL", "balance": "9000"})").error().code,
            ErrorCode::kConflict);
  (void)placed(R"("side": "sell", "quantity": "7", "kind": "limit", "limit_price": "120")");
  EXPECT_THAT(place(R"("side": "sell", "quantity": "4", "kind": "limit", "limit_price": "121")").error().message,
              HasSubstr("3 AAPL of its own"));
  EXPECT_TRUE(rig.request("portfolio_withdraw", R"({"amount": "8999"})"));
  EXPECT_THAT(rig.findings(), IsEmpty());
}

// A service's shares are not the portfolio's to sell, and the other way round.
TEST_F(OwnOrders, NobodySellsAnothersShares) {
  rig.make_service();
  rig.buy();
  EXPECT_EQ(place(R"("side": "sell", "quantity": "1")").error().code, ErrorCode::kConflict);
  const Quantity held = rig.book().service(1)->current_shares;
  (void)placed(R"("side": "buy", "quantity": "10")");
  rig.say(rig.filled(rig.last(), "100", "10"));
  (void)placed(R"("side": "sell", "quantity": "10")");
  EXPECT_TRUE(rig.last().closes);
  rig.say(rig.filled(rig.last(), "99", "10"));
  EXPECT_EQ(own(), Quantity());
  EXPECT_EQ(rig.book().service(1)->current_shares, held);
  EXPECT_THAT(rig.findings(), IsEmpty());
}

// --- Death. ---

TEST_F(OwnOrders, WhatWasWrittenAndNotSentIsAskedForAndWithdrawn) {
  const auto answer = [&] {
    core::Result<std::string> out;
    // The process dies in the turn that makes the order, after it is written.
    rig.process().run_turn([&] {
      out = rig.process().trader().take_request(
          "order_place", R"({"instrument_id": 1, "symbol": "AAPL", "side": "buy", "quantity": "10"})", "test");
    });
    return out;
  }();
  ASSERT_TRUE(answer);
  const std::int64_t fencing = rig.rows<ledger::HolderRow>().front().fencing;
  must(LedgerWriter::write_now(rig.database(), fencing, rig.process().recorder().now(),
                               *rig.process().recorder().take()));
  rig.restart();
  EXPECT_EQ(order(1).state, "unknown") << "it may have been sent";
  rig.broker().knows_nothing = true;
  rig.run(std::chrono::seconds(30));
  EXPECT_EQ(order(1).state, "rejected");
  EXPECT_EQ(cash(), money("100000"));
  rig.quote("99.9", "100");
  EXPECT_TRUE(place(R"("side": "buy", "amount": "99000")")) << "the money is free again";
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST_F(OwnOrders, AnOrderIsFollowedOverARestart) {
  const std::int64_t id = placed(R"("side": "buy", "quantity": "10")");
  const trading::OrderTicket ticket = rig.last();
  rig.say(rig.filled(ticket, "100", "4"));
  rig.restart();
  EXPECT_EQ(order(id).filled_quantity, shares("4"));
  trading::OrderReport report = rig.filled(ticket, "100", "6");
  report.filled = shares("10");
  report.state = ReportedState::kFilled;
  rig.say(report);
  EXPECT_EQ(order(id).state, "filled");
  EXPECT_EQ(own(), shares("10"));
  EXPECT_THAT(rig.findings(), IsEmpty());
}

// --- Changing. ---

constexpr const char* kTen = R"("side": "buy", "quantity": "10", "kind": "limit", "limit_price": "95")";

TEST_F(OwnOrders, AChangeCancelsAndAnotherForTheRestTakesItsPlace) {
  const std::int64_t id = placed(kTen);
  const trading::OrderTicket first = rig.last();
  rig.say(rig.report(first, ReportedState::kWorking));
  rig.say(rig.filled(first, "95", "3"));
  rig.ask("order_replace", R"({"order_id": 1, "quantity": "12", "limit_price": "96"})");
  EXPECT_THAT(rig.broker().cancelled, SizeIs(1));
  EXPECT_THAT(rig.broker().submitted, SizeIs(1)) << "not before it is known what was filled";
  EXPECT_EQ(order(id).wanted_quantity, shares("12"));
  EXPECT_FALSE(rig.request("order_replace", R"({"order_id": 1, "quantity": "11"})"));
  // One more is filled while the cancel is on its way.
  trading::OrderReport gone = rig.filled(first, "95", "1");
  gone.filled = shares("4");
  gone.state = ReportedState::kCancelled;
  rig.say(gone);
  ASSERT_THAT(rig.broker().submitted, SizeIs(2));
  EXPECT_EQ(rig.last().quantity, shares("8"));
  EXPECT_EQ(rig.last().limit, price("96"));
  EXPECT_EQ(order(2).replaces, id);
  EXPECT_FALSE(order(id).wanted_quantity);
  EXPECT_EQ(order(id).state, "cancelled");
  rig.say(rig.filled(rig.last(), "96", "8"));
  EXPECT_EQ(own(), shares("12"));
  EXPECT_THAT(rig.rows<ledger::AuditRow>("WHERE action = 'order.replace'"), SizeIs(1));
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST_F(OwnOrders, AChangeThatIsAskedForOutlivesTheProcess) {
  (void)placed(kTen);
  const trading::OrderTicket first = rig.last();
  rig.say(rig.report(first, ReportedState::kWorking));
  rig.ask("order_replace", R"({"order_id": 1, "limit_price": "96"})");
  rig.restart();
  EXPECT_THAT(rig.broker().submitted, IsEmpty());
  rig.say(rig.report(first, ReportedState::kCancelled));
  rig.run(std::chrono::seconds(10));
  EXPECT_THAT(rig.broker().submitted, IsEmpty()) << "no price has come yet";
  rig.quote("99.9", "100");
  rig.run(std::chrono::seconds(2));
  ASSERT_THAT(rig.broker().submitted, SizeIs(1));
  EXPECT_EQ(rig.last().limit, price("96"));
  EXPECT_EQ(rig.last().quantity, shares("10"));
  EXPECT_EQ(order(2).replaces, 1);
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST_F(OwnOrders, NothingTakesThePlaceOfWhatWasFilledOrIsWantedNoMore) {
  (void)placed(kTen);
  const trading::OrderTicket first = rig.last();
  rig.ask("order_replace", R"({"order_id": 1, "limit_price": "96"})");
  rig.say(rig.filled(first, "95", "10"));
  EXPECT_EQ(order(1).state, "filled");
  EXPECT_FALSE(order(1).wanted_quantity);
  EXPECT_THAT(rig.told(), Contains("order 1 could not be changed"));

  (void)placed(kTen);
  const trading::OrderTicket second = rig.last();
  rig.ask("order_replace", R"({"order_id": 2, "limit_price": "96"})");
  rig.ask("order_cancel", R"({"id": 2})");
  rig.say(rig.report(second, ReportedState::kCancelled));
  EXPECT_THAT(rig.broker().submitted, SizeIs(2));

  // The money has gone meanwhile: it is cancelled, and that is told.
  (void)placed(kTen);
  const trading::OrderTicket third = rig.last();
  rig.ask("order_replace", R"({"order_id": 3, "quantity": "900", "limit_price": "96"})");
  rig.ask("portfolio_withdraw", R"({"amount": "90000"})");
  rig.say(rig.report(third, ReportedState::kCancelled));
  EXPECT_THAT(rig.broker().submitted, SizeIs(3));
  EXPECT_FALSE(order(3).wanted_quantity);
  EXPECT_THAT(rig.told(), Contains("order 3 could not be changed"));
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST_F(OwnOrders, ChangesThatMakeNoSenseAreRefused) {
  rig.make_service();
  rig.order();
  EXPECT_EQ(rig.request("order_replace", R"({"order_id": 1, "quantity": "1"})").error().code, ErrorCode::kConflict)
      << "a service's";
  (void)placed(kTen);
  rig.say(rig.filled(rig.last(), "95", "3"));
  for (const char* asked : {R"({"order_id": 2})", R"({"order_id": 2, "quantity": "3"})",
                            R"({"order_id": 2, "stop_price": "90"})", R"({"order_id": 2, "limit_price": "95.001"})",
                            R"({"order_id": 2, "quantity": "100000"})", R"({"order_id": 9})"})
    EXPECT_FALSE(rig.request("order_replace", asked)) << asked;
  EXPECT_THAT(rig.broker().cancelled, IsEmpty());
  EXPECT_FALSE(order(2).wanted_quantity);
}

// --- Switches. ---

TEST_F(OwnOrders, TheKillSwitchCancelsThem) {
  (void)placed(kTen);
  rig.say(rig.report(rig.last(), ReportedState::kWorking));
  rig.ask("risk_kill", R"({"scope": "instrument", "subject": "TSLA", "reason": "news"})");
  EXPECT_THAT(rig.broker().cancelled, IsEmpty());
  rig.ask("risk_kill", R"({"scope": "instrument", "subject": "AAPL", "reason": "news"})");
  EXPECT_THAT(rig.broker().cancelled, SizeIs(1));
}

}  // namespace
}  // namespace argosy::live
