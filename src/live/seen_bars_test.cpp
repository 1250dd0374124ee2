#include "live/seen_bars.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

namespace argosy::live {
namespace {

using core::Price;
using core::Result;
using core::Timestamp;

const core::Date kFirst = core::Date::from_ymd(2024, 1, 1);

market::Bar bar(int day, std::int64_t close) {
  const Price price = Price::from_integer(close);
  return {.key = market::date_key(kFirst.plus_days(day)),
          .open = price,
          .high = price,
          .low = price,
          .close = price,
          .volume = 1};
}

class SeenBarsTest : public testing::Test {
 public:
  SeenBarsTest() {
    std::filesystem::create_directories(root);
    EXPECT_TRUE(lake::Lake::create({.folder = root + "/home"}, core::system_files()));
    open();
  }
  ~SeenBarsTest() override { std::filesystem::remove_all(root); }

 protected:
  static std::string symbol(int number) { return fmt::format("S{:03}", number); }
  [[nodiscard]] lake::Lake home() const {
    return lake::Lake::open({.folder = root + "/home"}, core::system_files(), clock).value();
  }
  void open() {
    seen.reset();
    auto opened = SeenBars::open({.folder = root + "/seen"}, core::system_files(), clock,
                                 {.snapshot =
                                      [this] {
                                        ++looks;
                                        return home().snapshot();
                                      },
                                  .instrument = [](const std::string& name) -> Result<market::Instrument> {
                                    if (name == "DEMO") return market::Instrument{.symbol = name, .exchange = "24/7"};
                                    return core::fail(core::ErrorCode::kNotFound, name);
                                  }});
    ASSERT_TRUE(opened) << opened.error().describe();
    seen = *std::move(opened);
  }
  // Daily bars of so many symbols, at the price of the symbol's number.
  void fill_home(int symbols, int days) {
    auto transaction = home().begin().value();
    lake::Tables tables = transaction.tables();
    for (int i = 0; i < symbols; ++i) {
      market::BarColumns bars;
      for (int day = 0; day < days; ++day) bars.push_back(bar(day, i + 1));
      ASSERT_TRUE(transaction.put(symbol(i), market::Timeframe(), bars));
      tables.instruments[symbol(i)] = {.symbol = symbol(i), .exchange = "24/7"};
      tables.anchors[symbol(i)] = bars.key.front();
    }
    transaction.set_tables(std::move(tables));
    ASSERT_TRUE(transaction.commit());
  }
  [[nodiscard]] std::int64_t generation() const { return seen->snapshot()->manifest().generation; }
  [[nodiscard]] Result<data::SymbolData> read(const std::string& name) {
    return seen->history(name, market::Timeframe(), now);
  }

  std::string root = testing::TempDir() + "/argosy-seen-" + std::to_string(::getpid());
  core::SystemClock clock;
  std::unique_ptr<SeenBars> seen;
  int looks = 0;
  Timestamp now = core::utc_midnight(kFirst.plus_days(20));
};

TEST_F(SeenBarsTest, ManySeriesAreTakenOverInOneCommit) {
  constexpr int kSymbols = 300;
  fill_home(kSymbols, 30);
  const std::int64_t before = generation();
  std::vector<SeriesName> all;
  for (int i = 0; i < kSymbols; ++i) all.push_back({symbol(i), market::Timeframe()});
  all.push_back({"DEMO", market::Timeframe()});
  all.push_back({"NOBODY KNOWS", market::Timeframe()});
  all.push_back(all.front());
  ASSERT_TRUE(seen->take_over(all, now));
  EXPECT_EQ(generation(), before + 2) << "256 a commit";
  EXPECT_EQ(looks, 1);
  for (int i = 0; i < kSymbols; ++i) {
    const auto read_again = read(symbol(i));
    ASSERT_TRUE(read_again) << read_again.error().describe();
    EXPECT_EQ(read_again->bars.size(), 20U) << "what is complete";
    EXPECT_EQ(read_again->bars.close.front(), Price::from_integer(i + 1));
  }
  EXPECT_TRUE(read("DEMO")->bars.empty());
  EXPECT_FALSE(read("NOBODY KNOWS"));
  EXPECT_EQ(generation(), before + 2) << "reading adds nothing";
  // One that is read again looks for what the home's lake has by then.
  now += std::chrono::days(3);
  EXPECT_EQ(read(symbol(7))->bars.size(), 23U);
}

TEST_F(SeenBarsTest, OneByOneIsTheSame) {
  fill_home(3, 30);
  std::vector<SeriesName> all;
  for (int i = 0; i < 3; ++i) all.push_back({symbol(i), market::Timeframe()});
  ASSERT_TRUE(seen->take_over(all, now));
  const auto at_once = seen->snapshot()->series().value();
  std::filesystem::remove_all(root + "/seen");
  open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(read(symbol(i)));
  const auto one_by_one = seen->snapshot()->series().value();
  ASSERT_EQ(one_by_one.size(), at_once.size());
  for (std::size_t i = 0; i < at_once.size(); ++i) EXPECT_EQ(one_by_one[i].hash, at_once[i].hash);
}

TEST_F(SeenBarsTest, WhatWasSeenStandsOverARestart) {
  fill_home(1, 10);
  EXPECT_EQ(read(symbol(0))->bars.size(), 10U);
  const LiveBar closed{.symbol = symbol(0), .timeframe = market::Timeframe(), .bar = bar(10, 50), .closing = now};
  ASSERT_TRUE(seen->append({&closed, 1}));
  // The lake of the home is imported anew, with another close of that day and two days more.
  fill_home(1, 13);
  open();
  const auto bars = read(symbol(0))->bars;
  ASSERT_EQ(bars.size(), 13U);
  EXPECT_EQ(bars.close[10], Price::from_integer(50));
  EXPECT_EQ(bars.close[12], Price::from_integer(1));
  // A bar that was seen before the restart is not written over by one of the same day.
  const LiveBar again{.symbol = symbol(0), .timeframe = market::Timeframe(), .bar = bar(12, 70), .closing = now};
  open();
  ASSERT_TRUE(seen->append({&again, 1}));
  EXPECT_EQ(read(symbol(0))->bars.close[12], Price::from_integer(1));
}

}  // namespace
}  // namespace argosy::live
