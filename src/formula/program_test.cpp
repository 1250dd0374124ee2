// Formulas beyond their own column, on a few rows that can be computed by hand.
#include "formula/program.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace argosy::formula {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::NanSensitiveDoubleEq;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// Closes by entity; keys are row numbers unless given, and a row is known at its key.
struct World {
  std::map<std::string, std::vector<double>> closes;
  std::map<std::string, std::vector<std::int64_t>> keys{};
  std::map<std::string, std::string> sectors{};
  std::map<std::string, std::vector<bool>> left_out{};

  core::Result<ProgramRows> operator()(const RowContext& context, std::string_view entity,
                                       std::span<const std::string> fields) const {
    const std::string name(entity);
    ProgramRows rows;
    const std::vector<double>& all = closes.at(name);
    for (std::size_t i = 0; i < all.size(); ++i)
      rows.keys.push_back(keys.contains(name) ? keys.at(name)[i] : static_cast<std::int64_t>(i));
    rows.closing = rows.keys;
    std::vector<double> column = all;
    if (context.timeframe == "1w") {  // pairs of rows, each known with its second
      rows = {};
      column.clear();
      for (std::size_t i = 1; i < all.size(); i += 2) {
        rows.keys.push_back(static_cast<std::int64_t>(i) - 1);
        rows.closing.push_back(static_cast<std::int64_t>(i));
        column.push_back(all[i]);
      }
    }
    rows.columns.assign(fields.size(), column);
    if (sectors.contains(name)) rows.sector = sectors.at(name);
    if (left_out.contains(name)) rows.left_out = left_out.at(name);
    return rows;
  }
};

std::vector<std::vector<double>> values(const World& world, const std::string& text, bool labels = false) {
  const auto program = compile_program({{{"v", text}}}, {.labels = labels});
  EXPECT_TRUE(program) << (program ? "" : program.error().describe());
  std::vector<std::string> entities;
  for (const auto& [name, closes] : world.closes) entities.push_back(name);
  const auto results = run_program(*program, entities, world);
  EXPECT_TRUE(results);
  std::vector<std::vector<double>> out;
  for (const ProgramResult& result : *results) out.push_back(result.outputs[0]);
  return out;
}

testing::Matcher<double> is(double value) { return NanSensitiveDoubleEq(value); }

// Many symbols are ranked by the bits of their values: negative ones, neighbours that differ in the last bits, equal
// ones.
TEST(Program, RanksManySymbolsAsComparingDoes) {
  World world;
  std::vector<std::vector<double>> columns;
  for (int i = 0; i < 300; ++i) {
    const double spread = (i * 7919 % 300 - 150) * 1e3;
    const double near = 1.0 + static_cast<double>(i * 31 % 97) * std::numeric_limits<double>::epsilon();
    const double few = i % 5 == 0 ? kUnknown : static_cast<double>(i % 7) - 3;
    columns.push_back({spread, near, -near, few, 0, i == 9 ? 1e300 : -1e-300 * i});
    world.closes[fmt::format("S{:03}", i)] = columns.back();
  }
  const auto out = values(world, "cs_rank(close)");
  ASSERT_EQ(out.size(), columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (std::size_t t = 0; t < columns[i].size(); ++t) {
      double below = 0;
      double equal = 0;
      double all = 0;
      for (const std::vector<double>& other : columns) {
        all += std::isnan(other[t]) ? 0 : 1;
        below += other[t] < columns[i][t] ? 1 : 0;
        equal += other[t] == columns[i][t] ? 1 : 0;
      }
      const double expected = std::isnan(columns[i][t]) ? kUnknown : (below + (equal + 1) / 2) / all;
      EXPECT_THAT(out[i][t], is(expected)) << "symbol " << i << ", row " << t;
    }
  }
}

TEST(Program, RanksOverThoseThatHaveAValue) {
  const World world{.closes = {{"A", {1, 5}}, {"B", {3, 5}}, {"C", {kUnknown, 5}}, {"D", {2, 9}}}};
  const auto out = values(world, "cs_rank(close)");
  EXPECT_THAT(out[0], ElementsAre(is(1.0 / 3), is(0.5)));
  EXPECT_THAT(out[1], ElementsAre(is(1.0), is(0.5)));
  EXPECT_THAT(out[2], ElementsAre(is(kUnknown), is(0.5)));
  EXPECT_THAT(out[3], ElementsAre(is(2.0 / 3), is(1.0)));
}

TEST(Program, ComparesRowsOfOneTimeOnly) {
  const World world{.closes = {{"A", {1, 2, 3}}, {"B", {10, 30}}}, .keys = {{"B", {0, 2}}}};
  const auto out = values(world, "cs_mean(close)");
  EXPECT_THAT(out[0], ElementsAre(5.5, 2, 16.5));
  EXPECT_THAT(out[1], ElementsAre(5.5, 16.5));
}

TEST(Program, ComparesWithinASector) {
  const World world{.closes = {{"A", {1}}, {"B", {3}}, {"C", {10}}}, .sectors = {{"A", "x"}, {"B", "x"}, {"C", "y"}}};
  const auto out = values(world, "cs_demean(close, by: sector)");
  EXPECT_THAT(out[0], ElementsAre(-1));
  EXPECT_THAT(out[1], ElementsAre(1));
  EXPECT_THAT(out[2], ElementsAre(0));
}

TEST(Program, LeavesOutWhoIsNoMember) {
  const World world{.closes = {{"A", {1, 1}}, {"B", {3, 3}}}, .left_out = {{"B", {true, false}}}};
  const auto out = values(world, "cs_mean(close)");
  EXPECT_THAT(out[0], ElementsAre(1, 2));
  EXPECT_THAT(out[1], ElementsAre(is(kUnknown), is(2)));
}

TEST(Program, StandardisesAndClips) {
  const World world{.closes = {{"A", {1}}, {"B", {2}}, {"C", {3}}, {"D", {10}}}};
  const double deviation = std::sqrt((9 + 4 + 1 + 36) / 3.0);
  EXPECT_THAT(values(world, "cs_zscore(close)")[3], ElementsAre(DoubleEq(6 / deviation)));
  EXPECT_THAT(values(world, "cs_quantile(close, 0.5)")[0], ElementsAre(2.5));
  const auto clipped = values(world, "cs_winsorize(close, tail: 25%)");
  EXPECT_THAT(clipped[0], ElementsAre(1.75));
  EXPECT_THAT(clipped[3], ElementsAre(4.75));
  EXPECT_THAT(values({.closes = {{"A", {4}}, {"B", {4}}}}, "cs_zscore(close)")[0], ElementsAre(is(kUnknown)));
}

// 0.1 + 0.2 + 0.3 has other bits than 0.3 + 0.2 + 0.1.
TEST(Program, SumsAcrossInOneOrder) {
  const World world{.closes = {{"A", {0.1}}, {"B", {0.2}}, {"C", {0.3}}}};
  const auto program = compile_program({{{"v", "cs_mean(close)"}}});
  ASSERT_TRUE(program);
  const auto forwards = run_program(*program, std::vector<std::string>{"A", "B", "C"}, world);
  const auto backwards = run_program(*program, std::vector<std::string>{"C", "B", "A"}, world);
  ASSERT_TRUE(forwards && backwards);
  EXPECT_EQ((*forwards)[0].outputs[0][0], (*backwards)[0].outputs[0][0]);
}

TEST(Program, FindsQuantilesOfHugeValues) {
  const World world{.closes = {{"A", {-1.7e308}}, {"B", {1.7e308}}}};
  EXPECT_THAT(values(world, "cs_quantile(close, 0)")[0], ElementsAre(is(-1.7e308)));
  EXPECT_THAT(values(world, "cs_quantile(close, 0.75)")[0], ElementsAre(DoubleEq(0.85e308)));
  EXPECT_THAT(values(world, "cs_winsorize(close, 0.25)")[1], ElementsAre(DoubleEq(0.85e308)));
}

TEST(Program, ScalesToASumOfOne) {
  const World world{.closes = {{"A", {1, 0}}, {"B", {-3, 0}}, {"C", {4, 0}}}};
  EXPECT_THAT(values(world, "cs_scale(close)")[0], ElementsAre(is(0.125), is(kUnknown)));
  EXPECT_THAT(values(world, "cs_scale(close)")[1], ElementsAre(is(-0.375), is(kUnknown)));
  EXPECT_THAT(values(world, "cs_scale(close - 1)")[0], ElementsAre(is(0.0), is(-1.0 / 3)));
}

TEST(Program, GoesOnAfterACrossSection) {
  const World world{.closes = {{"A", {1, 4, 1, 1}}, {"B", {2, 2, 2, 2}}}};
  EXPECT_THAT(values(world, "sma(cs_rank(sma(close, 2)), 2)")[0],
              ElementsAre(is(kUnknown), is(kUnknown), is(1.0), is(0.75)));
}

TEST(Program, ReadsAnotherSymbolAsItWasKnown) {
  const World world{.closes = {{"A", {1, 2, 3}}, {"B", {10, 20}}}, .keys = {{"A", {0, 10, 20}}, {"B", {5, 20}}}};
  EXPECT_THAT(values(world, "of(\"B\", close)")[0], ElementsAre(is(kUnknown), is(10), is(20)));
  EXPECT_THAT(values(world, "close / of(\"B\", sma(close, 2))")[0], ElementsAre(is(kUnknown), is(kUnknown), is(0.2)));
}

TEST(Program, ReadsALongerBarWhenItIsComplete) {
  const World world{.closes = {{"A", {1, 2, 3, 4, 5}}}};
  EXPECT_THAT(values(world, "on(\"1w\", close)")[0], ElementsAre(is(kUnknown), is(2), is(2), is(4), is(4)));
  EXPECT_THAT(values(world, "on(\"1w\", close[1])")[0],
              ElementsAre(is(kUnknown), is(kUnknown), is(kUnknown), is(2), is(2)));
}

TEST(Program, ReadsNamesOnOtherRowsAgain) {
  const World world{.closes = {{"A", {1, 2, 3, 4}}}};
  CompileOptions options{.lets = {{"last", "close[1]"}, {"step", "close - last"}}};
  const auto program = compile_program({{{"own", "step"}, {"week", "on(\"1w\", step)"}}}, options);
  ASSERT_TRUE(program) << program.error().describe();
  const std::vector<std::string> entities{"A"};
  const auto results = run_program(*program, entities, world);
  ASSERT_TRUE(results);
  EXPECT_THAT((*results)[0].outputs[0], ElementsAre(is(kUnknown), is(1), is(1), is(1)));
  EXPECT_THAT((*results)[0].outputs[1], ElementsAre(is(kUnknown), is(kUnknown), is(kUnknown), is(2)));
}

// A name that uses a name with a cross-section: all of it is of the longer bars.
TEST(Program, ReadsNamesOfNamesOnOtherRows) {
  const World world{.closes = {{"A", {9, 1, 9, 1}}, {"B", {1, 9, 1, 9}}}};
  const CompileOptions options{.lets = {{"place", "cs_rank(close)"}, {"twice", "place + place"}}};
  const auto program = compile_program({{{"v", "on(\"1w\", twice)"}}}, options);
  ASSERT_TRUE(program) << program.error().describe();
  const auto results = run_program(*program, std::vector<std::string>{"A", "B"}, world);
  ASSERT_TRUE(results);
  EXPECT_THAT((*results)[0].outputs[0], ElementsAre(is(kUnknown), is(1), is(1), is(1)));
  EXPECT_THAT((*results)[1].outputs[0], ElementsAre(is(kUnknown), is(2), is(2), is(2)));
}

// Each name uses the one before it twice: read once, not 2^60 times.
TEST(Program, ReadsEachNameOnceOnOtherRows) {
  CompileOptions options{.lets = {{"n0", "close"}}};
  for (int i = 1; i <= 60; ++i) options.lets.emplace_back(fmt::format("n{}", i), fmt::format("n{0} + n{0}[1]", i - 1));
  const auto program = compile_program({{{"v", "on(\"1w\", n60)"}}}, options);
  ASSERT_TRUE(program) << program.error().describe();
  EXPECT_EQ(program->steps.size(), 2U);
}

TEST(Program, LooksAheadForLabelsOnly) {
  const World world{.closes = {{"A", {1, 2, 4}}}};
  EXPECT_THAT(values(world, "ahead(close, 1) / close", true)[0], ElementsAre(is(2), is(2), is(kUnknown)));
  EXPECT_THAT(compile_program({{{"v", "ahead(close, 1)"}}}).error().describe(), HasSubstr("only the label"));
}

TEST(Program, WritesWhatIsWrittenTwiceOnce) {
  const auto program = compile_program({{{"a", "cs_rank(close) + 1"}, {"b", "cs_rank(close) * 2"}}});
  ASSERT_TRUE(program);
  EXPECT_EQ(program->barriers.size(), 1U);
  EXPECT_EQ(program->steps.size(), 2U);
  EXPECT_TRUE(program->looks_across());
  EXPECT_THAT(program->fields(), ElementsAre("close"));
}

TEST(Program, SaysWhatIsWrong) {
  const auto message = [](const std::string& text) { return compile_program({{{"v", text}}}).error().describe(); };
  EXPECT_THAT(message("on(close)"), HasSubstr("takes a text and a formula"));
  EXPECT_THAT(message("on(\"3w\", close)"), HasSubstr("is not a timeframe"));
  EXPECT_THAT(message("of(\"\", close)"), HasSubstr("a symbol is expected"));
  EXPECT_THAT(message("cs_rank(close > open)"), HasSubstr("not a truth value"));
  EXPECT_THAT(message("cs_rank(close, by: country)"), HasSubstr("only `by: sector`"));
  EXPECT_THAT(message("cs_quantile(close)"), HasSubstr("argument q of cs_quantile is missing"));
  EXPECT_THAT(message("cs_rank(close, 3)"), HasSubstr("one argument too many"));
  EXPECT_THAT(message("cs_rank()"), HasSubstr("cs_rank of what?"));
  EXPECT_THAT(message("of(\"A\", cs_rank(close))"), HasSubstr("cs_rank compares symbols"));
  std::string many = "close";
  for (int i = 0; i < 1001; ++i) many += fmt::format(" + of(\"S{}\", close)", i);
  EXPECT_THAT(message(many), HasSubstr("more than 1000 other symbols and timeframes"));
  EXPECT_THAT(message("cs_rank + 1"), HasSubstr("its arguments are missing"));
  EXPECT_THAT(message("close + \"x\""), HasSubstr("a text stands where a value is expected"));
  EXPECT_THAT(compile({{{"v", "cs_rank(close)"}}}).error().describe(), HasSubstr("looks beyond"));
}

TEST(Program, TellsWhichEntityFailsFirst) {
  const auto program = compile_program({{{"v", "close"}}});
  ASSERT_TRUE(program);
  const std::vector<std::string> entities{"A", "B", "C"};
  const auto results = run_program(
      *program, entities,
      [](const RowContext&, std::string_view entity, std::span<const std::string>) -> core::Result<ProgramRows> {
        if (entity == "A") return ProgramRows{.keys = {}, .closing = {}, .columns = {{}}, .sector = {}, .left_out = {}};
        return core::fail(core::ErrorCode::kNotFound, std::string(entity));
      });
  ASSERT_FALSE(results);
  EXPECT_EQ(results.error().message, "B");
}

}  // namespace
}  // namespace argosy::formula
