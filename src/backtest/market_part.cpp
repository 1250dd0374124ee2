#include "backtest/market_part.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "market/bar.hpp"

namespace argosy::backtest {
namespace {

RowRange find_rows(const std::vector<std::int64_t>& keys, const data::KeyRange& range) {
  const auto first = range.from ? std::ranges::lower_bound(keys, *range.from) : keys.begin();
  const auto last = range.to ? std::ranges::upper_bound(keys, *range.to) : keys.end();
  return {.first = static_cast<std::size_t>(first - keys.begin()),
          .count = last > first ? static_cast<std::size_t>(last - first) : 0};
}

template <class T>
std::vector<T> part_of(const std::vector<T>& column, RowRange rows) {
  if (column.empty()) return {};  // one that is not kept
  const auto first = column.begin() + static_cast<std::ptrdiff_t>(rows.first);
  return std::vector<T>(first, first + static_cast<std::ptrdiff_t>(rows.count));
}

// A copy of some rows; the others are not looked at.
data::SymbolData part_of(const data::SymbolData& symbol, RowRange rows) {
  const market::BarColumns& bars = symbol.bars;
  return {.instrument = symbol.instrument,
          .timeframe = symbol.timeframe,
          .bars = {.key = part_of(bars.key, rows),
                   .open = part_of(bars.open, rows),
                   .high = part_of(bars.high, rows),
                   .low = part_of(bars.low, rows),
                   .close = part_of(bars.close, rows),
                   .volume = part_of(bars.volume, rows),
                   .vwap = part_of(bars.vwap, rows),
                   .source = part_of(bars.source, rows)},
          .actions = symbol.actions,
          .factors = {.price = part_of(symbol.factors.price, rows), .split = part_of(symbol.factors.split, rows)},
          .content_hash = symbol.content_hash};
}

}  // namespace

core::Result<MarketPart> take_part(const std::shared_ptr<const MarketData>& market, const data::KeyRange& keys) {
  MarketPart part{.market = market, .rows = {}};
  std::size_t rows = 0;
  for (const data::SymbolData& symbol : market->symbols) {
    part.rows.push_back(find_rows(symbol.bars.key, keys));
    rows += part.rows.back().count;
    part.whole = part.whole && part.rows.back().count == symbol.bars.size();
  }
  if (rows == 0) {
    return core::fail(core::Error(core::ErrorCode::kInvalidArgument, "there are no bars in this part of the data")
                          .with_hint("choose a part within the range that was loaded"));
  }
  if (part.whole) return part;
  MarketData cut{.symbols = {},
                 .detail = {},
                 .rates = market->rates,
                 .timeframe = market->timeframe,
                 .fill_timeframe = market->fill_timeframe,
                 .currency = market->currency};
  for (std::size_t i = 0; i < market->symbols.size(); ++i) {
    const auto& whole = market->symbols[i].bars.key;
    const std::size_t end = part.rows[i].first + part.rows[i].count;
    cut.symbols.push_back(part_of(market->symbols[i], part.rows[i]));
    if (market->detail.empty()) continue;
    // The finer bars of the last bar end where the next one begins.
    data::KeyRange fine{.from = keys.from, .to = {}};
    if (end < whole.size()) fine.to = whole[end] - 1;
    cut.detail.push_back(part_of(market->detail[i], find_rows(market->detail[i].bars.key, fine)));
  }
  part.market = std::make_shared<const MarketData>(std::move(cut));
  return part;
}

void keep_part(const MarketPart& part, RunSignals& signals) {
  if (part.whole) return;
  for (std::size_t i = 0; i < signals.symbols.size(); ++i) {
    signals.symbols[i].bits = part_of(signals.symbols[i].bits, part.rows[i]);
    for (auto& column : signals.symbols[i].columns) column = part_of(column, part.rows[i]);
  }
}

}  // namespace argosy::backtest
