// What holders of an account's shares get of splits, dividends and delistings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/rng.hpp"
#include "live/book.hpp"
#include "live/test_rig.hpp"

namespace argosy::live {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const core::Timestamp kStart = core::Timestamp(std::chrono::seconds(1'362'409'200));  // 2013-03-04 15:00 UTC

// A portfolio of 1,000,000 and services in it, which buy at 100 a share.
struct Books {
  void apply(What what) {
    const std::int64_t seq = book.last().journal + 1;
    const auto done = book.apply({.seq = seq, .time = kStart + std::chrono::seconds(seq), .what = std::move(what)});
    ASSERT_TRUE(done) << done.error().message;
  }
  explicit Books(const std::string& currency = "USD") {
    apply(PortfolioMade{.portfolio_id = 1,
                        .owner_id = 1,
                        .broker_account_id = 1,
                        .name = "p",
                        .is_default = true,
                        .currency = currency});
    apply(PortfolioFunded{.funding_id = 1, .portfolio_id = 1, .amount = money("1000000"), .note = {}});
    apply(TimerFired{.what = std::string(kNewDay), .subject = core::Date::parse("2013-03-04")->days()});
  }
  // A service that spends all but `left` of its money.
  void hold(const char* quantity, const char* left = "0") {
    ledger::ServiceRow row;
    row.service_id = book.last().service + 1;
    row.portfolio_id = 1;
    row.broker_account_id = 1;
    row.instrument_id = 1;
    row.stock_symbol = "AAPL";
    row.currency = book.portfolio(1)->currency;
    row.state = ledger::ServiceState::kActive;
    row.initial_balance = core::notional(price("100"), shares(quantity), core::Rounding::kHalfEven) + money(left);
    apply(ServiceMade{row});
    trade(row.service_id, "buy", quantity, "100");
  }
  std::int64_t order(std::optional<std::int64_t> service, const char* side, const char* quantity) {
    const std::int64_t id = book.last().order + 1;
    ledger::OrderRow row{.order_id = id,
                         .client_order_id = std::to_string(id),
                         .broker_order_id = {},
                         .broker_account_id = 1,
                         .service_id = service,
                         .portfolio_id = {},
                         .transaction_id = {},
                         .instrument_id = 1,
                         .symbol = "AAPL",
                         .side = side,
                         .kind = "market",
                         .time_in_force = "day",
                         .effect = "open",
                         .reason = "buy_signal",
                         .state = "pending_submit",
                         .resting = "accepted",
                         .quantity = shares(quantity)};
    if (!service) row.portfolio_id = 1;
    apply(OrderMade{row});
    for (const char* step : {"send", "accept"})
      apply(OrderMoved{.order_id = id, .event = step, .broker_order_id = {}, .note = {}});
    return id;
  }
  void fill(std::int64_t id, const char* quantity, const char* at, bool is_last = true) {
    apply(FillBooked{.order_id = id,
                     .broker_fill_id = "f" + std::to_string(book.last().fill + 1),
                     .price = price(at),
                     .quantity = shares(quantity),
                     .fee = Money(),
                     .currency = "USD",
                     .rate = rate,
                     .is_last = is_last,
                     .filled_at = kStart});
  }
  void trade(std::optional<std::int64_t> service, const char* side, const char* quantity, const char* at) {
    fill(order(service, side, quantity), quantity, at);
  }
  ActionBooked action(const char* kind) {
    return {.broker_account_id = 1,
            .instrument_id = 1,
            .symbol = "AAPL",
            .kind = kind,
            .ex_date = *core::Date::parse("2013-03-05"),
            .lot = shares("1"),
            .currency = "USD",
            .rate = rate};
  }
  void split(std::int64_t numerator, std::int64_t denominator, const char* last_close) {
    ActionBooked booked = action("split");
    booked.numerator = numerator;
    booked.denominator = denominator;
    booked.price = price(last_close);
    before = book.cash_of(1);
    apply(booked);
  }
  // What the broker paid.
  [[nodiscard]] std::string paid() const { return (book.cash_of(1) - before).to_string(); }
  [[nodiscard]] std::string held(std::int64_t service) const {
    return book.service(service)->current_shares.to_string();
  }
  [[nodiscard]] std::string cash(std::int64_t service) const {
    return book.service(service)->current_balance.to_string();
  }
  // Entries add up to zero, shares to the position, and transactions to what services hold.
  void check() {
    ledger::Changes changes;
    book.collect(changes);
    std::map<std::pair<std::int64_t, std::string>, Money> groups;
    for (const auto& each : changes.cash_entries) groups[{each.journal_seq, each.currency}] += each.amount;
    for (const auto& [key, sum] : groups) EXPECT_EQ(sum, Money()) << "journal " << key.first;
    Quantity sum;
    for (const auto& [id, row] : book.services()) {
      sum += row.current_shares;
      if (const auto* open = book.open_transaction(id)) EXPECT_EQ(open->shares, row.current_shares) << "service " << id;
    }
    const ledger::PositionRow& position = *book.position(1, 1);
    EXPECT_EQ(sum + position.unassigned, position.quantity);
    for (const auto& [key, row] : book.holdings()) {
      EXPECT_EQ(sum + row.unassigned, row.quantity);
    }
    shared = changes.action_shares;
  }

  Book book;
  Price rate = Price::from_integer(1);
  Money before;
  std::vector<ledger::ActionShareRow> shared;
};

TEST(BookActions, ASplitRestatesWhatIsHeldAndKeepsWhatItCost) {
  Books books;
  books.hold("10");
  const std::int64_t works = books.order(1, "sell", "10");
  books.fill(works, "2", "120", false);
  books.split(4, 1, "120");
  EXPECT_EQ(books.held(1), "32");
  EXPECT_EQ(books.paid(), "0");
  const ledger::TransactionRow& trade = *books.book.open_transaction(1);
  EXPECT_EQ(trade.bought, shares("40"));
  EXPECT_EQ(trade.sold, shares("8"));
  EXPECT_EQ(trade.purchase_price, price("25"));
  EXPECT_EQ(trade.purchase_amount, money("1000"));
  EXPECT_EQ(*trade.sale_price, price("30"));
  EXPECT_EQ(trade.gain_loss, money("40"));
  const ledger::PositionRow& position = *books.book.position(1, 1);
  EXPECT_EQ(position.quantity, shares("32"));
  EXPECT_EQ(position.cost, money("800"));
  EXPECT_EQ(books.book.holdings().begin()->second.cost, money("800"));
  const ledger::OrderRow& order = *books.book.order(works);
  EXPECT_EQ(order.quantity, shares("40"));
  EXPECT_EQ(order.filled_quantity, shares("8"));
  EXPECT_EQ(*order.fill_price, price("30"));
  EXPECT_EQ(order.filled_amount, money("240"));
  books.fill(works, "32", "31");
  EXPECT_EQ(books.book.service(1)->total_gain_loss, money("232"));  // 240 + 992 - 1000
  books.check();
  ASSERT_THAT(books.shared, SizeIs(1));
}

// 3:2 of 5, 5, 5 and 6 shares: 7.5, 7.5, 7.5 and 9 of the account's 31.5, of which it keeps 31 and is paid 0.5 x 60.
TEST(BookActions, OddSharesAreAllottedByLargestRemainderAndPaidAmongTheServices) {
  Books books;
  for (const char* quantity : {"5", "5", "5", "6"}) books.hold(quantity, "100");
  books.split(3, 2, "90");
  EXPECT_EQ(books.paid(), "30");
  EXPECT_EQ(books.held(1), "8");  // the first of equals
  EXPECT_EQ(books.cash(1), "70");
  EXPECT_EQ(books.held(2), "7");
  EXPECT_EQ(books.cash(2), "130");
  EXPECT_EQ(books.held(3), "7");
  EXPECT_EQ(books.cash(3), "130");
  EXPECT_EQ(books.held(4), "9");
  EXPECT_EQ(books.cash(4), "100");
  EXPECT_EQ(books.book.position(1, 1)->quantity, shares("31"));
  const ledger::TransactionRow& larger = *books.book.open_transaction(1);
  EXPECT_EQ(larger.bought, shares("8"));
  EXPECT_EQ(larger.purchase_amount, money("530"));
  const ledger::TransactionRow& smaller = *books.book.open_transaction(2);
  EXPECT_EQ(smaller.bought, shares("7.5"));
  EXPECT_EQ(smaller.sold, shares("0.5"));
  EXPECT_EQ(smaller.sale_amount, money("30"));
  books.check();
}

TEST(BookActions, WhoCannotPayForTheLargerPartIsPassedOver) {
  Books books;
  books.hold("5", "29.99");
  books.hold("5", "30");
  books.split(3, 2, "90");
  EXPECT_EQ(books.paid(), "0");
  EXPECT_EQ(books.held(1), "7");
  EXPECT_EQ(books.cash(1), "59.99");
  EXPECT_EQ(books.held(2), "8");
  EXPECT_EQ(books.cash(2), "0");
  books.check();
}

TEST(BookActions, AReverseSplitClosesWhatIsLessThanOneShare) {
  Books books;
  books.hold("4");
  books.hold("19");
  books.split(1, 10, "100");  // 0.4 and 1.9 of 2.3: two for the second, which has no money for a tenth
  EXPECT_EQ(books.held(1), "0");
  EXPECT_EQ(books.held(2), "2");
  EXPECT_EQ(books.paid(), "300");
  EXPECT_EQ(books.cash(1), "400");
  EXPECT_EQ(books.cash(2), "0");  // nobody else could have had it: its portfolio pays the 100
  EXPECT_EQ(books.book.portfolio(1)->cash, money("997600"));
  EXPECT_EQ(books.book.service(1)->sell_count, 1);
  EXPECT_EQ(books.book.open_transaction(1), nullptr);
  EXPECT_EQ(books.book.transaction(1)->state, ledger::TransactionState::kClosed);
  EXPECT_EQ(books.book.service(1)->total_gain_loss, Money());
  EXPECT_EQ(books.book.service(1)->mode, ledger::TradingMode::kBuy);
  books.check();
}

TEST(BookActions, SharesOfNoServiceTakePart) {
  Books books;
  books.hold("5", "100");
  books.trade({}, "buy", "3", "100");  // the portfolio's own
  books.apply(PositionAdopted{.broker_account_id = 1,
                              .instrument_id = 1,
                              .symbol = "AAPL",
                              .change = shares("7"),
                              .price = price("100"),
                              .reason = "r"});
  books.split(3, 2, "90");  // 7.5, 4.5 and 10.5 of 22.5
  EXPECT_EQ(books.paid(), "30");
  EXPECT_EQ(books.held(1), "8");
  EXPECT_EQ(books.book.position(1, 1)->quantity, shares("22"));
  EXPECT_EQ(books.book.position(1, 1)->unassigned, shares("14"));
  EXPECT_EQ(books.book.holdings().begin()->second.unassigned, shares("4"));
  EXPECT_EQ(books.book.holdings().begin()->second.quantity, shares("12"));
  EXPECT_EQ(books.book.portfolio(1)->cash, money("999160"));  // 999,100 + 30 + 30
}

TEST(BookActions, AShortPositionPaysForItsFraction) {
  Books books;
  books.hold("1", "1000");
  books.trade(1, "sell", "4", "100");  // more than it had
  EXPECT_EQ(books.held(1), "-3");
  books.split(1, 2, "100");
  EXPECT_EQ(books.held(1), "-1");
  EXPECT_EQ(books.paid(), "-100");
  books.check();
}

TEST(BookActions, FractionsAreKeptWhereTheyCanBeHeld) {
  Books books;
  books.hold("1", "1");
  books.hold("1", "1");
  ActionBooked third = books.action("split");
  third.denominator = 3;
  third.price = price("90");
  third.lot = Quantity();
  books.before = books.book.cash_of(1);
  books.apply(third);
  EXPECT_EQ(books.paid(), "0");
  EXPECT_EQ(books.book.position(1, 1)->quantity, shares("0.666666666"));
  EXPECT_EQ(books.held(1), "0.333333333");
  EXPECT_EQ(books.held(2), "0.333333333");
  books.check();
}

TEST(BookActions, ADividendGoesToEachWhoHoldsAndIntoTheDay) {
  Books books;
  books.hold("5");
  books.hold("7");
  books.trade({}, "buy", "3", "100");
  ActionBooked dividend = books.action("dividend");
  dividend.amount = price("0.333333");
  books.before = books.book.cash_of(1);
  books.apply(dividend);
  EXPECT_EQ(books.paid(), "4.999995");
  EXPECT_EQ(books.cash(1), "1.666665");
  EXPECT_EQ(books.cash(2), "2.333331");
  EXPECT_EQ(books.book.portfolio(1)->cash, money("998500.999999"));
  EXPECT_EQ(books.book.pnl(ledger::EquityScope::kPortfolio, 1)->realised, money("4.999995"));
  EXPECT_EQ(books.book.pnl(ledger::EquityScope::kAccount, 1)->realised, money("4.999995"));
  EXPECT_EQ(books.book.service(1)->total_gain_loss, Money());
  books.check();
}

// The instrument's currency is dollars, the portfolio's euros: converted once, as the broker does.
TEST(BookActions, MoneyIsConvertedOnceAndAddsUpToTheUnit) {
  Books books("EUR");
  books.rate = price("0.777777");
  for (int i = 0; i < 3; ++i) books.hold("1");
  ActionBooked dividend = books.action("dividend");
  dividend.amount = price("0.01");
  books.before = books.book.cash_of(1);
  books.apply(dividend);
  EXPECT_EQ(books.paid(), "0.023333");  // 0.02333331
  EXPECT_EQ(books.book.service(1)->current_balance - books.book.service(3)->current_balance, money("0.000001"));
  books.check();
}

TEST(BookActions, ADelistingClosesEverythingAtItsAmount) {
  Books books;
  books.hold("5");
  books.hold("7");
  ActionBooked end = books.action("delisting");
  end.amount = price("30");
  books.apply(end);
  EXPECT_EQ(books.held(1), "0");
  EXPECT_EQ(books.cash(1), "150");
  EXPECT_EQ(books.cash(2), "210");
  EXPECT_EQ(books.book.service(2)->total_gain_loss, money("-490"));
  EXPECT_EQ(books.book.transaction(2)->notes, "delisted");
  EXPECT_EQ(books.book.position(1, 1)->cost, Money());
  EXPECT_EQ(books.book.pnl(ledger::EquityScope::kPortfolio, 1)->realised, money("-840"));
  books.check();
}

TEST(BookActions, OnceIsEnoughAndWhatIsSkippedMovesNothing) {
  Books books;
  books.hold("5");
  ActionBooked skipped = books.action("split");
  skipped.numerator = 2;
  skipped.skipped = "nobody knows";
  books.apply(skipped);
  EXPECT_EQ(books.held(1), "5");
  EXPECT_THAT(books.book.actions(1, 1), SizeIs(1));
  EXPECT_THAT(books.book.actions(1, 2), IsEmpty());
  const auto again = books.book.apply({.seq = books.book.last().journal + 1, .time = kStart, .what = skipped});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, core::ErrorCode::kCorrupt);
}

// Whatever is held and however it is split: no share and no cent is made or lost.
TEST(BookActions, AnySplitOfAnythingAddsUp) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    core::Rng rng(seed);
    Books books;
    const int services = 1 + static_cast<int>(rng.below(6));
    for (int i = 0; i < services; ++i)
      books.hold(std::to_string(1 + rng.below(200)).c_str(), std::to_string(rng.below(300)).c_str());
    if (rng.below(2) == 0) books.trade(1, "sell", std::to_string(1 + rng.below(300)).c_str(), "100");
    if (rng.below(3) == 0) books.trade({}, "buy", std::to_string(1 + rng.below(50)).c_str(), "100");
    const auto numerator = static_cast<std::int64_t>(1 + rng.below(12));
    const auto denominator = static_cast<std::int64_t>(1 + rng.below(12));
    const Quantity before = books.book.position(1, 1)->quantity;
    books.split(numerator, denominator, "97.31");
    const Quantity exact = core::scale(before, numerator, denominator, core::Rounding::kTowardZero);
    const Quantity kept = market::round_to_lot({.symbol = "AAPL", .exchange = "XNYS"}, exact);
    EXPECT_EQ(books.book.position(1, 1)->quantity, kept) << "seed " << seed;
    const Price price_now = core::scale(price("97.31"), denominator, numerator, core::Rounding::kHalfEven);
    EXPECT_EQ(books.paid(), core::notional(price_now, exact - kept, core::Rounding::kHalfEven).to_string())
        << "seed " << seed;
    books.check();
    for (const ledger::ActionShareRow& each : books.shared) {
      const Quantity entitled = core::scale(each.before, numerator, denominator, core::Rounding::kFloor);
      const Quantity off = each.after - entitled;
      EXPECT_LE(std::max(off, -off), shares("1.000000001")) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace argosy::live
