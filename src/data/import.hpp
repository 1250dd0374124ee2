// Bars from a file into the lake: every line is judged, good bars are added or changed, impossible ones go to
// quarantine.
//
//   ARGOSY_TRY(const ImportReport report, import_bars(lake, files, {.path = "F.csv", .symbol = "F"}));
//   report.symbols[0].added;
//
// Importing the same file twice changes nothing.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/files.hpp"
#include "core/result.hpp"
#include "lake/lake.hpp"
#include "market/timeframe.hpp"

namespace argosy::data {

struct ImportRequest {
  std::string path;                      // CSV, or Parquet by its suffix .parquet
  std::optional<std::string> text = {};  // the CSV itself; then `path` is what it is called
  std::string symbol = {};               // empty: the file's symbol column
  market::Timeframe timeframe = {};
  std::string exchange = {};              // sets the instrument's calendar; empty: keep it, or the default
  std::string default_exchange = "24/7";  // of instruments that the lake does not know yet
  std::string time_zone = {};
  std::map<std::string, std::string> columns = {};
  market::PriceSource source = market::PriceSource::kHistorical;
  bool strict = false;  // odd rows go to quarantine too
  // Where the lake has none of a symbol: what is known of it elsewhere.
  std::map<std::string, market::Instrument> known = {};
};

// What became of one symbol's lines.
struct SymbolImport {
  std::string symbol;
  std::string timeframe;
  std::int64_t rows = 0;  // lines of the file
  std::int64_t added = 0;
  std::int64_t changed = 0;  // the lake had other values
  std::int64_t unchanged = 0;
  std::int64_t repeated = 0;  // the same line again
  std::int64_t quarantined = 0;
  std::int64_t odd = 0;  // findings on rows that were kept, gaps included
  std::string first;     // of the good bars
  std::string last;
  std::vector<lake::QualityRow> findings;
};

struct ImportReport {
  std::vector<SymbolImport> symbols;  // sorted; lines whose symbol cannot be read are under "?"
  std::vector<std::string> notes;
};

// Errors: kInvalidArgument with the first reasons when no line can be used; those of reading and of the lake.
[[nodiscard]] core::Result<ImportReport> import_bars(const lake::Lake& lake, core::Files& files,
                                                     const ImportRequest& request, const lake::Progress& progress = {},
                                                     const lake::BeforeCommit& before_commit = {});
// Several files as one change: all become visible together or none.
[[nodiscard]] core::Result<std::vector<ImportReport>> import_files(const lake::Lake& lake, core::Files& files,
                                                                   const std::vector<ImportRequest>& requests,
                                                                   const lake::Progress& progress = {},
                                                                   const lake::BeforeCommit& before_commit = {});

// {"items": one a symbol, "meta": {count, notes, findings}}, of the findings the first `most`.
void write_report(core::JsonWriter& json, const ImportReport& report,
                  std::size_t most = std::numeric_limits<std::size_t>::max());

}  // namespace argosy::data

template <>
struct argosy::core::RecordOf<argosy::data::SymbolImport> {
  using SymbolImport = argosy::data::SymbolImport;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(SymbolImport, symbol, .text = "ticker symbol"),
      ARGOSY_FIELD(SymbolImport, timeframe, .text = "length of a bar"),
      ARGOSY_FIELD(SymbolImport, rows, .unit = "lines", .text = "lines of the file"),
      ARGOSY_FIELD(SymbolImport, added, .unit = "bars", .text = "new in the lake"),
      ARGOSY_FIELD(SymbolImport, changed, .unit = "bars", .text = "had other values before"),
      ARGOSY_FIELD(SymbolImport, unchanged, .unit = "bars", .text = "were there already"),
      ARGOSY_FIELD(SymbolImport, repeated, .unit = "lines", .text = "said the same again"),
      ARGOSY_FIELD(SymbolImport, quarantined, .unit = "lines", .text = "impossible, or odd with --strict"),
      ARGOSY_FIELD(SymbolImport, odd, .unit = "findings", .text = "odd but kept"),
      ARGOSY_FIELD(SymbolImport, first, .text = "the first bar of the file"),
      ARGOSY_FIELD(SymbolImport, last, .text = "the last bar of the file"),
  };
  static constexpr RecordType kType{"import", "What an import did with a symbol", kFields};
};
