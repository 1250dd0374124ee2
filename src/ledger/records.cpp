#include "ledger/records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "core/check.hpp"
#include "core/json.hpp"
#include "ledger/acting.hpp"

namespace argosy::ledger {

using core::ErrorCode;
using core::fail;
using core::Field;
using core::FieldType;
using core::RecordType;
using core::Result;

namespace {

// Calls `visitor` with the C++ type behind a field type. A secret has no place in a table.
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
      return visitor(std::type_identity<core::Price>{});
    case FieldType::kQuantity:
      return visitor(std::type_identity<core::Quantity>{});
    case FieldType::kMoney:
      return visitor(std::type_identity<core::Money>{});
    case FieldType::kRate:
      return visitor(std::type_identity<core::Rate>{});
    case FieldType::kTimestamp:
      return visitor(std::type_identity<core::Timestamp>{});
    case FieldType::kDate:
      return visitor(std::type_identity<core::Date>{});
    case FieldType::kTextList:
      return visitor(std::type_identity<std::vector<std::string>>{});
    case FieldType::kChoice:
      return visitor(std::type_identity<std::uint8_t>{});
    case FieldType::kSecret:
      break;
  }
  core::check_failed("a field that can be stored", __FILE__, __LINE__, "");
}

std::string list_to_text(const std::vector<std::string>& items) {
  core::JsonWriter json;
  json.begin_array();
  for (const std::string& item : items) json.value(item);
  json.end_array();
  return std::move(json).take();
}

Result<std::vector<std::string>> text_to_list(const std::string& text) {
  ARGOSY_TRY(const core::JsonValue json, core::parse_json(text));
  std::vector<std::string> items;
  if (json.array() == nullptr) return fail(ErrorCode::kCorrupt, fmt::format("\"{}\" is no list", text));
  for (const core::JsonValue& item : *json.array()) {
    if (item.string() == nullptr) return fail(ErrorCode::kCorrupt, fmt::format("\"{}\" is no list of texts", text));
    items.push_back(*item.string());
  }
  return items;
}

template <class T>
Value pack(const Field& field, const T& value) {
  if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::int64_t>) {
    return value;
  } else if constexpr (std::is_same_v<T, std::uint8_t>) {
    ARGOSY_CHECK(value < field.notes.limits.one_of.size(), "{} is {}", field.name, value);
    return std::string(field.notes.limits.one_of[value]);
  } else if constexpr (std::is_same_v<T, bool>) {
    return std::int64_t{value ? 1 : 0};
  } else if constexpr (std::is_same_v<T, double>) {
    return std::isnan(value) ? Value() : Value(value);
  } else if constexpr (std::is_same_v<T, core::Timestamp>) {
    return std::int64_t{value.time_since_epoch().count()};
  } else if constexpr (std::is_same_v<T, core::Date>) {
    return std::int64_t{value.days()};
  } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    return list_to_text(value);
  } else {
    return std::int64_t{value.units()};
  }
}

template <class T>
Result<T> unpack(const Field& field, const Value& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    return std::get<std::string>(value);
  } else if constexpr (std::is_same_v<T, std::uint8_t>) {
    const auto texts = field.notes.limits.one_of;
    const auto found = std::ranges::find(texts, std::get<std::string>(value));
    if (found != texts.end()) return static_cast<std::uint8_t>(found - texts.begin());
    return fail(ErrorCode::kCorrupt, fmt::format("column {} holds \"{}\"", field.name, std::get<std::string>(value)));
  } else if constexpr (std::is_same_v<T, double>) {
    return std::get<double>(value);
  } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    return text_to_list(std::get<std::string>(value));
  } else {
    const std::int64_t integer = std::get<std::int64_t>(value);
    if constexpr (std::is_same_v<T, std::int64_t>) {
      return integer;
    } else if constexpr (std::is_same_v<T, bool>) {
      return integer != 0;
    } else if constexpr (std::is_same_v<T, core::Timestamp>) {
      return core::Timestamp(core::Duration(integer));
    } else if constexpr (std::is_same_v<T, core::Date>) {
      return core::Date::from_days(static_cast<std::int32_t>(integer));
    } else {
      return T::from_units(integer);
    }
  }
}

// SQL for `column` divided by 10^digits, exact, without the zeros at the end. The 1 before the remainder keeps its
// zeros.
std::string decimal_sql(std::string_view column, int digits) {
  const std::string one = "1" + std::string(static_cast<std::size_t>(digits), '0');
  return fmt::format(
      "CASE WHEN {0} < 0 THEN '-' ELSE '' END || rtrim(rtrim(CAST(abs({0} / {1}) AS TEXT) || '.' || "
      "substr(CAST({1} + abs({0} % {1}) AS TEXT), 2), '0'), '.')",
      column, one);
}

// SQL for nanoseconds since 1970 as RFC 3339; a time before 1970 is cut downwards, as one after it is.
std::string time_sql(std::string_view column, Dialect dialect) {
  const std::string fraction = fmt::format("((({0} % 1000000000) + 1000000000) % 1000000000)", column);
  const std::string seconds = fmt::format("({} - {}) / 1000000000", column, fraction);
  const std::string whole =
      dialect == Dialect::kSqlite
          ? fmt::format("strftime('%Y-%m-%dT%H:%M:%S', {}, 'unixepoch')", seconds)
          : fmt::format("to_char(to_timestamp({}) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS')", seconds);
  return fmt::format(
      "{} || CASE WHEN {} = 0 THEN '' ELSE rtrim('.' || substr(CAST(1000000000 + {} AS TEXT), 2), '0') END || 'Z'",
      whole, fraction, fraction);
}

std::string date_sql(std::string_view column, Dialect dialect) {
  if (dialect == Dialect::kSqlite) return fmt::format("date({} * 86400, 'unixepoch')", column);
  return fmt::format("to_char(DATE '1970-01-01' + CAST({} AS INTEGER), 'YYYY-MM-DD')", column);
}

std::string shown_sql(const Field& field, Dialect dialect) {
  switch (field.type) {
    case FieldType::kPrice:
    case FieldType::kQuantity:
    case FieldType::kRate:
      return fmt::format("CASE WHEN {0} IS NULL THEN NULL ELSE {1} END AS {0}", field.name,
                         decimal_sql(field.name, core::Price::kDigits));
    case FieldType::kMoney:
      return fmt::format("CASE WHEN {0} IS NULL THEN NULL ELSE {1} END AS {0}", field.name,
                         decimal_sql(field.name, core::Money::kDigits));
    case FieldType::kTimestamp:
      return fmt::format("{1} AS {0}", field.name, time_sql(field.name, dialect));
    case FieldType::kDate:
      return fmt::format("{1} AS {0}", field.name, date_sql(field.name, dialect));
    default:
      return std::string(field.name);
  }
}

}  // namespace

ColumnType column_type(FieldType type) {
  switch (type) {
    case FieldType::kText:
    case FieldType::kTextList:
    case FieldType::kChoice:
      return ColumnType::kText;
    case FieldType::kReal:
      return ColumnType::kReal;
    default:
      return ColumnType::kInteger;
  }
}

bool may_be_null(const Field& field) { return field.optional || field.type == FieldType::kReal; }

Value field_value(const Field& field, const void* record) {
  const auto* at = static_cast<const std::byte*>(record) + field.offset;
  return visit_type(field.type, [&]<class T>(std::type_identity<T>) -> Value {
    if (!field.optional) return pack(field, *reinterpret_cast<const T*>(at));
    const auto& holder = *reinterpret_cast<const std::optional<T>*>(at);
    return holder ? pack(field, *holder) : Value();
  });
}

Result<void> set_field_value(const Field& field, void* record, const Value& value) {
  auto* at = static_cast<std::byte*>(record) + field.offset;
  const bool is_null = std::holds_alternative<std::monostate>(value);
  return visit_type(field.type, [&]<class T>(std::type_identity<T>) -> Result<void> {
    if (is_null) {
      if (field.optional) {
        reinterpret_cast<std::optional<T>*>(at)->reset();
      } else if constexpr (std::is_same_v<T, double>) {
        *reinterpret_cast<double*>(at) = std::numeric_limits<double>::quiet_NaN();
      } else {
        return fail(ErrorCode::kCorrupt, fmt::format("column {} is NULL", field.name));
      }
      return {};
    }
    ARGOSY_TRY(T unpacked, unpack<T>(field, value));
    if (field.optional) {
      *reinterpret_cast<std::optional<T>*>(at) = std::move(unpacked);
    } else {
      *reinterpret_cast<T*>(at) = std::move(unpacked);
    }
    return {};
  });
}

std::string column_names(const RecordType& type) {
  std::string names;
  for (const Field& field : type.fields) {
    if (!names.empty()) names += ", ";
    names += field.name;
  }
  return names;
}

std::string insert_statement(const RecordType& type) {
  std::string places;
  for (const Field& field : type.fields) places += fmt::format("{}:{}", places.empty() ? "" : ", ", field.name);
  return fmt::format("INSERT INTO {} ({}) VALUES ({})", type.name, column_names(type), places);
}

std::string upsert_statement(const RecordType& type, std::span<const std::string_view> keys) {
  std::string names;
  for (const std::string_view key : keys) names += fmt::format("{}{}", names.empty() ? "" : ", ", key);
  std::string changes;
  for (const Field& field : type.fields) {
    if (std::ranges::find(keys, field.name) != keys.end()) continue;
    changes += fmt::format("{0}{1} = excluded.{1}", changes.empty() ? "" : ", ", field.name);
  }
  return fmt::format("{} ON CONFLICT ({}) DO {}", insert_statement(type), names,
                     changes.empty() ? "NOTHING" : "UPDATE SET " + changes);
}

std::string view_statement(const RecordType& type, Dialect dialect) {
  std::string columns;
  for (const Field& field : type.fields) columns += (columns.empty() ? "" : ", ") + shown_sql(field, dialect);
  return fmt::format("CREATE VIEW v_{0} AS SELECT {1} FROM {0}", type.name, columns);
}

namespace detail {

namespace {

std::vector<ColumnType> column_types(const RecordType& type) {
  std::vector<ColumnType> types;
  types.reserve(type.fields.size());
  for (const Field& field : type.fields) types.push_back(column_type(field.type));
  return types;
}

}  // namespace

std::string select_beginning(const RecordType& type) {
  return fmt::format("SELECT {} FROM {} ", column_names(type), type.name);
}

Result<void> write_records(Transaction& work, const RecordType& type, const std::string& statement, std::size_t count,
                           const std::function<const void*(std::size_t)>& record) {
  const std::vector<ColumnType> types = column_types(type);
  return work.execute_many(statement, types, count, [&](std::size_t i, std::vector<Value>& values) {
    for (const Field& field : type.fields) values.push_back(field_value(field, record(i)));
  });
}

Result<void> select_records(Transaction& work, const RecordType& type, const std::string& statement,
                            const std::vector<Value>& values, const std::function<void*()>& next) {
  const std::vector<ColumnType> types = column_types(type);
  return work.query(statement, types, values, [&](const Row& row) -> Result<void> {
    void* record = next();
    for (std::size_t i = 0; i < types.size(); ++i)
      ARGOSY_TRY_VOID(set_field_value(type.fields[i], record, row.values()[i]));
    return {};
  });
}

}  // namespace detail
core::Result<std::int64_t> next_number(Transaction& work, std::string_view table, std::string_view column) {
  const ActingFor everybody(ActingFor::kEverybody);  // the numbers of others are taken, too
  constexpr std::array kInteger = {ColumnType::kInteger};
  std::int64_t number = 1;
  ARGOSY_TRY_VOID(work.query(fmt::format("SELECT coalesce(max({}), 0) + 1 FROM {}", column, table), kInteger, {},
                             [&](const Row& row) -> core::Result<void> {
                               number = row.integer(0);
                               return {};
                             }));
  return number;
}

}  // namespace argosy::ledger
