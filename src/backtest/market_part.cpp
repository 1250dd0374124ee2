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
void cut(std::vector<T>& column, RowRange rows) {
  if (column.empty()) return;  // one that is not kept
  const auto first = column.begin() + static_cast<std::ptrdiff_t>(rows.first);
  column = std::vector<T>(first, first + static_cast<std::ptrdiff_t>(rows.count));
}

void cut_bars(data::SymbolData& symbol, RowRange rows) {
  market::BarColumns& bars = symbol.bars;
  cut(bars.key, rows);
  for (auto* column : {&bars.open, &bars.high, &bars.low, &bars.close}) cut(*column, rows);
  for (auto* column : {&bars.volume, &bars.vwap, &symbol.factors.price, &symbol.factors.split}) cut(*column, rows);
  cut(bars.source, rows);
}

}  // namespace

core::Result<MarketPart> take_part(std::shared_ptr<const MarketData> market, const data::KeyRange& keys) {
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
  MarketData cut = *market;
  for (std::size_t i = 0; i < cut.symbols.size(); ++i) {
    const auto& whole = market->symbols[i].bars.key;
    const std::size_t end = part.rows[i].first + part.rows[i].count;
    cut_bars(cut.symbols[i], part.rows[i]);
    if (cut.detail.empty()) continue;
    // The finer bars of the last bar end where the next one begins.
    data::KeyRange fine{.from = keys.from, .to = {}};
    if (end < whole.size()) fine.to = whole[end] - 1;
    cut_bars(cut.detail[i], find_rows(cut.detail[i].bars.key, fine));
  }
  part.market = std::make_shared<const MarketData>(std::move(cut));
  return part;
}

void keep_part(const MarketPart& part, RunSignals& signals) {
  if (part.whole) return;
  for (std::size_t i = 0; i < signals.symbols.size(); ++i) {
    cut(signals.symbols[i].bits, part.rows[i]);
    for (auto& column : signals.symbols[i].columns) cut(column, part.rows[i]);
  }
}

}  // namespace argosy::backtest
