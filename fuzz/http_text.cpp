// Bytes as what a client writes into the line and the headers of a request: a path, a query, an address that a proxy
// tells, tags. What is refused is refused with a message; what is read has no surprises left, and is read again from
// what is written of it.
#include <string>

#include "harness.hpp"
#include "net/detail/http_message.hpp"
#include "net/http.hpp"
#include "server/etag.hpp"
#include "server/proxies.hpp"
#include "server/rate_limit.hpp"

namespace argosy::fuzz {
namespace {

void read_path(const std::string& text) {
  const auto parts = net::split_path(text);
  if (!parts) return require(parts.error().describe().empty() ? "a path is refused without a message" : "");
  std::string written;
  for (const std::string& part : *parts) {
    if (part.empty() || part == "." || part == ".." || part.contains('\0'))
      require("a part that names nothing: " + part);
    written += "/" + net::percent_encode(part);
  }
  const auto again = net::split_path(written.empty() ? "/" : written);
  if (!again || *again != *parts) require("read again it is another path: " + written);
}

void read_query(const std::string& text) {
  const auto pairs = net::parse_query(text);
  if (!pairs) return require(pairs.error().describe().empty() ? "a query is refused without a message" : "");
  std::string written;
  for (const auto& [name, value] : *pairs) {
    if (name.contains('\0') || value.contains('\0')) require("a NUL came through");
    written += net::percent_encode(name) + "=" + net::percent_encode(value) + "&";
  }
  const auto again = net::parse_query(written);
  if (!again || *again != *pairs) require("read again it is another query: " + written);
}

// A client that nobody vouches for is who is connected; one behind a proxy has an address, or is the proxy.
void read_forwarded(const std::string& text) {
  static const server::Proxies proxies = [] {
    const std::vector<std::string> texts{"198.51.100.0/24", "fd00::/8"};
    return *server::Proxies::parse(texts);
  }();
  net::HttpRequest request{.method = "GET", .path = "/", .query = "", .headers = {{"X-Forwarded-For", text}}};
  request.headers.add("X-Forwarded-Proto", text);
  request.peer = "192.0.2.1";
  proxies.apply(request);
  if (request.peer != "192.0.2.1" || request.is_secure) require("nobody vouched for it: " + request.peer);
  request.peer = "198.51.100.1";
  proxies.apply(request);
  const auto address = server::IpAddress::parse(request.peer);
  if (!address || address->to_string() != request.peer) return require("a client without an address: " + request.peer);
  const std::string key = server::address_key(request.peer);
  if (server::address_key(key) != key) require("the key of a key is another: " + key);
  const auto none = server::IpAddress::parse(text);
  if (none && server::IpAddress::parse(none->to_string()) != none) require("read again it is another address: " + text);
}

void read_tags(const std::string& text) {
  const net::HttpRequest request{
      .method = "GET", .path = "/", .query = "", .headers = {{"If-None-Match", text}, {"Accept-Encoding", text}}};
  net::HttpResponse response = net::text_response(200, "application/json", text + std::string(2000, ' '));
  net::detail::compress(request, response, 1000);
  response = net::text_response(200, "application/json", text);
  server::apply_etag(request, response);
  if ((response.status == 304) != response.body.empty() && !text.empty())
    require("a body beside 304, or none beside 200");
}

}  // namespace

void run(std::span<const std::uint8_t> bytes) {
  const std::string text(bytes.begin(), bytes.end());
  read_path(text);
  read_path("/" + text);
  read_query(text);
  read_forwarded(text);
  read_tags(text);
  const auto decoded = net::percent_decode(net::percent_encode(text));
  if (!text.contains('\0') && (!decoded || *decoded != text)) require("decoded it is another text");
}

}  // namespace argosy::fuzz
