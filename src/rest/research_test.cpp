// What reads and computes: formulas, candles, stored runs and strategies, over a ledger and a small lake.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/equity.hpp"
#include "ledger/orders.hpp"
#include "rest/test_lake.hpp"

namespace argosy::rest {
namespace {

using testing::HasSubstr;
using testing::Not;

using ResearchTest = LakeTest;

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

TEST_F(ResearchTest, ARunIsShownAsAPageThatLoadsNothing) {
  const auto page = ask(kOwner, "GET", "/runs/1/report");
  EXPECT_EQ(page.status, 200) << page.body;
  EXPECT_EQ(page.headers.find("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(std::string(page.headers.find("Content-Security-Policy").value_or("")),
              HasSubstr("default-src 'none'; style-src 'unsafe-inline'; img-src data:"));
  for (const char* part : {"cross", "AAPL", "30.00"}) EXPECT_THAT(page.body, HasSubstr(part));
  EXPECT_THAT(page.body, Not(HasSubstr("<script")));
  EXPECT_EQ(ask(kStranger, "GET", "/runs/1/report").status, 404);
  EXPECT_EQ(ask(kOwner, "GET", "/runs/9/report").status, 404);
  EXPECT_EQ(ask(0, "GET", "/runs/1/report").status, 401);
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

TEST_F(ResearchTest, AFormulaIsCheckedAsItIsTyped) {
  const auto half = ask(kWatcher, "POST", "/formulas/check", R"({"formula":"sma(clos, 20) >"})");
  EXPECT_EQ(half.status, 200);
  EXPECT_THAT(half.body, HasSubstr(R"("is_valid":false,"errors":[{"detail":)"));
  EXPECT_THAT(half.body, HasSubstr(R"("line":1,"column":)"));
  EXPECT_THAT(half.body, Not(HasSubstr("explanation")));
  // The carets stand below what is wrong.
  const auto wrong = ask(kWatcher, "POST", "/formulas/check", R"x({"formula":"sma(clos, 20)"})x");
  EXPECT_THAT(wrong.body, HasSubstr(R"("hint":"sma(clos, 20)\n    ^^^^","line":1,"column":5)"));

  const auto right = json(ask(kWatcher, "POST", "/formulas/check", R"x({"formula":"sma(close, 20)"})x"));
  EXPECT_TRUE(*right.find("is_valid")->boolean());
  EXPECT_TRUE(right.find("errors")->array()->empty());
  EXPECT_EQ(right.find("explanation")->find("warm_up")->number()->text, "19");
}

TEST_F(ResearchTest, RunsAreTheirOwners) {
  ASSERT_TRUE(run_pool.write([](Transaction& work) -> Result<void> {
    ARGOSY_TRY(ledger::RunRow operators, ledger::find_run(work, "1"));
    ARGOSY_TRY(auto trades, ledger::load_run_trades(work, operators.run_id));
    operators.owner_id = 0;
    trades.pop_back();
    ARGOSY_TRY_VOID(ledger::add_run(work, operators, trades));
    return {};
  }));
  const auto own = json(ask(kOwner, "GET", "/runs?strategy=cross&sort=-number"));
  ASSERT_EQ(own.find("items")->array()->size(), 1U);
  EXPECT_EQ(own.find("items")->array()->front().find("owner_id")->number()->text, "2");
  EXPECT_EQ(own.find("items")->array()->front().find("strategy_text"), nullptr) << "lists are short";
  EXPECT_THAT(ask(kStranger, "GET", "/runs").body, HasSubstr("\"total\":0"));
  EXPECT_THAT(ask(kAdmin, "GET", "/runs").body, HasSubstr("\"total\":2"));
  EXPECT_EQ(ask(kOwner, "GET", "/runs/2").status, 404) << "the operator's";
  EXPECT_EQ(ask(kAdmin, "GET", "/runs/2").status, 200);
  const auto one = ask(kOwner, "GET", "/runs/1");
  EXPECT_THAT(one.body, HasSubstr("name: cross"));
  EXPECT_THAT(one.body, Not(HasSubstr("configuration")));

  const auto trades = json(ask(kOwner, "GET", "/runs/1/trades?outcome=closed&sort=-number"));
  EXPECT_EQ(trades.find("meta")->find("total")->number()->text, "2");
  EXPECT_EQ(trades.find("items")->array()->front().find("number")->number()->text, "2");
  EXPECT_EQ(ask(kStranger, "GET", "/runs/1/trades").status, 404);
  const auto equity = json(ask(kOwner, "GET", "/runs/1/equity"));
  const auto& points = *equity.find("items")->array();
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(*points[0].find("equity")->string(), "990") << "the loss came first";
  EXPECT_EQ(*points[1].find("equity")->string(), "1020");

  EXPECT_EQ(ask(kOwner, "GET", "/runs/compare?a=1&b=2").status, 404);
  EXPECT_EQ(ask(kAdmin, "GET", "/runs/compare?a=1&b=2").status, 200);
  EXPECT_EQ(ask(kStranger, "DELETE", "/runs/1").status, 404);
  EXPECT_EQ(ask(kOwner, "DELETE", "/runs/1").status, 204);
  EXPECT_EQ(ask(kOwner, "GET", "/runs/1").status, 404);
}

TEST_F(ResearchTest, StudiesAreTheirOwners) {
  EXPECT_THAT(ask(kOwner, "GET", "/studies?name=first").body, HasSubstr("\"total\":1"));
  EXPECT_THAT(ask(kStranger, "GET", "/studies").body, HasSubstr("\"total\":0"));
  EXPECT_THAT(ask(kOwner, "GET", "/studies/1/trials?state=complete&number=1").body, HasSubstr("\"total\":1"));
  EXPECT_EQ(ask(kStranger, "GET", "/studies/1/trials").status, 404);
  EXPECT_EQ(ask(kStranger, "DELETE", "/studies/1").status, 404);
  EXPECT_EQ(ask(kOwner, "DELETE", "/studies/1").status, 204);
  EXPECT_EQ(ask(kAdmin, "GET", "/studies/1").status, 404);
}

constexpr const char* kCross = R"(name: cross\nbuy: close > sma(close, 3)\nsell: close < sma(close, 3)\n)";

std::string with_text(const std::string& text, const std::string& more = {}) {
  core::JsonWriter json;
  json.begin_object().key("text").value(text);
  if (!more.empty()) json.key("name").value(more);
  return std::move(json.end_object()).take();
}

TEST_F(ResearchTest, AStrategyIsCheckedWithLineAndHint) {
  const auto fine = json(ask(kWatcher, "POST", "/strategies/check", std::string(R"({"text":")") + kCross + "\"}"));
  EXPECT_TRUE(*fine.find("is_valid")->boolean());
  EXPECT_EQ(*fine.find("name")->string(), "cross");
  EXPECT_EQ(fine.find("warm_up")->number()->text, "2");
  const auto wrong =
      json(ask(kWatcher, "POST", "/strategies/check", with_text("name: x\nbuy: clse > 1\nsell: close < 1\n")));
  EXPECT_FALSE(*wrong.find("is_valid")->boolean());
  const auto& error = wrong.find("errors")->array()->front();
  EXPECT_EQ(error.find("line")->number()->text, "2");
  EXPECT_THAT(*error.find("detail")->string(), HasSubstr("Did you mean \"close\""));
  // S20: a text is no way to a file of the machine.
  for (const char* path : {"fees: /etc/passwd", "let_files: [../../x]", "limits: /etc/hosts"}) {
    const std::string text = std::string("name: x\nbuy: close > 1\nsell: close < 1\n") + path + "\n";
    EXPECT_THAT(ask(kWatcher, "POST", "/strategies/check", with_text(text)).body, HasSubstr("is a path")) << path;
    EXPECT_EQ(ask(kOwner, "POST", "/strategies", with_text(text)).status, 400) << path;
  }
  const auto refused = ask(kOwner, "POST", "/strategies", with_text("name: x\nbuy: clse > 1\nsell: close < 1\n"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr(R"("pointer":"/text")"));
  EXPECT_THAT(refused.body, HasSubstr(R"("line":2)"));
}

TEST_F(ResearchTest, AChangedStrategyIsItsNextVersion) {
  const std::string text = "name: mine\nbuy: close > open\nsell: close < open\n";
  const auto made = ask(kStranger, "POST", "/strategies", with_text(text));
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string path = "/strategies/" + json(made, 201).find("strategy_id")->number()->text;
  EXPECT_EQ(made.headers.find("Location"), "/api/v1" + path);
  EXPECT_EQ(ask(kStranger, "POST", "/strategies", with_text(text)).status, 200) << "it is so already";
  const auto next = json(ask(kStranger, "PUT", path, with_text(text + "description: better\n")));
  EXPECT_EQ(next.find("version")->number()->text, "2");
  EXPECT_THAT(ask(kStranger, "GET", "/strategies?name=mine").body, HasSubstr("\"total\":2"));
  EXPECT_EQ(ask(kOwner, "PUT", path, with_text(text)).status, 404);
  // A name is one user's: services and jobs mean by it what that user stored.
  const auto taken = ask(kStranger, "POST", "/strategies", with_text(text, "cross"));
  EXPECT_EQ(taken.status, 409) << taken.body;
  EXPECT_EQ(ask(kStranger, "POST", "/strategies", with_text(text, "probability")).status, 400);

  ASSERT_EQ(ask(kStranger, "POST", "/strategies", with_text(text, "other")).status, 201);
  EXPECT_EQ(ask(kStranger, "POST", path + "/position", R"({"position":2})").status, 200);
  const auto list = json(ask(kStranger, "GET", "/strategies?sort=custom_order&version=1"));
  EXPECT_EQ(*list.find("items")->array()->front().find("name")->string(), "other");
  EXPECT_THAT(ask(kOwner, "GET", "/strategies/1").body, HasSubstr(R"("custom_order":0)"))
      << "another's list is not moved";

  EXPECT_EQ(ask(kStranger, "DELETE", path).status, 204);
  EXPECT_THAT(ask(kStranger, "GET", "/strategies?name=mine").body, HasSubstr("\"total\":0"));
  EXPECT_THAT(ask(kAdmin, "GET", "/system/audit?action=strategy.remove").body, HasSubstr("\"actor\":\"stranger\""));
}

TEST_F(ResearchTest, AStrategyThatAServiceDecidesByStays) {
  ASSERT_TRUE(pool.write([](Transaction& work) -> Result<void> {
    ARGOSY_TRY_VOID(work.execute("UPDATE trading_services SET strategy = 'cross' WHERE service_id = 1"));
    return {};
  }));
  EXPECT_EQ(ask(kOwner, "DELETE", "/strategies/1").status, 409);
}

TEST_F(ResearchTest, AServiceDecidesByNobodyElsesStrategy) {
  ASSERT_TRUE(pool.write([](Transaction& work) -> Result<void> {
    ARGOSY_TRY_VOID(work.execute("UPDATE portfolios SET owner_id = 3 WHERE portfolio_id = 1"));
    return {};
  }));
  const char* body = R"({"symbol":"AAPL","balance":"10","portfolio_id":1,"strategy":"cross"})";
  EXPECT_THAT(ask(kStranger, "POST", "/services", body).body, HasSubstr("there is no strategy"));
  EXPECT_TRUE(taken.empty());
  EXPECT_EQ(ask(kAdmin, "POST", "/services", body).status, 201);
}

TEST_F(ResearchTest, StocksAreFoundMadeAndSwitchedOff) {
  EXPECT_THAT(ask(kWatcher, "GET", "/stocks/search?q=apple").body, HasSubstr("\"total\":1"));
  EXPECT_THAT(ask(kWatcher, "GET", "/stocks/search?q=aap&active=true").body, HasSubstr("\"total\":1"));
  EXPECT_THAT(ask(kWatcher, "GET", "/stocks/search?q=pear").body, HasSubstr("\"total\":0"));
  EXPECT_EQ(ask(kWatcher, "GET", "/stocks/search?q=%20").status, 400);
  EXPECT_EQ(ask(kOwner, "POST", "/stocks", R"({"symbol":"PEAR"})").status, 403);
  const auto made = ask(kAdmin, "POST", "/stocks", R"({"symbol":"PEAR","name":"Pear Inc.","exchange":"XNAS"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string path = std::string(made.headers.find("Location")->substr(7));
  EXPECT_EQ(ask(kAdmin, "POST", "/stocks", R"({"symbol":"PEAR"})").status, 409);
  EXPECT_EQ(ask(kAdmin, "POST", "/stocks", R"({"symbol":"bad symbol!"})").status, 400);
  EXPECT_EQ(ask(kAdmin, "POST", "/stocks", R"({"symbol":"PLUM","exchange":"NOWHERE"})").status, 404);
  EXPECT_THAT(ask(kAdmin, "PATCH", path, R"({"sector":"fruit"})").body, HasSubstr(R"("sector":"fruit")"));
  EXPECT_THAT(ask(kAdmin, "POST", path + "/toggle").body, HasSubstr(R"("is_active":false)"));
  EXPECT_THAT(ask(kAdmin, "POST", path + "/toggle").body, HasSubstr(R"("is_active":true)"));
  EXPECT_EQ(ask(kAdmin, "DELETE", path).status, 204);
  EXPECT_THAT(ask(kWatcher, "GET", path).body, HasSubstr(R"("is_active":false)")) << "bars and books name it";
  EXPECT_THAT(ask(kWatcher, "GET", "/stocks/search?q=pear&active=true").body, HasSubstr("\"total\":0"));
}

TEST_F(ResearchTest, BarsThatAreSentAreJudged) {
  const std::string csv =
      "date,open,high,low,close,volume\\n2024-01-02,10,12,9,11,100\\n2024-01-03,10,9,12,11,100\\n"
      "2024-01-02,10,12,9,11,100\\n";
  const auto answer = json(ask(kAdmin, "POST", "/prices/daily/bulk", R"({"symbol":"AAPL","csv":")" + csv + "\"}"));
  const auto& counts = answer.find("items")->array()->front();
  EXPECT_EQ(counts.find("rows")->number()->text, "3");
  EXPECT_EQ(counts.find("added")->number()->text, "1");
  EXPECT_EQ(counts.find("repeated")->number()->text, "1");
  EXPECT_EQ(counts.find("quarantined")->number()->text, "1");
  EXPECT_EQ(*answer.find("meta")->find("findings")->array()->front().find("action")->string(), "quarantined");
  snapshot = open_lake()->snapshot().value();
  EXPECT_THAT(ask(kWatcher, "GET", "/prices/latest?symbol=AAPL").body, HasSubstr("2024-01-02"));
  EXPECT_EQ(ask(kOwner, "POST", "/prices/daily/bulk", R"({"symbol":"AAPL","csv":""})").status, 403);
  EXPECT_EQ(ask(kAdmin, "POST", "/prices/daily/bulk", R"({"symbol":"AAPL","csv":""})").status, 400);
  EXPECT_EQ(ask(kAdmin, "POST", "/prices/intraday/bulk", R"({"symbol":"AAPL","csv":"x","interval":7})").status, 400);
  const auto minutes = ask(kAdmin, "POST", "/prices/intraday/bulk",
                           R"({"symbol":"AAPL","interval":5,"csv":"time,open,high,low,close,volume\n)"
                           R"(2024-01-02T15:00:00Z,10,12,9,11,100\n"})");
  EXPECT_EQ(minutes.status, 200) << minutes.body;
}

TEST_F(ResearchTest, APortfoliosDaysStandBesideABenchmark) {
  ASSERT_TRUE(pool.write([](Transaction& work) -> Result<void> {
    std::vector<ledger::DailyPnlRow> days;
    for (unsigned day : {20U, 21U, 22U})
      days.push_back({.subject_id = 1,
                      .date = core::Date::from_ymd(2020, 1, day),
                      .equity = core::Money::from_integer(day == 22 ? 99 : 100)});
    ARGOSY_TRY_VOID(ledger::insert<ledger::DailyPnlRow>(work, days));
    const ledger::FundingRow funding{.funding_id = 1,
                                     .portfolio_id = 1,
                                     .broker_account_id = 1,
                                     .time = core::utc_midnight(core::Date::from_ymd(2020, 1, 20)),
                                     .currency = "USD",
                                     .amount = core::Money::from_integer(100)};
    return ledger::insert<ledger::FundingRow>(work, {&funding, 1});
  }));
  const auto all = json(ask(kOwner, "GET", "/portfolios/1/performance?benchmark=AAPL"));
  const auto& days = *all.find("items")->array();
  ASSERT_EQ(days.size(), 3U);
  EXPECT_EQ(*days[0].find("flow")->string(), "100");
  EXPECT_EQ(days[2].find("growth")->number()->text, "0.99");
  EXPECT_EQ(days[0].find("benchmark")->number()->text.substr(0, 6), "1.0526") << "20 / 19";
  const auto part = json(ask(kOwner, "GET", "/portfolios/1/performance?from=2020-01-22"));
  ASSERT_EQ(part.find("items")->array()->size(), 1U);
  EXPECT_EQ(part.find("items")->array()->front().find("day_return")->number()->text.substr(0, 6), "-0.010");
  EXPECT_EQ(*part.find("items")->array()->front().find("flow")->string(), "0");
  EXPECT_EQ(ask(kOwner, "GET", "/portfolios/1/performance?benchmark=NOPE").status, 404);
  EXPECT_EQ(ask(kStranger, "GET", "/portfolios/1/performance").status, 404);
  EXPECT_THAT(ask(kOwner, "GET", "/portfolios/1/value").body, HasSubstr(R"("equity":"100")"));
}

TEST_F(ResearchTest, ExchangesSayWhenTheyOpen) {
  // Tuesday, the 14th of November 2023, 22:13:20 UTC: New York closed at 21:00.
  const auto one = json(ask(kWatcher, "GET", "/system/markets?exchange=XNYS"));
  const auto& market = one.find("items")->array()->front();
  EXPECT_FALSE(*market.find("is_open")->boolean());
  EXPECT_EQ(*market.find("session")->string(), "2023-11-15");
  EXPECT_EQ(market.find("opens_in")->number()->text, "58600") << "to 14:30 UTC";
  EXPECT_EQ(ask(kWatcher, "GET", "/system/markets?exchange=NOWHERE").status, 404);
  EXPECT_THAT(ask(kWatcher, "GET", "/system/markets").body, HasSubstr("24/7"));
}

}  // namespace
}  // namespace argosy::rest
