#include "market/rate_table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

namespace argosy::market {
namespace {

using namespace std::chrono_literals;
using core::Money;
using core::Price;
using core::Rounding;
using core::Timestamp;

const Timestamp kNow = *core::parse_rfc3339("2024-12-02T15:00:00Z");

RateQuote rate(const char* base, const char* quote, const char* value, core::Duration age = 1h,
               const char* source = "rates.csv") {
  return {.time = kNow - age, .base = base, .quote = quote, .rate = *Price::parse(value), .source = source};
}

std::string converted(const RateTable& table, const char* amount, const char* from, const char* to) {
  const auto found = table.find(from, to, kNow);
  if (!found) return found.error().describe();
  return found->rate.convert(*Money::parse(amount), Rounding::kHalfEven).to_string();
}

TEST(RateTable, ConvertsInBothDirectionsAndByWayOfUsd) {
  RateTable table(24h);
  EXPECT_TRUE(table.set(rate("EUR", "USD", "1.25", 2h, "ecb.csv")));
  EXPECT_TRUE(table.set(rate("USD", "KRW", "1400", 3h, "simulated")));
  EXPECT_TRUE(table.set(rate("GBP", "USD", "1.5")));
  EXPECT_EQ(converted(table, "100", "EUR", "USD"), "125");
  EXPECT_EQ(converted(table, "125", "USD", "EUR"), "100");
  EXPECT_EQ(converted(table, "1", "EUR", "KRW"), "1750");  // 1.25 x 1400
  EXPECT_EQ(converted(table, "1750", "KRW", "EUR"), "1");  // both ways round
  EXPECT_EQ(converted(table, "10", "GBP", "EUR"), "12");   // 1.5 / 1.25
  EXPECT_EQ(converted(table, "12", "EUR", "GBP"), "10");
  EXPECT_EQ(converted(table, "7", "KRW", "KRW"), "7");
  const auto cross = table.find("EUR", "KRW", kNow);
  EXPECT_EQ(cross->time, kNow - 3h);
  EXPECT_EQ(cross->source, "ecb.csv, simulated");
  EXPECT_EQ(table.find("USD", "KRW", kNow)->source, "simulated");
  EXPECT_EQ(table.rates().size(), 3U);
  // The pair's own rate comes before the way by USD.
  EXPECT_TRUE(table.set(rate("KRW", "EUR", "0.0005")));
  EXPECT_EQ(converted(table, "1", "EUR", "KRW"), "2000");
}

TEST(RateTable, OldRatesAreNotKnown) {
  RateTable table(24h);
  table.set(rate("EUR", "USD", "1.25", 24h));
  EXPECT_EQ(converted(table, "100", "EUR", "USD"), "125");
  const auto old = table.find("EUR", "USD", kNow + 1ns);
  ASSERT_FALSE(old.has_value());
  EXPECT_EQ(old.error().code, core::ErrorCode::kNotFound);
  EXPECT_NE(old.error().describe().find("24 hours old"), std::string::npos) << old.error().describe();
  EXPECT_NE(table.find("EUR", "USD", kNow - 25h).error().describe().find("not known yet"), std::string::npos);
  EXPECT_NE(converted(table, "1", "JPY", "EUR").find("no rate of JPY in USD"), std::string::npos);
  EXPECT_NE(converted(table, "1", "EUR", "JPY").find("no rate of USD in JPY"), std::string::npos);
  // An old pair is not used, the way by USD is.
  table.set(rate("EUR", "GBP", "0.5", 30h));
  EXPECT_NE(converted(table, "1", "EUR", "GBP").find("30 hours old"), std::string::npos);
  table.set(rate("GBP", "USD", "1.25"));
  EXPECT_EQ(converted(table, "1", "EUR", "GBP"), "1");
}

TEST(RateTable, KeepsTheLatest) {
  RateTable table(24h);
  EXPECT_TRUE(table.set(rate("EUR", "USD", "1.25", 2h)));
  EXPECT_FALSE(table.set(rate("EUR", "USD", "1.30", 3h)));
  EXPECT_FALSE(table.set(rate("USD", "EUR", "0.5", 3h)));
  EXPECT_EQ(converted(table, "100", "EUR", "USD"), "125");
  EXPECT_TRUE(table.set(rate("USD", "EUR", "0.5", 1h)));
  EXPECT_EQ(converted(table, "100", "EUR", "USD"), "200");
  EXPECT_TRUE(table.set(rate("USD", "EUR", "0.4", 1h)));  // of one time the last one
  EXPECT_EQ(table.rates().size(), 1U);
}

TEST(RateTable, ChecksRates) {
  EXPECT_TRUE(check_rate(rate("EUR", "USD", "1")).has_value());
  for (const auto& [base, quote, value] : {std::tuple("EU", "USD", "1"),
                                           {"eur", "USD", "1"},
                                           {"EUR", "US1", "1"},
                                           {"EUR", "EUR", "1"},
                                           {"EUR", "USD", "0"},
                                           {"EUR", "USD", "-1"}}) {
    EXPECT_FALSE(check_rate(rate(base, quote, value)).has_value()) << base << quote << value;
  }
}

RC_GTEST_PROP(RateTableProperties, CrossesAreWhatTheirPartsGive, ()) {
  const auto any = [] {
    return Price::from_units(*rc::gen::oneOf(rc::gen::inRange<std::int64_t>(1'000'000, 2'000'000'000),
                                             rc::gen::inRange<std::int64_t>(2'000'000'000, 2'000'000'000'000)));
  };
  const Price a = any();
  const Price b = any();
  const bool a_turned = *rc::gen::arbitrary<bool>();
  const bool b_turned = *rc::gen::arbitrary<bool>();
  RateTable table(24h);
  table.set(
      {.time = kNow, .base = a_turned ? "USD" : "AAA", .quote = a_turned ? "AAA" : "USD", .rate = a, .source = ""});
  table.set(
      {.time = kNow, .base = b_turned ? "BBB" : "USD", .quote = b_turned ? "USD" : "BBB", .rate = b, .source = ""});
  const double expected = std::pow(a.to_double(), a_turned ? -1 : 1) * std::pow(b.to_double(), b_turned ? -1 : 1);
  const auto found = table.find("AAA", "BBB", kNow);
  RC_ASSERT(found.has_value());
  const double got = std::pow(found->rate.quote.to_double(), found->rate.inverse ? -1 : 1);
  // A rate keeps nine digits behind the point, so a small product of two keeps fewer.
  const double tolerance = std::max(1e-8, 1e-9 / found->rate.quote.to_double());
  RC_ASSERT(std::abs(got / expected - 1) <= tolerance);
  // The way back is the same rate, turned.
  const auto back = table.find("BBB", "AAA", kNow);
  RC_ASSERT(back->rate.quote == found->rate.quote);
  RC_ASSERT(back->rate.inverse != found->rate.inverse || found->rate.is_one());
}

}  // namespace
}  // namespace argosy::market
