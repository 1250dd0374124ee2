#include "ledger/detail/dialect.hpp"

#include <gtest/gtest.h>

namespace argosy::ledger::detail {
namespace {

TEST(ToPostgres, TypesAndOptionsOfTables) {
  EXPECT_EQ(to_postgres("CREATE TABLE t (a INTEGER NOT NULL PRIMARY KEY, b REAL, c TEXT UNIQUE) STRICT"),
            "CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY, b DOUBLE PRECISION, c TEXT COLLATE \"C\" UNIQUE)");
  EXPECT_EQ(to_postgres("CREATE TABLE t (\n  a INTEGER\n) STRICT, WITHOUT ROWID"), "CREATE TABLE t (\n  a BIGINT\n)");
  EXPECT_EQ(to_postgres("CREATE TABLE t (a INTEGER) WITHOUT ROWID\n"), "CREATE TABLE t (a BIGINT)");
  EXPECT_EQ(to_postgres("ALTER TABLE t ADD COLUMN d INTEGER NOT NULL DEFAULT 0"),
            "ALTER TABLE t ADD COLUMN d BIGINT NOT NULL DEFAULT 0");
}

TEST(ToPostgres, NamesTextsAndCommentsStay) {
  EXPECT_EQ(to_postgres("CREATE TABLE t (real REAL, text TEXT CHECK (text IN ('REAL', 'it''s TEXT')))"),
            "CREATE TABLE t (real DOUBLE PRECISION, text TEXT COLLATE \"C\" CHECK (text IN ('REAL', 'it''s TEXT')))");
  EXPECT_EQ(to_postgres("CREATE TABLE t (a INTEGER, -- an INTEGER\n \"TEXT\" REAL /* REAL */)"),
            "CREATE TABLE t (a BIGINT, -- an INTEGER\n \"TEXT\" DOUBLE PRECISION /* REAL */)");
  EXPECT_EQ(to_postgres("CREATE TABLE t (a_REAL INTEGER, INTEGERS TEXT)"),
            "CREATE TABLE t (a_REAL BIGINT, INTEGERS TEXT COLLATE \"C\")");
}

TEST(ToPostgres, ConversionsWithinChecks) {
  EXPECT_EQ(to_postgres("CREATE TABLE t (a TEXT CHECK (CAST(CAST(a AS INTEGER) AS TEXT) = a)) STRICT"),
            "CREATE TABLE t (a TEXT COLLATE \"C\" CHECK (CAST(CAST(a AS BIGINT) AS TEXT) = a))");
}

// What is no option of a table is left for the server to refuse.
TEST(ToPostgres, OtherEndsAndOtherStatementsStay) {
  for (const char* sql : {"CREATE TABLE t (a BIGINT) TABLESPACE fast", "CREATE TABLE t (a BIGINT", "CREATE TABLE t",
                          "CREATE TABLE t (a BIGINT) STRICTER", "CREATE TABLE t (a BIGINT DEFAULT 'open",
                          "CREATE TABLE t (a BIGINT /* open", "CREATE UNIQUE INDEX i ON t (a) WHERE state = 'REAL'",
                          "INSERT INTO t VALUES ('INTEGER')", ""}) {
    EXPECT_EQ(to_postgres(sql), sql);
  }
}

}  // namespace
}  // namespace argosy::ledger::detail
