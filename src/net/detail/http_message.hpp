// What a server does to messages besides carrying them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/time.hpp"
#include "net/http.hpp"

namespace argosy::net::detail {

// Whether a line of a header would end in it, and another begin.
[[nodiscard]] bool has_control(std::string_view text);
// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
[[nodiscard]] std::string http_date(core::Timestamp time);
// Bodies of text from so many bytes on, for clients that take gzip.
void compress(const HttpRequest& request, HttpResponse& response, std::size_t from);

}  // namespace argosy::net::detail
