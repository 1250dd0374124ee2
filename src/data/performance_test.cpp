#include "data/performance.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "market/bar.hpp"

namespace argosy::data {
namespace {

core::Date day(unsigned number) { return core::Date::from_ymd(2024, 3, number); }
core::Money money(std::int64_t whole) { return core::Money::from_integer(whole); }

TEST(Performance, DepositsAreNoGains) {
  const std::vector<DayEquity> days{
      {day(4), money(1'000)}, {day(5), money(1'100)}, {day(6), money(2'090)}, {day(7), money(1'045)}};
  const std::vector<Flow> flows{{day(6), money(1'000)}, {day(1), money(1'000)}};
  const auto out = performance(days, flows);
  EXPECT_DOUBLE_EQ(out[0].day_return, 0) << "of the deposit before";
  EXPECT_NEAR(out[1].day_return, 0.1, 1e-12);
  EXPECT_DOUBLE_EQ(out[2].day_return, 2'090.0 / 2'100 - 1) << "1,000 came in";
  EXPECT_DOUBLE_EQ(out[3].growth, 1.1 * (2'090.0 / 2'100) * 0.5);
  EXPECT_DOUBLE_EQ(out[3].drawdown, 1 - out[3].growth / 1.1);
  EXPECT_EQ(out[2].flow, money(1'000));
  EXPECT_TRUE(std::isnan(out[0].benchmark));
}

TEST(Performance, WithNothingToGainByThereIsNoReturn) {
  const auto out = performance(std::vector<DayEquity>{{day(4), money(0)}, {day(5), money(50)}},
                               std::vector<Flow>{{day(5), money(50)}});
  EXPECT_TRUE(std::isnan(out[0].day_return));
  EXPECT_DOUBLE_EQ(out[1].growth, 1);
}

TEST(Performance, TheBenchmarkBeginsWithTheCloseBefore) {
  auto days = performance(std::vector<DayEquity>{{day(4), money(1)}, {day(5), money(1)}, {day(6), money(1)}}, {});
  const std::vector<std::int64_t> keys{market::date_key(day(1)), market::date_key(day(4)), market::date_key(day(6))};
  add_benchmark(keys, std::vector<double>{10, 12, 9}, days);
  EXPECT_DOUBLE_EQ(days[0].benchmark, 1.2);
  EXPECT_DOUBLE_EQ(days[1].benchmark, 1.2) << "no session of its own";
  EXPECT_DOUBLE_EQ(days[2].benchmark, 0.9);
  EXPECT_DOUBLE_EQ(days[2].benchmark_drawdown, 0.25);
  auto late = performance(std::vector<DayEquity>{{day(1), money(1)}, {day(6), money(1)}}, {});
  add_benchmark(std::span(keys).subspan(1), std::vector<double>{12, 9}, late);
  EXPECT_TRUE(std::isnan(late[0].benchmark)) << "not known yet";
  EXPECT_DOUBLE_EQ(late[1].benchmark, 0.75);
}

}  // namespace
}  // namespace argosy::data
