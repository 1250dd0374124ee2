// The manifest: the one file that says which files make up the lake. Replacing it is the commit of a write; whoever has
// read it sees one moment over all files, because files never change once they are named in it.
//
//   ARGOSY_TRY(const Manifest manifest, parse_manifest(text, "lake/manifest"));
//   for (const BarFile& file : manifest.files) ...
//
// Its text is lines of words, so that thousands of entries are read in milliseconds; the last line is a checksum over
// all before it.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "market/bar.hpp"
#include "market/timeframe.hpp"

namespace argosy::lake {

// One symbol's bars within one file; the file's partition holds no others of this symbol.
struct SymbolRange {
  std::string symbol;
  std::int64_t rows = 0;
  std::int64_t first = 0;  // keys as in market/bar.hpp
  std::int64_t last = 0;
  std::string hash;  // of the bars alone: bars_hash()
  bool has_vwap = false;
  int source = -1;  // the PriceSource all bars share, -1 when they differ

  friend bool operator==(const SymbolRange&, const SymbolRange&) = default;
};

struct BarFile {
  std::string timeframe;  // "1d"
  std::string partition;  // "2004", or "2024-03" for intraday bars
  std::string path;       // within the lake's folder
  std::uint64_t size = 0;
  std::string hash;                  // SHA-256 of its bytes
  std::vector<SymbolRange> symbols;  // sorted

  [[nodiscard]] const SymbolRange* find(std::string_view symbol) const;
  friend bool operator==(const BarFile&, const BarFile&) = default;
};

struct TableFile {
  std::string path;
  std::uint64_t size = 0;
  std::string hash;
  friend bool operator==(const TableFile&, const TableFile&) = default;
};

struct DroppedFile {
  std::string path;
  std::int64_t dropped_at = 0;  // nanoseconds since 1970
  friend bool operator==(const DroppedFile&, const DroppedFile&) = default;
};

struct Manifest {
  std::int64_t generation = 0;
  std::vector<BarFile> files;                 // sorted by timeframe, partition, path
  std::map<std::string, TableFile> tables;    // by name
  std::map<std::string, std::int64_t> folds;  // timeframe -> how often its append file was folded in
  std::vector<DroppedFile> dropped;           // to be deleted after the grace time

  friend bool operator==(const Manifest&, const Manifest&) = default;
};

[[nodiscard]] std::string format_manifest(const Manifest& manifest);
// kCorrupt when the checksum or a line is wrong; `path` is named in errors.
[[nodiscard]] core::Result<Manifest> parse_manifest(std::string_view text, const std::string& path);

// The partition a bar belongs to: its year, or year and month when it is intraday.
[[nodiscard]] std::string partition_of(std::int64_t key, market::Timeframe timeframe);
// Where each run of rows of one partition begins and ends.
struct PartitionRun {
  std::string partition;
  std::size_t begin = 0;
  std::size_t end = 0;
};
[[nodiscard]] std::vector<PartitionRun> partition_runs(const market::BarColumns& bars, market::Timeframe timeframe);

// The rows' SHA-256; the same wherever and in which order they were stored.
[[nodiscard]] std::string bars_hash(const market::BarColumns& bars, std::size_t begin, std::size_t end);
[[nodiscard]] SymbolRange describe_range(const std::string& symbol, const market::BarColumns& bars);
[[nodiscard]] market::BarColumns slice(const market::BarColumns& bars, std::size_t begin, std::size_t end);
// All rows of both, ascending; where both have a key, `newer` stands.
[[nodiscard]] market::BarColumns merge(const market::BarColumns& older, const market::BarColumns& newer);

}  // namespace argosy::lake
