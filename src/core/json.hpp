// JSON out and in. JsonWriter streams text in a fixed order of keys (the caller's); parse_json reads a document and
// refuses duplicate keys, non-finite numbers, trailing text and too much depth.
//
//   JsonWriter json;                         // or JsonWriter(2) to indent by two
//   json.begin_object().key("rows").value(5).key("hash").value("ab12").end_object();
//   std::string text = std::move(json).take();
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/decimal.hpp"
#include "core/result.hpp"

namespace argosy::core {

class JsonWriter {
 public:
  explicit JsonWriter(int indent = 0) : indent_(indent) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool truth);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(std::size_t number) { return value(static_cast<std::int64_t>(number)); }
  // Shortest text that reads back to the same double; NaN and infinities become null.
  JsonWriter& value(double number);
  // Amounts are decimal strings, so that no reader rounds them.
  template <class Tag, int kDigits>
  JsonWriter& value(Decimal<Tag, kDigits> amount) {
    return value(std::string_view(amount.to_string()));
  }
  JsonWriter& null();

  // The finished text; every object and array must be closed.
  [[nodiscard]] std::string take() &&;

 private:
  JsonWriter& begin(bool object);
  JsonWriter& end(bool object);
  void before_value();
  void newline();

  std::string text_;
  std::vector<bool> has_items_;  // one a nesting level
  std::vector<bool> in_object_;  // one a nesting level
  int indent_ = 0;
  bool after_key_ = false;
};

// A parsed JSON value. Objects keep their order; numbers keep their text, so decimals lose nothing.
class JsonValue {
 public:
  struct Number {
    std::string text;
  };
  using Array = std::vector<JsonValue>;
  using Object = std::vector<std::pair<std::string, JsonValue>>;
  using Storage = std::variant<std::nullptr_t, bool, Number, std::string, Array, Object>;

  JsonValue() = default;
  explicit JsonValue(Storage storage) : storage_(std::move(storage)) {}

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(storage_); }
  [[nodiscard]] const bool* boolean() const { return std::get_if<bool>(&storage_); }
  [[nodiscard]] const Number* number() const { return std::get_if<Number>(&storage_); }
  [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&storage_); }
  [[nodiscard]] const Array* array() const { return std::get_if<Array>(&storage_); }
  [[nodiscard]] const Object* object() const { return std::get_if<Object>(&storage_); }
  // The member of an object, or null when this is no object or has no such member.
  [[nodiscard]] const JsonValue* find(std::string_view name) const;
  [[nodiscard]] std::string_view kind() const;  // "null", "boolean", "number", "string", "array", "object"

 private:
  Storage storage_ = nullptr;
};

// One JSON document. Errors name line and column.
[[nodiscard]] Result<JsonValue> parse_json(std::string_view text);

}  // namespace argosy::core
