// What reads and computes: formulas, candles, stored runs and strategies, over a ledger and a small lake.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rest/test_rest.hpp"

namespace argosy::rest {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kDayLength = 86'400'000'000'000;

// The stock AAPL with the days of January 2020: closes 1, 2, ... 31.
class ResearchTest : public RestTest {
 public:
  ResearchTest() {
    const lake::LakeOptions options{.folder = folder + "/lake"};
    EXPECT_TRUE(lake::Lake::create(options, core::system_files()));
    const auto lake = lake::Lake::open(options, core::system_files(), clock);
    auto transaction = lake->begin();
    lake::Tables tables = transaction->tables();
    tables.instruments["AAPL"] = {.symbol = "AAPL", .exchange = "24/7"};
    market::BarColumns bars;
    const std::int64_t first = market::date_key(core::Date::from_ymd(2020, 1, 1));
    for (std::int64_t i = 0; i < 31; ++i) {
      const auto price = core::Price::from_integer(i + 1);
      bars.push_back(
          {.key = first + i * kDayLength, .open = price, .high = price, .low = price, .close = price, .volume = 100});
    }
    tables.anchors["AAPL"] = first;
    transaction->set_tables(std::move(tables));
    EXPECT_TRUE(transaction->put("AAPL", market::Timeframe(), bars));
    EXPECT_TRUE(transaction->commit());
    snapshot = lake->snapshot().value();
  }

 protected:
  core::JsonValue json(const net::HttpResponse& answer, int status = 200) {
    EXPECT_EQ(answer.status, status) << answer.body;
    auto parsed = core::parse_json(answer.body);
    EXPECT_TRUE(parsed) << answer.body;
    return parsed ? *std::move(parsed) : core::JsonValue();
  }
  // The texts of numbers; null stands for none.
  static std::string numbers(const core::JsonValue* array) {
    std::string out;
    for (const core::JsonValue& each : *array->array())
      out += (each.number() != nullptr ? each.number()->text : each.is_null() ? "null" : "?") + " ";
    return out;
  }
};

TEST_F(ResearchTest, CandlesHaveFormulasBesideThem) {
  const auto found = json(ask(kWatcher, "GET",
                              "/prices/candles?symbol=AAPL&from=2020-01-20&to=2020-01-22&formula=sma(close,3);"
                              "up=close%20%3E%20open;sma(close,20)"));
  ASSERT_EQ(found.find("items")->array()->size(), 3U);
  EXPECT_EQ(*found.find("items")->array()->front().find("time")->string(), "2020-01-20");
  EXPECT_EQ(found.find("items")->array()->front().find("close")->number()->text, "20");
  const auto& columns = *found.find("columns")->array();
  ASSERT_EQ(columns.size(), 3U);
  EXPECT_EQ(*columns[0].find("name")->string(), "sma(close,3)");
  EXPECT_EQ(numbers(columns[0].find("values")), "19 20 21 ") << "the first value is that of the whole history";
  EXPECT_EQ(*columns[1].find("name")->string(), "up");
  EXPECT_FALSE(*columns[1].find("values")->array()->front().boolean());
  EXPECT_EQ(numbers(columns[2].find("values")), "10.5 11.5 12.5 ");
  EXPECT_EQ(*found.find("earlier")->string(), "2020-01-19");
  EXPECT_TRUE(found.find("formulas_from")->is_null());

  const auto weeks = json(ask(kWatcher, "GET", "/prices/candles?symbol=AAPL&timeframe=1w&limit=2"));
  EXPECT_EQ(*weeks.find("made_of")->string(), "1d");
  EXPECT_EQ(weeks.find("items")->array()->back().find("close")->number()->text, "31");
}

TEST_F(ResearchTest, WhatIsWrongWithAFormulaHasItsPlace) {
  struct Case {
    const char* formula;
    const char* detail;
    const char* column;
  };
  for (const auto& [formula, detail, column] :
       {Case{"sma(clse,2)", "Did you mean \\\"close\\\"", R"("column":5)"},
        Case{"x=sma(clse,2)", "unknown name", R"("column":7)"}, Case{"close;rsii(close)", "rsii", R"("column":1)"},
        Case{"bars_held", "only exits", R"("column":1)"}}) {
    const auto answer =
        ask(kWatcher, "GET", std::string("/prices/candles?symbol=AAPL&formula=") + net::percent_encode(formula));
    EXPECT_EQ(answer.status, 400) << formula;
    EXPECT_THAT(answer.body, HasSubstr(R"("parameter":"formula")")) << formula;
    EXPECT_THAT(answer.body, HasSubstr(detail)) << formula;
    EXPECT_THAT(answer.body, HasSubstr(column)) << formula;
  }
  const auto second = ask(kWatcher, "POST", "/formulas/evaluate", R"({"symbol":"AAPL","formulas":["close","open +"]})");
  EXPECT_EQ(second.status, 400);
  EXPECT_THAT(second.body, HasSubstr(R"("pointer":"/formulas/1")"));
  EXPECT_THAT(second.body, HasSubstr(R"("line":1,"column":7)"));
  const auto explained = ask(kWatcher, "POST", "/formulas/explain", R"({"formula":"sma(close"})");
  EXPECT_EQ(explained.status, 400);
  EXPECT_THAT(explained.body, HasSubstr(R"("pointer":"/formula")"));
  EXPECT_THAT(explained.body, HasSubstr(R"("column":10)"));
}

TEST_F(ResearchTest, CandlesAreRefusedWhereTheyCannotBe) {
  for (const auto& [query, status] :
       {std::pair("symbol=NOPE", 404), std::pair("symbol=AAPL&timeframe=2d", 400),
        std::pair("symbol=AAPL&timeframe=1m", 404), std::pair("symbol=AAPL&from=yesterday", 400),
        std::pair("symbol=AAPL&from=2020-02-01&to=2020-01-01", 400), std::pair("symbol=AAPL&limit=10001", 400),
        std::pair("symbol=AAPL&prices=other", 400), std::pair("symbol=AAPL&formula=sma(close,9999)", 400),
        std::pair("symbol=AAPL&formula=cs_rank(close)", 400), std::pair("symbol=AAPL&formula=a%3Dclose;a%3Dopen", 400),
        std::pair("symbol=AAPL&from=2262-01-01", 400), std::pair("symbol=AAPL&from=2261-12-31", 200),
        std::pair("symbol=AAPL&to=1678-01-01", 200)})
    EXPECT_EQ(ask(kWatcher, "GET", std::string("/prices/candles?") + query).status, status) << query;
  std::string many = "close";
  for (int i = 0; i < 20; ++i) many += ";close+" + std::to_string(i);
  EXPECT_EQ(ask(kWatcher, "GET", "/prices/candles?symbol=AAPL&formula=" + net::percent_encode(many)).status, 400);
}

TEST_F(ResearchTest, FormulasAreListedExplainedAndEvaluated) {
  const auto list = json(ask(kWatcher, "GET", "/formulas?search=relative%20strength"));
  EXPECT_EQ(*list.find("items")->array()->front().find("name")->string(), "rsi");
  const auto page = json(ask(kWatcher, "GET", "/formulas?per_page=2&page=2&family=average"));
  EXPECT_EQ(page.find("items")->array()->size(), 2U);
  EXPECT_THAT(ask(kWatcher, "GET", "/formulas/fields").body, HasSubstr(R"("name":"entry_price")"));

  const auto explained = json(ask(kWatcher, "POST", "/formulas/explain", R"x({"formula":"sma(close, 20) > open"})x"));
  EXPECT_EQ(*explained.find("type")->string(), "truth");
  EXPECT_EQ(*explained.find("part")->string(), "data");
  EXPECT_EQ(explained.find("warm_up")->number()->text, "19");
  const auto exit = json(ask(kWatcher, "POST", "/formulas/explain", R"({"formula":"profit_pct < -8%"})"));
  EXPECT_EQ(*exit.find("part")->string(), "position");

  const auto values = json(ask(kWatcher, "POST", "/formulas/evaluate",
                               R"x({"symbol":"AAPL","formulas":["mean=sma(close, 2)"],"to":"2020-01-03"})x"));
  EXPECT_EQ(numbers(values.find("columns")->array()->front().find("values")), "null 1.5 2.5 ");
  EXPECT_EQ(values.find("times")->array()->size(), 3U);
}

}  // namespace
}  // namespace argosy::rest
