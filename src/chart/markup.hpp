// Markup writes HTML and SVG whose tags are balanced and whose text is escaped by construction.
//
//   Markup markup;
//   markup.open("p", {{"class", "note"}}).text("a < b").close();
//   std::move(markup).take()                       // <p class="note">a &lt; b</p>
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::chart {

// Text safe inside elements and quoted attributes. Control characters and bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string escape(std::string_view text);
// A quoted CSS string (for `content:`), safe inside a <style> element.
[[nodiscard]] std::string css_string(std::string_view text);

struct Attribute {
  std::string_view name;
  std::string_view value;  // an attribute with an empty value is left out
};

class Markup {
 public:
  Markup& open(std::string_view tag, std::initializer_list<Attribute> attributes = {});
  Markup& close();  // the element opened last
  Markup& text(std::string_view text);
  // An element that holds only text.
  Markup& element(std::string_view tag, std::initializer_list<Attribute> attributes, std::string_view content);
  // An element without children: SVG shapes and HTML's void elements (<meta>, <br>), never a <div>.
  Markup& leaf(std::string_view tag, std::initializer_list<Attribute> attributes = {});
  // Text in sentences: dates like 2004-11-15 are kept on one line, which a browser would break at their hyphens.
  Markup& prose(std::string_view text);
  // Markup made by another Markup, already balanced and escaped.
  Markup& raw(std::string_view markup);

  // Every element must be closed.
  [[nodiscard]] std::string take() &&;

 private:
  void begin(std::string_view tag, std::initializer_list<Attribute> attributes);

  std::string out_;
  std::vector<std::string> open_;
};

}  // namespace argosy::chart
