// What each answer tells browsers, so that nothing in it is run, framed, guessed or kept.
//
//   add_safe_headers(response, request.is_secure);
#pragma once

#include "net/http.hpp"

namespace argosy::server {

// What is set already stays. Pages may load what comes from here, and no script stands in them; all else loads nothing.
// Nothing is kept by caches unless it says so itself. Over TLS browsers are told to come back by TLS alone.
void add_safe_headers(net::HttpResponse& response, bool is_secure);
// A stored report: no script, and nothing from elsewhere; its styles stand in it.
void protect_report(net::HttpResponse& response);

}  // namespace argosy::server
