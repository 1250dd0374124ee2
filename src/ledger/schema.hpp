// What a database holds: its tables, and the numbered steps by which they came to be.
//
//   ARGOSY_TRY(auto database, open_database({.path = home + "/runs.db"}, runs_schema(), files, clock));
//
// A migration, once released, is never changed: a new one follows it. The tables say what the columns are now; a test
// compares the two.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "core/result.hpp"
#include "ledger/database.hpp"

namespace argosy::ledger {

struct Migration {
  std::string_view name;  // what it brings, in some words
  std::span<const char* const> statements;
};

// A view besides v_<table>: its name, and the SELECT behind it.
struct View {
  std::string_view name;
  std::string_view select;
};

struct Schema {
  std::string_view name;                            // of the database: "runs"
  std::span<const Migration> migrations;            // the version of a database is how many of them it has had
  std::span<const core::RecordType* const> tables;  // each is called after its record
  // Computes again what can be: what does not agree, in words. Null: nothing can be.
  core::Result<std::vector<std::string>> (*verify)(Transaction& work) = nullptr;
  std::span<const View> views = {};  // each may use those before it
};

}  // namespace argosy::ledger
