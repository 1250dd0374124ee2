// The append file of one timeframe: bars that are not yet folded into Parquet parts. A record is
//
//   u32 length of the body | u32 CRC-32C of the body | body: groups of
//     u16 length of the symbol | symbol | u32 bars | bars of (i64 key, i64 open, high, low, close, f64 volume, vwap, u8
//     source)
//
// little-endian. A record is written by one append and read whole or not at all.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "market/bar.hpp"

namespace argosy::lake::detail {

using SymbolBars = std::map<std::string, market::BarColumns>;

[[nodiscard]] std::string encode_record(const SymbolBars& bars);

struct AppendContents {
  SymbolBars bars;              // of one symbol ascending; of several bars at one key the last written
  std::size_t valid_bytes = 0;  // what follows is the torn tail of a write that was cut off
};
// A record that reaches beyond the end is a torn tail. One that lies before the end and is damaged is kCorrupt.
[[nodiscard]] core::Result<AppendContents> decode_records(std::string_view bytes, const std::string& path);

}  // namespace argosy::lake::detail
