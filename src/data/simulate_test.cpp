#include "data/simulate.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "core/limits.hpp"
#include "data/check.hpp"
#include "data/symbol_data.hpp"
#include "feeds/simulated_market.hpp"

namespace argosy::data {
namespace {

namespace fs = std::filesystem;

constexpr market::Timeframe kDaily;
constexpr market::Timeframe kMinute(1, market::TimeframeUnit::kMinute);

class SimulateTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/simulateXXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root = name;
    ASSERT_TRUE(lake::Lake::create({.folder = root + "/lake"}, core::system_files()));
  }
  void TearDown() override { fs::remove_all(root); }

  lake::Lake open() { return lake::Lake::open({.folder = root + "/lake"}, core::system_files(), clock).value(); }
  lake::Snapshot snapshot() { return open().snapshot().value(); }
  core::Result<SimulateReport> run(const SimulateRequest& request) { return simulate(open(), request); }
  std::string manifest() { return core::system_files().read(root + "/lake/manifest").value(); }
  void expect_refused(const SimulateRequest& request, std::string_view words) {
    const std::string before = manifest();
    const auto report = run(request);
    ASSERT_FALSE(report) << words;
    EXPECT_EQ(report.error().code, core::ErrorCode::kAlreadyExists);
    EXPECT_NE(report.error().message.find(words), std::string::npos) << report.error().message;
    EXPECT_NE(report.error().hint.find("--replace"), std::string::npos);
    EXPECT_EQ(manifest(), before);
  }

  std::string root;
  core::SystemClock clock;
  SimulateRequest usual{.market = {.seed = 7, .symbols = 6, .days = 300}, .universe = "U6"};
};

TEST_F(SimulateTest, stores_bars_instruments_actions_and_a_universe) {
  const auto report = run(usual);
  ASSERT_TRUE(report) << report.error().describe();
  EXPECT_EQ(report->added, 1'800);
  EXPECT_EQ(report->first, "2015-01-02");
  EXPECT_EQ(report->last, "2016-03-11");
  EXPECT_GT(report->dividends, 0);
  const auto market = feeds::SimulatedMarket::make(usual.market).value();
  const lake::Snapshot now = snapshot();
  const lake::Tables& tables = now.tables();
  ASSERT_EQ(tables.universes.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i) {
    const market::Instrument& instrument = market.instruments()[i];
    const auto data = load_symbol(now, instrument.symbol, kDaily, {});
    ASSERT_TRUE(data) << data.error().describe();
    const feeds::SimulatedHistory history = market.history(i);
    ASSERT_EQ(data->bars.size(), history.bars.size());
    for (std::size_t row = 0; row < history.bars.size(); ++row) ASSERT_EQ(data->bars.at(row), history.bars.at(row));
    EXPECT_EQ(data->actions, history.actions);
    EXPECT_EQ(data->instrument.name, instrument.name);
    EXPECT_EQ(data->instrument.sector, instrument.sector);
    EXPECT_EQ(data->instrument.exchange, "XNYS");
    EXPECT_EQ(data->factors.price.front(), 1.0);
    EXPECT_EQ(tables.universes[i], (lake::UniverseRow{"U6", instrument.symbol, market.first_day(), std::nullopt}));
  }
  EXPECT_EQ(check(now)->errors(), 0);
}

TEST_F(SimulateTest, twice_changes_nothing_and_more_adds_the_rest) {
  ASSERT_TRUE(run(usual));
  const std::string before = manifest();
  const auto again = run(usual);
  ASSERT_TRUE(again) << again.error().describe();
  EXPECT_EQ(again->added, 0);
  EXPECT_EQ(again->unchanged, 1'800);
  EXPECT_EQ(manifest(), before);

  SimulateRequest fewer = usual;
  fewer.market.days = 20;
  EXPECT_EQ(run(fewer)->unchanged, 120);
  EXPECT_EQ(manifest(), before);

  SimulateRequest more = usual;
  more.market.days = 400;
  more.market.symbols = 8;
  const auto longer = run(more);
  ASSERT_TRUE(longer) << longer.error().describe();
  EXPECT_EQ(longer->added, 6 * 100 + 2 * 400);
  EXPECT_EQ(longer->unchanged, 1'800);
  EXPECT_EQ(snapshot().tables().universes.size(), 8U);

  // The same as if it had been asked for at once.
  const auto series = snapshot().series().value();
  fs::remove_all(root + "/lake");
  ASSERT_TRUE(lake::Lake::create({.folder = root + "/lake"}, core::system_files()));
  ASSERT_TRUE(run(more));
  const auto at_once = snapshot().series().value();
  ASSERT_EQ(at_once.size(), series.size());
  for (std::size_t i = 0; i < series.size(); ++i) EXPECT_EQ(at_once[i].hash, series[i].hash);
}

TEST_F(SimulateTest, minutes_stand_beside_days_of_the_same_market) {
  ASSERT_TRUE(run(usual));
  const auto actions = snapshot().tables().actions;
  SimulateRequest minutes = usual;
  minutes.market.days = 3;
  minutes.market.timeframe = kMinute;
  const auto report = run(minutes);
  ASSERT_TRUE(report) << report.error().describe();
  EXPECT_EQ(report->added, 6 * 3 * 390);
  EXPECT_EQ(snapshot().tables().actions, actions);
  EXPECT_EQ(run(minutes)->unchanged, 6 * 3 * 390);
  EXPECT_EQ(run(usual)->unchanged, 1'800);

  // Minutes of another market cannot.
  SimulateRequest wilder = minutes;
  wilder.market.volatility = 0.5;
  wilder.market.timeframe = market::Timeframe(5, market::TimeframeUnit::kMinute);
  expect_refused(wilder, "its 1m bars are of another market");
}

TEST_F(SimulateTest, other_data_under_the_same_names_is_refused) {
  ASSERT_TRUE(run(usual));
  SimulateRequest other = usual;
  other.market.seed = 8;
  expect_refused(other, "S0001 holds other data: it is \"Simulated company 1, seed 7\"");
  other = usual;
  other.market.correlation = 0.5;
  expect_refused(other, "its 1d bar 2015-01-02");
  other = usual;
  other.market.start = core::Date::from_ymd(2016, 1, 4);
  expect_refused(other, "S0001");
  other = usual;
  other.market.symbols = 5;
  expect_refused(other, "the universe U6 has other members");
  // Other names are free.
  other.market.prefix = "T";
  other.universe = "";
  EXPECT_TRUE(run(other));
}

TEST_F(SimulateTest, replace_takes_the_place_of_what_differs) {
  ASSERT_TRUE(run(usual));
  SimulateRequest minutes = usual;
  minutes.market.days = 2;
  minutes.market.timeframe = kMinute;
  minutes.replace = true;
  // Nothing differs, so nothing goes.
  EXPECT_EQ(run(minutes)->replaced, 0);
  EXPECT_TRUE(snapshot().has("S0001", kDaily));

  SimulateRequest other = usual;
  other.market.seed = 8;
  other.market.symbols = 5;
  other.replace = true;
  const auto report = run(other);
  ASSERT_TRUE(report) << report.error().describe();
  EXPECT_EQ(report->replaced, 5);
  EXPECT_EQ(report->added, 1'500);
  const lake::Snapshot now = snapshot();
  EXPECT_EQ(now.tables().universes.size(), 5U);
  EXPECT_FALSE(now.has("S0001", kMinute));
  EXPECT_TRUE(now.has("S0006", kMinute));
  const auto market = feeds::SimulatedMarket::make(other.market).value();
  EXPECT_EQ(load_symbol(now, "S0003", kDaily, {})->bars.close, market.history(2).bars.close);
  EXPECT_EQ(load_symbol(now, "S0003", kDaily, {})->actions, market.history(2).actions);
  EXPECT_EQ(run(other)->unchanged, 1'500);
}

TEST_F(SimulateTest, what_cannot_be_is_said_before_anything_is_made) {
  SimulateRequest request = usual;
  request.universe = "all";
  EXPECT_EQ(run(request).error().code, core::ErrorCode::kInvalidArgument);
  request = usual;
  request.market.symbols = 0;
  EXPECT_EQ(run(request).error().field, "symbols");
  request.market.symbols = 1'000;
  request.market.exchange = "24/7";
  request.market.days = core::limits::kSimulatedBars / 1'000 + 1;
  const auto large = run(request);
  ASSERT_FALSE(large);
  EXPECT_NE(large.error().hint.find("fewer"), std::string::npos);
}

TEST_F(SimulateTest, progress_rises_to_the_end) {
  double last = 0;
  const auto report = simulate(open(), usual, [&](double done) {
    EXPECT_GE(done, last);
    last = done;
  });
  EXPECT_TRUE(report);
  EXPECT_DOUBLE_EQ(last, 1);
}

}  // namespace
}  // namespace argosy::data
