#include "core/json_value.hpp"

#include <limits>
#include <string>

#include "core/text.hpp"

namespace argosy::core {

void write_value(JsonWriter& json, const JsonValue& value) {
  if (const bool* truth = value.boolean()) {
    json.value(*truth);
  } else if (const auto* number = value.number()) {
    if (const auto integer = parse_integer(number->text)) {
      json.value(*integer);
    } else {
      json.value(parse_double(number->text).value_or(std::numeric_limits<double>::quiet_NaN()));
    }
  } else if (const std::string* text = value.string()) {
    json.value(*text);
  } else if (const auto* array = value.array()) {
    json.begin_array();
    for (const JsonValue& item : *array) write_value(json, item);
    json.end_array();
  } else if (const auto* object = value.object()) {
    json.begin_object();
    for (const auto& [key, member] : *object) {
      json.key(key);
      write_value(json, member);
    }
    json.end_object();
  } else {
    json.null();
  }
}

Result<void> write_document(JsonWriter& json, const std::string& text) {
  ARGOSY_TRY(const JsonValue value, parse_json(text));
  write_value(json, value);
  return {};
}

}  // namespace argosy::core
