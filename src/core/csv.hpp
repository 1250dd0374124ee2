// Comma-separated text: quoting on the way out, a reader that splits lines in place on the way in.
//
//   CsvReader reader(text);                         // text outlives the reader
//   std::vector<std::string_view> cells;
//   while (reader.next(cells)) use(cells, reader.line());
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::core {

// A cell as it must be written: quoted when it holds a comma, a quote or a line break.
void append_csv_cell(std::string& out, std::string_view cell);

class CsvReader {
 public:
  // `separator` 0: guessed from the first line among comma, semicolon and tab. A UTF-8 byte order mark is skipped.
  explicit CsvReader(std::string_view text, char separator = 0);
  // The next line's cells (quotes removed); false at the end. Empty lines are skipped. Cells point into the text or
  // into the reader and are valid until the next call.
  bool next(std::vector<std::string_view>& cells);
  [[nodiscard]] std::int64_t line() const { return line_; }  // 1-based, of the last cells
  [[nodiscard]] char separator() const { return separator_; }
  // True when the last line read had no line end: the file may be cut.
  [[nodiscard]] bool last_line_unterminated() const { return unterminated_; }

 private:
  void next_quoted(std::vector<std::string_view>& cells);

  std::string_view text_;
  std::size_t at_ = 0;
  std::int64_t line_ = 0;
  std::int64_t next_line_ = 1;
  char separator_;
  bool unterminated_ = false;
  std::deque<std::string> unquoted_;
};

}  // namespace argosy::core
