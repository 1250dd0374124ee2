#include "core/csv.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace argosy::core {
namespace {

char guess_separator(std::string_view text) {
  constexpr std::array<char, 3> kSeparators{',', ';', '\t'};
  std::array<std::size_t, kSeparators.size()> counts{};
  bool quoted = false;
  for (const char letter : text) {
    if (letter == '"') quoted = !quoted;
    if (quoted) continue;
    if (letter == '\n') break;
    for (std::size_t i = 0; i < kSeparators.size(); ++i) counts[i] += letter == kSeparators[i] ? 1 : 0;
  }
  return kSeparators[static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin())];
}

}  // namespace

void append_csv_cell(std::string& out, std::string_view cell) {
  if (cell.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += cell;
    return;
  }
  out += '"';
  for (const char letter : cell) {
    if (letter == '"') out += '"';
    out += letter;
  }
  out += '"';
}

CsvReader::CsvReader(std::string_view text, char separator) : text_(text), separator_(separator) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  if (separator_ == 0) separator_ = guess_separator(text_);
}

bool CsvReader::next(std::vector<std::string_view>& cells) {
  cells.clear();
  unquoted_.clear();
  while (at_ < text_.size()) {
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    std::string_view line = text_.substr(at_, end - at_);
    if (line.ends_with('\r')) line.remove_suffix(1);
    line_ = next_line_;
    if (!line.empty() && line.find('"') != std::string_view::npos) {
      next_quoted(cells);
      return true;
    }
    ++next_line_;
    unterminated_ = end == text_.size();
    at_ = std::min(end + 1, text_.size());
    if (line.empty()) continue;
    std::size_t first = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] != separator_) continue;
      cells.push_back(line.substr(first, i - first));
      first = i + 1;
    }
    cells.push_back(line.substr(first));
    return true;
  }
  return false;
}

// A line with quotes, which may hold line ends. A quote opens only at the start of a cell; text behind a closing quote
// is kept. A quote that is never closed takes the rest of the text.
void CsvReader::next_quoted(std::vector<std::string_view>& cells) {
  unterminated_ = true;
  while (true) {
    std::string cell;
    if (at_ < text_.size() && text_[at_] == '"') {
      ++at_;
      while (at_ < text_.size()) {
        const char letter = text_[at_++];
        if (letter == '"') {
          if (at_ >= text_.size() || text_[at_] != '"') break;
          ++at_;
        }
        if (letter == '\n') ++next_line_;
        cell += letter;
      }
    }
    const std::size_t quoted_size = cell.size();
    while (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n') cell += text_[at_++];
    const bool more = at_ < text_.size() && text_[at_] == separator_;
    if (!more && cell.size() > quoted_size && cell.ends_with('\r')) cell.pop_back();  // of the line end
    cells.push_back(unquoted_.emplace_back(std::move(cell)));
    if (more) {
      ++at_;
      continue;
    }
    ++next_line_;
    if (at_ < text_.size()) {
      ++at_;
      unterminated_ = false;
    }
    return;
  }
}

}  // namespace argosy::core
