#include "formula/detail/source.hpp"

#include <algorithm>

namespace argosy::formula {
namespace {

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

}  // namespace

core::Error error_at(const Source& source, Span span, std::string message, std::string_view advice) {
  const std::string_view text = source.text;
  const std::size_t at = std::min(span.begin, text.size());
  const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const std::size_t line_begin = before == std::string_view::npos ? 0 : before + 1;
  const std::size_t line_end = std::min(text.find('\n', at), text.size());
  const auto line_number = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(line_begin), '\n');

  // Of a long line only the surroundings are shown.
  constexpr std::size_t kAround = 60;
  std::size_t from = at - std::min(at - line_begin, kAround);
  std::size_t to = std::min(line_end, at + kAround);
  while (from > line_begin && !starts_character(text[from])) --from;
  while (to < line_end && !starts_character(text[to])) ++to;
  std::string shown = from > line_begin ? "..." : "";
  const std::size_t indent = shown.size() + count_characters(text.substr(from, at - from));
  shown += text.substr(from, to - from);
  if (to < line_end) shown += "...";
  std::ranges::replace_if(shown, [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  const std::size_t width = std::clamp<std::size_t>(
      count_characters(text.substr(at, std::min(span.end, to) - std::min(at, std::min(span.end, to)))), 1, kAround);

  std::string hint = shown + "\n" + std::string(indent, ' ') + std::string(width, '^');
  if (!advice.empty()) hint.append("\n").append(advice);
  core::Error error(core::ErrorCode::kInvalidArgument, std::move(message));
  error.hint = std::move(hint);
  error.file = source.file;
  error.line = line_number;
  error.column = static_cast<std::int64_t>(count_characters(text.substr(line_begin, at - line_begin))) + 1;
  error.field = source.name;
  return error;
}

}  // namespace argosy::formula
