#include "push/endpoints.hpp"

#include "core/text.hpp"
#include "push/messages.hpp"

namespace argosy::push {

struct TicketOut {
  std::string ticket;
  std::int64_t expires_in = 0;
};

}  // namespace argosy::push

template <>
struct argosy::core::RecordOf<argosy::push::TicketOut> {
  using Row = argosy::push::TicketOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, ticket, .text = "for the first message of a WebSocket, once"),
      ARGOSY_FIELD(Row, expires_in, .unit = "s", .text = "it must be shown in"),
  };
  static constexpr RecordType kType{"ticket", "Lets a WebSocket in", kFields};
};

namespace argosy::push {

using core::Result;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

void add_endpoints(server::Api& api, Tickets& tickets, const EndpointSettings& settings) {
  api.add(endpoint<None, None, None, TicketOut>(
      {.method = Method::kPost,
       .path = "/ws/ticket",
       .name = "make_ws_ticket",
       .tag = "auth",
       .summary = "A ticket for the WebSocket at /ws, good once and for 30 s",
       .access = Access::kViewer,
       .status = 201},
      [&tickets](const auto& call) -> Result<TicketOut> {
        ARGOSY_TRY(std::string ticket, tickets.make(*call.caller));
        call.reply.headers.add("Cache-Control", "no-store");
        return TicketOut{.ticket = std::move(ticket),
                         .expires_in = std::chrono::duration_cast<std::chrono::seconds>(kTicketTime).count()};
      }));
  api.add(endpoint<None, None, None, net::HttpResponse>(
      {.path = "/asyncapi.json",
       .name = "asyncapi",
       .access = settings.is_public ? Access::kPublic : Access::kViewer,
       .has_etag = true,
       .is_listed = false},
      [text = asyncapi(settings.path)](const auto&) -> Result<net::HttpResponse> {
        return net::text_response(200, "application/json", text);
      }));
}

bool is_foreign(const net::HttpRequest& request) {
  const auto origin = request.headers.find("Origin");
  if (!origin) return false;
  const std::size_t host = origin->find("://");
  if (host == std::string_view::npos) return true;
  return core::to_lower(origin->substr(host + 3)) != core::to_lower(request.headers.find("Host").value_or(""));
}

}  // namespace argosy::push
