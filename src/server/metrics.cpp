#include "server/metrics.hpp"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <utility>
#include <vector>

#include "core/hash.hpp"
#include "server/problem.hpp"
#include "server/safe_headers.hpp"

namespace argosy::server {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

// Seconds: from what memory answers to what a slow disk does.
const prometheus::Histogram::BucketBoundaries kBuckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                       0.05,   0.1,   0.25,   0.5,   1.0,  5.0};

class Families {
 public:
  // A family with one value a label; without any it is left out.
  void add(MetricType type, std::string name, std::string help, std::string_view label,
           const std::map<std::string, double>& values) {
    if (values.empty()) return;
    MetricFamily family{.name = std::move(name), .help = std::move(help), .type = type, .metric = {}};
    for (const auto& [text, value] : values) {
      ClientMetric metric;
      if (!label.empty()) metric.label.push_back({.name = std::string(label), .value = text});
      (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
      family.metric.push_back(std::move(metric));
    }
    families_.push_back(std::move(family));
  }
  void gauge(std::string name, std::string help, std::optional<double> value) {
    if (value) add(MetricType::Gauge, std::move(name), std::move(help), "", {{"", *value}});
  }
  void counter(std::string name, std::string help, std::optional<double> value) {
    if (value) add(MetricType::Counter, std::move(name), std::move(help), "", {{"", *value}});
  }
  [[nodiscard]] std::vector<MetricFamily> take() && { return std::move(families_); }

 private:
  std::vector<MetricFamily> families_;
};

void add(Families& families, const net::HttpServerCounts& counts) {
  const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  families.counter("argosy_http_connections_total", "Connections so far.", number(counts.connections));
  families.gauge("argosy_http_connections", "Connections that are open.", number(counts.open));
  families.gauge("argosy_http_waiting", "Requests that wait for a worker or are with one.", number(counts.waiting));
  families.add(MetricType::Counter, "argosy_http_refused_total",
               "Requests refused before they had a route: no HTTP, too large or too slow; too many waiting (503).",
               "reason", {{"unreadable", number(counts.refused)}, {"busy", number(counts.busy)}});
  families.gauge("argosy_web_sockets", "WebSocket clients.", number(counts.web_sockets));
}

void add(Families& families, const ProcessSamples& samples) {
  families.add(MetricType::Gauge, "argosy_orders", "Orders that have not ended, by state.", "state", samples.orders);
  families.counter("argosy_fills_total", "Fills so far.", samples.fills);
  families.add(MetricType::Counter, "argosy_denials_total", "Orders that the risk gate denied, by reason.", "reason",
               samples.denials);
  families.gauge("argosy_breaker_open", "1: the circuit breaker keeps positions from growing.",
                 samples.is_breaker_open ? std::optional<double>(*samples.is_breaker_open ? 1.0 : 0.0) : std::nullopt);
  families.gauge("argosy_feed_age_seconds", "Since the newest price came.", samples.feed_age_s);
  families.add(MetricType::Gauge, "argosy_queue_depth", "Entries that wait, by queue.", "queue", samples.queues);
  families.add(MetricType::Gauge, "argosy_ledger_write_seconds", "How long a unit of work of the ledger took.",
               "quantile", samples.ledger_write_s);
  families.add(MetricType::Gauge, "argosy_equity", "Equity by account, in its currency.", "account", samples.equity);
}

}  // namespace

struct Metrics::State {
  // Its lock is held while it is read: what changes it waits so long.
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter()
          .Name("argosy_http_requests_total")
          .Help("Requests by route and status; 429 is who asked too often, 503 what could not be done now.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& seconds =
      prometheus::BuildHistogram()
          .Name("argosy_http_request_seconds")
          .Help("From a request to its answer, without its way there and back.")
          .Register(registry);
};

Metrics::Metrics(MetricSources sources) : sources_(std::move(sources)), state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::count_request(std::string_view method, std::string_view route, int status, core::Duration took) {
  const prometheus::Labels labels{{"method", std::string(method)}, {"route", std::string(route)}};
  state_->seconds.Add(labels, kBuckets).Observe(std::chrono::duration<double>(took).count());
  prometheus::Labels with_status = labels;
  with_status.emplace("status", std::to_string(status));
  state_->requests.Add(with_status).Increment();
}

std::string Metrics::text() const {
  Families families;
  if (sources_.http) add(families, sources_.http());
  if (sources_.process) add(families, sources_.process());
  std::vector<MetricFamily> all = state_->registry.Collect();
  for (MetricFamily& each : std::move(families).take()) all.push_back(std::move(each));
  return prometheus::TextSerializer().Serialize(all);
}

net::HttpResponse answer_metrics(const Metrics& metrics, const net::HttpRequest& request, const core::Secret& token) {
  constexpr int kOk = 200;
  net::HttpResponse response;
  // Hashes are compared, so that the time says nothing of how much of a guess is right.
  const std::string sent(request.headers.find("Authorization").value_or(""));
  const auto wanted = fmt::format("Bearer {}", token.expose());
  if (!token.empty() && core::sha256_hex(sent) != core::sha256_hex(wanted)) {
    response = to_response({.status = 401,
                            .code = "unauthorized",
                            .detail = "the token of the metrics is needed",
                            .headers = {{"WWW-Authenticate", "Bearer"}}},
                           "");
  } else if (request.path != "/metrics") {
    response = to_response({.status = 404, .code = "not_found", .detail = "there is nothing but /metrics"}, "");
  } else if (request.method != "GET" && request.method != "HEAD") {
    response = to_response(
        {.status = 405, .code = "method_not_allowed", .detail = "metrics are read", .headers = {{"Allow", "GET"}}}, "");
  } else {
    response = net::text_response(kOk, "text/plain; version=0.0.4; charset=utf-8", metrics.text());
  }
  add_safe_headers(response, request.is_secure);
  return response;
}

}  // namespace argosy::server
