#include "data/stock_prices.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "data/export.hpp"
#include "data/samples.hpp"

namespace argosy::data {
namespace {

using core::Price;

constexpr market::Timeframe kMinute(1, market::TimeframeUnit::kMinute);
constexpr market::Timeframe kFiveMinutes(5, market::TimeframeUnit::kMinute);
constexpr std::int64_t kLength = 60'000'000'000;

class StockPricesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/stockpricesXXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root = name;
    ASSERT_TRUE(lake::Lake::create({.folder = root + "/lake"}, core::system_files()));
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  lake::Lake lake() { return lake::Lake::open({.folder = root + "/lake"}, core::system_files(), clock).value(); }
  lake::Snapshot snapshot() { return lake().snapshot().value(); }
  void put(market::Timeframe timeframe, const market::BarColumns& bars,
           const std::vector<market::CorporateAction>& actions = {}) {
    auto transaction = lake().begin().value();
    lake::Tables tables = transaction.tables();
    tables.instruments["S"] = {.symbol = "S", .exchange = "XNAS"};
    tables.anchors.try_emplace("S", bars.key.front());
    if (!actions.empty()) tables.actions["S"] = actions;
    transaction.set_tables(std::move(tables));
    ASSERT_TRUE(transaction.put("S", timeframe, bars));
    ASSERT_TRUE(transaction.commit());
  }
  static market::Bar bar(std::int64_t key, const char* open, const char* high, const char* low, const char* close,
                         double volume = 10) {
    return {.key = key,
            .open = *Price::parse(open),
            .high = *Price::parse(high),
            .low = *Price::parse(low),
            .close = *Price::parse(close),
            .volume = volume};
  }
  static std::int64_t day(unsigned number) { return market::date_key(core::Date::from_ymd(2024, 3, number)); }

  std::string root;
  core::SystemClock clock;
  Stock stock{.stock_id = 7, .symbol = "S"};
};

TEST_F(StockPricesTest, ASplitAdjustsWhatCameBeforeIt) {
  market::BarColumns bars;
  bars.push_back(bar(day(4), "100", "104", "98", "100"));
  bars.push_back(bar(day(5), "102", "106", "101", "104.5"));
  bars.push_back(bar(day(6), "26", "27", "25", "26.25"));
  bars.source[1] = market::PriceSource::kSimulated;
  put({}, bars, {{.ex_date = core::Date::from_ymd(2024, 3, 6), .kind = market::ActionKind::kSplit, .numerator = 4}});
  const auto page = daily_prices(snapshot(), stock, {});
  ASSERT_TRUE(page) << page.error().describe();
  ASSERT_EQ(page->items.size(), 3U);
  EXPECT_EQ(core::csv_row(core::record_type<StockDailyPrice>(), page->items.data()),
            "7,2024-03-04,100,104,98,100,25,10,HISTORICAL");
  EXPECT_EQ(core::csv_row(core::record_type<StockDailyPrice>(), &page->items[1]),
            "7,2024-03-05,102,106,101,104.5,26.125,10,SIMULATED");
  EXPECT_EQ(page->items[2].adj_close, page->items[2].close_price) << "of the last bar";
  // The last stored bar counts, not that of the range.
  const auto before = daily_prices(snapshot(), stock, {.range = {{}, day(5)}});
  ASSERT_EQ(before->items.size(), 2U);
  EXPECT_EQ(before->items[1].adj_close.to_string(), "26.125");
}

TEST_F(StockPricesTest, AreWhatAnAdjustedExportSays) {
  ASSERT_TRUE(import_samples(lake(), core::system_files(), ARGOSY_SOURCE_DIR "/samples/bars"));
  const auto data = load_symbol(snapshot(), "AAPL", {}, {});
  const auto exported = adjusted_bars(*data, {data->factors.price.back(), data->factors.split.back()});
  const auto page = daily_prices(snapshot(), {.stock_id = 1, .symbol = "AAPL"}, {.limit = 100'000});
  ASSERT_TRUE(page);
  ASSERT_EQ(page->items.size(), exported.size());
  for (std::size_t i = 0; i < exported.size(); ++i) ASSERT_EQ(page->items[i].adj_close, exported.close[i]) << i;
  EXPECT_LT(page->items.front().adj_close, page->items.front().close_price);
}

TEST_F(StockPricesTest, PagesFollowEachOther) {
  market::BarColumns bars;
  for (unsigned number = 1; number <= 7; ++number) bars.push_back(bar(day(number), "5", "6", "4", "5", number));
  put({}, bars);
  std::vector<double> volumes;
  PriceQuestion question{.limit = 3};
  for (int pages = 1;; ++pages) {
    const auto page = daily_prices(snapshot(), stock, question);
    ASSERT_TRUE(page);
    for (const auto& row : page->items) volumes.push_back(row.volume);
    if (pages == 1) EXPECT_EQ(page->total, 7);
    if (page->next.empty()) break;
    question.range.from = *market::parse_key(page->next, {});
  }
  EXPECT_EQ(volumes, (std::vector<double>{1, 2, 3, 4, 5, 6, 7}));
  const auto last = daily_prices(snapshot(), stock, {.range = {{}, day(6)}, .limit = 2, .newest = true});
  EXPECT_EQ(last->items.back().price_date.to_string(), "2024-03-06");
  EXPECT_EQ(last->items.size(), 2U);
  EXPECT_EQ(daily_prices(snapshot(), stock, {.limit = 0}).error().code, core::ErrorCode::kInvalidArgument);
  EXPECT_EQ(daily_prices(snapshot(), {.symbol = "T"}, {}).error().code, core::ErrorCode::kNotFound);
}

TEST_F(StockPricesTest, IntradayBarsAreStoredOrMadeOfShorterOnes) {
  const std::int64_t start = day(4) + (14 * 60 + 30) * kLength;
  market::BarColumns minutes;
  for (int number = 0; number < 12; ++number) {
    if (number == 6) continue;
    minutes.push_back(bar(start + number * kLength, "5", number == 3 ? "9" : "6", number == 8 ? "1" : "4", "5.5", 2));
  }
  minutes.source[1] = market::PriceSource::kSimulated;
  put(kMinute, minutes);
  const auto made = intraday_prices(snapshot(), stock, 5, {});
  ASSERT_TRUE(made) << made.error().describe();
  const auto row = [](const auto& page, std::size_t i) {
    return core::csv_row(core::record_type<StockIntradayPrice>(), &page->items[i]);
  };
  ASSERT_EQ(made->items.size(), 3U);
  EXPECT_EQ(row(made, 0), "7,2024-03-04T14:30:00Z,5,5,9,4,5.5,10,SIMULATED");
  EXPECT_EQ(row(made, 1), "7,2024-03-04T14:35:00Z,5,5,6,1,5.5,8,HISTORICAL");
  EXPECT_EQ(row(made, 2), "7,2024-03-04T14:40:00Z,5,5,6,4,5.5,4,HISTORICAL");
  // A bar that begins before the range is not in it; one that begins in it is whole.
  const auto part = intraday_prices(snapshot(), stock, 5, {.range = {start + kLength, start + 5 * kLength}});
  ASSERT_EQ(part->items.size(), 1U);
  EXPECT_EQ(row(part, 0), row(made, 1));
  // Stored ones stand.
  market::BarColumns fives;
  fives.push_back(bar(start, "7", "7", "7", "7", 1));
  put(kFiveMinutes, fives);
  EXPECT_EQ(row(intraday_prices(snapshot(), stock, 5, {}), 0), "7,2024-03-04T14:30:00Z,5,7,7,7,7,1,HISTORICAL");
  EXPECT_EQ(intraday_prices(snapshot(), stock, 1, {.limit = 2})->next, "2024-03-04T14:32:00Z");
  EXPECT_EQ(intraday_prices(snapshot(), stock, 7, {}).error().code, core::ErrorCode::kInvalidArgument);
  EXPECT_EQ(intraday_prices(snapshot(), {.symbol = "T"}, 5, {}).error().code, core::ErrorCode::kNotFound);
}

}  // namespace
}  // namespace argosy::data
