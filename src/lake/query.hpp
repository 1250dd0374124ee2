// SQL over the lake for people, and Parquet files of other makes. Nothing of Argosy's own computes through this.
//
//   ARGOSY_TRY(const QueryTable table, query(snapshot, "SELECT symbol, count(*) FROM bars_1d GROUP BY symbol"));
//
// Views: bars_<timeframe> for each timeframe, instruments, actions, quality, quarantine, universes, anchors. Only
// reading statements are run, and only files of the lake can be reached.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "lake/lake.hpp"

namespace argosy::lake {

struct QueryTable {
  std::vector<std::string> names;
  std::vector<bool> numeric;  // JSON may write the column's texts as numbers
  std::vector<std::vector<std::optional<std::string>>> rows;
};

// kInvalidArgument: a syntax error, an unknown table, a statement that is not one that reads.
[[nodiscard]] core::Result<QueryTable> query(const Snapshot& snapshot, const std::string& sql);

// Any Parquet file as CSV text with a header, for the same reading as a CSV file.
[[nodiscard]] core::Result<std::string> parquet_to_csv(const std::string& path);
// Bars as one Parquet file with the lake's columns; times of intraday bars are instants in UTC.
[[nodiscard]] core::Result<void> write_parquet(core::Files& files, const std::string& path, market::Timeframe timeframe,
                                               const std::map<std::string, market::BarColumns>& bars);

}  // namespace argosy::lake
