#include "server/cors.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace argosy::server {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

bool is_origin(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!text.starts_with(scheme)) continue;
    const std::string_view host = text.substr(scheme.size());
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789.-:[]";
    return !host.empty() && host.find_first_not_of(kLetters) == std::string_view::npos;
  }
  return false;
}

}  // namespace

Result<Cors> Cors::parse(std::string below, std::vector<std::string> origins) {
  for (const std::string& origin : origins) {
    if (is_origin(origin)) continue;
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is no origin of a page", origin))
                    .with_hint("https://charts.example.com, in small letters, without a path"));
  }
  return Cors(std::move(below), std::move(origins));
}

std::optional<std::string> Cors::known_origin(const net::HttpRequest& request) const {
  if (!request.path.starts_with(below_)) return std::nullopt;
  const auto origin = request.headers.find("Origin");
  if (!origin || std::ranges::find(origins_, *origin) == origins_.end()) return std::nullopt;
  return std::string(*origin);
}

std::optional<net::HttpResponse> Cors::preflight(const net::HttpRequest& request) const {
  if (request.method != "OPTIONS" || !request.headers.find("Access-Control-Request-Method")) return std::nullopt;
  const auto origin = known_origin(request);
  if (!origin) return std::nullopt;
  net::HttpResponse response{.status = 204};
  response.headers.add("Access-Control-Allow-Origin", *origin);
  response.headers.add("Access-Control-Allow-Methods", "GET");
  response.headers.add("Access-Control-Allow-Headers", "Authorization");
  response.headers.add("Access-Control-Max-Age", "600");
  response.headers.add("Vary", "Origin");
  return response;
}

void Cors::allow(const net::HttpRequest& request, net::HttpResponse& response) const {
  const auto origin = known_origin(request);
  if (!origin) return;
  response.headers.set("Access-Control-Allow-Origin", *origin);
  response.headers.add("Vary", "Origin");
}

}  // namespace argosy::server
