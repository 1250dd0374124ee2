// The program itself.
#include "rest/resources.hpp"

namespace argosy::rest {

using core::Result;
using server::Access;
using server::endpoint;
using server::None;

struct InfoOut {
  std::string version;
  core::Timestamp time;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::InfoOut> {
  using Row = argosy::rest::InfoOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, version, .text = "of the program"),
      ARGOSY_FIELD(Row, time, .text = "of the server's clock"),
  };
  static constexpr RecordType kType{"system_info", "The program", kFields};
};

namespace argosy::rest {

void add_system(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, None, None, InfoOut>({.path = "/system/info",
                                               .name = "get_info",
                                               .tag = "system",
                                               .summary = "The program",
                                               .access = Access::kViewer},
                                              [&](const auto&) -> Result<InfoOut> {
                                                return InfoOut{.version = resources.version,
                                                               .time = resources.clock.now()};
                                              }));
  api.add(endpoint<None, None, None, net::HttpResponse>({.path = "/system/health",
                                                         .name = "get_health",
                                                         .tag = "system",
                                                         .summary = "Whether all is well, and why not",
                                                         .access = Access::kViewer},
                                                        [&](const auto&) -> Result<net::HttpResponse> {
                                                          return net::text_response(200, "application/json",
                                                                                    resources.health());
                                                        }));
  add_list<ledger::AuditRow>(api, resources,
                             {.path = "/system/audit",
                              .name = "list_audit",
                              .tag = "system",
                              .summary = "Who changed what",
                              .access = Access::kAdmin});
}

}  // namespace argosy::rest
