// What the server counts and measures, for Prometheus (text format 0.0.4). What the process knows besides is asked for
// when somebody reads.
//
//   Metrics metrics({.http = [&] { return server->counts(); }, .process = [&] { return samples_of(trader); }});
//   Api api({..., .metrics = &metrics});
//   metrics.text();
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/secret.hpp"
#include "core/time.hpp"
#include "net/http_server.hpp"

namespace argosy::server {

// What the process that trades says of itself. What is not known is left out.
struct ProcessSamples {
  std::map<std::string, double> orders = {};   // that have not ended, by state
  std::optional<double> fills = {};            // so far
  std::map<std::string, double> denials = {};  // so far, by reason
  std::optional<bool> is_breaker_open = {};
  std::optional<double> feed_age_s = {};              // of the newest price
  std::map<std::string, double> queues = {};          // entries that wait, by queue
  std::map<std::string, double> ledger_write_s = {};  // how long a unit of work took, by quantile: "0.5", "0.99"
  std::map<std::string, double> equity = {};          // by account, in its currency
};

// From where it is known; what is null is left out. Called on the thread that reads.
struct MetricSources {
  std::function<net::HttpServerCounts()> http = {};
  std::function<ProcessSamples()> process = {};
};

class Metrics {
 public:
  explicit Metrics(MetricSources sources = {});
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // From any thread. The route is a template ("/toys/{toy_id}"), never a path: each value is kept for ever.
  void count_request(std::string_view method, std::string_view route, int status, core::Duration took);
  [[nodiscard]] std::string text() const;

 private:
  struct State;

  MetricSources sources_;
  std::unique_ptr<State> state_;
};

// GET /metrics, for a port of its own. With a token only for who sends it (Authorization: Bearer); without one the port
// must be one that only this machine reaches.
[[nodiscard]] net::HttpResponse answer_metrics(const Metrics& metrics, const net::HttpRequest& request,
                                               const core::Secret& token = {});

}  // namespace argosy::server
