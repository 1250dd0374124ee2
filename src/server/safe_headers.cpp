#include "server/safe_headers.hpp"

#include <string_view>

namespace argosy::server {

namespace {

void add(net::HttpResponse& response, std::string_view name, std::string_view value) {
  if (!response.headers.find(name)) response.headers.add(std::string(name), std::string(value));
}

}  // namespace

void add_safe_headers(net::HttpResponse& response, bool is_secure) {
  constexpr std::string_view kPage =
      "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
  constexpr std::string_view kData = "default-src 'none'; frame-ancestors 'none'";
  const bool is_page = response.headers.find("Content-Type").value_or("").starts_with("text/html");
  add(response, "Content-Security-Policy", is_page ? kPage : kData);
  add(response, "X-Content-Type-Options", "nosniff");
  add(response, "Referrer-Policy", "no-referrer");
  add(response, "Cache-Control", "no-store");
  if (is_secure) add(response, "Strict-Transport-Security", "max-age=31536000");
}

void protect_report(net::HttpResponse& response) {
  response.headers.set(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'");
}

}  // namespace argosy::server
