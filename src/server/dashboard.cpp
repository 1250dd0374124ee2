#include "server/dashboard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/text.hpp"
#include "server/etag.hpp"
#include "server/policy_reports.hpp"
#include "server/safe_headers.hpp"

namespace argosy::server {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr std::string_view kIndex = "/index.html";
// The build puts what has a hash in its name here.
constexpr std::string_view kHashed = "/assets/";
constexpr std::string_view kPacked = ".gz";
// A folder that was named by mistake is not read into memory.
constexpr std::size_t kMostBytes = 64 * 1024 * 1024;
constexpr int kMostDepth = 4;

constexpr std::pair<std::string_view, std::string_view> kMedia[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
};

// Nothing: files of that kind are not served.
std::optional<std::string_view> media_of(std::string_view name) {
  const auto* found = std::ranges::find_if(kMedia, [&](const auto& each) { return name.ends_with(each.first); });
  if (found == std::end(kMedia)) return std::nullopt;
  return found->second;
}

// 'self' is the WebSocket of the same origin, too (CSP 3, 6.7.2.8).
constexpr std::string_view kPageMay =
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; report-uri {}";

constexpr std::string_view kNotBuilt = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Argosy: the dashboard is not built</title>
</head>
<body>
<h1>The dashboard is not built</h1>
<p>Argosy is running, and trades; its pages are not there. In the folder of the project</p>
<pre>./dev build</pre>
<p>makes them; then start <code>argosy serve</code> again. The setting <code>api.dashboard</code> of
<code>trading.yaml</code> names another folder.</p>
<p>The API answers: <a href="/api/v1/docs">what it can do</a>.</p>
</body>
</html>
)";

bool takes(const net::HttpRequest& request, std::string_view header, std::string_view wanted) {
  const std::string_view text = request.headers.find(header).value_or("");
  for (std::string_view each : core::split(text, ',')) {
    each = core::trim(each);
    if (!each.starts_with(wanted)) continue;
    each = core::trim(each.substr(wanted.size()));
    if (each.empty()) return true;
    if (!each.starts_with(';')) continue;  // another name that begins alike
    // Of its parameters the weight alone matters: 0 is no.
    for (std::string_view part : core::split(each, ';')) {
      part = core::trim(part);
      if (part.starts_with("q=") && core::parse_double(part.substr(2)).value_or(1) == 0) return false;
    }
    return true;
  }
  return false;
}

bool is_of_others(std::string_view path) { return path == "/api" || path.starts_with("/api/"); }

void set_page_headers(net::HttpResponse& response, const net::HttpRequest& request) {
  if (response.headers.find("Content-Type").value_or("").starts_with("text/html"))
    response.headers.set("Content-Security-Policy", fmt::format(kPageMay, kPolicyReportsPath));
  add_safe_headers(response, request.is_secure);
}

}  // namespace

std::string dashboard_folder() { return ARGOSY_WEB_DIR; }

Dashboard::Dashboard(const std::string& folder, core::Files& files) {
  if (auto done = read(folder, "", 0, files); !done) {
    trouble_ = std::move(done).error();
  } else if (!files_.contains(kIndex)) {
    trouble_ = Error(ErrorCode::kNotFound, fmt::format("{} has no index.html", folder));
  }
  if (!trouble_) return;
  files_.clear();
  trouble_ = std::move(*trouble_).with_hint("./dev build makes the dashboard; api.dashboard names another folder");
}

Result<void> Dashboard::read(const std::string& folder, const std::string& below, int depth, core::Files& files) {
  ARGOSY_TRY(const auto found, files.list(folder + below));
  for (const core::FileInfo& each : found) {
    const std::string path = fmt::format("{}/{}", below, each.name);
    if (each.is_folder) {
      if (depth == kMostDepth) return fail(ErrorCode::kLimit, fmt::format("{}{} is too deep", folder, path));
      ARGOSY_TRY_VOID(read(folder, path, depth + 1, files));
      continue;
    }
    const bool is_packed = path.ends_with(kPacked);
    const std::string name = is_packed ? path.substr(0, path.size() - kPacked.size()) : path;
    const auto media = media_of(name);
    if (!media) continue;
    size_ += each.size;
    if (size_ > kMostBytes) {
      return fail(ErrorCode::kLimit,
                  fmt::format("{} has more than {} MB: it is no dashboard", folder, kMostBytes / (1024 * 1024)));
    }
    ARGOSY_TRY(std::string bytes, files.read(folder + path));
    if (is_packed) {
      // Sorted by name, what was packed stands before it.
      if (const auto plain = files_.find(name); plain != files_.end()) plain->second.gzip = std::move(bytes);
    } else {
      files_[name] = {
          .media = std::string(*media), .bytes = std::move(bytes), .gzip = {}, .is_kept = name.starts_with(kHashed)};
    }
  }
  return {};
}

net::HttpResponse Dashboard::to_response(const File& file, const net::HttpRequest& request) {
  const bool is_packed = !file.gzip.empty() && takes(request, "Accept-Encoding", "gzip");
  net::HttpResponse response = net::text_response(200, file.media, is_packed ? file.gzip : file.bytes);
  if (!file.gzip.empty()) response.headers.add("Vary", "Accept-Encoding");
  if (is_packed) response.headers.add("Content-Encoding", "gzip");
  response.headers.add("Cache-Control", file.is_kept ? "public, max-age=31536000, immutable" : "no-cache");
  if (!file.is_kept) apply_etag(request, response);
  set_page_headers(response, request);
  return response;
}

std::optional<net::HttpResponse> Dashboard::answer(const net::HttpRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  if (is_of_others(request.path)) return std::nullopt;
  const auto found = files_.find(request.path == "/" ? kIndex : std::string_view(request.path));
  if (found != files_.end()) return to_response(found->second, request);
  // What is no page is missing: a script of an earlier build is not answered with a page.
  const bool is_page =
      request.path == "/" || (takes(request, "Accept", "text/html") && !request.path.starts_with(kHashed));
  if (!is_page) return std::nullopt;
  if (!trouble_) return to_response(files_.find(kIndex)->second, request);
  constexpr int kUnavailable = 503;
  net::HttpResponse response = net::text_response(kUnavailable, "text/html; charset=utf-8", std::string(kNotBuilt));
  set_page_headers(response, request);
  return response;
}

}  // namespace argosy::server
