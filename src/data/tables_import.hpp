// Instruments, corporate actions and universes from CSV files into the lake's tables.
//
//   lake::Tables tables = transaction.tables();
//   ARGOSY_TRY(const TableImport result, import_actions(csv, "actions.csv", tables));
//
// A line that cannot be used is an error that names it: these files are small and are corrected by hand.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "data/instruments.hpp"
#include "lake/tables.hpp"

namespace argosy::data {

struct TableImport {
  std::int64_t added = 0;
  std::int64_t changed = 0;
  std::int64_t unchanged = 0;
};

// Columns symbol, ex_date, kind (split, dividend or delisting), numerator, denominator, amount, in any order.
[[nodiscard]] core::Result<TableImport> import_actions(std::string_view csv, const std::string& file,
                                                       lake::Tables& tables);
// Columns symbol and any other of kInstrumentFields; fields that are not there keep their values.
[[nodiscard]] core::Result<TableImport> import_instruments(std::string_view csv, const std::string& file,
                                                           Instruments& instruments);
// Columns universe, symbol, from, to. `universe`: the name when the file has no such column.
[[nodiscard]] core::Result<TableImport> import_universes(std::string_view csv, const std::string& file,
                                                         std::string_view universe, lake::Tables& tables);

// Adds or changes one instrument; the exchange must have a calendar.
[[nodiscard]] core::Result<void> set_instrument(const ledger::InstrumentRow& instrument, Instruments& instruments);
// Whether a universe may have this name: letters, digits, - and _, and not "all".
[[nodiscard]] core::Result<void> check_universe_name(std::string_view name);
// Adds a membership, or changes the end of the one that begins on that date.
[[nodiscard]] core::Result<void> set_membership(const lake::UniverseRow& row, lake::Tables& tables);

}  // namespace argosy::data
