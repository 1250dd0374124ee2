// A page of a table's rows: narrowed and sorted by columns, and by a condition that says whose rows they are.
//
//   ARGOSY_TRY(const Listed<OrderRow> page, list_rows<OrderRow>(work, {.filters = ..., .sort = ..., .page = 2},
//                                                              "owner_id = :caller", {caller}, "order_id"));
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "ledger/database.hpp"
#include "ledger/records.hpp"

namespace argosy::ledger {

enum class Compare : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kMore,
  kMoreOrEqual,
  kIn,
  kContains,
  kNull
};

struct ListFilter {
  const core::Field* field = nullptr;
  Compare compare = Compare::kEqual;
  std::vector<Value> values;  // kIn: one or more; kNull: 1 for those without, 0 for the others; otherwise one
};

struct ListSort {
  const core::Field* field = nullptr;
  bool descending = false;
};

struct ListRequest {
  std::vector<ListFilter> filters;
  std::vector<ListSort> sort;
  std::int64_t page = 1;  // from 1
  std::int64_t per_page = 50;
};

template <class Row>
struct Listed {
  std::vector<Row> rows;
  std::int64_t total = 0;  // on all pages
};

namespace detail {
struct ListSql {
  std::string where;  // "WHERE ...", or empty
  std::string order;  // "ORDER BY ... LIMIT ... OFFSET ..."
  std::vector<Value> values;
};
[[nodiscard]] ListSql list_sql(const ListRequest& request, std::string_view condition, const std::vector<Value>& values,
                               std::string_view key);
[[nodiscard]] core::Result<std::int64_t> count_rows(Transaction& work, std::string_view table, const ListSql& sql);
}  // namespace detail

// `condition` (empty: all rows) has its own `values`. `key`: columns by which rows that are otherwise alike are
// ordered, so that no row stands on two pages.
template <class Row>
[[nodiscard]] core::Result<Listed<Row>> list_rows(Transaction& work, const ListRequest& request,
                                                  std::string_view condition, const std::vector<Value>& values,
                                                  std::string_view key) {
  const detail::ListSql sql = detail::list_sql(request, condition, values, key);
  Listed<Row> listed;
  ARGOSY_TRY(listed.total, detail::count_rows(work, core::record_type<Row>().name, sql));
  ARGOSY_TRY(listed.rows, select<Row>(work, sql.where + " " + sql.order, sql.values));
  return listed;
}

}  // namespace argosy::ledger
