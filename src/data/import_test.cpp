#include "data/import.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "data/bar_text.hpp"
#include "data/check.hpp"
#include "data/export.hpp"
#include "data/samples.hpp"
#include "data/symbol_data.hpp"
#include "data/tables_import.hpp"
#include "lake/query.hpp"

namespace argosy::data {
namespace {

namespace fs = std::filesystem;

constexpr market::Timeframe kDaily;
constexpr market::Timeframe kMinute(1, market::TimeframeUnit::kMinute);

core::Result<BarText> read(std::string_view csv, BarTextOptions options = {}) {
  if (options.symbol.empty()) options.symbol = "S";
  return read_bar_text(csv, "F.csv", options);
}

bool has_note(const BarText& text, std::string_view words) {
  return std::any_of(text.notes.begin(), text.notes.end(),
                     [&](const auto& note) { return note.find(words) != std::string::npos; });
}

TEST(BarText, ColumnsInAnyOrderAndSpelling) {
  const auto text = read(
      "Vol;Close/Last;<HIGH>;Low Price;OPEN;Trade Date;VWAP;Adj Close\n"
      "10;2;3;1;1.5;2020-01-02;1.75;9\n",
      {.columns = {{"time", "trade date"}}});
  ASSERT_TRUE(text) << text.error().describe() << text.error().hint;
  ASSERT_EQ(text->lines.size(), 1U);
  const market::Bar& bar = text->lines[0].bar;
  EXPECT_EQ(market::format_key(bar.key, kDaily), "2020-01-02");
  EXPECT_EQ(bar.open.to_string(), "1.5");
  EXPECT_EQ(bar.high.to_string(), "3");
  EXPECT_EQ(bar.low.to_string(), "1");
  EXPECT_EQ(bar.close.to_string(), "2");
  EXPECT_EQ(bar.volume, 10);
  EXPECT_EQ(bar.vwap, 1.75);
  EXPECT_TRUE(has_note(*text, "volume from \"Vol\""));
  EXPECT_TRUE(has_note(*text, "\"Adj Close\" is ignored"));
}

TEST(BarText, WrongHeadersSayWhatIsThere) {
  for (const char* csv : {"", "1,2,3,4,5\n", "date,open,high,low\n2020-01-01,1,1,1\n", "2020-01-01,1,1,1,1,1\n"}) {
    const auto text = read(csv);
    ASSERT_FALSE(text) << csv;
    EXPECT_EQ(text.error().code, core::ErrorCode::kInvalidArgument);
    EXPECT_EQ(text.error().file, "F.csv");
  }
  EXPECT_NE(read("date,open,high,low\n").error().message.find("\"close\""), std::string::npos);
  const auto unknown = read("date,open,high,low,close\n", {.columns = {{"opne", "x"}}});
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().hint.find("open"), std::string::npos);
  EXPECT_FALSE(read("date,open,high,low,close\n", {.columns = {{"open", "x"}}}));
  EXPECT_FALSE(read_bar_text("date,open,high,low,close\n", "F.csv", {}));  // whose bars are these?
}

TEST(BarText, BadLinesByNumber) {
  const auto text = read(
      "date,open,high,low,close,volume\n"
      "2020-01-02,1,1,1,1,5\n"
      "2020-01-32,1,1,1,1,5\n"
      "2020-01-03,1,x,1,1,5\n"
      "2020-01-04,1,1,1,1,5,6\n"
      "2020-01-05,1,1,1,1,-5\n"
      "2020-01-06,1,1,1,99999999999,5\n"
      "2020-01-07,1,1");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->lines.size(), 1U);
  ASSERT_EQ(text->bad.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(text->bad[i].line, static_cast<std::int64_t>(i + 3));
  EXPECT_NE(text->bad[1].reason.find("high \"x\""), std::string::npos);
  EXPECT_NE(text->bad[5].reason.find("cut"), std::string::npos);
  EXPECT_EQ(text->bad[5].text, "2020-01-07,1,1");
}

TEST(BarText, AWholeLastLineWithoutItsEndIsKeptWithANote) {
  const auto text = read("date,open,high,low,close,volume\n2020-01-02,1,1,1,1,5");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->lines.size(), 1U);
  EXPECT_TRUE(has_note(*text, "no line end"));
}

TEST(BarText, LongFractionsAreRoundedHalfEven) {
  const auto text = read("date,open,high,low,close\n2020-01-02,1.0000000005,1.0000000015,1,1.00000000149\n");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->lines[0].bar.open.units(), 1'000'000'000);
  EXPECT_EQ(text->lines[0].bar.high.units(), 1'000'000'002);
  EXPECT_EQ(text->lines[0].bar.close.units(), 1'000'000'001);
  EXPECT_TRUE(has_note(*text, "rounded"));
  EXPECT_TRUE(has_note(*text, "no volume column"));
}

TEST(BarText, DailyTimeStamps) {
  const auto same = read("time,open,high,low,close\n2020-01-02T21:00:00Z,1,1,1,1\n2020-07-02T21:00:00Z,1,1,1,1\n");
  ASSERT_TRUE(same);
  EXPECT_EQ(market::format_key(same->lines[1].bar.key, kDaily), "2020-07-02");
  EXPECT_TRUE(has_note(*same, "only the date counts"));
  // Midnight in New York: 05:00 UTC in winter, 04:00 in summer; a session's date is New York's.
  const auto moving = read("time,open,high,low,close\n1577941200,1,1,1,1\n1593662400,1,1,1,1\n", {.exchange = "XNYS"});
  ASSERT_TRUE(moving);
  EXPECT_EQ(market::format_key(moving->lines[0].bar.key, kDaily), "2020-01-02");
  EXPECT_EQ(market::format_key(moving->lines[1].bar.key, kDaily), "2020-07-02");
}

TEST(BarText, IntradayTimesNeedAZone) {
  const std::string csv = "date,time,open,high,low,close\n2020-01-02,09:30,1,1,1,1\n2020-07-02,09:30:30.5,1,1,1,1\n";
  const auto without = read(csv, {.timeframe = kMinute});
  ASSERT_FALSE(without);
  EXPECT_NE(without.error().hint.find("--timezone"), std::string::npos);
  const auto with = read(csv, {.timeframe = kMinute, .time_zone = "America/New_York"});
  ASSERT_TRUE(with) << with.error().describe();
  EXPECT_EQ(market::format_key(with->lines[0].bar.key, kMinute), "2020-01-02T14:30:00Z");
  EXPECT_EQ(market::format_key(with->lines[1].bar.key, kMinute), "2020-07-02T13:30:30.500Z");
  EXPECT_FALSE(read(csv, {.timeframe = kMinute, .time_zone = "Mars/Olympus"}));
  // 02:30 does not exist on the day clocks go forward.
  const auto skipped = read("time,open,high,low,close\n2020-03-08 02:30,1,1,1,1\n2020-03-08 03:30,1,1,1,1\n",
                            {.timeframe = kMinute, .time_zone = "America/New_York"});
  ASSERT_TRUE(skipped);
  EXPECT_EQ(skipped->bad.size(), 1U);
}

TEST(WrittenTime, Forms) {
  struct Case {
    const char* text;
    const char* instant;  // read as UTC where no zone is written; nullptr: unreadable
  };
  for (const Case& c : {Case{"2024-11-29", "2024-11-29T00:00:00Z"},
                        {"2024/11/29", "2024-11-29T00:00:00Z"},
                        {"20241129", "2024-11-29T00:00:00Z"},
                        {"2024-11-29T14:30Z", "2024-11-29T14:30:00Z"},
                        {"2024-11-29 09:30:00-05:00", "2024-11-29T14:30:00Z"},
                        {"2024-11-29 14:30:00+00", "2024-11-29T14:30:00Z"},
                        {"20241129 143000", "2024-11-29T14:30:00Z"},
                        {"2024-11-29 14:30:00.25 UTC", "2024-11-29T14:30:00.250Z"},
                        {"1732890600", "2024-11-29T14:30:00Z"},
                        {"1732890600000", "2024-11-29T14:30:00Z"},
                        {"", nullptr},
                        {"29.11.2024", nullptr},
                        {"2024-13-01", nullptr},
                        {"2024-11-31", nullptr},
                        {"2024-11-29T", nullptr},
                        {"2024-11-29T25:00", nullptr},
                        {"2024-11-29T14:30:00X", nullptr},
                        {"2024-11-29T14:30:00.", nullptr},
                        {"9999-01-01", nullptr},
                        {"12", nullptr},
                        {"2024-11/29", nullptr}}) {
    const auto time = parse_written_time(c.text);
    ASSERT_EQ(time.has_value(), c.instant != nullptr) << c.text;
    if (!time) continue;
    const auto instant = core::utc_midnight(time->date) + time->time_of_day.value_or(core::Duration(0)) -
                         time->offset.value_or(core::Duration(0));
    EXPECT_EQ(core::format_rfc3339(instant), c.instant) << c.text;
  }
}

class ImportTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/importXXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root = name;
    ASSERT_TRUE(lake::Lake::create({.folder = root + "/lake"}, core::system_files()));
  }
  void TearDown() override { fs::remove_all(root); }

  lake::Lake open() { return lake::Lake::open({.folder = root + "/lake"}, core::system_files(), clock).value(); }
  core::Result<ImportReport> import(const std::string& csv, ImportRequest request = {}) {
    request.path = root + "/F.csv";
    if (request.symbol.empty()) request.symbol = "S";
    EXPECT_TRUE(core::system_files().write_atomic(request.path, csv));
    return import_bars(open(), core::system_files(), request);
  }
  std::string manifest() { return core::system_files().read(root + "/lake/manifest").value(); }

  std::string root;
  core::SystemClock clock;
};

TEST_F(ImportTest, CountsEveryLine) {
  const std::string csv =
      "date,open,high,low,close,volume\n"
      "2020-01-06,1,2,1,2,5\n"  // out of order
      "2020-01-02,1,2,1,2,5\n"
      "2020-01-02,1,2,1,2,5\n"  // the same again
      "2020-01-03,1,1,2,1,5\n"  // high below low
      "2020-01-04,1,2,1,5,5\n"  // close above high
      "2020-01-05,1,2,1,2,5\n"
      "2020-01-05,1,3,1,2,5\n"  // contradicts the line before
      "nonsense,1,2,1,2,5\n";
  const auto first = import(csv);
  ASSERT_TRUE(first) << first.error().describe();
  const SymbolImport& s = first->symbols.at(0);
  EXPECT_EQ(s.rows, 8);
  EXPECT_EQ(s.added, 2);
  EXPECT_EQ(s.repeated, 1);
  EXPECT_EQ(s.quarantined, 5);
  EXPECT_EQ(s.rows, s.added + s.changed + s.unchanged + s.repeated + s.quarantined);
  EXPECT_EQ(s.first, "2020-01-02");
  const auto snapshot = open().snapshot().value();
  EXPECT_EQ(snapshot.tables().anchors.at("S"), market::parse_key("2020-01-02", kDaily).value());
  EXPECT_GE(snapshot.tables().quality.size(), 5U);
  EXPECT_EQ(lake::query(snapshot, "SELECT count(*) FROM quarantine").value().rows[0][0], "5");
  const std::string before = manifest();
  const auto second = import(csv);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->symbols[0].unchanged, 2);
  EXPECT_EQ(second->symbols[0].added + second->symbols[0].changed, 0);
  EXPECT_EQ(manifest(), before);
}

TEST_F(ImportTest, ACorrectedLineLeavesQuarantine) {
  ASSERT_TRUE(import("date,open,high,low,close\n2020-01-02,1,1,1,1\n2020-01-03,1,1,2,1\n"));
  EXPECT_EQ(open().snapshot().value().tables().quality.front().rule, "high_below_low");
  const auto corrected = import("date,open,high,low,close\n2020-01-02,1,1,1,1\n2020-01-03,1,2,1,1\n");
  EXPECT_EQ(corrected->symbols[0].added, 1);
  for (const auto& row : open().snapshot().value().tables().quality) EXPECT_NE(row.action, "quarantined");
  EXPECT_EQ(import("date,open,high,low,close\n2020-01-03,1,2,1,1.5\n")->symbols[0].changed, 1);
}

TEST_F(ImportTest, AFileWithoutOneGoodLineChangesNothing) {
  const std::string before = manifest();
  for (const char* csv : {"date,open,high,low,close\nx,1,1,1,1\ny,1,1,1,1\n",
                          "date,open,high,low,close\n2020-01-02,1,1,2,1\n", "date,open,high,low,close\n"}) {
    const auto failed = import(csv);
    ASSERT_FALSE(failed) << csv;
    EXPECT_EQ(failed.error().code, core::ErrorCode::kInvalidArgument);
    EXPECT_EQ(manifest(), before);
  }
  EXPECT_NE(import("date,open,high,low,close\nx,1,1,1,1\n").error().message.find("F.csv:2: time \"x\""),
            std::string::npos);
}

TEST_F(ImportTest, StrictQuarantinesOddRows) {
  const std::string csv =
      "date,open,high,low,close\n2020-01-01,10,10,10,10\n2020-01-02,90,90,90,90\n2020-01-03,91,91,91,91\n";
  const auto kept = import(csv);
  EXPECT_EQ(kept->symbols[0].added, 3);
  EXPECT_EQ(kept->symbols[0].odd, 1);
  const auto strict = import(csv, {.symbol = "T", .strict = true});
  EXPECT_EQ(strict->symbols[0].added, 2);
  EXPECT_EQ(strict->symbols[0].quarantined, 1);
  EXPECT_EQ(strict->symbols[0].odd, 0);
}

TEST_F(ImportTest, FewNewBarsGoToTheAppendFile) {
  std::string csv = "date,open,high,low,close\n2020-01-01,10,10.5,10,10\n2020-01-02,10,10.5,10,10\n";
  ASSERT_TRUE(import(csv));
  const auto anchor = open().snapshot().value().tables().anchors;
  csv += "2020-01-03,10,10.5,10,10\n";
  EXPECT_EQ(import(csv)->symbols[0].added, 1);
  EXPECT_TRUE(fs::exists(root + "/lake/append/1d-0.log"));
  EXPECT_EQ(import(csv)->symbols[0].unchanged, 3);
  // Earlier bars do not move the anchor.
  ASSERT_TRUE(import("date,open,high,low,close\n2019-12-31,10,10.5,10,10\n"));
  EXPECT_EQ(open().snapshot().value().tables().anchors, anchor);
  EXPECT_EQ(load_symbol(open().snapshot().value(), "S", kDaily, {})->bars.size(), 4U);
}

TEST_F(ImportTest, AnUnknownExchangeIsAnError) {
  const auto failed = import("date,open,high,low,close\n2020-01-02,1,1,1,1\n", {.exchange = "XMRS"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(import("date,open,high,low,close\n2020-01-02,1,1,1,1\n", {.exchange = "NYSE"}).has_value(), true);
  EXPECT_EQ(open().snapshot().value().tables().instruments.at("S").exchange, "XNYS");
}

TEST_F(ImportTest, ParquetRoundTrip) {
  ASSERT_TRUE(
      import("time,open,high,low,close,volume,vwap\n2020-01-02T14:30:00Z,1.123456789,2,1,2,5.5,1.5\n2020-01-02T14:31:"
             "00Z,1,2,1,2,5,\n",
             {.timeframe = kMinute}));
  const auto snapshot = open().snapshot().value();
  const std::vector<SymbolData> data{load_symbol(snapshot, "S", kMinute, {}).value()};
  const std::string path = root + "/out.parquet";
  ASSERT_TRUE(export_bars(core::system_files(), data, ExportFormat::kParquet, path));
  const auto again = import_bars(open(), core::system_files(), {.path = path, .symbol = "S", .timeframe = kMinute});
  ASSERT_TRUE(again) << again.error().describe();
  EXPECT_EQ(again->symbols[0].unchanged, 2);
  const auto other = import_bars(open(), core::system_files(), {.path = path, .timeframe = kMinute});
  ASSERT_TRUE(other);
  EXPECT_EQ(other->symbols[0].symbol, "S");
  fs::resize_file(path, fs::file_size(path) / 2);
  const auto cut = import_bars(open(), core::system_files(), {.path = path, .symbol = "S", .timeframe = kMinute});
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().file, path);
}

TEST_F(ImportTest, CsvAndJsonExportsHaveEveryColumn) {
  ASSERT_TRUE(import("date,open,high,low,close,volume\n2020-01-02,1,2.5,0.5,2,5\n"));
  const std::vector<SymbolData> data{load_symbol(open().snapshot().value(), "S", kDaily, {}).value()};
  EXPECT_EQ(bars_csv(data), "symbol,date,open,high,low,close,volume,source\nS,2020-01-02,1,2.5,0.5,2,5,HISTORICAL\n");
  EXPECT_EQ(bars_json(data),
            "{\"items\":[{\"symbol\":\"S\",\"date\":\"2020-01-02\",\"open\":\"1\",\"high\":\"2.5\",\"low\":\"0.5\","
            "\"close\":\"2\","
            "\"volume\":5,\"source\":\"HISTORICAL\"}],\"meta\":{\"count\":1}}\n");
  EXPECT_EQ(format_of_path("a/b.Parquet").value(), ExportFormat::kParquet);
  EXPECT_FALSE(format_of_path("bars"));
}

TEST_F(ImportTest, SamplesLoadWithTheirFactors) {
  const auto reports = import_samples(open(), core::system_files(), ARGOSY_SOURCE_DIR "/samples/bars");
  ASSERT_TRUE(reports) << reports.error().describe();
  const auto snapshot = open().snapshot().value();
  EXPECT_EQ(snapshot.symbols(), (std::vector<std::string>{"AAPL", "FB", "GOOG", "IBM", "MSFT"}));
  const auto apple = load_symbol(snapshot, "AAPL", kDaily, {}).value();
  EXPECT_EQ(apple.bars.size(), 3270U);
  EXPECT_EQ(apple.factors.price.front(), 1.0);
  EXPECT_EQ(apple.factors.split.back(), 4.0);
  // A range's factors are those of the whole: a run's start moves nothing.
  const auto part =
      load_symbol(snapshot, "AAPL", kDaily, {.from = apple.bars.key[2000], .to = apple.bars.key[2100]}).value();
  ASSERT_EQ(part.bars.size(), 101U);
  EXPECT_EQ(part.factors.price.front(), apple.factors.price[2000]);
  EXPECT_EQ(part.factors.split.front(), 4.0);
  EXPECT_NE(part.content_hash, apple.content_hash);
  const std::vector<std::string> fields{"close", "raw.close", "volume", "vwap"};
  const auto panel = make_panel(std::span(&apple, 1), fields, PriceMode::kAdjusted);
  EXPECT_EQ(panel.entity(0).fields[0].back(), apple.bars.close.back().to_double() * apple.factors.price.back());
  EXPECT_EQ(panel.entity(0).fields[1].back(), apple.bars.close.back().to_double());
  EXPECT_EQ(panel.entity(0).fields[2].back(), apple.bars.volume.back() / 4.0);
  EXPECT_TRUE(std::isnan(panel.entity(0).fields[3].back()));
  const auto raw = make_panel(std::span(&apple, 1), fields, PriceMode::kRaw);
  EXPECT_EQ(raw.entity(0).fields[0].back(), apple.bars.close.back().to_double());
  const auto adjusted = adjusted_bars(apple, {apple.factors.price.back(), apple.factors.split.back()});
  EXPECT_EQ(adjusted.close.back(), apple.bars.close.back());
  EXPECT_LT(adjusted.close.front().to_double(), apple.bars.close.front().to_double() / 3.9);
  const auto report = check(snapshot).value();
  EXPECT_EQ(report.errors(), 0);
  EXPECT_EQ(report.bars, 12154);
}

TEST_F(ImportTest, UnknownNamesAreToldWithWhatThereIs) {
  ASSERT_TRUE(import("date,open,high,low,close\n2020-01-02,1,1,1,1\n", {.symbol = "AAPL"}));
  const auto snapshot = open().snapshot().value();
  const auto symbol = load_symbol(snapshot, "AAPPL", kDaily, {});
  ASSERT_FALSE(symbol);
  EXPECT_EQ(symbol.error().code, core::ErrorCode::kNotFound);
  EXPECT_NE(symbol.error().hint.find("AAPL"), std::string::npos);
  EXPECT_NE(load_symbol(snapshot, "AAPL", kMinute, {}).error().hint.find("1d"), std::string::npos);
  EXPECT_FALSE(load_symbol(snapshot, "AAPL", kDaily, {.from = market::parse_key("2021-01-01", kDaily).value()}));
}

TEST(TablesImport, Actions) {
  lake::Tables tables;
  const std::string csv =
      "symbol,ex_date,kind,numerator,denominator,amount\nA,2020-02-03,split,2,1,0\nA,2020-01-02,dividend,1,1,0.5\n";
  EXPECT_EQ(import_actions(csv, "a.csv", tables)->added, 2);
  EXPECT_EQ(tables.actions["A"][0].amount.to_string(), "0.5");
  EXPECT_EQ(import_actions(csv, "a.csv", tables)->unchanged, 2);
  EXPECT_EQ(import_actions("symbol,ex_date,kind,amount\nA,2020-01-02,dividend,0.6\n", "a.csv", tables)->changed, 1);
  EXPECT_EQ(import_actions("symbol,ex_date,kind,amount\nA,2020-03-02,delisting,0\n", "a.csv", tables)->added, 1);
  EXPECT_EQ(import_actions("symbol,ex_date,kind,amount\nA,2020-03-03,delisting,7\n", "a.csv", tables)->changed, 1);
  EXPECT_EQ(tables.actions["A"].size(), 3U) << "an instrument is delisted once";
  for (const char* bad :
       {"", "symbol,kind\n", "symbol,ex_date,kind,amonut\n", "symbol,ex_date,kind\nA,2020-01-02,merger\n",
        "symbol,ex_date,kind,numerator\nA,2020-01-02,split,0\n", "symbol,ex_date,kind\nA,2020-01-99,split\n",
        "symbol,ex_date,kind,amount\nA,2020-01-02,dividend,-1\n", "symbol,ex_date,kind\nA,2020-01-02\n"}) {
    const auto failed = import_actions(bad, "a.csv", tables);
    ASSERT_FALSE(failed) << bad;
    EXPECT_EQ(failed.error().code, core::ErrorCode::kInvalidArgument);
    EXPECT_EQ(failed.error().file, "a.csv");
  }
}

TEST(TablesImport, InstrumentsAndUniverses) {
  lake::Tables tables;
  Instruments instruments;
  EXPECT_EQ(import_instruments("symbol,exchange,name\nA,nyse,Alpha\n", "i.csv", instruments).has_value(),
            market::find_calendar("nyse").has_value());
  EXPECT_EQ(import_instruments("symbol,exchange,tick\nB,XNAS,0.05\n", "i.csv", instruments)->added, 1);
  EXPECT_EQ(import_instruments("symbol,name,is_active\nB,Beta,false\n", "i.csv", instruments)->changed, 1);
  EXPECT_EQ(import_instruments("symbol,name\nB,Beta\n", "i.csv", instruments)->unchanged, 1);
  EXPECT_EQ(instruments["B"].tick.to_string(), "0.05");
  EXPECT_FALSE(instruments["B"].is_active);
  for (const char* bad : {"name\nx\n", "symbol,exchange\nB,XMRS\n", "symbol,tick\nB,0\n", "symbol,colour\nB,red\n",
                          "symbol,currency\nB,usd\n", "symbol,instrument_id\nB,7\n"}) {
    EXPECT_FALSE(import_instruments(bad, "i.csv", instruments)) << bad;
  }
  EXPECT_EQ(import_universes("universe,symbol,from,to\ntech,B,2020-01-01,\n", "u.csv", "", tables)->added, 1);
  EXPECT_EQ(import_universes("symbol,from,to\nB,2020-01-01,2020-06-30\n", "u.csv", "tech", tables)->changed, 1);
  ASSERT_EQ(tables.universes.size(), 1U);
  EXPECT_EQ(tables.universes[0].to->to_string(), "2020-06-30");
  for (const char* bad : {"universe,symbol,from\nall,B,2020-01-01\n",
                          "universe,symbol,from,to\nx,B,2020-01-02,2020-01-01\n", "symbol,from\nB,2020-01-01\n"}) {
    EXPECT_FALSE(import_universes(bad, "u.csv", "", tables)) << bad;
  }
}

}  // namespace
}  // namespace argosy::data
