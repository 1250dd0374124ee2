#include "formula/detail/parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/limits.hpp"
#include "core/text.hpp"
#include "formula/detail/lexer.hpp"

namespace argosy::formula {
namespace {

using Node = std::uint32_t;

class Parser {
 public:
  Parser(const Source& source, std::vector<Token> tokens) : source_(source), tokens_(std::move(tokens)) {}

  core::Result<Tree> run() {
    if (peek().kind == TokenKind::kEnd) return core::fail(error_at(source_, {0, 0}, "the formula is empty"));
    ARGOSY_TRY_VOID(conditional());
    if (peek().kind != TokenKind::kEnd) return unexpected("an operator or the end of the formula");
    return std::move(tree_);
  }

 private:
  // Counts nesting for as long as it lives.
  class Depth {
   public:
    explicit Depth(std::size_t& depth) : depth_(depth) { ++depth_; }
    ~Depth() { --depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;

   private:
    std::size_t& depth_;
  };

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  [[nodiscard]] bool at_symbol(std::string_view symbol) const {
    return peek().kind == TokenKind::kSymbol && peek().text == symbol;
  }
  [[nodiscard]] bool at_word(std::string_view word) const {
    return peek().kind == TokenKind::kName && peek().text == word;
  }
  bool accept(std::string_view symbol) {
    if (!at_symbol(symbol)) return false;
    ++at_;
    return true;
  }

  [[nodiscard]] std::unexpected<core::Error> unexpected(std::string_view wanted) const {
    const Token& token = peek();
    const std::string found =
        token.kind == TokenKind::kEnd ? "the formula ends" : fmt::format("found \"{}\"", token.text);
    return core::fail(error_at(source_, token.span, fmt::format("{} where {} was expected", found, wanted)));
  }
  [[nodiscard]] core::Result<void> check_depth() const {
    if (depth_ <= core::limits::kFormulaDepth) return {};
    return core::fail(
        error_at(source_, peek().span,
                 fmt::format("the formula is nested more than {} levels deep", core::limits::kFormulaDepth),
                 "give its parts names with `let`"));
  }

  Node add(Expression expression) {
    tree_.nodes.push_back(std::move(expression));
    return static_cast<Node>(tree_.nodes.size() - 1);
  }
  Node add_operator(std::string_view name, Span name_span, std::vector<Node> children) {
    const Span first = tree_.nodes[children.front()].span;
    const Span last = tree_.nodes[children.back()].span;
    const Span span{std::min(first.begin, name_span.begin), std::max(last.end, name_span.end)};
    return add({.kind = ExpressionKind::kOperator,
                .span = span,
                .name_span = name_span,
                .text = std::string(name),
                .children = std::move(children)});
  }

  core::Result<Node> conditional() {
    const Depth depth(depth_);
    ARGOSY_TRY_VOID(check_depth());
    ARGOSY_TRY(const Node condition, disjunction());
    const Span span = peek().span;
    if (!accept("?")) return condition;
    ARGOSY_TRY(const Node yes, conditional());
    if (!accept(":")) return unexpected("\":\" of c ? a : b");
    ARGOSY_TRY(const Node no, conditional());
    return add_operator("?:", span, {condition, yes, no});
  }

  core::Result<Node> disjunction() {
    ARGOSY_TRY(Node left, conjunction());
    while (at_word("or")) {
      const Span span = tokens_[at_++].span;
      ARGOSY_TRY(const Node right, conjunction());
      left = add_operator("or", span, {left, right});
    }
    return left;
  }

  core::Result<Node> conjunction() {
    ARGOSY_TRY(Node left, negation());
    while (at_word("and")) {
      const Span span = tokens_[at_++].span;
      ARGOSY_TRY(const Node right, negation());
      left = add_operator("and", span, {left, right});
    }
    return left;
  }

  core::Result<Node> negation() {
    if (!at_word("not")) return comparison();
    const Depth depth(depth_);
    ARGOSY_TRY_VOID(check_depth());
    const Span span = tokens_[at_++].span;
    ARGOSY_TRY(const Node operand, negation());
    return add_operator("not", span, {operand});
  }

  [[nodiscard]] bool at_comparison() const {
    for (const std::string_view symbol : {"<", "<=", ">", ">=", "==", "!="}) {
      if (at_symbol(symbol)) return true;
    }
    return false;
  }
  core::Result<Node> comparison() {
    ARGOSY_TRY(const Node left, sum());
    if (!at_comparison()) return left;
    const Token symbol = tokens_[at_++];
    ARGOSY_TRY(const Node right, sum());
    if (at_comparison()) {
      return core::fail(error_at(source_, peek().span, "comparisons cannot be chained", "write a < b and b < c"));
    }
    return add_operator(symbol.text, symbol.span, {left, right});
  }

  core::Result<Node> sum() {
    ARGOSY_TRY(Node left, product());
    while (at_symbol("+") || at_symbol("-")) {
      const Token symbol = tokens_[at_++];
      ARGOSY_TRY(const Node right, product());
      left = add_operator(symbol.text, symbol.span, {left, right});
    }
    return left;
  }

  core::Result<Node> product() {
    ARGOSY_TRY(Node left, unary());
    while (at_symbol("*") || at_symbol("/")) {
      const Token symbol = tokens_[at_++];
      ARGOSY_TRY(const Node right, unary());
      left = add_operator(symbol.text, symbol.span, {left, right});
    }
    return left;
  }

  core::Result<Node> unary() {
    if (!at_symbol("-") && !at_symbol("+")) return postfix();
    const Depth depth(depth_);
    ARGOSY_TRY_VOID(check_depth());
    const Token symbol = tokens_[at_++];
    ARGOSY_TRY(const Node operand, unary());
    if (symbol.text == "+") return operand;
    return add_operator("negate", symbol.span, {operand});
  }

  core::Result<Node> postfix() {
    ARGOSY_TRY(Node value, primary());
    while (true) {
      if (at_symbol("[")) {
        const Span bracket = tokens_[at_++].span;
        ARGOSY_TRY(const Node rows, conditional());
        const Span close = peek().span;
        if (!accept("]")) return unexpected("\"]\"");
        value = add({.kind = ExpressionKind::kIndex,
                     .span = {tree_.nodes[value].span.begin, close.end},
                     .name_span = bracket,
                     .text = "[]",
                     .children = {value, rows}});
      } else if (at_symbol(".")) {
        ++at_;
        const Token name = peek();
        if (name.kind != TokenKind::kName) return unexpected("the name of an output");
        ++at_;
        value = add({.kind = ExpressionKind::kOutput,
                     .span = {tree_.nodes[value].span.begin, name.span.end},
                     .name_span = name.span,
                     .text = std::string(name.text),
                     .children = {value}});
      } else {
        return value;
      }
    }
  }

  core::Result<Node> primary() {
    const Token token = peek();
    if (token.kind == TokenKind::kNumber) {
      ++at_;
      return add(
          {.kind = ExpressionKind::kNumber, .span = token.span, .name_span = token.span, .number = token.number});
    }
    if (token.kind == TokenKind::kText) {
      ++at_;
      return add({.kind = ExpressionKind::kText,
                  .span = token.span,
                  .name_span = token.span,
                  .text = std::string(token.text)});
    }
    if (accept("(")) {
      ARGOSY_TRY(const Node inner, conditional());
      const Span close = peek().span;
      if (!accept(")")) return unexpected(fmt::format("\")\" for the \"(\" at column {}", token.span.begin + 1));
      tree_.nodes[inner].span = {token.span.begin, close.end};
      return inner;
    }
    if (token.kind != TokenKind::kName || (is_keyword(token.text) && token.text != "true" && token.text != "false")) {
      return unexpected("a value");
    }
    ++at_;
    if (token.text == "true" || token.text == "false") {
      return add({.kind = ExpressionKind::kTruth,
                  .span = token.span,
                  .name_span = token.span,
                  .number = token.text == "true" ? 1.0 : 0.0});
    }
    if (at_symbol("(")) return call(token);
    if (token.text == "raw" && at_symbol(".") && peek(1).kind == TokenKind::kName) {
      const Token field = peek(1);
      at_ += 2;
      const Span span{token.span.begin, field.span.end};
      return add(
          {.kind = ExpressionKind::kName, .span = span, .name_span = span, .text = fmt::format("raw.{}", field.text)});
    }
    return add(
        {.kind = ExpressionKind::kName, .span = token.span, .name_span = token.span, .text = std::string(token.text)});
  }

  core::Result<Node> call(const Token& name) {
    Expression expression{.kind = ExpressionKind::kCall, .name_span = name.span, .text = std::string(name.text)};
    const std::size_t open = tokens_[at_++].span.begin;
    for (bool more = !at_symbol(")"); more;) {
      std::string argument_name;
      if (peek().kind == TokenKind::kName && peek(1).kind == TokenKind::kSymbol && peek(1).text == ":") {
        argument_name = peek().text;
        at_ += 2;
      }
      ARGOSY_TRY(const Node argument, conditional());
      expression.children.push_back(argument);
      expression.child_names.push_back(std::move(argument_name));
      more = accept(",");
      if (!more && !at_symbol(")")) {
        return unexpected(fmt::format("\",\" or the \")\" that closes {}( at column {}", name.text, open + 1));
      }
    }
    expression.span = {name.span.begin, tokens_[at_++].span.end};
    return add(std::move(expression));
  }

  const Source& source_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  Tree tree_;
};

std::string call_text(const Expression& node, const std::vector<std::string>& texts) {
  std::string out = node.text + "(";
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (i > 0) out += ", ";
    if (!node.child_names[i].empty()) out += node.child_names[i] + ": ";
    out += texts[node.children[i]];
  }
  return out + ")";
}

}  // namespace

bool is_keyword(std::string_view word) {
  for (const std::string_view keyword : {"and", "or", "not", "true", "false"}) {
    if (word == keyword) return true;
  }
  return false;
}

core::Result<Tree> parse(const Source& source) {
  ARGOSY_TRY(std::vector<Token> tokens, tokenize(source));
  return Parser(source, std::move(tokens)).run();
}

std::string to_text(const Tree& tree) {
  std::vector<std::string> texts;
  for (const Expression& node : tree.nodes) {
    const auto child = [&](std::size_t i) -> const std::string& { return texts[node.children[i]]; };
    switch (node.kind) {
      case ExpressionKind::kNumber:
        texts.push_back(core::format_double(node.number));
        break;
      case ExpressionKind::kTruth:
        texts.emplace_back(node.number != 0 ? "true" : "false");
        break;
      case ExpressionKind::kText:
        texts.push_back(fmt::format("\"{}\"", node.text));
        break;
      case ExpressionKind::kName:
        texts.push_back(node.text);
        break;
      case ExpressionKind::kCall:
        texts.push_back(call_text(node, texts));
        break;
      case ExpressionKind::kIndex:
        texts.push_back(fmt::format("{}[{}]", child(0), child(1)));
        break;
      case ExpressionKind::kOutput:
        texts.push_back(fmt::format("{}.{}", child(0), node.text));
        break;
      case ExpressionKind::kOperator:
        if (node.text == "?:") {
          texts.push_back(fmt::format("({} ? {} : {})", child(0), child(1), child(2)));
        } else if (node.children.size() == 2) {
          texts.push_back(fmt::format("({} {} {})", child(0), node.text, child(1)));
        } else {
          texts.push_back(node.text == "negate" ? fmt::format("(-{})", child(0))
                                                : fmt::format("({} {})", node.text, child(0)));
        }
        break;
    }
  }
  return texts.back();
}

}  // namespace argosy::formula
