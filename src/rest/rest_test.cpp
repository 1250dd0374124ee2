// Who sees and changes what, over all routes, and what the resources say. Attacks are named by their numbers
// (docs/reference/attacks.md).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>

#include "rest/test_rest.hpp"
#include "trading/soft_limits.hpp"

namespace argosy::rest {
namespace {

using testing::Contains;
using testing::HasSubstr;

// What each endpoint with a body takes. A new one is added here, or the matrix says so.
const std::map<std::string_view, std::string_view> kBodies{
    {"login", R"({"username":"owner","password":"wrong password"})"},
    {"refresh", R"({"refresh_token":"x"})"},
    {"change_password", R"({"old_password":"x","new_password":"another password"})"},
    {"make_api_key", R"({"name":"bot"})"},
    {"enrol_totp", R"({"password":"x"})"},
    {"confirm_totp", R"({"code":"123456"})"},
    {"turn_off_totp", R"({"password":"x","code":"123456"})"},
    {"create_user", R"({"username":"new","email":"new@localhost","password":"a good password"})"},
    {"change_user", R"({"email":"other@localhost"})"},
    {"create_service", R"({"symbol":"AAPL","balance":"10"})"},
    {"change_service", R"({"name":"pears"})"},
    {"complete_transaction", R"({"price":"10"})"},
    {"create_portfolio", R"({"name":"second"})"},
    {"change_portfolio", R"({"name":"pension"})"},
    {"fund_portfolio", R"({"amount":"10"})"},
    {"withdraw_from_portfolio", R"({"amount":"10"})"},
    {"kill", R"({"scope":"service","subject":"1"})"},
    {"place_order", R"({"symbol":"AAPL","side":"buy","quantity":"1"})"},
    {"replace_order", R"({"quantity":"2"})"},
    {"purchase", R"({"symbol":"AAPL","balance":"100"})"},
    {"sell_shares", R"({"symbol":"AAPL","shares":"1"})"},
    {"add_note", R"({"text":"bought on news"})"},
    {"set_limit", R"({"value":"2500"})"},
    {"refuse", R"({"note":"no"})"},
    {"backtest_strategy", R"({"symbols":["AAPL"],"quick":true})"},
    {"optimize_strategy", R"({"trials":20})"},
    {"run_import", R"({"file":"bars.csv","timeframe":"1d"})"},
    {"run_backup", R"({"note":"before the change"})"},
    {"explain_formula", R"({"formula":"close"})"},
    {"check_formula", R"({"formula":"close"})"},
    {"create_stock", R"({"symbol":"NEW"})"},
    {"change_stock", R"({"sector":"fruit"})"},
    {"upload_daily_prices", R"({"symbol":"AAPL","csv":"date,open,high,low,close,volume\n2024-01-02,1,2,1,2,10\n"})"},
    {"upload_intraday_prices",
     R"({"symbol":"AAPL","csv":"time,open,high,low,close,volume\n2024-01-02T15:00:00Z,1,2,1,2,10\n"})"},
    {"check_strategy", R"({"text":"name: x\n"})"},
    {"create_strategy", R"({"text":"name: x\nbuy: close > open\nsell: close < open\n"})"},
    {"change_strategy", R"({"text":"name: cross\nbuy: close > open\nsell: close < open\n"})"},
    {"place_strategy", R"({"position":1})"},
    {"evaluate_formulas", R"({"formulas":["close"],"symbol":"AAPL"})"},
};
// Rows that everybody may see.
const std::set<std::string_view> kEverybodys{"get_stock"};
// Endpoints after whose first success there is nothing to remove any more.
const std::set<std::string_view> kRemoves{"remove_run", "remove_study", "remove_strategy"};
const std::map<std::string_view, std::string_view> kQueries{{"list_daily_prices", "?symbol=AAPL"},
                                                            {"list_intraday_prices", "?symbol=AAPL"},
                                                            {"get_latest_price", "?symbol=AAPL"},
                                                            {"get_candles", "?symbol=AAPL"},
                                                            {"compare_runs", "?a=1&b=1"},
                                                            {"search_stocks", "?q=apple"},
                                                            {"get_udf_symbol", "?symbol=AAPL"},
                                                            {"get_udf_quotes", "?symbols=AAPL"},
                                                            {"get_udf_history", "?symbol=AAPL&resolution=1D&to=1"},
                                                            {"decide_to_buy", "?symbol=AAPL"},
                                                            {"decide_to_sell", "?symbol=AAPL&purchase_price=10"}};

TEST_F(RestTest, S1AndS2MatrixOfAllRoutesRolesAndOwners) {
  int asked = 0;
  for (const auto& endpoint : api.endpoints()) {
    const server::EndpointNotes& notes = endpoint->notes;
    std::string path(notes.path);
    const bool names_one = path.contains("{id}");
    // Number 1 is the owner's row; of users it is the admin, so the owner's own is asked for.
    const std::string id = path.starts_with("/users/") ? "2" : "1";
    if (names_one) path.replace(path.find("{id}"), 4, id);
    if (const auto query = kQueries.find(notes.name); query != kQueries.end()) path += query->second;
    std::string body;
    if (endpoint->body != nullptr) {
      ASSERT_THAT(kBodies, Contains(testing::Key(notes.name)));
      body = kBodies.at(notes.name);
    }
    const std::string method(server::kMethods[static_cast<std::size_t>(notes.method)]);
    bool is_gone = false;
    for (const std::int64_t caller : {std::int64_t{0}, kWatcher, kStranger, kOwner, kAdmin}) {
      const std::size_t before = taken.size();
      const auto answer = ask(caller, method, path, body);
      const std::string what = fmt::format("{} {} as {}: {} {}", method, path, caller, answer.status, answer.body);
      ++asked;
      EXPECT_LT(answer.status, 500) << what;
      // S4: no hash of a password or a key is told, to anybody.
      EXPECT_EQ(answer.body.find("argon2"), std::string::npos) << what;
      EXPECT_EQ(answer.body.find(std::string(64, 'a')), std::string::npos) << what;
      if (notes.access == server::Access::kPublic) {
        EXPECT_NE(answer.status, 403) << what;
        continue;
      }
      const Role role = caller == kAdmin ? Role::kAdmin : caller == kWatcher ? Role::kViewer : Role::kTrader;
      const bool is_allowed = caller != 0 && server::may({.role = role}, notes.access);
      if (caller == 0) {
        EXPECT_EQ(answer.status, 401) << what;
      } else if (!is_allowed) {
        EXPECT_EQ(answer.status, 403) << what;
      } else if (names_one && (caller == kStranger || caller == kWatcher) && !kEverybodys.contains(notes.name)) {
        EXPECT_EQ(answer.status, 404) << what;
      } else {
        EXPECT_NE(answer.status, 401) << what;
        if (names_one) {
          EXPECT_NE(answer.status, 403) << what;
          EXPECT_EQ(answer.status == 404, is_gone) << what;
        }
        is_gone = is_gone || (kRemoves.contains(notes.name) && answer.status == 204);
      }
      if (answer.status >= 400) EXPECT_EQ(taken.size(), before) << what << ": nothing may have been asked for";
    }
  }
  EXPECT_GT(asked, 200);
}

TEST_F(RestTest, S1ListsHoldTheCallersRowsAlone) {
  for (const auto& endpoint : api.endpoints()) {
    if (endpoint->listed == nullptr || endpoint->notes.path.contains("{id}")) continue;
    const std::string path(endpoint->notes.path);
    const auto of = [&](std::int64_t caller) { return ask(caller, "GET", path); };
    if (endpoint->notes.access == server::Access::kAdmin) continue;
    const auto owners = of(kOwner);
    ASSERT_EQ(owners.status, 200) << path << owners.body;
    const std::string strangers = of(kStranger).body;
    if (path == "/stocks" || path.starts_with("/risk/")) continue;  // everybody's
    if (path == "/users") {
      EXPECT_THAT(strangers, testing::Not(HasSubstr("owner"))) << path;
      EXPECT_THAT(of(kAdmin).body, HasSubstr("\"total\":4"));
      continue;
    }
    EXPECT_THAT(strangers, HasSubstr("\"total\":0")) << path;
    if (path != "/trades") EXPECT_THAT(owners.body, HasSubstr("\"total\":1")) << path;
    EXPECT_EQ(of(kAdmin).body, owners.body) << path;
  }
}

TEST_F(RestTest, S3FieldsThatAreNoClientsToSetAreRefused) {
  for (const auto& [method, path, body] :
       {std::tuple("POST", "/services", R"({"symbol":"AAPL","balance":"10","owner_id":1})"),
        std::tuple("POST", "/services", R"({"symbol":"AAPL","balance":"10","instrument_id":1})"),
        std::tuple("PATCH", "/services/1", R"({"service_id":2})"),
        std::tuple("PATCH", "/services/1", R"({"current_balance":"1000000"})"),
        std::tuple("PATCH", "/users/2", R"({"user_id":1})"),
        std::tuple("PATCH", "/users/2", R"({"password_hash":"x"})"),
        std::tuple("POST", "/portfolios", R"({"name":"x","cash":"1000000"})")}) {
    const auto answer = ask(kOwner, method, path, body);
    EXPECT_EQ(answer.status, 400) << path << body << answer.body;
    EXPECT_THAT(answer.body, HasSubstr("pointer")) << body;
  }
  EXPECT_EQ(ask(kOwner, "PATCH", "/users/2", R"({"role":"admin"})").status, 403);
  EXPECT_EQ(ask(kOwner, "POST", "/portfolios", R"({"name":"x","owner_id":1})").status, 404)
      << "of others one hears nothing";
  EXPECT_TRUE(taken.empty());
}

TEST_F(RestTest, MakesServicesByRequestWithTheConfiguredDefaults) {
  const auto answer = ask(kOwner, "POST", "/services", R"({"symbol":"AAPL","balance":"10.5","name":"more"})");
  EXPECT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.headers.find("Location"), "/api/v1/services/1");
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].kind, "service_create");
  EXPECT_EQ(taken[0].requested_by, "owner");
  EXPECT_THAT(taken[0].payload, HasSubstr(R"("balance":"10.5")"));
  EXPECT_THAT(taken[0].payload, HasSubstr(R"("portfolio_id":1)")) << "the default one";
  EXPECT_THAT(taken[0].payload, HasSubstr(R"("stop_loss_percent":"5")"));
  EXPECT_EQ(ask(kStranger, "POST", "/services", R"({"symbol":"AAPL","balance":"1","portfolio_id":1})").status, 404);
  EXPECT_EQ(ask(kStranger, "POST", "/services", R"({"symbol":"AAPL","balance":"1"})").status, 404);
  EXPECT_EQ(ask(kOwner, "POST", "/services", R"({"symbol":"NOPE","balance":"1"})").status, 404);
  EXPECT_EQ(ask(kOwner, "POST", "/services", R"({"symbol":"AAPL","balance":"-1"})").status, 400);
  // S20: a strategy is no way to a file.
  for (const char* bad : {"../../etc/passwd", "/etc/passwd", "a/../b", "..", "a\\\\b"})
    EXPECT_EQ(ask(kOwner, "POST", "/services", fmt::format(R"({{"symbol":"AAPL","balance":"1","strategy":"{}"}})", bad))
                  .status,
              400)
        << bad;
  EXPECT_EQ(taken.size(), 1U);
}

TEST_F(RestTest, SaysWhyTheProcessRefused) {
  refusal = R"({"error":{"code":"conflict","message":"the portfolio has 100 USD","hint":"fund it"}})";
  const auto answer = ask(kOwner, "POST", "/services/1/stop");
  EXPECT_EQ(answer.status, 409);
  EXPECT_THAT(answer.body, HasSubstr("the portfolio has 100 USD"));
  EXPECT_THAT(answer.body, HasSubstr("fund it"));
}

TEST_F(RestTest, TheSameKeyIsAskedOnce) {
  const net::HttpHeaders key{{"Idempotency-Key", "k1"}};
  (void)ask(kOwner, "POST", "/services/1/stop", {}, key);
  (void)ask(kOwner, "POST", "/services/1/stop", {}, key);
  EXPECT_EQ(taken.size(), 1U);
  (void)ask(kAdmin, "POST", "/services/1/stop", {}, key);
  EXPECT_EQ(taken.size(), 2U) << "another user's key is another key";
  (void)ask(kOwner, "POST", "/services/1/stop");
  EXPECT_EQ(taken.size(), 3U);
}

TEST_F(RestTest, CancelAllOfATraderIsOfTheOwnOrders) {
  EXPECT_EQ(ask(kStranger, "POST", "/orders/cancel-all").body, R"({"asked":0})");
  EXPECT_TRUE(taken.empty());
  EXPECT_EQ(ask(kOwner, "POST", "/orders/cancel-all").body, R"({"asked":1})");
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].kind, "order_cancel");
  EXPECT_EQ(ask(kAdmin, "POST", "/orders/cancel-all").body, R"({"asked":1})");
  EXPECT_EQ(taken[1].kind, "cancel_all");
}

TEST_F(RestTest, TheKillSwitchOfATraderIsOfTheOwnServices) {
  EXPECT_EQ(ask(kOwner, "POST", "/risk/kill", R"({"scope":"all"})").status, 403);
  EXPECT_EQ(ask(kStranger, "POST", "/risk/kill", R"({"scope":"service","subject":"1"})").status, 404);
  EXPECT_TRUE(taken.empty());
  EXPECT_EQ(ask(kOwner, "POST", "/risk/kill", R"({"scope":"service","subject":"1"})").status, 201);
  EXPECT_EQ(ask(kAdmin, "POST", "/risk/kill", R"({"scope":"all"})").status, 201);
}

TEST_F(RestTest, ListsAreNarrowedSortedAndPaged) {
  const auto users = [&](const std::string& query) { return ask(kAdmin, "GET", "/users" + query); };
  const auto names = [&](const std::string& query) {
    const auto answer = users(query);
    EXPECT_EQ(answer.status, 200) << query << answer.body;
    std::string found;
    const auto json = core::parse_json(answer.body);
    for (const auto& item : *json->find("items")->array()) found += *item.find("username")->string() + " ";
    return found;
  };
  EXPECT_EQ(names(""), "root owner stranger watcher ");
  EXPECT_EQ(names("?sort=-username"), "watcher stranger root owner ");
  EXPECT_EQ(names("?sort=role,-user_id"), "root stranger owner watcher ");
  EXPECT_EQ(names("?role=trader"), "owner stranger ");
  EXPECT_EQ(names("?role__ne=trader&user_id__gt=1"), "watcher ");
  EXPECT_EQ(names("?user_id__gte=2&user_id__lt=4"), "owner stranger ");
  EXPECT_EQ(names("?username__in=root,watcher,nobody"), "root watcher ");
  EXPECT_EQ(names("?username__contains=R"), "root owner stranger watcher ");
  EXPECT_EQ(names("?username__contains=%25"), "") << "% is a character";
  EXPECT_EQ(names("?last_login__is_null=true&per_page=2"), "root owner ");
  EXPECT_EQ(names("?last_login__is_null=false"), "");
  EXPECT_EQ(names("?created_at__gte=2023-11-14T00:00:00Z&is_active=true&page=2&per_page=3"), "watcher ");
  EXPECT_EQ(names("?page=3&per_page=3"), "");
  EXPECT_THAT(std::string(*users("?per_page=1&page=2&sort=-user_id").headers.find("Link")),
              HasSubstr("</api/v1/users?per_page=1&sort=-user_id&page=3>; rel=\"next\""));
}

TEST_F(RestTest, S19ListsTakeNothingButWhatIsAllowed) {
  for (const char* bad : {"?password_hash=x",
                          "?sort=password_hash",
                          "?sort=user_id;DROP TABLE users",
                          "?sort=(SELECT 1)",
                          "?sort=",
                          "?user_id=1 OR 1=1",
                          "?user_id=abc",
                          "?role=king",
                          "?is_active=maybe",
                          "?created_at=yesterday",
                          "?page=0",
                          "?page=-1",
                          "?per_page=501",
                          "?per_page=0",
                          "?page=99999999999999999999",
                          "?username__like=x",
                          "?username__lt=a",
                          "?user_id__contains=1",
                          "?email__is_null=true",
                          "?user_id=1&user_id=2",
                          "?role__in=",
                          "?__in=1",
                          "?__=1"}) {
    std::string query(bad);
    for (std::size_t at = 0; (at = query.find(' ')) != std::string::npos;) query.replace(at, 1, "%20");
    const auto answer = ask(kAdmin, "GET", "/users" + query);
    EXPECT_EQ(answer.status, 400) << bad << answer.body;
  }
  // What is taken as text stays text.
  EXPECT_THAT(ask(kAdmin, "GET", "/users?username=%27%20OR%201%3D1--").body, HasSubstr("\"total\":0"));
  EXPECT_THAT(ask(kAdmin, "GET", "/users").body, HasSubstr("\"total\":4"));
}

TEST_F(RestTest, SaysWaitWhenTooManyLoginsFailed) {
  const auto login = [&] {
    return ask(0, "POST", "/auth/login", R"({"username":"owner","password":"wrong password"})");
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(login().status, 401);
  const auto answer = login();
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.headers.find("Retry-After"), "1");
}

TEST_F(RestTest, ABacktestIsAJobOfItsOwner) {
  const net::HttpHeaders key{{"Idempotency-Key", "k"}};
  const auto made = ask(kOwner, "POST", "/strategies/1/backtest", R"({"symbols":["AAPL"],"from":"2012-01-01"})", key);
  EXPECT_EQ(made.status, 202) << made.body;
  EXPECT_EQ(made.headers.find("Location"), "/api/v1/jobs/2");
  EXPECT_THAT(made.body, HasSubstr(R"(\"strategy\":\"cross\")"));
  EXPECT_THAT(made.body, HasSubstr(R"(\"version\":3)"));
  (void)ask(kOwner, "POST", "/strategies/1/backtest", R"({"symbols":["AAPL"],"from":"2012-01-01"})", key);
  const auto list = ask(kOwner, "GET", "/jobs?type=backtest&state=QUEUED&sort=-job_id");
  EXPECT_THAT(list.body, HasSubstr("\"total\":2"));
  EXPECT_THAT(list.body, testing::Not(HasSubstr("the log"))) << "lists are short";
  EXPECT_THAT(ask(kOwner, "GET", "/jobs/1").body, HasSubstr("the log"));
  EXPECT_EQ(ask(kOwner, "POST", "/strategies/1/backtest", R"({"strategy":"another"})").status, 400);
  EXPECT_EQ(
      ask(kOwner, "POST", "/strategies/1/backtest", fmt::format(R"({{"from":"{}"}})", std::string(41, '1'))).status,
      400);
  EXPECT_EQ(ask(kOwner, "POST", "/jobs/2/retry").status, 409);
  EXPECT_EQ(ask(kOwner, "POST", "/jobs/2/cancel").status, 200);
  EXPECT_EQ(ask(kOwner, "POST", "/jobs/2/retry").status, 200);
  // S20: what is imported lies in one folder.
  EXPECT_EQ(ask(kAdmin, "POST", "/jobs/import", R"({"file":"../ledger.db","timeframe":"1d"})").status, 400);
}

TEST_F(RestTest, KeysAreShownOnce) {
  const auto made = ask(kOwner, "POST", "/auth/keys", R"({"name":"bot","scope":"trade"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto json = core::parse_json(made.body);
  const std::string key = *json->find("key")->string();
  EXPECT_TRUE(access->identify(key));
  const auto list = ask(kOwner, "GET", "/auth/keys");
  EXPECT_THAT(list.body, HasSubstr("\"total\":2"));
  EXPECT_THAT(list.body, testing::Not(HasSubstr(key)));
  EXPECT_THAT(list.body, testing::Not(HasSubstr("key_hash")));
  EXPECT_EQ(ask(kOwner, "DELETE", "/auth/keys/2").status, 204);
  EXPECT_FALSE(access->identify(key));
}

// --- Orders of people. ---

TEST_F(RestTest, AnOrderIsOfAPortfolioOfTheCaller) {
  const auto placed = ask(kOwner, "POST", "/orders", R"({"symbol":"AAPL","side":"buy","quantity":"3"})");
  EXPECT_EQ(placed.status, 201) << placed.body;
  EXPECT_EQ(placed.headers.find("Location"), "/api/v1/orders/1");
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_TRUE(taken[0].is_order_request);
  EXPECT_EQ(taken[0].kind, "order_place");
  EXPECT_THAT(taken[0].payload, HasSubstr(R"("portfolio_id":1,"instrument_id":1)"));
  for (const auto& [caller, body, status] :
       {std::tuple(kStranger, R"({"symbol":"AAPL","side":"buy","quantity":"3","portfolio_id":1})", 404),
        std::tuple(kStranger, R"({"symbol":"AAPL","side":"buy","quantity":"3"})", 404),
        std::tuple(kOwner, R"({"symbol":"NOPE","side":"buy","quantity":"3"})", 404),
        std::tuple(kOwner, R"({"symbol":"AAPL","side":"both","quantity":"3"})", 400),
        std::tuple(kOwner, R"({"symbol":"AAPL","side":"buy","quantity":"3","instrument_id":2})", 400),
        std::tuple(kWatcher, R"({"symbol":"AAPL","side":"buy","quantity":"3"})", 403)})
    EXPECT_EQ(ask(caller, "POST", "/orders", body).status, status) << body;
  EXPECT_EQ(taken.size(), 1U);
  EXPECT_EQ(ask(kStranger, "PATCH", "/orders/1", R"({"quantity":"4"})").status, 404);
  EXPECT_EQ(ask(kOwner, "PATCH", "/orders/1", R"({"quantity":"4"})").status, 202);
  EXPECT_THAT(taken[1].payload, HasSubstr(R"("order_id":1,"quantity":"4")"));
}

TEST_F(RestTest, AnExecutionWaitsForItsFillAndSaysWhereToLookOtherwise) {
  const char* body = R"({"symbol":"AAPL","balance":"1000"})";
  const auto waits = ask(kOwner, "POST", "/executions/purchase", body);
  EXPECT_EQ(waits.status, 202) << waits.body;
  EXPECT_EQ(waits.headers.find("Location"), "/api/v1/requests/2");
  EXPECT_THAT(waits.body, HasSubstr(R"("purchase_price":null)"));
  EXPECT_THAT(ask(kOwner, "GET", "/requests/2").body, HasSubstr(R"("state":"DONE")"));
  EXPECT_THAT(ask(kOwner, "GET", "/requests/2").body, HasSubstr(R"("order_id":1)"));
  EXPECT_EQ(ask(kStranger, "GET", "/requests/2").status, 404);

  const auto run = [&](const char* sql) {
    const auto done = pool.write([&](Transaction& work) { return work.execute(sql, {}); });
    EXPECT_TRUE(done) << done.error().describe();
  };
  run("UPDATE orders SET state = 'filled', filled_quantity = 5000000000, fill_price = 1000000000");
  const auto bought = ask(kOwner, "POST", "/executions/purchase", body);
  EXPECT_EQ(bought.status, 200) << bought.body;
  EXPECT_THAT(bought.body, HasSubstr(R"("number_of_shares":"5","purchase_price":"1","date_time_of_purchase":"2023-)"));
  EXPECT_THAT(taken.back().payload, HasSubstr(R"("side":"buy")"));
  EXPECT_THAT(taken.back().payload, HasSubstr(R"("amount":"1000")"));
  const auto sold = ask(kOwner, "POST", "/executions/sale", R"({"symbol":"AAPL","shares":"5"})");
  EXPECT_THAT(sold.body, HasSubstr(R"("sale_price":"1","date_time_of_sale":"2023-)"));
  EXPECT_THAT(taken.back().payload, HasSubstr(R"("side":"sell")"));

  run("UPDATE orders SET state = 'rejected', filled_quantity = 0, note = 'no such share'");
  const auto rejected = ask(kOwner, "POST", "/executions/purchase", body);
  EXPECT_EQ(rejected.status, 409);
  EXPECT_THAT(rejected.body, HasSubstr("no such share"));
  refusal = R"({"error":{"code":"conflict","message":"order 7 is denied: halted","hint":""}})";
  const auto denied = ask(kOwner, "POST", "/executions/purchase", body);
  EXPECT_EQ(denied.status, 409);
  EXPECT_THAT(denied.body, HasSubstr("denied: halted"));
}

TEST_F(RestTest, DecisionsAreThoseOfTheUsualSettings) {
  const auto buys = ask(kWatcher, "GET", "/decisions/buy?symbol=AAPL");
  EXPECT_EQ(buys.status, 200) << buys.body;
  EXPECT_THAT(buys.body, HasSubstr(R"("decision":"YES","reasons":["drawn"],"confidence":70)"));
  EXPECT_EQ(wished.strategy, "probability");
  EXPECT_EQ(wished.stop_loss_percent, core::Rate::from_integer(5));
  advice.yes = false;
  EXPECT_THAT(ask(kWatcher, "GET", "/decisions/sell?symbol=AAPL&purchase_price=12.5").body,
              HasSubstr(R"("decision":"NO")"));
  EXPECT_EQ(wished.what, live::Question::kSell);
  EXPECT_EQ(wished.purchase_price, *core::Price::parse("12.5"));
  EXPECT_EQ(ask(kWatcher, "GET", "/decisions/buy?symbol=NOPE").status, 404);
  for (const char* bad : {"buy", "sell?symbol=AAPL", "sell?symbol=AAPL&purchase_price=0", "sell?purchase_price=1"})
    EXPECT_EQ(ask(kWatcher, "GET", std::string("/decisions/") + bad).status, 400) << bad;
  EXPECT_EQ(ask(kStranger, "GET", "/services/1/decision").status, 404);
  EXPECT_EQ(ask(kOwner, "GET", "/services/1/decision").status, 200);
  EXPECT_TRUE(taken.empty());
}

TEST_F(RestTest, ARemovedServiceIsNotThereAnyMore) {
  EXPECT_EQ(ask(kStranger, "DELETE", "/services/1").status, 404);
  EXPECT_EQ(ask(kOwner, "DELETE", "/services/1").status, 204);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].kind, "service_remove");
  const auto removed =
      pool.write([](Transaction& work) { return work.execute("UPDATE trading_services SET removed_at = 1", {}); });
  ASSERT_TRUE(removed);
  for (const std::int64_t caller : {kOwner, kAdmin}) {
    EXPECT_EQ(ask(caller, "GET", "/services/1").status, 404);
    EXPECT_THAT(ask(caller, "GET", "/services").body, HasSubstr(R"("total":0)"));
    EXPECT_EQ(ask(caller, "GET", "/transactions/1").status, 200) << "its history stays";
  }
}

TEST_F(RestTest, APortfolioIsNamedAndRemovedByItsOwner) {
  EXPECT_EQ(ask(kStranger, "PATCH", "/portfolios/1", R"({"name":"mine"})").status, 404);
  EXPECT_EQ(ask(kWatcher, "PATCH", "/portfolios/1", R"({"name":"mine"})").status, 403);
  EXPECT_EQ(ask(kOwner, "PATCH", "/portfolios/1", R"({"cash":"1"})").status, 400);
  EXPECT_EQ(ask(kOwner, "PATCH", "/portfolios/1", R"({"name":"pension","is_default":true})").status, 200);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].kind, "portfolio_set");
  EXPECT_THAT(taken[0].payload, HasSubstr(R"("portfolio_id":1,"name":"pension","is_default":true)"));
  refusal = R"({"error":{"code":"conflict","message":"it has 100 USD in cash","hint":""}})";
  const auto refused = ask(kOwner, "DELETE", "/portfolios/1");
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.body, HasSubstr("100 USD"));
  refusal.clear();
  EXPECT_EQ(ask(kStranger, "DELETE", "/portfolios/1").status, 404);
  EXPECT_EQ(ask(kOwner, "DELETE", "/portfolios/1").status, 204);
  EXPECT_EQ(taken.back().kind, "portfolio_remove");
  ASSERT_TRUE(pool.write([](Transaction& work) { return work.execute("UPDATE portfolios SET removed_at = 1", {}); }));
  for (const std::int64_t caller : {kOwner, kAdmin}) {
    for (const char* part : {"", "/holdings", "/value"})
      EXPECT_EQ(ask(caller, "GET", std::string("/portfolios/1") + part).status, 404) << part;
    EXPECT_THAT(ask(caller, "GET", "/portfolios").body, HasSubstr(R"("total":0)"));
    EXPECT_EQ(ask(caller, "GET", "/orders/1").status, 200) << "its history stays";
  }
}

TEST_F(RestTest, NotesAreOfTransactionsOfTheCaller) {
  EXPECT_EQ(ask(kStranger, "POST", "/transactions/1/notes", R"({"text":"mine"})").status, 404);
  EXPECT_EQ(ask(kOwner, "POST", "/transactions/1/notes", R"({"text":"  "})").status, 400);
  EXPECT_EQ(ask(kOwner, "POST", "/transactions/1/notes", R"({"text":"bought on news"})").status, 201);
  EXPECT_THAT(ask(kOwner, "GET", "/transactions/1/notes").body, HasSubstr("bought on news"));
  EXPECT_EQ(ask(kStranger, "GET", "/transactions/1/notes").status, 404);
}

// --- Two admins. ---

class TwoAdmins : public RestTest {
 public:
  static constexpr std::int64_t kSecond = 5;
  TwoAdmins() {
    const ledger::UserRow second{.user_id = kSecond,
                                 .username = "second",
                                 .email = "second@localhost",
                                 .role = Role::kAdmin,
                                 .created_at = clock.now()};
    const auto stored =
        pool.write([&](Transaction& work) { return ledger::insert<ledger::UserRow>(work, {&second, 1}); });
    EXPECT_TRUE(stored) << stored.error().describe();
  }

 protected:
  std::vector<std::string> audited() {
    const auto rows = pool.read([](Transaction& work) {
      return ledger::select<ledger::AuditRow>(work, "WHERE action LIKE 'approval%' ORDER BY seq");
    });
    std::vector<std::string> out;
    for (const auto& row : *rows) out.push_back(row.actor + " " + row.action);
    return out;
  }
};

TEST_F(RestTest, AllLimitsAreToldWithTheSoftOnesThatAreSet) {
  resources->hard_limits.limits.max_order_value = trading::Limit<core::Money>::of(core::Money::from_integer(25'000));
  ASSERT_TRUE(pool.write([](Transaction& work) {
    const std::array rows{
        ledger::RiskLimitRow{.scope = "all", .name = "max_order_value", .value = "10", .set_by = "admin"},
        ledger::RiskLimitRow{.scope = "all", .name = "messages", .value = "none", .set_by = "admin"}};
    return ledger::insert<ledger::RiskLimitRow>(work, rows);
  }));
  const auto told = core::parse_json(ask(kWatcher, "GET", "/risk/limit-kinds").body);
  ASSERT_TRUE(told);
  std::set<std::string> names;
  for (const core::JsonValue& kind : *told->find("items")->array()) {
    const std::string name = *kind.find("name")->string();
    names.insert(name);
    // Each example is a value that can be read.
    EXPECT_TRUE(trading::check_soft_limit(trading::LimitProfile::backtest(),
                                          {.name = name, .value = *kind.find("example")->string()}))
        << name;
    EXPECT_EQ(kind.find("value")->string() != nullptr, name == "max_order_value") << name;
    EXPECT_EQ(*kind.find("hard")->string(), name == "max_order_value" ? "25000" : "unlimited") << name;
    EXPECT_EQ(kind.find("set_by")->string() != nullptr, name == "max_order_value" || name == "messages") << name;
  }
  EXPECT_EQ(names.size(), trading::limit_fields<trading::RiskLimits>().size());
}

TEST_F(TwoAdmins, ALooserLimitWaitsForTheOther) {
  // Tighter: at once.
  EXPECT_EQ(ask(kAdmin, "PUT", "/risk/limits/max_order_value", R"({"value":"10"})").status, 200);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_THAT(taken[0].payload, HasSubstr(R"("tighter_only":true)"));
  // Looser, says the process that trades.
  refusal = R"({"error":{"code":"forbidden","message":"it would be looser","hint":""}})";
  const auto asked = ask(kAdmin, "PUT", "/risk/limits/max_order_value", R"({"value":"20"})");
  EXPECT_EQ(asked.status, 202) << asked.body;
  EXPECT_EQ(asked.headers.find("Location"), "/api/v1/risk/approvals/2");
  refusal.clear();
  EXPECT_EQ(ask(kAdmin, "POST", "/risk/approvals/2/approve").status, 403) << "not by whoever asked";
  EXPECT_EQ(ask(kOwner, "POST", "/risk/approvals/2/approve").status, 403) << "no admin";
  const std::size_t before = taken.size();
  EXPECT_EQ(ask(kSecond, "POST", "/risk/approvals/2/approve").status, 200);
  ASSERT_EQ(taken.size(), before + 1);
  EXPECT_EQ(taken.back().kind, "risk_set");
  EXPECT_THAT(taken.back().payload, HasSubstr(R"("value":"20","tighter_only":false)"));
  EXPECT_EQ(ask(kSecond, "POST", "/risk/approvals/2/approve").status, 200);
  EXPECT_EQ(taken.size(), before + 1) << "done once";
  EXPECT_THAT(audited(), testing::ElementsAre("root approval.ask", "second approval.approve"));
}

TEST_F(TwoAdmins, ASwitchIsThrownAtOnceAndLiftedByTwo) {
  EXPECT_EQ(ask(kAdmin, "POST", "/risk/kill", R"({"scope":"all"})").status, 201);
  EXPECT_EQ(ask(kAdmin, "POST", "/risk/switches/1/release").status, 202);
  EXPECT_EQ(ask(kAdmin, "POST", "/risk/breaker/reset").status, 202);
  EXPECT_EQ(taken.size(), 1U) << "the throwing alone";
  EXPECT_EQ(ask(kSecond, "POST", "/risk/approvals/2/refuse", R"({"note":"not yet"})").status, 200);
  EXPECT_EQ(ask(kSecond, "POST", "/risk/approvals/2/approve").status, 409);
  EXPECT_EQ(taken.size(), 1U);
  // A day later nobody can approve it.
  clock.advance_to(clock.now() + std::chrono::hours(24));
  EXPECT_EQ(ask(kSecond, "POST", "/risk/approvals/3/approve").status, 409);
  EXPECT_THAT(ask(kAdmin, "GET", "/risk/approvals/3").body, HasSubstr("EXPIRED"));
  EXPECT_EQ(taken.size(), 1U);
  EXPECT_THAT(audited(), testing::ElementsAre("root approval.ask", "root approval.ask", "second approval.refuse",
                                              "second approval.expire"));
}

TEST_F(RestTest, TheOnlyAdminNeedsNobody) {
  EXPECT_EQ(ask(kAdmin, "POST", "/risk/switches/1/release").status, 200);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].kind, "risk_release");
  EXPECT_EQ(ask(kOwner, "POST", "/risk/switches/1/release").status, 403);
}

}  // namespace
}  // namespace argosy::rest
