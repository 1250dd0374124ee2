#include "market/bar_builder.hpp"

#include <algorithm>
#include <limits>
#include <ranges>
#include <utility>

#include "core/check.hpp"

namespace argosy::market {
namespace {

constexpr std::int64_t kNoKey = std::numeric_limits<std::int64_t>::min();

}  // namespace

BarBuilder::BarBuilder(const Calendar& calendar, std::vector<Timeframe> timeframes, std::uint32_t symbols)
    : sessions_(calendar) {
  ARGOSY_CHECK(!timeframes.empty(), "bars of no timeframe");
  std::ranges::sort(timeframes, {}, &Timeframe::nominal);
  for (const Timeframe timeframe : timeframes) {
    ARGOSY_CHECK(timeframe.is_intraday() || timeframe == Timeframe(), "bars of {} are not built from quotes",
                 timeframe.to_string());
    ARGOSY_CHECK(timeframe.nominal() % timeframes.front().nominal() == core::Duration::zero(),
                 "bars of {} are not made of bars of {}", timeframe.to_string(), timeframes.front().to_string());
    buildings_.emplace_back().timeframe = timeframe;
  }
  set_symbols(symbols);
}

void BarBuilder::set_symbols(std::uint32_t count) {
  for (Building& building : buildings_) {
    if (count > building.bars.size()) building.bars.resize(count, Bar{.key = kNoKey});
  }
}

std::optional<core::Timestamp> BarBuilder::next_close() const {
  std::optional<core::Timestamp> next;
  for (const Building& building : buildings_) {
    if (!building.order.empty() && (!next || building.stretch.known < *next)) next = building.stretch.known;
  }
  return next;
}

void BarBuilder::advance(core::Timestamp now, std::vector<ClosedBar>& out) {
  ARGOSY_CHECK(now >= now_, "bars cannot go back from {} to {}", core::format_rfc3339(now_), core::format_rfc3339(now));
  now_ = now;
  // Of what is due the earliest first; equal ones stand in the order of their lengths.
  while (true) {
    Building* due = nullptr;
    for (Building& building : buildings_) {
      if (building.order.empty() || building.stretch.known > now) continue;
      if (due == nullptr || building.stretch.known < due->stretch.known) due = &building;
    }
    if (due == nullptr) return;
    close(*due, out);
  }
}

void BarBuilder::close(Building& building, std::vector<ClosedBar>& out) {
  std::ranges::sort(building.order);
  for (const std::uint32_t symbol : building.order) {
    const Bar& bar = building.bars[symbol];
    out.push_back({building.stretch.known, symbol, building.timeframe, bar});
    if (&building != buildings_.data()) continue;
    for (Building& longer : buildings_ | std::views::drop(1)) put(longer, symbol, bar);
  }
  building.order.clear();
}

void BarBuilder::put(Building& building, std::uint32_t symbol, const Bar& part) {
  Bar& bar = building.bars[symbol];
  if (bar.key != building.stretch.key) {
    building.order.push_back(symbol);
    bar = part;
    bar.key = building.stretch.key;
    return;
  }
  bar.high = std::max(bar.high, part.high);
  bar.low = std::min(bar.low, part.low);
  bar.close = part.close;
  bar.volume += part.volume;
  bar.source = part.source;
}

// The stretch of the bar that holds an instant of a session.
BarBuilder::Stretch BarBuilder::stretch_at(Timeframe timeframe, core::Timestamp time, const Session& session) const {
  if (!timeframe.is_intraday())
    return {.key = date_key(session.date), .from = session.open, .to = session.close, .known = session.close};
  const std::int64_t length = timeframe.nominal().count();
  const std::int64_t since_1970 = time.time_since_epoch().count();
  const std::int64_t within = ((since_1970 % length) + length) % length;
  const std::int64_t key = since_1970 - within;
  const core::Timestamp known = sessions_.calendar().closing_instant(key, timeframe);
  return {.key = key,
          .from = std::max(session.open, key_instant(key)),
          .to = std::min(session.close, known),
          .known = known};
}

bool BarBuilder::add(std::uint32_t symbol, const Quote& quote, double volume) {
  const core::Timestamp time = std::min(quote.time, now_);
  Building& shortest = buildings_.front();
  Stretch stretch = shortest.stretch;
  const bool is_other = time < stretch.from || time >= stretch.to;
  const Session* session = nullptr;
  if (is_other) {
    session = sessions_.at(time);
    if (session == nullptr) {
      ++outside_;
      return false;
    }
    stretch = stretch_at(shortest.timeframe, time, *session);
  }
  if (stretch.known <= now_) {
    ++late_;
    return false;
  }
  if (is_other) {
    // No bar that is being built is left by this: one that ends before this one begins was closed by advance().
    for (Building& building : buildings_) building.stretch = stretch_at(building.timeframe, time, *session);
  }
  put(shortest, symbol,
      {.key = stretch.key,
       .open = quote.last,
       .high = quote.last,
       .low = quote.last,
       .close = quote.last,
       .volume = volume,
       .source = quote.source});
  return true;
}

}  // namespace argosy::market
