// Terms of the account at the exchange: short selling, margin, interest, currencies.
#include <gtest/gtest.h>

#include "venue/test_desk.hpp"

namespace argosy::venue {
namespace {

ExchangeSettings margin(const char* cash = "10000") {
  return {.account = {.cash = money(cash), .type = trading::AccountType::kMargin}};
}

// Cash events are booked by the account before the books are compared.
void end_day(Desk& desk, std::int64_t days) {
  desk.exchange.end_of_day(desk.key(), days);
  desk.exchange.verify(desk.account());
}

TEST(Terms, AShortEarnsWhenThePriceFallsAndOwesDividends) {
  Desk desk(margin());
  desk.sell_short(10);
  desk.bar("100 100 100 100");
  EXPECT_EQ(desk.exchange.holding(0), -shares(10));
  EXPECT_EQ(desk.exchange.cash(), money("11000"));
  desk.account().dividend(0, price("0.5"));
  desk.exchange.dividend(0, price("0.5"));
  EXPECT_EQ(desk.exchange.cash(), money("10995"));
  desk.split(2, 1);
  EXPECT_EQ(desk.exchange.holding(0), -shares(20));
  desk.cover(20);
  desk.bar("45 45 45 45");
  EXPECT_EQ(desk.exchange.cash(), money("10095"));
}

TEST(Terms, AFractionOfAShortIsBoughtBackInASplit) {
  Desk desk(margin());
  desk.sell_short(15);
  desk.bar("100 100 100 100");
  desk.split(1, 10);
  EXPECT_EQ(desk.exchange.holding(0), -shares(1));
  EXPECT_EQ(desk.exchange.cash(), money("11000")) << "half a new share at 1000";
}

TEST(Terms, WhatNobodyLendsIsNotSoldShort) {
  ExchangeSettings settings = margin();
  settings.borrow.unavailable = {"A"};
  Desk desk(settings);
  desk.sell_short(10);
  EXPECT_EQ(desk.log, Log{"reject: there is nothing to borrow"});
  desk.hold(10);
  desk.sell(10);
  desk.bar("100 100 100 100");
  EXPECT_EQ(desk.log, Log{"fill 10 at 100 by next_open"}) << "what is held may be sold";
}

TEST(Terms, BorrowFeesByDaysAndSymbol) {
  ExchangeSettings settings = margin();
  settings.borrow.rate = rate("0.036");
  settings.borrow.rates = {{"B", rate("0.36")}};
  Desk desk(settings, {{.symbol = "A"}, {.symbol = "B"}});
  desk.sell_short(10);
  desk.sell_short(5, {.instrument = 1});
  desk.instant({{0, make_bar("100 100 100 110", 1000, kOneDay)}, {1, make_bar("100 100 100 100", 1000, kOneDay)}});
  EXPECT_EQ(desk.exchange.cash(), money("11500"));
  end_day(desk, 3);
  // 1100 x 0.036 x 3 / 360 + 500 x 0.36 x 3 / 360
  EXPECT_EQ(desk.exchange.cash(), money("11498.17"));
  EXPECT_EQ(desk.account().charges(), money("-1.83"));
}

TEST(Terms, InterestOnBorrowedCash) {
  ExchangeSettings settings = margin("1000");
  settings.interest = rate("0.072");
  Desk desk(settings);
  desk.buy(19);
  desk.bar("100 100 100 100");
  EXPECT_EQ(desk.exchange.cash(), money("-900"));
  end_day(desk, 1);
  EXPECT_EQ(desk.exchange.cash(), money("-900.18"));
  desk.sell(19);
  desk.bar("100 100 100 100");
  end_day(desk, 1);
  EXPECT_EQ(desk.exchange.cash(), money("999.82")) << "cash that is there neither costs nor earns";
}

TEST(Terms, TheMarginCarriesTwiceTheEquity) {
  Desk desk(margin("1000"));
  desk.buy(20);
  desk.bar("101 101 101 101");
  EXPECT_EQ(desk.log, Log{"reject: the margin does not carry it at this price"});
  desk.mark(0, price("100"));
  desk.buy(20);
  desk.bar("100 100 100 100");
  EXPECT_EQ(desk.log, Log{"fill 20 at 100 by next_open"});

  Desk seller(margin("1000"));
  seller.sell_short(20, {.shrink_to_cash = true});
  seller.bar("110 110 110 110");
  EXPECT_EQ(seller.log, (Log{"partial_fill 18 at 110 by next_open", "cancel: shrunk to what the margin carried"}));
}

TEST(Terms, AMarginCallBelowTheMaintenanceMargin) {
  Desk desk(margin("1000"));
  desk.buy(20);
  desk.bar("100 100 100 100");
  end_day(desk, 1);
  EXPECT_FALSE(desk.exchange.margin_call());
  desk.mark(0, price("66.67"));  // equity 333.4, a quarter of 1333.4
  end_day(desk, 1);
  EXPECT_FALSE(desk.exchange.margin_call());
  desk.mark(0, price("66.66"));
  end_day(desk, 1);
  EXPECT_TRUE(desk.exchange.margin_call());
  desk.sell(20, {.reason = trading::OrderReason::kMarginCall});
  desk.bar("66.66 66.66 66.66 66.66");
  end_day(desk, 1);
  EXPECT_FALSE(desk.exchange.margin_call()) << "nothing is held any more";
}

TEST(Terms, AMarginCallOfAShort) {
  Desk desk(margin("1000"));
  desk.sell_short(10);
  desk.bar("100 100 100 100");
  desk.mark(0, price("153.8"));  // equity 462, 30 percent of 1538 is 461.4
  end_day(desk, 1);
  EXPECT_FALSE(desk.exchange.margin_call());
  desk.mark(0, price("153.9"));
  end_day(desk, 1);
  EXPECT_TRUE(desk.exchange.margin_call());
}

TEST(Terms, ACashAccountAsksForNoMarks) {
  EXPECT_FALSE(Desk().exchange.needs_marks());
  EXPECT_TRUE(Desk(margin()).exchange.needs_marks());
}

const std::vector<market::Instrument> kTwoCurrencies{{.symbol = "A", .currency = "USD"},
                                                     {.symbol = "B", .currency = "EUR"}};

TEST(Terms, AForeignFillIsConvertedAtTheDaysRate) {
  Desk desk({.fees = trading::FeeSchedule::percent(rate("0.01"))}, kTwoCurrencies);
  const auto set_rate = [&](const market::ExchangeRate& rate) {
    desk.account().set_rate("EUR", rate);
    desk.exchange.set_rate("EUR", rate);
  };
  set_rate({.quote = price("1.1")});
  desk.buy(10, {.instrument = 1});
  desk.instant({{1, make_bar("50 50 50 50", 100, kOneDay)}});
  EXPECT_EQ(desk.log, Log{"fill 10 at 50 by next_open"});
  EXPECT_EQ(desk.exchange.cash(), money("9444.5"));  // 500 EUR and 5 EUR of fees
  set_rate({.quote = price("0.8"), .inverse = true});
  desk.sell(10, {.instrument = 1});
  desk.instant({{1, make_bar("50 50 50 50", 100, 2 * kOneDay)}});
  EXPECT_EQ(desk.exchange.cash(), money("10063.25"));
}

TEST(Terms, ABalanceOfTheCurrencyPaysItself) {
  Desk desk({.account = {.cash = money("1000"), .balances = {{"EUR", money("500")}}}}, kTwoCurrencies);
  desk.account().set_rate("EUR", {.quote = price("1.1")});
  desk.exchange.set_rate("EUR", {.quote = price("1.1")});
  desk.buy(10, {.instrument = 1});
  EXPECT_EQ(desk.log, Log{"denied: insufficient cash"});
  desk.mark(1, price("50"));
  desk.buy(10, {.instrument = 1});
  desk.instant({{1, make_bar("49 49 49 49", 100, kOneDay)}});
  EXPECT_EQ(desk.exchange.books().cash(0), money("1000"));
  EXPECT_EQ(desk.exchange.books().cash(1), money("10"));
}

TEST(Terms, FeesOfACurrencyThatIsExchanged) {
  const trading::FeeSchedule fees("fx", "", {{.name = "fx", .conversion = true, .rates = {{.ratio = rate("0.01")}}}});
  Desk desk({.fees = fees}, kTwoCurrencies);
  desk.account().set_rate("EUR", {.quote = price("2")});
  desk.exchange.set_rate("EUR", {.quote = price("2")});
  desk.buy(1);
  desk.buy(1, {.instrument = 1});
  desk.instant({{0, make_bar("100 100 100 100", 100, kOneDay)}, {1, make_bar("100 100 100 100", 100, kOneDay)}});
  EXPECT_EQ(desk.exchange.cash(), money("9698"));
}

TEST(Terms, NothingTradesWithoutARate) {
  Desk desk({}, kTwoCurrencies);
  desk.account().set_rate("EUR", {.quote = price("1.1")});
  desk.buy(1, {.instrument = 1});
  desk.instant({{1, make_bar("100 100 100 100", 100, kOneDay)}});
  EXPECT_EQ(desk.log, Log{});
  desk.exchange.set_rate("EUR", {.quote = price("1.1")});
  desk.instant({{1, make_bar("100 100 100 100", 100, 2 * kOneDay)}});
  EXPECT_EQ(desk.log, Log{"fill 1 at 100 by next_open"});
}

}  // namespace
}  // namespace argosy::venue
