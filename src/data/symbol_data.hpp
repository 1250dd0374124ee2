// One symbol's bars with everything needed to read them: its instrument, its corporate actions and the factors that
// join prices across them; and the panel that formulas run over.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/panel.hpp"
#include "core/result.hpp"
#include "market/bar.hpp"
#include "market/calendar.hpp"
#include "market/corporate_actions.hpp"
#include "market/instrument.hpp"
#include "market/timeframe.hpp"

namespace argosy::lake {
class Snapshot;
}

namespace argosy::data {

// A range of keys, both ends included; nothing means unbounded.
struct KeyRange {
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> to;
};

// What people write as the ends, dates or times; empty: none. For bars within a day a bare date means its first or its
// last nanosecond (UTC).
[[nodiscard]] core::Result<KeyRange> parse_range(const std::string& from, const std::string& to,
                                                 market::Timeframe timeframe);

struct SymbolData {
  market::Instrument instrument;
  market::Timeframe timeframe;
  market::BarColumns bars;                       // within the range asked for
  std::vector<market::CorporateAction> actions;  // all of the symbol's, sorted
  std::int64_t anchor = 0;                       // the key of the bar at which the factors are 1
  market::AdjustmentFactors factors;             // one entry a bar; computed from the anchor on, whatever the range
  std::string content_hash;                      // of instrument, bars and actions in the range
};

// Loads a symbol as of the snapshot. Errors: unknown symbol or timeframe (with what there is), an empty range.
[[nodiscard]] core::Result<SymbolData> load_symbol(const lake::Snapshot& snapshot, const std::string& symbol,
                                                   market::Timeframe timeframe, const KeyRange& range);

// The same of several symbols, in their order; of many it is faster than one after the other.
[[nodiscard]] core::Result<std::vector<SymbolData>> load_symbols(const lake::Snapshot& snapshot,
                                                                 std::span<const std::string> symbols,
                                                                 market::Timeframe timeframe, const KeyRange& range);

enum class PriceMode : std::uint8_t { kAdjusted, kRaw };

// Columns named by `fields`, one entity a symbol: open high low close volume vwap; raw.open raw.high raw.low raw.close;
// hour minute weekday day month quarter session_minute is_month_end, of the bar's opening on the exchange's clock. kRaw
// makes close equal raw.close.
[[nodiscard]] core::Panel make_panel(std::span<const SymbolData> symbols, std::span<const std::string> fields,
                                     PriceMode mode);

// One symbol's columns with the instants its bars are complete.
struct SymbolRows {
  std::vector<std::int64_t> keys;
  std::vector<std::int64_t> closing;  // nanoseconds since 1970
  std::vector<std::vector<double>> columns;
};
[[nodiscard]] core::Result<SymbolRows> make_rows(const SymbolData& symbol, std::span<const std::string> fields,
                                                 PriceMode mode);
// The same in bars of a longer timeframe made of these: a bar is open until its closing instant by the exchange's
// calendar, so the last one may be half made. kInvalidArgument when `timeframe` is not longer.
[[nodiscard]] core::Result<SymbolRows> make_rows(const SymbolData& symbol, std::span<const std::string> fields,
                                                 PriceMode mode, market::Timeframe timeframe);
// The key of the bar of `to` that a bar of `from`, which is shorter, is part of.
[[nodiscard]] std::int64_t longer_key(std::int64_t key, market::Timeframe from, market::Timeframe to,
                                      const market::Calendar& calendar);

}  // namespace argosy::data
