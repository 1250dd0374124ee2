#include "data/candles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "data/program_source.hpp"
#include "formula/written.hpp"

namespace argosy::data {
namespace {

using core::ErrorCode;
using market::Timeframe;
using market::TimeframeUnit;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr Timeframe kMinute(1, TimeframeUnit::kMinute);
constexpr Timeframe kFive(5, TimeframeUnit::kMinute);
constexpr Timeframe kDay;
constexpr Timeframe kWeek(1, TimeframeUnit::kWeek);
constexpr Timeframe kMonth(1, TimeframeUnit::kMonth);
constexpr std::int64_t kMinuteLength = 60'000'000'000;

class CandlesTest : public testing::Test {
 public:
  CandlesTest() {
    std::string name = testing::TempDir() + "/candlesXXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    root = name;
    EXPECT_TRUE(lake::Lake::create({.folder = root + "/lake"}, core::system_files()));
  }
  ~CandlesTest() override { std::filesystem::remove_all(root); }

 protected:
  lake::Lake lake() { return lake::Lake::open({.folder = root + "/lake"}, core::system_files(), clock).value(); }
  void put(const std::string& symbol, Timeframe timeframe, const market::BarColumns& bars,
           const std::string& exchange = "24/7", const std::vector<market::CorporateAction>& actions = {}) {
    auto transaction = lake().begin().value();
    lake::Tables tables = transaction.tables();
    tables.instruments[symbol] = {.symbol = symbol, .exchange = exchange};
    tables.anchors.try_emplace(symbol, bars.key.front());
    if (!actions.empty()) tables.actions[symbol] = actions;
    transaction.set_tables(std::move(tables));
    ASSERT_TRUE(transaction.put(symbol, timeframe, bars));
    ASSERT_TRUE(transaction.commit());
  }
  // A walk: the bars' prices differ, and none is 0.
  static market::BarColumns walk(std::size_t count, std::int64_t first, std::int64_t step) {
    market::BarColumns bars;
    bars.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto close =
          core::Price::from_units(100'000'000'000 + static_cast<std::int64_t>(i * 7919 % 9973) * 1'000'000);
      bars.push_back({.key = first + static_cast<std::int64_t>(i) * step,
                      .open = close,
                      .high = close + core::Price::from_integer(1),
                      .low = close - core::Price::from_integer(1),
                      .close = close,
                      .volume = static_cast<double>(i % 10 + 1)});
    }
    return bars;
  }
  core::Result<Candles> ask(CandleQuestion question, const std::vector<std::string>& formulas = {}) {
    std::optional<formula::Program> program;
    if (!formulas.empty()) {
      auto made = formula::compile_program(formula::written_outputs(formulas, {}));
      if (!made) return core::fail(made.error());
      program = *std::move(made);
      question.program = &*program;
    }
    return load_candles(lake().snapshot().value(), question);
  }
  static std::int64_t day(int year, unsigned month, unsigned day) {
    return market::date_key(core::Date::from_ymd(year, month, day));
  }

  std::string root;
  core::SystemClock clock;
};

constexpr std::int64_t kDayLength = 86'400'000'000'000;

TEST_F(CandlesTest, AValueDoesNotDependOnWhereTheRangeBegins) {
  put("S", kDay, walk(600, day(2020, 1, 1), kDayLength));
  const std::vector<std::string> formulas{"sma(close, 20)", "ema(close, 30)", "on(\"1w\", ema(close, 5))"};
  const auto whole = ask({.symbol = "S", .limit = 600}, formulas);
  const auto part = ask({.symbol = "S", .range = {.from = day(2020, 6, 1), .to = day(2020, 7, 1)}}, formulas);
  ASSERT_TRUE(whole) << whole.error().describe();
  ASSERT_TRUE(part) << part.error().describe();
  ASSERT_EQ(part->keys.size(), 31U);
  EXPECT_EQ(part->earlier, day(2020, 5, 31));
  EXPECT_FALSE(part->formulas_from);
  const auto at = static_cast<std::size_t>(std::ranges::find(whole->keys, part->keys.front()) - whole->keys.begin());
  for (std::size_t k = 0; k < formulas.size(); ++k) {
    for (std::size_t i = 0; i < 31; ++i)
      EXPECT_EQ(part->columns[k].values[i], whole->columns[k].values[at + i]) << formulas[k] << " " << i;
  }
  EXPECT_TRUE(std::isnan(whole->columns[0].values[18]));
  EXPECT_FALSE(std::isnan(whole->columns[0].values[19]));
}

TEST_F(CandlesTest, TheNewestOfTheRangeAreGiven) {
  put("S", kDay, walk(10, day(2020, 1, 1), kDayLength));
  const auto last = ask({.symbol = "S", .limit = 3});
  EXPECT_THAT(last->keys, ElementsAre(day(2020, 1, 8), day(2020, 1, 9), day(2020, 1, 10)));
  EXPECT_EQ(last->earlier, day(2020, 1, 7));
  const auto before = ask({.symbol = "S", .range = {.from = {}, .to = last->earlier}, .limit = 100});
  EXPECT_EQ(before->keys.size(), 7U);
  EXPECT_FALSE(before->earlier);
  const auto none = ask({.symbol = "S", .range = {.from = day(2021, 1, 1), .to = {}}});
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->keys.empty());
  EXPECT_EQ(none->earlier, day(2020, 1, 10));
}

TEST_F(CandlesTest, LongerBarsAreMadeOfTheLongestShorterOnes) {
  put("S", kMinute, walk(60, day(2020, 1, 1), kMinuteLength));
  put("S", kFive, walk(12, day(2020, 1, 1), 5 * kMinuteLength));
  EXPECT_EQ(ask({.symbol = "S", .timeframe = kFive})->made_of, kFive);
  const auto ten = ask({.symbol = "S", .timeframe = Timeframe(10, TimeframeUnit::kMinute)}, {"close", "sma(close, 2)"});
  ASSERT_TRUE(ten) << ten.error().describe();
  EXPECT_EQ(ten->made_of, kFive);
  ASSERT_EQ(ten->keys.size(), 6U);
  EXPECT_EQ(ten->volume[0], 3) << "1 + 2";
  EXPECT_EQ(ten->columns[0].values, ten->close);
  EXPECT_EQ(ten->columns[1].values[3], (ten->close[2] + ten->close[3]) / 2);
  EXPECT_EQ(ask({.symbol = "S", .timeframe = Timeframe(6, TimeframeUnit::kMinute)})->made_of, kMinute);
  // A range that ends within a bar has the whole of it.
  const auto cut = ask({.symbol = "S",
                        .timeframe = Timeframe(10, TimeframeUnit::kMinute),
                        .range = {.from = {}, .to = day(2020, 1, 1) + 12 * kMinuteLength}});
  ASSERT_EQ(cut->keys.size(), 2U);
  EXPECT_EQ(cut->close[1], ten->close[1]);

  put("W", kWeek, walk(20, day(2020, 1, 6), 7 * kDayLength));
  EXPECT_EQ(ask({.symbol = "W", .timeframe = kMonth}).error().code, ErrorCode::kNotFound) << "weeks cross months";
  put("D", kDay, walk(60, day(2020, 1, 1), kDayLength));
  const auto months = ask({.symbol = "D", .timeframe = kMonth});
  EXPECT_THAT(months->keys, ElementsAre(day(2020, 1, 1), day(2020, 2, 1)));
}

TEST_F(CandlesTest, AreAdjustedOrAsQuoted) {
  market::BarColumns bars = walk(3, day(2020, 1, 1), kDayLength);
  put("S", kDay, bars, "24/7",
      {{.ex_date = core::Date::from_ymd(2020, 1, 3), .kind = market::ActionKind::kSplit, .numerator = 2}});
  const auto adjusted = ask({.symbol = "S"}, {"close"});
  const auto raw = ask({.symbol = "S", .prices = PriceMode::kRaw}, {"close"});
  ASSERT_TRUE(adjusted && raw);
  EXPECT_EQ(raw->close[2], bars.close[2].to_double());
  EXPECT_EQ(adjusted->close[2], 2 * bars.close[2].to_double()) << "the anchor is the first bar";
  EXPECT_EQ(adjusted->columns[0].values, adjusted->close);
}

TEST_F(CandlesTest, WhatIsReadIsBounded) {
  const std::size_t more = kMostCandleBars + 5'000;
  put("S", kMinute, walk(more, day(2020, 1, 1), kMinuteLength));
  const std::int64_t end = day(2020, 1, 1) + static_cast<std::int64_t>(more - 1) * kMinuteLength;
  for (const auto& to : {std::optional<std::int64_t>(), std::optional(end)}) {
    const auto last = ask({.symbol = "S", .timeframe = kMinute, .range = {.from = {}, .to = to}}, {"sma(close, 20)"});
    ASSERT_TRUE(last) << last.error().describe();
    EXPECT_EQ(last->keys.back(), end);
    EXPECT_EQ(last->keys.size(), 500U);
    ASSERT_TRUE(last->formulas_from);
    EXPECT_GE(*last->formulas_from, end - static_cast<std::int64_t>(kMostCandleBars) * kMinuteLength);
  }
  const auto wide =
      ask({.symbol = "S", .timeframe = kMinute, .range = {.from = day(2020, 1, 1), .to = end}, .limit = more});
  EXPECT_EQ(wide.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(wide.error().message, HasSubstr("200000"));
  // Hours of them: as many as there are, without the one that would be cut.
  const auto hours = ask({.symbol = "S", .timeframe = Timeframe(1, TimeframeUnit::kHour), .limit = 10'000});
  ASSERT_TRUE(hours) << hours.error().describe();
  EXPECT_EQ(hours->volume.front(), 6 * 55) << "a whole hour";
  EXPECT_TRUE(hours->earlier);
}

TEST_F(CandlesTest, FormulasThatCannotBeAreRefused) {
  put("S", kDay, walk(60, day(2020, 1, 1), kDayLength));
  for (const auto& [formula, why] : {std::pair("cs_rank(close)", "several symbols"),
                                     std::pair("sma(close, 6000)", "5999"), std::pair("of(\"NOPE\", close)", "NOPE"),
                                     std::pair("on(\"1h\", close)", "1h"), std::pair("on(\"1d\", close)", "1d")}) {
    const auto refused = ask({.symbol = "S"}, {formula});
    ASSERT_FALSE(refused) << formula;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument) << formula;
    EXPECT_THAT(refused.error().describe(), HasSubstr(why)) << formula;
  }
  EXPECT_EQ(ask({.symbol = "NOPE"}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(ask({.symbol = "S", .timeframe = kMinute}).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace argosy::data
