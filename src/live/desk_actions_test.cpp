// Splits, dividends and delistings before a broker that a test speaks for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/log.hpp"
#include "live/test_rig.hpp"

namespace argosy::live {
namespace {

using market::ActionKind;
using market::CorporateAction;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using trading::ReportedState;

constexpr const char* kTuesday = "2013-03-05";  // the day after the rig's first

CorporateAction split(std::int64_t numerator, std::int64_t denominator, const char* ex_date = kTuesday) {
  return {.ex_date = *core::Date::parse(ex_date),
          .kind = ActionKind::kSplit,
          .numerator = numerator,
          .denominator = denominator,
          .amount = {}};
}
CorporateAction dividend(const char* amount, const char* ex_date = kTuesday) {
  return {.ex_date = *core::Date::parse(ex_date), .kind = ActionKind::kDividend, .amount = price(amount)};
}
CorporateAction delisting(const char* amount, const char* ex_date) {
  return {.ex_date = *core::Date::parse(ex_date), .kind = ActionKind::kDelisting, .amount = price(amount)};
}

void tell(Rig& rig, const CorporateAction& action, const char* last_close = "100") {
  rig.process().push_action(1, action, price(last_close));
  rig.run(milliseconds(10));
}
std::string held(Rig& rig) { return rig.book().service(1)->current_shares.to_string(); }

TEST(DeskActions, ASplitBeforeTheFirstPriceSellsNothingAndBlocksNothing) {
  Rig rig;
  rig.make_service(R"(, "stop_loss_percent": "10", "take_profit_percent": "10")");
  rig.buy();
  const std::size_t orders = rig.broker().submitted.size();
  ASSERT_EQ(held(rig), "99");
  rig.run(hours(24));
  tell(rig, split(4, 1));
  EXPECT_EQ(held(rig), "396");
  EXPECT_EQ(rig.desk().account().position(0).quantity(), shares("396"));
  EXPECT_EQ(rig.desk().account().mark(0), price("25"));
  EXPECT_EQ(rig.desk().account().cash(), rig.book().cash_of(1));
  // The broker is a moment behind, and then agrees.
  rig.run(seconds(5));
  rig.set_account(rig.book().cash_of(1).to_string().c_str(), "396");
  rig.run(seconds(70));
  EXPECT_THAT(rig.desk().blocks(), IsEmpty());
  rig.quote("24.9", "25");
  EXPECT_THAT(rig.broker().submitted, SizeIs(orders));
  rig.quote("22.4", "22.5");  // ten percent below 25
  ASSERT_THAT(rig.broker().submitted, SizeIs(orders + 1));
  EXPECT_EQ(rig.last().quantity, shares("396"));
  EXPECT_THAT(rig.told(), Contains("4:1 split of AAPL"));
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST(DeskActions, WhatIsToldAgainAfterAStartIsBookedOnce) {
  Rig rig;
  rig.make_service();
  rig.buy();
  rig.run(hours(24));
  tell(rig, dividend("0.5"));
  tell(rig, split(3, 2));
  EXPECT_EQ(held(rig), "148");  // 148.5
  const Money cash = rig.book().cash_of(1);
  EXPECT_EQ(cash - money("100000") + money("9901"), money("82.833333"));  // 49.50 and half a share at 66.67
  rig.set_account(cash.to_string().c_str(), "148");
  rig.restart();
  tell(rig, dividend("0.5"));
  tell(rig, split(3, 2));
  EXPECT_EQ(held(rig), "148");
  EXPECT_EQ(rig.book().cash_of(1), cash);
  EXPECT_THAT(rig.rows<ledger::BookedActionRow>(), SizeIs(2));
  rig.run(seconds(70));
  EXPECT_THAT(rig.desk().blocks(), IsEmpty());
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST(DeskActions, WhatWasBoughtSinceIsNotConcernedAndWhatWasTradedSinceIsInDoubt) {
  Rig rig;
  rig.make_service();
  rig.buy();
  tell(rig, split(2, 1, "2013-03-04"));  // bought on that day
  EXPECT_EQ(held(rig), "99");
  EXPECT_THAT(rig.rows<ledger::BookedActionRow>(), IsEmpty());
  rig.run(hours(24));
  rig.decide(false, true);
  rig.quote("99.9", "100");
  rig.say(rig.filled(rig.last(), "100", "9"));  // on Tuesday
  tell(rig, split(4, 1));
  EXPECT_EQ(held(rig), "90");
  EXPECT_THAT(rig.told(), Contains("the 4:1 split of AAPL is not booked"));
  ASSERT_THAT(rig.rows<ledger::BookedActionRow>(), SizeIs(1));
  EXPECT_THAT(rig.rows<ledger::BookedActionRow>().front().skipped, HasSubstr("traded since"));
  tell(rig, split(4, 1));
  EXPECT_THAT(rig.rows<ledger::BookedActionRow>(), SizeIs(1));
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST(DeskActions, WhatIsKnownLateIsBookedWithAWarningWhereNothingWasTraded) {
  Rig rig;
  rig.make_service();
  rig.buy();
  rig.run(hours(72));
  tell(rig, dividend("1"));
  EXPECT_EQ(rig.rows<ledger::ActionShareRow>().front().cash, money("99"));
  const auto rows = rig.rows<ledger::OutboxRow>("WHERE subject LIKE 'dividend%'");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows.front().severity, "warning");
  // Before a split that is booked nobody knows what an amount a share meant.
  tell(rig, split(2, 1, "2013-03-07"));
  tell(rig, dividend("1", "2013-03-06"));
  EXPECT_THAT(rig.told(), Contains("the dividend of 1 of AAPL is not booked"));
  EXPECT_THAT(rig.findings(), IsEmpty());
}

// The order was filled on Monday; the process learns it on Tuesday, after it was told of the split.
TEST(DeskActions, AnOrderThatIsNotKnownYetIsResolvedBeforeTheSplit) {
  Rig rig;
  rig.make_service();
  rig.order();
  const trading::OrderReport filled = rig.filled(rig.last(), "100", "99");
  rig.stop();
  rig.start();
  tell(rig, split(3, 2));
  EXPECT_TRUE(rig.desk().awaits_action(0));
  rig.quote("66.5", "66.7");
  EXPECT_EQ(rig.desk().account().mark(0), Price());  // not of a price that belongs to other shares
  rig.say(filled);
  EXPECT_FALSE(rig.desk().awaits_action(0));
  EXPECT_EQ(held(rig), "148");
  EXPECT_EQ(rig.book().open_transaction(1)->purchase_price, price("66.666666667"));
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST(DeskActions, AFillOfBeforeTheSplitThatIsToldAfterItIsRestated) {
  Rig rig;
  rig.make_service();
  rig.order();
  const trading::OrderTicket ticket = rig.last();
  rig.say(rig.filled(ticket, "100", "60"));
  rig.set_account(rig.book().cash_of(1).to_string().c_str(), "60");
  const trading::OrderReport rest = rig.filled(ticket, "100", "39");
  rig.run(hours(24));
  tell(rig, split(4, 1));
  EXPECT_EQ(held(rig), "240");
  rig.say(rest);
  EXPECT_EQ(held(rig), "396");
  EXPECT_EQ(rig.book().order(1)->state, "filled");
  EXPECT_EQ(rig.desk().account().position(0).quantity(), shares("396"));
  EXPECT_EQ(rig.book().cash_of(1), money("90098"));  // 99 x 100 and two fees
  EXPECT_THAT(rig.told(), Contains("a fill of AAPL from before its split"));
  EXPECT_THAT(rig.findings(), IsEmpty());
}

// Nothing was held when the split was told, and then a fill of the day before is.
TEST(DeskActions, ALateFillBringsBackASplitThatConcernedNothing) {
  Rig rig;
  rig.make_service();
  rig.order();
  const trading::OrderTicket ticket = rig.last();
  const trading::OrderReport late = rig.filled(ticket, "100", "99");
  rig.say(rig.report(ticket, ReportedState::kCancelled));
  rig.run(hours(24));
  tell(rig, split(4, 1));
  EXPECT_THAT(rig.rows<ledger::BookedActionRow>(), IsEmpty());
  rig.say(late);
  EXPECT_EQ(held(rig), "396");
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST(DeskActions, ADelistingPaysAndTurnsItsServicesOff) {
  Rig rig;
  rig.make_service();
  rig.buy();
  rig.run(hours(48));
  tell(rig, delisting("12.5", kTuesday));
  EXPECT_EQ(held(rig), "0");
  EXPECT_EQ(rig.book().service(1)->state, ledger::ServiceState::kInactive);
  EXPECT_EQ(rig.book().service(1)->current_balance, Money());
  EXPECT_EQ(rig.book().portfolio(1)->cash, money("91336.5"));  // 90,099 + 99 x 12.50
  EXPECT_THAT(rig.told(), Contains("service 1 (AAPL) is off"));
  EXPECT_EQ(rig.desk().account().cash(), rig.book().cash_of(1));
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST(DeskActions, OrdersThatWorkAreRestatedAndThoseNotSentAreWithdrawn) {
  Rig rig;
  rig.make_service();
  rig.buy();
  rig.run(seconds(11));
  rig.decide(false, true);
  rig.quote("99.9", "100");
  rig.decide(false);
  ASSERT_NE(rig.book().order(2), nullptr);
  rig.say(rig.report(rig.last(), ReportedState::kWorking));
  rig.run(hours(24));
  tell(rig, split(2, 1));
  EXPECT_EQ(rig.book().order(2)->quantity, shares("198"));
  EXPECT_EQ(rig.desk().account().working(0).sell, shares("198"));
  trading::OrderTicket restated = rig.last();
  restated.quantity = shares("198");
  rig.say(rig.filled(restated, "50", "198"));
  EXPECT_EQ(held(rig), "0");
  EXPECT_EQ(rig.book().service(1)->total_gain_loss, money("-2"));
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST(DeskActions, WhatLooksLikeASplitIsSaid) {
  Rig rig;
  rig.make_service();
  rig.buy();
  rig.run(hours(24));
  rig.set_account(rig.book().cash_of(1).to_string().c_str(), "396");
  rig.run(seconds(130));
  ASSERT_NE(rig.desk().blocked(0), nullptr);
  EXPECT_THAT(*rig.desk().blocked(0), HasSubstr("holds 396 AAPL, the ledger 99: that looks like a 4:1 split"));
  // Imported now, it is booked and the block goes.
  tell(rig, split(4, 1));
  rig.run(seconds(70));
  EXPECT_EQ(rig.desk().blocked(0), nullptr);
  // Of 396, 264 are two thirds.
  rig.set_account(rig.book().cash_of(1).to_string().c_str(), "264");
  rig.run(seconds(130));
  ASSERT_NE(rig.desk().blocked(0), nullptr);
  EXPECT_THAT(*rig.desk().blocked(0), HasSubstr("2:3 split"));
  rig.set_account(rig.book().cash_of(1).to_string().c_str(), "396");
  rig.run(seconds(70));
  rig.set_account(rig.book().cash_of(1).to_string().c_str(), "397");
  rig.run(seconds(130));
  EXPECT_THAT(*rig.desk().blocked(0), Not(HasSubstr("split")));
  EXPECT_GE(core::take_warning_count(), 3);
}

}  // namespace
}  // namespace argosy::live
