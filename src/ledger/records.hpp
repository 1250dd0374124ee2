// Records as rows: the fields of a described record (core/record.hpp) are the columns of the table of its name.
//
//   ARGOSY_TRY_VOID(insert<StudyRow>(work, {&study, 1}));
//   ARGOSY_TRY(const std::vector<StudyRow> found, select<StudyRow>(work, "WHERE name = :name", {"first try"}));
//
// Amounts are integers in their units, times nanoseconds since 1970, dates days since then, truth 0 or 1; a list of
// texts is a JSON text. A real number that is NaN is stored as NULL. What may be NULL is a std::optional or a double.
#pragma once

#include <string>
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
// A view v_<table> for people: amounts as decimals, times in RFC 3339.
[[nodiscard]] std::string view_statement(const core::RecordType& type, Dialect dialect);

namespace detail {
[[nodiscard]] core::Result<void> insert_records(Transaction& work, const core::RecordType& type, std::size_t count,
                                                const std::function<const void*(std::size_t)>& record);
[[nodiscard]] core::Result<void> select_records(Transaction& work, const core::RecordType& type,
                                                const std::string& condition, const std::vector<Value>& values,
                                                const std::function<void*()>& next);
}  // namespace detail

template <class T>
[[nodiscard]] core::Result<void> insert(Transaction& work, std::span<const T> records) {
  return detail::insert_records(work, core::record_type<T>(), records.size(),
                                [&](std::size_t i) -> const void* { return &records[i]; });
}

// `condition` is what follows the table's name: "WHERE ... ORDER BY ...".
template <class T>
[[nodiscard]] core::Result<std::vector<T>> select(Transaction& work, const std::string& condition,
                                                  const std::vector<Value>& values = {}) {
  std::vector<T> records;
  ARGOSY_TRY_VOID(detail::select_records(work, core::record_type<T>(), condition, values,
                                         [&]() -> void* { return &records.emplace_back(); }));
  return records;
}

}  // namespace argosy::ledger
