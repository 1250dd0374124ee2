// The dashboard's files, as the build left them: read once, kept, and served beside the API.
//
//   const Dashboard dashboard(dashboard_folder(), files);
//   if (auto answer = dashboard.answer(request)) return *std::move(answer);
//   return api.answer(request);
//
// A request names no file: its path is looked up in a table of the names that were there at the start. Any other page
// that a browser asks for is one of the dashboard's own views, and gets its index.html.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/files.hpp"
#include "core/result.hpp"
#include "net/http.hpp"

namespace argosy::server {

class Dashboard {
 public:
  // Reads the folder. Where it cannot be read, or has no index.html, a page says how it is built.
  Dashboard(const std::string& folder, core::Files& files);

  // Why there is none; nothing: it is there.
  [[nodiscard]] const std::optional<core::Error>& trouble() const { return trouble_; }
  // Nothing: this is not the dashboard's to answer. From any thread.
  [[nodiscard]] std::optional<net::HttpResponse> answer(const net::HttpRequest& request) const;

 private:
  struct File {
    std::string media;
    std::string bytes;
    std::string gzip;      // the same, as "<name>.gz" has it; empty: there is none
    bool is_kept = false;  // its name has a hash of its bytes: a browser need not ask again
  };

  [[nodiscard]] core::Result<void> read(const std::string& folder, const std::string& below, int depth,
                                        core::Files& files);
  [[nodiscard]] static net::HttpResponse to_response(const File& file, const net::HttpRequest& request);

  std::map<std::string, File, std::less<>> files_;  // by path: "/assets/index-D3adB33f.js"
  std::size_t size_ = 0;                            // of all of them
  std::optional<core::Error> trouble_;
};

// Where ./dev build puts them.
[[nodiscard]] std::string dashboard_folder();

}  // namespace argosy::server
