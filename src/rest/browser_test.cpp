// Logins of browsers through the endpoints as they are: cookies, and the token against forged requests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>

#include "auth/users.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/open.hpp"
#include "rest/resources.hpp"
#include "server/browser.hpp"

namespace argosy::rest {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;
using core::Secret;
using ledger::Transaction;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// What a browser keeps.
struct Jar {
  std::map<std::string, std::string> cookies;
  std::string csrf;
};

class BrowserTest : public testing::Test {
 public:
  BrowserTest() {
    folder = testing::TempDir() + "/argosy-browser-" + std::to_string(::getpid()) + "-" +
             testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    access = std::make_unique<auth::Access>(
        pool, auth::Tokens(Secret(std::string(43, 'k'))), clock,
        auth::AccessSettings{.cost = {.passes = 1, .memory_bytes = 8192}, .vault = auth::Vault(Secret("0123456789"))});
    resources = std::make_unique<Resources>(
        Resources{.store = store,
                  .runs = store,
                  .requests = requests,
                  .access = *access,
                  .clock = clock,
                  .instrument = [](const std::string&) -> Result<ledger::InstrumentRow> {
                    return fail(ErrorCode::kNotFound, "there is none");
                  },
                  .service_defaults = {},
                  .strategy_reference = [](const std::string& text) { return text; },
                  .snapshot = []() -> Result<lake::Snapshot> { return fail(ErrorCode::kNotFound, "no lake"); },
                  .health = [] { return std::string("{}"); },
                  .version = "1"});
    add_resources(api, *resources);
    const auto hash = access->passwords().hash(Secret("a good password"));
    pool.write([&](Transaction& work) {
          return auth::create_user(
              work,
              {.username = "jean", .email = "jean@localhost", .role = ledger::Role::kAdmin, .password_hash = *hash},
              {.actor = "test", .time = clock.now()});
        })
        .value();
  }
  ~BrowserTest() override {
    access.reset();
    std::filesystem::remove_all(folder);
  }

 protected:
  // As a browser: with the cookies of the jar whose path fits, and takes what the answer sets.
  net::HttpResponse ask(Jar& jar, const std::string& method, const std::string& path, const std::string& body = {},
                        net::HttpHeaders headers = {}) {
    std::string sent;
    for (const auto& [name, value] : jar.cookies) {
      if (name.ends_with("refresh") && !path.starts_with("/auth/")) continue;
      sent += (sent.empty() ? "" : "; ") + name + "=" + value;
    }
    if (!sent.empty()) headers.add("cookie", sent);
    if (!jar.csrf.empty()) headers.add("x-csrf-token", jar.csrf);
    if (!body.empty()) headers.add("Content-Type", "application/json");
    const net::HttpResponse answer = api.answer({.method = method,
                                                 .path = "/api/v1" + path,
                                                 .query = "",
                                                 .headers = headers,
                                                 .body = body,
                                                 .peer = "192.0.2.1",
                                                 .is_secure = is_secure});
    for (const auto& [name, value] : answer.headers) {
      if (name != "Set-Cookie") continue;
      const std::size_t equals = value.find('=');
      const std::string cookie = value.substr(0, equals);
      if (value.contains("Max-Age=0;")) {
        jar.cookies.erase(cookie);
      } else {
        jar.cookies[cookie] = value.substr(equals + 1, value.find(';') - equals - 1);
      }
    }
    return answer;
  }
  net::HttpResponse log_in(Jar& jar, const std::string& more = "") {
    auto answer = ask(jar, "POST", "/auth/login",
                      R"({"username":"jean","password":"a good password","cookies":true)" + more + "}");
    if (answer.status == 200) jar.csrf = *core::parse_json(answer.body)->find("csrf_token")->string();
    return answer;
  }
  static std::vector<std::string> cookies_of(const net::HttpResponse& answer) {
    std::vector<std::string> found;
    for (const auto& [name, value] : answer.headers) {
      if (name == "Set-Cookie") found.push_back(value);
    }
    return found;
  }
  // Something that changes something.
  int change(Jar& jar) { return ask(jar, "PATCH", "/users/1", R"({"email":"other@localhost"})").status; }

  std::string folder;
  bool is_secure = true;
  core::SimulatedClock clock{core::Timestamp(seconds(1'700'000'000))};
  ledger::Pool pool{[this] {
    return ledger::open_database({.path = folder + "/ledger.db"}, ledger::ledger_schema(), core::system_files(), clock);
  }};
  Store store{pool};
  Requests requests{pool, clock, {}};
  std::unique_ptr<auth::Access> access;
  std::unique_ptr<Resources> resources;
  server::Api api{
      {.authenticate = [this](const net::HttpRequest& request) { return server::identify(*access, request); },
       .make_id = [] { return std::string("id"); }}};
};

TEST_F(BrowserTest, S13TokensOfABrowserAreInCookiesThatNoScriptReads) {
  Jar jar;
  const auto answer = log_in(jar);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr(R"("access_token":null,"refresh_token":null,"csrf_token":")"));
  EXPECT_THAT(
      cookies_of(answer),
      ElementsAre(
          testing::AllOf(StartsWith("__Host-argosy_session=ey"),
                         testing::EndsWith("; Path=/; Max-Age=900; SameSite=Strict; HttpOnly; Secure")),
          testing::AllOf(StartsWith("__Secure-argosy_refresh="),
                         testing::EndsWith("; Path=/api/v1/auth; Max-Age=1209600; SameSite=Strict; HttpOnly; Secure")),
          "__Host-argosy_csrf=" + jar.csrf + "; Path=/; Max-Age=1209600; SameSite=Strict; Secure"));
  for (const auto& [name, value] : jar.cookies) {
    if (!name.ends_with("csrf")) EXPECT_THAT(answer.body, Not(HasSubstr(value)));
  }
  Jar again = jar;
  ASSERT_EQ(log_in(again).status, 200);
  EXPECT_NE(again.csrf, jar.csrf) << "a login begins a session of its own";
  // Without TLS there is no Secure, and no name that asks for it.
  is_secure = false;
  Jar plain;
  const auto in_the_clear = cookies_of(log_in(plain));
  ASSERT_EQ(in_the_clear.size(), 3U);
  EXPECT_THAT(in_the_clear[0], StartsWith("argosy_session="));
  EXPECT_THAT(in_the_clear[0], Not(HasSubstr("Secure")));
  EXPECT_EQ(ask(plain, "GET", "/auth/me").status, 200);
  // What was got in the clear is not taken over TLS.
  is_secure = true;
  EXPECT_EQ(ask(plain, "GET", "/auth/me").status, 401);
}

TEST_F(BrowserTest, S14WhatChangesSomethingNeedsTheSessionsOwnToken) {
  Jar jar;
  Jar other;
  log_in(jar);
  log_in(other);
  EXPECT_EQ(change(jar), 200);
  for (const std::string& wrong : {std::string(), std::string("x"), other.csrf, jar.csrf + "A", "A" + jar.csrf,
                                   jar.cookies["__Host-argosy_session"]}) {
    Jar forged = jar;
    forged.csrf = wrong;
    EXPECT_EQ(ask(forged, "GET", "/auth/me").status, 200) << "looking is fine";
    for (const auto& [method, path, body] :
         {std::tuple("PATCH", "/users/1", R"({"email":"evil@localhost"})"), std::tuple("POST", "/auth/logout", ""),
          std::tuple("DELETE", "/auth/keys/1", ""), std::tuple("POST", "/auth/refresh", "{}")}) {
      const auto answer = ask(forged, method, path, body);
      EXPECT_EQ(answer.status, 403) << method << path << answer.body;
      EXPECT_THAT(answer.body, HasSubstr("X-CSRF-Token"));
    }
    // The cookie beside it, planted by a neighbour: it is the signature that counts.
    forged.cookies["__Host-argosy_csrf"] = forged.csrf;
    EXPECT_EQ(change(forged), 403);
  }
  EXPECT_EQ(ask(jar, "GET", "/auth/me").status, 200) << "no refused request has ended the session";
}

TEST_F(BrowserTest, ABearerTokenNeedsNoOther) {
  Jar none;
  const auto answer = ask(none, "POST", "/auth/login", R"({"username":"jean","password":"a good password"})");
  EXPECT_THAT(cookies_of(answer), testing::IsEmpty());
  const net::HttpHeaders bearer{
      {"Authorization", "Bearer " + *core::parse_json(answer.body)->find("access_token")->string()}};
  EXPECT_EQ(ask(none, "PATCH", "/users/1", R"({"email":"other@localhost"})", bearer).status, 200);
  Jar jar;
  log_in(jar);
  jar.csrf.clear();
  EXPECT_EQ(ask(jar, "PATCH", "/users/1", R"({"email":"other@localhost"})", bearer).status, 200) << "it goes before";
}

TEST_F(BrowserTest, RefreshesAndLogsOutByCookies) {
  Jar jar;
  log_in(jar);
  clock.advance_to(clock.now() + std::chrono::minutes(16));
  EXPECT_EQ(ask(jar, "GET", "/auth/me").status, 401);
  const Jar before = jar;
  const auto answer = ask(jar, "POST", "/auth/refresh", "{}");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr(R"("refresh_token":null)"));
  EXPECT_EQ(ask(jar, "GET", "/auth/me").status, 200);
  EXPECT_EQ(change(jar), 200) << "the same session, the same token";
  const Jar held = jar;
  EXPECT_EQ(ask(jar, "POST", "/auth/logout").status, 204);
  EXPECT_THAT(jar.cookies, testing::IsEmpty());
  // S7: whoever kept the cookies has nothing.
  Jar thief = held;
  EXPECT_EQ(ask(thief, "GET", "/auth/me").status, 401);
  EXPECT_EQ(ask(thief, "POST", "/auth/refresh", "{}").status, 401);
  // A second use of a refresh cookie ends the session.
  Jar next;
  log_in(next);
  Jar copy = next;
  EXPECT_EQ(ask(next, "POST", "/auth/refresh", "{}").status, 200);
  EXPECT_EQ(ask(copy, "POST", "/auth/refresh", "{}").status, 401);
  EXPECT_EQ(ask(next, "GET", "/auth/me").status, 401);
}

TEST_F(BrowserTest, CookiesThatAreNoneAreRefused) {
  Jar jar;
  log_in(jar);
  const std::string token = jar.cookies["__Host-argosy_session"];
  const auto status = [&](const std::string& cookies) {
    Jar none;
    return ask(none, "GET", "/auth/me", {}, {{"Cookie", cookies}}).status;
  };
  EXPECT_EQ(status("__Host-argosy_session=" + token), 200);
  EXPECT_EQ(status("a=b;__Host-argosy_session=" + token + " ; c"), 401) << "a blank is part of the value";
  EXPECT_EQ(status("a=b;  __Host-argosy_session=" + token + ";c=d"), 200);
  for (const std::string& bad :
       {std::string(), std::string("="), std::string(";;;"), std::string("__Host-argosy_session"),
        "__Host-argosy_session=" + token + "; __Host-argosy_session=" + token, "argosy_session=" + token,
        "x__Host-argosy_session=" + token, std::string("__Host-argosy_session=x"), "__host-argosy_session=" + token})
    EXPECT_EQ(status(bad), 401) << bad;
  const auto key = access->make_key(*access->identify(token), "bot", ledger::KeyScope::kAdmin, {});
  EXPECT_EQ(status("__Host-argosy_session=" + key->key), 401) << "keys are for programs";
}

TEST_F(BrowserTest, ALoginSaysThatACodeIsWantedOrWrong) {
  Jar jar;
  log_in(jar);
  const auto enrolled = ask(jar, "POST", "/auth/totp", R"({"password":"a good password"})");
  ASSERT_EQ(enrolled.status, 201) << enrolled.body;
  EXPECT_EQ(ask(jar, "POST", "/auth/totp", R"({"password":"a wrong password"})").status, 400);
  const auto wrong = ask(jar, "POST", "/auth/totp/confirm", R"({"code":"000000"})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, HasSubstr(R"("code":"totp_wrong")"));
  EXPECT_THAT(ask(jar, "GET", "/auth/totp").body, HasSubstr(R"("is_on":false)"));
  // As if it had been confirmed.
  pool.write([](Transaction& work) -> Result<void> {
        ARGOSY_TRY_VOID(work.execute("UPDATE second_factors SET confirmed_at = 1"));
        return {};
      })
      .value();
  EXPECT_THAT(ask(jar, "GET", "/auth/totp").body, HasSubstr(R"("is_on":true)"));
  Jar next;
  const auto without = log_in(next);
  EXPECT_EQ(without.status, 401);
  EXPECT_THAT(without.body, HasSubstr(R"("code":"totp_required")"));
  EXPECT_THAT(log_in(next, R"(,"code":"000000")").body, HasSubstr(R"("code":"totp_wrong")"));
  for (int i = 0; i < 3; ++i) (void)log_in(next, R"(,"code":"000000")");
  const auto waits = log_in(next, R"(,"code":"000000")");
  EXPECT_EQ(waits.status, 429) << waits.body;
  EXPECT_TRUE(waits.headers.find("Retry-After"));
  EXPECT_EQ(ask(jar, "POST", "/auth/totp/off", R"({"password":"a good password","code":"000000"})").status, 429);
  EXPECT_EQ(ask(jar, "POST", "/users/1/reset-totp").status, 204);
  EXPECT_THAT(ask(jar, "GET", "/auth/totp").body, HasSubstr(R"("is_on":false)"));
  Jar last;
  EXPECT_EQ(log_in(last).status, 200);
}

}  // namespace
}  // namespace argosy::rest
