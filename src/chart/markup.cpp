#include "chart/markup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "core/check.hpp"

namespace argosy::chart {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

unsigned byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

bool is_continuation(unsigned byte) { return (byte & 0xC0U) == 0x80U; }

// The length of the well-formed UTF-8 sequence of two bytes or more that starts at `at`; 0 when there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const unsigned first = byte_at(text, at);
  const unsigned second = byte_at(text, at + 1);
  if (!is_continuation(second)) return 0;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (!is_continuation(byte_at(text, at + 2))) return 0;
  if (first == 0xE0) return second >= 0xA0 ? 3 : 0;  // no overlong forms
  if (first == 0xED) return second <= 0x9F ? 3 : 0;  // no surrogates
  if (first >= 0xE1 && first <= 0xEF) return 3;
  if (!is_continuation(byte_at(text, at + 3))) return 0;
  if (first == 0xF0) return second >= 0x90 ? 4 : 0;
  if (first == 0xF4) return second <= 0x8F ? 4 : 0;  // nothing above U+10FFFF
  return first >= 0xF1 && first <= 0xF3 ? 4 : 0;
}

void append_escaped(std::string& out, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const unsigned byte = byte_at(text, at);
    if (byte >= 0x80) {
      const std::size_t length = sequence_length(text, at);
      out += length == 0 ? kReplacement : text.substr(at, length);
      at += length == 0 ? 1 : length;
      continue;
    }
    switch (text[at]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F) {
          out += kReplacement;
        } else {
          out += text[at];
        }
    }
    ++at;
  }
}

bool is_plain(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' '; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool holds_date(std::string_view word) {
  for (std::size_t at = 1; at + 1 < word.size(); ++at) {
    if (word[at] == '-' && is_digit(word[at - 1]) && is_digit(word[at + 1])) return true;
  }
  return false;
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_escaped(out, text);
  return out;
}

std::string css_string(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const unsigned byte = byte_at(text, at);
    if (byte >= 0x80) {
      const std::size_t length = sequence_length(text, at);
      out += length == 0 ? kReplacement : text.substr(at, length);
      at += length == 0 ? 1 : length;
      continue;
    }
    if (is_plain(text[at])) {
      out += text[at];
    } else {
      fmt::format_to(std::back_inserter(out), "\\{:x} ", byte == 0 ? 0xFFFDU : byte);
    }
    ++at;
  }
  return out + '"';
}

void Markup::begin(std::string_view tag, std::initializer_list<Attribute> attributes) {
  out_ += '<';
  out_ += tag;
  for (const Attribute& attribute : attributes) {
    if (attribute.value.empty()) continue;
    out_ += ' ';
    out_ += attribute.name;
    out_ += "=\"";
    append_escaped(out_, attribute.value);
    out_ += '"';
  }
}

Markup& Markup::open(std::string_view tag, std::initializer_list<Attribute> attributes) {
  begin(tag, attributes);
  out_ += '>';
  open_.emplace_back(tag);
  return *this;
}

Markup& Markup::close() {
  ARGOSY_CHECK(!open_.empty(), "no element is open");
  out_ += "</";
  out_ += open_.back();
  out_ += '>';
  open_.pop_back();
  return *this;
}

Markup& Markup::text(std::string_view text) {
  append_escaped(out_, text);
  return *this;
}

Markup& Markup::prose(std::string_view text) {
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    if (holds_date(word)) {
      element("span", {{"class", "date"}}, word);
    } else {
      this->text(word);
    }
    text.remove_prefix(word.size());
    const std::size_t spaces = std::min(text.find_first_not_of(' '), text.size());
    this->text(text.substr(0, spaces));
    text.remove_prefix(spaces);
  }
  return *this;
}

Markup& Markup::element(std::string_view tag, std::initializer_list<Attribute> attributes, std::string_view content) {
  return open(tag, attributes).text(content).close();
}

Markup& Markup::leaf(std::string_view tag, std::initializer_list<Attribute> attributes) {
  begin(tag, attributes);
  out_ += "/>";
  return *this;
}

Markup& Markup::raw(std::string_view markup) {
  out_ += markup;
  return *this;
}

std::string Markup::take() && {
  ARGOSY_CHECK(open_.empty(), "<{}> is still open", open_.empty() ? "" : open_.back());
  return std::move(out_);
}

}  // namespace argosy::chart
