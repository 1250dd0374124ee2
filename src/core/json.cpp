#include "core/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <iterator>
#include <set>

#include "core/check.hpp"
#include "core/limits.hpp"
#include "core/text.hpp"

namespace argosy::core {
namespace {

void append_escaped(std::string& out, std::string_view text) {
  for (const char letter : text) {
    switch (letter) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F) {
          fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(letter));
        } else {
          out += letter;
        }
    }
  }
}

bool is_plain(char letter) { return letter >= 0x20 && letter < 0x7F && letter != '"' && letter != '\\'; }

// Bytes that are no UTF-8 (a file name may hold any) become U+FFFD: the document must stay readable.
void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  if (std::ranges::all_of(text, is_plain)) {  // as nearly every text is
    out += text;
    out += '"';
    return;
  }
  while (const auto bad = find_invalid_utf8(text)) {
    append_escaped(out, text.substr(0, *bad));
    out += "\xEF\xBF\xBD";
    text.remove_prefix(*bad + 1);
  }
  append_escaped(out, text);
  out += '"';
}

}  // namespace

void JsonWriter::newline() {
  if (indent_ == 0) return;
  text_ += '\n';
  text_.append(has_items_.size() * static_cast<std::size_t>(indent_), ' ');
}

void JsonWriter::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (has_items_.empty()) {
    ARGOSY_CHECK(text_.empty(), "a JSON document has one value");
    return;
  }
  ARGOSY_CHECK(!in_object_.back(), "a value in a JSON object needs a key");
  if (has_items_.back()) text_ += ',';
  has_items_.back() = true;
  newline();
}

JsonWriter& JsonWriter::begin(bool object) {
  before_value();
  text_ += object ? '{' : '[';
  has_items_.push_back(false);
  in_object_.push_back(object);
  return *this;
}

JsonWriter& JsonWriter::end(bool object) {
  ARGOSY_CHECK(!in_object_.empty() && in_object_.back() == object && !after_key_, "JSON closed in the wrong order");
  const bool had_items = has_items_.back();
  has_items_.pop_back();
  in_object_.pop_back();
  if (had_items) newline();
  text_ += object ? '}' : ']';
  return *this;
}

JsonWriter& JsonWriter::begin_object() { return begin(true); }
JsonWriter& JsonWriter::end_object() { return end(true); }
JsonWriter& JsonWriter::begin_array() { return begin(false); }
JsonWriter& JsonWriter::end_array() { return end(false); }

JsonWriter& JsonWriter::key(std::string_view name) {
  ARGOSY_CHECK(!in_object_.empty() && in_object_.back() && !after_key_, "the key \"{}\" stands outside an object",
               name);
  if (has_items_.back()) text_ += ',';
  has_items_.back() = true;
  newline();
  append_json_text(text_, name);
  text_ += indent_ == 0 ? ":" : ": ";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  before_value();
  append_json_text(text_, text);
  return *this;
}

JsonWriter& JsonWriter::value(bool truth) {
  before_value();
  text_ += truth ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::value(std::int64_t number) {
  before_value();
  std::array<char, 20> digits{};  // with a sign
  text_.append(digits.data(), std::to_chars(digits.begin(), digits.end(), number).ptr);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  before_value();
  append_double(text_, number);
  return *this;
}

JsonWriter& JsonWriter::null() {
  before_value();
  text_ += "null";
  return *this;
}

std::string JsonWriter::take() && {
  ARGOSY_CHECK(in_object_.empty() && !text_.empty(), "the JSON document is not finished");
  return std::move(text_);
}

const JsonValue* JsonValue::find(std::string_view name) const {
  const Object* members = object();
  if (members == nullptr) return nullptr;
  const auto found = std::ranges::find(*members, name, &Object::value_type::first);
  return found == members->end() ? nullptr : &found->second;
}

std::string_view JsonValue::kind() const {
  if (boolean() != nullptr) return "boolean";
  if (number() != nullptr) return "number";
  if (string() != nullptr) return "string";
  if (array() != nullptr) return "array";
  if (object() != nullptr) return "object";
  return "null";
}

namespace {

// Builds the tree from the parser's events. What the parser accepts and we do not (duplicate keys, numbers beyond
// double) stops it with an error code of its own and the reason in `refusal`.
class TreeBuilder {
 public:
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);   // NOLINT(readability-identifier-naming)
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);  // NOLINT(readability-identifier-naming)
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);  // NOLINT(readability-identifier-naming)
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);     // NOLINT(readability-identifier-naming)
  using Code = boost::json::error_code;
  using Text = boost::json::string_view;

  std::string refusal;

  [[nodiscard]] JsonValue take() { return std::move(root_); }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_array_begin(Code&) {
    levels_.push_back({JsonValue::Array{}, {}, {}, {}, false});
    return true;
  }
  bool on_array_end(std::size_t, Code&) {
    JsonValue value(std::move(levels_.back().array));
    levels_.pop_back();
    return add(std::move(value));
  }
  bool on_object_begin(Code&) {
    levels_.push_back({{}, JsonValue::Object{}, {}, {}, true});
    return true;
  }
  bool on_object_end(std::size_t, Code&) {
    JsonValue value(std::move(levels_.back().object));
    levels_.pop_back();
    return add(std::move(value));
  }
  bool on_string_part(Text part, std::size_t, Code&) { return collect(part); }
  bool on_string(Text part, std::size_t, Code&) {
    collect(part);
    return add(JsonValue(std::exchange(text_, {})));
  }
  bool on_key_part(Text part, std::size_t, Code&) { return collect(part); }
  bool on_key(Text part, std::size_t, Code& code) {
    collect(part);
    Level& level = levels_.back();
    level.key = std::exchange(text_, {});
    if (level.keys.insert(level.key).second) return true;
    return refuse(fmt::format("the key \"{}\" stands twice", level.key), code);
  }
  bool on_number_part(Text part, Code& code) {
    if (text_.size() + part.size() <= limits::kJsonNumberLength) return collect(part);
    return refuse(fmt::format("a number is longer than {} characters", limits::kJsonNumberLength), code);
  }
  bool on_int64(std::int64_t, Text part, Code& code) { return on_number(part, code); }
  bool on_uint64(std::uint64_t, Text part, Code& code) { return on_number(part, code); }
  bool on_double(double, Text part, Code& code) { return on_number(part, code); }
  bool on_bool(bool truth, Code&) { return add(JsonValue(truth)); }
  bool on_null(Code&) { return add(JsonValue(nullptr)); }
  bool on_comment_part(Text, Code&) { return true; }
  bool on_comment(Text, Code&) { return true; }

 private:
  struct Level {
    JsonValue::Array array;
    JsonValue::Object object;
    std::set<std::string, std::less<>> keys;
    std::string key;
    bool is_object;
  };

  bool collect(Text part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_number(Text part, Code& code) {
    if (!on_number_part(part, code)) return false;
    std::string text = std::exchange(text_, {});
    if (!parse_double(text)) return refuse(fmt::format("the number {} is beyond the range of a double", text), code);
    return add(JsonValue(JsonValue::Number{std::move(text)}));
  }
  bool refuse(std::string reason, Code& code) {
    refusal = std::move(reason);
    code = boost::json::error::syntax;
    return false;
  }
  bool add(JsonValue value) {
    if (levels_.empty()) {
      root_ = std::move(value);
    } else if (levels_.back().is_object) {
      levels_.back().object.emplace_back(std::move(levels_.back().key), std::move(value));
    } else {
      levels_.back().array.push_back(std::move(value));
    }
    return true;
  }

  std::vector<Level> levels_;
  std::string text_;
  JsonValue root_;
};

// What the parser said, in our words.
std::string reason_of(const boost::json::error_code& code, bool at_end) {
  using boost::json::error;
  if (code == error::too_deep) return fmt::format("the document is nested more than {} deep", limits::kJsonDepth);
  if (code == error::extra_data) return "text follows the document";
  if (code == error::incomplete || at_end) return "the document ends too early";
  if (code == error::exponent_overflow) return "a number's exponent is too large";
  return "this is not JSON: " + code.message();
}

}  // namespace

Result<JsonValue> parse_json(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = limits::kJsonDepth;
  boost::json::basic_parser<TreeBuilder> parser(options);
  boost::json::error_code code;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), code);
  if (!code && used < text.size()) code = boost::json::error::extra_data;
  if (!code) return parser.handler().take();
  const std::string_view before = text.substr(0, used);
  const auto line = static_cast<std::int64_t>(std::ranges::count(before, '\n')) + 1;
  const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const auto column = static_cast<std::int64_t>(used - line_start) + 1;
  const std::string& refusal = parser.handler().refusal;
  const std::string reason = refusal.empty() ? reason_of(code, used == text.size()) : refusal;
  return fail(Error(ErrorCode::kInvalidArgument, fmt::format("JSON, line {}, column {}: {}", line, column, reason))
                  .at({}, line, column));
}

}  // namespace argosy::core
