#include "live/seen_bars.hpp"

#include <algorithm>

namespace argosy::live {

using core::Result;
using core::Timestamp;

Result<std::unique_ptr<SeenBars>> SeenBars::open(lake::LakeOptions options, core::Files& files,
                                                 const core::Clock& clock, Sources sources) {
  ARGOSY_TRY_VOID(lake::Lake::create(options, files));
  ARGOSY_TRY(lake::Lake lake, lake::Lake::open(std::move(options), files, clock));
  // What the last run appended bar by bar: every append reads all that stands before it.
  ARGOSY_TRY(lake::Transaction transaction, lake.begin());
  transaction.compact();
  ARGOSY_TRY_VOID(transaction.commit());
  return std::unique_ptr<SeenBars>(new SeenBars(std::move(lake), std::move(sources)));
}

// What the home's lake has behind the last bar that was seen.
Result<market::BarColumns> SeenBars::missing(const lake::Snapshot& seen, const lake::Snapshot& home,
                                             const std::string& symbol, market::Timeframe timeframe,
                                             const market::Calendar& calendar, Timestamp now) const {
  if (!home.has(symbol, timeframe)) return market::BarColumns();
  std::optional<std::int64_t> from;
  if (seen.has(symbol, timeframe)) {
    ARGOSY_TRY(const market::BarColumns known, seen.load(symbol, timeframe, std::nullopt, std::nullopt));
    if (!known.empty()) from = known.key.back() + 1;
  }
  ARGOSY_TRY(const market::BarColumns all, home.load(symbol, timeframe, from, std::nullopt));
  market::BarColumns out;
  for (std::size_t i = 0; i < all.size() && calendar.closing_instant(all.key[i], timeframe) <= now; ++i)
    out.push_back(all.at(i));
  return out;
}

Result<data::SymbolData> SeenBars::history(const std::string& symbol, market::Timeframe timeframe, Timestamp now) {
  const std::scoped_lock lock(mutex_);
  ARGOSY_TRY(const lake::Snapshot home, sources_.snapshot());
  const lake::Tables& tables = home.tables();
  market::Instrument instrument;
  if (const auto known = tables.instruments.find(symbol); known != tables.instruments.end()) {
    instrument = known->second;
  } else {
    ARGOSY_TRY(instrument, sources_.instrument(symbol));
  }
  ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(instrument.exchange));
  ARGOSY_TRY(lake::Snapshot seen, lake_.snapshot());
  ARGOSY_TRY(const market::BarColumns bars, missing(seen, home, symbol, timeframe, *calendar, now));
  lake::Tables wanted = seen.tables();
  wanted.instruments[symbol] = instrument;
  if (const auto actions = tables.actions.find(symbol); actions != tables.actions.end())
    wanted.actions[symbol] = actions->second;
  if (const auto anchor = tables.anchors.find(symbol); anchor != tables.anchors.end())
    wanted.anchors[symbol] = anchor->second;
  const auto differs = [&](std::string_view table) {
    return lake::format_table(table, wanted) != lake::format_table(table, seen.tables());
  };
  if (!bars.empty() || std::ranges::any_of(lake::kTableNames, differs)) {
    ARGOSY_TRY(lake::Transaction transaction, lake_.begin());
    if (!bars.empty()) ARGOSY_TRY_VOID(transaction.put(symbol, timeframe, bars));
    transaction.set_tables(std::move(wanted));
    ARGOSY_TRY_VOID(transaction.commit());
    ARGOSY_TRY(seen, lake_.snapshot());
  }
  if (!seen.has(symbol, timeframe)) {
    data::SymbolData none;
    none.instrument = std::move(instrument);
    none.timeframe = timeframe;
    return none;
  }
  ARGOSY_TRY(data::SymbolData out, data::load_symbol(seen, symbol, timeframe, {}));
  last_[{symbol, timeframe.nominal()}] = out.bars.key.back();
  return out;
}

Result<void> SeenBars::append(std::span<const LiveBar> bars) {
  const std::scoped_lock lock(mutex_);
  for (const LiveBar& each : bars) {
    const auto [last, is_new] = last_.try_emplace({each.symbol, each.timeframe.nominal()}, each.bar.key);
    if (!is_new && each.bar.key <= last->second) continue;
    last->second = each.bar.key;
    Waiting& waiting = waiting_[each.timeframe.nominal()];
    waiting.timeframe = each.timeframe;
    waiting.bars[each.symbol].push_back(each.bar);
  }
  while (!waiting_.empty()) {
    const auto first = waiting_.begin();
    ARGOSY_TRY_VOID(lake_.append(first->second.timeframe, first->second.bars));
    waiting_.erase(first);
  }
  return {};
}

Result<std::optional<Timestamp>> SeenBars::last_closing() {
  const std::scoped_lock lock(mutex_);
  ARGOSY_TRY(const lake::Snapshot seen, lake_.snapshot());
  ARGOSY_TRY(const std::vector<lake::Series> series, seen.series());
  std::optional<Timestamp> out;
  for (const lake::Series& each : series) {
    const auto known = seen.tables().instruments.find(each.symbol);
    if (known == seen.tables().instruments.end()) continue;
    ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(known->second.exchange));
    const Timestamp closing = calendar->closing_instant(each.last, each.timeframe);
    if (!out || closing > *out) out = closing;
  }
  return out;
}

}  // namespace argosy::live
