// What tests ask of any markup: are its tags balanced, its attributes quoted, its text escaped?
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::chart {

// The first fault of the markup, or nothing. Knows HTML's void elements, comments' absence, <!DOCTYPE> and that <style>
// holds raw text.
inline std::string markup_fault(std::string_view text) {
  const std::set<std::string, std::less<>> void_elements = {"meta", "br", "hr", "img", "link"};
  std::vector<std::string> open;
  std::size_t at = 0;
  const auto fault = [&](std::string_view what) {
    return std::string(what) + " at " + std::to_string(at) + ": " + std::string(text.substr(at, 60));
  };
  while (at < text.size()) {
    if (text[at] == '&') {
      const std::size_t end = text.find(';', at);
      if (end == std::string_view::npos || end - at > 8) return fault("bare ampersand");
    }
    if (text[at] == '>' || text[at] == '\0') return fault("bare character");
    if (text[at] != '<') {
      ++at;
      continue;
    }
    if (text.substr(at, 9) == "<!DOCTYPE") {
      at = text.find('>', at) + 1;
      continue;
    }
    const bool closing = text.substr(at, 2) == "</";
    std::size_t end = at + (closing ? 2 : 1);
    std::string name;
    while (end < text.size() && text[end] != ' ' && text[end] != '>' && text[end] != '/') name += text[end++];
    if (name.empty()) return fault("nameless tag");
    bool quoted = false;
    while (end < text.size() && (quoted || text[end] != '>')) {
      if (text[end] == '"') quoted = !quoted;
      if (text[end] == '<') return fault("< within a tag");
      ++end;
    }
    if (end >= text.size()) return fault("unfinished tag");
    if (closing) {
      if (open.empty() || open.back() != name) return fault("unexpected end tag");
      open.pop_back();
    } else if (text[end - 1] != '/' && !void_elements.contains(name)) {
      open.push_back(name);
    }
    at = end + 1;
    if (!closing && name == "style" && open.back() == "style") {
      at = text.find("</style>", at);
      if (at == std::string_view::npos) return "unfinished style";
    }
  }
  return open.empty() ? "" : "still open: " + open.back();
}

inline std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

}  // namespace argosy::chart
