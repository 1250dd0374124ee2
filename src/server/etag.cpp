#include "server/etag.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/hash.hpp"
#include "core/text.hpp"

namespace argosy::server {

namespace {

// Compared weakly: what was compressed on its way says "W/".
bool names(std::string_view if_none_match, std::string_view tag) {
  return std::ranges::any_of(core::split(if_none_match, ','), [&](std::string_view each) {
    each = core::trim(each);
    if (each.starts_with("W/")) each.remove_prefix(2);
    return each == "*" || each == tag;
  });
}

}  // namespace

void apply_etag(const net::HttpRequest& request, net::HttpResponse& response) {
  constexpr int kOk = 200;
  constexpr int kNotModified = 304;
  if (response.status != kOk || (request.method != "GET" && request.method != "HEAD")) return;
  const std::string tag = fmt::format("\"{}\"", core::sha256_hex(response.body));
  response.headers.set("ETag", tag);
  if (!response.headers.find("Cache-Control")) response.headers.add("Cache-Control", "private, no-cache");
  if (!names(request.headers.find("If-None-Match").value_or(""), tag)) return;
  response.status = kNotModified;
  response.body.clear();
}

}  // namespace argosy::server
