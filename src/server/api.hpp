// All endpoints under one root: finds the one that is asked for, sees who calls, and answers; and says what there is,
// as an OpenAPI 3.1 document.
//
//   Api api({.root = "/api/v1", .authenticate = ..., .make_id = ...});
//   api.add(endpoint<...>(...));
//   HttpServer::start(settings, {.answer = [&](const net::HttpRequest& request) { return api.answer(request); }},
//   clock);
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "net/http.hpp"
#include "server/endpoint.hpp"
#include "server/metrics.hpp"
#include "server/proxies.hpp"
#include "server/rate_limit.hpp"

namespace argosy::server {

struct ApiSettings {
  std::string root = "/api/v1";
  std::string title = "Argosy";
  std::string version = "1";
  // Who calls; nothing: nobody says so. An error: who it says it is cannot be believed.
  std::function<core::Result<std::optional<Caller>>(const net::HttpRequest&)> authenticate;
  std::function<std::string()> make_id;  // of a request
  // Does what may come twice once: server/idempotency.hpp. Null: each time that it comes.
  std::function<net::HttpResponse(const Incoming& incoming, const std::function<net::HttpResponse()>& run)> once;
  // Outlives it. Null: nothing is limited or measured, and no request gets a line in the log.
  const core::Clock* clock = nullptr;
  Metrics* metrics = nullptr;  // outlives it; null: nothing is counted
  std::optional<RateLimits> limits = {};
  Proxies proxies = {};  // who is believed in whom it passes on
};

class Api {
 public:
  explicit Api(ApiSettings settings);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // Stops the program where it contradicts another or itself: a name or a route twice, a path whose parameters are not
  // its record's fields.
  void add(Endpoint endpoint);
  // From any thread, once all are added. What throws is answered 500 and stands in the log. Each answer has
  // X-Request-Id and the headers of safe_headers.hpp.
  [[nodiscard]] net::HttpResponse answer(const net::HttpRequest& request) const;
  [[nodiscard]] const std::vector<std::unique_ptr<Endpoint>>& endpoints() const { return endpoints_; }
  // The document, without blanks.
  [[nodiscard]] std::string openapi() const;

 private:
  struct Node;
  // What is known of a request while it is answered.
  struct Exchange {
    const net::HttpRequest& request;
    std::string id;
    core::Result<std::optional<Caller>> caller;
    const Endpoint* endpoint = nullptr;  // null: there is none
  };

  [[nodiscard]] net::HttpResponse answer_client(const net::HttpRequest& request) const;
  [[nodiscard]] net::HttpResponse answer(Exchange& exchange) const;
  [[nodiscard]] std::optional<net::HttpResponse> refuse_caller(const Exchange& exchange) const;
  [[nodiscard]] std::optional<net::HttpResponse> refuse_too_many(const Exchange& exchange) const;
  [[nodiscard]] net::HttpResponse call(const Exchange& exchange, std::vector<std::string> values) const;
  void note(const Exchange& exchange, int status, core::Duration begun) const;

  ApiSettings settings_;
  std::unique_ptr<RateLimiter> known_;  // null: not limited
  std::unique_ptr<RateLimiter> unknown_;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
  std::unique_ptr<Node> root_;
};

}  // namespace argosy::server
