// Bars out of the lake: CSV, JSON or Parquet.
//
//   export_bars(files, {symbol_data}, {.format = ExportFormat::kCsv, .path = "F.csv"});
#pragma once

#include <span>
#include <string>

#include "core/files.hpp"
#include "core/result.hpp"
#include "data/symbol_data.hpp"

namespace argosy::data {

enum class ExportFormat : std::uint8_t { kCsv, kJson, kParquet };
[[nodiscard]] core::Result<ExportFormat> parse_export_format(std::string_view text);
// By the path's suffix; kInvalidArgument when it has none of .csv, .json, .parquet.
[[nodiscard]] core::Result<ExportFormat> format_of_path(std::string_view path);

// Prices as users know adjusted ones: raw x F / F of the symbol's last stored bar, volume x S of that bar / S. `last`
// holds the factors of that bar, one entry a symbol.
struct LastFactors {
  double price = 1;
  double split = 1;
};
[[nodiscard]] market::BarColumns adjusted_bars(const SymbolData& data, const LastFactors& last);

// One symbol's bars under its name; CSV and JSON have the columns symbol, date or time, open, high, low, close, volume,
// vwap (when a bar has one), source.
[[nodiscard]] std::string bars_csv(std::span<const SymbolData> symbols);
[[nodiscard]] std::string bars_json(std::span<const SymbolData> symbols);
// Writes the file as one step.
[[nodiscard]] core::Result<void> export_bars(core::Files& files, std::span<const SymbolData> symbols,
                                             ExportFormat format, const std::string& path);

}  // namespace argosy::data
