#include "server/documents.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace argosy::server {
namespace {

using core::Result;
using testing::HasSubstr;
using testing::Not;

Result<std::optional<Caller>> authenticate(const net::HttpRequest& request) {
  if (!request.headers.find("Authorization")) return std::nullopt;
  return Caller{.user_id = 1};
}

struct Server {
  explicit Server(bool is_public)
      : done(add_documents(api, {.folder = swagger_ui_folder(), .is_public = is_public}, core::system_files())) {}

  net::HttpResponse ask(const std::string& path, bool is_known = false) {
    net::HttpRequest request{.method = "GET", .path = path, .query = ""};
    if (is_known) request.headers.add("Authorization", "x");
    return api.answer(request);
  }

  Api api{{.authenticate = authenticate, .make_id = [] { return std::string("id-1"); }}};
  Result<void> done;
};

std::vector<std::string> references(const std::string& page) {
  const std::regex reference(R"re((?:src|href)="([^"]+)")re");
  std::vector<std::string> found;
  for (std::sregex_iterator it(page.begin(), page.end(), reference), end; it != end; ++it) found.push_back((*it)[1]);
  return found;
}

TEST(Documents, APageOfOurOwnFiles) {
  Server server(true);
  ASSERT_TRUE(server.done);
  const auto page = server.ask("/api/v1/docs");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.headers.find("Content-Type"), "text/html; charset=utf-8");
  const auto policy = page.headers.find("Content-Security-Policy").value_or("");
  EXPECT_THAT(policy, HasSubstr("default-src 'self'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_FALSE(std::regex_search(page.body, std::regex("<script>|<style|style=|\\son[a-z]+=|https?:")));
  const auto all = references(page.body);
  EXPECT_EQ(all.size(), 5U);
  for (const std::string& each : all) {
    const auto file = server.ask("/api/v1/" + each);
    EXPECT_EQ(file.status, 200) << each;
    EXPECT_GT(file.body.size(), 100U) << each;
    if (each == "openapi.json") continue;
    EXPECT_THAT(std::string(file.headers.find("Cache-Control").value_or("")), HasSubstr("immutable")) << each;
    EXPECT_EQ(file.headers.find("X-Content-Type-Options"), "nosniff") << each;
    const std::string media(file.headers.find("Content-Type").value_or(""));
    EXPECT_THAT(media, HasSubstr(each.ends_with(".js")    ? "javascript"
                                 : each.ends_with(".css") ? "css"
                                                          : "png"))
        << each;
  }
}

// S20: what is served has a name in a table, whatever is asked for.
TEST(Documents, NoOtherFiles) {
  Server server(true);
  ASSERT_TRUE(server.done);
  const std::string style = references(server.ask("/api/v1/docs").body).front();
  const std::string folder = "/api/v1/" + style.substr(0, style.rfind('/'));
  ASSERT_EQ(server.ask(folder + "/swagger-ui.css").status, 200);
  for (const char* name :
       {"/LICENSE", "/../../pins.txt", "/..%2f..%2fconfig.yaml", "/%2e%2e", "/%2fetc%2fpasswd", "/swagger-ui.css%00.js",
        "/swagger-ui.css::$DATA", "/swagger-ui.css/", "/", "", "/swagger-ui.css/..", "/SWAGGER-UI.CSS", "/.", "/*",
        "/swagger-ui-bundle.js.map", "/..\\..\\x"})
    EXPECT_EQ(server.ask(folder + name).status, 404) << name;
  EXPECT_EQ(server.ask("/api/v1/docs/000000000000/swagger-ui.css").status, 404);
}

TEST(Documents, TheDocumentIsWhole) {
  Server server(true);
  ASSERT_TRUE(server.done);
  server.api.add(endpoint<None, None, None, None>({.path = "/later", .name = "later"},
                                                  [](const auto&) -> Result<None> { return None{}; }));
  const auto document = server.ask("/api/v1/openapi.json");
  EXPECT_EQ(document.status, 200);
  EXPECT_EQ(document.headers.find("Content-Type"), "application/json");
  EXPECT_TRUE(document.headers.find("ETag"));
  const auto json = core::parse_json(document.body);
  ASSERT_TRUE(json);
  EXPECT_NE(json->find("paths")->find("/later"), nullptr);
  EXPECT_EQ(json->find("paths")->object()->size(), 1U) << "what shows the API is no part of it";
}

// S36: closed, they are for those who have logged in.
TEST(Documents, MayBeClosed) {
  Server server(false);
  ASSERT_TRUE(server.done);
  const auto page = server.ask("/api/v1/docs", true);
  EXPECT_EQ(page.status, 200);
  std::vector<std::string> paths{"docs", "openapi.json"};
  for (std::string& each : references(page.body)) paths.push_back(std::move(each));
  for (const std::string& each : paths) {
    EXPECT_EQ(server.ask("/api/v1/" + each, true).status, 200) << each;
    EXPECT_EQ(server.ask("/api/v1/" + each).status, 401) << each;
  }
}

TEST(Documents, NeedTheirFiles) {
  Api api{{.authenticate = authenticate, .make_id = [] { return std::string("id-1"); }}};
  const auto done = add_documents(api, {.folder = "/nowhere"}, core::system_files());
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().hint, HasSubstr("./dev setup"));
}

}  // namespace
}  // namespace argosy::server
