#include "feeds/simulated_rates.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace argosy::feeds {
namespace {

using namespace std::chrono_literals;
using core::Price;

const core::Timestamp kStart = *core::parse_rfc3339("2024-12-02T14:30:00Z");

TEST(SimulatedRates, EveryPairEachInterval) {
  auto rates = SimulatedRates::make({.seed = 3, .start = kStart, .interval = 10s});
  ASSERT_TRUE(rates.has_value());
  market::RateTable table(1min);
  for (int round = 0; round < 50; ++round) {
    for (const SimulatedRate& pair : usual_rates()) {
      EXPECT_EQ(rates->next_time(), kStart + round * 10s);
      const market::RateQuote rate = rates->next();
      EXPECT_EQ(rate.time, kStart + round * 10s);
      EXPECT_EQ(rate.base + rate.quote, pair.base + pair.quote);
      EXPECT_EQ(rate.source, "simulated");
      ASSERT_TRUE(market::check_rate(rate).has_value());
      EXPECT_NEAR(rate.rate.to_double() / pair.first.to_double(), 1, 0.01);
      if (round == 0) EXPECT_EQ(rate.rate, pair.first);
      EXPECT_TRUE(table.set(rate));
    }
  }
  EXPECT_TRUE(table.find("EUR", "KRW", kStart + 490s).has_value());
  EXPECT_FALSE(table.find("EUR", "KRW", kStart + 600s).has_value());
}

TEST(SimulatedRates, OthersChangeNothingAndTheSeedAll) {
  const auto of_pair = [](std::uint64_t seed, std::vector<SimulatedRate> pairs, std::string_view base) {
    auto rates = SimulatedRates::make({.seed = seed, .start = kStart, .pairs = std::move(pairs)});
    std::vector<Price> out;
    while (out.size() < 100) {
      const market::RateQuote rate = rates->next();
      if (rate.base == base) out.push_back(rate.rate);
    }
    return out;
  };
  const auto alone = of_pair(3, {usual_rates()[1]}, "GBP");
  EXPECT_EQ(of_pair(3, usual_rates(), "GBP"), alone);
  EXPECT_NE(of_pair(4, usual_rates(), "GBP"), alone);
}

TEST(SimulatedRates, MovesAsMuchAsItIsTold) {
  auto rates = SimulatedRates::make(
      {.seed = 5, .start = kStart, .interval = 1h, .pairs = {{"EUR", "USD", *Price::parse("1.08"), 8}}});
  double before = rates->next().rate.to_double();
  double sum = 0;
  constexpr int kHours = 20'000;
  for (int i = 0; i < kHours; ++i) {
    const double rate = rates->next().rate.to_double();
    sum += std::pow(rate / before - 1, 2);
    before = rate;
  }
  EXPECT_NEAR(std::sqrt(sum / kHours * 24 * 365.25), 0.08, 0.0015);
}

TEST(SimulatedRates, RefusesWhatCannotBe) {
  const Price one = Price::from_integer(1);
  for (const std::vector<SimulatedRate>& pairs :
       std::vector<std::vector<SimulatedRate>>{{},
                                               {{"EUR", "EUR", one}},
                                               {{"euro", "USD", one}},
                                               {{"EUR", "USD", {}}},
                                               {{"EUR", "USD", one, -1}},
                                               {{"EUR", "USD", one}, {"EUR", "USD", one}},
                                               {{"EUR", "USD", one}, {"USD", "EUR", one}}}) {
    EXPECT_FALSE(SimulatedRates::make({.seed = 1, .start = kStart, .pairs = pairs}).has_value());
  }
  EXPECT_FALSE(SimulatedRates::make({.seed = 1, .start = kStart, .interval = 0s}).has_value());
}

}  // namespace
}  // namespace argosy::feeds
