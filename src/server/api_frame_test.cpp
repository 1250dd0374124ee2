// What the API does around each call: limits, headers, a line in the log, numbers, ETags.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include <algorithm>

#include "core/files.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "server/api.hpp"

namespace argosy::server {

struct NotePath {
  std::int64_t note_id = 0;
};
struct Note {
  std::string text;
};

}  // namespace argosy::server

template <>
struct argosy::core::RecordOf<argosy::server::NotePath> {
  using Record = argosy::server::NotePath;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Record, note_id)};
  static constexpr RecordType kType{"note_path", "", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::server::Note> {
  using Record = argosy::server::Note;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Record, text)};
  static constexpr RecordType kType{"note", "", kFields};
};

namespace argosy::server {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

Result<std::optional<Caller>> authenticate(const net::HttpRequest& request) {
  const auto who = request.headers.find("Authorization");
  if (!who) return std::nullopt;
  if (*who == "Bearer alice") return Caller{.user_id = 1, .username = "alice"};
  if (*who == "Bearer bob") return Caller{.user_id = 2, .username = "bob"};
  return fail(ErrorCode::kInvalidArgument, "this token is not known");
}

class ApiFrameTest : public testing::Test {
 protected:
  ApiFrameTest() {
    api.add(endpoint<NotePath, None, None, Note>(
        {.path = "/notes/{note_id}", .name = "get_note", .access = Access::kViewer, .has_etag = true},
        [this](const auto& call) -> Result<Note> {
          clock.advance_to(clock.now() + milliseconds(5));
          seen = call.http;
          if (call.path.note_id == 500) return fail(ErrorCode::kIo, "cannot read\r\n{\"level\":\"info\"}\x1b[31m");
          if (call.path.note_id == 501) throw std::runtime_error("no memory\nfor notes");
          if (call.path.note_id == 502) throw 7;  // NOLINT(hicpp-exception-baseclass): whatever it is
          return Note{.text = "hello"};
        }));
    api.add(endpoint<None, None, Note, Note>(
        {.method = Method::kPost, .path = "/notes", .name = "make_note", .access = Access::kPublic},
        [](const auto& call) -> Result<Note> { return call.body; }));
  }
  void TearDown() override {
    (void)core::configure_log({});
    (void)core::system_files().remove(log_path);
  }

  static Proxies proxies() {
    const std::vector<std::string> texts{"198.51.100.0/24"};
    return *Proxies::parse(texts);
  }

  net::HttpResponse ask(const std::string& token, const std::string& peer, net::HttpHeaders headers = {},
                        const std::string& path = "/api/v1/notes/7") {
    net::HttpRequest request{.method = "GET", .path = path, .query = "", .headers = std::move(headers), .peer = peer};
    if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
    return api.answer(request);
  }

  // How many of ten requests are not refused for being too many.
  int answered(const std::string& token, const std::string& peer, const std::string& forwarded = {}) {
    int count = 0;
    for (int i = 0; i < 10; ++i) {
      net::HttpHeaders headers;
      if (!forwarded.empty()) headers.add("X-Forwarded-For", forwarded + std::to_string(i));
      if (ask(token, peer, headers).status != 429) ++count;
    }
    return count;
  }

  std::vector<std::string> log_lines() const {
    std::vector<std::string> lines;
    const std::string text = *core::system_files().read(log_path);
    for (const auto line : core::split(core::trim(text), '\n')) lines.emplace_back(line);
    return lines;
  }

  const std::string log_path = testing::TempDir() + "argosy_api_frame_test.jsonl";
  core::SimulatedClock clock{core::Timestamp(seconds(1'700'000'000))};
  Metrics metrics;
  net::HttpRequest seen{};
  Api api{{.authenticate = authenticate,
           .make_id = [] { return std::string("id-1"); },
           .clock = &clock,
           .metrics = &metrics,
           .limits = RateLimits{.known = {.per_minute = 60, .burst = 5}, .unknown = {.per_minute = 6, .burst = 2}},
           .proxies = proxies()}};
};

TEST_F(ApiFrameTest, WhoAsksTooOftenWaits) {
  EXPECT_EQ(answered("", "192.0.2.1"), 2);
  EXPECT_EQ(answered("wrong", "192.0.2.1"), 0) << "a token that is not known is nobody's";
  EXPECT_EQ(answered("", "192.0.2.2"), 2) << "another address";
  EXPECT_EQ(answered("", "2001:db8::1"), 2);
  EXPECT_EQ(answered("", "2001:db8::ffff:2"), 0) << "the same network of 64 bits";
  EXPECT_EQ(answered("alice", "192.0.2.1"), 5) << "by user, wherever from";
  EXPECT_EQ(answered("alice", "192.0.2.9"), 0);
  EXPECT_EQ(answered("bob", "192.0.2.1"), 5);

  const net::HttpResponse refused = ask("", "192.0.2.1");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.find("Retry-After"), "10");
  EXPECT_EQ(refused.headers.find("Content-Type"), "application/problem+json");
  EXPECT_THAT(refused.body, HasSubstr(R"("code":"too_many_requests")"));
  EXPECT_EQ(ask("", "192.0.2.1", {}, "/nothing/there").status, 429) << "what is not there is counted, too";
  clock.advance_to(clock.now() + seconds(10));
  EXPECT_EQ(ask("", "192.0.2.1").status, 401);
}

// S35: addresses that a client invents do not give it more.
TEST_F(ApiFrameTest, AddressesThatAreInventedAreIgnored) {
  EXPECT_EQ(answered("", "192.0.2.1", "203.0.113."), 2);
  EXPECT_EQ(answered("", "198.51.100.1", "203.0.113."), 10) << "ten clients of a proxy that is named";
  EXPECT_EQ(answered("", "198.51.100.1", "203.0.113.5, 203.0.113."), 10);
  EXPECT_EQ(ask("alice", "198.51.100.1", {{"X-Forwarded-For", "1.1.1.1, 203.0.113.77"}, {"X-Forwarded-Proto", "https"}})
                .headers.find("Strict-Transport-Security"),
            "max-age=31536000");
  EXPECT_EQ(seen.peer, "203.0.113.77");
  EXPECT_TRUE(seen.is_secure);
  (void)ask("alice", "192.0.2.1", {{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-Proto", "https"}});
  EXPECT_EQ(seen.peer, "192.0.2.1");
  EXPECT_FALSE(seen.is_secure);
}

TEST_F(ApiFrameTest, EachAnswerIsSafeInABrowser) {
  const auto check = [](const net::HttpResponse& response, int status) {
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.headers.find("X-Content-Type-Options"), "nosniff") << status;
    EXPECT_EQ(response.headers.find("Referrer-Policy"), "no-referrer") << status;
    EXPECT_EQ(response.headers.find("Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'") << status;
    EXPECT_TRUE(response.headers.find("Cache-Control")) << status;
    EXPECT_EQ(response.headers.find("X-Request-Id"), "id-1") << status;
  };
  check(ask("alice", "192.0.2.1"), 200);
  check(ask("", "192.0.2.1"), 401);
  check(ask("alice", "192.0.2.1", {}, "/elsewhere"), 404);
  check(ask("alice", "192.0.2.1", {}, "/api/v1/notes"), 405);
  EXPECT_EQ(ask("alice", "192.0.2.1", {}, "/elsewhere").headers.find("Cache-Control"), "no-store");
}

TEST_F(ApiFrameTest, WhatAClientHasIsNotSentAgain) {
  const net::HttpResponse first = ask("alice", "192.0.2.1");
  ASSERT_TRUE(first.headers.find("ETag"));
  const std::string tag(*first.headers.find("ETag"));
  const net::HttpResponse again = ask("alice", "192.0.2.1", {{"If-None-Match", tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(ask("", "192.0.2.1", {{"If-None-Match", tag}}).status, 401);
  EXPECT_THAT(api.openapi(), HasSubstr(R"("304")"));
}

// S24, S25: nothing that a client wrote stands in the log, but where a failure repeats it; and that cannot end a line.
TEST_F(ApiFrameTest, EachRequestHasALine) {
  ASSERT_TRUE(core::configure_log({.level = core::LogLevel::kInfo, .file = log_path}));
  (void)ask("alice", "192.0.2.1");
  net::HttpRequest evil{.method = "GET\r\nX",
                        .path = "/api/v1/notes/1\r\n{\"level\":\"error\"}\x1b[31mcanary-path",
                        .query = "token=canary-query",
                        .headers = {{"Authorization", "Bearer canary-token"}, {"X-Request-Id", "canary-id"}},
                        .body = R"({"password":"canary-body"})",
                        .peer = "192.0.2.1"};
  (void)api.answer(evil);
  evil.method = "GET";
  (void)api.answer(evil);
  (void)api.answer({.method = "POST",
                    .path = "/api/v1/notes",
                    .query = "",
                    .body = R"({"text":"canary-body"})",
                    .peer = "192.0.2.3"});
  (void)ask("alice", "192.0.2.1", {}, "/api/v1/notes/500");
  EXPECT_EQ(core::take_warning_count(), 1);

  const std::vector<std::string> lines = log_lines();
  ASSERT_EQ(lines.size(), 6U);
  for (const std::string& line : lines) {
    EXPECT_TRUE(core::parse_json(line)) << line;
    EXPECT_THAT(line, Not(HasSubstr("canary"))) << line;
    EXPECT_TRUE(std::ranges::none_of(line, [](char each) { return each >= 0 && each < ' '; })) << line;
    EXPECT_THAT(line, HasSubstr(R"("request_id":"id-1")"));
  }
  EXPECT_THAT(lines[0], HasSubstr(R"("message":"request","request_id":"id-1","user_id":1,"method":"GET",)"
                                  R"("route":"/notes/{note_id}","status":200,"ms":5})"));
  EXPECT_THAT(lines[1], HasSubstr(R"("user_id":0,"method":"other","route":"none","status":405,)"));
  EXPECT_THAT(lines[2], HasSubstr(R"("method":"GET","route":"/notes/{note_id}","status":401,)"));
  EXPECT_THAT(lines[3], HasSubstr(R"("method":"POST","route":"/notes","status":415,)"));
  EXPECT_THAT(lines[4], HasSubstr(R"("why":"cannot read\r\n{\"level\":\"info\"}\u001b[31m")"));
  EXPECT_THAT(lines[5], HasSubstr(R"("route":"/notes/{note_id}","status":500,)"));
}

TEST_F(ApiFrameTest, WhatThrowsIsAnswered500WithItsNumberInTheLog) {
  ASSERT_TRUE(core::configure_log({.level = core::LogLevel::kInfo, .file = log_path}));
  for (const char* path : {"/api/v1/notes/501", "/api/v1/notes/502"}) {
    const net::HttpResponse answer = ask("alice", "192.0.2.1", {}, path);
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.headers.find("Content-Type"), "application/problem+json");
    EXPECT_THAT(answer.body, HasSubstr(R"("request_id":"id-1")"));
    EXPECT_THAT(answer.body, Not(HasSubstr("memory"))) << "what it was is not the client's";
  }
  // Also before there is a handler to speak of.
  Api broken{{.authenticate = [](const net::HttpRequest&) -> Result<std::optional<Caller>> {
                throw std::runtime_error("who");
              },
              .make_id = [] { return std::string("id-2"); },
              .clock = &clock}};
  const net::HttpResponse answer = broken.answer({.method = "GET", .path = "/api/v1/x", .query = ""});
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.headers.find("X-Request-Id"), "id-2");
  EXPECT_EQ(core::take_warning_count(), 3);
  const std::vector<std::string> lines = log_lines();
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_THAT(lines[0], HasSubstr(R"("message":"a request threw","request_id":"id-1","why":"no memory\nfor notes")"));
  EXPECT_THAT(lines[1], HasSubstr(R"("status":500,)"));
  EXPECT_THAT(lines[4], HasSubstr(R"("request_id":"id-2","why":"who")"));
}

TEST_F(ApiFrameTest, RequestsAreCountedByRoute) {
  (void)ask("alice", "192.0.2.1");
  (void)ask("alice", "192.0.2.1", {}, "/api/v1/notes/8");
  for (const char* path : {"/a", "/b", "/api/v1/c"}) (void)ask("alice", "192.0.2.1", {}, path);
  (void)ask("alice", "192.0.2.1");
  const std::string text = metrics.text();
  for (const char* line :
       {R"({method="GET",route="/notes/{note_id}",status="200"} 2)", R"({method="GET",route="none",status="404"} 3)",
        R"({method="GET",route="none",status="429"} 1)"})
    EXPECT_THAT(text, HasSubstr(std::string("argosy_http_requests_total") + line + "\n"));
  EXPECT_THAT(text, HasSubstr(R"(argosy_http_request_seconds_sum{method="GET",route="/notes/{note_id}"} 0.01)"));
}

}  // namespace
}  // namespace argosy::server
