#include "server/policy_reports.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/log.hpp"

namespace argosy::server {
namespace {

using core::Result;
using testing::HasSubstr;
using testing::SizeIs;

std::string report(std::string_view blocked) {
  return fmt::format(R"({{"csp-report": {{"document-uri": "http://localhost:8080/services?token=secret#x",
      "effective-directive": "style-src-attr", "blocked-uri": "{}", "source-file": "http://localhost:8080/assets/a.js?s",
      "line-number": 3, "column-number": 14, "disposition": "enforce"}}}})",
                     blocked);
}

class PolicyReportsTest : public testing::Test {
 public:
  PolicyReportsTest() { add_policy_reports(api, reports); }

 protected:
  static Result<std::optional<Caller>> authenticate(const net::HttpRequest& request) {
    const auto who = request.headers.find("Authorization");
    if (!who) return std::nullopt;
    return Caller{.user_id = 1, .role = *who == "admin" ? ledger::Role::kAdmin : ledger::Role::kTrader};
  }
  net::HttpResponse send(std::string body) const {
    return api.answer({.method = "POST",
                       .path = std::string(kPolicyReportsPath),
                       .query = "",
                       .headers = {{"Content-Type", "application/csp-report"}},
                       .body = std::move(body)});
  }
  net::HttpResponse list(const std::string& who) const {
    return api.answer(
        {.method = "GET", .path = std::string(kPolicyReportsPath), .query = "", .headers = {{"Authorization", who}}});
  }

  core::SimulatedClock clock{core::Timestamp(std::chrono::seconds(1'700'000'000))};
  PolicyReports reports{clock};
  Api api{{.authenticate = authenticate, .make_id = [] { return std::string("id-1"); }}};
};

TEST_F(PolicyReportsTest, AreKeptWithoutWhatMayBeSecret) {
  EXPECT_EQ(send(report("inline")).status, 204);
  EXPECT_EQ(core::take_warning_count(), 1);
  const auto kept = reports.kept();
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_EQ(kept[0].directive, "style-src-attr");
  EXPECT_EQ(kept[0].blocked, "inline");
  EXPECT_EQ(kept[0].page, "http://localhost:8080/services");
  EXPECT_EQ(kept[0].source, "http://localhost:8080/assets/a.js");
  EXPECT_EQ(kept[0].line, 3);
  EXPECT_EQ(kept[0].column, 14);
}

TEST_F(PolicyReportsTest, AreReadByAdminsAlone) {
  EXPECT_THAT(list("admin").body, HasSubstr(R"("items":[])"));
  (void)send(report("inline"));
  (void)core::take_warning_count();
  EXPECT_THAT(list("admin").body, HasSubstr("style-src-attr"));
  EXPECT_EQ(list("trader").status, 403);
  EXPECT_EQ(api.answer({.method = "GET", .path = std::string(kPolicyReportsPath), .query = ""}).status, 401);
}

TEST_F(PolicyReportsTest, OthersAreRefused) {
  for (const char* body : {"", "{}", "[]", "null", "7", "{\"csp-report\": 7}", "{\"csp-report\": {}", "\xff"})
    EXPECT_EQ(send(body).status, 400) << body;
  EXPECT_EQ(send(report(std::string(PolicyReports::kMostBytes, 'x'))).status, 400);
  EXPECT_THAT(reports.kept(), SizeIs(0));
  EXPECT_EQ(send(R"({"csp-report": {"blocked-uri": 7, "line-number": "many", "effective-directive": null}})").status,
            204);
  EXPECT_EQ(core::take_warning_count(), 1);
}

TEST_F(PolicyReportsTest, AFloodIsFewWordsAndLittleMemory) {
  for (int i = 0; i < 1'000; ++i)
    EXPECT_TRUE(reports.take(report(fmt::format("{}\u00e9{}", std::string(199, 'a'), i))));
  EXPECT_EQ(core::take_warning_count(), 1);
  const auto kept = reports.kept();
  ASSERT_THAT(kept, SizeIs(PolicyReports::kMostKept));
  EXPECT_EQ(kept[0].blocked, std::string(199, 'a')) << "not half of a letter";
  clock.advance_to(clock.now() + std::chrono::minutes(2));
  EXPECT_TRUE(reports.take(report("inline")));
  EXPECT_TRUE(reports.take(report("eval")));
  EXPECT_EQ(core::take_warning_count(), 1);
  EXPECT_EQ(reports.kept().front().blocked, "eval");
}

}  // namespace
}  // namespace argosy::server
