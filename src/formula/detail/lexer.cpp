#include "formula/detail/lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/limits.hpp"
#include "core/text.hpp"

namespace argosy::formula {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// What people write who come from another language.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kForeign = {
    {{"&&", "write `and`"},
     {"||", "write `or`"},
     {"!", "write `not`"},
     {"=", "write == to compare"},
     {"%", "write a percentage as 8%, without a space"},
     {"^", "write x * x"}}};

class Lexer {
 public:
  explicit Lexer(const Source& source) : source_(source), text_(source.text) {}

  core::Result<std::vector<Token>> run() {
    if (text_.size() > core::limits::kFormulaLength) {
      return core::fail(error_at(source_, {0, 1},
                                 fmt::format("the formula has {} characters; at most {} are allowed", text_.size(),
                                             core::limits::kFormulaLength)));
    }
    std::vector<Token> tokens;
    while (true) {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
      if (at_ == text_.size()) {
        tokens.push_back({TokenKind::kEnd, {at_, at_}, {}, 0});
        return tokens;
      }
      ARGOSY_TRY(Token token, next());
      at_ = token.span.end;
      tokens.push_back(token);
    }
  }

 private:
  [[nodiscard]] char peek(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  [[nodiscard]] Token token(TokenKind kind, std::size_t end, double number = 0) const {
    return {kind, {at_, end}, text_.substr(at_, end - at_), number};
  }

  core::Result<Token> next() {
    const char c = text_[at_];
    if (is_digit(c) || (c == '.' && is_digit(peek(at_ + 1)))) return number();
    // Qlib writes $close where others write close.
    if (is_letter(c) || (c == '$' && is_letter(peek(at_ + 1)))) {
      std::size_t end = at_ + 1;
      while (is_letter(peek(end)) || is_digit(peek(end))) ++end;
      Token name = token(TokenKind::kName, end);
      if (c == '$') name.text.remove_prefix(1);
      return name;
    }
    if (c == '"') return quoted();
    const std::string_view two = text_.substr(at_, 2);
    for (const std::string_view symbol : {"<=", ">=", "==", "!="}) {
      if (two == symbol) return token(TokenKind::kSymbol, at_ + 2);
    }
    if (std::string_view("+-*/()[],.:?<>").contains(c)) return token(TokenKind::kSymbol, at_ + 1);
    return stray();
  }

  core::Result<Token> quoted() {
    const std::size_t close = text_.find('"', at_ + 1);
    if (close == std::string_view::npos)
      return core::fail(error_at(source_, {at_, text_.size()}, "the text has no closing quote"));
    Token text = token(TokenKind::kText, close + 1);
    text.text = text_.substr(at_ + 1, close - at_ - 1);
    return text;
  }

  core::Result<Token> number() {
    std::size_t end = at_;
    while (is_digit(peek(end))) ++end;
    if (peek(end) == '.' && is_digit(peek(end + 1))) {
      ++end;
      while (is_digit(peek(end))) ++end;
    }
    if (peek(end) == 'e' || peek(end) == 'E') {
      std::size_t digits = end + 1;
      if (peek(digits) == '+' || peek(digits) == '-') ++digits;
      if (is_digit(peek(digits))) {
        end = digits;
        while (is_digit(peek(end))) ++end;
      }
    }
    const std::string_view digits = text_.substr(at_, end - at_);
    double unit = peek(end) == 'k' ? 1e3 : (peek(end) == 'm' ? 1e6 : 1.0);
    if (unit != 1.0 && !is_letter(peek(end + 1)) && !is_digit(peek(end + 1))) {
      ++end;
    } else {
      unit = 1.0;
    }
    if (is_letter(peek(end))) {
      while (is_letter(peek(end)) || is_digit(peek(end))) ++end;
      const std::string_view all = text_.substr(at_, end - at_);
      return core::fail(error_at(source_, {at_, end}, fmt::format("\"{}\" is neither a number nor a name", all)));
    }
    const auto value = core::parse_double(digits.starts_with('.') ? "0" + std::string(digits) : std::string(digits));
    if (!value) return core::fail(error_at(source_, {at_, end}, fmt::format("the number {} is too large", digits)));
    if (peek(end) != '%' || unit != 1.0) return token(TokenKind::kNumber, end, *value * unit);
    return token(TokenKind::kNumber, end + 1, *value / 100.0);
  }

  core::Result<Token> stray() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0) == 0x80) ++end;
    std::string_view shown = text_.substr(at_, end - at_);
    std::string_view advice;
    for (const auto& [foreign, native] : kForeign) {
      if (!text_.substr(at_).starts_with(foreign)) continue;
      shown = foreign;
      advice = native;
      break;
    }
    // A byte that is no text may not reach a terminal.
    const auto byte = static_cast<unsigned char>(shown[0]);
    const bool printable = byte >= ' ' && byte < 0x7F;
    const std::string name = printable ? fmt::format("\"{}\"", shown) : fmt::format("the character 0x{:02x}", byte);
    return core::fail(
        error_at(source_, {at_, end}, fmt::format("{} is not part of the formula language", name), advice));
  }

  const Source& source_;
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

core::Result<std::vector<Token>> tokenize(const Source& source) { return Lexer(source).run(); }

}  // namespace argosy::formula
