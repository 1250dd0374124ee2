// Answers that a client has already are not sent again: RFC 9110, 8.8.3 and 13.1.2.
#pragma once

#include "net/http.hpp"

namespace argosy::server {

// Of an answer to GET or HEAD with status 200: its ETag is the SHA-256 of its body, and it becomes 304 without a body
// where the client names that one in If-None-Match. Caches of the client alone may keep it, and must ask each time.
void apply_etag(const net::HttpRequest& request, net::HttpResponse& response);

}  // namespace argosy::server
