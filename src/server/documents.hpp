// What the API says of itself: /openapi.json, and a page to read and try it at /docs, made of files of our own.
//
//   ARGOSY_TRY_VOID(add_documents(api, {.folder = swagger_ui_folder(), .is_public = config.public_docs}));
#pragma once

#include <string>

#include "core/files.hpp"
#include "core/result.hpp"
#include "server/api.hpp"

namespace argosy::server {

struct DocumentSettings {
  std::string folder;     // with the files of Swagger UI
  bool is_public = true;  // otherwise for those who have logged in
};

// Adds the endpoints. The files are read now and kept, by a table of their names: no request names a file. Errors: one
// of them is missing. The API outlives its endpoints; what is added to it later stands in the document as well, until
// the document is first asked for.
[[nodiscard]] core::Result<void> add_documents(Api& api, const DocumentSettings& settings, core::Files& files);
// Where ./dev setup has put them.
[[nodiscard]] std::string swagger_ui_folder();

}  // namespace argosy::server
