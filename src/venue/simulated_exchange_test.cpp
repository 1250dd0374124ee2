// Every fill rule of docs/concepts/fills.md as a table of cases: what bars do to a working order. Terms of the account,
// borrowing and currencies are in terms_test.cpp, sessions and latency in timing_test.cpp.
#include "venue/simulated_exchange.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "venue/test_desk.hpp"

namespace argosy::venue {
namespace {

using enum TimeInForce;

Order stop(const char* level) { return {.kind = OrderKind::kStop, .stop = price(level)}; }
Order limit(const char* level) { return {.kind = OrderKind::kLimit, .limit = price(level)}; }
Order stop_limit(const char* level, const char* limit) {
  return {.kind = OrderKind::kStopLimit, .limit = price(limit), .stop = price(level)};
}
Order trailing(const char* amount, const char* from = "0") {
  return {.kind = OrderKind::kTrailingStop, .stop = price(from), .trail_amount = price(amount)};
}
ExchangeSettings margin(const char* cash = "10000") {
  return {.account = {.cash = money(cash), .type = trading::AccountType::kMargin}};
}

TEST(Fills, AMarketOrderFillsAtTheNextOpen) {
  Desk desk;
  desk.buy(10);
  desk.bar("101.5 105 99 100");
  EXPECT_EQ(desk.log, Log{"fill 10 at 101.5 by next_open"});
  desk.sell(10);
  desk.bar("98 99 90 95");
  EXPECT_EQ(desk.log, Log{"fill 10 at 98 by next_open"});
  EXPECT_EQ(desk.exchange.cash(), money("9965"));
}

TEST(Fills, NothingFillsWithoutVolume) {
  Desk desk;
  desk.buy(10);
  desk.bar("101 101 101 101", 0);
  EXPECT_EQ(desk.log, Log{});
  desk.bar("101 101 101 101", std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(desk.log, Log{});
  desk.bar("102 103 101 102", 1);
  EXPECT_EQ(desk.log, Log{"fill 10 at 102 by next_open"});
}

TEST(Fills, NothingFillsWhileHalted) {
  Desk desk;
  desk.hold(10);
  desk.sell(10, stop("90"));
  desk.exchange.halt(0);
  desk.bar("80 85 75 80");
  EXPECT_EQ(desk.log, Log{});
  desk.exchange.resume(0);
  desk.bar("80 85 75 80");
  EXPECT_EQ(desk.log, (Log{"trigger", "fill 10 at 80 by stop_gap"}));
}

struct BarCase {
  const char* what;
  const char* bar;
  Log expected;
};

TEST(Fills, StopAtNinetyAndTargetAtHundredTwenty) {
  const BarCase cases[] = {
      {"neither is reached", "100 119.99 90.01 100", {}},
      {"the low reaches the stop", "100 110 90 100", {"trigger", "fill 10 at 90 by stop_level"}},
      {"the bar opens below the stop", "85 110 80 100", {"trigger", "fill 10 at 85 by stop_gap"}},
      {"the bar opens at the stop", "90 95 89 90", {"trigger", "fill 10 at 90 by stop_level"}},
      {"the high reaches the target", "100 120 95 100", {"fill 10 at 120 by limit_level"}},
      {"the bar opens above the target", "125 130 121 125", {"fill 10 at 125 by limit_gap"}},
      {"both within one bar: the stop first", "100 125 85 100", {"trigger", "fill 10 at 90 by stop_level"}},
      {"opens below the stop and rises to the target", "85 125 84 85", {"trigger", "fill 10 at 85 by stop_gap"}},
      {"opens above the target and falls to the stop: the open came first",
       "125 126 85 100",
       {"fill 10 at 125 by limit_gap"}},
  };
  for (const BarCase& c : cases) {
    Desk desk;
    desk.hold(10);
    desk.sell(10, stop("90"));
    desk.sell(10, limit("120"));
    desk.bar(c.bar);
    EXPECT_EQ(desk.log, c.expected) << c.what;
    EXPECT_EQ(desk.exchange.working_count(), c.expected.empty() ? 2U : 0U) << c.what;
  }
}

TEST(Fills, TheSameOfAShort) {
  const BarCase cases[] = {
      {"neither is reached", "100 109.99 80.01 100", {}},
      {"the high reaches the stop", "100 110 90 100", {"trigger", "fill 10 at 110 by stop_level"}},
      {"the bar opens above the stop", "115 120 80 100", {"trigger", "fill 10 at 115 by stop_gap"}},
      {"the low reaches the target", "100 105 80 100", {"fill 10 at 80 by limit_level"}},
      {"the bar opens below the target", "75 80 70 75", {"fill 10 at 75 by limit_gap"}},
      {"both within one bar: the stop first", "100 110 80 100", {"trigger", "fill 10 at 110 by stop_level"}},
  };
  for (const BarCase& c : cases) {
    Desk desk(margin());
    desk.sell_short(10);
    desk.bar("100 100 100 100");
    desk.cover(10, stop("110"));
    desk.cover(10, limit("80"));
    desk.bar(c.bar);
    EXPECT_EQ(desk.log, c.expected) << c.what;
  }
}

TEST(Fills, EntriesByLimitAndStop) {
  struct EntryCase {
    const char* what;
    Order order;
    const char* bar;
    Log expected;
  };
  const EntryCase cases[] = {
      {"a limit is touched", limit("95"), "100 101 95 100", {"fill 10 at 95 by limit_level"}},
      {"a limit is not touched", limit("95"), "100 101 95.01 100", {}},
      {"opens below the limit", limit("95"), "93 101 92 100", {"fill 10 at 93 by limit_gap"}},
      {"a stop is reached", stop("105"), "100 105 99 100", {"trigger", "fill 10 at 105 by stop_level"}},
      {"opens above the stop", stop("105"), "107 108 99 100", {"trigger", "fill 10 at 107 by stop_gap"}},
      {"a stop is not reached", stop("105"), "100 104.99 99 100", {}},
  };
  for (const EntryCase& c : cases) {
    Desk desk;
    desk.buy(10, c.order);
    desk.bar(c.bar);
    EXPECT_EQ(desk.log, c.expected) << c.what;
  }
}

TEST(Fills, ALimitThatMustBeTradedThrough) {
  Desk desk({.limit_touch = LimitTouch::kThrough});
  desk.buy(10, limit("95"));
  desk.bar("100 101 95 100");
  EXPECT_EQ(desk.log, Log{});
  desk.bar("95 96 95 96");
  EXPECT_EQ(desk.log, Log{}) << "an open at the limit is only a touch";
  desk.bar("100 101 94.99 100");
  EXPECT_EQ(desk.log, Log{"fill 10 at 95 by limit_level"});
}

TEST(Fills, AStopLimit) {
  const BarCase cases[] = {
      {"not triggered", "100 101 90.01 95", {}},
      {"triggered within, and the close proves the limit",
       "100 101 88 90",
       {"trigger", "fill 10 at 89 by limit_level"}},
      {"triggered within, and the close does not prove it", "100 101 85 88.99", {"trigger"}},
      {"opens beyond the stop and above the limit", "89.5 90 80 85", {"trigger", "fill 10 at 89.5 by limit_gap"}},
      {"opens below the limit and rises to it", "85 89 80 85", {"trigger", "fill 10 at 89 by limit_level"}},
      {"opens below the limit and stays there", "85 88 80 85", {"trigger"}},
  };
  for (const BarCase& c : cases) {
    Desk desk;
    desk.hold(10);
    desk.sell(10, stop_limit("90", "89"));
    desk.bar(c.bar);
    EXPECT_EQ(desk.log, c.expected) << c.what;
    if (c.expected != Log{"trigger"}) continue;
    desk.bar("85 92 84 90");
    EXPECT_EQ(desk.log, Log{"fill 10 at 89 by limit_level"}) << c.what << ", then it is a limit";
  }
}

TEST(Fills, ABuyStopLimit) {
  Desk desk;
  desk.buy(10, stop_limit("110", "111"));
  desk.bar("100 120 99 112");
  EXPECT_EQ(desk.log, Log{"trigger"});
  desk.bar("112 113 110 112");
  EXPECT_EQ(desk.log, Log{"fill 10 at 111 by limit_level"});
}

TEST(Fills, ATrailingStopFollowsTheHighOfBarsBefore) {
  Desk desk;
  desk.hold(10);
  desk.sell(10, trailing("10", "100"));
  desk.bar("100 110 90.01 109");
  EXPECT_EQ(desk.log, Log{}) << "the low is tested against the level from before the high";
  desk.bar("105 106 100.01 102");
  EXPECT_EQ(desk.log, Log{}) << "110 - 10 is not reached";
  desk.bar("102 103 99 100");
  EXPECT_EQ(desk.log, (Log{"trigger", "fill 10 at 100 by stop_level"}));
}

TEST(Fills, ATrailingStopAndTheOpen) {
  Desk desk;
  desk.hold(10);
  desk.sell(10, trailing("10"));
  desk.bar("104 104 94.01 100");
  EXPECT_EQ(desk.log, Log{}) << "without a price it follows from the first open";
  desk.bar("120 121 109 111");
  EXPECT_EQ(desk.log, (Log{"trigger", "fill 10 at 110 by stop_level"})) << "the open raises it before the low";

  Desk gap;
  gap.hold(10);
  gap.sell(10, trailing("10", "100"));
  gap.bar("85 100 80 90");
  EXPECT_EQ(gap.log, (Log{"trigger", "fill 10 at 85 by stop_gap"}));
}

TEST(Fills, ATrailingStopOfAShortInPercent) {
  Desk desk(margin());
  desk.sell_short(10);
  desk.bar("100 100 100 100");
  desk.cover(10, {.kind = OrderKind::kTrailingStop, .stop = price("100"), .trail_ratio = rate("0.1")});
  desk.bar("100 109.99 80 85");
  EXPECT_EQ(desk.log, Log{});
  desk.bar("85 87.99 70 75");
  EXPECT_EQ(desk.log, Log{});
  desk.bar("75 77 75 77");
  EXPECT_EQ(desk.log, (Log{"trigger", "fill 10 at 77 by stop_level"}));
}

TEST(Fills, ABracketWorksInTheBarOfItsEntry) {
  const auto bracket = trading::Bracket{.stop_loss = {.ratio = rate("0.1")}, .take_profit = {.ratio = rate("0.2")}};
  struct BracketCase {
    const char* what;
    Order entry;
    const char* bar;
    Log expected;
  };
  const BracketCase cases[] = {
      {"entered at the open, both reached: the stop first",
       {},
       "100 125 85 100",
       {"fill 10 at 100 by next_open", "trigger", "fill 10 at 90 by stop_level"}},
      {"entered at the open, the target reached",
       {},
       "100 125 95 100",
       {"fill 10 at 100 by next_open", "fill 10 at 120 by limit_level"}},
      {"entered within: the high may have been before",
       limit("90"),
       "100 125 85 100",
       {"fill 10 at 90 by limit_level"}},
      {"entered within: the close proves the target",
       limit("90"),
       "100 125 85 109",
       {"fill 10 at 90 by limit_level", "fill 10 at 108 by limit_level"}},
      {"entered within: the low may have been after",
       limit("90"),
       "100 125 81 109",
       {"fill 10 at 90 by limit_level", "trigger", "fill 10 at 81 by stop_level"}},
  };
  for (const BracketCase& c : cases) {
    Desk desk;
    Order entry = c.entry;
    entry.quantity = shares(10);
    desk.orders().submit_bracket(entry, bracket);
    desk.bar(c.bar);
    EXPECT_EQ(desk.log, c.expected) << c.what;
  }
}

TEST(Fills, AMarketOrderMadeWithinABarWaitsForTheNext) {
  struct Seller : trading::BrokerListener {
    explicit Seller(Desk& d) : desk(&d) { d.exchange.set_listener(*this); }
    void on_broker_event(const trading::BrokerEvent& event) override {
      desk->orders().on_broker_event(event);
      if (event.event == trading::OrderEvent::kFill && desk->account().position(0).is_open()) desk->sell(10);
    }
    void on_cash_event(const trading::CashEvent&) override {}
    Desk* desk;
  };
  Desk desk;
  const Seller seller(desk);
  desk.buy(10);
  desk.bar("100 105 95 101");
  EXPECT_EQ(desk.log, Log{"fill 10 at 100 by next_open"});
  desk.bar("101 102 100 101");
  EXPECT_EQ(desk.log, Log{"fill 10 at 101 by next_open"});
}

TEST(Fills, AVolumeCapFillsInParts) {
  Desk desk({.volume_cap = rate("0.1")});
  desk.buy(25);
  desk.bar("100 101 99 100", 109);
  EXPECT_EQ(desk.log, Log{"partial_fill 10 at 100 by next_open"}) << "a tenth, in whole lots";
  desk.bar("101 102 100 101", 9);
  EXPECT_EQ(desk.log, Log{});
  desk.bar("102 103 101 102", 1000);
  EXPECT_EQ(desk.log, Log{"fill 15 at 102 by next_open"});
}

TEST(Fills, OrdersOfOneInstrumentShareTheCap) {
  Desk desk({.volume_cap = rate("0.1")});
  desk.buy(8);
  desk.buy(8);
  desk.bar("100 101 99 100", 100);
  EXPECT_EQ(desk.log, (Log{"fill 8 at 100 by next_open", "partial_fill 2 at 100 by next_open"}));
  desk.bar("100 101 99 100", 100);
  EXPECT_EQ(desk.log, Log{"fill 6 at 100 by next_open"});
}

TEST(Fills, AStopFilledInPartGoesOnAsAMarketOrder) {
  Desk desk({.volume_cap = rate("0.1")});
  desk.hold(20);
  desk.sell(20, stop("90"));
  desk.bar("100 100 89 95", 50);
  EXPECT_EQ(desk.log, (Log{"trigger", "partial_fill 5 at 90 by stop_level"}));
  desk.bar("99 100 98 99", 1000);
  EXPECT_EQ(desk.log, Log{"fill 15 at 99 by next_open"});
}

TEST(Fills, FractionsAndLots) {
  Desk fractional({.volume_cap = rate("0.1")}, {{.symbol = "A", .fractional = true}});
  fractional.submit({.quantity = *Quantity::parse("2.5")});
  fractional.bar("100 101 99 100", 12.3);
  EXPECT_EQ(fractional.log, Log{"partial_fill 1.23 at 100 by next_open"});
  Desk lots({.volume_cap = rate("0.1")}, {{.symbol = "A", .lot = shares(10)}});
  lots.buy(50);
  lots.bar("100 101 99 100", 399);
  EXPECT_EQ(lots.log, Log{"partial_fill 30 at 100 by next_open"});
}

TEST(Fills, SlippageIsOnWhatTakesAndNotOnWhatRests) {
  const auto settings = [] { return ExchangeSettings{.slippage = *parse_slippage("fixed:0.5")}; };
  Desk market(settings());
  market.buy(10);
  market.bar("100 105 95 100");
  EXPECT_EQ(market.log, Log{"fill 10 at 100.5 by next_open"});
  market.sell(10, stop("90"));
  market.bar("100 101 89 95");
  EXPECT_EQ(market.log, (Log{"trigger", "fill 10 at 89.5 by stop_level"}));

  Desk resting(settings());
  resting.buy(10, limit("99"));
  resting.bar("100 101 98 100");
  EXPECT_EQ(resting.log, Log{"fill 10 at 99 by limit_level"});

  Desk gap(settings());
  gap.buy(10, limit("99"));
  gap.buy(10, limit("97.2"));
  gap.bar("97 101 96 100");
  EXPECT_EQ(gap.log, (Log{"fill 10 at 97.5 by limit_gap", "fill 10 at 97.2 by limit_gap"})) << "never beyond the limit";
}

TEST(Fills, ImmediateOrCancelTakesWhatTheOpenGives) {
  Desk desk({.volume_cap = rate("0.1")});
  desk.buy(15, {.time_in_force = kImmediateOrCancel});
  desk.bar("100 101 99 100", 100);
  EXPECT_EQ(desk.log, (Log{"partial_fill 10 at 100 by next_open", "cancel: not filled at once"}));
  Order low = limit("95");
  low.time_in_force = kImmediateOrCancel;
  desk.buy(5, low);
  desk.bar("100 101 90 100");
  EXPECT_EQ(desk.log, Log{"cancel: not filled at once"}) << "the low comes after the open";
  desk.buy(5, low);
  desk.bar("90 91 90 90", 0);
  EXPECT_EQ(desk.log, Log{"cancel: not filled at once"}) << "nobody traded";
}

TEST(Fills, FillOrKillIsWholeOrNothing) {
  Desk desk({.volume_cap = rate("0.1")});
  desk.buy(11, {.time_in_force = kFillOrKill});
  desk.bar("100 101 99 100", 100);
  EXPECT_EQ(desk.log, Log{"cancel: cannot be filled whole"});
  desk.buy(10, {.time_in_force = kFillOrKill});
  desk.bar("100 101 99 100", 100);
  EXPECT_EQ(desk.log, Log{"fill 10 at 100 by next_open"});
}

TEST(Fills, ABuySizedByMoneyShrinksToTheCash) {
  Desk desk({.fees = trading::FeeSchedule::percent(rate("0.001")), .account = {.cash = money("1000")}});
  desk.buy(9, {.shrink_to_cash = true});
  desk.bar("200 200 200 200");
  EXPECT_EQ(desk.log, (Log{"partial_fill 4 at 200 by next_open", "cancel: shrunk to what the cash paid"}));
  EXPECT_EQ(desk.exchange.cash(), money("199.2"));
}

TEST(Fills, ABuyOfSharesIsAllOrNothing) {
  Desk desk({.account = {.cash = money("1000")}});
  desk.buy(9);
  desk.bar("200 200 200 200");
  EXPECT_EQ(desk.log, Log{"reject: the cash does not pay for it at this price"});
  EXPECT_EQ(desk.exchange.holding(0), Quantity());
}

TEST(Fills, SalesAtTheOpenPayForBuysAtTheOpenAndSalesWithinTheBarDoNot) {
  const std::vector<market::Instrument> two{{.symbol = "A"}, {.symbol = "B"}};
  Desk desk({.account = {.cash = money("1000")}}, two);
  desk.hold(10);
  EXPECT_EQ(desk.exchange.cash(), Money());
  // The gate promises only what is there; the buy came first and stood while there was cash.
  desk.account().apply(trading::CashEvent{.amount = money("1000")});
  desk.buy(9, {.instrument = 1, .shrink_to_cash = true});
  desk.account().apply(trading::CashEvent{.amount = money("-1000")});
  desk.sell(10);
  desk.instant({{1, make_bar("100 100 100 100", 100, desk.key() + kOneDay)},
                {0, make_bar("100 100 100 100", 100, desk.key() + kOneDay)}});
  EXPECT_EQ(desk.log, (Log{"fill 10 at 100 by next_open", "fill 9 at 100 by next_open"}));

  Desk within({.account = {.cash = money("1000")}}, two);
  within.hold(10);
  within.account().apply(trading::CashEvent{.amount = money("1000")});
  within.buy(9, {.instrument = 1, .kind = OrderKind::kLimit, .limit = price("95")});
  within.account().apply(trading::CashEvent{.amount = money("-1000")});
  within.sell(10, stop("95"));
  within.instant({{0, make_bar("100 100 90 100", 100, within.key() + kOneDay)},
                  {1, make_bar("100 100 90 100", 100, within.key() + kOneDay)}});
  EXPECT_EQ(within.log,
            (Log{"trigger", "fill 10 at 95 by stop_level", "reject: the cash does not pay for it at this price"}));
}

TEST(Fills, ClosingOrdersOnlyMakeThePositionSmaller) {
  Desk desk;
  desk.hold(10);
  desk.sell(10);
  desk.sell(4, limit("100"));
  desk.bar("100 100 100 100");
  EXPECT_EQ(desk.log, Log{"fill 10 at 100 by next_open"});
  EXPECT_EQ(desk.exchange.working_count(), 0U) << "the manager cancels what has nothing to close";
}

TEST(Fills, ASplitRestatesPositionOrdersAndLevels) {
  Desk desk;
  desk.hold(10);
  desk.sell(10, stop("90"));
  desk.sell(10, trailing("20", "100"));
  desk.split(2, 1);
  EXPECT_EQ(desk.exchange.holding(0), shares(20));
  desk.bar("50 51 46 50");
  EXPECT_EQ(desk.log, Log{});
  desk.bar("50 51 45 50");
  EXPECT_EQ(desk.log, (Log{"trigger", "fill 20 at 45 by stop_level"}));
}

TEST(Fills, ASplitThatLeavesLessThanALotCancelsTheOrder) {
  Desk desk;
  desk.buy(3);
  desk.split(1, 10);
  EXPECT_EQ(desk.log, Log{"cancel: the split left less than one lot"});
  EXPECT_EQ(desk.exchange.working_count(), 0U);
}

TEST(Fills, ADividendPaysForWhatIsHeldAndLeavesOrdersAlone) {
  Desk desk;
  desk.hold(10);
  const OrderId low = desk.buy(1, limit("90"));
  desk.account().dividend(0, price("0.25"));
  desk.exchange.dividend(0, price("0.25"));
  EXPECT_EQ(desk.exchange.cash(), money("9002.5"));
  EXPECT_EQ(desk.order(low).limit, price("90")) << "as if marked do not reduce";
  desk.bar("100 100 89.9 100");
  EXPECT_EQ(desk.log, Log{"fill 1 at 90 by limit_level"});
}

TEST(Fills, ADelistingPaysHoldersAndCancelsOrders) {
  Desk desk;
  desk.hold(10);
  desk.sell(10, stop("90"));
  desk.exchange.cash_out(0, 7, price("12.5"));
  desk.account().cash_out(0, 7, price("12.5"));
  EXPECT_EQ(desk.log, Log{"cancel: the instrument is delisted"});
  EXPECT_EQ(desk.exchange.cash(), money("9125"));
  desk.exchange.verify(desk.account());
  desk.log.clear();
  desk.buy(1);
  EXPECT_EQ(desk.log, Log{"reject: the instrument is delisted"});
}

TEST(Fills, ADelistingForNothingAndOfAShort) {
  Desk desk;
  desk.hold(10);
  desk.exchange.cash_out(0, 7, Price());
  desk.account().cash_out(0, 7, Price());
  EXPECT_EQ(desk.exchange.cash(), money("9000"));
  desk.exchange.verify(desk.account());

  Desk seller(margin());
  seller.sell_short(10);
  seller.bar("100 100 100 100");
  seller.exchange.cash_out(0, 7, price("30"));
  seller.account().cash_out(0, 7, price("30"));
  EXPECT_EQ(seller.exchange.cash(), money("10700"));
  seller.exchange.verify(seller.account());
}

TEST(Fills, ACancelledOrderDoesNotFill) {
  Desk desk;
  desk.hold(10);
  desk.orders().cancel(desk.sell(10, stop("90")));
  EXPECT_FALSE(desk.exchange.is_waiting(0));
  desk.bar("80 80 80 80");
  EXPECT_EQ(desk.log, Log{});
  EXPECT_EQ(desk.exchange.holding(0), shares(10));
}

TEST(Fills, AChangedOrderFillsAsItBecame) {
  Desk desk;
  const OrderId id = desk.buy(10, limit("90"));
  EXPECT_TRUE(desk.orders().replace({.order = id, .quantity = shares(5), .limit = price("95")}));
  desk.bar("100 100 94 100");
  EXPECT_EQ(desk.log, Log{"fill 5 at 95 by limit_level"});
}

TEST(Fills, ATrailingStopIsNeverMovedBack) {
  Desk desk;
  desk.hold(10);
  const OrderId id = desk.sell(10, trailing("10", "100"));
  desk.bar("100 120 95 120");
  desk.orders().replace({.order = id, .quantity = shares(5), .stop = price("100")});
  desk.bar("120 120 110 115");
  EXPECT_EQ(desk.log, (Log{"trigger", "fill 5 at 110 by stop_level"}));
}

TEST(FillsDeathTest, DifferentBooksStopTheProgram) {
  Desk desk;
  desk.hold(10);
  const OrderId id = desk.buy(1, limit("90"));
  desk.exchange.dividend(0, price("1"));
  EXPECT_DEATH(desk.exchange.verify(desk.account()), "USD cash: exchange 9010, account 9000");
  desk.account().dividend(0, price("1"));
  desk.account().split(0, 2, 1);
  EXPECT_DEATH(desk.exchange.verify(desk.account()), "A: exchange 10, account 20");
  desk.exchange.split(0, 2, 1, price("100"));
  desk.account().apply(id, trading::OrderEvent::kRequestCancel);
  desk.exchange.verify(desk.account());
  desk.account().apply({.order = id, .event = trading::OrderEvent::kCancel});
  EXPECT_DEATH(desk.exchange.verify(desk.account()), "2 left at the exchange, 2 in the account, cancelled");
}

}  // namespace
}  // namespace argosy::venue
