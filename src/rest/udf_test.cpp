// The feed of charts, as TradingView's library asks for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rest/test_lake.hpp"

namespace argosy::rest {
namespace {

using testing::HasSubstr;

using UdfTest = LakeTest;

std::string seconds_of(unsigned day) {
  return std::to_string(market::date_key(core::Date::from_ymd(2020, 1, day)) / 1'000'000'000);
}

TEST_F(UdfTest, BarsAreThoseBeforeTheEnd) {
  const std::string all = "/udf/history?symbol=XNAS:AAPL&resolution=1D&from=" + seconds_of(3) + "&to=" + seconds_of(6);
  const auto range = json(ask(kWatcher, "GET", all));
  EXPECT_EQ(*range.find("s")->string(), "ok");
  EXPECT_EQ(numbers(range.find("t")), seconds_of(3) + " " + seconds_of(4) + " " + seconds_of(5) + " ");
  EXPECT_EQ(numbers(range.find("c")), "3 4 5 ");
  EXPECT_EQ(numbers(range.find("v")), "100 100 100 ");
  const auto back = json(ask(kWatcher, "GET", all + "&countback=2"));
  EXPECT_EQ(numbers(back.find("c")), "4 5 ") << "countback wins over from";
  const auto weeks = json(ask(kWatcher, "GET", "/udf/history?symbol=AAPL&resolution=1W&from=0&to=" + seconds_of(14)));
  EXPECT_EQ(numbers(weeks.find("t")),
            std::to_string(market::date_key(core::Date::from_ymd(2019, 12, 30)) / 1'000'000'000) + " " + seconds_of(6) +
                " " + seconds_of(13) + " ");
}

TEST_F(UdfTest, WithoutBarsTheTimeOfTheLastOnesIsTold) {
  const auto later = json(ask(kWatcher, "GET", "/udf/history?symbol=AAPL&resolution=D&from=1600000000&to=1600100000"));
  EXPECT_EQ(*later.find("s")->string(), "no_data");
  EXPECT_EQ(later.find("nextTime")->number()->text, seconds_of(31));
  const auto before = json(ask(kWatcher, "GET", "/udf/history?symbol=AAPL&resolution=D&from=0&to=1000"));
  EXPECT_EQ(*before.find("s")->string(), "no_data");
  EXPECT_EQ(before.find("nextTime"), nullptr) << "there are no older ones";
}

TEST_F(UdfTest, ErrorsAreToldInTheProtocolsForm) {
  for (const char* query :
       {"/udf/symbols?symbol=NOPE", "/udf/history?symbol=NOPE&resolution=1D&to=1",
        "/udf/history?symbol=AAPL&resolution=7X&to=1", "/udf/history?symbol=AAPL&resolution=1&to=1"})
    EXPECT_THAT(ask(kWatcher, "GET", query).body, HasSubstr(R"("s":"error")")) << query;
  EXPECT_EQ(ask(kWatcher, "GET", "/udf/symbols").status, 400);
  EXPECT_EQ(ask(0, "GET", "/udf/symbols?symbol=AAPL").status, 401);
}

TEST_F(UdfTest, SymbolsAndQuotes) {
  const auto symbol = json(ask(kWatcher, "GET", "/udf/symbols?symbol=AAPL"));
  EXPECT_EQ(symbol.find("s"), nullptr) << "any s is an unknown symbol to the library";
  EXPECT_EQ(symbol.find("pricescale")->number()->text, "100");
  EXPECT_EQ(symbol.find("minmov")->number()->text, "1");
  EXPECT_EQ(*symbol.find("session")->string(), "0930-1600");
  EXPECT_FALSE(*symbol.find("has_intraday")->boolean());
  const auto found = json(ask(kWatcher, "GET", "/udf/search?query=APPLE&type=&exchange=&limit=30"));
  EXPECT_EQ(*found.array()->front().find("ticker")->string(), "AAPL");
  const auto quotes = json(ask(kWatcher, "GET", "/udf/quotes?symbols=AAPL,NOPE"));
  EXPECT_EQ(quotes.find("d")->array()->front().find("v")->find("lp")->number()->text, "31");
  EXPECT_EQ(quotes.find("d")->array()->front().find("v")->find("ch")->number()->text, "1");
  EXPECT_EQ(*quotes.find("d")->array()->back().find("s")->string(), "error");
  EXPECT_EQ(ask(kWatcher, "GET", "/udf/time").body, "1700000000");
}

TEST_F(UdfTest, AfterASplitTheNewestPriceIsAsQuoted) {
  const auto lake = open_lake();
  auto transaction = lake->begin();
  lake::Tables tables = transaction->tables();
  tables.actions["AAPL"] = {
      {.ex_date = core::Date::from_ymd(2020, 1, 11), .kind = market::ActionKind::kSplit, .numerator = 2}};
  transaction->set_tables(std::move(tables));
  ASSERT_TRUE(transaction->commit());
  snapshot = lake->snapshot().value();
  const auto range = json(
      ask(kWatcher, "GET", "/udf/history?symbol=AAPL&resolution=1D&from=" + seconds_of(10) + "&to=" + seconds_of(12)));
  EXPECT_EQ(numbers(range.find("c")), "5 11 ") << "10 of before the split are 5 of today's shares";
}

TEST_F(UdfTest, AKeyOfTheFeedReadsNothingElse) {
  EXPECT_EQ(ask(kOwner, "POST", "/auth/keys", R"({"name":"charts","is_feed":true,"scope":"trade"})").status, 400);
  const auto made = json(ask(kOwner, "POST", "/auth/keys", R"({"name":"charts","is_feed":true})"), 201);
  const auto identity = access->identify(*made.find("key")->string());
  ASSERT_TRUE(identity);
  EXPECT_TRUE(identity->is_feed);
  for (const auto& endpoint : api.endpoints()) {
    const server::Access needed = endpoint->notes.access;
    EXPECT_EQ(server::may(*identity, needed), needed == server::Access::kPublic || needed == server::Access::kFeed)
        << endpoint->notes.name;
    EXPECT_EQ(needed == server::Access::kFeed, endpoint->notes.path.starts_with("/udf/")) << endpoint->notes.name;
  }
}

}  // namespace
}  // namespace argosy::rest
