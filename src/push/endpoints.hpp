// What the API offers over HTTP beside the WebSocket: tickets, and the document of what is said there.
#pragma once

#include <string>

#include "core/clock.hpp"
#include "push/tickets.hpp"
#include "server/api.hpp"

namespace argosy::push {

struct EndpointSettings {
  bool is_public = true;  // the document; otherwise for those who have logged in
  std::string path = "/api/v1/ws";
};

// The tickets outlive the Api.
void add_endpoints(server::Api& api, Tickets& tickets, const EndpointSettings& settings);

// The AsyncAPI 3.0 document, without blanks.
[[nodiscard]] std::string asyncapi(const std::string& path);

// Whether a page that another site served may not speak here. Programs say no origin.
[[nodiscard]] bool is_foreign(const net::HttpRequest& request);

}  // namespace argosy::push
