// Logins of browsers: tokens in cookies that no script can read (HttpOnly) and that no other site's page makes a
// browser send (SameSite=Strict); and a token against forged requests besides, which a request that changes something
// brings in the header X-CSRF-Token. It is bound to its session by a signature, so that one that was planted, or is of
// another session, is worth nothing.
//
//   ARGOSY_TRY(const std::optional<Caller> caller, identify(access, request));
//   set_session_cookies(request, login, session_time, reply.headers);
#pragma once

#include <optional>
#include <string_view>

#include "auth/access.hpp"
#include "core/result.hpp"
#include "net/http.hpp"

namespace argosy::server {

inline constexpr std::string_view kCsrfHeader = "X-CSRF-Token";

// By the header Authorization, or else by the cookie; nothing: neither is there. kUnauthorized.
[[nodiscard]] core::Result<std::optional<auth::Identity>> identify(auth::Access& access,
                                                                   const net::HttpRequest& request);
// Whether the request brings what its caller must.
[[nodiscard]] bool has_csrf_token(const auth::Identity& caller, const net::HttpRequest& request);

[[nodiscard]] std::optional<std::string_view> refresh_cookie(const net::HttpRequest& request);
// `request` is one for tokens: the refresh token goes to its folder alone. Over TLS the cookies are Secure, and named
// so that browsers take them from nobody else.
void set_session_cookies(const net::HttpRequest& request, const auth::Login& login, core::Duration session_time,
                         net::HttpHeaders& headers);
void clear_session_cookies(const net::HttpRequest& request, net::HttpHeaders& headers);

}  // namespace argosy::server
