// What an endpoint that writes its answer itself answers with, for the OpenAPI document.
//
//   constexpr RawSchema kTime{.name = "server_time", .json = R"({"type":"object", ...})"};
//   api.add(endpoint<None, None, None, net::HttpResponse>({..., .raw_schema = &kTime}, handler));
#pragma once

#include <string_view>

namespace argosy::server {

struct RawSchema {
  std::string_view name;  // unique among these and the records that the document has
  std::string_view json;  // JSON Schema 2020-12; others are "#/components/schemas/NAME"
};

}  // namespace argosy::server
