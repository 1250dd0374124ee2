// One text being read and the errors that point into it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace argosy::formula {

// Bytes [begin, end) of the text.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Source {
  std::string file;  // for errors
  std::string name;  // of the formula, for errors; may be empty
  std::string_view text;
};

// An error at a place: file, line, column, and as its hint the line with a caret under the place, then `advice`.
[[nodiscard]] core::Error error_at(const Source& source, Span span, std::string message, std::string_view advice = {});

}  // namespace argosy::formula
