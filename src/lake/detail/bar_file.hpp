// Parquet files of bars. Columns: symbol VARCHAR; date DATE, or time TIMESTAMP_NS for intraday bars; open, high, low,
// close DECIMAL(18,9); volume DOUBLE; vwap DOUBLE (null: none); source VARCHAR. Rows are sorted by symbol and time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lake/detail/duckdb.hpp"
#include "lake/manifest.hpp"

namespace argosy::lake::detail {

[[nodiscard]] std::string_view key_column(market::Timeframe timeframe);  // "date" or "time"
// Makes an empty table for bars, or empties the one there is.
[[nodiscard]] core::Result<void> create_bar_table(Database& database, const std::string& table,
                                                  market::Timeframe timeframe);
[[nodiscard]] core::Result<void> append_bars(Database& database, const std::string& table, const std::string& symbol,
                                             const market::BarColumns& bars, market::Timeframe timeframe);
// Writes a table filled by append_bars, joined with the rows of `older` files whose symbol is none of `replaced`.
[[nodiscard]] core::Result<void> write_bar_file(Database& database, const std::string& table,
                                                const std::vector<std::string>& older,
                                                const std::vector<std::string>& replaced, market::Timeframe timeframe,
                                                const std::string& path);

// A file and where in it a symbol's rows lie: they are in one run.
struct BarFilePart {
  std::string path;
  std::size_t first_row = 0;
  std::size_t rows = 0;
};

struct BarFileQuery {
  std::vector<BarFilePart> parts;  // in the order of time
  market::Timeframe timeframe;
  std::string symbol;
  bool only_symbol = false;  // the files hold nothing else
  bool all_symbols = false;  // all rows are read, symbol after symbol; keys then ascend within each alone
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> to;
  bool has_vwap = true;
  int source = -1;  // as SymbolRange::source
};
// kCorrupt when rows are not where they should be, or keys do not ascend.
[[nodiscard]] core::Result<market::BarColumns> read_bar_files(Database& database, const BarFileQuery& query);

}  // namespace argosy::lake::detail
