#include "cli/json_value.hpp"

#include <limits>
#include <string>

#include "core/text.hpp"

namespace argosy::cli {

void write_value(core::JsonWriter& json, const core::JsonValue& value) {
  if (const bool* truth = value.boolean()) {
    json.value(*truth);
  } else if (const auto* number = value.number()) {
    if (const auto integer = core::parse_integer(number->text)) {
      json.value(*integer);
    } else {
      json.value(core::parse_double(number->text).value_or(std::numeric_limits<double>::quiet_NaN()));
    }
  } else if (const std::string* text = value.string()) {
    json.value(*text);
  } else if (const auto* array = value.array()) {
    json.begin_array();
    for (const core::JsonValue& item : *array) write_value(json, item);
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

core::Result<void> write_document(core::JsonWriter& json, const std::string& text) {
  ARGOSY_TRY(const core::JsonValue value, core::parse_json(text));
  write_value(json, value);
  return {};
}

}  // namespace argosy::cli
