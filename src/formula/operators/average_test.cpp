// Values of the averages by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "formula/formula.hpp"
#include "formula/operators/family_test.hpp"
#include "formula/operators/operator.hpp"

namespace argosy::formula {
namespace {

using Column = std::vector<double>;
constexpr double kGap = kNaN;

Column run(const std::string& text, const Column& close, const Column& volume = {}) {
  const auto plan = compile({{{"v", text}}});
  EXPECT_TRUE(plan.has_value()) << text << ": " << plan.error().describe();
  std::vector<std::span<const double>> fields;
  for (const std::string& field : plan->fields()) fields.emplace_back(field == "volume" ? volume : close);
  Column out(close.size());
  const std::span<double> to[] = {out};
  Evaluator(*plan).evaluate(fields, to, out.size());
  return out;
}

void expect_column(const std::string& text, const Column& got, const Column& wanted) {
  testing::expect_near(text, got, wanted, 1e-13);
}

// One step of the adaptive average with n = 2.
double adapt(double from, double x, double efficiency) {
  const double root = 2.0 / 31 + efficiency * (2.0 / 3 - 2.0 / 31);
  return from + root * root * (x - from);
}

TEST(Averages, ByHandWithGaps) {
  const double first = adapt(3, 2, 1.0 / 3);  // from the close before; |2 - 1| over changes of 2 and 1
  const double second = adapt(first, 6, 3.0 / 5);
  const struct {
    std::string text;
    Column close;
    Column wanted;
  } cases[] = {
      {"wma(close, 3)", {1, 2, 4, 8, kGap, 1, 1, 7, 1}, {kGap, kGap, 17.0 / 6, 34.0 / 6, kGap, kGap, kGap, 4, 3}},
      {"wma(close, 1)", {1, kGap, 3}, {1, kGap, 3}},
      {"wma(close, 3)", {1, 2}, {kGap, kGap}},
      {"wma(close, 4)", {1, 1, 1, 11, 11, 1, 1, 1, 1}, {kGap, kGap, kGap, 5, 8, 6, 4, 2, 1}},
      // weights 1 2 1, and 1 2 2 1
      {"trima(close, 3)", {1, 2, 7, 0, kGap, 4, 4, 8}, {kGap, kGap, 3, 4, kGap, kGap, kGap, 5}},
      {"trima(close, 4)", {6, 0, 3, 12, 0}, {kGap, kGap, kGap, 4, 5}},
      {"trima(close, 1)", {5, 6}, {5, 6}},
      {"trima(close, 2)", {5, 6, 8}, {kGap, 5.5, 7}},
      // on a straight line 2 wma(2) - wma(4) is a third of a row ahead, and wma(2) of that as much late
      {"hma(close, 4)", {1, 2, 3, 4, 5, 6}, {kGap, kGap, kGap, kGap, 5, 6}},
      // at the last two rows wma(2) is 10 and 20, wma(4) 9 and 16: 11 and 24
      {"hma(close, 4)", {0, 10, 10, 10, 25}, {kGap, kGap, kGap, kGap, (11 + 2 * 24.0) / 3}},
      {"hma(close, 1)", {5, kGap, 6}, {5, kGap, 6}},
      // first stage seeded by 2 at row 1, then two thirds of each distance
      {"dema(close, 2)",
       {1, 3, 5, 5, kGap, 1, 3, 5},
       {kGap, kGap, 4 + 1, 14.0 / 3 + 14.0 / 3 - 37.0 / 9, kGap, kGap, kGap, 5}},
      {"dema(close, 1)", {5, 6}, {5, 6}},
      {"dema(close, 2)", {5, 6}, {kGap, kGap}},
      // stages at row 3: 14/3, 37/9, and the mean of 3 and 37/9
      {"tema(close, 2)", {1, 3, 5, 5}, {kGap, kGap, kGap, 3 * (14.0 / 3 - 37.0 / 9) + 32.0 / 9}},
      {"kama(close, 2)", {1, 3, 2, 6}, {kGap, kGap, first, second}},
      {"kama(close, 2)", {1, kGap, 1, 3, 2, 6}, {kGap, kGap, kGap, kGap, first, second}},
      {"kama(close, 2)", {4, 4, 4, 4}, {kGap, kGap, 4, 4}},
      {"kama(close, 2)", {0, 0, 0}, {kGap, kGap, 0}},
      // a move straight on is followed fastest
      {"kama(close, 2)", {1, 2, 3}, {kGap, kGap, 2 + 4.0 / 9}},
      {"kama(close, 3)", {1, 2, 3}, {kGap, kGap, kGap}},
  };
  for (const auto& each : cases) expect_column(each.text, run(each.text, each.close), each.wanted);
}

TEST(Averages, VolumeWeighs) {
  expect_column("vwma", run("vwma(close, 2)", {1, 2, 4, 4, kGap, 1, 3}, {1, 3, 1, 0, 5, 0, 7}),
                {kGap, 1.75, 2.5, 4, kGap, kGap, 3});
  expect_column("vwma, a gap in the volume", run("vwma(close, 2)", {1, 2, 4, 4}, {1, kGap, 1, 1}),
                {kGap, kGap, kGap, 4});
  expect_column("vwma without volume", run("vwma(close, 2)", {1, 2, 4, 4}, {0, 0, 0, 1}), {kGap, kGap, kGap, 4});
}

TEST(Averages, AConstantStaysItself) {
  const Column close(200, 0.1);
  const Column volume(200, 1000);
  for (const char* text : {"sma(close, 20)", "wma(close, 20)", "trima(close, 20)", "trima(close, 21)", "hma(close, 20)",
                           "dema(close, 20)", "tema(close, 20)", "kama(close, 20)"}) {
    const Column got = run(text, close, volume);
    for (std::size_t i = 60; i < got.size(); ++i) EXPECT_EQ(got[i], 0.1) << text << " row " << i;
  }
}

// Windows of any length against chunks of any length, to the last bit; the values against plain sums.
TEST(Averages, AnyChunksGiveTheSameBits) {
  Column close(3000);
  Column volume(3000);
  std::uint64_t state = 5;
  for (std::size_t i = 0; i < close.size(); ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    close[i] = 50 + static_cast<double>(state >> 50U) / 100;
    volume[i] = static_cast<double>(state % 977 + 1);
    if (i == 700 || i == 701 || i == 1900) close[i] = kGap;
    if (i == 1200) volume[i] = kGap;
  }
  for (const std::size_t n : {1U, 2U, 3U, 4U, 31U, 64U, 127U, 128U, 129U, 300U}) {
    for (const char* name : {"sma", "wma", "vwma", "trima", "hma", "kama"}) {
      if (n == 1 && std::string_view(name) == "kama") continue;
      const std::string text = std::string(name) + "(close, " + std::to_string(n) + ")";
      const auto plan = compile({{{"v", text}}});
      ASSERT_TRUE(plan) << text;
      const Column whole = run(text, close, volume);
      for (const std::size_t size : {1U, 7U, 256U, 700U}) {
        Evaluator evaluator(*plan);
        Column out(close.size());
        for (std::size_t at = 0; at < out.size(); at += size) {
          const std::size_t count = std::min(size, out.size() - at);
          std::vector<std::span<const double>> in;
          for (const std::string& field : plan->fields())
            in.push_back(std::span<const double>(field == "volume" ? volume : close).subspan(at, count));
          const std::span<double> to[] = {std::span(out).subspan(at, count)};
          evaluator.evaluate(in, to, count);
        }
        for (std::size_t i = 0; i < out.size(); ++i) {
          const bool same = is_nan(out[i]) ? is_nan(whole[i]) : out[i] == whole[i];
          ASSERT_TRUE(same) << text << " in chunks of " << size << " row " << i << ": " << out[i] << " " << whole[i];
        }
      }
    }
    const Column sma = run("sma(close, " + std::to_string(n) + ")", close);
    const Column wma = run("wma(close, " + std::to_string(n) + ")", close);
    for (std::size_t i = n - 1; i < close.size(); i += 13) {
      double sum = 0;
      double weighted = 0;
      for (std::size_t k = 0; k < n; ++k) {
        sum += close[i - k];
        weighted += static_cast<double>(n - k) * close[i - k];
      }
      const auto length = static_cast<double>(n);
      ASSERT_EQ(is_nan(sma[i]), is_nan(sum)) << n << " row " << i;
      if (is_nan(sum)) continue;
      ASSERT_NEAR(sma[i], sum / length, 1e-11) << n << " row " << i;
      ASSERT_NEAR(wma[i], weighted / (length * (length + 1) / 2), 1e-11) << n << " row " << i;
    }
  }
}

// Of a straight line the weighted averages are the line some rows ago, whatever the level.
TEST(Averages, AreExactOnALine) {
  for (const double level : {0.0, 1e9, -1e12}) {
    Column close(300);
    for (std::size_t i = 0; i < close.size(); ++i) close[i] = level + static_cast<double>(i);
    const Column wma = run("wma(close, 13)", close);
    const Column trima = run("trima(close, 10)", close);
    const Column hma = run("hma(close, 13)", close);
    for (std::size_t i = 20; i < close.size(); ++i) {
      EXPECT_EQ(wma[i], close[i] - 4) << "row " << i;
      EXPECT_NEAR(trima[i], close[i] - 4.5, 1e-15 * std::abs(close[i]) + 1e-12) << "row " << i;
      // 2 (i - 5 / 3) - (i - 4), two thirds of a row late
      EXPECT_NEAR(hma[i], close[i] + 4 - 2 * 5.0 / 3 - 2.0 / 3, 1e-15 * std::abs(close[i]) + 1e-12) << "row " << i;
    }
  }
}

TEST(Averages, ASpikeLeavesTheWindow) {
  Column calm(300);
  for (std::size_t i = 0; i < calm.size(); ++i) calm[i] = 100 + static_cast<double>(i * 7 % 13) / 8;
  const Column volume(calm.size(), 3);
  Column spiked = calm;
  spiked[90] = 1e12;
  for (const char* text :
       {"wma(close, 20)", "trima(close, 20)", "hma(close, 20)", "vwma(close, 20)", "sma(close, 20)"}) {
    const Column a = run(text, calm, volume);
    const Column b = run(text, spiked, volume);
    for (std::size_t i = 90 + 24; i < calm.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-11) << text << " row " << i;
  }
}

TEST(Averages, OverflowIsForgotten) {
  Column close(60, 5.0);
  close[20] = 1.7e308;
  close[21] = -1.7e308;
  for (const char* text : {"kama(close, 4)", "hma(close, 9)", "tema(close, 3)", "wma(close, 5)"}) {
    const Column got = run(text, close);
    EXPECT_TRUE(is_nan(got[21])) << text;
    for (std::size_t i = 40; i < close.size(); ++i) EXPECT_EQ(got[i], 5) << text << " row " << i;
  }
}

}  // namespace
}  // namespace argosy::formula
