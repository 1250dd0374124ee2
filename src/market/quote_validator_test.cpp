#include "market/quote_validator.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <string>

namespace argosy::market {
namespace {

using namespace std::chrono_literals;
using core::Timestamp;

Timestamp time(const char* text) { return *core::parse_rfc3339(text); }
const Timestamp kOpen = time("2024-12-02T14:30:00Z");

Price price(double value) { return *Price::from_double(value); }
Quote quote(Timestamp at, double last, double spread = 0.02) {
  return {.time = at, .bid = price(last - spread / 2), .ask = price(last + spread / 2), .last = price(last)};
}

struct Validator : testing::Test {
  QuoteValidator validator{QuoteRules{}};
  std::uint32_t apple = *validator.add({.symbol = "AAPL", .exchange = "XNYS"});
  Timestamp now = kOpen;

  std::optional<QuoteProblem> tell(double last, core::Duration after = 1s, double spread = 0.02) {
    now += after;
    return validator.judge(apple, quote(now, last, spread), now);
  }
  std::optional<QuoteProblem> tell(const Quote& quote) { return validator.judge(apple, quote, now); }
};

TEST_F(Validator, BelievesAPriceThatMoves) {
  for (const double last : {100.0, 100.5, 99.0, 107.0, 99.0}) EXPECT_EQ(tell(last), std::nullopt) << last;
  EXPECT_EQ(validator.counts().believed, 5);
  EXPECT_EQ(validator.counts().quarantined(), 0);
  EXPECT_EQ(validator.add({.symbol = "X", .exchange = "MOON"}).error().code, core::ErrorCode::kNotFound);
}

TEST_F(Validator, TimesMustBeRight) {
  EXPECT_EQ(tell(quote(now, 100)), std::nullopt);
  EXPECT_EQ(tell(quote(now, 100)), QuoteProblem::kOutOfOrder);
  now += 120s;
  EXPECT_EQ(tell(quote(now - 61s, 100)), QuoteProblem::kStale);
  EXPECT_EQ(tell(quote(now - 60s, 100)), std::nullopt);
  EXPECT_EQ(tell(quote(now - 61s, 100)), QuoteProblem::kStale);
  EXPECT_EQ(tell(quote(now + 6s, 100)), QuoteProblem::kFuture);
  EXPECT_EQ(tell(quote(now + 5s, 100)), std::nullopt);
  EXPECT_EQ(tell(quote(now, 100)), QuoteProblem::kOutOfOrder);
  // A time that was far ahead does not keep out those that follow.
  EXPECT_EQ(tell(quote(now + 100h, 100)), QuoteProblem::kFuture);
  EXPECT_EQ(tell(100, 6s), std::nullopt);
}

TEST_F(Validator, OnlyWhileTheExchangeIsOpen) {
  for (const auto& [at, open] : {std::pair("2024-11-29T14:29:59.999Z", false),
                                 {"2024-11-29T14:30:00Z", true},
                                 {"2024-11-29T17:59:59.999Z", true},
                                 {"2024-11-29T18:00:00Z", false},
                                 {"2024-11-30T16:00:00Z", false},
                                 {"2024-12-02T14:30:00Z", true},
                                 {"2025-03-10T13:30:00Z", true},
                                 {"2025-07-04T15:00:00Z", false}}) {
    now = time(at);
    EXPECT_EQ(tell(quote(now, 100)), open ? std::nullopt : std::optional(QuoteProblem::kOutsideSession)) << at;
  }
  QuoteRules early;
  early.pre_market_minutes = 60;
  early.post_market_minutes = 30;
  QuoteValidator longer(early);
  const std::uint32_t ibm = *longer.add({.symbol = "IBM", .exchange = "XNYS"});
  const std::uint32_t euro = *longer.add({.symbol = "EURUSD=X", .exchange = "24/7"});
  for (const auto& [at, open] : {std::pair("2024-12-02T13:29:59Z", false),
                                 {"2024-12-02T13:30:00Z", true},
                                 {"2024-12-02T21:29:59Z", true},
                                 {"2024-12-02T21:30:00Z", false}}) {
    EXPECT_EQ(!longer.judge(ibm, quote(time(at), 100), time(at)).has_value(), open) << at;
    EXPECT_EQ(longer.judge(euro, quote(time(at), 1.1, 0.001), time(at)), std::nullopt) << at;
  }
}

TEST_F(Validator, PricesMustMakeSense) {
  const auto with = [&](double bid, double ask, double last) {
    now += 1s;
    return tell(Quote{.time = now, .bid = price(bid), .ask = price(ask), .last = price(last)});
  };
  EXPECT_EQ(with(0, 100, 100), QuoteProblem::kNotPositive);
  EXPECT_EQ(with(99, 100, 0), QuoteProblem::kNotPositive);
  EXPECT_EQ(with(-100, -99, -99), QuoteProblem::kNotPositive);
  EXPECT_EQ(with(100, 99.99, 100), QuoteProblem::kCrossed);
  EXPECT_EQ(with(100, 100, 100), std::nullopt);  // bid and ask may meet
  EXPECT_EQ(with(97, 103, 100), QuoteProblem::kWideSpread);
  EXPECT_EQ(with(97.6, 102.4, 100), std::nullopt);
  // Each of the three must be near what is believed.
  EXPECT_EQ(with(115, 116, 100), QuoteProblem::kJump);
  EXPECT_EQ(with(100, 101, 116), QuoteProblem::kJump);
  EXPECT_EQ(with(100, 101, 85), QuoteProblem::kJump);
  EXPECT_EQ(validator.quarantined(apple), 8);
}

// F31: a price is never NaN, for it is an integer; a volume may be.
TEST_F(Validator, VolumesMustBeNumbers) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double volume : {std::nan(""), infinity, -infinity, -1.0, 0.0, 1e12}) {
    now += 1s;
    Quote each = quote(now, 100);
    each.volume = volume;
    const bool makes_sense = volume >= 0 && volume < infinity;
    EXPECT_EQ(tell(each), makes_sense ? std::nullopt : std::optional(QuoteProblem::kNoVolume)) << volume;
  }
}

TEST_F(Validator, NegativeWhereTheInstrumentMayBe) {
  const std::uint32_t oil = *validator.add({.symbol = "CL", .exchange = "24/7", .may_be_negative = true});
  validator.believe(oil, price(0.5));
  for (const double last : {0.45, 0.4, 0.0, -0.05}) {
    now += 10s;
    const auto problem = validator.judge(oil, quote(now, last), now);
    EXPECT_EQ(problem.has_value(), last == 0.0) << last;  // 40 cents at once
    if (last == 0.0) validator.believe(oil, price(0.0));
  }
}

TEST_F(Validator, AMoveThatLastsIsBelieved) {
  EXPECT_EQ(tell(100), std::nullopt);
  EXPECT_EQ(tell(120), QuoteProblem::kJump);
  EXPECT_EQ(tell(121), QuoteProblem::kJump);
  EXPECT_EQ(tell(100), std::nullopt);  // it did not last
  EXPECT_EQ(tell(120), QuoteProblem::kJump);
  EXPECT_EQ(tell(121), QuoteProblem::kJump);
  EXPECT_EQ(tell(150), QuoteProblem::kJump);                                       // another one
  for (int i = 0; i < 4; ++i) EXPECT_EQ(tell(150 + i), QuoteProblem::kJump) << i;  // enough quotes, not long enough
  EXPECT_EQ(tell(151), std::nullopt);
  EXPECT_EQ(tell(152), std::nullopt);
  EXPECT_EQ(tell(100), QuoteProblem::kJump);
  EXPECT_EQ(validator.counts().confirmed_moves, 1);
  // Long enough, but too few.
  EXPECT_EQ(tell(100, 30s), QuoteProblem::kJump);
  EXPECT_EQ(tell(100, 1s), std::nullopt);
}

TEST_F(Validator, UnitFlipsAreNotBelievedForLasting) {
  EXPECT_EQ(tell(100), std::nullopt);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(tell(10'010, 1s, 2), QuoteProblem::kUnitFlip);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(tell(1.02, 1s, 0.01), QuoteProblem::kUnitFlip);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(tell(99'000, 1s, 10), QuoteProblem::kUnitFlip);
  EXPECT_EQ(tell(101), std::nullopt);
  // A factor of ten may be true.
  for (int i = 0; i < 5; ++i) EXPECT_EQ(tell(10, 1s, 0.01), QuoteProblem::kUnitFlip);
  EXPECT_EQ(tell(10, 1s, 0.01), std::nullopt);
  // And what somebody vouches for is.
  validator.believe(apple, price(1'000));
  EXPECT_EQ(tell(1'001), std::nullopt);
}

TEST_F(Validator, KeepsWhatItQuarantines) {
  EXPECT_EQ(tell(100), std::nullopt);
  EXPECT_EQ(tell(200), QuoteProblem::kJump);
  ASSERT_EQ(validator.quarantine().size(), 1U);
  EXPECT_EQ(validator.quarantine()[0].quote.last, price(200));
  EXPECT_EQ(validator.quarantine()[0].problem, QuoteProblem::kJump);
  EXPECT_EQ(validator.quarantine()[0].instrument, apple);
  for (int i = 0; i < 2'000; ++i) EXPECT_EQ(tell(100, 0s), QuoteProblem::kOutOfOrder);
  EXPECT_EQ(validator.quarantine().size(), QuoteValidator::kKept);
  EXPECT_EQ(validator.counts().of(QuoteProblem::kOutOfOrder), 2'000);
  EXPECT_EQ(validator.counts().quarantined(), 2'001);
  EXPECT_EQ(validator.quarantined(apple), 2'001);
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kQuoteProblems; ++i) names.insert(to_string(static_cast<QuoteProblem>(i)));
  EXPECT_EQ(names.size(), kQuoteProblems);
  EXPECT_EQ(to_string(QuoteProblem::kJump), "jump");
  EXPECT_EQ(to_string(QuoteProblem::kWideSpread), "wide_spread");
}

// What a believed quote must be, told without the validator's ways.
RC_GTEST_PROP(QuoteValidatorProperties, NothingButBelievableQuotesPass, ()) {
  QuoteRules rules;
  rules.confirm_quotes = *rc::gen::inRange(1, 6);
  rules.confirm_seconds = *rc::gen::inRange(0, 20);
  QuoteValidator validator(rules);
  const std::uint32_t symbol = *validator.add({.symbol = "S", .exchange = "XNYS"});
  const Calendar& nyse = **find_calendar("XNYS");
  Timestamp now = *rc::gen::element(kOpen, kOpen - 20s, kOpen + 6h + 29min + 30s);
  std::vector<Quote> history;  // with a time that could be right, and prices that make sense
  std::optional<double> believed;
  std::optional<Timestamp> last_time;
  for (int i = 0; i < 60; ++i) {
    now += std::chrono::seconds{*rc::gen::inRange(0, 8)};
    const double last = *rc::gen::element(100.0, 101.0, 104.0, 96.0, 130.0, 131.0, 10'000.0, 1.0, 1'000.0, 0.0, -5.0);
    const double spread = *rc::gen::element(0.0, 0.02, 0.02, 0.02, 40.0, -0.02);
    const auto ahead = std::chrono::seconds{*rc::gen::element(0, 0, 0, 0, 0, 4, -30, 8, -70)};
    const Quote told = quote(now + ahead, last, spread);
    const bool passed = !validator.judge(symbol, told, now).has_value();
    const auto session = nyse.session(nyse.local_date(told.time));
    const bool in_time = ahead <= 5s && ahead >= -60s && (!last_time || told.time > *last_time);
    if (in_time) last_time = told.time;
    const bool sensible = in_time && session && told.time >= session->open && told.time < session->close &&
                          told.bid.is_positive() && told.bid <= told.ask &&
                          (told.ask - told.bid).to_double() <= 0.05 * last;
    if (!sensible) {
      RC_ASSERT(!passed);
      continue;
    }
    history.push_back(told);
    const auto near = [&](double other) { return std::abs(last / other - 1) < 0.098; };
    if (!passed) {
      RC_ASSERT(believed.has_value());
      RC_ASSERT(std::abs(last / *believed - 1) > 0.097);
      continue;
    }
    if (believed && !near(*believed)) {
      // It lasted: that many quotes of the same neighbourhood in a row, over that long, and no unit flip.
      const auto count = static_cast<std::size_t>(rules.confirm_quotes);
      RC_ASSERT(history.size() >= count);
      for (std::size_t back = 1; back <= count; ++back)
        RC_ASSERT(near(history[history.size() - back].last.to_double()));
      std::size_t begin = history.size();
      while (begin > 0 && near(history[begin - 1].last.to_double())) --begin;
      RC_ASSERT(std::chrono::duration<double>(told.time - history[begin].time).count() >= rules.confirm_seconds);
      const double ratio = std::max(last / *believed, *believed / last);
      RC_ASSERT(std::abs(ratio / 100 - 1) > 0.05);
      RC_ASSERT(std::abs(ratio / 1'000 - 1) > 0.05);
    }
    believed = last;
  }
}

}  // namespace
}  // namespace argosy::market
