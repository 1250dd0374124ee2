// Stored JSON within other JSON.
#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

namespace argosy::cli {

// Writes a parsed value as it was. Numbers are written as integers or as the doubles that they are.
void write_value(core::JsonWriter& json, const core::JsonValue& value);
// The same of a document's text.
[[nodiscard]] core::Result<void> write_document(core::JsonWriter& json, const std::string& text);

}  // namespace argosy::cli
