// A whole HTML page in one file: no scripts, no requests to anywhere (its content security policy forbids both), light
// and dark as the reader's system is, printable. Holds the style sheet that charts and tables rely on.
//
//   render_page({.title = "Golden cross", .body = body})
#pragma once

#include <string>

namespace argosy::chart {

struct Page {
  std::string title;
  std::string body;   // markup made by Markup
  std::string style;  // further CSS of this kind of page, written by us
};

[[nodiscard]] std::string render_page(const Page& page);

}  // namespace argosy::chart
