// What the venue does with quotes, with settings that make a broker difficult, and with lines that make no sense.
#include "brokers/paper_venue.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "brokers/test_world.hpp"
#include "core/text.hpp"

namespace argosy::brokers {
namespace {

constexpr PaperSession kSession{1};

// A Friday in New York, in the session.
constexpr core::Timestamp kNoon = core::utc_midnight(core::Date::from_ymd(2024, 3, 1)) + std::chrono::hours(17);

core::Result<market::Instrument> find_listed(const std::string& symbol) {
  if (symbol != "A") return core::fail(core::ErrorCode::kNotFound, symbol + " is not traded here");
  return market::Instrument{.symbol = "A", .exchange = "XNAS"};
}

// A venue whose lines are written by hand and read as answers.
class PaperVenueTest : public testing::Test {
 protected:
  void start(const PaperSettings& settings) {
    const auto terms = make_paper_terms(settings);
    ASSERT_TRUE(terms) << terms.error().describe();
    database = open_paper(folder.path(), clock);
    venue = std::move(PaperVenue::open(*terms, *database, find_listed, clock).value());
    venue->connect(kSession);
    say(Login{.account = "paper"});
    say(Fund{.funding_id = 1, .currency = "USD", .amount = Money::from_integer(100'000)});
    answers.clear();
  }
  void say(const Question& question) { say_line(to_line(++last, question)); }
  void say_line(const std::string& line) {
    venue->receive(kSession, line);
    listen();
  }
  void listen() {
    ASSERT_TRUE(venue->flush());
    for (const PaperOutput& output : venue->take_output()) {
      closed = closed || output.closes;
      for (const auto text : core::split(core::trim(output.bytes), '\n')) {
        auto line = parse_answer(text);
        ASSERT_TRUE(line && line->answer) << text;
        answers.push_back(*line->answer);
      }
    }
  }
  void quote(const char* bid, const char* ask, core::Duration later = std::chrono::seconds(1)) {
    clock.advance_to(clock.now() + later);
    const auto done =
        venue->on_quote("A", {.time = clock.now(), .bid = *Price::parse(bid), .ask = *Price::parse(ask), .last = {}});
    ASSERT_TRUE(done) << done.error().describe();
    listen();
  }
  void submit(Side side, std::int64_t shares, OrderTicket ticket = {}) {
    ticket.client_order_id = "v-" + std::to_string(++orders);
    ticket.symbol = "A";
    ticket.side = side;
    ticket.closes = side == Side::kSell;
    ticket.quantity = Quantity::from_integer(shares);
    say(ticket);
  }
  [[nodiscard]] const OrderReport& report() const { return std::get<OrderReport>(answers.back()); }
  [[nodiscard]] std::string price() const { return report().fills.at(0).price.to_string(); }

  TestFolder folder;
  core::SimulatedClock clock{kNoon};
  std::unique_ptr<ledger::Database> database;
  std::unique_ptr<PaperVenue> venue;
  std::vector<Answer> answers;
  bool closed = false;
  std::int64_t last = 0;
  int orders = 0;
};

TEST_F(PaperVenueTest, BuysPayTheAskAndSellsGetTheBid) {
  start({.fees = "percent:0.1", .slippage = "fixed:0.01"});
  submit(Side::kBuy, 10);
  quote("99.90", "100.10");
  EXPECT_EQ(price(), "100.11");
  EXPECT_EQ(report().fills[0].fee.to_string(), "1.0011");
  EXPECT_EQ(report().fills[0].time, clock.now());
  submit(Side::kSell, 10);
  quote("99.90", "100.10");
  EXPECT_EQ(price(), "99.89");
}

TEST_F(PaperVenueTest, ALimitIsTouchedByItsOwnSideOfTheQuote) {
  start({});
  submit(Side::kBuy, 10, {.kind = trading::OrderKind::kLimit, .limit = *Price::parse("100")});
  quote("99.90", "100.10");
  EXPECT_EQ(report().state, ReportedState::kWorking);
  quote("99.80", "100.00");
  EXPECT_EQ(report().state, ReportedState::kFilled);
}

// The first close that it is told counts, over a restart too; what was traded since an ex-date is left as it is.
TEST_F(PaperVenueTest, AnActionIsBookedOnceAndNotWhereItWasTradedSince) {
  start({});
  submit(Side::kBuy, 5);
  quote("99", "100");
  const core::Date monday = core::Date::from_ymd(2024, 3, 4);
  const market::CorporateAction split{
      .ex_date = monday, .kind = market::ActionKind::kSplit, .numerator = 3, .denominator = 2, .amount = {}};
  EXPECT_EQ(*venue->apply("A", split, *Price::parse("90")), *Price::parse("90"));
  EXPECT_EQ(*venue->apply("A", split, *Price::parse("80")), *Price::parse("90"));
  EXPECT_EQ(venue->exchange().holding(0), Quantity::from_integer(7));
  EXPECT_EQ(venue->exchange().cash(), *Money::parse("99530"));  // - 500 and half a share at 60
  ASSERT_TRUE(venue->flush());
  venue.reset();
  database.reset();
  start({});
  EXPECT_EQ(*venue->apply("A", split, *Price::parse("70")), *Price::parse("90"));
  EXPECT_EQ(venue->exchange().holding(0), Quantity::from_integer(7));
  submit(Side::kBuy, 1);
  quote("59", "60", std::chrono::hours(72));  // on Monday
  market::CorporateAction dividend{.ex_date = monday, .amount = *Price::parse("1")};
  const Money before = venue->exchange().cash();
  EXPECT_TRUE(venue->apply("A", dividend, *Price::parse("60")));
  EXPECT_EQ(venue->exchange().cash(), before);
  ASSERT_TRUE(venue->flush());
  venue.reset();
  database.reset();
  start({});
  EXPECT_TRUE(venue->apply("A", dividend, *Price::parse("60")));
  EXPECT_EQ(venue->exchange().cash(), before);
  dividend.ex_date = monday.plus_days(1);
  EXPECT_TRUE(venue->apply("A", dividend, *Price::parse("60")));
  EXPECT_EQ(venue->exchange().cash(), before + Money::from_integer(8));
}

TEST_F(PaperVenueTest, AnOrderTravelsBeforeItIsFilled) {
  start({.latency = "ms:2500"});
  submit(Side::kBuy, 10);
  quote("99", "100");
  quote("99", "101");
  EXPECT_EQ(report().state, ReportedState::kWorking);
  quote("99", "102");
  EXPECT_EQ(price(), "102");
  // So does its cancel, which asking again does not slow down.
  submit(Side::kBuy, 10, {.kind = trading::OrderKind::kLimit, .limit = *Price::parse("90")});
  const std::string id = report().broker_order_id;
  for (int k = 0; k < 3; ++k) {
    say(CancelOrder{.client_order_id = {}, .broker_order_id = id});
    EXPECT_EQ(report().state, ReportedState::kWorking);
    quote("99", "100");
  }
  EXPECT_EQ(report().state, ReportedState::kCancelled);
}

TEST_F(PaperVenueTest, PartialFillsAddUp) {
  start({.partial_fills = *core::Rate::parse("1")});
  submit(Side::kBuy, 100);
  int fills = 0;
  Quantity sum;
  while (report().state == ReportedState::kWorking && fills < 200) {
    quote("99", "100");
    sum += report().fills.at(0).quantity;
    EXPECT_EQ(report().filled, sum);
    ++fills;
  }
  EXPECT_EQ(report().state, ReportedState::kFilled);
  EXPECT_EQ(sum, Quantity::from_integer(100));
  EXPECT_GT(fills, 1);
}

TEST_F(PaperVenueTest, RejectionsAreDrawnByTheNumberOfTheOrder) {
  start({.rejections = *core::Rate::parse("0.5")});
  std::vector<ReportedState> states;
  for (int k = 0; k < 40; ++k) {
    submit(Side::kBuy, 1);
    states.push_back(report().state);
  }
  const auto rejected = std::ranges::count(states, ReportedState::kRejected);
  EXPECT_GT(rejected, 8);
  EXPECT_LT(rejected, 32);
}

TEST_F(PaperVenueTest, OutsideTheSessionNothingIsFilled) {
  start({});
  clock.advance_to(kNoon + std::chrono::hours(6));  // two hours after the close
  submit(Side::kBuy, 10);
  EXPECT_EQ(report().state, ReportedState::kWorking);
  quote("99", "100");
  EXPECT_EQ(report().state, ReportedState::kWorking);
  quote("99", "100", std::chrono::hours(66));  // on Monday, in the session
  EXPECT_EQ(report().state, ReportedState::kFilled);
}

TEST_F(PaperVenueTest, AClosedMarketRejectsWhereTheSettingsSaySo) {
  start({.closed_market = Switch::kOff});
  submit(Side::kBuy, 1);
  EXPECT_EQ(report().state, ReportedState::kWorking);
  clock.advance_to(kNoon + std::chrono::hours(6));
  submit(Side::kBuy, 1);
  EXPECT_EQ(report().state, ReportedState::kRejected);
  EXPECT_EQ(report().note, "the market is closed");
}

TEST_F(PaperVenueTest, ADayOrderEndsWithItsSession) {
  start({});
  submit(Side::kBuy, 1, {.kind = trading::OrderKind::kLimit, .limit = *Price::parse("90")});
  quote("99", "100");
  quote("99", "100", std::chrono::hours(3) + std::chrono::minutes(59) + std::chrono::seconds(30));
  EXPECT_EQ(report().state, ReportedState::kExpired);
}

TEST_F(PaperVenueTest, OrdersWithoutSenseAreRejectedAndKept) {
  start({});
  submit(Side::kBuy, 0);
  EXPECT_EQ(report().state, ReportedState::kRejected);
  submit(Side::kBuy, 1, {.kind = trading::OrderKind::kTrailingStop});
  EXPECT_EQ(report().note, "trailing stops are not taken here");
  submit(Side::kBuy, 1'000'000'000);
  EXPECT_EQ(report().note, "the order is too large");
  say(AskOrder{.client_order_id = "v-1", .broker_order_id = {}});
  EXPECT_EQ(report().state, ReportedState::kRejected);
}

TEST_F(PaperVenueTest, LinesWithoutSenseAreAnsweredAndCloseTheSession) {
  start({});
  say_line("{\"type\":\"dance\",\"id\":7}\n");
  EXPECT_EQ(std::get<Refused>(answers.back()).code, "unsupported");
  EXPECT_FALSE(closed);
  say_line("{\"type\":\"submit\",\"id\":8,\"body\":{\"side\":\"hold\"}}\n");
  EXPECT_EQ(std::get<Refused>(answers.back()).code, "invalid_argument");
  EXPECT_FALSE(closed);
  say_line("hello\n");
  EXPECT_EQ(std::get<Refused>(answers.back()).code, "corrupt");
  EXPECT_TRUE(closed);
  const std::size_t before = answers.size();
  say(AskAccount());
  EXPECT_EQ(answers.size(), before) << "a closed session is not heard";
}

TEST_F(PaperVenueTest, NobodyIsAnsweredBeforeTheLogin) {
  start({});
  venue->connect(kSession);
  say(AskAccount());
  EXPECT_TRUE(std::holds_alternative<Refused>(answers.back()));
  EXPECT_TRUE(closed);
}

TEST(PaperSettings, WhatCannotBeMeantIsRefused) {
  EXPECT_EQ(make_paper_terms({.slippage = "volume:0.1"}).error().field, "slippage");
  EXPECT_EQ(make_paper_terms({.prices = "7d"}).error().field, "prices");
  EXPECT_EQ(make_paper_terms({.fees = "no such fees"}).error().field, "fees");
  EXPECT_EQ(make_paper_terms({.rejections = core::Rate::from_integer(2)}).error().field, "rejections");
  EXPECT_TRUE(make_paper_terms({.prices = "1d", .slippage = "volume:0.1"}));
}

}  // namespace
}  // namespace argosy::brokers
