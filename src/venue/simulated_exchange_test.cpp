// Every fill rule of docs/concepts/fills.md as a table of cases: what a bar does to a working order.
#include "venue/simulated_exchange.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "trading/risk_gate.hpp"

namespace argosy::venue {
namespace {

using trading::Order;
using trading::OrderEvent;
using trading::OrderKind;
using trading::Side;

Price price(const char* text) { return *Price::parse(text); }
Quantity shares(std::int64_t count) { return Quantity::from_integer(count); }
Money money(const char* text) { return *Money::parse(text); }

// An exchange with an account and a gate before it; events are kept as text.
class Desk : public trading::BrokerListener {
 public:
  explicit Desk(const char* cash = "10000", core::Rate fee = {})
      : account_({.cash = money(cash)}, instruments_),
        gate_(trading::FeeSchedule::percent(fee), trading::LimitProfile::backtest(), money(cash)),
        exchange_({.fees = trading::FeeSchedule::percent(fee), .account = {.cash = money(cash)}}, instruments_) {
    exchange_.set_listener(*this);
    account_.set_mark(0, price("100"));
  }

  void on_broker_event(const trading::BrokerEvent& event) override {
    account_.apply(event);
    if (event.event == OrderEvent::kAccept) return;
    std::string text = fmt::format("{}", to_string(event.event));
    if (event.quantity.is_positive())
      text +=
          fmt::format(" {} at {} by {}", event.quantity.to_string(), event.price.to_string(), to_string(event.rule));
    log.push_back(text);
  }

  void on_cash_event(const trading::CashEvent& event) override { account_.apply(event); }

  void order(Order order) {
    auto approved = gate_.decide(order, account_);
    ASSERT_TRUE(approved.has_value());
    account_.apply(approved->value().id, trading::OrderEvent::kSend);
    exchange_.submit(std::move(*approved));
  }
  void buy(std::int64_t count, bool shrink = false) {
    order({.side = Side::kBuy, .shrink_to_cash = shrink, .quantity = shares(count)});
  }
  void stop(const char* level, std::int64_t count = 10) {
    order({.side = Side::kSell,
           .kind = OrderKind::kStop,
           .effect = trading::Effect::kClose,
           .quantity = shares(count),
           .stop = price(level)});
  }
  void target(const char* level, std::int64_t count = 10) {
    order({.side = Side::kSell,
           .kind = OrderKind::kLimit,
           .effect = trading::Effect::kClose,
           .quantity = shares(count),
           .limit = price(level)});
  }
  void bar(const char* open, const char* high, const char* low, double volume = 1000) {
    log.clear();
    exchange_.on_bar(0, {.key = ++key_, .open = price(open), .high = price(high), .low = price(low), .volume = volume});
    exchange_.match();
    exchange_.verify(account_);
  }
  // A position of ten shares, bought at 100.
  void hold_ten() {
    buy(10);
    bar("100", "100", "100");
  }

  std::vector<std::string> log;
  trading::Account& account() { return account_; }
  SimulatedExchange& exchange() { return exchange_; }

 private:
  std::vector<market::Instrument> instruments_{market::Instrument{.symbol = "A"}};
  trading::Account account_;
  trading::RiskGate gate_;
  SimulatedExchange exchange_;
  std::int64_t key_ = 0;
};

using Log = std::vector<std::string>;

TEST(Fills, AMarketOrderFillsAtTheNextOpen) {
  Desk desk;
  desk.buy(10);
  desk.bar("101.5", "105", "99");
  EXPECT_EQ(desk.log, Log{"fill 10 at 101.5 by next_open"});
  desk.order({.side = Side::kSell, .effect = trading::Effect::kClose, .quantity = shares(10)});
  desk.bar("98", "99", "90");
  EXPECT_EQ(desk.log, Log{"fill 10 at 98 by next_open"});
}

TEST(Fills, NothingFillsWithoutVolume) {
  Desk desk;
  desk.buy(10);
  desk.bar("101", "101", "101", 0);
  EXPECT_EQ(desk.log, Log{});
  desk.bar("101", "101", "101", std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(desk.log, Log{});
  desk.bar("102", "103", "101", 1);
  EXPECT_EQ(desk.log, Log{"fill 10 at 102 by next_open"});
}

struct LevelCase {
  const char* what;
  const char* open;
  const char* high;
  const char* low;
  Log expected;
};

TEST(Fills, StopAtNinetyAndTargetAtHundredTwenty) {
  const LevelCase cases[] = {
      {"neither is reached", "100", "119.99", "90.01", {}},
      {"the low reaches the stop", "100", "110", "90", {"fill 10 at 90 by stop_level"}},
      {"the bar opens below the stop", "85", "110", "80", {"fill 10 at 85 by stop_gap"}},
      {"the bar opens at the stop", "90", "95", "89", {"fill 10 at 90 by stop_level"}},
      {"the high reaches the target", "100", "120", "95", {"fill 10 at 120 by limit_level"}},
      {"the bar opens above the target", "125", "130", "121", {"fill 10 at 125 by limit_gap"}},
      {"both within one bar: the stop first", "100", "125", "85", {"fill 10 at 90 by stop_level"}},
      {"opens below the stop and rises to the target", "85", "125", "84", {"fill 10 at 85 by stop_gap"}},
      {"opens above the target and falls to the stop: the open came first",
       "125",
       "126",
       "85",
       {"fill 10 at 125 by limit_gap"}},
  };
  for (const LevelCase& c : cases) {
    Desk desk;
    desk.hold_ten();
    desk.stop("90");
    desk.target("120");
    desk.bar(c.open, c.high, c.low);
    // Without an engine nobody cancels the other order; its fill is refused because nothing is held any more.
    std::erase(desk.log, "reject");
    EXPECT_EQ(desk.log, c.expected) << c.what;
  }
}

TEST(Fills, ABuySizedByMoneyShrinksToTheCash) {
  Desk desk("1000", *core::Rate::parse("0.001"));
  desk.buy(9, true);
  desk.bar("200", "200", "200");
  EXPECT_EQ(desk.log, (Log{"partial_fill 4 at 200 by next_open", "cancel"}));
  EXPECT_EQ(desk.exchange().cash(), money("199.2"));
  EXPECT_EQ(desk.account().orders()[0].note, "shrunk to what the cash paid");
}

TEST(Fills, ABuyOfSharesIsAllOrNothing) {
  Desk desk("1000");
  desk.buy(9, false);
  desk.bar("200", "200", "200");
  EXPECT_EQ(desk.log, Log{"reject"});
  EXPECT_EQ(desk.exchange().holding(0), Quantity());
}

TEST(Fills, ASplitRestatesPositionOrdersAndLevels) {
  Desk desk;
  desk.hold_ten();
  desk.stop("90");
  desk.account().split(0, 2, 1);
  desk.exchange().split(0, 2, 1, price("100"));
  EXPECT_EQ(desk.exchange().holding(0), shares(20));
  desk.bar("50", "51", "45");
  EXPECT_EQ(desk.log, Log{"fill 20 at 45 by stop_level"});
}

TEST(Fills, ASplitThatLeavesLessThanALotCancelsTheOrder) {
  Desk desk;
  desk.buy(3);
  desk.account().split(0, 1, 10);
  desk.log.clear();
  desk.exchange().split(0, 1, 10, price("100"));
  EXPECT_EQ(desk.log, Log{"cancel"});
  EXPECT_EQ(desk.exchange().working_count(), 0U);
}

TEST(Fills, ADividendPaysForWhatIsHeld) {
  Desk desk;
  desk.hold_ten();
  desk.account().dividend(0, price("0.25"));
  desk.exchange().dividend(0, price("0.25"));
  EXPECT_EQ(desk.exchange().cash(), money("9002.5"));
  desk.exchange().verify(desk.account());
}

TEST(Fills, ACancelledOrderDoesNotFill) {
  Desk desk;
  desk.hold_ten();
  desk.stop("90");
  desk.exchange().cancel(desk.account().orders().back().id);
  desk.bar("80", "80", "80");
  EXPECT_EQ(desk.log, Log{});
  EXPECT_EQ(desk.exchange().holding(0), shares(10));
}

TEST(FillsDeathTest, DifferentBooksStopTheProgram) {
  Desk desk;
  desk.hold_ten();
  desk.exchange().dividend(0, price("1"));
  EXPECT_DEATH(desk.exchange().verify(desk.account()), "USD cash: exchange 9010, account 9000");
}

}  // namespace
}  // namespace argosy::venue
