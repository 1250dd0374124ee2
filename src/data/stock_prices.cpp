#include "data/stock_prices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "core/check.hpp"

namespace argosy::data {

using core::Error;
using core::ErrorCode;
using core::Result;

namespace {

constexpr std::int64_t kNanosecondsPerMinute = 60'000'000'000;

std::int64_t bar_start(std::int64_t key, std::int64_t length) { return key - ((key % length) + length) % length; }

Result<void> check(const PriceQuestion& question) {
  if (question.limit > 0) return {};
  return core::fail(ErrorCode::kInvalidArgument, "a page has at least one row: the limit is 0");
}

struct Rows {
  std::size_t first = 0;
  std::size_t end = 0;
};

Rows rows_of_page(std::size_t count, const PriceQuestion& question) {
  const std::size_t rows = std::min(count, question.limit);
  return question.newest ? Rows{count - rows, count} : Rows{0, rows};
}

template <class Row>
PricePage<Row> begin_page(const market::BarColumns& bars, std::size_t count, Rows rows, market::Timeframe timeframe) {
  PricePage<Row> page{.items = {}, .total = static_cast<std::int64_t>(count), .next = {}};
  if (rows.end < count) page.next = market::format_key(bars.key[rows.end], timeframe);
  page.items.reserve(rows.end - rows.first);
  return page;
}

template <class Row>
void fill(Row& row, const market::Bar& bar, const Stock& stock) {
  row.stock_id = stock.stock_id;
  row.open_price = bar.open;
  row.high_price = bar.high;
  row.low_price = bar.low;
  row.close_price = bar.close;
  row.volume = bar.volume;
  row.source = bar.source;
}

core::Price adjusted(core::Price close, double factor, double last, const std::string& symbol) {
  if (factor == last) return close;
  const auto price = core::Price::from_double(close.to_double() * (factor / last));
  ARGOSY_CHECK(price.has_value(), "{}: adjusted price of {}", symbol, close.to_string());
  return *price;
}

// The stored bars of which bars of `minutes` can be made, the longest first.
Result<market::Timeframe> stored_timeframe(const lake::Snapshot& snapshot, const std::string& symbol,
                                           std::int64_t minutes) {
  std::optional<market::Timeframe> best;
  std::string there;
  for (const market::Timeframe each : snapshot.timeframes(symbol)) {
    there += (there.empty() ? "" : ", ") + each.to_string();
    if (!each.is_intraday() || minutes * kNanosecondsPerMinute % each.nominal().count() != 0) continue;
    if (!best || each.nominal() > best->nominal()) best = each;
  }
  if (best) return *best;
  return core::fail(
      Error(ErrorCode::kNotFound,
            fmt::format("there are no bars of {} of which those of {} minutes could be made", symbol, minutes))
          .with_hint(there.empty() ? fmt::format("argosy data import FILE --symbol {} --timeframe 1m", symbol)
                                   : fmt::format("there are bars of {}", there)));
}

}  // namespace

market::BarColumns join_bars(const market::BarColumns& bars, core::Duration length) {
  market::BarColumns out;
  std::optional<market::Bar> open;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    market::Bar bar = bars.at(i);
    const std::int64_t start = bar_start(bar.key, length.count());
    if (open && open->key == start) {
      open->high = std::max(open->high, bar.high);
      open->low = std::min(open->low, bar.low);
      open->close = bar.close;
      open->volume += bar.volume;
      // What is simulated in part is simulated; otherwise the farther from the exchange counts.
      const auto rank = [](market::PriceSource source) {
        return source == market::PriceSource::kSimulated ? 4 : static_cast<int>(source);
      };
      if (rank(bar.source) > rank(open->source)) open->source = bar.source;
      continue;
    }
    if (open) out.push_back(*open);
    bar.key = start;
    bar.vwap = std::numeric_limits<double>::quiet_NaN();
    open = bar;
  }
  if (open) out.push_back(*open);
  return out;
}

Result<PricePage<StockDailyPrice>> daily_prices(const lake::Snapshot& snapshot, const Stock& stock,
                                                const PriceQuestion& question) {
  ARGOSY_TRY_VOID(check(question));
  constexpr market::Timeframe kDay;
  // To the last bar, by whose factor all are divided.
  ARGOSY_TRY(const SymbolData data, load_symbol(snapshot, stock.symbol, kDay, {question.range.from, std::nullopt}));
  const auto& keys = data.bars.key;
  const auto end = question.range.to ? std::ranges::upper_bound(keys, *question.range.to) : keys.end();
  const auto count = static_cast<std::size_t>(end - keys.begin());
  const Rows rows = rows_of_page(count, question);
  auto page = begin_page<StockDailyPrice>(data.bars, count, rows, kDay);
  const double last = data.factors.price.back();
  for (std::size_t i = rows.first; i < rows.end; ++i) {
    StockDailyPrice& row = page.items.emplace_back();
    const market::Bar bar = data.bars.at(i);
    fill(row, bar, stock);
    row.price_date = market::key_date(bar.key);
    row.adj_close = adjusted(bar.close, data.factors.price[i], last, stock.symbol);
  }
  return page;
}

Result<PricePage<StockIntradayPrice>> intraday_prices(const lake::Snapshot& snapshot, const Stock& stock,
                                                      std::int64_t minutes, const PriceQuestion& question) {
  ARGOSY_TRY_VOID(check(question));
  if (!std::ranges::count(kIntradayMinutes, minutes)) {
    return core::fail(Error(ErrorCode::kInvalidArgument, fmt::format("there are no intervals of {} minutes", minutes))
                          .with_hint(fmt::format("there are those of {} minutes", fmt::join(kIntradayMinutes, ", "))));
  }
  ARGOSY_TRY(const market::Timeframe timeframe, stored_timeframe(snapshot, stock.symbol, minutes));
  const core::Duration length(minutes * kNanosecondsPerMinute);
  // Whole bars: those that begin within the range.
  KeyRange range = question.range;
  if (range.from) range.from = bar_start(*range.from + length.count() - 1, length.count());
  if (range.to) range.to = bar_start(*range.to, length.count()) + length.count() - 1;
  ARGOSY_TRY(market::BarColumns bars, snapshot.load(stock.symbol, timeframe, range.from, range.to));
  if (timeframe.nominal() != length) bars = join_bars(bars, length);
  const Rows rows = rows_of_page(bars.size(), question);
  auto page = begin_page<StockIntradayPrice>(bars, bars.size(), rows, timeframe);
  for (std::size_t i = rows.first; i < rows.end; ++i) {
    StockIntradayPrice& row = page.items.emplace_back();
    const market::Bar bar = bars.at(i);
    fill(row, bar, stock);
    row.timestamp = market::key_instant(bar.key);
    row.interval = minutes;
  }
  return page;
}

}  // namespace argosy::data
