#include "ledger/detail/catalog.hpp"

#include <fmt/format.h>

#include <array>

namespace argosy::ledger::detail {

using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr std::array kText = {ColumnType::kText};
constexpr std::array kInteger = {ColumnType::kInteger};

constexpr const char* kSqliteTables =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
constexpr const char* kPostgresTables =
    "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename";

constexpr const char* kSqliteColumns = "SELECT name, type, \"notnull\" FROM pragma_table_info(:name) ORDER BY cid";
constexpr const char* kPostgresColumns =
    "SELECT a.attname, CASE format_type(a.atttypid, a.atttypmod) WHEN 'bigint' THEN 'INTEGER' "
    "WHEN 'double precision' THEN 'REAL' WHEN 'text' THEN 'TEXT' ELSE format_type(a.atttypid, a.atttypmod) || ' (of "
    "the server)' END, "
    "CASE WHEN a.attnotnull THEN 1 ELSE 0 END "
    "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = current_schema() AND c.relname = :name AND a.attnum > 0 AND NOT a.attisdropped "
    "ORDER BY a.attnum";

// A row for each column of each reference: constraint, table, column, the table it refers to, the column there.
constexpr const char* kPostgresReferences =
    "SELECT k.conname, t.relname, a.attname, o.relname, b.attname FROM pg_constraint k "
    "JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class o ON o.oid = k.confrelid "
    "JOIN pg_namespace n ON n.oid = t.relnamespace "
    "CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS pair (own, other) "
    "JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = pair.own "
    "JOIN pg_attribute b ON b.attrelid = o.oid AND b.attnum = pair.other "
    "WHERE k.contype = 'f' AND n.nspname = current_schema() ORDER BY t.relname, k.conname";

struct Reference {
  std::string name;
  std::string table;
  std::string other;
  std::vector<std::pair<std::string, std::string>> columns;
};

Result<std::vector<Reference>> references(Transaction& work) {
  std::vector<Reference> found;
  constexpr std::array kTypes = {ColumnType::kText, ColumnType::kText, ColumnType::kText, ColumnType::kText,
                                 ColumnType::kText};
  ARGOSY_TRY_VOID(work.query(kPostgresReferences, kTypes, {}, [&](const Row& row) -> Result<void> {
    if (found.empty() || found.back().name != row.text(0) || found.back().table != row.text(1))
      found.push_back({.name = row.text(0), .table = row.text(1), .other = row.text(3), .columns = {}});
    found.back().columns.emplace_back(row.text(2), row.text(4));
    return {};
  }));
  return found;
}

// How many rows have a value in each column of the reference, and nobody to refer to.
std::string orphans_sql(const Reference& reference) {
  std::string present;
  std::string same;
  for (const auto& [own, other] : reference.columns) {
    present += fmt::format("x.{} IS NOT NULL AND ", own);
    same += fmt::format("{}y.{} = x.{}", same.empty() ? "" : " AND ", other, own);
  }
  return fmt::format("SELECT count(*) FROM {} x WHERE {}NOT EXISTS (SELECT 1 FROM {} y WHERE {})", reference.table,
                     present, reference.other, same);
}

Result<void> alter_references(Transaction& work, std::string_view how) {
  ARGOSY_TRY(const auto all, references(work));
  for (const Reference& each : all)
    ARGOSY_TRY_VOID(work.execute(fmt::format("ALTER TABLE {} ALTER CONSTRAINT {} {}", each.table, each.name, how)));
  return {};
}

}  // namespace

Result<std::vector<std::string>> table_names(Transaction& work, Dialect dialect) {
  return query_texts(work, dialect == Dialect::kSqlite ? kSqliteTables : kPostgresTables);
}

Result<std::vector<Column>> table_columns(Transaction& work, Dialect dialect, const std::string& table) {
  std::vector<Column> columns;
  constexpr std::array kTypes = {ColumnType::kText, ColumnType::kText, ColumnType::kInteger};
  ARGOSY_TRY_VOID(work.query(dialect == Dialect::kSqlite ? kSqliteColumns : kPostgresColumns, kTypes, {table},
                             [&](const Row& row) -> Result<void> {
                               columns.push_back(
                                   {.name = row.text(0), .type = row.text(1), .not_null = row.integer(2) != 0});
                               return {};
                             }));
  return columns;
}

Result<ColumnType> column_type(const Column& column) {
  if (column.type == "INTEGER") return ColumnType::kInteger;
  if (column.type == "REAL") return ColumnType::kReal;
  if (column.type == "TEXT") return ColumnType::kText;
  return fail(ErrorCode::kCorrupt, fmt::format("column {} is of type {}", column.name, column.type));
}

Result<std::vector<std::string>> find_orphans(Transaction& work, Dialect dialect) {
  if (dialect == Dialect::kSqlite) return query_texts(work, "SELECT \"table\" FROM pragma_foreign_key_check");
  std::vector<std::string> found;
  ARGOSY_TRY(const auto all, references(work));
  for (const Reference& each : all) {
    ARGOSY_TRY(const std::int64_t count, query_integer(work, orphans_sql(each)));
    if (count > 0) found.push_back(each.table);
  }
  return found;
}

Result<void> defer_references(Transaction& work, Dialect dialect) {
  if (dialect == Dialect::kPostgres) return alter_references(work, "DEFERRABLE INITIALLY DEFERRED");
  ARGOSY_TRY_VOID(work.execute("PRAGMA defer_foreign_keys = ON"));
  return {};
}

Result<void> settle_references(Transaction& work, Dialect dialect) {
  if (dialect == Dialect::kSqlite) return {};
  ARGOSY_TRY_VOID(work.execute("SET CONSTRAINTS ALL IMMEDIATE"));
  return alter_references(work, "NOT DEFERRABLE");
}

Result<std::vector<std::string>> query_texts(Transaction& work, const std::string& sql,
                                             const std::vector<Value>& values) {
  std::vector<std::string> texts;
  ARGOSY_TRY_VOID(work.query(sql, kText, values, [&](const Row& row) -> Result<void> {
    texts.push_back(row.text(0));
    return {};
  }));
  return texts;
}

Result<std::int64_t> query_integer(Transaction& work, const std::string& sql, const std::vector<Value>& values) {
  std::int64_t answer = 0;
  ARGOSY_TRY_VOID(work.query(sql, kInteger, values, [&](const Row& row) -> Result<void> {
    answer = row.integer(0);
    return {};
  }));
  return answer;
}

}  // namespace argosy::ledger::detail
