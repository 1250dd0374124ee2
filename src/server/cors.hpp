// Pages of other origins that may read a part of the API (https://fetch.spec.whatwg.org/#http-cors-protocol). Nothing
// else may be read so, and no cookie counts.
//
//   const Cors cors("/api/v1/udf/", {"https://charts.example.com"});
//   if (auto answer = cors.preflight(request)) return *std::move(answer);
//   cors.allow(request, response);
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "net/http.hpp"

namespace argosy::server {

class Cors {
 public:
  // kInvalidArgument for what is no origin: "https://name" or "http://name:port", without a path.
  [[nodiscard]] static core::Result<Cors> parse(std::string below, std::vector<std::string> origins);

  // The answer to a browser that asks whether it may ask; nothing: it is no such question, or not about this part.
  [[nodiscard]] std::optional<net::HttpResponse> preflight(const net::HttpRequest& request) const;
  // Lets a page of a known origin read the answer.
  void allow(const net::HttpRequest& request, net::HttpResponse& response) const;

 private:
  Cors(std::string below, std::vector<std::string> origins) : below_(std::move(below)), origins_(std::move(origins)) {}
  [[nodiscard]] std::optional<std::string> known_origin(const net::HttpRequest& request) const;

  std::string below_;
  std::vector<std::string> origins_;
};

}  // namespace argosy::server
