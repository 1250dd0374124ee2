// The sample bars in samples/bars, held against the quality rules and against what is known of their dividends.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>

#include "core/csv.hpp"
#include "core/text.hpp"
#include "market/quality.hpp"

namespace argosy::market {
namespace {

using core::Date;

std::string read(const std::string& name) {
  std::ifstream file(std::string(ARGOSY_SOURCE_DIR) + "/samples/bars/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

BarColumns read_bars(const std::string& symbol) {
  const std::string text = read(symbol + ".csv");
  core::CsvReader reader(text);
  std::vector<std::string_view> cells;
  BarColumns bars;
  EXPECT_TRUE(reader.next(cells));
  EXPECT_EQ(cells, (std::vector<std::string_view>{"date", "open", "high", "low", "close", "volume"}));
  while (reader.next(cells)) {
    bars.push_back({.key = date_key(*Date::parse(cells.at(0))),
                    .open = *Price::parse(cells.at(1)),
                    .high = *Price::parse(cells.at(2)),
                    .low = *Price::parse(cells.at(3)),
                    .close = *Price::parse(cells.at(4)),
                    .volume = *core::parse_double(cells.at(5))});
  }
  return bars;
}

std::vector<CorporateAction> read_actions(const std::string& symbol) {
  const std::string text = read("actions.csv");
  core::CsvReader reader(text);
  std::vector<std::string_view> cells;
  std::vector<CorporateAction> actions;
  EXPECT_TRUE(reader.next(cells));
  while (reader.next(cells)) {
    if (cells.at(0) != symbol) continue;
    actions.push_back({.ex_date = *Date::parse(cells.at(1)),
                       .kind = *parse_action_kind(cells.at(2)),
                       .numerator = *core::parse_integer(cells.at(3)),
                       .denominator = *core::parse_integer(cells.at(4)),
                       .amount = *Price::parse(cells.at(5))});
  }
  return actions;
}

TEST(Samples, have_no_impossible_row) {
  const std::map<std::string, std::size_t> rows = {
      {"AAPL", 3270}, {"FB", 196}, {"GOOG", 2148}, {"IBM", 3270}, {"MSFT", 3270}};
  for (const auto& [symbol, count] : rows) {
    const BarColumns bars = read_bars(symbol);
    EXPECT_EQ(bars.size(), count) << symbol;
    for (std::size_t row = 0; row < bars.size(); ++row) {
      if (row > 0) ASSERT_LT(bars.key[row - 1], bars.key[row]);
      const auto finding = find_impossible(bars.at(row), {.symbol = symbol});
      EXPECT_FALSE(finding) << symbol << " " << format_key(bars.key[row], {}) << " " << finding->detail;
    }
  }
}

TEST(Samples, have_these_odd_rows) {
  std::vector<std::string> found;
  for (const std::string symbol : {"AAPL", "FB", "GOOG", "IBM", "MSFT"}) {
    const Calendar& calendar = **find_calendar(symbol == "IBM" ? "XNYS" : "XNAS");
    for (const auto& finding : find_odd(read_bars(symbol), {}, calendar, read_actions(symbol), {})) {
      found.push_back(symbol + " " + format_key(finding.key, {}) + " " + std::string(to_string(finding.rule)) + ": " +
                      finding.detail);
    }
  }
  // Apple had warned that its profits would fall short.
  EXPECT_EQ(found, (std::vector<std::string>{"AAPL 2000-09-29 jump: close 25.75 after 53.5: -51.9 %"}));
}

TEST(Samples, would_jump_without_their_splits) {
  std::vector<std::string> found;
  for (const std::string symbol : {"AAPL", "MSFT"}) {
    for (const auto& finding : find_odd(read_bars(symbol), {}, **find_calendar("XNAS"), {}, {})) {
      found.push_back(symbol + " " + format_key(finding.key, {}));
    }
  }
  EXPECT_EQ(found,
            (std::vector<std::string>{"AAPL 2000-06-21", "AAPL 2000-09-29", "AAPL 2005-02-28", "MSFT 2003-02-18"}));
}

TEST(Samples, have_the_known_dividends) {
  const auto apple = read_actions("AAPL");
  ASSERT_EQ(apple.size(), 5U);
  EXPECT_EQ(apple[2], (CorporateAction{.ex_date = Date::from_ymd(2012, 8, 9), .amount = *Price::parse("2.65")}));
  const auto ibm = read_actions("IBM");
  EXPECT_EQ(ibm.size(), 52U);  // one a quarter of thirteen years
  const auto microsoft = read_actions("MSFT");
  EXPECT_EQ(microsoft.size(), 38U);
  const CorporateAction special{.ex_date = Date::from_ymd(2004, 11, 15), .amount = *Price::parse("3.08")};
  EXPECT_NE(std::find(microsoft.begin(), microsoft.end(), special), microsoft.end());
  EXPECT_TRUE(read_actions("FB").empty());
  EXPECT_TRUE(read_actions("GOOG").empty());
}

// The worked example of docs/concepts/time-and-price.md.
TEST(Samples, adjust_as_in_the_worked_example) {
  const BarColumns bars = read_bars("AAPL");
  const auto factors = adjustment_factors(bars.key, bars.close, read_actions("AAPL"), bars.key.front());
  const auto adjusted = [&](int year, unsigned month, unsigned day) {
    const auto at = std::find(bars.key.begin(), bars.key.end(), date_key(Date::from_ymd(year, month, day)));
    const auto row = static_cast<std::size_t>(at - bars.key.begin());
    return bars.close.at(row).to_double() * factors->price.at(row);
  };
  EXPECT_EQ(adjusted(2000, 6, 20), 101.25);
  EXPECT_EQ(adjusted(2000, 6, 21), 111.26);
  EXPECT_EQ(adjusted(2005, 2, 25), 177.98);
  EXPECT_EQ(adjusted(2005, 2, 28), 179.44);
  EXPECT_EQ(adjusted(2012, 8, 8), 4 * 619.86);
  EXPECT_DOUBLE_EQ(adjusted(2012, 8, 9), 4 * 620.73 * 619.86 / 617.21);
  EXPECT_EQ(factors->split.back(), 4);
}

}  // namespace
}  // namespace argosy::market
