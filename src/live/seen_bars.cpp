#include "live/seen_bars.hpp"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "core/record.hpp"

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
  std::unique_ptr<SeenBars> out(new SeenBars(std::move(lake), std::move(sources)));
  ARGOSY_TRY(const lake::Snapshot seen, out->lake_.snapshot());
  ARGOSY_TRY(const std::vector<lake::Series> series, seen.series());
  for (const lake::Series& each : series) out->last_[{each.symbol, each.timeframe.nominal()}] = each.last;
  return out;
}

// What the home's lake has behind the last bar that was seen.
Result<market::BarColumns> SeenBars::missing(const lake::Snapshot& home, const SeriesName& series,
                                             const market::Calendar& calendar, Timestamp now) const {
  if (!home.has(series.symbol, series.timeframe)) return market::BarColumns();
  const auto last = last_.find({series.symbol, series.timeframe.nominal()});
  const auto from = last == last_.end() ? std::optional<std::int64_t>() : last->second;
  ARGOSY_TRY(const market::BarColumns all, home.load(series.symbol, series.timeframe, from, std::nullopt));
  market::BarColumns out;
  for (std::size_t i = 0; i < all.size() && calendar.closing_instant(all.key[i], series.timeframe) <= now; ++i) {
    if (!from || all.key[i] > *from) out.push_back(all.at(i));
  }
  return out;
}

Result<market::Instrument> SeenBars::instrument_of(const lake::Tables& home, const std::string& symbol) const {
  if (const auto known = home.instruments.find(symbol); known != home.instruments.end()) return known->second;
  return sources_.instrument(symbol);
}

namespace {

// Whether `wanted` has another row of the symbol than `seen`.
bool differs(const lake::Tables& wanted, const lake::Tables& seen, const std::string& symbol) {
  const auto same = [&](const auto& a, const auto& b, const auto& equal) {
    const auto left = a.find(symbol);
    const auto right = b.find(symbol);
    if (left == a.end() || right == b.end()) return (left == a.end()) == (right == b.end());
    return equal(left->second, right->second);
  };
  const auto& type = core::record_type<market::Instrument>();
  return !same(wanted.instruments, seen.instruments,
               [&](const auto& a, const auto& b) { return core::csv_row(type, &a) == core::csv_row(type, &b); }) ||
         !same(wanted.actions, seen.actions, std::equal_to()) || !same(wanted.anchors, seen.anchors, std::equal_to());
}

// Bars of so many series are in memory at once, and in one commit.
constexpr std::size_t kSeriesACommit = 256;

}  // namespace

Result<void> SeenBars::take_over(std::span<const SeriesName> series, Timestamp now) {
  const std::scoped_lock lock(mutex_);
  ARGOSY_TRY(const lake::Snapshot home, sources_.snapshot());
  std::vector<SeriesName> some;
  for (const SeriesName& each : series) {
    // What is not known is told to whoever reads it.
    if (instrument_of(home.tables(), each.symbol)) some.push_back(each);
    if (some.size() < kSeriesACommit && &each != &series.back()) continue;
    ARGOSY_TRY_VOID(take_some(home, some, now));
    some.clear();
  }
  return {};
}

Result<void> SeenBars::take_some(const lake::Snapshot& home, std::span<const SeriesName> series, Timestamp now) {
  const lake::Tables& tables = home.tables();
  if (!snapshot_) {
    ARGOSY_TRY(snapshot_, lake_.snapshot());
  }
  lake::Tables wanted = snapshot_->tables();
  std::map<Key, market::Instrument> taken;
  std::vector<std::pair<SeriesName, market::BarColumns>> bars;
  bool changed = false;
  for (const SeriesName& each : series) {
    ARGOSY_TRY(market::Instrument instrument, instrument_of(tables, each.symbol));
    ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(instrument.exchange));
    ARGOSY_TRY(market::BarColumns behind, missing(home, each, *calendar, now));
    wanted.instruments[each.symbol] = instrument;
    if (const auto actions = tables.actions.find(each.symbol); actions != tables.actions.end())
      wanted.actions[each.symbol] = actions->second;
    if (const auto anchor = tables.anchors.find(each.symbol); anchor != tables.anchors.end())
      wanted.anchors[each.symbol] = anchor->second;
    changed = changed || !behind.empty() || differs(wanted, snapshot_->tables(), each.symbol);
    if (!taken.emplace(Key(each.symbol, each.timeframe.nominal()), std::move(instrument)).second) continue;
    if (!behind.empty()) bars.emplace_back(each, std::move(behind));
  }
  if (changed) {
    ARGOSY_TRY(lake::Transaction transaction, lake_.begin());
    for (const auto& [name, columns] : bars) ARGOSY_TRY_VOID(transaction.put(name.symbol, name.timeframe, columns));
    transaction.set_tables(std::move(wanted));
    snapshot_.reset();
    ARGOSY_TRY_VOID(transaction.commit());
    ARGOSY_TRY(snapshot_, lake_.snapshot());
  }
  for (const auto& [name, columns] : bars) last_[{name.symbol, name.timeframe.nominal()}] = columns.key.back();
  taken_.merge(taken);
  return {};
}

Result<data::SymbolData> SeenBars::history(const std::string& symbol, market::Timeframe timeframe, Timestamp now) {
  const std::scoped_lock lock(mutex_);
  const Key key(symbol, timeframe.nominal());
  if (!taken_.contains(key)) {
    const SeriesName name{symbol, timeframe};
    ARGOSY_TRY(const lake::Snapshot home, sources_.snapshot());
    ARGOSY_TRY_VOID(take_some(home, {&name, 1}, now));
  }
  market::Instrument instrument = std::move(taken_.extract(key).mapped());
  if (!snapshot_) {
    ARGOSY_TRY(snapshot_, lake_.snapshot());
  }
  if (!snapshot_->has(symbol, timeframe)) {
    data::SymbolData none;
    none.instrument = std::move(instrument);
    none.timeframe = timeframe;
    return none;
  }
  return data::load_symbol(*snapshot_, symbol, timeframe, {});
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
    snapshot_.reset();
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
