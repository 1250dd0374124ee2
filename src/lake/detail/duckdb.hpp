// DuckDB behind one thin wrapper: an in-memory database that reads and writes Parquet files.
//
//   ARGOSY_TRY(auto database, Database::open(0));
//   ARGOSY_TRY(Rows rows, database->query("SELECT 42::BIGINT"));
//   while (const auto chunk = rows.next()) use(chunk->column<std::int64_t>(0)[0]);
//
// The shared library is opened by the first Database::open of the process: linked, it would cost every start of the
// program 15 ms. It is looked for in $ARGOSY_DUCKDB, beside the program, and where it lay when the program was built.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace argosy::lake::detail {

// One column of rows on their way into a table.
struct ColumnInput {
  enum class Type : std::uint8_t { kText, kConstantText, kDate, kTimestamp, kDecimal, kDouble };
  Type type;
  const void* data;  // std::string_view, int32 days, int64 nanoseconds, int64 units of 1e-9, double (NaN: null)

  static ColumnInput text(std::span<const std::string_view> values) { return {Type::kText, values.data()}; }
  static ColumnInput constant(const std::string_view& value) { return {Type::kConstantText, &value}; }
  static ColumnInput date(std::span<const std::int32_t> values) { return {Type::kDate, values.data()}; }
  static ColumnInput timestamp(std::span<const std::int64_t> values) { return {Type::kTimestamp, values.data()}; }
  static ColumnInput decimal(const std::int64_t* values) { return {Type::kDecimal, values}; }
  static ColumnInput real(std::span<const double> values) { return {Type::kDouble, values.data()}; }
};

// Some rows as the library holds them.
class Chunk {
 public:
  // `functions` and `chunk` are the library's; the view holds as long as they do.
  Chunk(const void* functions, void* chunk) : functions_(functions), chunk_(chunk) {}
  [[nodiscard]] std::size_t size() const;
  // The values of a fixed-width column; T must be the column's physical type.
  template <class T>
  [[nodiscard]] const T* column(std::size_t index) const {
    return static_cast<const T*>(raw_column(index));
  }
  [[nodiscard]] bool is_null(std::size_t index, std::size_t row) const;
  [[nodiscard]] bool has_nulls(std::size_t index) const;
  // Of a VARCHAR column.
  [[nodiscard]] std::string_view text(std::size_t index, std::size_t row) const;

 private:
  [[nodiscard]] const void* raw_column(std::size_t index) const;
  const void* functions_;
  void* chunk_;
};

// A query's result, chunk by chunk.
class Rows {
 public:
  struct State;
  explicit Rows(std::unique_ptr<State> state);
  ~Rows();
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;

  // The next chunk, valid until the call after; none at the end.
  [[nodiscard]] std::optional<Chunk> next();
  [[nodiscard]] std::size_t column_count() const;
  [[nodiscard]] std::string column_name(std::size_t index) const;

 private:
  std::unique_ptr<State> state_;
};

// What a statement would return, without running it.
struct StatementInfo {
  bool is_select = false;
  std::vector<std::string> names;
  std::vector<bool> numeric;  // integers and doubles; decimals are text for whoever must not round them
};

class Database {
 public:
  // `threads` 0: one a core.
  [[nodiscard]] static core::Result<std::shared_ptr<Database>> open(int threads);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] core::Result<void> execute(const std::string& sql);
  [[nodiscard]] core::Result<Rows> query(const std::string& sql);
  // Runs `visit` on the rows of "SELECT `columns` `from`" where they are decoded: chunks come in any order, and several
  // at once from the library's threads. Against query() it spares two copies of all rows.
  [[nodiscard]] core::Result<void> visit(const std::string& columns, const std::string& from,
                                         const std::function<void(const Chunk&)>& visit);
  // One statement only; more than one is an error.
  [[nodiscard]] core::Result<StatementInfo> describe(const std::string& sql);
  // Adds `rows` rows to a table whose columns have the given types in this order.
  [[nodiscard]] core::Result<void> append(const std::string& table, std::size_t rows,
                                          std::span<const ColumnInput> columns);

 private:
  struct State;
  explicit Database(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// 'it''s'
[[nodiscard]] std::string quote(std::string_view text);
// ['a', 'b'], for read_parquet
[[nodiscard]] std::string quote_list(std::span<const std::string> texts);

}  // namespace argosy::lake::detail
