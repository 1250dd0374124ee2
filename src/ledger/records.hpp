// Records as rows: the fields of a described record (core/record.hpp) are the columns of the table of its name.
//
//   ARGOSY_TRY_VOID(insert<StudyRow>(work, {&study, 1}));
//   ARGOSY_TRY(const std::vector<StudyRow> found, select<StudyRow>(work, "WHERE name = :name", {"first try"}));
//
// Amounts are integers in their units, times nanoseconds since 1970, dates days since then, truth 0 or 1; a list of
// texts is a JSON text. A real number that is NaN is stored as NULL. What may be NULL is a std::optional or a double.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "ledger/database.hpp"

namespace argosy::ledger {

[[nodiscard]] ColumnType column_type(core::FieldType type);
[[nodiscard]] bool may_be_null(const core::Field& field);

[[nodiscard]] Value field_value(const core::Field& field, const void* record);
// Text that is no list where the field is one: kCorrupt.
[[nodiscard]] core::Result<void> set_field_value(const core::Field& field, void* record, const Value& value);

// "a, b, c": the columns in the order of the fields.
[[nodiscard]] std::string column_names(const core::RecordType& type);
[[nodiscard]] std::string insert_statement(const core::RecordType& type);
// An insert that replaces the other columns of the row that has these `keys` already, if there is one. They must be a
// primary key, or unique.
[[nodiscard]] std::string upsert_statement(const core::RecordType& type, std::span<const std::string_view> keys);
// A view v_<table> for people: amounts as decimals, times in RFC 3339.
[[nodiscard]] std::string view_statement(const core::RecordType& type, Dialect dialect);

namespace detail {
// Runs the statement, whose places are the record's fields in their order, for each record.
[[nodiscard]] core::Result<void> write_records(Transaction& work, const core::RecordType& type,
                                               const std::string& statement, std::size_t count,
                                               const std::function<const void*(std::size_t)>& record);
// "SELECT a, b, c FROM table ".
[[nodiscard]] std::string select_beginning(const core::RecordType& type);
[[nodiscard]] core::Result<void> select_records(Transaction& work, const core::RecordType& type,
                                                const std::string& statement, const std::vector<Value>& values,
                                                const std::function<void*()>& next);
}  // namespace detail

template <class T>
[[nodiscard]] core::Result<void> insert(Transaction& work, std::span<const T> records) {
  if (records.empty()) return {};
  static const core::RecordType& type = core::record_type<T>();
  static const std::string statement = insert_statement(type);
  return detail::write_records(work, type, statement, records.size(),
                               [&](std::size_t i) -> const void* { return &records[i]; });
}

// Inserts, or replaces the rows with the same keys: upsert<OrderRow>(work, orders, {"order_id"}).
template <class T>
[[nodiscard]] core::Result<void> upsert(Transaction& work, std::span<const T> records,
                                        std::initializer_list<std::string_view> keys) {
  if (records.empty()) return {};
  static const core::RecordType& type = core::record_type<T>();
  // By the keys of the first call, which all share as a rule.
  static const std::vector<std::string> usual(keys.begin(), keys.end());
  static const std::string statement = upsert_statement(type, keys);
  const bool is_usual = std::ranges::equal(keys, usual);
  return detail::write_records(work, type, is_usual ? statement : upsert_statement(type, keys), records.size(),
                               [&](std::size_t i) -> const void* { return &records[i]; });
}

// Of the columns of `type` alone, which describes some of T's members; the others stay as T has them.
template <class T>
[[nodiscard]] core::Result<std::vector<T>> select_some(Transaction& work, const core::RecordType& type,
                                                       const std::string& condition,
                                                       const std::vector<Value>& values = {}) {
  std::vector<T> records;
  ARGOSY_TRY_VOID(detail::select_records(work, type, detail::select_beginning(type) + condition, values,
                                         [&]() -> void* { return &records.emplace_back(); }));
  return records;
}

// `condition` is what follows the table's name: "WHERE ... ORDER BY ...".
template <class T>
[[nodiscard]] core::Result<std::vector<T>> select(Transaction& work, const std::string& condition,
                                                  const std::vector<Value>& values = {}) {
  static const core::RecordType& type = core::record_type<T>();
  static const std::string beginning = detail::select_beginning(type);
  std::vector<T> records;
  ARGOSY_TRY_VOID(detail::select_records(work, type, beginning + condition, values,
                                         [&]() -> void* { return &records.emplace_back(); }));
  return records;
}

// The first row, where there is one.
template <class T>
[[nodiscard]] core::Result<std::optional<T>> select_first(Transaction& work, const std::string& condition,
                                                          const std::vector<Value>& values = {}) {
  ARGOSY_TRY(std::vector<T> rows, select<T>(work, condition, values));
  if (rows.empty()) return std::optional<T>();
  return std::optional<T>(std::move(rows.front()));
}

// One more than the highest number in that column, which is the table's key.
[[nodiscard]] core::Result<std::int64_t> next_number(Transaction& work, std::string_view table,
                                                     std::string_view column);

}  // namespace argosy::ledger
