#include "ledger/list.hpp"

#include <fmt/format.h>

#include <array>

namespace argosy::ledger::detail {
namespace {

// "%" and "_" stand for themselves.
std::string like_pattern(const std::string& text) {
  std::string pattern = "%";
  for (const char each : text) {
    if (each == '%' || each == '_' || each == '\\') pattern += '\\';
    pattern += each;
  }
  return pattern + "%";
}

std::string_view operator_of(Compare compare) {
  switch (compare) {
    case Compare::kNotEqual:
      return "<>";
    case Compare::kLess:
      return "<";
    case Compare::kLessOrEqual:
      return "<=";
    case Compare::kMore:
      return ">";
    case Compare::kMoreOrEqual:
      return ">=";
    default:
      return "=";
  }
}

std::string condition_of(const ListFilter& filter, std::vector<Value>& values) {
  const std::string_view name = filter.field->name;
  const auto place = [&](const Value& value) {
    values.push_back(value);
    return fmt::format(":f{}", values.size());
  };
  switch (filter.compare) {
    case Compare::kNull:
      return fmt::format("{} IS {}NULL", name, filter.values.front() == Value(std::int64_t{1}) ? "" : "NOT ");
    case Compare::kContains:
      return fmt::format("lower({}) LIKE lower({}) ESCAPE '\\'", name,
                         place(like_pattern(std::get<std::string>(filter.values.front()))));
    case Compare::kIn: {
      std::string places;
      for (const Value& each : filter.values) places += (places.empty() ? "" : ", ") + place(each);
      return fmt::format("{} IN ({})", name, places);
    }
    default:
      return fmt::format("{} {} {}", name, operator_of(filter.compare), place(filter.values.front()));
  }
}

}  // namespace

ListSql list_sql(const ListRequest& request, std::string_view condition, const std::vector<Value>& values,
                 std::string_view key) {
  ListSql sql{.values = values};
  if (!condition.empty()) sql.where = fmt::format("WHERE ({})", condition);
  for (const ListFilter& filter : request.filters)
    sql.where += (sql.where.empty() ? "WHERE " : " AND ") + condition_of(filter, sql.values);
  sql.order = "ORDER BY ";
  for (const ListSort& sort : request.sort)
    sql.order += fmt::format("{}{}, ", sort.field->name, sort.descending ? " DESC" : "");
  sql.order += fmt::format("{} LIMIT {} OFFSET {}", key, request.per_page, (request.page - 1) * request.per_page);
  return sql;
}

core::Result<std::int64_t> count_rows(Transaction& work, std::string_view table, const ListSql& sql) {
  std::int64_t count = 0;
  constexpr std::array kInteger = {ColumnType::kInteger};
  ARGOSY_TRY_VOID(work.query(fmt::format("SELECT count(*) FROM {} {}", table, sql.where), kInteger, sql.values,
                             [&](const Row& row) -> core::Result<void> {
                               count = row.integer(0);
                               return {};
                             }));
  return count;
}

}  // namespace argosy::ledger::detail
