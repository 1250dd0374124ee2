// Texts that attackers send, against an API of a few endpoints: each is refused with a reason before a handler is
// asked, or arrives as it was sent. The numbers are those of the list of attacks in docs/reference/attacks.md.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "server/api.hpp"

namespace argosy::server {

inline constexpr std::array<std::string_view, 2> kSides{"BUY", "SELL"};
inline constexpr std::array<std::string_view, 4> kSorts{"name", "-name", "created_at", "-created_at"};

struct TicketPath {
  std::string symbol;
};
struct TicketQuery {
  std::string search;
  std::string sort = "name";
  std::int64_t page = 1;
  std::optional<core::Date> since;
};
struct Ticket {
  std::string name;
  std::int64_t shares = 0;
  std::optional<core::Price> price;
  std::optional<double> ratio;
  std::string side = "BUY";
  std::vector<std::string> tags;
  bool is_new = false;
};

}  // namespace argosy::server

template <>
struct argosy::core::RecordOf<argosy::server::TicketPath> {
  using Record = argosy::server::TicketPath;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Record, symbol, .limits = {.maximum_length = 60})};
  static constexpr RecordType kType{"ticket_path", "", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::server::TicketQuery> {
  using Record = argosy::server::TicketQuery;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Record, search, .limits = {.maximum_length = 100}),
                                      ARGOSY_FIELD(Record, sort, .limits = {.one_of = argosy::server::kSorts}),
                                      ARGOSY_FIELD(Record, page, .limits = {.minimum = 1}),
                                      ARGOSY_FIELD(Record, since)};
  static constexpr RecordType kType{"ticket_query", "", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::server::Ticket> {
  using Record = argosy::server::Ticket;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Record, name, .limits = {.maximum_length = 100}, .required = true),
      ARGOSY_FIELD(Record, shares, .limits = {.minimum = 1, .maximum = 9'007'199'254'740'993.0}, .required = true),
      ARGOSY_FIELD(Record, price, .limits = {.minimum = 0.0001}),
      ARGOSY_FIELD(Record, ratio),
      ARGOSY_FIELD(Record, side, .limits = {.one_of = argosy::server::kSides}),
      ARGOSY_FIELD(Record, tags, .limits = {.maximum_length = 10}),
      ARGOSY_FIELD(Record, is_new)};
  static constexpr RecordType kType{"ticket", "An order", kFields};
};

namespace argosy::server {
namespace {

using core::Result;
using testing::HasSubstr;

constexpr std::size_t kMostAnswer = 20'000;  // bytes, whatever was sent

std::string repeated(std::string_view text, int times) {
  std::string all;
  all.reserve(text.size() * static_cast<std::size_t>(times));
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

class HostileTest : public testing::Test {
 protected:
  HostileTest() {
    api.add(endpoint<None, None, Ticket, Ticket>(
        {.method = Method::kPost, .path = "/tickets", .name = "make_ticket", .access = Access::kPublic, .status = 201},
        [this](const auto& call) -> Result<Ticket> {
          ++calls;
          return call.body;
        }));
    api.add(endpoint<TicketPath, TicketQuery, None, Ticket>(
        {.path = "/tickets/{symbol}", .name = "get_ticket", .access = Access::kPublic},
        [this](const auto& call) -> Result<Ticket> {
          ++calls;
          return Ticket{.name = call.path.symbol, .tags = {call.query.search, call.query.sort}};
        }));
    api.add(endpoint<TicketPath, None, None, None>(
        {.method = Method::kDelete, .path = "/tickets/{symbol}", .name = "delete_ticket"},
        [this](const auto&) -> Result<None> {
          ++calls;
          return None{};
        }));
  }

  net::HttpResponse ask(const net::HttpRequest& request) {
    net::HttpResponse response = api.answer(request);
    EXPECT_LT(response.body.size(), kMostAnswer) << request.path.substr(0, 200);
    EXPECT_EQ(response.headers.find("X-Content-Type-Options"), "nosniff");
    EXPECT_TRUE(response.body.empty() || core::parse_json(response.body)) << response.body;
    return response;
  }
  net::HttpResponse post(const std::string& body) {
    return ask({.method = "POST",
                .path = "/api/v1/tickets",
                .query = "",
                .headers = {{"Content-Type", "application/json"}},
                .body = body});
  }
  net::HttpResponse get(const std::string& symbol, const std::string& query = {}) {
    return ask({.method = "GET", .path = "/api/v1/tickets/" + symbol, .query = query});
  }
  // A ticket with one value of its own.
  static std::string ticket(std::string_view field, std::string_view value) {
    std::string body = R"({"name":"a")";
    if (field != "shares") body += R"(,"shares":1)";
    if (field == "name") body = R"({"shares":1)";
    return body + fmt::format(R"(,"{}":{}}})", field, value);
  }
  // 400 with a reason, and no handler was asked.
  void refused(const std::string& body, const std::string& reason) {
    const net::HttpResponse response = post(body);
    EXPECT_EQ(response.status, 400) << body.substr(0, 200);
    EXPECT_THAT(response.body, HasSubstr(reason)) << body.substr(0, 200);
    EXPECT_EQ(calls, 0) << body.substr(0, 200);
  }

  int calls = 0;
  Api api{{.authenticate = [](const net::HttpRequest&) -> Result<std::optional<Caller>> { return std::nullopt; },
           .make_id = [] { return std::string("id-1"); }}};
};

TEST_F(HostileTest, S2OtherMethods) {
  const auto as = [&](const std::string& method, net::HttpHeaders headers) {
    return ask({.method = method, .path = "/api/v1/tickets/A", .query = "", .headers = std::move(headers)}).status;
  };
  EXPECT_EQ(as("DELETE", {}), 401);
  for (const char* name : {"X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"}) {
    EXPECT_EQ(as("POST", {{name, "DELETE"}}), 405) << name;
    EXPECT_EQ(as("GET", {{name, "DELETE"}}), 200) << name;
  }
  for (const char* method : {"PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "Delete", "", "GET ", "G\0ET"})
    EXPECT_EQ(as(method, {}), 405) << method;
  EXPECT_EQ(get("A", "_method=DELETE").status, 400);
  EXPECT_EQ(as("HEAD", {}), 200);
}

TEST_F(HostileTest, S3FieldsThatAreNotOffered) {
  for (const char* field : {"role", "user_id", "balance", "filled_qty", "is_live", "__proto__", "constructor", "Name"})
    refused(ticket(field, "1"), R"("pointer":"/)" + std::string(field) + "\"");
}

TEST_F(HostileTest, S18Depth) {
  const std::string deep = repeated("[", 100'000);
  refused(deep, "nested more than");
  refused(deep + repeated("]", 100'000), "nested more than");
  refused(ticket("tags", deep + repeated("]", 100'000)), "nested more than");
  refused(ticket("tags", repeated(R"({"a":)", 100'000) + "1" + repeated("}", 100'000)), "nested more than");
  refused(ticket("tags", "[[]]"), "/tags");
}

TEST_F(HostileTest, S18Numbers) {
  const std::string many(7'000'000, '9');
  refused(ticket("shares", many), "a number is longer than");
  refused(ticket("ratio", "0." + many), "a number is longer than");
  refused(ticket("price", "\"" + many + "\""), "/price");
  for (const char* number :
       {"NaN",   "nan", "Infinity", "-Infinity", "inf", "1e999", "-1e999", "1e99999999999", "+1",          "01", "0x10",
        "1_000", "1.",  ".5",       "1e",        "--1", "1,5",   "-",      "1 2",           "\xEF\xBC\x91"})
    refused(ticket("ratio", number), "JSON, line 1");
  for (const char* number : {"1.5", "1e3", "1.0", "9223372036854775808", "-9223372036854775809", "18446744073709551617",
                             "\"1\"", "true", "null", "[1]", "{}"})
    refused(ticket("shares", number), "/shares");
  // Each digit counts: 2^53+1 is no double.
  refused(ticket("shares", "-0"), "/shares");
  EXPECT_THAT(post(ticket("shares", "9007199254740993")).body, HasSubstr(R"("shares":9007199254740993,)"));
  EXPECT_THAT(post(ticket("ratio", "-0")).body, HasSubstr(R"("ratio":-0,)"));
  EXPECT_THAT(post(ticket("ratio", "1e-999")).body, HasSubstr(R"("ratio":0,)"));
}

TEST_F(HostileTest, S18Keys) {
  refused(R"({"name":"a","name":"b","shares":1})", "stands twice");
  refused(R"({"name":"a","n\u0061me":"b","shares":1})", "stands twice");
  refused(ticket("tags", R"([{"a":1,"a":2}])"), "stands twice");
  refused(ticket(std::string(1'000'000, 'k'), "1"), "kkk");
  std::string body = R"({"name":"a","shares":1)";
  for (int i = 0; i < 200'000; ++i) body += fmt::format(R"(,"k{}":1)", i);
  refused(body + "}", R"("pointer":"/k0")");
}

TEST_F(HostileTest, S18Texts) {
  for (const char* text :
       {R"("\ud800")", R"("\udc00")", R"("\ud800\u0041")", R"("\udc00\ud800")", "\"\xED\xA0\x80\"", "\"\xFF\"",
        "\"\xC0\x80\"", "\"\xF4\x90\x80\x80\"", "\"a\nb\"", "\"a\tb\"", R"("\x41")", R"("\u12")", "'a'", "\"a"})
    refused(ticket("name", text), "JSON, line ");
  refused(ticket("name", R"("a\u0000b")"), "NUL");
  refused(ticket("tags", R"(["a\u0000b"])"), "NUL");
  refused(ticket("name", "\"" + std::string(1'000'000, 'a') + "\""), "/name");
  refused(ticket("name", "\"" + repeated("\\u00e9", 100'000) + "\""), "/name");
  refused(ticket("tags", R"([")" + std::string(1'000'000, 'a') + R"("])"), "/tags");
  refused(ticket("side", R"("buy")"), "/side");
  EXPECT_THAT(post(ticket("name", R"("\ud83d\ude00\u202e\u001b")")).body,
              HasSubstr("\"name\":\"\xF0\x9F\x98\x80\xE2\x80\xAE\\u001b\""));
}

TEST_F(HostileTest, S18Documents) {
  for (const char* body : {"", " ", "{", "}", "[]", "1", "null", "\"a\"", "{}x", "{}{}", "\xEF\xBB\xBF{}", "// a\n{}",
                           "{\"name\":\"a\",\"shares\":1,}", "{name:\"a\"}", "\xFF\xFE{\0}", "a=1&b=2", "<xml/>"})
    refused(body, "\"status\":400");
  refused(ticket("ratio", "1") + '\0', "follows the document");
  for (const char* media :
       {"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json"}) {
    EXPECT_EQ(ask({.method = "POST",
                   .path = "/api/v1/tickets",
                   .query = "",
                   .headers = {{"Content-Type", media}},
                   .body = ticket("ratio", "1")})
                  .status,
              415)
        << media;
  }
  EXPECT_EQ(calls, 0);
}

TEST_F(HostileTest, S19AndS23TextsArriveAsTheyAre) {
  const std::vector<std::string> texts{"' OR '1'='1",
                                       "'; DROP TABLE users; --",
                                       "\" OR 1=1 --",
                                       "1) UNION SELECT password_hash FROM users --",
                                       "%' ESCAPE '\\",
                                       "$.a[?(@.b)]",
                                       "<script>alert(1)</script>",
                                       "\"><img src=x onerror=alert(1)>",
                                       "javascript:alert(1)",
                                       "{{7*7}}${7*7}",
                                       "=cmd|' /C calc'!A0",
                                       "%0d%0aSet-Cookie: a=b",
                                       "\r\nSet-Cookie: a=b",
                                       "../../etc/passwd"};
  for (const std::string& text : texts) {
    core::JsonWriter wanted;
    wanted.value(text);
    const std::string as_json = std::move(wanted).take();
    const std::string encoded = net::percent_encode(text);
    const net::HttpResponse found = get(encoded, "search=" + encoded);
    EXPECT_EQ(found.status, 200) << text;
    EXPECT_THAT(found.body, HasSubstr("\"name\":" + as_json)) << text;
    EXPECT_THAT(found.body, HasSubstr("\"tags\":[" + as_json)) << text;
    EXPECT_EQ(found.headers.find("Content-Type"), "application/json");
    EXPECT_FALSE(found.headers.find("Set-Cookie"));
    // Names of columns come from a list, numbers are numbers.
    for (const char* parameter : {"sort", "page", "since"})
      EXPECT_EQ(get("A", fmt::format("{}={}", parameter, encoded)).status, 400) << parameter << " " << text;
    EXPECT_EQ(get("A", encoded + "=1").status, 400) << text;
    EXPECT_THAT(post(ticket("name", as_json)).body, HasSubstr("\"name\":" + as_json)) << text;
  }
  EXPECT_EQ(get("A", "sort=-created_at").status, 200);
  for (const char* sort : {"name,", "NAME", "name desc", "--name", "password_hash", "name;", "name%00"})
    EXPECT_EQ(get("A", std::string("sort=") + sort).status, 400) << sort;
}

TEST_F(HostileTest, S20PathsThatClimb) {
  for (const char* symbol : {"..", ".", "%2e%2e", "%2E", "", "a/b", "../x", "A%00", "%", "%4", "%zz", "a//b", "/"})
    EXPECT_EQ(get(symbol).status, 404) << symbol;
  EXPECT_EQ(get("..%2f..").status, 200);
  EXPECT_EQ(get("..%2f..%2fetc%2fpasswd").body.find("\"name\":\"../../etc/passwd\""), 1U)
      << "one part, whatever is in it";
  for (const char* path : {"/api/v1/../v1/tickets/A", "/api/v1//tickets/A", "/API/V1/tickets/A", "/api/v1/tickets/A/",
                           "/api/v1/%2e%2e/v1/tickets/A", "api/v1/tickets/A", "//api/v1/tickets/A", "\\api\\v1"})
    EXPECT_EQ(ask({.method = "GET", .path = path, .query = ""}).status, 404) << path;
}

TEST_F(HostileTest, S30Numbers) {
  for (const char* shares : {"-1", "0", "9223372036854775807", "9223372036854775808", "1e-9", "1e18"})
    refused(ticket("shares", shares), "/shares");
  for (const char* price : {"0", "-1", "\"0\"", "\"-1\"", "\"\"", "\"1e-9\"", "\"NaN\"", "\"999999999999999999999\"",
                            "\"1.00000000000000000001\"", "\" 1\"", "\"1 \"", "\"0x1\"", "\"1,5\"", "1.5", "[]"})
    refused(ticket("price", price), "/price");
  for (const char* page : {"0", "-1", "9223372036854775808", "1.0", "1e3", "", "%31%00", "0x1", " 1", "1&page=2"})
    EXPECT_EQ(get("A", std::string("page=") + page).status, 400) << page;
}

TEST_F(HostileTest, TextsInTheQueryAreBounded) {
  EXPECT_EQ(get("A", "search=" + std::string(1'000'000, 'a')).status, 400);
  EXPECT_EQ(get("A", std::string(1'000'000, '&')).status, 200);
  EXPECT_EQ(get("A", std::string(1'000'000, '=')).status, 400);
  std::string query;
  for (int i = 0; i < 10'000; ++i) query += fmt::format("k{}=1&", i);
  EXPECT_EQ(get("A", query).status, 400);
  EXPECT_THAT(get("A", std::string(1'000'000, 'k') + "=1").status, 400);
  EXPECT_EQ(get(std::string(1'000'000, 'a')).status, 400);
  EXPECT_EQ(ask({.method = "GET", .path = "/api/v1/" + std::string(1'000'000, 'a'), .query = ""}).status, 404);
  EXPECT_EQ(ask({.method = std::string(1'000'000, 'G'), .path = "/api/v1/tickets/A", .query = ""}).status, 405);
}

}  // namespace
}  // namespace argosy::server
