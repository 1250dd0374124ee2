#include "core/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "core/check.hpp"
#include "core/csv.hpp"
#include "core/limits.hpp"
#include "core/text.hpp"

namespace argosy::core {
namespace {

using TextList = std::vector<std::string>;
// The value of an enum; an unsigned char, for that may stand for any type.
using Choice = std::uint8_t;

// Calls `visitor` with the C++ type behind a field type.
template <class Visitor>
decltype(auto) visit_type(FieldType type, Visitor visitor) {
  switch (type) {
    case FieldType::kText:
      return visitor(std::type_identity<std::string>{});
    case FieldType::kBoolean:
      return visitor(std::type_identity<bool>{});
    case FieldType::kInteger:
      return visitor(std::type_identity<std::int64_t>{});
    case FieldType::kReal:
      return visitor(std::type_identity<double>{});
    case FieldType::kPrice:
      return visitor(std::type_identity<Price>{});
    case FieldType::kQuantity:
      return visitor(std::type_identity<Quantity>{});
    case FieldType::kMoney:
      return visitor(std::type_identity<Money>{});
    case FieldType::kRate:
      return visitor(std::type_identity<Rate>{});
    case FieldType::kTimestamp:
      return visitor(std::type_identity<Timestamp>{});
    case FieldType::kDate:
      return visitor(std::type_identity<Date>{});
    case FieldType::kTextList:
      return visitor(std::type_identity<TextList>{});
    case FieldType::kChoice:
      return visitor(std::type_identity<Choice>{});
    case FieldType::kSecret:
      return visitor(std::type_identity<Secret>{});
  }
  check_failed("a known field type", __FILE__, __LINE__, "");
}

// A type that is one of the decimals.
template <class T>
concept IsDecimal = requires(const T& value) { value.units(); };

// The member's value, or null for an empty optional.
template <class T>
const T* get(const Field& field, const void* record) {
  const auto* at = static_cast<const std::byte*>(record) + field.offset;
  if (!field.optional) return reinterpret_cast<const T*>(at);
  const auto& holder = *reinterpret_cast<const std::optional<T>*>(at);
  return holder ? &*holder : nullptr;
}

template <class T>
void put(const Field& field, void* record, T value) {
  auto* at = static_cast<std::byte*>(record) + field.offset;
  if (field.optional) {
    *reinterpret_cast<std::optional<T>*>(at) = std::move(value);
  } else {
    *reinterpret_cast<T*>(at) = std::move(value);
  }
}

void put_null(const Field& field, void* record) {
  visit_type(field.type, [&]<class T>(std::type_identity<T>) {
    reinterpret_cast<std::optional<T>*>(static_cast<std::byte*>(record) + field.offset)->reset();
  });
}

// --- Text ---

template <class T>
std::string to_text(const Field& field, const T& value) {
  if constexpr (std::is_same_v<T, Choice>) {
    const auto texts = field.notes.limits.one_of;
    ARGOSY_CHECK(value < texts.size(), "{} is {}", field.name, value);
    return std::string(texts[value]);
  }
  if constexpr (std::is_same_v<T, std::string>) return value;
  if constexpr (std::is_same_v<T, bool>) return value ? "true" : "false";
  if constexpr (std::is_same_v<T, std::int64_t>) return fmt::to_string(value);
  if constexpr (std::is_same_v<T, double>) return std::isnan(value) ? "" : format_double(value);
  if constexpr (IsDecimal<T> || std::is_same_v<T, Date>) return value.to_string();
  if constexpr (std::is_same_v<T, Timestamp>) return format_rfc3339(value);
  if constexpr (std::is_same_v<T, TextList>) return join(value, ",");
  if constexpr (std::is_same_v<T, Secret>) return "***";
}

Error wrong(const Field& field, std::string_view text, std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message)).in_field(std::string(field.name), std::string(text));
}

std::optional<Error> check_choice(const Field& field, const std::string& text) {
  const auto choices = field.notes.limits.one_of;
  if (choices.empty() || std::ranges::find(choices, text) != choices.end()) return std::nullopt;
  return wrong(field, text, fmt::format("\"{}\" is not a known {}.{}", text, field.name, did_you_mean(text, choices)));
}

template <class T>
Result<T> from_text(const Field& field, std::string_view text) {
  if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, Secret>) {
    return T(std::string(text));
  } else if constexpr (std::is_same_v<T, TextList>) {
    TextList items;
    if (trim(text).empty()) return items;
    for (const std::string_view item : split(text, ',')) items.emplace_back(trim(item));
    return items;
  } else if constexpr (std::is_same_v<T, Choice>) {
    const auto texts = field.notes.limits.one_of;
    const auto found = std::ranges::find(texts, text);
    if (found != texts.end()) return static_cast<Choice>(found - texts.begin());
    return fail(*check_choice(field, std::string(text)));
  } else if constexpr (std::is_same_v<T, bool>) {
    if (text == "true") return true;
    if (text == "false") return false;
    return fail(wrong(field, text, fmt::format("\"{}\" is neither true nor false", text)));
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    if (const auto value = parse_integer(text)) return *value;
    return fail(wrong(field, text, fmt::format("\"{}\" is not an integer", text)));
  } else if constexpr (std::is_same_v<T, double>) {
    if (const auto value = parse_double(text)) return *value;
    return fail(wrong(field, text, fmt::format("\"{}\" is not a finite number", text)));
  } else {
    Result<T> value = [&] {
      if constexpr (std::is_same_v<T, Timestamp>)
        return parse_rfc3339(text);
      else
        return T::parse(text);
    }();
    if (!value) value.error() = std::move(value.error()).in_field(std::string(field.name), std::string(text));
    return value;
  }
}

// --- Limits ---

std::optional<Error> check_length(const Field& field, std::string_view text, std::string_view shown) {
  const std::size_t most = field.notes.limits.maximum_length;
  if (text.size() <= most) return std::nullopt;
  return wrong(field, shown, fmt::format("{} has {} bytes, more than {}", field.name, text.size(), most));
}

std::optional<Error> check_range(const Field& field, double value, const std::string& shown) {
  const FieldLimits& limits = field.notes.limits;
  if (value >= limits.minimum && value <= limits.maximum) return std::nullopt;
  if (std::isnan(value) && std::isinf(limits.minimum) && std::isinf(limits.maximum)) return std::nullopt;
  const std::string unit = field.notes.unit.empty() ? "" : fmt::format(" {}", field.notes.unit);
  const bool low = value < limits.minimum;
  return wrong(field, shown,
               fmt::format("{} is {}{}; it must be at {} {}", field.name, shown.empty() ? "nan" : shown, unit,
                           low ? "least" : "most", format_double(low ? limits.minimum : limits.maximum)));
}

template <class T>
std::optional<Error> check_limits(const Field& field, const T& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    if (auto error = check_length(field, value, value)) return error;
    return check_choice(field, value);
  } else if constexpr (std::is_same_v<T, Secret>) {
    return check_length(field, value.expose(), "***");
  } else if constexpr (std::is_same_v<T, TextList>) {
    for (const std::string& item : value) {
      if (auto error = check_length(field, item, item)) return error;
      if (auto error = check_choice(field, item)) return error;
    }
  } else if constexpr (IsDecimal<T>) {
    return check_range(field, value.to_double(), value.to_string());
  } else if constexpr (std::is_same_v<T, double> || std::is_same_v<T, std::int64_t>) {
    return check_range(field, static_cast<double>(value), to_text(field, value));
  }
  return std::nullopt;
}

// Puts a value that was read into the record when it keeps the limits.
template <class T>
Result<void> put_checked(const Field& field, void* record, Result<T> value) {
  ARGOSY_TRY(T read, std::move(value));
  if (auto error = check_limits(field, read)) return fail(std::move(*error));
  put(field, record, std::move(read));
  return {};
}

// --- JSON ---

template <class T>
void write_value(JsonWriter& json, const Field& field, const T& value) {
  if constexpr (std::is_same_v<T, TextList>) {
    json.begin_array();
    for (const std::string& item : value) json.value(std::string_view(item));
    json.end_array();
  } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::int64_t> || std::is_same_v<T, double>) {
    json.value(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    json.value(std::string_view(value));
  } else {
    json.value(std::string_view(to_text(field, value)));
  }
}

// The kind of JSON value that a field is read from.
std::string_view expected_kind(FieldType type) {
  switch (type) {
    case FieldType::kBoolean:
      return "boolean";
    case FieldType::kInteger:
    case FieldType::kReal:
      return "number";
    case FieldType::kTextList:
      return "array";
    default:
      return "string";
  }
}

Error wrong_kind(const Field& field, std::string_view found) {
  const std::string_view wanted = expected_kind(field.type);
  Error error = wrong(field, {}, fmt::format("{}: expected {}, found {}", field.name, wanted, found));
  if (wanted == "string" && found == "number" && field.type != FieldType::kText && field.type != FieldType::kChoice) {
    error.hint = fmt::format("write a {} as text, so that no reader rounds it: \"12.5\"", type_name(field.type));
  }
  return error;
}

Result<void> read_value(const JsonValue& value, const Field& field, void* record) {
  if (value.is_null() && field.optional) {
    put_null(field, record);
    return {};
  }
  if (value.kind() != expected_kind(field.type)) return fail(wrong_kind(field, value.kind()));
  return visit_type(field.type, [&]<class T>(std::type_identity<T>) -> Result<void> {
    if constexpr (std::is_same_v<T, TextList>) {
      TextList items;
      for (const JsonValue& item : *value.array()) {
        if (item.string() == nullptr)
          return fail(wrong(field, {}, fmt::format("{}: expected strings only, found {}", field.name, item.kind())));
        items.push_back(*item.string());
      }
      return put_checked<T>(field, record, std::move(items));
    } else if constexpr (std::is_same_v<T, bool>) {
      return put_checked<T>(field, record, *value.boolean());
    } else if constexpr (std::is_same_v<T, std::int64_t> || std::is_same_v<T, double>) {
      return put_checked<T>(field, record, from_text<T>(field, value.number()->text));
    } else {
      return put_checked<T>(field, record, from_text<T>(field, *value.string()));
    }
  });
}

std::vector<std::string_view> field_names(const RecordType& type) {
  std::vector<std::string_view> names;
  for (const Field& field : type.fields) names.push_back(field.name);
  return names;
}

Error unknown_field(const RecordType& type, std::string_view name) {
  return Error(ErrorCode::kInvalidArgument,
               fmt::format("{} has no \"{}\".{}", type.name, name, did_you_mean(name, field_names(type))))
      .in_field(std::string(name));
}

// --- JSON Schema ---

std::string_view schema_format(FieldType type) {
  switch (type) {
    case FieldType::kPrice:
    case FieldType::kQuantity:
    case FieldType::kMoney:
    case FieldType::kRate:
      return "decimal";
    case FieldType::kTimestamp:
      return "date-time";
    case FieldType::kDate:
      return "date";
    case FieldType::kSecret:
      return "password";
    default:
      return {};
  }
}

void write_text_limits(JsonWriter& json, const Field& field) {
  const FieldLimits& limits = field.notes.limits;
  if (limits.maximum_length != std::numeric_limits<std::size_t>::max())
    json.key("maxLength").value(limits.maximum_length);
  if (limits.one_of.empty()) return;
  json.key("enum").begin_array();
  for (const std::string_view choice : limits.one_of) json.value(choice);
  // A null must be among the allowed values as well as among the types.
  if (field.optional && field.type == FieldType::kText) json.null();
  json.end_array();
}

}  // namespace

void write_json_schema(JsonWriter& json, const Field& field) {
  const FieldLimits& limits = field.notes.limits;
  const std::string_view type = field.type == FieldType::kInteger ? "integer" : expected_kind(field.type);
  json.begin_object();
  if (field.optional || field.type == FieldType::kReal) {
    json.key("type").begin_array().value(type).value("null").end_array();
  } else {
    json.key("type").value(type);
  }
  if (const auto format = schema_format(field.type); !format.empty()) json.key("format").value(format);
  if (field.type == FieldType::kSecret) json.key("writeOnly").value(true);
  if (field.type == FieldType::kTextList) {
    json.key("items").begin_object().key("type").value("string");
    write_text_limits(json, field);
    json.end_object();
  } else {
    write_text_limits(json, field);
  }
  // A decimal's limits bind the number in the text, which JSON Schema cannot say with its own words.
  const bool is_number = type == "integer" || type == "number";
  if (std::isfinite(limits.minimum)) json.key(is_number ? "minimum" : "x-minimum").value(limits.minimum);
  if (std::isfinite(limits.maximum)) json.key(is_number ? "maximum" : "x-maximum").value(limits.maximum);
  if (!field.notes.unit.empty()) json.key("x-unit").value(field.notes.unit);
  if (!field.notes.text.empty()) json.key("description").value(field.notes.text);
  json.end_object();
}

std::string_view type_name(FieldType type) {
  switch (type) {
    case FieldType::kText:
      return "text";
    case FieldType::kBoolean:
      return "true or false";
    case FieldType::kInteger:
      return "integer";
    case FieldType::kReal:
      return "number";
    case FieldType::kPrice:
      return "price";
    case FieldType::kQuantity:
      return "quantity";
    case FieldType::kMoney:
      return "amount";
    case FieldType::kRate:
      return "rate";
    case FieldType::kTimestamp:
      return "time";
    case FieldType::kDate:
      return "date";
    case FieldType::kTextList:
      return "list of texts";
    case FieldType::kChoice:
      return "choice";
    case FieldType::kSecret:
      return "secret";
  }
  return "unknown";
}

const Field* find_field(const RecordType& type, std::string_view name) {
  const auto found = std::ranges::find(type.fields, name, &Field::name);
  return found == type.fields.end() ? nullptr : &*found;
}

void write_json_fields(JsonWriter& json, const RecordType& type, const void* record) {
  for (const Field& field : type.fields) {
    if (field.type == FieldType::kSecret) continue;
    json.key(field.name);
    visit_type(field.type, [&]<class T>(std::type_identity<T>) {
      const T* value = get<T>(field, record);
      if (value == nullptr) {
        json.null();
      } else {
        write_value(json, field, *value);
      }
    });
  }
}

void write_json(JsonWriter& json, const RecordType& type, const void* record) {
  json.begin_object();
  write_json_fields(json, type, record);
  json.end_object();
}

std::vector<Error> read_json(const JsonValue& value, const RecordType& type, void* record) {
  std::vector<Error> errors;
  if (value.object() == nullptr) {
    errors.emplace_back(ErrorCode::kInvalidArgument,
                        fmt::format("{}: expected object, found {}", type.name, value.kind()));
    return errors;
  }
  std::set<std::string_view> seen;
  for (const auto& [name, member] : *value.object()) {
    if (errors.size() == limits::kErrorsAtOnce) return errors;  // whoever wrote so many does not read them
    const Field* field = find_field(type, name);
    if (field == nullptr) {
      errors.push_back(unknown_field(type, name));
      continue;
    }
    seen.insert(field->name);
    if (auto done = read_value(member, *field, record); !done) errors.push_back(std::move(done).error());
  }
  for (const Field& field : type.fields) {
    if (!field.notes.required || seen.contains(field.name)) continue;
    errors.push_back(wrong(field, {}, fmt::format("{} is missing", field.name)));
  }
  return errors;
}

Result<void> set_field(const RecordType& type, void* record, std::string_view name, std::string_view text) {
  const Field* field = find_field(type, name);
  if (field == nullptr) return fail(unknown_field(type, name));
  if (field->optional && text.empty()) {
    put_null(*field, record);
    return {};
  }
  return visit_type(field->type, [&]<class T>(std::type_identity<T>) {
    return put_checked<T>(*field, record, from_text<T>(*field, text));
  });
}

Result<void> set_list_field(const RecordType& type, void* record, std::string_view name, TextList items) {
  const Field* field = find_field(type, name);
  if (field == nullptr) return fail(unknown_field(type, name));
  if (field->type != FieldType::kTextList) {
    return fail(wrong(*field, {}, fmt::format("{}: expected {}, found a list", name, type_name(field->type))));
  }
  return put_checked<TextList>(*field, record, std::move(items));
}

std::string field_text(const Field& field, const void* record) {
  return visit_type(field.type, [&]<class T>(std::type_identity<T>) -> std::string {
    const T* value = get<T>(field, record);
    return value == nullptr ? std::string() : to_text(field, *value);
  });
}

std::vector<Error> validate(const RecordType& type, const void* record) {
  std::vector<Error> errors;
  for (const Field& field : type.fields) {
    visit_type(field.type, [&]<class T>(std::type_identity<T>) {
      const T* value = get<T>(field, record);
      if (value == nullptr) return;
      if (auto error = check_limits(field, *value)) errors.push_back(std::move(*error));
    });
  }
  return errors;
}

std::string csv_header(const RecordType& type) {
  std::string out;
  for (const Field& field : type.fields) {
    if (field.type == FieldType::kSecret) continue;
    if (!out.empty()) out += ',';
    append_csv_cell(out, field.name);
  }
  return out;
}

std::string csv_row(const RecordType& type, const void* record) {
  std::string out;
  bool first = true;
  for (const Field& field : type.fields) {
    if (field.type == FieldType::kSecret) continue;
    if (!first) out += ',';
    first = false;
    append_csv_cell(out, field_text(field, record));
  }
  return out;
}

void write_json_schema(JsonWriter& json, const RecordType& type) {
  json.begin_object();
  json.key("$schema").value("https://json-schema.org/draft/2020-12/schema");
  json.key("title").value(type.name);
  if (!type.text.empty()) json.key("description").value(type.text);
  json.key("type").value("object");
  json.key("additionalProperties").value(false);
  json.key("required").begin_array();
  for (const Field& field : type.fields) {
    if (field.notes.required) json.value(field.name);
  }
  json.end_array();
  json.key("properties").begin_object();
  for (const Field& field : type.fields) {
    json.key(field.name);
    write_json_schema(json, field);
  }
  json.end_object().end_object();
}

}  // namespace argosy::core
