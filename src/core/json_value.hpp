// Stored JSON within other JSON.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

namespace argosy::core {

// Writes a parsed value as it was. Numbers are written as integers or as the doubles that they are.
void write_value(JsonWriter& json, const JsonValue& value);
// The same of a document's text.
[[nodiscard]] Result<void> write_document(JsonWriter& json, const std::string& text);

}  // namespace argosy::core
