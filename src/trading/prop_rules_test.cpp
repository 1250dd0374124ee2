#include "trading/prop_rules.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <vector>

#include "trading/guard.hpp"

namespace argosy::trading {
namespace {

using namespace std::chrono_literals;
using core::Timestamp;

Timestamp at(const char* text) { return *core::parse_rfc3339(text); }
Money money(std::int64_t whole) { return Money::from_integer(whole); }
Allowance amount(std::int64_t whole) { return Allowance::of_money(money(whole)); }
const DayStart kChicago{"America/Chicago", 17h};
const Timestamp kStart = at("2024-03-04T15:00:00Z");  // a Monday, 09:00 in Chicago

PropLimits none() { return unlimited<PropLimits>(); }
PropRules rules(const PropLimits& limits) { return {limits, kChicago, money(50'000)}; }

// What happens to an account: its equity at a moment, after a closed trade's profit.
struct Step {
  const char* time;
  std::int64_t equity;
  std::int64_t profit = 0;  // of a trade closed just before; zero: none
};
struct Case {
  const char* name;
  PropLimits limits;
  std::vector<Step> steps;
  PropVerdict verdict;
  PropRule rule;
  const char* numbers;
};

PropLimits with_daily_loss(bool ends_account) {
  PropLimits limits = none();
  limits.daily_loss = Limit<DailyLoss>::of({amount(1'000), ends_account});
  return limits;
}
PropLimits with_trailing(TrailingLoss::From from, bool locks) {
  PropLimits limits = none();
  limits.trailing_drawdown = Limit<TrailingLoss>::of({amount(2'000), from, locks});
  return limits;
}
PropLimits with_total_loss() {
  PropLimits limits = none();
  limits.total_loss = Limit<Allowance>::of(Allowance::of_share(*Rate::parse("0.1")));
  return limits;
}
PropLimits with_target() {
  PropLimits limits = none();
  limits.profit_target = Limit<Allowance>::of(amount(3'000));
  limits.minimum_days = Limit<std::int64_t>::of(2);
  limits.best_day = Limit<Rate>::of(*Rate::parse("0.5"));
  return limits;
}

constexpr auto kEquity = TrailingLoss::From::kEquity;
constexpr auto kEndOfDay = TrailingLoss::From::kEndOfDay;
constexpr const char* kMonday = "2024-03-04T15:00:00Z";
constexpr const char* kMondayLater = "2024-03-04T20:00:00Z";
constexpr const char* kMondayLast = "2024-03-04T22:59:59Z";  // 16:59:59 in Chicago
constexpr const char* kTuesdayFirst = "2024-03-04T23:00:00Z";
constexpr const char* kTuesday = "2024-03-05T15:00:00Z";
constexpr const char* kWednesday = "2024-03-06T15:00:00Z";

TEST(PropRules, WorkedExamples) {
  const Case cases[] = {
      {"a quiet account", none(), {{kMonday, 49'000}}, PropVerdict::kWithin, PropRule::kNone, ""},
      // Daily loss: 1,000 from the day's first balance or equity.
      {"799 lost", with_daily_loss(true), {{kMonday, 49'201}}, PropVerdict::kWithin, PropRule::kNone, ""},
      {"four fifths of it",
       with_daily_loss(true),
       {{kMonday, 49'200}},
       PropVerdict::kWarning,
       PropRule::kDailyLoss,
       "800 of 1000"},
      {"all of it",
       with_daily_loss(true),
       {{kMonday, 49'000}},
       PropVerdict::kBreached,
       PropRule::kDailyLoss,
       "1000 of 1000"},
      {"lost for good",
       with_daily_loss(true),
       {{kMonday, 48'900}, {kTuesday, 60'000}},
       PropVerdict::kBreached,
       PropRule::kDailyLoss,
       "1100 of 1000"},
      {"or for the day",
       with_daily_loss(false),
       {{kMonday, 49'000}, {kMondayLast, 49'900}},
       PropVerdict::kDayOver,
       PropRule::kDailyLoss,
       "1000 of 1000"},
      {"until the next begins",
       with_daily_loss(false),
       {{kMonday, 49'000, -1'000}, {kTuesdayFirst, 49'000}},
       PropVerdict::kWithin,
       PropRule::kNone,
       ""},
      {"from the equity where it was higher",
       with_daily_loss(true),
       {{kMondayLater, 50'500}, {kTuesday, 49'500}},
       PropVerdict::kBreached,
       PropRule::kDailyLoss,
       "1000 of 1000"},
      {"from the balance where it was higher",
       with_daily_loss(true),
       {{kMonday, 50'600, 600}, {kMondayLater, 49'900}, {kTuesday, 49'600}},
       PropVerdict::kBreached,
       PropRule::kDailyLoss,
       "1000 of 1000"},
      {"gains of the same day do not raise it",
       with_daily_loss(true),
       {{kMonday, 52'000, 2'000}, {kMondayLater, 49'900}},
       PropVerdict::kWithin,
       PropRule::kNone,
       ""},
      // Total loss: a tenth of the initial balance, whatever was won before.
      {"static",
       with_total_loss(),
       {{kMonday, 60'000}, {kTuesday, 45'001}},
       PropVerdict::kWarning,
       PropRule::kTotalLoss,
       "4999 of 5000"},
      {"reached",
       with_total_loss(),
       {{kMonday, 60'000}, {kTuesday, 45'000}},
       PropVerdict::kBreached,
       PropRule::kTotalLoss,
       "5000 of 5000"},
      // Trailing drawdown: 2,000 from the highest.
      {"from the highest equity",
       with_trailing(kEquity, false),
       {{kMonday, 51'500}, {kMondayLater, 49'500}},
       PropVerdict::kBreached,
       PropRule::kTrailingDrawdown,
       "2000 of 2000"},
      {"warned before",
       with_trailing(kEquity, false),
       {{kMonday, 51'500}, {kMondayLater, 49'900}},
       PropVerdict::kWarning,
       PropRule::kTrailingDrawdown,
       "1600 of 2000"},
      {"the day's high does not count at its end",
       with_trailing(kEndOfDay, false),
       {{kMonday, 51'500}, {kMondayLater, 49'500}},
       PropVerdict::kWithin,
       PropRule::kNone,
       ""},
      {"but the balance then",
       with_trailing(kEndOfDay, false),
       {{kMonday, 51'500, 1'500}, {kTuesday, 49'500}},
       PropVerdict::kBreached,
       PropRule::kTrailingDrawdown,
       "2000 of 2000"},
      {"locked at the start",
       with_trailing(kEquity, true),
       {{kMonday, 56'000}, {kTuesday, 50'001}},
       PropVerdict::kWarning,
       PropRule::kTrailingDrawdown,
       "1999 of 2000"},
      {"and reached there",
       with_trailing(kEquity, true),
       {{kMonday, 56'000}, {kTuesday, 50'000}},
       PropVerdict::kBreached,
       PropRule::kTrailingDrawdown,
       "2000 of 2000"},
      // Passing: 3,000, on two days, no day with more than half of it.
      {"too few days", with_target(), {{kMonday, 53'000, 3'000}}, PropVerdict::kWithin, PropRule::kNone, ""},
      {"one day too good",
       with_target(),
       {{kMonday, 51'600, 1'600}, {kTuesday, 53'000, 1'400}},
       PropVerdict::kWithin,
       PropRule::kNone,
       ""},
      {"half and half",
       with_target(),
       {{kMonday, 51'500, 1'500}, {kTuesday, 53'000, 1'500}},
       PropVerdict::kPassed,
       PropRule::kProfitTarget,
       "3000 of 3000"},
      {"trading on makes it consistent",
       with_target(),
       {{kMonday, 51'600, 1'600}, {kTuesday, 53'000, 1'400}, {kWednesday, 53'200, 200}},
       PropVerdict::kPassed,
       PropRule::kProfitTarget,
       "3200 of 3000"},
      {"open profit does not pass",
       with_target(),
       {{kMonday, 51'500, 1'500}, {kTuesday, 53'000}},
       PropVerdict::kWithin,
       PropRule::kNone,
       ""},
  };
  for (const Case& each : cases) {
    PropRules account = rules(each.limits);
    Timestamp now{};
    for (const Step& step : each.steps) {
      now = at(step.time);
      if (step.profit != 0) account.on_trade(now, money(step.profit));
      account.on_equity(now, money(step.equity));
    }
    const PropStatus status = account.status(now);
    EXPECT_EQ(to_string(status.verdict), to_string(each.verdict)) << each.name;
    EXPECT_EQ(to_string(status.rule), to_string(each.rule)) << each.name;
    EXPECT_EQ(status.numbers.to_string(), each.numbers) << each.name;
    const bool entries = each.verdict == PropVerdict::kWithin || each.verdict == PropVerdict::kWarning;
    EXPECT_EQ(account.allows_entries(now), entries) << each.name;
    const bool flatten = each.verdict == PropVerdict::kBreached || each.verdict == PropVerdict::kDayOver;
    EXPECT_EQ(account.must_flatten(now), flatten) << each.name;
  }
}

TEST(PropRules, Flatten) {
  struct Moment {
    FlattenRule rule;
    const char* time = "";
    bool flat = false;
  };
  const FlattenRule nights{.at = 15h + 10min};
  const FlattenRule weekends{.at = 15h + 10min, .every_day = false};
  const FlattenRule close{.calendar = "XNYS", .before_close = 10min};
  const FlattenRule holidays{.calendar = "XNYS", .before_close = 10min, .every_day = false};
  const Moment moments[] = {
      {nights, "2024-03-04T21:09:59Z", false},  // Monday 15:09:59 in Chicago
      {nights, "2024-03-04T21:10:00Z", true},
      {nights, "2024-03-04T22:59:59Z", true},
      {nights, "2024-03-04T23:00:00Z", false},  // 17:00: Tuesday's session
      {nights, "2024-03-08T21:10:00Z", true},   // Friday
      {nights, "2024-03-09T12:00:00Z", true},   // Saturday
      {nights, "2024-03-10T21:59:59Z", true},   // Sunday 16:59:59, after the clocks were set forward
      {nights, "2024-03-10T22:00:00Z", false},
      {nights, "2024-03-11T20:10:00Z", true},  // Monday 15:10, in summer time
      {weekends, "2024-03-04T21:10:00Z", false},
      {weekends, "2024-03-08T21:09:59Z", false},
      {weekends, "2024-03-08T21:10:00Z", true},
      {weekends, "2024-03-09T12:00:00Z", true},
      {weekends, "2024-03-10T22:00:00Z", false},
      {close, "2024-03-04T20:49:59Z", false},  // New York closes at 16:00
      {close, "2024-03-04T20:50:00Z", true},
      {close, "2024-03-05T14:29:59Z", true},
      {close, "2024-03-05T14:30:00Z", false},
      {close, "2024-11-29T17:49:59Z", false},  // the day after Thanksgiving closes at 13:00
      {close, "2024-11-29T17:50:00Z", true},
      {holidays, "2024-03-04T20:50:00Z", false},
      {holidays, "2024-03-28T19:50:00Z", true},  // Thursday before Good Friday
      {holidays, "2024-03-29T12:00:00Z", true},
      {holidays, "2024-04-01T13:30:00Z", false},
  };
  for (const Moment& moment : moments) {
    PropLimits limits = none();
    limits.flatten = Limit<FlattenRule>::of(moment.rule);
    PropRules account = rules(limits);
    account.on_equity(at("2024-03-01T12:00:00Z"), money(50'000));
    const Timestamp now = at(moment.time);
    EXPECT_EQ(account.must_flatten(now), moment.flat) << moment.time;
    EXPECT_EQ(account.status(now).verdict, moment.flat ? PropVerdict::kFlattenNow : PropVerdict::kWithin);
    EXPECT_EQ(account.allows_entries(now), !moment.flat);
  }
}

TEST(PropRules, WhatIsMissingBlocks) {
  PropRules account = rules(none());
  EXPECT_EQ(account.status(kStart).verdict, PropVerdict::kUnknown);
  account.on_equity(kStart, money(50'000));
  EXPECT_EQ(account.status(kStart).verdict, PropVerdict::kWithin);
  account.on_equity(kStart, std::nullopt);
  EXPECT_EQ(account.status(kStart).verdict, PropVerdict::kUnknown);
  EXPECT_FALSE(account.allows_entries(kStart));

  PropRules unknown = rules(with_target());
  unknown.on_trade(kStart, std::nullopt);
  unknown.on_trade(kStart, money(3'000));
  unknown.on_trade(at(kTuesday), money(3'000));
  unknown.on_equity(at(kTuesday), money(56'000));
  EXPECT_EQ(unknown.status(at(kTuesday)).verdict, PropVerdict::kUnknown) << "what was made is not known";
}

TEST(PropRules, WhatIsNotSetBlocks) {
  for (const auto& field : limit_fields<PropLimits>()) {
    PropLimits limits = none();
    std::visit([&](auto member) { limits.*member = {}; }, field.member);
    PropRules account = rules(limits);
    account.on_equity(kStart, money(50'000));
    EXPECT_EQ(account.status(kStart).verdict, PropVerdict::kNotSet);
    EXPECT_EQ(account.unset(), field.name);
    EXPECT_FALSE(account.allows_entries(kStart));
  }
}

TEST(PropRules, TheAccountBeginsWithTheirBalance) {
  PropLimits limits = none();
  EXPECT_TRUE(check_prop_limits(limits, money(7)).has_value());
  limits.initial_balance = Limit<Money>::of(money(50'000));
  EXPECT_TRUE(check_prop_limits(limits, money(50'000)).has_value());
  const auto wrong = check_prop_limits(limits, money(10'000));
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().message, "the rules of the prop firm are for an account of 50000, this one has 10000");
}

LimitProfile profile_of(const BreakerLimits& breaker, std::optional<PropLimits> prop) {
  LimitProfile profile = LimitProfile::backtest();
  profile.day = kChicago;
  profile.breaker = breaker;
  profile.prop = std::move(prop);
  return profile;
}

TEST(Guard, AsksBoth) {
  BreakerLimits breaker = unlimited<BreakerLimits>();
  breaker.consecutive_losses = Limit<std::int64_t>::of(1);
  Guard guard(profile_of(breaker, with_daily_loss(false)), money(50'000));
  EXPECT_FALSE(guard.allows_entries(kStart)) << "nothing is known of the equity";
  guard.on_equity(kStart, money(50'000));
  EXPECT_TRUE(guard.allows_entries(kStart));
  EXPECT_FALSE(guard.must_flatten(kStart));
  guard.on_trade(kStart, money(-1));
  EXPECT_FALSE(guard.allows_entries(kStart));
  EXPECT_FALSE(guard.must_flatten(kStart)) << "the breaker stops entries alone";
  guard.on_equity(kStart, money(49'000));
  EXPECT_TRUE(guard.must_flatten(kStart));

  Guard alone(LimitProfile::backtest(), money(50'000));
  EXPECT_TRUE(alone.allows_entries(kStart));
  EXPECT_FALSE(alone.must_flatten(kStart));
  EXPECT_EQ(alone.prop(), nullptr);
}

TEST(Guard, MeasuresLosses) {
  Guard guard(profile_of(unlimited<BreakerLimits>(), std::nullopt), money(100));
  EXPECT_EQ(guard.day_base(kStart), std::nullopt);
  EXPECT_EQ(guard.peak(), std::nullopt);
  guard.on_equity(kStart, money(100));
  guard.on_equity(kStart + 1h, money(120));
  guard.on_equity(kStart + 2h, money(110));
  guard.on_equity(kStart + 2h, std::nullopt);
  EXPECT_EQ(guard.day_base(kStart + 2h), money(100));
  EXPECT_EQ(guard.peak(), money(120));
  EXPECT_EQ(guard.day_base(kStart + 24h), money(110)) << "before the new day's first equity";
  guard.on_equity(kStart + 24h, money(90));
  EXPECT_EQ(guard.day_base(kStart + 24h), money(110));
}

// Equities and profits in any order, over days.
struct Event {
  int kind;
  std::int64_t value;
  core::Duration after;
};
rc::Gen<std::vector<Event>> events() {
  return rc::gen::container<std::vector<Event>>(rc::gen::construct<Event>(
      rc::gen::inRange(0, 6), rc::gen::inRange<std::int64_t>(-400, 450),
      rc::gen::map(rc::gen::inRange(0, 40'000), [](int seconds) { return core::Duration(1s) * seconds; })));
}

RC_GTEST_PROP(PropProperties, TheTrailingLevelNeverFalls, ()) {
  const bool locks = *rc::gen::arbitrary<bool>();
  PropRules account = rules(with_trailing(*rc::gen::element(kEquity, kEndOfDay), locks));
  Timestamp now = kStart;
  Money equity = money(50'000);
  Money level = *account.trailing_level();
  for (const Event& event : *events()) {
    now += event.after;
    equity += money(event.value);
    if (event.kind == 0) account.on_trade(now, money(event.value));
    account.on_equity(now, event.kind == 1 ? std::nullopt : std::optional(equity));
    RC_ASSERT(*account.trailing_level() >= level);
    level = *account.trailing_level();
    if (locks) RC_ASSERT(level <= money(50'000));
    if (event.kind != 1 && equity <= level) RC_ASSERT(account.status(now).verdict == PropVerdict::kBreached);
  }
}

RC_GTEST_PROP(PropProperties, NothingPassesWithoutAKnownEquity, ()) {
  PropLimits limits = with_target();
  limits.daily_loss = with_daily_loss(false).daily_loss;
  limits.trailing_drawdown = with_trailing(kEquity, true).trailing_drawdown;
  PropRules account = rules(limits);
  Timestamp now = kStart;
  Money equity = money(50'000);
  bool known = false;
  bool balance_known = true;
  for (const Event& event : *events()) {
    now += event.after;
    if (event.kind == 0) {
      account.on_trade(now, std::nullopt);
      balance_known = false;
    } else if (event.kind == 1) {
      account.on_equity(now, std::nullopt);
      known = false;
    } else if (event.kind == 2) {
      account.on_trade(now, money(event.value));
    } else {
      equity += money(event.value);
      account.on_equity(now, equity);
      known = true;
    }
    if (!known || !balance_known) RC_ASSERT(!account.allows_entries(now));
  }
}

RC_GTEST_PROP(PropProperties, BreachesAndPassesLast, ()) {
  PropLimits limits = with_target();
  limits.daily_loss = with_daily_loss(true).daily_loss;
  limits.total_loss = with_total_loss().total_loss;
  PropRules account = rules(limits);
  Timestamp now = kStart;
  Money equity = money(50'000);
  std::optional<PropVerdict> last;
  for (const Event& event : *events()) {
    now += event.after;
    equity += money(event.value);
    if (event.kind < 3) account.on_trade(now, money(event.value));
    account.on_equity(now, equity);
    const PropVerdict verdict = account.status(now).verdict;
    if (last) RC_ASSERT(verdict == *last);
    if (verdict == PropVerdict::kBreached || verdict == PropVerdict::kPassed) last = verdict;
  }
}

// A loss below the limit each day is never a breach, on whichever day the clocks change.
RC_GTEST_PROP(PropProperties, TheDailyLossBeginsAnewEachDay, ()) {
  const DayStart day{"America/Chicago", std::chrono::hours(*rc::gen::inRange(0, 24))};
  PropRules account(with_daily_loss(true), day, money(50'000'000));
  TradingDays days(day);
  Money equity = money(50'000'000);
  const core::Date first = core::Date::from_ymd(2024, 2, 28);
  const std::int32_t count = *rc::gen::inRange(1, 400);
  for (std::int32_t i = 0; i < count; ++i) {
    account.on_equity(days.begin_of(first.plus_days(i)), equity - money(500));
    equity -= money(999);
    const Timestamp last = days.begin_of(first.plus_days(i + 1)) - 1ns;
    account.on_trade(last, -money(999));
    account.on_equity(last, equity);
    RC_ASSERT(account.status(last).verdict == PropVerdict::kWarning);
  }
  account.on_equity(days.begin_of(first.plus_days(count)), equity - money(1'000));
  RC_ASSERT(account.status(days.begin_of(first.plus_days(count))).verdict == PropVerdict::kBreached);
}

TEST(TradingDays, BeginAtATimeOfTheClocks) {
  struct Moment {
    DayStart start;
    const char* time = "";
    const char* day = "";
  };
  const DayStart midnight{"America/New_York", 0h};
  const DayStart skipped{"America/New_York", 2h + 30min};
  const Moment moments[] = {
      {{"UTC", 0h}, "2024-03-04T23:59:59Z", "2024-03-04"},
      {midnight, "2024-03-10T04:59:59Z", "2024-03-09"},
      {midnight, "2024-03-10T05:00:00Z", "2024-03-10"},
      {midnight, "2024-03-11T03:59:59Z", "2024-03-10"},  // a day of 23 hours
      {midnight, "2024-03-11T04:00:00Z", "2024-03-11"},
      {midnight, "2024-11-04T04:59:59Z", "2024-11-03"},  // one of 25
      {midnight, "2024-11-04T05:00:00Z", "2024-11-04"},
      {kChicago, "2024-03-10T21:59:59Z", "2024-03-10"},
      {kChicago, "2024-03-10T22:00:00Z", "2024-03-11"},
      {skipped, "2024-03-10T06:59:59Z", "2024-03-09"},  // 02:30 does not exist: from 03:00 on
      {skipped, "2024-03-10T07:00:00Z", "2024-03-10"},
      {{"Pacific/Kiritimati", 12h}, "2024-03-04T22:00:00Z", "2024-03-06"},
      {{"Pacific/Kiritimati", 12h}, "2024-03-04T21:59:59Z", "2024-03-05"},
      {{"Pacific/Niue", 11h}, "2024-03-04T21:59:59Z", "2024-03-03"},
  };
  for (const Moment& moment : moments) {
    TradingDays days(moment.start);
    EXPECT_EQ(days.day_of(at(moment.time)).to_string(), moment.day) << moment.start.zone << " " << moment.time;
  }
}

RC_GTEST_PROP(TradingDaysProperties, EveryInstantLiesInItsDay, ()) {
  TradingDays days({*rc::gen::element<std::string>("America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati",
                                                   "Asia/Kolkata", "UTC"),
                    std::chrono::minutes(*rc::gen::inRange(0, 1440))});
  for (int i = 0; i < 20; ++i) {
    const Timestamp time(std::chrono::minutes(*rc::gen::inRange(0, 35'000'000)));
    const core::Date day = days.day_of(time);
    RC_ASSERT(days.begin_of(day) <= time);
    RC_ASSERT(time < days.begin_of(day.plus_days(1)));
  }
}

}  // namespace
}  // namespace argosy::trading
