#include "server/browser.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>

#include "auth/random.hpp"

namespace argosy::server {

using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr std::string_view kBearer = "Bearer ";

// Browsers take a cookie called __Host-... only over TLS, for this host and all of it, and one called __Secure-... only
// over TLS: nobody on the way, and no host beside this one, can plant them.
struct Names {
  std::string_view access;
  std::string_view refresh;
  std::string_view csrf;
};
constexpr Names kPlain{"argosy_session", "argosy_refresh", "argosy_csrf"};
constexpr Names kSecure{"__Host-argosy_session", "__Secure-argosy_refresh", "__Host-argosy_csrf"};

const Names& names_of(const net::HttpRequest& request) { return request.is_secure ? kSecure : kPlain; }

// RFC 6265, 5.4: "a=1; b=2". One that is there twice is none: which of the two is ours, nobody knows.
std::optional<std::string_view> find_cookie(const net::HttpRequest& request, std::string_view name) {
  std::optional<std::string_view> found;
  for (const auto& [header, value] : request.headers) {
    if (header.size() != 6 || !net::HttpHeaders{{header, ""}}.find("Cookie")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      std::string_view part = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      while (part.starts_with(' ')) part.remove_prefix(1);
      if (part.size() <= name.size() || !part.starts_with(name) || part[name.size()] != '=') continue;
      if (found) return std::nullopt;
      found = part.substr(name.size() + 1);
    }
  }
  return found;
}

// "/api/v1/auth/login" is in "/api/v1/auth".
std::string_view folder_of(const net::HttpRequest& request) {
  return std::string_view(request.path).substr(0, request.path.rfind('/'));
}

std::string cookie(const net::HttpRequest& request, std::string_view name, std::string_view value,
                   std::string_view path, core::Duration time, bool is_readable) {
  return fmt::format("{}={}; Path={}; Max-Age={}; SameSite=Strict{}{}", name, value, path,
                     std::chrono::duration_cast<std::chrono::seconds>(time).count(), is_readable ? "" : "; HttpOnly",
                     request.is_secure ? "; Secure" : "");
}

void set(const net::HttpRequest& request, std::string_view access, std::string_view refresh, std::string_view csrf,
         core::Duration access_time, core::Duration session_time, net::HttpHeaders& headers) {
  const Names& names = names_of(request);
  headers.add("Set-Cookie", cookie(request, names.access, access, "/", access_time, false));
  headers.add("Set-Cookie", cookie(request, names.refresh, refresh, folder_of(request), session_time, false));
  headers.add("Set-Cookie", cookie(request, names.csrf, csrf, "/", session_time, true));
}

}  // namespace

Result<std::optional<auth::Identity>> identify(auth::Access& access, const net::HttpRequest& request) {
  if (const auto header = request.headers.find("Authorization")) {
    if (!header->starts_with(kBearer)) return fail(ErrorCode::kUnauthorized, "only Bearer tokens are known here");
    ARGOSY_TRY(auth::Identity caller, access.identify(header->substr(kBearer.size())));
    return std::optional(std::move(caller));
  }
  const auto held = find_cookie(request, names_of(request).access);
  if (!held) return std::optional<auth::Identity>();
  ARGOSY_TRY(auth::Identity caller, access.identify(*held));
  // A key is no login: its scope is for programs.
  if (caller.session_id.empty()) return fail(ErrorCode::kUnauthorized, "a cookie holds no key");
  caller.csrf_token = access.csrf_token(caller.session_id);
  return std::optional(std::move(caller));
}

bool has_csrf_token(const auth::Identity& caller, const net::HttpRequest& request) {
  if (caller.csrf_token.empty() || request.method == "GET" || request.method == "HEAD") return true;
  return auth::is_same(request.headers.find(kCsrfHeader).value_or(""), caller.csrf_token);
}

std::optional<std::string_view> refresh_cookie(const net::HttpRequest& request) {
  return find_cookie(request, names_of(request).refresh);
}

void set_session_cookies(const net::HttpRequest& request, const auth::Login& login, core::Duration session_time,
                         net::HttpHeaders& headers) {
  set(request, login.access_token, login.refresh_token, login.csrf_token, std::chrono::seconds(login.expires_in),
      session_time, headers);
}

void clear_session_cookies(const net::HttpRequest& request, net::HttpHeaders& headers) {
  set(request, "", "", "", {}, {}, headers);
}

}  // namespace argosy::server
