// When orders are filled: sessions, half days, times in force, latency and its races.
#include <gtest/gtest.h>

#include "core/time.hpp"
#include "venue/test_desk.hpp"

namespace argosy::venue {
namespace {

using enum TimeInForce;
using market::TimeframeUnit;

const market::Timeframe kHourly{1, TimeframeUnit::kHour};
const market::Timeframe kMinutely{1, TimeframeUnit::kMinute};
const std::vector<market::Instrument> kNasdaq{{.symbol = "A", .exchange = "XNAS"}};

std::int64_t at(const char* time) { return core::parse_rfc3339(time)->time_since_epoch().count(); }

struct PlaceCase {
  const char* what = "";
  market::Timeframe timeframe;
  const char* time = "";
  const char* day = "";
  bool opens = false;
  bool closes = false;
};

TEST(SessionClock, PlacesBarsInTheirSessions) {
  const PlaceCase cases[] = {
      {"the first minute", kMinutely, "2024-11-27T14:30:00Z", "2024-11-27", true, false},
      {"a minute within", kMinutely, "2024-11-27T14:31:00Z", "2024-11-27", false, false},
      {"the last minute", kMinutely, "2024-11-27T20:59:00Z", "2024-11-27", false, true},
      {"before the opening", kMinutely, "2024-11-27T14:29:00Z", "2024-11-27", false, false},
      {"after the closing: the next session, past Thanksgiving", kMinutely, "2024-11-27T21:00:00Z", "2024-11-29", false,
       false},
      {"the last minute of a half day", kMinutely, "2024-11-29T17:59:00Z", "2024-11-29", false, true},
      {"an hour that holds the opening", kHourly, "2024-11-27T14:00:00Z", "2024-11-27", true, false},
      {"the last hour of a half day", kHourly, "2024-11-29T17:30:00Z", "2024-11-29", false, true},
      {"on a Saturday", kHourly, "2024-11-30T15:00:00Z", "2024-12-02", false, false},
      {"a day is a session", {}, "2024-11-29T00:00:00Z", "2024-11-29", true, true},
  };
  for (const PlaceCase& c : cases) {
    SessionClock clock(c.timeframe, kNasdaq);
    const SessionPlace place = clock.place(0, at(c.time));
    EXPECT_EQ(place.day.to_string(), c.day) << c.what;
    EXPECT_EQ(place.opens, c.opens) << c.what;
    EXPECT_EQ(place.closes, c.closes) << c.what;
  }
  SessionClock around(kHourly, std::vector<market::Instrument>{{.symbol = "A"}});
  EXPECT_TRUE(around.place(0, at("2024-11-30T00:00:00Z")).opens);
  EXPECT_TRUE(around.place(0, at("2024-11-30T23:00:00Z")).closes);
}

TEST(Timing, ADayOrderOfADayLastsOneBar) {
  Desk desk;
  desk.buy(10, {.kind = OrderKind::kLimit, .time_in_force = kDay, .limit = price("90")});
  desk.bar("100 101 99 100");
  EXPECT_EQ(desk.log, Log{"expire: its session is over"});
  desk.buy(10, {.kind = OrderKind::kLimit, .time_in_force = kDay, .limit = price("99")});
  desk.bar("100 101 99 100");
  EXPECT_EQ(desk.log, Log{"fill 10 at 99 by limit_level"});
}

TEST(Timing, ADayOrderEndsWithTheHalfDay) {
  Desk desk({.timeframe = kHourly}, kNasdaq);
  desk.buy(10, {.kind = OrderKind::kLimit, .time_in_force = kDay, .limit = price("90")});
  desk.bar_at(at("2024-11-29T16:30:00Z"), "100 101 99 100");
  EXPECT_EQ(desk.log, Log{});
  desk.bar_at(at("2024-11-29T17:30:00Z"), "100 101 99 100");
  EXPECT_EQ(desk.log, Log{"expire: its session is over"});
}

TEST(Timing, ADayOrderWhoseLastBarIsMissingEndsBeforeTheNextSession) {
  Desk desk({.timeframe = kHourly}, kNasdaq);
  desk.buy(10, {.kind = OrderKind::kLimit, .time_in_force = kDay, .limit = price("90")});
  desk.bar_at(at("2024-11-29T16:30:00Z"), "100 101 99 100");
  desk.bar_at(at("2024-12-02T14:30:00Z"), "80 81 79 80");
  EXPECT_EQ(desk.log, Log{"expire: its session is over"}) << "and not filled at 80";
}

TEST(Timing, AtTheOpeningOrNotAtAll) {
  Desk desk({.volume_cap = rate("0.01"), .timeframe = kHourly}, kNasdaq);
  desk.buy(15, {.time_in_force = kAtOpen});
  desk.bar_at(at("2024-11-27T15:30:00Z"), "100 101 99 100");
  EXPECT_EQ(desk.log, Log{}) << "the session is open already";
  desk.bar_at(at("2024-11-29T14:30:00Z"), "102 103 101 102", 1000);
  EXPECT_EQ(desk.log, (Log{"partial_fill 10 at 102 by next_open", "expire: not filled in the opening"}));
  desk.buy(5, {.kind = OrderKind::kLimit, .time_in_force = kAtOpen, .limit = price("100")});
  desk.bar_at(at("2024-12-02T14:30:00Z"), "101 103 99 102");
  EXPECT_EQ(desk.log, Log{"expire: not filled in the opening"}) << "the low comes after the opening";
}

TEST(Timing, AtTheClosingOrNotAtAll) {
  Desk desk({.slippage = *parse_slippage("fixed:0.5"), .timeframe = kHourly}, kNasdaq);
  desk.buy(10, {.time_in_force = kAtClose});
  desk.bar_at(at("2024-11-29T16:30:00Z"), "100 101 99 100");
  EXPECT_EQ(desk.log, Log{});
  desk.bar_at(at("2024-11-29T17:30:00Z"), "100 104 99 103");
  EXPECT_EQ(desk.log, Log{"fill 10 at 103.5 by at_close"});
  desk.buy(10, {.kind = OrderKind::kLimit, .time_in_force = kAtClose, .limit = price("100")});
  desk.bar_at(at("2024-12-02T20:30:00Z"), "99 104 98 103");
  EXPECT_EQ(desk.log, Log{"expire: its session is over"}) << "the close is above the limit, whatever was before";
}

TEST(Timing, SalesInTheClosingPayForBuysThere) {
  Desk desk({.account = {.cash = money("1000")}}, {{.symbol = "A"}, {.symbol = "B"}});
  desk.hold(10);
  desk.account().apply(trading::CashEvent{.amount = money("1000")});
  desk.buy(10, {.instrument = 1, .time_in_force = kAtClose});
  desk.account().apply(trading::CashEvent{.amount = money("-1000")});
  desk.sell(10, {.time_in_force = kAtClose});
  const std::int64_t key = desk.key() + kOneDay;
  desk.instant({{0, make_bar("90 101 90 100", 100, key)}, {1, make_bar("90 101 90 100", 100, key)}});
  EXPECT_EQ(desk.log, (Log{"fill 10 at 100 by at_close", "fill 10 at 100 by at_close"}));
}

TEST(Timing, AHaltOverTheSessionEndsADayOrder) {
  Desk desk;
  desk.buy(10, {.time_in_force = kDay});
  desk.exchange.halt(0);
  desk.bar("100 101 99 100");
  EXPECT_EQ(desk.log, Log{"expire: its session is over"});
}

TEST(Latency, InBarsIsSoManyBarsLater) {
  Desk desk({.latency = {.bars = 1}});
  desk.buy(10);
  desk.bar("100 101 99 100");
  EXPECT_EQ(desk.log, Log{});
  desk.bar("102 103 101 102");
  EXPECT_EQ(desk.log, Log{"fill 10 at 102 by next_open"});
}

TEST(Latency, InMillisecondsIsTheFirstBarThatOpensLater) {
  Desk desk({.latency = {.milliseconds = 250}, .timeframe = kMinutely});
  desk.step = kOneMinute;
  desk.bar("100 101 99 100");
  desk.buy(10);
  desk.bar("101 102 100 101");
  EXPECT_EQ(desk.log, Log{}) << "this bar opened as the order left";
  desk.bar("103 104 102 103");
  EXPECT_EQ(desk.log, Log{"fill 10 at 103 by next_open"});

  Desk overnight({.latency = {.milliseconds = 250}}, kNasdaq);
  overnight.bar_at(at("2024-11-27T00:00:00Z"), "100 101 99 100");
  overnight.buy(10);
  overnight.bar_at(at("2024-11-29T00:00:00Z"), "104 104 104 104");
  EXPECT_EQ(overnight.log, Log{"fill 10 at 104 by next_open"}) << "a night is longer";
}

TEST(Latency, ABracketComesABarAfterItsEntry) {
  for (const venue::Latency& latency : {venue::Latency{.bars = 1}, venue::Latency{.milliseconds = 250}}) {
    Desk desk({.latency = latency}, kNasdaq);
    desk.bar_at(at("2024-11-25T00:00:00Z"), "100 101 99 100");
    desk.orders().submit_bracket({.quantity = shares(10)}, {.stop_loss = {.ratio = rate("0.1")}});
    desk.bar_at(at("2024-11-26T00:00:00Z"), "100 101 80 100");
    if (latency.bars > 0) {
      EXPECT_EQ(desk.log, Log{});
      desk.bar_at(at("2024-11-27T00:00:00Z"), "100 101 80 100");
    }
    EXPECT_EQ(desk.log, Log{"fill 10 at 100 by next_open"}) << "the stop is still on its way";
    desk.bar_at(at("2024-11-29T00:00:00Z"), "100 101 80 100");
    EXPECT_EQ(desk.log, (Log{"trigger", "fill 10 at 90 by stop_level"}));
  }
}

TEST(Latency, AFillWinsTheRaceAgainstACancel) {
  Desk desk({.latency = {.bars = 1}});
  const OrderId id = desk.buy(10, {.kind = OrderKind::kLimit, .limit = price("95")});
  desk.bar("100 101 94 100");
  EXPECT_EQ(desk.log, Log{}) << "on its way";
  desk.orders().cancel(id);
  EXPECT_EQ(desk.order(id).state, trading::OrderState::kPendingCancel);
  desk.bar("100 101 94 100");
  EXPECT_EQ(desk.log, Log{"fill 10 at 95 by limit_level"});
  desk.bar("100 101 94 100");
  EXPECT_EQ(desk.log, Log{}) << "the cancel finds nothing";
  EXPECT_EQ(desk.order(id).state, trading::OrderState::kFilled);
}

TEST(Latency, ACancelThatArrivesEndsTheOrderBeforeTheOpen) {
  Desk desk({.latency = {.bars = 1}});
  const OrderId id = desk.buy(10, {.kind = OrderKind::kLimit, .limit = price("95")});
  desk.bar("100 101 99 100");
  desk.orders().cancel(id);
  desk.bar("100 101 99 100");
  desk.bar("90 91 89 90");
  EXPECT_EQ(desk.log, Log{});
  EXPECT_EQ(desk.order(id).state, trading::OrderState::kCancelled);
}

TEST(Latency, AChangeArrivesLaterAndAfterAPartialFillMayBeRefused) {
  Desk desk({.volume_cap = rate("0.1"), .latency = {.bars = 1}});
  const OrderId id = desk.buy(10, {.kind = OrderKind::kLimit, .limit = price("95")});
  desk.bar("100 101 99 100");
  desk.orders().replace({.order = id, .quantity = shares(4), .limit = price("96")});
  desk.bar("100 101 94 100", 50);
  EXPECT_EQ(desk.log, Log{"partial_fill 5 at 95 by limit_level"});
  desk.bar("100 101 96 100");
  EXPECT_EQ(desk.log, Log{"refuse_replace: as much is filled already"});
  EXPECT_EQ(desk.order(id).state, trading::OrderState::kPartiallyFilled);
  desk.orders().replace({.order = id, .quantity = shares(8), .limit = price("96")});
  desk.bar("100 101 96 100");
  EXPECT_EQ(desk.log, Log{});
  desk.bar("100 101 96 100");
  EXPECT_EQ(desk.log, (Log{"replace", "fill 3 at 96 by limit_level"}));
}

TEST(Latency, ACancelOvertakesAChange) {
  Desk desk({.latency = {.bars = 1}});
  const OrderId id = desk.buy(10, {.kind = OrderKind::kLimit, .limit = price("95")});
  desk.bar("100 101 99 100");
  desk.orders().replace({.order = id, .quantity = shares(4), .limit = price("96")});
  desk.orders().cancel(id);
  desk.bar("100 101 99 100");
  desk.bar("100 101 99 100");
  EXPECT_EQ(desk.order(id).state, trading::OrderState::kCancelled);
  EXPECT_EQ(desk.exchange.working_count(), 0U);
}

TEST(Latency, ASplitRestatesAChangeOnItsWay) {
  Desk desk({.latency = {.bars = 1}});
  const OrderId id = desk.buy(10, {.kind = OrderKind::kLimit, .limit = price("90")});
  desk.bar("100 101 99 100");
  desk.orders().replace({.order = id, .quantity = shares(5), .limit = price("80")});
  desk.split(2, 1);
  desk.bar("50 51 49 50");
  desk.bar("50 51 40 50");
  EXPECT_EQ(desk.log, (Log{"replace", "fill 10 at 40 by limit_level"}));
}

}  // namespace
}  // namespace argosy::venue
