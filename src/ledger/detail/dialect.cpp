#include "ledger/detail/dialect.hpp"

#include <algorithm>
#include <cstddef>

namespace argosy::ledger::detail {
namespace {

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::size_t end_of_word(std::string_view sql, std::size_t at) {
  while (at < sql.size() && is_word_character(sql[at])) ++at;
  return at;
}

// The end of what starts at `at` and is copied as it is: a text, a quoted name, a comment. `at` itself: there is none.
std::size_t end_of_quoted(std::string_view sql, std::size_t at) {
  if (sql[at] == '\'' || sql[at] == '"') {
    const std::size_t end = sql.find(sql[at], at + 1);
    return end == std::string_view::npos ? sql.size() : end + 1;  // a doubled mark opens the next one at once
  }
  if (sql.substr(at, 2) == "--") return std::min(sql.find('\n', at), sql.size());
  if (sql.substr(at, 2) == "/*") return std::min(sql.find("*/", at), sql.size() - 2) + 2;
  return at;
}

// The type of a column. Within CAST(... AS TEXT) no collation may stand.
std::string_view type_of(std::string_view word, std::string_view word_before) {
  if (word == "INTEGER") return "BIGINT";
  if (word == "REAL") return "DOUBLE PRECISION";
  if (word == "TEXT" && word_before != "AS") return "TEXT COLLATE \"C\"";
  return word;
}

bool is_table_option(std::string_view word) { return word == "STRICT" || word == "WITHOUT" || word == "ROWID"; }

// Takes the options that follow the last parenthesis, "STRICT, WITHOUT ROWID", and nothing else.
void drop_options(std::string& sql) {
  const std::size_t last = sql.rfind(')');
  if (last == std::string::npos) return;
  bool found = false;
  for (std::size_t at = last + 1; at < sql.size();) {
    const std::size_t end = end_of_word(sql, at);
    if (end > at && !is_table_option(std::string_view(sql).substr(at, end - at))) return;
    found = found || end > at;
    at = std::max(end, at + 1);
  }
  if (found) sql.resize(last + 1);
}

}  // namespace

std::string to_postgres(std::string_view sql) {
  if (!sql.starts_with("CREATE TABLE") && !sql.starts_with("ALTER TABLE")) return std::string(sql);
  std::string translated;
  std::string_view before;
  for (std::size_t at = 0; at < sql.size();) {
    std::size_t end = end_of_quoted(sql, at);
    if (end > at) {
      translated += sql.substr(at, end - at);
    } else if (end = end_of_word(sql, at); end > at) {
      const std::string_view word = sql.substr(at, end - at);
      translated += type_of(word, before);
      before = word;
    } else {
      end = at + 1;
      translated += sql[at];
    }
    at = end;
  }
  drop_options(translated);
  return translated;
}

}  // namespace argosy::ledger::detail
