#include "server/api.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/log.hpp"
#include "server/problem.hpp"

namespace argosy::server {

struct ToyPath {
  std::int64_t toy_id = 0;
};
struct ToyQuery {
  std::string colour;
  std::int64_t page = 1;
  bool big = false;
};
struct ToyBody {
  std::string name;
  core::Price price;
  std::vector<std::string> tags;
};
struct OtherToy {
  std::int64_t weight = 0;
};
struct Toy {
  std::int64_t toy_id = 0;
  std::string name;
};

}  // namespace argosy::server

template <>
struct argosy::core::RecordOf<argosy::server::ToyPath> {
  using Record = argosy::server::ToyPath;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Record, toy_id, .limits = {.minimum = 1}, .text = "number")};
  static constexpr RecordType kType{"toy_path", "", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::server::ToyQuery> {
  using Record = argosy::server::ToyQuery;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Record, colour, .required = true),
                                      ARGOSY_FIELD(Record, page, .limits = {.minimum = 1, .maximum = 9}),
                                      ARGOSY_FIELD(Record, big)};
  static constexpr RecordType kType{"toy_query", "", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::server::ToyBody> {
  using Record = argosy::server::ToyBody;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Record, name, .limits = {.maximum_length = 5}, .required = true),
                                      ARGOSY_FIELD(Record, price, .required = true), ARGOSY_FIELD(Record, tags)};
  static constexpr RecordType kType{"toy_body", "What makes a toy", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::server::Toy> {
  using Record = argosy::server::Toy;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Record, toy_id), ARGOSY_FIELD(Record, name)};
  static constexpr RecordType kType{"toy", "A toy", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::server::OtherToy> {
  using Record = argosy::server::OtherToy;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Record, weight)};
  static constexpr RecordType kType{"toy", "Another record of that name", kFields};
};

namespace argosy::server {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;
using testing::HasSubstr;
using testing::Not;

// Callers are named in the header.
Result<std::optional<Caller>> authenticate(const net::HttpRequest& request) {
  const auto who = request.headers.find("X-Caller");
  if (!who) return std::nullopt;
  for (std::size_t role = 0; role < ledger::kRoles.size(); ++role) {
    if (*who == ledger::kRoles[role])
      return Caller{.user_id = 7, .username = std::string(*who), .role = static_cast<ledger::Role>(role)};
  }
  return fail(ErrorCode::kInvalidArgument, "this token is not known");
}

class ApiTest : public testing::Test {
 protected:
  ApiTest() {
    api.add(endpoint<None, None, None, Toy>(
        {.path = "/toy", .name = "any_toy", .tag = "toys", .summary = "Any toy", .access = Access::kPublic},
        [](const auto& call) -> Result<Toy> { return Toy{.name = call.caller ? call.caller->username : "nobody"}; }));
    api.add(endpoint<ToyPath, None, None, Toy>(
        {.path = "/toys/{toy_id}", .name = "get_toy", .tag = "toys", .summary = "One toy", .access = Access::kViewer},
        [](const auto& call) -> Result<Toy> {
          if (call.path.toy_id == 404) return fail(ErrorCode::kNotFound, "there is no toy 404");
          if (call.path.toy_id == 500) return fail(ErrorCode::kIo, "/secret/path cannot be read");
          if (call.path.toy_id == 503) return fail(ErrorCode::kUnavailable, "the ledger is busy");
          return Toy{.toy_id = call.path.toy_id, .name = "bear"};
        }));
    api.add(endpoint<ToyPath, None, None, None>({.method = Method::kDelete,
                                                 .path = "/toys/{toy_id}",
                                                 .name = "delete_toy",
                                                 .tag = "toys",
                                                 .summary = "Throws a toy away"},
                                                [](const auto&) -> Result<None> { return None{}; }));
    api.add(endpoint<None, ToyQuery, None, Page<Toy>>(
        {.path = "/toys", .name = "list_toys", .tag = "toys", .summary = "Toys", .access = Access::kViewer},
        [](const auto& call) -> Result<Page<Toy>> {
          return Page<Toy>{
              .items = {{.toy_id = 1, .name = call.query.colour}}, .page = call.query.page, .per_page = 2, .total = 5};
        }));
    api.add(endpoint<None, None, ToyBody, Toy>(
        {.method = Method::kPost,
         .path = "/toys",
         .name = "make_toy",
         .tag = "toys",
         .summary = "Makes a toy",
         .access = Access::kTrader,
         .status = 201},
        [](const auto& call) -> Result<Toy> { return Toy{.toy_id = 2, .name = call.body.name}; }));
  }

  net::HttpResponse ask(const std::string& method, const std::string& target, const std::string& caller = "viewer",
                        const std::string& body = {}, const std::string& media = "application/json") {
    const std::size_t query = std::min(target.find('?'), target.size());
    net::HttpRequest request{.method = method,
                             .path = target.substr(0, query),
                             .query = target.substr(std::min(query + 1, target.size())),
                             .body = body};
    if (!caller.empty()) request.headers.add("X-Caller", caller);
    if (!media.empty()) request.headers.add("Content-Type", media);
    return api.answer(request);
  }

  Api api{{.authenticate = authenticate, .make_id = [] { return std::string("id-1"); }}};
};

TEST_F(ApiTest, Answers) {
  const auto one = ask("GET", "/api/v1/toys/12");
  EXPECT_EQ(one.status, 200);
  EXPECT_EQ(one.body, R"({"toy_id":12,"name":"bear"})");
  EXPECT_EQ(one.headers.find("Content-Type"), "application/json");
  EXPECT_EQ(one.headers.find("X-Request-Id"), "id-1");
  EXPECT_EQ(ask("HEAD", "/api/v1/toys/12").status, 200);
  const auto made = ask("POST", "/api/v1/toys", "trader", R"({"name": "cat", "price": "1.5"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.body, R"({"toy_id":2,"name":"cat"})");
  const auto gone = ask("DELETE", "/api/v1/toys/12", "admin");
  EXPECT_EQ(gone.status, 204);
  EXPECT_EQ(gone.body, "");
}

TEST_F(ApiTest, PagesKnowOneAnother) {
  const auto second = ask("GET", "/api/v1/toys?colour=r%20d&page=2&big=true");
  EXPECT_EQ(second.body, R"({"items":[{"toy_id":1,"name":"r d"}],"meta":{"page":2,"per_page":2,"total":5,"pages":3}})");
  EXPECT_EQ(second.headers.find("Link"),
            "</api/v1/toys?colour=r%20d&big=true&page=1>; rel=\"first\", "
            "</api/v1/toys?colour=r%20d&big=true&page=1>; rel=\"prev\", "
            "</api/v1/toys?colour=r%20d&big=true&page=3>; rel=\"next\", "
            "</api/v1/toys?colour=r%20d&big=true&page=3>; rel=\"last\"");
  const auto last = ask("GET", "/api/v1/toys?colour=a&page=3");
  EXPECT_THAT(std::string(*last.headers.find("Link")), Not(HasSubstr("next")));
}

// S2: what has no rule is forbidden, and no other way leads around it.
TEST_F(ApiTest, CallersMayWhatTheirRoleAllows) {
  struct Case {
    const char* method;
    const char* target;
    int nobody;
    int viewer;
    int trader;
    int admin;
  };
  const std::string body = R"({"name": "cat", "price": "1"})";
  for (const Case& each :
       {Case{"GET", "/api/v1/toy", 200, 200, 200, 200}, Case{"GET", "/api/v1/toys/1", 401, 200, 200, 200},
        Case{"POST", "/api/v1/toys", 401, 403, 201, 201}, Case{"DELETE", "/api/v1/toys/1", 401, 403, 403, 204}}) {
    EXPECT_EQ(ask(each.method, each.target, "", body).status, each.nobody) << each.target;
    EXPECT_EQ(ask(each.method, each.target, "viewer", body).status, each.viewer) << each.target;
    EXPECT_EQ(ask(each.method, each.target, "trader", body).status, each.trader) << each.target;
    EXPECT_EQ(ask(each.method, each.target, "admin", body).status, each.admin) << each.target;
    EXPECT_EQ(ask(each.method, each.target, "somebody", body).status, each.nobody) << each.target;
  }
  const auto unknown = ask("GET", "/api/v1/toys/1", "");
  EXPECT_EQ(unknown.headers.find("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(unknown.headers.find("Content-Type"), "application/problem+json");
  EXPECT_THAT(ask("GET", "/api/v1/toys/1", "somebody").body, HasSubstr("this token is not known"));
}

TEST_F(ApiTest, WhatIsNotThere) {
  for (const char* target : {"/", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/toys/1/more", "/api/v1/toys//1",
                             "/api/v1/toys/..", "/api/v1/toys/%", "/api/v1toys", "/other/toys"})
    EXPECT_EQ(ask("GET", target).status, 404) << target;
  const auto wrong = ask("PUT", "/api/v1/toys/1");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.find("Allow"), "GET, DELETE");
  EXPECT_EQ(ask("TRACE", "/api/v1/toys/1").status, 405);
}

// S3, S18, S30: all that is wrong is said at once, each with its place, and nobody is asked.
TEST_F(ApiTest, WhatIsWrongWithIt) {
  const auto many =
      ask("POST", "/api/v1/toys", "trader", R"({"name": "too long", "pric/e": 1, "tags": "a", "role": "x"})");
  EXPECT_EQ(many.status, 400);
  for (const char* part :
       {R"("pointer":"/name")", R"("pointer":"/pric~1e")", R"("pointer":"/tags")", R"("pointer":"/role")",
        R"("pointer":"/price")", R"("request_id":"id-1")", R"("code":"invalid_argument")"})
    EXPECT_THAT(many.body, HasSubstr(part));
  for (const char* body :
       {"", "{", "[]", "1", R"({"name": "a", "name": "b", "price": "1"})", R"({"name": "a", "price": NaN})",
        R"({"name": "a", "price": "1e999"})", R"({"name": "a", "price": "1"} x)"})
    EXPECT_EQ(ask("POST", "/api/v1/toys", "trader", body).status, 400) << body;
  EXPECT_EQ(ask("POST", "/api/v1/toys", "trader", std::string(100'000, '[')).status, 400);
  EXPECT_EQ(ask("POST", "/api/v1/toys", "trader", R"({"name": "a", "price": "1"})", "text/plain").status, 415);
  for (const char* target : {"/api/v1/toys", "/api/v1/toys?colour=a&page=0", "/api/v1/toys?colour=a&page=x",
                             "/api/v1/toys?colour=a&colour=b", "/api/v1/toys?colour=a&other=1",
                             "/api/v1/toys?colour=a&big=perhaps", "/api/v1/toys?colour=%", "/api/v1/toys/0",
                             "/api/v1/toys/99999999999999999999", "/api/v1/toys/1;drop", "/api/v1/toys/1?other=1"})
    EXPECT_EQ(ask("GET", target).status, 400) << target;
  EXPECT_THAT(ask("GET", "/api/v1/toys?colour=a&page=0").body, HasSubstr(R"("parameter":"page")"));
}

TEST_F(ApiTest, WhatFailed) {
  EXPECT_EQ(ask("GET", "/api/v1/toys/404").status, 404);
  EXPECT_THAT(ask("GET", "/api/v1/toys/404").body, HasSubstr("there is no toy 404"));
  const auto busy = ask("GET", "/api/v1/toys/503");
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.headers.find("Retry-After"), "1");
  const auto broken = ask("GET", "/api/v1/toys/500");
  EXPECT_EQ(broken.status, 500);
  EXPECT_THAT(broken.body, Not(HasSubstr("secret")));
  EXPECT_EQ(core::take_warning_count(), 1);
}

TEST_F(ApiTest, DescribesItself) {
  const auto document = core::parse_json(api.openapi());
  ASSERT_TRUE(document) << document.error().describe();
  const core::JsonValue& paths = *document->find("paths");
  const core::JsonValue& post = *paths.find("/toys")->find("post");
  EXPECT_EQ(*post.find("operationId")->string(), "make_toy");
  EXPECT_NE(post.find("requestBody"), nullptr);
  EXPECT_NE(post.find("responses")->find("201"), nullptr);
  const core::JsonValue& list = *paths.find("/toys")->find("get");
  EXPECT_EQ(list.find("parameters")->array()->size(), 3U);
  EXPECT_EQ(*list.find("parameters")->array()->front().find("required")->boolean(), true);
  EXPECT_NE(paths.find("/toys/{toy_id}")->find("delete")->find("responses")->find("204"), nullptr);
  const core::JsonValue& schemas = *document->find("components")->find("schemas");
  EXPECT_EQ(schemas.find("toy")->find("required")->array()->size(),
            schemas.find("toy")->find("properties")->object()->size())
      << "an answer has all its fields";
  EXPECT_LT(schemas.find("toy_body")->find("required")->array()->size(),
            schemas.find("toy_body")->find("properties")->object()->size());
  for (const char* schema : {"toy", "toy_body", "problem"})
    EXPECT_NE(document->find("components")->find("schemas")->find(schema), nullptr) << schema;
}

using ApiDeathTest = ApiTest;

TEST_F(ApiDeathTest, EndpointsThatContradictOneAnother) {
  const auto handler = [](const auto&) -> Result<None> { return None{}; };
  EXPECT_DEATH(api.add(endpoint<None, None, None, None>({.path = "/toy", .name = "again"}, handler)), "there twice");
  EXPECT_DEATH(api.add(endpoint<None, None, None, None>({.path = "/other", .name = "get_toy"}, handler)),
               "called get_toy");
  EXPECT_DEATH(api.add(endpoint<None, None, None, None>({.path = "/other/{id}", .name = "x"}, handler)),
               "its parameters");
}

TEST_F(ApiDeathTest, TwoRecordsOfOneNameAreNoDocument) {
  api.add(endpoint<None, None, None, OtherToy>({.path = "/other", .name = "get_other", .access = Access::kPublic},
                                               [](const auto&) -> Result<OtherToy> { return OtherToy{}; }));
  EXPECT_DEATH((void)api.openapi(), "two records are called toy");
}

}  // namespace
}  // namespace argosy::server
