// Text to tokens.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "formula/detail/source.hpp"

namespace argosy::formula {

enum class TokenKind : std::uint8_t { kNumber, kName, kText, kSymbol, kEnd };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Span span;
  std::string_view text;  // empty at the end; a kName without its $, a kText without its quotes
  double number = 0;      // of a kNumber; 8% is 0.08, 2k is 2000, 1.5m is 1500000
};

// The last token is kEnd. Text beyond limits::kFormulaLength, characters outside the language and numbers that no
// double holds are errors.
[[nodiscard]] core::Result<std::vector<Token>> tokenize(const Source& source);

}  // namespace argosy::formula
