// A record lists its fields once, in one static table; from that table ordinary code makes JSON, CSV, a JSON Schema and
// validation.
//
//   struct Listing { std::string symbol; std::int64_t rows = 0; std::optional<core::Date> first; };
//   template <> struct RecordOf<Listing> {
//     static constexpr Field kFields[] = {
//         ARGOSY_FIELD(Listing, symbol, .text = "ticker symbol", .limits = {.maximum_length = 20}),
//         ARGOSY_FIELD(Listing, rows, .unit = "bars", .limits = {.minimum = 0}, .text = "number of stored bars"),
//         ARGOSY_FIELD(Listing, first, .text = "date of the first bar"),
//     };
//     static constexpr RecordType kType{"listing", "One symbol's stored bars", kFields};
//   };
//   write_json(json, listing);  csv_header(record_type<Listing>());  json_schema(record_type<Listing>());
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/decimal.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/time.hpp"

namespace argosy::core {

enum class FieldType : std::uint8_t {
  kText,     // std::string
  kBoolean,  // bool
  kInteger,  // std::int64_t
  kReal,     // double: statistics and ratios; NaN is written as null, and not read
  kPrice,    // decimal strings on the wire
  kQuantity,
  kMoney,
  kRate,
  kTimestamp,  // RFC 3339
  kDate,       // YYYY-MM-DD
  kTextList,   // std::vector<std::string>
  kChoice,     // an enum of std::uint8_t whose values count from 0; limits.one_of has their texts, in that order
  kSecret,     // read, never written
};

struct FieldLimits {
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  std::size_t maximum_length = std::numeric_limits<std::size_t>::max();
  std::span<const std::string_view> one_of = {};  // the allowed texts; empty: any
};

// What can be said of a field besides its name and type.
struct FieldNotes {
  std::string_view unit = {};
  FieldLimits limits = {};
  std::string_view text = {};
  bool required = false;    // reading: an error when it is absent (otherwise the record's own default stands)
  bool filterable = false;  // lists may be narrowed and sorted by it
};

struct Field {
  std::string_view name;
  FieldType type;
  bool optional;  // a std::optional<T> member: may be null
  std::size_t offset;
  FieldNotes notes;
};

struct RecordType {
  std::string_view name;
  std::string_view text;
  std::span<const Field> fields;
};

// Specialised for each described record; see the example above.
template <class T>
struct RecordOf;

template <class T>
[[nodiscard]] constexpr const RecordType& record_type() {
  return RecordOf<T>::kType;
}

namespace detail {

template <class T, FieldType kFieldType, bool kIsOptional = false>
struct FieldTypeIs {
  static constexpr FieldType kType = kFieldType;
  static constexpr bool kOptional = kIsOptional;
};
template <class T>
struct FieldTypeOf : FieldTypeIs<T, FieldType::kChoice> {
  static_assert(std::is_enum_v<T> && sizeof(T) == 1, "a type that fields cannot have");
};
template <>
struct FieldTypeOf<std::string> : FieldTypeIs<std::string, FieldType::kText> {};
template <>
struct FieldTypeOf<bool> : FieldTypeIs<bool, FieldType::kBoolean> {};
template <>
struct FieldTypeOf<std::int64_t> : FieldTypeIs<std::int64_t, FieldType::kInteger> {};
template <>
struct FieldTypeOf<double> : FieldTypeIs<double, FieldType::kReal> {};
template <>
struct FieldTypeOf<Price> : FieldTypeIs<Price, FieldType::kPrice> {};
template <>
struct FieldTypeOf<Quantity> : FieldTypeIs<Quantity, FieldType::kQuantity> {};
template <>
struct FieldTypeOf<Money> : FieldTypeIs<Money, FieldType::kMoney> {};
template <>
struct FieldTypeOf<Rate> : FieldTypeIs<Rate, FieldType::kRate> {};
template <>
struct FieldTypeOf<Timestamp> : FieldTypeIs<Timestamp, FieldType::kTimestamp> {};
template <>
struct FieldTypeOf<Date> : FieldTypeIs<Date, FieldType::kDate> {};
template <>
struct FieldTypeOf<std::vector<std::string>> : FieldTypeIs<std::vector<std::string>, FieldType::kTextList> {};
template <>
struct FieldTypeOf<Secret> : FieldTypeIs<Secret, FieldType::kSecret> {};
template <class T>
struct FieldTypeOf<std::optional<T>> : FieldTypeIs<T, FieldTypeOf<T>::kType, true> {
  static_assert(!std::is_enum_v<T>, "an enum has a value of its own for none");
};

}  // namespace detail

// One line of a field table; further arguments are designated FieldNotes members in their order (unit, limits, text,
// required, filterable).
#define ARGOSY_FIELD(Record, member, ...)                                                                   \
  ::argosy::core::Field {                                                                                   \
    #member, ::argosy::core::detail::FieldTypeOf<decltype(Record::member)>::kType,                          \
        ::argosy::core::detail::FieldTypeOf<decltype(Record::member)>::kOptional, offsetof(Record, member), \
        ::argosy::core::FieldNotes {                                                                        \
      __VA_ARGS__                                                                                           \
    }                                                                                                       \
  }

// The fields of a record whose first member is another one, and of what follows it:
//   struct Out { Row row; bool is_active; };  kFields = extended_fields(RecordOf<Row>::kFields, ARGOSY_FIELD(Out,
//   is_active))
template <std::size_t kBase, class... More>
[[nodiscard]] constexpr auto extended_fields(const Field (&base)[kBase], const More&... more) {
  return [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
    return std::array<Field, kBase + sizeof...(More)>{base[kIndex]..., more...};
  }(std::make_index_sequence<kBase>());
}

// --- The type-erased halves; `record` points at a struct of the described type. ---

void write_json(JsonWriter& json, const RecordType& type, const void* record);
// The members alone, into an object that is open.
void write_json_fields(JsonWriter& json, const RecordType& type, const void* record);
// Fills the record from a JSON object. All errors at once: unknown keys (with 'did you mean'), missing required ones,
// wrong kinds, limits. Each error's `field` is the member's name.
[[nodiscard]] std::vector<Error> read_json(const JsonValue& value, const RecordType& type, void* record);
// Sets one field from text (CSV cells, environment, configuration scalars). Empty text is null for optional fields. A
// list is separated by commas. The record keeps its value when there is an error.
[[nodiscard]] Result<void> set_field(const RecordType& type, void* record, std::string_view name,
                                     std::string_view text);
// Sets a list field, or an error when the field is none.
[[nodiscard]] Result<void> set_list_field(const RecordType& type, void* record, std::string_view name,
                                          std::vector<std::string> items);
// The field of that name, or null.
[[nodiscard]] const Field* find_field(const RecordType& type, std::string_view name);
// "text", "integer", "price": the type as people read it.
[[nodiscard]] std::string_view type_name(FieldType type);
// One field as text; a null optional and a NaN are empty, a secret is "***", the items of a list stand between commas.
[[nodiscard]] std::string field_text(const Field& field, const void* record);
// Checks every field against its limits.
[[nodiscard]] std::vector<Error> validate(const RecordType& type, const void* record);
[[nodiscard]] std::string csv_header(const RecordType& type);                   // without line end
[[nodiscard]] std::string csv_row(const RecordType& type, const void* record);  // without line end
// A JSON Schema (2020-12) of the record's wire form, as an object value into `json`.
void write_json_schema(JsonWriter& json, const RecordType& type);
// The same of one field.
void write_json_schema(JsonWriter& json, const Field& field);

// --- The typed halves. ---

template <class T>
void write_json(JsonWriter& json, const T& record) {
  write_json(json, record_type<T>(), &record);
}
// {"items": [...], "meta": {"count": n}}: the form of every list.
template <class T>
[[nodiscard]] std::string json_list(std::span<const T> records, int indent = 2) {
  JsonWriter json(indent);
  json.begin_object().key("items").begin_array();
  for (const T& record : records) write_json(json, record);
  json.end_array().key("meta").begin_object().key("count").value(records.size()).end_object().end_object();
  return std::move(json).take();
}

}  // namespace argosy::core
