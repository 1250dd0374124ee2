#include "server/dashboard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <utility>

namespace argosy::server {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kPage = "<!doctype html><title>Argosy</title>";
constexpr std::string_view kBrowser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

class DashboardTest : public testing::Test {
 public:
  DashboardTest()
      : folder(testing::TempDir() + "/argosy-dashboard-" + std::to_string(::getpid()) + "-" +
               testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder);
  }
  ~DashboardTest() override { std::filesystem::remove_all(folder); }

 protected:
  void write(const std::string& name, std::string_view text) const {
    const std::filesystem::path path = folder + "/web/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  void build() const {
    write("index.html", kPage);
    write("index.html.gz", "packed page");
    write("favicon.svg", "<svg/>");
    write("assets/index-A1b2C3d4.js", "run()");
    write("assets/index-A1b2C3d4.js.gz", "packed script");
    write("assets/index-E5f6.css", "body{}");
    write("assets/index-A1b2C3d4.js.map", "{}");
    std::ofstream(folder + "/secret.txt") << "secret";
  }
  [[nodiscard]] Dashboard open() const { return {folder + "/web", core::system_files()}; }
  static std::optional<net::HttpResponse> ask(const Dashboard& dashboard, std::string path,
                                              net::HttpHeaders headers = {}, std::string method = "GET") {
    return dashboard.answer(
        {.method = std::move(method), .path = std::move(path), .query = "", .headers = std::move(headers)});
  }
  static std::string header(const net::HttpResponse& response, std::string_view name) {
    return std::string(response.headers.find(name).value_or(""));
  }

  std::string folder;
};

TEST_F(DashboardTest, FilesHaveTheirMediaTypesAndHashedOnesAreKept) {
  build();
  const Dashboard dashboard = open();
  ASSERT_FALSE(dashboard.trouble());
  const auto page = ask(dashboard, "/");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->status, 200);
  EXPECT_EQ(page->body, kPage);
  EXPECT_EQ(header(*page, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(header(*page, "Cache-Control"), "no-cache");
  const auto script = ask(dashboard, "/assets/index-A1b2C3d4.js");
  ASSERT_TRUE(script);
  EXPECT_EQ(script->body, "run()");
  EXPECT_EQ(header(*script, "Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(header(*script, "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(header(*ask(dashboard, "/assets/index-E5f6.css"), "Content-Type"), "text/css; charset=utf-8");
  const auto icon = ask(dashboard, "/favicon.svg");
  EXPECT_EQ(header(*icon, "Content-Type"), "image/svg+xml");
  EXPECT_EQ(header(*icon, "Cache-Control"), "no-cache");
  for (const auto& each : {page, script, icon}) EXPECT_EQ(header(*each, "X-Content-Type-Options"), "nosniff");
}

TEST_F(DashboardTest, PackedFilesAreForWhoTakesThem) {
  build();
  const Dashboard dashboard = open();
  for (const char* accepted : {"gzip", "br, gzip", "gzip;q=0.5", "deflate, gzip;q=1.0"}) {
    const auto packed = ask(dashboard, "/assets/index-A1b2C3d4.js", {{"Accept-Encoding", accepted}});
    EXPECT_EQ(packed->body, "packed script") << accepted;
    EXPECT_EQ(header(*packed, "Content-Encoding"), "gzip") << accepted;
    EXPECT_EQ(header(*packed, "Vary"), "Accept-Encoding") << accepted;
  }
  for (const char* accepted : {"", "br", "gzip;q=0", "gzip; q=0.000", "xgzip", "gzipped"}) {
    const auto plain = ask(dashboard, "/assets/index-A1b2C3d4.js", {{"Accept-Encoding", accepted}});
    EXPECT_EQ(plain->body, "run()") << accepted;
    EXPECT_EQ(header(*plain, "Content-Encoding"), "") << accepted;
    EXPECT_EQ(header(*plain, "Vary"), "Accept-Encoding") << accepted;
  }
  EXPECT_EQ(ask(dashboard, "/assets/index-E5f6.css", {{"Accept-Encoding", "gzip"}})->body, "body{}");
}

TEST_F(DashboardTest, ThePageIsNotSentTwice) {
  build();
  const Dashboard dashboard = open();
  const auto page = ask(dashboard, "/");
  const std::string tag = header(*page, "ETag");
  ASSERT_FALSE(tag.empty());
  const auto again = ask(dashboard, "/services", {{"Accept", std::string(kBrowser)}, {"If-None-Match", tag}});
  EXPECT_EQ(again->status, 304);
  EXPECT_EQ(again->body, "");
  const auto packed = ask(dashboard, "/", {{"Accept-Encoding", "gzip"}, {"If-None-Match", tag}});
  EXPECT_EQ(packed->status, 200) << "other bytes have another tag";
}

TEST_F(DashboardTest, ItsOwnViewsAreItsPage) {
  build();
  const Dashboard dashboard = open();
  for (const char* path : {"/services/7", "/market/BRK.B", "/login", "/a/b/c/d", "/index.html"}) {
    const auto page = ask(dashboard, path, {{"Accept", std::string(kBrowser)}});
    ASSERT_TRUE(page) << path;
    EXPECT_EQ(page->body, kPage) << path;
  }
  const auto head = ask(dashboard, "/services", {{"Accept", "text/html"}}, "HEAD");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
}

TEST_F(DashboardTest, WhatIsOthersIsLeftToThem) {
  build();
  const Dashboard dashboard = open();
  const net::HttpHeaders browser{{"Accept", std::string(kBrowser)}};
  for (const char* path : {"/api", "/api/v1/nothing", "/api/", "/assets/index-0ld.js", "/assets/"})
    EXPECT_FALSE(ask(dashboard, path, browser)) << path;
  EXPECT_FALSE(ask(dashboard, "/services", {{"Accept", "application/json"}}));
  EXPECT_FALSE(ask(dashboard, "/services"));
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"})
    EXPECT_FALSE(ask(dashboard, "/", browser, method)) << method;
  EXPECT_FALSE(ask(dashboard, "/assets/index-A1b2C3d4.js.map")) << "of a kind that is not served";
}

// S20: what is served has a name in a table, whatever is asked for.
TEST_F(DashboardTest, S20NoPathLeavesTheFolder) {
  build();
  const Dashboard dashboard = open();
  for (const char* path :
       {"/../secret.txt", "/assets/../../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "//secret.txt",
        "/assets/..\\..\\secret.txt", "/secret.txt", "/assets/%2e%2e/index.html", "/index.html%00.js", "/INDEX.HTML",
        "/index.html/", "/index.html.gz", "/assets//index-E5f6.css", "/./index.html", "/etc/passwd"}) {
    EXPECT_FALSE(ask(dashboard, path)) << path;
    const auto page = ask(dashboard, path, {{"Accept", std::string(kBrowser)}});
    if (page) EXPECT_EQ(page->body, kPage) << path;
  }
}

TEST_F(DashboardTest, ThePageMayLoadWhatIsItsOwn) {
  build();
  const std::string may = header(*ask(open(), "/"), "Content-Security-Policy");
  for (const char* part :
       {"default-src 'self';", "script-src 'self';", "style-src 'self';", "connect-src 'self';", "object-src 'none';",
        "base-uri 'none';", "form-action 'self';", "frame-ancestors 'none';", "report-uri /api/v1/csp-reports"})
    EXPECT_THAT(may, HasSubstr(part));
  EXPECT_THAT(may, Not(HasSubstr("unsafe")));
  EXPECT_THAT(may, Not(HasSubstr("*")));
}

TEST_F(DashboardTest, WhereThereIsNoneAPageSaysHowToBuildIt) {
  std::filesystem::create_directories(folder + "/web");
  for (const bool has_files : {false, true}) {
    if (has_files) write("assets/index-A1b2C3d4.js", "run()");
    const Dashboard dashboard = open();
    ASSERT_TRUE(dashboard.trouble());
    EXPECT_THAT(dashboard.trouble()->hint, HasSubstr("./dev build"));
    const auto page = ask(dashboard, "/");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->status, 503);
    EXPECT_THAT(page->body, HasSubstr("./dev build"));
    EXPECT_THAT(header(*page, "Content-Security-Policy"), HasSubstr("default-src 'self'"));
    EXPECT_FALSE(ask(dashboard, "/assets/index-A1b2C3d4.js"));
    EXPECT_FALSE(ask(dashboard, "/api/v1/health", {{"Accept", std::string(kBrowser)}}));
  }
  EXPECT_TRUE(Dashboard("/nowhere", core::system_files()).trouble());
}

TEST_F(DashboardTest, AFolderThatIsNoDashboardIsNotReadWhole) {
  build();
  write("assets/a/b/c/d/e/deep.js", "x");
  const Dashboard dashboard = open();
  ASSERT_TRUE(dashboard.trouble());
  EXPECT_THAT(dashboard.trouble()->message, HasSubstr("too deep"));
}

}  // namespace
}  // namespace argosy::server
