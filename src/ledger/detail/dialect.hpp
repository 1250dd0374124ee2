// Migrations are written once, in the words that SQLite and PostgreSQL share and a few of SQLite's; this turns those
// few into PostgreSQL's:
//
//   CREATE TABLE t (a INTEGER, b REAL, c TEXT) STRICT   CREATE TABLE t (a BIGINT, b DOUBLE PRECISION, c TEXT COLLATE
//   "C")
//
// The words are those in capitals outside of quotation marks and comments, so names are written in small letters. Texts
// are compared by their bytes, as SQLite does it, whatever the server's language is.
#pragma once

#include <string>
#include <string_view>

namespace argosy::ledger::detail {

// Statements that make or change no table come back as they are.
[[nodiscard]] std::string to_postgres(std::string_view sql);

}  // namespace argosy::ledger::detail
