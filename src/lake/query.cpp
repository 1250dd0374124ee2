#include "lake/query.hpp"

#include <fmt/format.h>

#include <set>

#include "core/csv.hpp"
#include "core/text.hpp"
#include "lake/detail/bar_file.hpp"
#include "lake/detail/store.hpp"

namespace argosy::lake {

namespace {

struct Column {
  std::string_view name;
  std::string_view type;
};
struct TableColumns {
  std::string_view name;
  std::vector<Column> columns;  // as tables.cpp writes them
};

const std::vector<TableColumns>& table_columns() {
  static const std::vector<TableColumns> kTables{
      {"actions",
       {{"symbol", "VARCHAR"},
        {"ex_date", "DATE"},
        {"kind", "VARCHAR"},
        {"numerator", "BIGINT"},
        {"denominator", "BIGINT"},
        {"amount", "DECIMAL(18,9)"}}},
      {"anchors", {{"symbol", "VARCHAR"}, {"key", "BIGINT"}}},
      {"instruments",
       {{"symbol", "VARCHAR"},
        {"exchange", "VARCHAR"},
        {"currency", "VARCHAR"},
        {"tick", "DECIMAL(18,9)"},
        {"lot", "DECIMAL(18,9)"},
        {"fractional", "BOOLEAN"},
        {"may_be_negative", "BOOLEAN"},
        {"name", "VARCHAR"},
        {"sector", "VARCHAR"}}},
      {"quality",
       {{"symbol", "VARCHAR"},
        {"timeframe", "VARCHAR"},
        {"time", "VARCHAR"},
        {"rule", "VARCHAR"},
        {"action", "VARCHAR"},
        {"detail", "VARCHAR"},
        {"origin", "VARCHAR"},
        {"text", "VARCHAR"}}},
      {"universes", {{"universe", "VARCHAR"}, {"symbol", "VARCHAR"}, {"from", "DATE"}, {"to", "DATE"}}},
  };
  return kTables;
}

// A table without rows has no file.
std::string table_source(const TableColumns& table, const Snapshot& snapshot) {
  const auto file = snapshot.manifest().tables.find(std::string(table.name));
  const bool empty = file == snapshot.manifest().tables.end();
  std::string columns;
  for (const Column& column : table.columns) {
    if (!columns.empty()) columns += ", ";
    columns += empty ? fmt::format("NULL::{} AS \"{}\"", column.type, column.name)
                     : fmt::format("'{}': '{}'", column.name, column.type);
  }
  if (empty) return fmt::format("SELECT {} WHERE false", columns);
  return fmt::format(
      "SELECT * FROM read_csv({}, header = true, delim = ',', quote = '\"', escape = '\"', columns = {{{}}})",
      detail::quote(snapshot.folder() + "/" + file->second.path), columns);
}

core::Result<void> add_bars_view(detail::Database& database, const Snapshot& snapshot, market::Timeframe timeframe) {
  const std::string name = timeframe.to_string();
  std::vector<std::string> paths;
  for (const BarFile& file : snapshot.manifest().files) {
    if (file.timeframe == name) paths.push_back(snapshot.folder() + "/" + file.path);
  }
  const std::string key(detail::key_column(timeframe));
  const std::string appended = "appended_" + name;
  std::string sql;
  if (!paths.empty()) {
    sql = fmt::format(
        "SELECT symbol, {}, open, high, low, close, volume, vwap, source FROM read_parquet({}, hive_partitioning = "
        "false)",
        key, detail::quote_list(paths));
  }
  if (const auto& bars = snapshot.appended(timeframe); !bars.empty()) {
    ARGOSY_TRY_VOID(detail::create_bar_table(database, appended, timeframe));
    for (const auto& [symbol, columns] : bars) {
      ARGOSY_TRY_VOID(detail::append_bars(database, appended, symbol, columns, timeframe));
    }
    const std::string newer = "SELECT * FROM " + appended;
    sql =
        sql.empty() ? newer : fmt::format("{} ANTI JOIN {} USING (symbol, {}) UNION ALL {}", sql, appended, key, newer);
  }
  return database.execute(fmt::format("CREATE VIEW bars_{} AS {}", name, sql));
}

core::Result<void> add_views(detail::Database& database, const Snapshot& snapshot) {
  std::set<std::string> timeframes;
  for (const std::string& symbol : snapshot.symbols()) {
    for (const auto timeframe : snapshot.timeframes(symbol)) timeframes.insert(timeframe.to_string());
  }
  for (const std::string& name : timeframes) {
    ARGOSY_TRY(const auto timeframe, market::Timeframe::parse(name));
    ARGOSY_TRY_VOID(add_bars_view(database, snapshot, timeframe));
  }
  for (const TableColumns& table : table_columns()) {
    ARGOSY_TRY_VOID(database.execute(fmt::format("CREATE VIEW {} AS {}", table.name, table_source(table, snapshot))));
  }
  return database.execute(
      "CREATE VIEW quarantine AS SELECT * EXCLUDE (action) FROM quality WHERE action = 'quarantined'");
}

// From here on nothing outside the lake can be read or written.
core::Result<void> shut(detail::Database& database, const Snapshot& snapshot) {
  ARGOSY_TRY_VOID(database.execute(fmt::format("SET allowed_directories = [{}]", detail::quote(snapshot.folder()))));
  ARGOSY_TRY_VOID(database.execute("SET enable_external_access = false"));
  return database.execute("SET lock_configuration = true");
}

std::string without_semicolon(std::string_view sql) {
  sql = core::trim(sql);
  while (!sql.empty() && sql.back() == ';') sql = core::trim(sql.substr(0, sql.size() - 1));
  return std::string(sql);
}

}  // namespace

core::Result<QueryTable> query(const Snapshot& snapshot, const std::string& sql) {
  ARGOSY_TRY(const auto database, detail::Database::open(0));
  ARGOSY_TRY_VOID(add_views(*database, snapshot));
  ARGOSY_TRY_VOID(shut(*database, snapshot));
  const std::string statement = without_semicolon(sql);
  ARGOSY_TRY(const auto info, database->describe(statement));
  if (!info.is_select) {
    return core::fail(core::Error(core::ErrorCode::kInvalidArgument,
                                  "only statements that read are run here: SELECT, DESCRIBE, SUMMARIZE")
                          .with_hint("argosy data import, remove and set change the lake"));
  }
  ARGOSY_TRY(auto rows, database->query(fmt::format("SELECT COLUMNS(*)::VARCHAR FROM (\n{}\n)", statement)));
  QueryTable table{info.names, info.numeric, {}};
  while (const auto chunk = rows.next()) {
    for (std::size_t row = 0; row < chunk->size(); ++row) {
      auto& cells = table.rows.emplace_back();
      for (std::size_t column = 0; column < info.names.size(); ++column) {
        if (chunk->is_null(column, row)) {
          cells.emplace_back();
        } else {
          cells.emplace_back(std::string(chunk->text(column, row)));
        }
      }
    }
  }
  return table;
}

core::Result<std::string> parquet_to_csv(const std::string& path) {
  ARGOSY_TRY(const auto database, detail::Database::open(0));
  auto read = database->query(
      fmt::format("SELECT COLUMNS(*)::VARCHAR FROM read_parquet({}, hive_partitioning = false)", detail::quote(path)));
  if (!read) {
    const auto code = read.error().code == core::ErrorCode::kNotFound ? core::ErrorCode::kNotFound
                                                                      : core::ErrorCode::kInvalidArgument;
    return core::fail(core::Error(code, "the Parquet file cannot be read: " + read.error().message)
                          .at(path)
                          .with_hint("check that the file is whole, or get it again"));
  }
  std::string out;
  for (std::size_t i = 0; i < read->column_count(); ++i) {
    if (i > 0) out += ',';
    core::append_csv_cell(out, read->column_name(i));
  }
  out += '\n';
  while (const auto chunk = read->next()) {
    for (std::size_t row = 0; row < chunk->size(); ++row) {
      for (std::size_t i = 0; i < read->column_count(); ++i) {
        if (i > 0) out += ',';
        if (!chunk->is_null(i, row)) core::append_csv_cell(out, chunk->text(i, row));
      }
      out += '\n';
    }
  }
  return out;
}

core::Result<void> write_parquet(core::Files& files, const std::string& path, market::Timeframe timeframe,
                                 const std::map<std::string, market::BarColumns>& bars) {
  ARGOSY_TRY(const auto database, detail::Database::open(0));
  ARGOSY_TRY_VOID(detail::create_bar_table(*database, "exported", timeframe));
  for (const auto& [symbol, columns] : bars) {
    ARGOSY_TRY_VOID(detail::append_bars(*database, "exported", symbol, columns, timeframe));
  }
  const std::string temporary = path + ".tmp";
  const std::string columns = timeframe.is_intraday() ? "* REPLACE (time::TIMESTAMP::TIMESTAMPTZ AS time)" : "*";
  auto written = database->execute(
      fmt::format("COPY (SELECT {} FROM exported ORDER BY symbol, {}) TO {} (FORMAT parquet, COMPRESSION zstd)",
                  columns, detail::key_column(timeframe), detail::quote(temporary)));
  if (written) written = files.sync_and_rename(temporary, path);
  if (!written && files.exists(temporary)) (void)files.remove(temporary);
  return written;
}

}  // namespace argosy::lake
