#include "server/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <set>
#include <thread>

#include "core/text.hpp"

namespace argosy::server {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

net::HttpServerCounts counts() {
  return {.connections = 9, .open = 3, .requests = 20, .refused = 2, .busy = 1, .waiting = 4, .web_sockets = 5};
}

ProcessSamples samples() {
  return {.orders = {{"working", 2}},
          .fills = 7,
          .denials = {{"order value", 1}},
          .is_breaker_open = true,
          .feed_age_s = 0.25,
          .queues = {{"ledger", 6}},
          .ledger_write_s = {{"0.99", 0.004}},
          .equity = {{"paper", 100'000.5}}};
}

// Who watches it has these names in rules and pictures.
TEST(Metrics, HaveTheseNames) {
  Metrics metrics({.http = counts, .process = samples});
  metrics.count_request("GET", "/toys/{toy_id}", 200, milliseconds(3));
  std::set<std::string> names;
  for (const std::string_view line : core::split(metrics.text(), '\n')) {
    if (line.starts_with("# TYPE ")) names.emplace(line.substr(7));
  }
  EXPECT_THAT(
      names, ElementsAre("argosy_breaker_open gauge", "argosy_denials_total counter", "argosy_equity gauge",
                         "argosy_feed_age_seconds gauge", "argosy_fills_total counter", "argosy_http_connections gauge",
                         "argosy_http_connections_total counter", "argosy_http_refused_total counter",
                         "argosy_http_request_seconds histogram", "argosy_http_requests_total counter",
                         "argosy_http_waiting gauge", "argosy_ledger_write_seconds gauge", "argosy_orders gauge",
                         "argosy_queue_depth gauge", "argosy_web_sockets gauge"));
}

TEST(Metrics, HaveTheirValues) {
  Metrics metrics({.http = counts, .process = samples});
  metrics.count_request("GET", "/toys/{toy_id}", 200, milliseconds(3));
  metrics.count_request("GET", "/toys/{toy_id}", 200, milliseconds(30));
  metrics.count_request("GET", "/toys/{toy_id}", 404, milliseconds(700));
  const std::string text = metrics.text();
  for (const char* line : {
           "argosy_http_requests_total{method=\"GET\",route=\"/toys/{toy_id}\",status=\"200\"} 2\n",
           "argosy_http_requests_total{method=\"GET\",route=\"/toys/{toy_id}\",status=\"404\"} 1\n",
           "argosy_http_request_seconds_count{method=\"GET\",route=\"/toys/{toy_id}\"} 3\n",
           "argosy_http_request_seconds_bucket{method=\"GET\",route=\"/toys/{toy_id}\",le=\"0.005\"} 1\n",
           "argosy_http_request_seconds_bucket{method=\"GET\",route=\"/toys/{toy_id}\",le=\"0.05\"} 2\n",
           "argosy_http_request_seconds_bucket{method=\"GET\",route=\"/toys/{toy_id}\",le=\"+Inf\"} 3\n",
           "argosy_http_refused_total{reason=\"busy\"} 1\n",
           "argosy_http_refused_total{reason=\"unreadable\"} 2\n",
           "argosy_http_connections 3\n",
           "argosy_http_waiting 4\n",
           "argosy_web_sockets 5\n",
           "argosy_orders{state=\"working\"} 2\n",
           "argosy_fills_total 7\n",
           "argosy_denials_total{reason=\"order value\"} 1\n",
           "argosy_breaker_open 1\n",
           "argosy_feed_age_seconds 0.25\n",
           "argosy_queue_depth{queue=\"ledger\"} 6\n",
           "argosy_ledger_write_seconds{quantile=\"0.99\"} 0.004\n",
           "argosy_equity{account=\"paper\"} 100000.5\n",
       })
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(Metrics, LeaveOutWhatIsNotKnown) {
  EXPECT_EQ(Metrics().text(), "");
  const Metrics metrics({.process = [] { return ProcessSamples{.fills = 1}; }});
  EXPECT_EQ(metrics.text(),
            "# HELP argosy_fills_total Fills so far.\n# TYPE argosy_fills_total counter\n"
            "argosy_fills_total 1\n");
}

// S24: what a label says ends neither its line nor itself.
TEST(Metrics, LabelsCannotBreakALine) {
  const Metrics metrics(
      {.process = [] { return ProcessSamples{.equity = {{"a\"} 1\nb\\", 2}, {"n", std::nan("")}}}; }});
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr(R"(argosy_equity{account="a\"} 1\nb\\"} 2)"));
  EXPECT_THAT(text, HasSubstr("argosy_equity{account=\"n\"} Nan\n"));
  EXPECT_EQ(core::split(core::trim(text), '\n').size(), 4U) << text;
}

TEST(Metrics, AreCountedFromManyThreads) {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&metrics, t] {
        for (int i = 0; i < 1000; ++i) metrics.count_request("GET", t % 2 == 0 ? "/a" : "/b", 200, milliseconds(1));
      });
    }
    for (int i = 0; i < 20; ++i) (void)metrics.text();
  }
  EXPECT_THAT(metrics.text(),
              HasSubstr("argosy_http_requests_total{method=\"GET\",route=\"/a\",status=\"200\"} 2000\n"));
}

// S36: not without the token, where there is one.
TEST(Metrics, AreAnsweredToWhoMayRead) {
  const Metrics metrics({.http = counts});
  const auto ask = [&](const std::string& method, const std::string& path, const std::string& authorization,
                       const std::string& token) {
    net::HttpRequest request{.method = method, .path = path, .query = ""};
    if (!authorization.empty()) request.headers.add("Authorization", authorization);
    return answer_metrics(metrics, request, core::Secret(token));
  };
  const auto open = ask("GET", "/metrics", "", "");
  EXPECT_EQ(open.status, 200);
  EXPECT_EQ(open.headers.find("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(open.headers.find("X-Content-Type-Options"), "nosniff");
  EXPECT_THAT(open.body, HasSubstr("argosy_http_connections 3\n"));
  EXPECT_EQ(ask("GET", "/metrics", "Bearer secret", "secret").status, 200);
  for (const char* wrong :
       {"", "secret", "Bearer ", "Bearer secre", "Bearer secret2", "bearer secret", "Basic secret"}) {
    const auto refused = ask("GET", "/metrics", wrong, "secret");
    EXPECT_EQ(refused.status, 401) << wrong;
    EXPECT_THAT(refused.body, Not(HasSubstr("secret"))) << wrong;
    EXPECT_THAT(refused.body, Not(HasSubstr("argosy_"))) << wrong;
  }
  EXPECT_EQ(ask("GET", "/", "", "").status, 404);
  EXPECT_EQ(ask("GET", "/other", "", "secret").status, 401);
  EXPECT_EQ(ask("POST", "/metrics", "", "").status, 405);
}

}  // namespace
}  // namespace argosy::server
