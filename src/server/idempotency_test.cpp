#include "server/idempotency.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "ledger/access.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/open.hpp"
#include "ledger/pool.hpp"
#include "ledger/records.hpp"

namespace argosy::server {
namespace {

using core::Result;
using testing::HasSubstr;

class IdempotencyTest : public testing::Test {
 public:
  IdempotencyTest() {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const auto done = pool.write([&](ledger::Transaction& work) {
      const std::vector<ledger::UserRow> users{
          {.user_id = 1, .username = "one", .email = "one@localhost", .created_at = clock.now()},
          {.user_id = 2, .username = "two", .email = "two@localhost", .created_at = clock.now()}};
      return ledger::insert<ledger::UserRow>(work, users);
    });
    EXPECT_TRUE(done) << done.error().describe();
  }
  ~IdempotencyTest() override { std::filesystem::remove_all(folder); }

  net::HttpResponse post(std::int64_t user, const std::string& key, const std::string& body) {
    return post(user, key, body, [&] {
      ++runs;
      return detail::json_response(answer_status, fmt::format(R"({{"run":{}}})", runs));
    });
  }
  net::HttpResponse post(std::int64_t user, const std::string& key, const std::string& body,
                         const std::function<net::HttpResponse()>& run) {
    net::HttpRequest request{.method = "POST", .path = "/orders", .body = body};
    if (!key.empty()) request.headers.add("Idempotency-Key", key);
    const Caller caller{.user_id = user};
    return once.once({.http = request, .request_id = "r", .caller = &caller, .path = {}, .query = {}}, run);
  }

  std::string folder = testing::TempDir() + "/argosy-idempotency-" + std::to_string(::getpid());
  core::SimulatedClock clock{core::Timestamp(std::chrono::seconds(1'700'000'000))};
  ledger::Pool pool{[this] {
    return ledger::open_database({.path = folder + "/ledger.db"}, ledger::ledger_schema(), core::system_files(), clock);
  }};
  Idempotency once{pool, clock};
  int runs = 0;
  int answer_status = 201;
};

TEST_F(IdempotencyTest, TheSameAgainIsAnsweredAsTheFirstTime) {
  const auto first = post(1, "k", "a");
  const auto again = post(1, "k", "a");
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_FALSE(first.headers.find("Idempotent-Replayed"));
  EXPECT_TRUE(again.headers.find("Idempotent-Replayed"));
  // Another user's key is another one, and so is none.
  EXPECT_EQ(post(2, "k", "a").body, R"({"run":2})");
  EXPECT_EQ(post(1, "", "a").body, R"({"run":3})");
  clock.advance_to(clock.now() + std::chrono::hours(25));
  EXPECT_EQ(post(1, "k", "a").body, R"({"run":4})") << "it is remembered for a day";
}

TEST_F(IdempotencyTest, AKeyIsOfOneRequest) {
  (void)post(1, "k", "a");
  const auto other = post(1, "k", "b");
  EXPECT_EQ(other.status, 409);
  EXPECT_THAT(other.body, HasSubstr(R"("code":"conflict")"));
  EXPECT_EQ(post(1, "two words", "a").status, 400);
  EXPECT_EQ(post(1, std::string(256, 'k'), "a").status, 400);
  EXPECT_EQ(runs, 1);
}

TEST_F(IdempotencyTest, WhatIsBeingAnsweredIsSaidToBe) {
  net::HttpResponse meanwhile;
  const auto first = post(1, "k", "a", [&] {
    meanwhile = post(1, "k", "a");
    return detail::json_response(201, "{}");
  });
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(meanwhile.status, 409);
  EXPECT_EQ(meanwhile.headers.find("Retry-After"), "1");
  EXPECT_THAT(meanwhile.body, HasSubstr(R"("code":"in_progress")"));
  EXPECT_EQ(runs, 0);
}

TEST_F(IdempotencyTest, RefusalsAreKeptAndErrorsOfTheMachineAreNot) {
  answer_status = 409;
  EXPECT_EQ(post(1, "k", "a").status, 409);
  EXPECT_EQ(post(1, "k", "a").headers.find("Content-Type"), "application/problem+json");
  EXPECT_EQ(runs, 1);
  answer_status = 503;
  EXPECT_EQ(post(1, "l", "a").status, 503);
  EXPECT_EQ(post(1, "l", "a").body, R"({"run":3})");
}

// Its answer never came: the program ended.
TEST_F(IdempotencyTest, WhatWasCutOffIsDoneAgainAfterAMinute) {
  EXPECT_EQ(post(1, "k", "a").status, 201);
  ASSERT_TRUE(pool.write([](ledger::Transaction& work) -> Result<void> {
    ARGOSY_TRY_VOID(work.execute("UPDATE idempotency_keys SET status = 0, body = ''"));
    return {};
  }));
  EXPECT_EQ(post(1, "k", "a").status, 409);
  clock.advance_to(clock.now() + std::chrono::seconds(61));
  EXPECT_EQ(post(1, "k", "a").body, R"({"run":2})");
}

}  // namespace
}  // namespace argosy::server
