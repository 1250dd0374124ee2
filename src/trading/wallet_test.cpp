// Money: balances, currencies, what is settled and what is not, day trades.
#include "trading/wallet.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "market/bar.hpp"
#include "trading/account.hpp"
#include "trading/settlement.hpp"

namespace argosy::trading {
namespace {

using core::Date;

Price price(const char* text) { return *Price::parse(text); }
Quantity shares(std::int64_t count) { return Quantity::from_integer(count); }
Money money(const char* text) { return *Money::parse(text); }
Date date(const char* text) { return *Date::parse(text); }

TEST(Settlement, FollowsTheDatedRulesAndTheCalendar) {
  struct Case {
    const char* exchange;
    const char* traded;
    const char* settles;
  };
  const Case cases[] = {
      {"XNAS", "2017-09-01", "2017-09-07"},  // T+3 over Labor Day
      {"XNAS", "2017-09-05", "2017-09-07"},  // the first day of T+2
      {"XNYS", "2024-05-24", "2024-05-29"},  // T+2 over Memorial Day
      {"XNYS", "2024-05-28", "2024-05-29"},  // the first day of T+1
      {"XNYS", "2024-11-27", "2024-11-29"},  // over Thanksgiving
      {"XLON", "2024-12-24", "2024-12-30"},  // T+2 over Christmas and Boxing Day
      {"XKRX", "2024-02-08", "2024-02-14"},  // T+2 over the lunar new year
      {"24/7", "2024-05-25", "2024-05-25"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(settlement_date(c.exchange, date(c.traded)).to_string(), c.settles) << c.exchange << " " << c.traded;
}

// Books a fill as a broker would report it.
struct Desk {
  explicit Desk(const AccountSettings& settings, std::vector<market::Instrument> instruments)
      : account(settings, std::move(instruments)) {}
  OrderId fill(InstrumentIndex i, Side side, const char* at, std::int64_t count, const char* day,
               const char* fee = "0") {
    const std::int64_t key = market::date_key(date(day));
    account.begin_session(key);
    const OrderId id = account.record({.instrument = i, .side = side, .quantity = shares(count)}, Money());
    for (const OrderEvent event : {OrderEvent::kSubmit, OrderEvent::kSend}) account.apply(id, event);
    account.apply({.order = id,
                   .event = OrderEvent::kFill,
                   .price = price(at),
                   .quantity = shares(count),
                   .fee = money(fee),
                   .key = key,
                   .rate = account.rate(i)});
    return id;
  }
  Account account;
};

market::Instrument instrument(const char* symbol, const char* exchange, const char* currency) {
  return {.symbol = symbol, .exchange = exchange, .currency = currency};
}

TEST(Wallet, MoneyOfASaleIsThereAtOnceAndSettledLater) {
  Desk desk({.cash = money("1000")}, {instrument("A", "XNAS", "USD")});
  desk.fill(0, Side::kBuy, "10", 100, "2024-06-03");
  desk.fill(0, Side::kSell, "11", 100, "2024-06-04");
  const Balance& usd = desk.account.wallet()[0];
  EXPECT_EQ(usd.current, money("1100"));
  EXPECT_EQ(usd.unsettled, money("1100"));
  EXPECT_EQ(usd.settled(), Money());
  EXPECT_EQ(usd.profit, money("100"));
  EXPECT_EQ(usd.orders, 2);
  EXPECT_EQ(desk.account.unsettled_uses(), 0);
  desk.fill(0, Side::kBuy, "10", 50, "2024-06-04");
  EXPECT_EQ(desk.account.unsettled_uses(), 1) << "paid with money of the same day's sale";
  desk.account.begin_session(market::date_key(date("2024-06-05")));
  EXPECT_EQ(desk.account.wallet()[0].unsettled, Money());
}

TEST(Wallet, UnsettledMoneyIsNotAvailableWhereTheRuleRefuses) {
  Desk warns({.cash = money("1000")}, {instrument("A", "XNAS", "USD")});
  Desk refuses({.cash = money("1000"), .enforcement = Enforcement::kRefuse}, {instrument("A", "XNAS", "USD")});
  for (Desk* desk : {&warns, &refuses}) {
    desk->fill(0, Side::kBuy, "10", 50, "2024-06-03");
    desk->fill(0, Side::kSell, "10", 50, "2024-06-04");
  }
  EXPECT_EQ(warns.account.available(0), money("1000"));
  EXPECT_EQ(refuses.account.available(0), money("500"));
}

TEST(Wallet, AnInstrumentIsPaidFromTheBalanceOfItsCurrency) {
  Desk desk({.cash = money("1000"), .currency = "USD", .balances = {{"EUR", money("500")}}},
            {instrument("A", "24/7", "USD"), instrument("E", "24/7", "EUR"), instrument("K", "24/7", "KRW")});
  desk.account.set_rate("EUR", {.quote = price("1.25")});
  desk.account.set_rate("KRW", {.quote = price("1250"), .inverse = true});
  EXPECT_EQ(desk.account.initial_cash(), money("1625"));
  desk.fill(1, Side::kBuy, "10", 20, "2024-06-03", "1");
  EXPECT_EQ(desk.account.wallet()[0].current, money("1000"));
  EXPECT_EQ(desk.account.wallet()[1].current, money("299"));
  EXPECT_EQ(desk.account.wallet()[1].invested, money("200"));
  EXPECT_FALSE(desk.account.is_converted(1));

  // There is no balance in won: dollars are converted at the day's rate.
  desk.fill(2, Side::kBuy, "50000", 10, "2024-06-03", "1250");
  EXPECT_TRUE(desk.account.is_converted(2));
  EXPECT_EQ(desk.account.wallet()[0].current, money("599"));
  EXPECT_EQ(desk.account.wallet()[0].invested, money("400"));
  // The won falls by a fifth while the share stands still: a fifth of what was invested is lost.
  desk.account.set_rate("KRW", {.quote = price("1562.5"), .inverse = true});
  desk.account.set_mark(1, price("10"));
  desk.account.set_mark(2, price("50000"));
  EXPECT_EQ(desk.account.equity(), money("599") + money("373.75") + money("250") + money("320"));
  desk.fill(2, Side::kSell, "50000", 10, "2024-06-04");
  EXPECT_EQ(desk.account.wallet()[0].current, money("919"));
  EXPECT_EQ(desk.account.wallet()[0].profit, money("-81"));
  EXPECT_EQ(desk.account.position(2).realised(), Money()) << "in won nothing was lost but the fee";
}

TEST(Account, AFillBeyondThePositionTurnsItAround) {
  Desk desk({.cash = money("1000"), .type = AccountType::kMargin}, {instrument("A", "24/7", "USD")});
  desk.fill(0, Side::kBuy, "10", 10, "2024-06-03");
  desk.fill(0, Side::kSell, "12", 15, "2024-06-03", "3");
  EXPECT_EQ(desk.account.position(0).quantity(), shares(-5));
  EXPECT_EQ(desk.account.position(0).entry_price(), price("12"));
  EXPECT_EQ(desk.account.position(0).fees(), money("1")) << "a third of the fee is the new position's";
  EXPECT_EQ(desk.account.cash(), money("1077"));
  EXPECT_EQ(desk.account.wallet()[0].profit, money("17"));
  EXPECT_EQ(desk.account.wallet()[0].invested, money("-60"));
}

TEST(Account, MarginCarriesMoreThanTheCash) {
  Desk desk({.cash = money("1000"), .type = AccountType::kMargin}, {instrument("A", "24/7", "USD")});
  desk.account.set_mark(0, price("10"));
  EXPECT_EQ(desk.account.available(0), money("2000"));
  desk.fill(0, Side::kSell, "10", 100, "2024-06-03");
  EXPECT_EQ(desk.account.available(0), money("1000")) << "what a short sale brings is not to be spent";
  EXPECT_EQ(desk.account.initial_margin(), money("500"));
  EXPECT_EQ(desk.account.maintenance_margin(), money("300"));
  desk.account.set_mark(0, price("15"));
  EXPECT_EQ(desk.account.equity(), money("500"));
  EXPECT_EQ(desk.account.maintenance_margin(), money("450"));
  EXPECT_TRUE(desk.account.available(0).is_negative());
  EXPECT_EQ(desk.account.exposure().net(), money("-1500"));
}

TEST(Account, WhatIsDelistedIsPaidOut) {
  Desk desk({.cash = money("1000")}, {instrument("A", "24/7", "USD")});
  desk.fill(0, Side::kBuy, "10", 50, "2024-06-03");
  desk.account.cash_out(0, market::date_key(date("2024-06-04")), price("2.5"));
  EXPECT_FALSE(desk.account.position(0).is_open());
  EXPECT_EQ(desk.account.cash(), money("625"));
  EXPECT_EQ(desk.account.wallet()[0].profit, money("-375"));
}

TEST(DayTrades, AreCountedOverFiveSessions) {
  Desk desk({.cash = money("10000")}, {instrument("A", "24/7", "USD"), instrument("B", "24/7", "USD")});
  const DayTrades& trades = desk.account.day_trades();
  desk.fill(0, Side::kBuy, "10", 10, "2024-06-03");
  desk.fill(0, Side::kSell, "10", 5, "2024-06-03");
  EXPECT_EQ(trades.count(), 1);
  desk.fill(0, Side::kSell, "10", 5, "2024-06-03");
  EXPECT_EQ(trades.count(), 1) << "two sales of one purchase are one day trade";
  desk.fill(0, Side::kBuy, "10", 10, "2024-06-03");
  desk.fill(1, Side::kBuy, "10", 10, "2024-06-03");
  desk.fill(1, Side::kSell, "10", 10, "2024-06-03");
  EXPECT_EQ(trades.count(), 2);
  desk.fill(0, Side::kSell, "10", 10, "2024-06-04");
  EXPECT_EQ(trades.count(), 2) << "held over night";
  for (const char* day : {"2024-06-05", "2024-06-06", "2024-06-07"}) {
    desk.account.begin_session(market::date_key(date(day)));
    EXPECT_EQ(trades.count(), 2) << day;
  }
  desk.account.begin_session(market::date_key(date("2024-06-08")));
  EXPECT_EQ(trades.count(), 0);
  EXPECT_EQ(trades.most(), 2);
}

// For every balance, whatever happens: current = initial + profit - invested; and all of it together with the positions
// is the equity.
RC_GTEST_PROP(Wallet, TheBooksAlwaysAddUp, ()) {
  const AccountSettings settings{.cash = money("5000"), .currency = "USD", .balances = {{"EUR", money("3000")}}};
  Desk desk(settings, {instrument("A", "24/7", "USD"), instrument("E", "24/7", "EUR"), instrument("K", "24/7", "KRW")});
  Account& account = desk.account;
  const auto draw = [](std::int64_t from, std::int64_t to) { return *rc::gen::inRange<std::int64_t>(from, to); };
  account.set_rate("EUR", {.quote = Price::from_units(draw(500'000'000, 2'000'000'000))});
  account.set_rate("KRW", {.quote = Price::from_units(draw(1'000'000'000'000, 2'000'000'000'000)), .inverse = true});
  const int steps = *rc::gen::inRange(1, 40);
  for (int step = 0; step < steps; ++step) {
    const auto i = static_cast<InstrumentIndex>(draw(0, 3));
    const Price at = Price::from_units(draw(1, 50'000'000'000));
    account.set_mark(i, at);
    switch (draw(0, 6)) {
      case 0:
        account.split(i, draw(1, 4), draw(1, 4));
        break;
      case 1:
        account.dividend(i, at);
        break;
      case 2:
        account.cash_out(i, step, at);
        break;
      case 3:
        account.set_rate("KRW",
                         {.quote = Price::from_units(draw(1'000'000'000'000, 2'000'000'000'000)), .inverse = true});
        break;
      default: {
        const Side side = draw(0, 2) == 0 ? Side::kBuy : Side::kSell;
        const Quantity quantity = Quantity::from_units(draw(1, 30'000'000'000));
        const OrderId id = account.record({.instrument = i, .side = side, .quantity = quantity}, Money());
        for (const OrderEvent event : {OrderEvent::kSubmit, OrderEvent::kSend}) account.apply(id, event);
        account.apply({.order = id,
                       .event = OrderEvent::kFill,
                       .price = at,
                       .quantity = quantity,
                       .fee = Money::from_units(draw(0, 5'000'000)),
                       .key = step,
                       .rate = account.rate(i)});
      }
    }
    Money fees;
    for (const Balance& balance : account.wallet().balances()) {
      RC_ASSERT(balance.current == balance.initial + balance.profit - balance.invested);
      RC_ASSERT(balance.reserved == Money());
      fees += balance.fees;
    }
    RC_ASSERT(account.wallet()[1].invested == account.position(1).cost());
    RC_ASSERT(account.working(i).buy.is_zero() && account.working(i).sell.is_zero());
    Money value = account.cash();
    for (InstrumentIndex k = 0; k < 3; ++k)
      value += account.to_account(k, account.position(k).value_at(account.mark(k)));
    RC_ASSERT(value == account.equity());
  }
}

}  // namespace
}  // namespace argosy::trading
