#include "server/documents.hpp"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "core/hash.hpp"
#include "core/record.hpp"

namespace argosy::server {

struct DocumentPath {
  std::string version;
  std::string file;
};

}  // namespace argosy::server

template <>
struct argosy::core::RecordOf<argosy::server::DocumentPath> {
  using Record = argosy::server::DocumentPath;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Record, version), ARGOSY_FIELD(Record, file)};
  static constexpr RecordType kType{"document_path", "", kFields};
};

namespace argosy::server {

using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

struct Asset {
  std::string_view name;
  std::string_view media;
};
constexpr Asset kAssets[] = {{"swagger-ui-bundle.js", "text/javascript; charset=utf-8"},
                             {"swagger-ui.css", "text/css; charset=utf-8"},
                             {"favicon-32x32.png", "image/png"}};

constexpr std::string_view kStart = "start.js";
constexpr std::string_view kStartScript = R"(window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: new URL("openapi.json", document.baseURI).href,
    dom_id: "#api",
    deepLinking: true,
    displayRequestDuration: true,
    validatorUrl: null,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
  });
});
)";

// Relative to the page, so that it stands wherever a proxy puts it.
constexpr std::string_view kPage = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Argosy API</title>
<link rel="stylesheet" href="docs/{0}/swagger-ui.css">
<link rel="icon" type="image/png" href="docs/{0}/favicon-32x32.png">
</head>
<body>
<noscript>This page needs its script. <a href="openapi.json">openapi.json</a> says the same.</noscript>
<div id="api"></div>
<script src="docs/{0}/swagger-ui-bundle.js"></script>
<script src="docs/{0}/start.js"></script>
</body>
</html>
)";

// The pictures of its style sheet stand in it.
constexpr std::string_view kPageMay =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";
constexpr std::string_view kForEver = "private, max-age=31536000, immutable";

struct Documents {
  std::map<std::string, net::HttpResponse, std::less<>> files;
  std::string version;  // of their bytes: a browser may keep what stands below it
  std::once_flag is_described;
  std::string openapi;
};

Result<std::shared_ptr<Documents>> read_all(const std::string& folder, core::Files& files) {
  auto documents = std::make_shared<Documents>();
  core::Hasher hasher;
  const auto keep = [&](std::string_view name, std::string_view media, std::string text) {
    hasher.update(text);
    documents->files.emplace(name, net::text_response(200, std::string(media), std::move(text)));
  };
  for (const Asset& asset : kAssets) {
    auto text = files.read(fmt::format("{}/{}", folder, asset.name));
    if (!text) return fail(std::move(text).error().with_hint("./dev setup brings the files of the API's page"));
    keep(asset.name, asset.media, *std::move(text));
  }
  keep(kStart, "text/javascript; charset=utf-8", std::string(kStartScript));
  constexpr std::size_t kVersionLength = 12;
  documents->version = hasher.finish().substr(0, kVersionLength);
  for (auto& [name, response] : documents->files) response.headers.add("Cache-Control", std::string(kForEver));
  return documents;
}

}  // namespace

std::string swagger_ui_folder() { return ARGOSY_SWAGGER_UI_DIR; }

Result<void> add_documents(Api& api, const DocumentSettings& settings, core::Files& files) {
  ARGOSY_TRY(const std::shared_ptr<Documents> documents, read_all(settings.folder, files));
  const Access access = settings.is_public ? Access::kPublic : Access::kViewer;
  using Raw = Result<net::HttpResponse>;
  api.add(endpoint<None, None, None, net::HttpResponse>(
      {.path = "/openapi.json", .name = "openapi", .access = access, .has_etag = true, .is_listed = false},
      [documents, &api](const auto&) -> Raw {
        std::call_once(documents->is_described, [&] { documents->openapi = api.openapi(); });
        return net::text_response(200, "application/json", documents->openapi);
      }));
  api.add(endpoint<None, None, None, net::HttpResponse>(
      {.path = "/docs", .name = "docs", .access = access, .is_listed = false}, [documents](const auto&) -> Raw {
        net::HttpResponse page =
            net::text_response(200, "text/html; charset=utf-8", fmt::format(kPage, documents->version));
        page.headers.add("Content-Security-Policy", std::string(kPageMay));
        return page;
      }));
  api.add(endpoint<DocumentPath, None, None, net::HttpResponse>(
      {.path = "/docs/{version}/{file}", .name = "docs_file", .access = access, .is_listed = false},
      [documents](const auto& call) -> Raw {
        const auto found = documents->files.find(call.path.file);
        if (call.path.version != documents->version || found == documents->files.end())
          return fail(ErrorCode::kNotFound, "there is no such file");
        return found->second;
      }));
  return {};
}

}  // namespace argosy::server
