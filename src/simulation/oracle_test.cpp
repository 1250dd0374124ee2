#include "simulation/oracle.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <set>

#include "core/log.hpp"
#include "core/rng.hpp"
#include "ledger/audit.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/maintenance.hpp"
#include "ledger/open.hpp"
#include "simulation/test_build.hpp"
#include "simulation/world.hpp"

namespace argosy::simulation {
namespace {

using core::Result;
using std::chrono::minutes;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

Result<void> change(ledger::Database& database, const std::string& sql) {
  return database.write([&](ledger::Transaction& work) -> Result<void> {
    ARGOSY_TRY(const std::int64_t rows, work.execute(sql));
    if (rows == 0) return core::fail(core::ErrorCode::kNotFound, "nothing was changed by " + sql);
    return {};
  });
}

std::set<int> invariants(const std::vector<Violation>& violations) {
  std::set<int> out;
  for (const Violation& each : violations) out.insert(each.invariant);
  return out;
}

std::string all(const std::vector<Violation>& violations) {
  std::string out;
  for (const Violation& each : violations) out += to_string(each) + "\n";
  return out;
}

// A world that has traded for a while, without faults.
class OracleTest : public testing::Test {
 public:
  ~OracleTest() override { static_cast<void>(core::take_warning_count()); }

 protected:
  // Then nothing is left to be done, and nobody is wrong.
  void end() {
    world.calm_down();
    ASSERT_THAT(world.findings(), IsEmpty());
  }
  [[nodiscard]] std::vector<Violation> look(Moment moment = Moment::kEnd) {
    return world.oracle().check(world.ledger(), world.venue_books(), moment);
  }
  // As if it had been asked for and written, and had no effect.
  void pretend(const std::string& kind, const std::string& payload, const std::string& answer,
               const std::string& action) {
    world.oracle().on_request(kind, payload, answer);
    const ledger::AuditEntry entry{
        .time = world.now(), .actor = "admin", .action = action, .subject = {}, .before = {}, .after = {}};
    const auto done = world.ledger().write(
        [&](ledger::Transaction& work) { return ledger::append_audit(work, std::span(&entry, 1)); });
    ASSERT_TRUE(done) << done.error().describe();
  }

  World world{{.seed = 5, .client_ids = false}};
};

struct Damage {
  const char* name;
  bool venue;
  const char* sql;
  std::vector<int> found;
};

class OracleSees : public OracleTest, public testing::WithParamInterface<Damage> {};

// One thing is changed behind everybody's back.
TEST_P(OracleSees, Damage) {
  world.run(minutes(7));
  end();
  const auto done = change(GetParam().venue ? world.venue_books() : world.ledger(), GetParam().sql);
  ASSERT_TRUE(done) << done.error().describe();
  const std::vector<Violation> seen = look();
  EXPECT_EQ(invariants(seen), std::set<int>(GetParam().found.begin(), GetParam().found.end())) << all(seen);
  EXPECT_THAT(look(), IsEmpty()) << "told twice";
}

INSTANTIATE_TEST_SUITE_P(
    Rows, OracleSees,
    testing::Values(
        Damage{"FundingIsGone", false, "DELETE FROM fundings WHERE funding_id = 1", {1}},
        Damage{"JournalIsRewritten", false, "UPDATE journal SET payload = payload || ' ' WHERE seq = 20", {1}},
        Damage{"OrderIsAnother", false, "UPDATE orders SET quantity = quantity + 1 WHERE order_id = 2", {1}},
        Damage{"VenueHasWhatWeHaveNot",
               true,
               "INSERT INTO paper_orders SELECT 100000, 'argosy-zzzzzz-1', client_ids, symbol, side, kind, "
               "time_in_force, quantity, limit_price, stop_price, closes, shrink_to_cash, 'cancelled', 0, triggered, "
               "note, received_at, updated_at, travel_bars, arrives_at, session, cancel_asked, cancel_bars, "
               "cancel_arrives_at FROM paper_orders WHERE order_number = 1",
               {1, 5}},
        Damage{"MoneyFromNowhere",
               false,
               "INSERT INTO cash_entries SELECT max(entry_id) + 1, max(journal_seq), max(time), 1, 'market', 1, 'USD', "
               "1, 'fill', NULL FROM cash_entries",
               {2}},
        Damage{"PortfolioIsRicher", false, "UPDATE portfolios SET cash = cash + 1", {3}},
        Damage{"ServiceIsPoorer",
               false,
               "UPDATE trading_services SET current_balance = current_balance - 1 WHERE "
               "service_id = 3",
               {3}},
        Damage{"PositionIsLarger", false, "UPDATE positions SET quantity = quantity + 1 WHERE symbol = 'AAPL'", {3}},
        Damage{"HoldingIsSmaller", false, "UPDATE holdings SET quantity = quantity - 1 WHERE symbol = 'AAPL'", {3}},
        Damage{"ServiceHasShares",
               false,
               "UPDATE trading_services SET current_shares = current_shares + 1 WHERE "
               "service_id = 2",
               {3}},
        Damage{"VenueTakesCash", true, "UPDATE paper_accounts SET cash = cash - 1", {3, 9}},
        Damage{"VenueTakesShares",
               true,
               "UPDATE paper_holdings SET quantity = quantity - 1 WHERE symbol = 'MSFT'",
               {3, 9}},
        Damage{"FillOfNobody",
               false,
               "INSERT INTO fills SELECT (SELECT max(fill_id) + 1 FROM fills), broker_account_id, 'F999999', order_id, "
               "service_id, instrument_id, symbol, side, price, quantity, fee, currency, rate, rate_inverse, filled_at "
               "FROM fills WHERE fill_id = 1",
               {4}},
        Damage{"FillBookedTwice",
               false,
               "INSERT INTO fills SELECT (SELECT max(fill_id) + 1 FROM fills), broker_account_id, 'F001', order_id, "
               "service_id, instrument_id, symbol, side, price, quantity, fee, currency, rate, rate_inverse, filled_at "
               "FROM fills WHERE broker_fill_id = 'F1'",
               {4}},
        Damage{"VenueChangesAFill", true, "UPDATE paper_fills SET fee = fee + 1 WHERE fill_number = 3", {4}},
        Damage{"TwoOrdersOfOneId",
               true,
               "INSERT INTO paper_orders SELECT 100000, client_order_id, 0, symbol, side, kind, time_in_force, "
               "quantity, limit_price, stop_price, closes, shrink_to_cash, 'cancelled', 0, triggered, note, "
               "received_at, updated_at, travel_bars, arrives_at, session, cancel_asked, cancel_bars, "
               "cancel_arrives_at FROM paper_orders WHERE order_number = 1",
               {5}},
        Damage{
            "FilledForLess", false, "UPDATE orders SET filled_quantity = filled_quantity - 1 WHERE order_id = 4", {6}},
        Damage{"OtherFees", false, "UPDATE orders SET fees = fees + 1 WHERE order_id = 4", {6}},
        Damage{"OtherAverage", false, "UPDATE orders SET fill_price = fill_price + 1 WHERE order_id = 4", {6}},
        Damage{"VenueFillsMore", true, "UPDATE paper_orders SET filled = filled + 1 WHERE order_number = 2", {6, 7}},
        Damage{"MovesAfterItsEnd",
               false,
               "INSERT INTO journal SELECT max(seq) + 1, max(time), 'order_event', NULL, NULL, "
               "'{\"order_id\": 1, \"event\": \"accept\", \"broker_order_id\": \"\", \"note\": \"\"}', max(fencing) "
               "FROM journal",
               {7}},
        Damage{"LateWithoutBeingSo", false, "UPDATE orders SET late_fill = 1 WHERE order_id = 4", {7}},
        Damage{
            "VenueMovesWhatEnded", true, "UPDATE paper_orders SET state = 'cancelled' WHERE order_number = 2", {7, 8}},
        Damage{"VenueIsFunded",
               true,
               "INSERT INTO paper_fundings SELECT max(funding_id) + 1, 'USD', 5, max(time) FROM paper_fundings",
               {3, 9}},
        Damage{"DecidesOnAnOldPrice",
               false,
               "INSERT INTO journal SELECT max(seq) + 1, max(time), 'decision', 1, NULL, '{\"source\": \"x\", "
               "\"quoted_at\": \"2020-01-02T00:00:00Z\"}', max(fencing) FROM journal",
               {12}},
        Damage{"BreakerForgets",
               false,
               "INSERT INTO journal SELECT max(seq) + n, max(time), 'guard', NULL, NULL, '{\"broker_account_id\": 1, "
               "\"memory\": \"{\\\"breaker\\\": {\\\"trips\\\": ' || (9 - n) || '}}\"}', max(fencing) FROM journal, "
               "(SELECT 1 "
               "AS n UNION SELECT 2) GROUP BY n ORDER BY n",
               {10}},
        Damage{"HolderOfBefore", false, "UPDATE holder SET fencing = fencing - 1", {13}},
        Damage{"OrderElsewhere", false, "UPDATE orders SET state = 'cancelled' WHERE order_id = 4", {14}},
        Damage{"PortfolioHasAnotherName", false, "UPDATE portfolios SET name = name || 's'", {14}},
        Damage{"NoDefaultPortfolio", false, "UPDATE portfolios SET is_default = 0", {14}},
        Damage{"PortfolioIsGone", false, "UPDATE portfolios SET removed_at = 1", {14}},
        Damage{"ServiceElsewhere", false, "UPDATE trading_services SET state = 'PAUSED' WHERE service_id = 1", {14}},
        Damage{"JournalHasAGap",
               false,
               "INSERT INTO journal SELECT max(seq) + 2, max(time), 'timer', NULL, NULL, '{}', max(fencing) FROM "
               "journal",
               {15}},
        Damage{"OlderHolderWrites",
               false,
               "INSERT INTO journal SELECT max(seq) + 1, max(time), 'timer', NULL, NULL, '{}', max(fencing) - 1 FROM "
               "journal",
               {13}},
        Damage{"TimeGoesBack",
               false,
               "INSERT INTO journal SELECT max(seq) + 1, max(time) - 1, 'timer', NULL, NULL, '{}', max(fencing) FROM "
               "journal",
               {12}},
        Damage{"AuditOfNobody",
               false,
               "INSERT INTO audit_log SELECT max(seq) + 1, max(time), 'me', 'risk.set', '', '', '', max(hash), 'no' "
               "FROM audit_log",
               {17}},
        Damage{"RequestWaits",
               false,
               "INSERT INTO service_commands (request_id, request_key, kind, payload, requested_by, requested_at, "
               "state, answer) VALUES (1, 'k', "
               "'cancel_all', '{}', 'admin', 1, 'NEW', '')",
               {18}}),
    [](const auto& info) { return info.param.name; });

// --- What was never made, but is told as if it had been. ---

struct Forged {
  bool decided = true;         // its decision is there
  core::Duration price_age{};  // that its decision tells
  core::Duration waits{};      // before it leaves
  std::int64_t number = 100'000;
  bool sells = false;
  std::string denied = {};  // the note of one that was
};

std::string replaced(std::string text, const std::string& name, const std::string& value) {
  const std::string start = "\"" + name + "\":";
  const std::size_t from = text.find(start);
  if (from == std::string::npos) return text;
  const std::size_t begin = from + start.size();
  const std::size_t end = text[begin] == '"' ? text.find('"', begin + 1) + 1 : text.find_first_of(",}", begin);
  return text.replace(begin, end - begin, value);
}

class OracleForged : public OracleTest {
 protected:
  // A row of the journal, the last of its kind, told again as if of now.
  std::pair<std::int64_t, std::string> last(const std::string& kind, std::int64_t most) {
    std::pair<std::int64_t, std::string> row;
    constexpr ledger::ColumnType kTypes[] = {ledger::ColumnType::kInteger, ledger::ColumnType::kText};
    const auto done = world.ledger().read([&](ledger::Transaction& work) {
      return work.query("SELECT seq, payload FROM journal WHERE kind = '" + kind +
                            "' AND seq <= " + std::to_string(most) + " ORDER BY seq DESC LIMIT 1",
                        kTypes, {}, [&](const ledger::Row& each) -> Result<void> {
                          row = {each.integer(0), each.text(1)};
                          return {};
                        });
    });
    EXPECT_TRUE(done);
    return row;
  }
  std::int64_t append(const std::string& kind, const std::string& payload, core::Duration later = {}) {
    const std::int64_t now = (world.now() + later).time_since_epoch().count();
    const auto done = change(
        world.ledger(), fmt::format("INSERT INTO journal SELECT max(seq) + 1, {}, '{}', {}, NULL, '{}', max(fencing) "
                                    "FROM journal",
                                    now, kind, kind == "decision" ? "1" : "NULL", payload));
    EXPECT_TRUE(done);
    return last(kind, 1'000'000'000).first;
  }
  // An order of service 1 that is on its way, and that the venue never had.
  void forge(const Forged& forged) {
    std::string decision = replaced(last("decision", 1'000'000'000).second, "quoted_at",
                                    fmt::format("\"{}\"", core::format_rfc3339(world.now() - forged.price_age)));
    const std::int64_t decided = forged.decided ? append("decision", decision) : 1;
    std::string order = last("order", 1'000'000'000).second;
    const std::string number = std::to_string(forged.number);
    for (const auto& [name, value] : {std::pair<std::string, std::string>("order_id", number),
                                      {"client_order_id", fmt::format("\"argosy-forged-{}\"", number)},
                                      {"service_id", "1"},
                                      {"symbol", "\"AAPL\""},
                                      {"side", forged.sells ? "\"sell\"" : "\"buy\""},
                                      {"effect", forged.sells ? "\"close\"" : "\"open\""},
                                      {"quantity", forged.sells ? "\"30\"" : "\"1\""},
                                      {"state", forged.denied.empty() ? "\"pending_submit\"" : "\"denied\""},
                                      {"note", fmt::format("\"{}\"", forged.denied)},
                                      {"decision", std::to_string(decided)}})
      order = replaced(order, name, value);
    append("order", order);
    if (!forged.denied.empty()) return;
    append("order_event",
           fmt::format(R"({{"order_id": {}, "event": "send", "broker_order_id": "", "note": ""}})", number),
           forged.waits);
  }
};

TEST_F(OracleForged, OrderIsNeverAnswered) {
  world.run(minutes(10));
  end();
  forge({});
  EXPECT_EQ(invariants(look(Moment::kRunning)), std::set<int>());
  EXPECT_EQ(invariants(look(Moment::kQuiet)), std::set<int>{8});
}

TEST_F(OracleForged, OrderIsUnknownAndNobodyIsTold) {
  world.run(minutes(10));
  end();
  forge({});
  append("order_event", R"({"order_id": 100000, "event": "lose", "broker_order_id": "", "note": ""})");
  EXPECT_EQ(invariants(look(Moment::kRunning)), std::set<int>{8});
}

TEST_F(OracleForged, OrderLeavesLate) {
  world.run(minutes(10));
  end();
  forge({.waits = std::chrono::seconds(30)});
  EXPECT_THAT(look(Moment::kRunning), IsEmpty());
  forge({.waits = std::chrono::seconds(31), .number = 100'001});
  const std::vector<Violation> seen = look(Moment::kRunning);
  EXPECT_THAT(all(seen), testing::HasSubstr("I12: order 100001 left 31 s after"));
}

TEST_F(OracleForged, ServiceOrdersWhileItsOrderWorks) {
  world.run(minutes(10));
  end();
  forge({});
  EXPECT_THAT(look(Moment::kRunning), IsEmpty());
  forge({.number = 100'001});
  EXPECT_EQ(all(look(Moment::kRunning)), "I10: order 100001 of service 1 was made while its order 100000 worked\n");
}

// Services 1 and 4 have shares of one kind.
TEST_F(OracleForged, ServiceSellsWhatIsAnothers) {
  world.run(minutes(10));
  end();
  forge({.sells = true});
  EXPECT_THAT(all(look(Moment::kRunning)), testing::HasSubstr("I10: order 100000 sells 30, and service 1 has "));
}

TEST_F(OracleForged, ServiceGivesBackWhatItsOrderMayTake) {
  world.run(minutes(10));
  end();
  const std::string gives = R"({"service_id": 1, "state": "INACTIVE", "reason": "", "amount": "-5"})";
  append("service_state", gives);
  EXPECT_THAT(all(look(Moment::kRunning)), Not(testing::HasSubstr("gave back")));
  forge({});
  append("service_state", gives);
  EXPECT_THAT(all(look(Moment::kRunning)), testing::HasSubstr("I3: service 1 gave back 5 while its order 100000"));
}

TEST_F(OracleForged, OrderIsRefusedForWantOfMoneyThatIsThere) {
  world.run(minutes(10));
  end();
  forge({.denied = "insufficient cash: 10 > 5 (needs 5000000, 5 there)"});
  EXPECT_THAT(look(Moment::kRunning), IsEmpty());
  forge({.number = 100'001, .denied = "insufficient cash: 10 > 5 (needs 10, 5 there)"});
  EXPECT_THAT(all(look(Moment::kRunning)), StartsWith("I3: order 100001 needed 10, and was refused with "));
}

TEST_F(OracleForged, OrderHasNoDecision) {
  world.run(minutes(10));
  forge({.decided = false});
  EXPECT_EQ(invariants(look(Moment::kRunning)), std::set<int>{10});
}

TEST_F(OracleForged, DecisionIsOfAnOldPrice) {
  world.run(minutes(10));
  forge({.price_age = minutes(2)});
  EXPECT_EQ(invariants(look(Moment::kRunning)), std::set<int>{12});
}

// The decision says that its price was new; nobody told it.
TEST_F(OracleForged, NobodyToldThePrice) {
  world.run(minutes(10));
  world.set(FeedFault::kSilent, 1);
  world.run(minutes(5));
  forge({});
  EXPECT_EQ(invariants(look(Moment::kRunning)), std::set<int>{12});
}

// A price of ten times the right one comes as the process dies: whoever begins anew goes by what was stored. Told to a
// process that lives, it bounds what may be bought.
TEST_F(OracleForged, WhatADeadProcessWasToldBoundsNoOrderOfTheNext) {
  pretend("risk_set", R"({"name": "max_gross_exposure", "value": "30000"})", "{}", "risk.set");
  world.run(minutes(10));
  world.set(FeedFault::kSilent, 1);
  const auto tell = [&](const std::string& symbol, const char* text) {
    const core::Price price = *core::Price::parse(text);
    world.oracle().on_quote(symbol, {.time = world.now(), .bid = price, .ask = price, .last = price}, true);
  };
  tell("NVDA", "1200");
  world.die(Death::kKill);
  world.run(minutes(1));
  tell("AAPL", "190");
  forge({});
  EXPECT_THAT(look(Moment::kRunning), IsEmpty());
  tell("NVDA", "1200");
  world.run(std::chrono::seconds(1));
  tell("AAPL", "190");
  forge({.number = 100'001});
  EXPECT_EQ(invariants(look(Moment::kRunning)), std::set<int>{10});
}

TEST_F(OracleForged, OrderPassesTheGateUnwritten) {
  world.run(minutes(10));
  world.oracle().on_question(trading::OrderTicket{
      .client_order_id = "argosy-forged-1", .symbol = "AAPL", .quantity = core::Quantity::from_integer(1)});
  EXPECT_EQ(invariants(look(Moment::kRunning)), std::set<int>{1});
}

TEST_F(OracleForged, OrderPassesTheGateAsAnother) {
  world.run(minutes(10));
  end();
  forge({});
  trading::OrderTicket ticket{
      .client_order_id = "argosy-forged-100000", .symbol = "AAPL", .quantity = core::Quantity::from_integer(2)};
  world.oracle().on_question(ticket);
  EXPECT_EQ(invariants(look(Moment::kRunning)), std::set<int>{10});
  ticket.quantity = core::Quantity::from_integer(1);
  world.oracle().on_question(ticket);
  EXPECT_EQ(invariants(look(Moment::kRunning)), std::set<int>{5});
}

// --- What was asked for. ---

struct Limited {
  const char* name;
  const char* value;
};

class OracleLimits : public OracleTest, public testing::WithParamInterface<Limited> {};

// The process was never told of the limit.
TEST_P(OracleLimits, Bite) {
  world.run(minutes(5));
  pretend("risk_set", fmt::format(R"({{"name": "{}", "value": "{}"}})", GetParam().name, GetParam().value), "{}",
          "risk.set");
  world.run(minutes(30));
  const auto findings = world.findings();
  EXPECT_THAT(findings, Not(IsEmpty()));
  EXPECT_THAT(findings, Each(StartsWith("I10: ")));
}

INSTANTIATE_TEST_SUITE_P(All, OracleLimits,
                         testing::Values(Limited{"max_order_quantity", "3"}, Limited{"max_order_value", "1000"},
                                         Limited{"max_working_orders", "1"}, Limited{"max_position_quantity", "10"},
                                         Limited{"max_position_value", "6000"}, Limited{"max_open_positions", "2"},
                                         Limited{"max_gross_exposure", "15000"}),
                         [](const auto& info) { return std::string(info.param.name); });

// What is in force at the process breaks nothing.
TEST_F(OracleTest, LimitsThatAreKept) {
  for (const auto& [name, value] : {std::pair("max_order_quantity", "45"), std::pair("max_position_value", "6000"),
                                    std::pair("max_gross_exposure", "15000"), std::pair("max_working_orders", "2")})
    ASSERT_TRUE(world.ask("risk_set", fmt::format(R"({{"name": "{}", "value": "{}"}})", name, value)));
  world.run(minutes(60));
  end();
  EXPECT_GT(world.oracle().counts().orders_judged, 20);
}

TEST_F(OracleTest, SwitchStopsNothing) {
  world.run(minutes(5));
  pretend("risk_kill", R"({"scope": "instrument", "subject": "MSFT"})", R"({"switch_id": 1})", "risk.kill");
  world.run(minutes(2));
  const auto findings = world.findings();
  EXPECT_THAT(findings, Contains(testing::HasSubstr("I11: order")));
  EXPECT_THAT(findings, Contains(testing::HasSubstr("I11: argosy-")));
  EXPECT_THAT(findings, Each(StartsWith("I11: ")));
}

// Thrown, over two deaths, and released; and one whose acknowledgement died with the process.
TEST_F(OracleTest, SwitchThatHolds) {
  world.run(minutes(5));
  ASSERT_TRUE(world.ask("risk_kill", R"({"scope": "all", "halts": "entries"})"));
  world.die(Death::kPower);
  world.run(minutes(5));
  EXPECT_THAT(look(Moment::kRunning), IsEmpty());
  const std::int64_t before = world.oracle().counts().orders_judged;
  ASSERT_TRUE(world.ask("risk_kill", R"({"scope": "all"})"));
  world.run(std::chrono::seconds(10));
  for (int i = 0; i < 2; ++i) {
    world.die(Death::kPower);
    world.run(minutes(5));
  }
  EXPECT_THAT(look(Moment::kRunning), IsEmpty());
  EXPECT_EQ(world.oracle().counts().orders_judged, before);
  ASSERT_TRUE(world.ask("risk_release", R"({"scope": "all"})"));
  world.run(minutes(5));
  EXPECT_THAT(look(Moment::kRunning), IsEmpty());
  EXPECT_GT(world.oracle().counts().orders_judged, before);
  end();
}

TEST_F(OracleTest, AcknowledgedAndForgotten) {
  world.run(minutes(5));
  world.oracle().on_request("risk_set", R"({"name": "max_order_value", "value": "100000"})", "{}");
  world.run(minutes(5));
  EXPECT_THAT(world.findings(), ElementsAre(StartsWith("I17: risk_set was acknowledged")));
}

TEST_F(OracleTest, ServiceIsNotAsAsked) {
  world.run(minutes(5));
  end();
  pretend("service_start", R"({"id": 2})", R"({"service_id": 2})", "service.start");
  EXPECT_EQ(invariants(look()), std::set<int>{18});
}

TEST_F(OracleTest, MoneyThatWasNotAskedFor) {
  world.run(minutes(5));
  pretend("portfolio_fund", R"({"amount": "10"})", R"({"funding_id": 2})", "portfolio.fund");
  EXPECT_EQ(invariants(look(Moment::kRunning)), std::set<int>{3});
}

TEST_F(OracleTest, SecretIsWritten) {
  world.run(minutes(5));
  Oracle other({.secret = "probability="}, world.clock());
  EXPECT_THAT(invariants(other.check(world.ledger(), world.venue_books(), Moment::kEnd)), Contains(19));
}

// --- By hand at the venue. ---

TEST_F(OracleTest, SharesBoughtByHand) {
  world.run(minutes(20));
  end();
  for (const char* sql :
       {"INSERT INTO paper_orders SELECT 100000, 'hand-1', client_ids, 'AAPL', 'buy', kind, time_in_force, 1000000000, "
        "limit_price, stop_price, closes, shrink_to_cash, 'filled', 1000000000, triggered, note, received_at, "
        "updated_at, travel_bars, arrives_at, session, cancel_asked, cancel_bars, cancel_arrives_at FROM paper_orders "
        "WHERE order_number = 1",
        "INSERT INTO paper_fills SELECT 100000, 100000, 'AAPL', 190000000000, 1000000000, 1000000, currency, "
        "-191000000, "
        "bar_key, rule, time, NULL, 0 FROM paper_fills WHERE fill_number = 1",
        "UPDATE paper_accounts SET cash = cash - 191000000",
        "UPDATE paper_holdings SET quantity = quantity + 1000000000 WHERE symbol = 'AAPL'"})
    ASSERT_TRUE(change(world.venue_books(), sql));
  EXPECT_EQ(invariants(look()), std::set<int>{9});
  // Somebody was told, and it is not wrong: only nobody's yet.
  ASSERT_TRUE(change(world.ledger(),
                     "INSERT INTO outbox SELECT coalesce(max(outbox_id), 0) + 1, 1, 'log', 'error', 'AAPL is blocked', "
                     "'the cash, too', 0, NULL, '', NULL FROM outbox"));
  Oracle other({.funded = core::Money::from_integer(100'000)}, world.clock());
  const std::vector<Violation> seen = other.check(world.ledger(), world.venue_books(), Moment::kEnd);
  EXPECT_THAT(invariants(seen), Not(Contains(9))) << all(seen);
}

// One that worked when the session ended: it was on its way for half a minute.
TEST(Oracle, SplitOfAnOrderThatWorks) {
  if (kSanitized) GTEST_SKIP() << "two nights take long there";
  live::ActionTeller::Actions actions;
  for (const char* symbol : {"AAPL", "MSFT", "NVDA"})
    actions[symbol] = {{.ex_date = *core::Date::parse("2024-11-29"),
                        .kind = market::ActionKind::kSplit,
                        .numerator = 3,
                        .denominator = 2}};
  WorldSettings settings{.seed = 4, .limits = simulation_limits(), .actions = actions};
  settings.paper.latency = "ms:30000";
  const core::Timestamp opening = settings.start;
  settings.start += minutes(375);  // a quarter of an hour of the day is enough
  World world(settings);
  world.run_until(opening + minutes(390));
  world.run_until(opening + std::chrono::hours(48) + minutes(2));
  EXPECT_THAT(world.findings(Moment::kRunning), IsEmpty());
  ASSERT_TRUE(change(world.ledger(), fmt::format("UPDATE orders SET quantity = quantity + 1 WHERE order_id = (SELECT "
                                                 "max(order_id) FROM orders WHERE created_at < {} AND state <> "
                                                 "'denied')",
                                                 core::Timestamp(opening + minutes(400)).time_since_epoch().count())));
  const auto seen = all(world.oracle().check(world.ledger(), world.venue_books(), Moment::kEnd));
  EXPECT_THAT(seen, testing::ContainsRegex("I14: order .* its split makes "));
  static_cast<void>(core::take_warning_count());
}

TEST_F(OracleTest, FillThatNobodyBooked) {
  world.run(minutes(20));
  end();
  ASSERT_TRUE(
      change(world.venue_books(),
             "INSERT INTO paper_fills SELECT 100000, order_number, symbol, price, quantity, fee, currency, cash, "
             "bar_key, rule, time, rate, rate_inverse FROM paper_fills WHERE fill_number = 1"));
  const std::vector<Violation> seen = look();
  EXPECT_THAT(invariants(seen), Contains(4)) << all(seen);
}

// --- Backups, hashes, losses. ---

TEST_F(OracleTest, Backups) {
  world.run(minutes(20));
  const std::string copy = world.disk().folder() + "/copy.db";
  const auto made = ledger::back_up(world.disk().folder() + "/ledger.db", copy, ledger::ledger_schema(),
                                    world.disk().files(), world.clock());
  ASSERT_TRUE(made) << made.error().describe();
  world.run(minutes(10));
  end();
  const auto backup =
      ledger::open_database({.path = copy}, ledger::ledger_schema(), world.disk().files(), world.clock());
  ASSERT_TRUE(backup) << backup.error().describe();
  EXPECT_THAT(world.oracle().check_backup(**backup), IsEmpty());
  ASSERT_TRUE(change(**backup, "UPDATE portfolios SET cash = cash + 1"));
  EXPECT_EQ(invariants(world.oracle().check_backup(**backup)), std::set<int>{3});
  ASSERT_TRUE(change(**backup, "UPDATE portfolios SET cash = cash - 1"));
  ASSERT_TRUE(change(**backup, "UPDATE journal SET time = time + 1 WHERE seq = (SELECT max(seq) FROM journal)"));
  EXPECT_EQ(invariants(world.oracle().check_backup(**backup)), std::set<int>{1});
}

// What is read anew was there before: orders are not judged by prices of now, nor requests taken for new ones.
TEST_F(OracleTest, BeginsAnewWithARestoredLedger) {
  world.run(minutes(10));
  world.post("service_pause", R"({"id": 1})");
  world.run(minutes(1));
  EXPECT_THAT(look(Moment::kRunning), IsEmpty());
  world.oracle().on_restored();
  EXPECT_THAT(look(Moment::kRunning), IsEmpty());
  world.run(minutes(5));
  end();
  ASSERT_TRUE(change(world.ledger(), "UPDATE portfolios SET cash = cash + 1"));
  EXPECT_EQ(invariants(look()), std::set<int>{3});
}

TEST(Oracle, SameHistorySameHash) {
  std::set<std::string> hashes;
  for (int i = 0; i < 2; ++i) {
    World world({.seed = 9});
    world.run(minutes(20));
    const auto hash = state_hash(world.ledger(), ledger::ledger_schema());
    ASSERT_TRUE(hash) << hash.error().describe();
    hashes.insert(*hash);
  }
  EXPECT_EQ(hashes.size(), 1);
  World other({.seed = 9});
  other.run(minutes(20));
  ASSERT_TRUE(change(other.ledger(), "UPDATE orders SET note = 'x' WHERE order_id = 1"));
  hashes.insert(*state_hash(other.ledger(), ledger::ledger_schema()));
  EXPECT_EQ(hashes.size(), 2);
}

// --- Worlds with everything. ---

// Somebody asks for this and that; refusals are as good as anything.
void ask_something(World& world, core::Rng& rng) {
  if (!world.is_alive()) return;
  const std::uint64_t id = 1 + rng.below(5);
  switch (rng.below(9)) {
    case 0:
      return static_cast<void>(world.ask("service_stop", fmt::format(R"({{"id": {}}})", id)));
    case 1:
    case 2:
      return static_cast<void>(world.ask("service_start", fmt::format(R"({{"id": {}}})", id)));
    case 3:
      return static_cast<void>(world.ask("portfolio_fund", R"({"amount": "123.45"})"));
    case 4:
      return static_cast<void>(world.ask("portfolio_withdraw", R"({"amount": "67.89"})"));
    case 5:
      return static_cast<void>(world.ask(
          "risk_kill", fmt::format(R"({{"scope": "service", "subject": "{}", "flatten": {}}})", id, id % 2 == 0)));
    case 6:
      return static_cast<void>(
          world.ask("risk_release", fmt::format(R"({{"scope": "service", "subject": "{}"}})", id)));
    case 7:
      return static_cast<void>(world.ask("close_position", fmt::format(R"({{"id": {}}})", id)));
    default:
      return static_cast<void>(
          world.ask("risk_set", fmt::format(R"({{"name": "max_position_value", "value": "{}"}})", 3000 + 1000 * id)));
  }
}

TEST(Oracle, HasNothingToSay) {
  std::int64_t judged = 0;
  std::int64_t deaths = 0;
  for (std::uint64_t seed = 1; seed <= kWorlds; ++seed) {
    World world({.seed = seed, .client_ids = seed % 2 == 0});
    core::Rng rng(seed);
    for (int round = 0; round < (kSanitized ? 5 : 12); ++round) {
      for (std::size_t fault = 0; fault < kBrokerFaults.size(); ++fault)
        world.gateway().set(static_cast<BrokerFault>(fault), rng.below(3) == 0 ? 0.2 * rng.uniform() : 0);
      for (std::size_t fault = 0; fault < kFeedFaults.size(); ++fault)
        world.set(static_cast<FeedFault>(fault), rng.below(3) == 0 ? 0.1 * rng.uniform() : 0);
      if (rng.below(2) == 0)
        world.die_at(world.disk().changes() + 1 + static_cast<std::int64_t>(rng.below(300)),
                     rng.below(3) == 0 ? Death::kKill : Death::kPower);
      ask_something(world, rng);
      world.run(minutes(15));
    }
    world.calm_down();
    EXPECT_THAT(world.findings(), IsEmpty()) << "seed " << seed;
    judged += world.oracle().counts().orders_judged;
    deaths += world.deaths();
  }
  EXPECT_GT(judged, 100);
  EXPECT_GT(deaths, 2);
  static_cast<void>(core::take_warning_count());
}

// Ten looks a day, and the last one at everything.
TEST(Oracle, Cost) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer's times say nothing";
  World world({.seed = 2});
  Oracle other({.funded = core::Money::from_integer(100'000)}, world.clock());
  const auto seconds = [](std::clock_t ticks) { return static_cast<double>(ticks) / CLOCKS_PER_SEC; };
  std::clock_t looked = 0;
  const std::clock_t began = std::clock();
  const auto look = [&](Moment moment) {
    const std::clock_t before = std::clock();
    static_cast<void>(other.check(world.ledger(), world.venue_books(), moment));
    looked += std::clock() - before;
  };
  for (int i = 0; i < 10; ++i) {
    world.run(minutes(39));
    look(Moment::kRunning);
  }
  const std::clock_t day = std::clock() - began - looked;
  const std::clock_t running = looked;
  look(Moment::kEnd);
  fmt::print("a day of the world {:.3f} s; of it ten looks {:.3f} s ({:.1f} %), and one at everything {:.3f} s\n",
             seconds(day), seconds(running), 100 * seconds(running) / seconds(day), seconds(looked - running));
  EXPECT_LT(seconds(running), 0.3 * seconds(day));
  static_cast<void>(core::take_warning_count());
}

}  // namespace
}  // namespace argosy::simulation
