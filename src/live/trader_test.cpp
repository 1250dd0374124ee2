#include "live/trader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/log.hpp"
#include "live/test_rig.hpp"

namespace argosy::live {
namespace {

using ledger::ServiceState;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using trading::ReportedState;
using trading::Side;

// --- Buying and selling. ---

TEST(Trader, BuysWhatTheAllocationPaysAndLeavesTheMinimum) {
  struct Case {
    const char* settings;
    const char* quantity;  // at 100 and half a percent of room
  };
  const Case cases[] = {
      {"", "99"},
      {R"(, "allocation_percent": "25")", "24"},
      {R"(, "minimum_balance": "9000")", "9"},
      {R"(, "minimum_balance": "9000", "allocation_percent": "5")", "4"},
  };
  for (const auto& [settings, quantity] : cases) {
    Rig rig;
    rig.make_service(settings);
    rig.decide(true);
    rig.quote("99.9", "100");
    ASSERT_THAT(rig.broker().submitted, SizeIs(1)) << settings;
    EXPECT_EQ(rig.last().quantity, shares(quantity)) << settings;
    EXPECT_EQ(rig.last().side, Side::kBuy);
  }
}

TEST(Trader, DecisionsAreWrittenWithWhatCameOfThem) {
  struct Case {
    const char* settings;
    bool buys;
    const char* outcome;
  };
  const Case cases[] = {
      {"", false, "no"},
      {"", true, "order"},
      {R"(, "buy_threshold": "90")", true, "below the threshold of 90"},
      {R"(, "minimum_balance": "9950")", true, "too little money for one lot"},
  };
  for (const auto& [settings, buys, outcome] : cases) {
    Rig rig;
    rig.make_service(settings);
    rig.decide(buys);
    rig.quote("99.9", "100");
    rig.quote("99.9", "100");  // within the interval: not asked again
    const auto rows = rig.rows<ledger::JournalRow>("WHERE kind = 'decision'");
    ASSERT_THAT(rows, SizeIs(1)) << outcome;
    EXPECT_THAT(rows[0].payload, HasSubstr(R"("outcome":")" + std::string(outcome))) << outcome;
    EXPECT_EQ(rig.decisions.asked, 1);
    EXPECT_EQ(rig.broker().submitted.size(), std::string_view(outcome) == "order" ? 1U : 0U);
  }
}

// One that a user makes or starts is asked for at once; those of before a start one after another, each within its
// interval and at the same moment of each start. Stops wait for nothing.
TEST(Trader, AStartSpreadsTheFirstQuestionsOverTheInterval) {
  constexpr int kServices = 20;
  Rig rig;
  for (int i = 0; i < kServices; ++i)
    rig.ask("service_create", R"({"instrument_id": 1, "symbol": "AAPL", "balance": "1000", "stop_loss_percent": "5"})");
  rig.decide(true);
  rig.quote("99.9", "100");
  EXPECT_EQ(rig.decisions.asked, kServices);
  const trading::OrderTicket ticket = rig.broker().submitted.front();
  rig.say(rig.filled(ticket, "100", ticket.quantity.to_string().c_str()));
  for (std::size_t i = 1; i < kServices; ++i) rig.say(rig.report(rig.broker().submitted[i], ReportedState::kCancelled));
  rig.set_account(rig.book().cash_of(1).to_string().c_str(), ticket.quantity.to_string().c_str());
  rig.decide(false);

  std::vector<int> first;
  for (int round = 0; round < 2; ++round) {
    rig.restart();
    rig.decisions.asked = 0;
    std::vector<int> asked;
    for (int tenth = 0; tenth < 101; ++tenth) {
      const int before = rig.decisions.asked;
      rig.quote("99.9", "100");
      rig.run(std::chrono::milliseconds(90));
      asked.push_back(rig.decisions.asked - before);
    }
    EXPECT_EQ(rig.decisions.asked, kServices);
    EXPECT_LE(std::ranges::max(asked), 2);
    if (round == 0) first = asked;
    EXPECT_EQ(asked, first);
  }
  rig.restart();
  rig.broker().submitted.clear();
  rig.quote("90", "90.1");
  ASSERT_THAT(rig.broker().submitted, SizeIs(1));
  EXPECT_EQ(rig.last().side, Side::kSell);
  // One that a user starts is asked for at once.
  rig.ask("service_stop", R"({"id": 2})");
  rig.decisions.asked = 0;
  rig.ask("service_start", R"({"id": 2})");
  rig.quote("90", "90.1");
  EXPECT_EQ(rig.decisions.asked, 1);
}

TEST(Trader, StopsAndTargetsSellWithoutAskingAndPausedServicesKeepThem) {
  struct Case {
    const char* settings;
    const char* bid;
    const char* source;  // empty: nothing is sold
  };
  const Case cases[] = {
      {R"(, "stop_loss_percent": "5")", "95", "stop_loss"},
      {R"(, "stop_loss_percent": "5")", "95.01", ""},
      {R"(, "take_profit_percent": "5")", "105", "take_profit"},
      {R"(, "take_profit_percent": "5")", "104.99", ""},
      {"", "1", ""},
  };
  for (const bool paused : {false, true}) {
    for (const auto& [settings, bid, source] : cases) {
      Rig rig;
      rig.make_service(settings);
      rig.buy();
      if (paused) rig.ask("service_pause", R"({"id": 1})");
      rig.broker().submitted.clear();
      rig.quote(bid, bid);
      EXPECT_EQ(rig.broker().submitted.size(), *source == '\0' ? 0U : 1U) << settings << bid;
      if (*source == '\0') continue;
      EXPECT_EQ(rig.last().side, Side::kSell);
      EXPECT_EQ(rig.last().quantity, shares("99"));
      const auto rows = rig.rows<ledger::JournalRow>("WHERE kind = 'decision' ORDER BY seq DESC LIMIT 1");
      EXPECT_THAT(rows[0].payload, HasSubstr(source));
      rig.quote(bid, bid);
      EXPECT_THAT(rig.broker().submitted, SizeIs(1));  // once
    }
  }
}

TEST(Trader, APausedServiceBuysNothingAndHoldDoesNothing) {
  Rig rig;
  rig.make_service();
  rig.make_service();
  rig.ask("service_pause", R"({"id": 1})");
  rig.ask("service_set", R"({"service_id": 2, "mode": "HOLD"})");
  rig.decide(true, true);
  for (int i = 0; i < 5; ++i) {
    rig.quote("99.9", "100");
    rig.run(seconds(20));
  }
  EXPECT_EQ(rig.decisions.asked, 0);
  EXPECT_THAT(rig.broker().submitted, IsEmpty());
}

TEST(Trader, AStopWaitsForTheRestOfAPurchaseToBeCancelled) {
  Rig rig;
  rig.make_service(R"(, "stop_loss_percent": "5")");
  rig.decide(true);
  rig.quote("99.9", "100");
  const trading::OrderTicket ticket = rig.last();
  rig.say(rig.filled(ticket, "100", "40"));
  rig.quote("90", "90.1");
  EXPECT_THAT(rig.broker().cancelled, Contains(ticket.client_order_id));
  EXPECT_THAT(rig.broker().submitted, SizeIs(1));
  auto ended = rig.report(ticket, ReportedState::kCancelled);
  ended.filled = shares("40");
  rig.say(ended);
  rig.quote("90", "90.1");
  ASSERT_THAT(rig.broker().submitted, SizeIs(2));
  EXPECT_EQ(rig.last().side, Side::kSell);
  EXPECT_EQ(rig.last().quantity, shares("40"));
}

// --- Sessions. ---

TEST(Trader, BuysAndSellsWithinItsHoursHalfDaysIncluded) {
  struct Case {
    const char* time = nullptr;
    bool buys = false;
    bool flattens = false;
    bool opens = true;
  };
  // Five minutes before the close nothing is bought, three minutes before it everything is sold.
  const Case cases[] = {
      {"2013-03-04T14:29:00Z", false, false},  // 9:29 in New York
      {"2013-03-04T14:31:00Z", true, false},         {"2013-03-04T20:54:00Z", true, false},
      {"2013-03-04T20:56:00Z", false, false},        {"2013-03-04T20:58:00Z", false, true},
      {"2013-03-04T21:01:00Z", false, false},        {"2013-03-02T15:00:00Z", false, false, false},  // a Saturday
      {"2013-07-03T16:54:00Z", true, false},                                                         // closes at 13:00
      {"2013-07-03T16:58:00Z", false, true},         {"2013-07-03T17:01:00Z", false, false},
      {"2013-07-04T15:00:00Z", false, false, false},  // a holiday
  };
  TraderSettings settings;
  settings.hours = {.no_entries_before_close = minutes(5), .flatten_before_close = minutes(3)};
  for (const auto& [time, buys, flattens, opens] : cases) {
    Rig entries({.start = time, .trader = settings});
    entries.make_service();
    entries.decide(true);
    entries.quote("99.9", "100");
    EXPECT_EQ(entries.broker().submitted.size(), buys ? 1U : 0U) << time;

    // One that has held shares since the morning.
    const std::string morning = std::string(time, 11) + "14:35:00Z";
    if (time_of(time) < time_of(morning.c_str()) || !opens) continue;
    Rig exits({.start = morning.c_str(), .trader = settings});
    exits.make_service();
    exits.buy();
    exits.broker().submitted.clear();
    exits.run(time_of(time) - exits.now());
    exits.quote("99.9", "100");
    EXPECT_EQ(exits.broker().submitted.size(), flattens ? 1U : 0U) << time;
  }
}

// --- Failures. ---

TEST(Trader, OrdersThatFailInARowEndInErrorAndAFillForgetsThem) {
  Rig rig;
  rig.make_service();
  rig.decide(true);
  const auto reject = [&] {
    rig.run(seconds(20));
    rig.quote("99.9", "100");
    auto said = rig.report(rig.last(), ReportedState::kRejected);
    said.note = "no reason";
    rig.say(said);
  };
  for (int i = 0; i < 4; ++i) reject();
  EXPECT_EQ(rig.book().service(1)->state, ServiceState::kActive);
  EXPECT_EQ(rig.book().service(1)->failures, 4);
  reject();
  EXPECT_EQ(rig.book().service(1)->state, ServiceState::kError);
  EXPECT_EQ(rig.book().service(1)->error, "5 orders failed in a row, the last one: no reason");
  EXPECT_THAT(rig.told(), Contains("service 1 (AAPL) needs you"));
  const std::size_t before = rig.broker().submitted.size();
  rig.run(seconds(20));
  rig.quote("99.9", "100");
  EXPECT_EQ(rig.broker().submitted.size(), before);
  rig.ask("service_start", R"({"id": 1})");
  EXPECT_EQ(rig.book().service(1)->failures, 0);
  rig.buy();
  EXPECT_EQ(rig.book().service(1)->buy_count, 1);
  EXPECT_THAT(rig.findings(), IsEmpty());
}

// --- By hand. ---

TEST(Trader, ClosesAPositionByHandAndRefusesWhatCannotBe) {
  Rig rig;
  rig.make_service();
  rig.quote("99.9", "100");
  EXPECT_EQ(rig.request("close_position", R"({"id": 1})").error().code, core::ErrorCode::kConflict);
  EXPECT_EQ(rig.request("close_position", R"({"id": 9})").error().code, core::ErrorCode::kNotFound);
  EXPECT_EQ(rig.request("complete", R"({"transaction_id": 1, "price": "1"})").error().code, core::ErrorCode::kNotFound);
  rig.run(seconds(20));
  rig.buy();
  rig.ask("service_stop", R"({"id": 1})");
  EXPECT_EQ(rig.book().service(1)->current_shares, shares("99"));  // stays until somebody acts
  rig.ask("close_position", R"({"id": 1})");
  EXPECT_EQ(rig.last().side, Side::kSell);
  EXPECT_EQ(rig.book().order(2)->reason, "manual");
  EXPECT_THAT(rig.request("close_position", R"({"id": 1})").error().message, HasSubstr("is selling them already"));
  EXPECT_THAT(rig.request("complete", R"({"transaction_id": 1, "price": "1"})").error().message,
              HasSubstr("still works"));
  rig.say(rig.filled(rig.last(), "101", "99"));
  EXPECT_EQ(rig.book().service(1)->current_shares, Quantity());
  EXPECT_EQ(rig.book().service(1)->current_balance, Money());  // off: its money goes back
  EXPECT_EQ(rig.book().portfolio(1)->cash, money("100097"));   // 99 gained, 2 of fees
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST(Trader, CompletesATransactionByHand) {
  Rig rig;
  rig.make_service();
  rig.buy();
  rig.ask("complete", R"({"transaction_id": 1, "price": "110"})");
  EXPECT_EQ(rig.book().service(1)->current_shares, Quantity());
  EXPECT_EQ(rig.book().service(1)->current_balance, money("10989"));  // 99 and 890 more, less a fee of 1
  EXPECT_EQ(rig.book().portfolio(1)->cash, money("79110"));
  EXPECT_EQ(rig.book().position(1, 1)->unassigned, shares("99"));
  EXPECT_EQ(rig.book().cash_of(1), money("90099"));
  EXPECT_THAT(rig.findings(), IsEmpty());
}

// --- Switches and limits. ---

TEST(Trader, TheKillSwitchCancelsAndHoldsAndFlattens) {
  Rig rig;
  rig.make_service();
  rig.decide(true);
  rig.quote("99.9", "100");
  const trading::OrderTicket ticket = rig.last();
  rig.say(rig.report(ticket, ReportedState::kWorking));
  rig.ask("risk_kill", R"({"reason": "test"})");
  EXPECT_THAT(rig.broker().cancelled, Contains(ticket.client_order_id));
  rig.say(rig.report(ticket, ReportedState::kCancelled));
  rig.run(seconds(20));
  rig.quote("99.9", "100");
  EXPECT_THAT(rig.broker().submitted, SizeIs(1));
  rig.restart();
  rig.quote("99.9", "100");
  EXPECT_THAT(rig.broker().submitted, IsEmpty());
  rig.ask("risk_release", "{}");
  rig.run(seconds(20));
  rig.buy();
  EXPECT_EQ(rig.book().service(1)->current_shares, shares("99"));
  rig.ask("risk_kill", R"({"scope": "service", "subject": "1", "flatten": true, "reason": "test"})");
  rig.quote("99.9", "100");
  EXPECT_EQ(rig.last().side, Side::kSell);
  EXPECT_EQ(rig.last().quantity, shares("99"));
}

// As that of everything does: neither a stop nor a hand sells what its service holds.
TEST(Trader, TheKillSwitchOfAServiceLetsNothingOfItLeave) {
  for (const char* scope :
       {R"("scope": "service", "subject": "1")", R"("scope": "strategy", "subject": "probability")"}) {
    Rig rig;
    rig.make_service(R"(, "stop_loss_percent": "5")");
    rig.buy();
    ASSERT_EQ(rig.book().service(1)->current_shares, shares("99"));
    rig.ask("risk_kill", std::string("{") + scope + R"(, "reason": "test"})");
    rig.run(seconds(20));
    rig.quote("90", "90.1");
    EXPECT_THAT(rig.broker().submitted, SizeIs(1)) << scope;
    EXPECT_EQ(rig.request("close_position", R"({"id": 1})").error().code, core::ErrorCode::kConflict) << scope;
    EXPECT_THAT(rig.broker().submitted, SizeIs(1)) << scope;
    rig.ask("risk_release", std::string("{") + scope + "}");
    rig.quote("90", "90.1");
    EXPECT_THAT(rig.broker().submitted, SizeIs(2)) << scope;
  }
}

TEST(Trader, ASoftLimitIsInForceAtOnceAndTheHardOneStaysOnTop) {
  trading::LimitProfile limits = trading::LimitProfile::backtest();
  limits.limits.max_order_value = trading::Limit<Money>::of(money("50000"));
  Rig rig({.limits = limits});
  rig.make_service();
  EXPECT_EQ(rig.request("risk_set", R"({"name": "max_order_value", "value": "60000"})").error().code,
            core::ErrorCode::kLimit);
  rig.ask("risk_set", R"({"name": "max_order_value", "value": "5000"})");
  rig.decide(true);
  rig.quote("99.9", "100");
  EXPECT_THAT(rig.broker().submitted, IsEmpty());
  EXPECT_EQ(rig.book().order(1)->state, "denied");
  // A halt of the instrument and what was promised are not forgotten with the limits.
  EXPECT_EQ(rig.desk().gate().profile().limits.max_order_value.value(), money("5000"));
  rig.restart();
  rig.ask("risk_set", R"({"name": "max_order_value", "value": "none"})");
  EXPECT_EQ(rig.desk().gate().profile().limits.max_order_value.value(), money("50000"));
  rig.run(seconds(20));
  rig.quote("99.9", "100");
  EXPECT_THAT(rig.broker().submitted, SizeIs(1));
}

// --- Days. ---

TEST(Trader, EachDayHasItsRowsWhenItIsOverAndWhenTheProcessEnds) {
  Rig rig;
  rig.make_service();
  rig.buy();  // 99 at 100, a fee of 1
  rig.quote("102", "102.1");
  rig.run(hours(24));
  rig.quote("101", "101.1");
  rig.ask("close_position", R"({"id": 1})");
  rig.say(rig.filled(rig.last(), "101", "99"));
  bool ended = false;
  rig.process().shut_down(seconds(1), [&] { ended = true; });
  rig.run(seconds(2));
  ASSERT_TRUE(ended);
  for (const char* scope : {"account", "portfolio"}) {
    const auto rows = rig.rows<ledger::DailyPnlRow>("WHERE scope = '" + std::string(scope) + "' ORDER BY date");
    ASSERT_THAT(rows, SizeIs(2)) << scope;
    EXPECT_EQ(rows[0].date.to_string(), "2013-03-04");
    EXPECT_EQ(rows[0].realised, Money());
    EXPECT_EQ(rows[0].fees, money("1"));
    EXPECT_EQ(rows[0].unrealised, money("198"));
    EXPECT_EQ(rows[0].equity, money("100197"));
    EXPECT_EQ(rows[1].realised, money("99"));
    EXPECT_EQ(rows[1].fees, money("1"));
    EXPECT_EQ(rows[1].unrealised, Money());
    EXPECT_EQ(rows[1].equity, money("100097"));
  }
  EXPECT_THAT(rig.findings(), IsEmpty());
  // A day that was changed by hand is found.
  must(rig.database().write([](ledger::Transaction& work) {
    return work.execute(
        "UPDATE daily_pnl SET realised = realised + 1 WHERE date = (SELECT max(date) FROM daily_pnl) "
        "AND scope = 'portfolio'");
  }));
  EXPECT_THAT(rig.findings(), Contains(HasSubstr("its transactions differ by 0.000001")));
}

TEST(Trader, AnInstrumentThatIsNotActiveGetsNoNewServices) {
  Rig rig({.requests_every = std::chrono::milliseconds(20)});
  const auto set_active = [&](int active) {
    must(rig.database().write([&](ledger::Transaction& work) {
      return work.execute("UPDATE instruments SET is_active = :active", {active});
    }));
  };
  rig.make_service();
  set_active(0);
  const char* const payload = R"({"instrument_id": 1, "symbol": "AAPL", "balance": "10000"})";
  const auto refused = rig.store_request("service_create", payload);
  EXPECT_EQ(refused.state, ledger::RequestState::kFailed);
  EXPECT_THAT(refused.answer, HasSubstr("AAPL is not active"));
  // The service that there is goes on.
  rig.decide(true);
  rig.quote("99.9", "100");
  EXPECT_THAT(rig.broker().submitted, SizeIs(1));
  set_active(1);
  EXPECT_EQ(rig.store_request("service_create", payload).state, ledger::RequestState::kDone);
}

TEST(Process, WritesNothingMoreOnceItHasEnded) {
  Rig rig;
  rig.make_service();
  rig.decide(true);
  bool done = false;
  rig.process().shut_down(seconds(1), [&] { done = true; });
  rig.run(seconds(5));
  ASSERT_TRUE(done);
  const std::int64_t commits = rig.process().writer().figures().commits;
  for (int i = 0; i < 5; ++i) {
    rig.quote("99.9", "100");
    rig.run(minutes(2));  // snapshots are due
  }
  EXPECT_TRUE(rig.process().writer().is_idle());
  EXPECT_EQ(rig.process().writer().figures().commits, commits);
  EXPECT_THAT(rig.findings(), IsEmpty());
}

// --- Other currencies. ---

TEST(Trader, BuysInAnotherCurrencyByItsRateAndNothingWithoutOne) {
  Rig rig({.currency = "EUR"});
  rig.make_service(R"(, "stop_loss_percent": "5")");
  rig.decide(true);
  rig.quote("99.9", "100");
  rig.rate("1.25", hours(97));  // too old
  rig.run(seconds(11));
  rig.quote("99.9", "100");
  EXPECT_EQ(rig.decisions.asked, 0);
  EXPECT_THAT(rig.broker().submitted, IsEmpty());
  EXPECT_THAT(rig.told(), Contains("nothing is bought in EUR"));
  EXPECT_THAT(rig.desk().missed_rates(), SizeIs(1));
  rig.rate("1.25");
  EXPECT_THAT(rig.told(), Contains("EUR is bought in again"));
  EXPECT_THAT(rig.desk().missed_rates(), IsEmpty());
  rig.run(seconds(11));
  rig.quote("99.9", "100");
  ASSERT_THAT(rig.broker().submitted, SizeIs(1));
  EXPECT_EQ(rig.last().quantity, shares("79"));  // 10,000 USD are 8,000 EUR, at 100.50

  // The broker's own rate counts, and price and fee are in EUR.
  rig.decide(false);
  trading::OrderReport bought = rig.filled(rig.last(), "100", "79");
  bought.fills.front().rate = price("1.2");
  rig.say(bought);
  EXPECT_EQ(rig.book().service(1)->current_balance, money("518.8"));  // 10,000 - 79 x 100 x 1.2 - 1.2
  const ledger::TransactionRow* open = rig.book().open_transaction(1);
  ASSERT_NE(open, nullptr);
  EXPECT_EQ(open->purchase_price, price("120"));
  EXPECT_EQ(open->quoted_price(), price("100"));
  EXPECT_EQ(rig.desk().account().cash(), rig.book().cash_of(1));

  // Stops look at the price alone, whatever the rate does.
  rig.rate("0.8");
  rig.quote("95.01", "95.02");
  EXPECT_THAT(rig.broker().submitted, SizeIs(1));
  rig.quote("95", "95.01");
  ASSERT_THAT(rig.broker().submitted, SizeIs(2));
  rig.say(rig.filled(rig.last(), "95", "79"));                       // the broker names no rate: ours
  EXPECT_EQ(rig.book().service(1)->current_balance, money("6522"));  // + 79 x 95 x 0.8 - 0.8
  EXPECT_EQ(rig.book().service(1)->total_gain_loss, money("-3478"));
  EXPECT_EQ(rig.desk().account().cash(), rig.book().cash_of(1));
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST(Trader, WhatIsHeldInAnotherCurrencyIsWorthWhatItWasUntilThereIsANewRate) {
  Rig rig({.currency = "EUR"});
  rig.make_service();
  rig.rate("1.25");
  rig.buy();  // 79 at 100 EUR, and 1 EUR of fees
  const auto equity = [&] {
    const auto rows = rig.rows<ledger::EquitySnapshotRow>("WHERE scope = 'portfolio' ORDER BY time DESC LIMIT 1");
    return rows.empty() ? Money() : rows.front().equity;
  };
  rig.rate("1.5");
  rig.quote("110", "110.1");
  rig.run(seconds(70));
  const Money worth = money("103158.75");  // 100,000 - 7,901 x 1.25 + 79 x 110 x 1.5
  EXPECT_EQ(equity(), worth);
  EXPECT_EQ(rig.desk().account().equity(), worth);
  EXPECT_THAT(rig.findings(), IsEmpty());

  rig.restart();
  EXPECT_EQ(rig.desk().account().equity(), worth);
  rig.decide(true);
  rig.quote("110", "110.1");
  EXPECT_TRUE(rig.desk().missed_rates().empty());  // it holds shares and wants none
  rig.rate("1");
  rig.quote("110", "110.1");
  rig.run(seconds(70));
  EXPECT_EQ(equity(), money("98813.75"));
}

TEST(Trader, NoDayIsCountedOnWhichNoExchangeOpens) {
  Rig rig({.start = "2013-03-01T15:00:00Z"});  // Friday
  rig.run(hours(24 * 3));
  const auto rows = rig.rows<ledger::DailyPnlRow>("WHERE scope = 'portfolio' ORDER BY date");
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].date.to_string(), "2013-03-01");
  EXPECT_EQ(rows[1].date.to_string(), "2013-03-04");
}

}  // namespace
}  // namespace argosy::live
