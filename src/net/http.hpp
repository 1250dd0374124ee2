// HTTP messages as values: what a server is asked and what it answers. net/http_server.hpp carries them.
//
//   HttpResponse hello(const HttpRequest& request) {
//     return text_response(200, "text/plain; charset=utf-8", "hello " + request.peer);
//   }
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace argosy::net {

// Names and values in the order in which they came. Names are compared without regard to case.
class HttpHeaders {
 public:
  using Header = std::pair<std::string, std::string>;

  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<Header> headers) : headers_(headers) {}
  // The first of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  void add(std::string name, std::string value) { headers_.emplace_back(std::move(name), std::move(value)); }
  // In place of all of that name.
  void set(std::string_view name, std::string value);
  [[nodiscard]] auto begin() const { return headers_.begin(); }
  [[nodiscard]] auto end() const { return headers_.end(); }
  [[nodiscard]] std::size_t size() const { return headers_.size(); }

 private:
  std::vector<Header> headers_;
};

struct HttpRequest {
  std::string method;  // "GET"
  std::string path;    // as it was sent, up to '?'; begins with '/'
  std::string query;   // as it was sent, behind '?'
  HttpHeaders headers = {};
  std::string body = {};
  std::string peer = {};   // the address of who is connected, without its port
  bool is_secure = false;  // it came over TLS
};

struct HttpResponse {
  int status = 200;
  // The server adds Content-Length, Date, Connection, Content-Encoding and Vary.
  HttpHeaders headers = {};
  std::string body = {};
};

[[nodiscard]] HttpResponse text_response(int status, std::string content_type, std::string body);

// "a%20b" as "a b". kInvalidArgument: a '%' without two hexadecimal digits, or a NUL.
[[nodiscard]] core::Result<std::string> percent_decode(std::string_view text);
// All but letters, digits and "-._~" as %XX.
[[nodiscard]] std::string percent_encode(std::string_view text);
// The parts between slashes, decoded: "/a/b%2Fc" is {"a", "b/c"}. kInvalidArgument as above, and for an empty part, "."
// and "..", of which nobody knows what they name.
[[nodiscard]] core::Result<std::vector<std::string>> split_path(std::string_view path);
// Names and values of "a=1&b=x+y", decoded, '+' as a blank.
[[nodiscard]] core::Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

}  // namespace argosy::net
