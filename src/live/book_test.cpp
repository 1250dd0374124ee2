#include "live/book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "live/test_rig.hpp"

namespace argosy::live {
namespace {

using ledger::EquityScope;
using testing::IsEmpty;
using testing::SizeIs;

const core::Timestamp kStart = core::Timestamp(std::chrono::seconds(1'362'409'200));  // 2013-03-04 15:00 UTC

// A book and its events, one a second.
struct Books {
  core::Result<void> try_to(What what) {
    const std::int64_t seq = book.last().journal + 1;
    return book.apply({.seq = seq, .time = kStart + std::chrono::seconds(seq), .what = std::move(what)});
  }
  void apply(What what) {
    const auto done = try_to(std::move(what));
    ASSERT_TRUE(done) << done.error().message;
  }
  // A portfolio of 100,000, and a service that has 10,000 of it.
  void begin() {
    apply(PortfolioMade{
        .portfolio_id = 1, .owner_id = 1, .broker_account_id = 1, .name = "p", .is_default = true, .currency = "USD"});
    apply(PortfolioFunded{.funding_id = 1, .portfolio_id = 1, .amount = money("100000"), .note = {}});
    ledger::ServiceRow row;
    row.service_id = 1;
    row.portfolio_id = 1;
    row.broker_account_id = 1;
    row.instrument_id = 1;
    row.stock_symbol = "AAPL";
    row.state = ledger::ServiceState::kActive;
    row.initial_balance = money("10000");
    apply(ServiceMade{row});
  }
  void order(const char* side, const char* quantity) {
    const std::int64_t id = book.last().order + 1;
    ledger::OrderRow row{.order_id = id,
                         .client_order_id = std::to_string(id),
                         .broker_order_id = {},
                         .broker_account_id = 1,
                         .service_id = 1,
                         .portfolio_id = {},
                         .transaction_id = {},
                         .instrument_id = 1,
                         .symbol = "AAPL",
                         .side = side,
                         .kind = "market",
                         .time_in_force = "day",
                         .effect = std::string_view(side) == "buy" ? "open" : "close",
                         .reason = "buy_signal",
                         .state = "pending_submit",
                         .resting = "accepted",
                         .quantity = shares(quantity)};
    apply(OrderMade{row});
    step(id, "send");
    step(id, "accept");
  }
  void step(std::int64_t id, const char* event) {
    apply(OrderMoved{.order_id = id, .event = event, .broker_order_id = {}, .note = {}});
  }
  FillBooked fill_of(std::int64_t id, const char* at, const char* quantity, const char* fee, bool is_last) {
    return {.order_id = id,
            .broker_fill_id = "f" + std::to_string(book.last().fill + 1),
            .price = price(at),
            .quantity = shares(quantity),
            .fee = money(fee),
            .currency = "USD",
            .is_last = is_last,
            .filled_at = kStart};
  }
  void fill(std::int64_t id, const char* at, const char* quantity, const char* fee, bool is_last) {
    apply(fill_of(id, at, quantity, fee, is_last));
  }
  void begin_day(const char* date) {
    apply(TimerFired{.what = std::string(kNewDay), .subject = core::Date::parse(date)->days()});
  }
  // All entries so far; each group adds up to zero.
  std::vector<ledger::CashEntryRow> entries() {
    ledger::Changes changes;
    book.collect(changes);
    std::map<std::pair<std::int64_t, std::string>, Money> groups;
    for (const auto& each : changes.cash_entries) groups[{each.journal_seq, each.currency}] += each.amount;
    for (const auto& [key, sum] : groups) EXPECT_EQ(sum, Money()) << "journal " << key.first;
    return changes.cash_entries;
  }

  Book book;
};

// F7: a journal in which a bit is another is told of; it does not stop the program.
TEST(Book, TextsThatNoOrderHasAreRefused) {
  Books books;
  books.begin();
  ledger::OrderRow row{.order_id = 1,
                       .client_order_id = "1",
                       .broker_account_id = 1,
                       .instrument_id = 1,
                       .side = "buy",
                       .kind = "market",
                       .time_in_force = "day",
                       .reason = "buy_signal",
                       .state = "pending_3ubmit",
                       .resting = "accepted",
                       .quantity = shares("1")};
  const auto refused = books.book.apply({.seq = books.book.last().journal + 1, .time = kStart, .what = OrderMade{row}});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("state \"pending_3ubmit\" is nothing that an order has"));
  EXPECT_EQ(refused.error().code, core::ErrorCode::kCorrupt);
}

TEST(Book, ARoundTripToTheUnit) {
  Books books;
  books.begin();
  EXPECT_EQ(books.book.portfolio(1)->cash, money("90000"));
  books.begin_day("2013-03-04");
  books.order("buy", "10");
  books.fill(1, "100.50", "4", "0.75", false);
  const ledger::ServiceRow& service = *books.book.service(1);
  EXPECT_EQ(service.current_balance, money("9597.25"));  // 10,000 - 402 - 0.75
  EXPECT_EQ(service.mode, ledger::TradingMode::kSell);
  EXPECT_EQ(service.buy_count, 1);
  books.fill(1, "101", "6", "0.50", true);
  EXPECT_EQ(service.current_balance, money("8990.75"));  // - 606 - 0.50
  EXPECT_EQ(service.buy_count, 1);
  EXPECT_EQ(books.book.open_transaction(1)->purchase_price, price("100.8"));
  EXPECT_EQ(books.book.order(1)->state, "filled");
  EXPECT_EQ(books.book.order(1)->fees, money("1.25"));
  EXPECT_EQ(books.book.position(1, 1)->cost, money("1008"));

  books.order("sell", "10");
  books.fill(2, "110", "10", "2", true);
  EXPECT_EQ(service.current_balance, money("10088.75"));  // + 1,100 - 2
  EXPECT_EQ(service.current_shares, Quantity());
  EXPECT_EQ(service.mode, ledger::TradingMode::kBuy);
  EXPECT_EQ(service.sell_count, 1);
  EXPECT_EQ(service.total_gain_loss, money("88.75"));
  EXPECT_EQ(books.book.open_transaction(1), nullptr);
  const ledger::TransactionRow trade = *books.book.transaction(1);
  EXPECT_EQ(trade.state, ledger::TransactionState::kClosed);
  EXPECT_EQ(trade.gain_loss, money("92"));
  EXPECT_EQ(trade.net_gain_loss, money("88.75"));
  EXPECT_EQ(books.book.position(1, 1)->quantity, Quantity());
  EXPECT_EQ(books.book.cash_of(1), money("100088.75"));
  EXPECT_EQ(books.book.cash_of(1, "USD"), money("100088.75"));
  EXPECT_EQ(books.book.cash_of(1, "EUR"), Money());
  EXPECT_EQ(books.book.cash_of(2), Money());
  for (const EquityScope scope : {EquityScope::kPortfolio, EquityScope::kAccount}) {
    EXPECT_EQ(books.book.pnl(scope, 1)->realised, money("92"));
    EXPECT_EQ(books.book.pnl(scope, 1)->fees, money("3.25"));
  }
  // 2 of the funding, 2 of the allocation, 4 a fill.
  EXPECT_THAT(books.entries(), SizeIs(16));
  EXPECT_EQ(books.book.transaction(1), nullptr);  // written, closed, and forgotten
}

TEST(Book, SharesOfATransactionThatIsCompletedByHandPassToThePortfolio) {
  Books books;
  books.begin();
  books.order("buy", "10");
  books.fill(1, "100", "10", "1", true);
  books.apply(TransactionCompleted{.transaction_id = 1, .price = price("90")});
  EXPECT_EQ(books.book.service(1)->current_balance, money("9899"));  // 8,999 + 900
  EXPECT_EQ(books.book.portfolio(1)->cash, money("89100"));
  EXPECT_EQ(books.book.service(1)->current_shares, Quantity());
  EXPECT_EQ(books.book.position(1, 1)->quantity, shares("10"));
  EXPECT_EQ(books.book.position(1, 1)->unassigned, shares("10"));
  EXPECT_EQ(books.book.holdings().begin()->second.unassigned, shares("10"));
  EXPECT_EQ(books.book.service(1)->total_gain_loss, money("-101"));
  EXPECT_EQ(books.book.cash_of(1), money("98999"));
  books.entries();
}

TEST(Book, AFillAfterTheEndIsBookedAndFlagged) {
  Books books;
  books.begin();
  books.order("buy", "10");
  books.step(1, "cancel");
  books.fill(1, "100", "3", "0", false);
  EXPECT_TRUE(books.book.order(1)->late_fill);
  EXPECT_EQ(books.book.order(1)->state, "cancelled");
  EXPECT_EQ(books.book.service(1)->current_shares, shares("3"));
  books.fill(1, "100", "9", "0", true);
  EXPECT_TRUE(books.book.order(1)->overfilled);
  EXPECT_EQ(books.book.order(1)->state, "filled");
}

TEST(Book, WhatCannotBeChangesNothing) {
  Books books;
  books.begin();
  books.order("buy", "10");
  books.fill(1, "100", "4", "0", false);
  FillBooked again = books.fill_of(1, "100", "1", "0", false);
  again.broker_fill_id = "f1";
  const What impossible[] = {
      again,
      books.fill_of(2, "100", "1", "0", false),
      PortfolioMade{.portfolio_id = 3},
      PortfolioFunded{.funding_id = 2, .portfolio_id = 9, .note = {}},
      PortfolioFunded{.funding_id = 7, .portfolio_id = 1, .note = {}},
      ServiceMoved{.service_id = 9},
      ServiceMoved{.service_id = 1, .reason = {}, .amount = money("90001")},
      ServiceMoved{.service_id = 1, .reason = {}, .amount = money("-9601")},
      OrderMoved{.order_id = 1, .event = "reject", .broker_order_id = {}, .note = {}},
      OrderMoved{.order_id = 1, .event = "nonsense", .broker_order_id = {}, .note = {}},
      TransactionCompleted{.transaction_id = 5, .price = price("1")},
      CashAdopted{.broker_account_id = 1, .portfolio_id = 4, .change = money("1"), .reason = {}},
      SwitchChanged{{.switch_id = 5}},
  };
  ledger::Changes before;
  books.book.collect(before);
  const std::int64_t last = books.book.last().journal;
  for (const What& what : impossible) {
    const auto done = books.try_to(what);
    ASSERT_FALSE(done) << kind_of(what);
    EXPECT_EQ(done.error().code, core::ErrorCode::kCorrupt) << kind_of(what);
  }
  EXPECT_EQ(books.book.last().journal, last);
  ledger::Changes after;
  books.book.collect(after);
  EXPECT_TRUE(after.empty());
  EXPECT_EQ(books.book.cash_of(1), money("99600"));
}

TEST(Book, WhatIsTakenOverBelongsToThePortfolioAndToNobody) {
  Books books;
  books.begin();
  books.apply(CashAdopted{.broker_account_id = 1, .portfolio_id = 1, .change = money("-12.34"), .reason = "r"});
  books.apply(PositionAdopted{.broker_account_id = 1,
                              .instrument_id = 1,
                              .symbol = "AAPL",
                              .change = shares("7"),
                              .price = price("100"),
                              .reason = "r"});
  EXPECT_EQ(books.book.portfolio(1)->cash, money("89987.66"));
  EXPECT_EQ(books.book.cash_of(1), money("99987.66"));
  EXPECT_EQ(books.book.position(1, 1)->unassigned, shares("7"));
  EXPECT_EQ(books.book.position(1, 1)->cost, money("700"));
  books.entries();
}

TEST(Book, EachDayHasItsProfitAndTheDayBeforeIsLeftAsItWas) {
  Books books;
  books.begin();
  books.begin_day("2013-03-04");
  books.order("buy", "10");
  books.fill(1, "100", "10", "1", true);
  books.order("sell", "10");
  books.fill(2, "105", "4", "1", false);
  books.book.set_worth(EquityScope::kPortfolio, 1, money("30"), money("100048"));
  books.begin_day("2013-03-05");
  books.fill(2, "98", "6", "1", true);
  ledger::Changes changes;
  books.book.collect(changes);
  ASSERT_THAT(changes.daily_pnl, SizeIs(4));  // of two days, the account's and the portfolio's
  const auto& first = changes.daily_pnl[1];
  EXPECT_EQ(first.scope, EquityScope::kPortfolio);
  EXPECT_EQ(first.date.to_string(), "2013-03-04");
  EXPECT_EQ(first.realised, money("20"));
  EXPECT_EQ(first.fees, money("2"));
  EXPECT_EQ(first.unrealised, money("30"));
  EXPECT_EQ(first.equity, money("100048"));
  EXPECT_EQ(changes.daily_pnl[3].date.to_string(), "2013-03-05");
  EXPECT_EQ(changes.daily_pnl[3].realised, money("-12"));
  EXPECT_EQ(changes.daily_pnl[3].fees, money("1"));
  EXPECT_FALSE(
      books.try_to(TimerFired{.what = std::string(kNewDay), .subject = core::Date::parse("2013-03-04")->days()}));
}

TEST(Book, OnlyWhatChangedIsWritten) {
  Books books;
  books.begin();
  ledger::Changes first;
  books.book.collect(first);
  EXPECT_THAT(first.services, SizeIs(1));
  books.apply(ServiceFailed{.service_id = 1, .reason = "r"});
  books.apply(ServiceFailed{.service_id = 1, .reason = "r"});
  ledger::Changes second;
  books.book.collect(second);
  EXPECT_THAT(second.services, SizeIs(1));
  EXPECT_EQ(second.services[0].failures, 2);
  EXPECT_THAT(second.portfolios, IsEmpty());
  EXPECT_THAT(second.cash_entries, IsEmpty());
}

TEST(Book, EventsComeBackFromTheJournalAsTheyWere) {
  const What events[] = {
      SwitchTried{.broker_account_id = 1, .wrong = "it does not"},
      OrderFound{.order_id = 4, .broker_order_id = "b-4", .note = "n"},
      GuardKept{.broker_account_id = 1, .memory = R"({"guard":{}})"},
      TimerFired{.what = std::string(kNewDay), .subject = 15'768},
      CashAdopted{.broker_account_id = 1, .portfolio_id = 2, .change = money("-1.25"), .reason = "r"},
  };
  for (const What& what : events) {
    const ledger::JournalRow row = to_row({.seq = 3, .time = kStart, .what = what});
    const auto back = from_row(row);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(to_row(*back).payload, row.payload);
    EXPECT_EQ(kind_of(back->what), row.kind);
  }
}

}  // namespace
}  // namespace argosy::live
