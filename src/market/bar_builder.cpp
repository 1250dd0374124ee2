#include "market/bar_builder.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"

namespace argosy::market {

BarBuilder::BarBuilder(const Calendar& calendar, std::vector<Timeframe> timeframes, std::uint32_t symbols)
    : sessions_(calendar) {
  std::ranges::sort(timeframes, {}, &Timeframe::nominal);
  for (const Timeframe timeframe : timeframes) {
    ARGOSY_CHECK(timeframe.is_intraday() || timeframe == Timeframe(), "bars of {} are not built from quotes",
                 timeframe.to_string());
    buildings_.emplace_back().timeframe = timeframe;
  }
  set_symbols(symbols);
}

void BarBuilder::set_symbols(std::uint32_t count) {
  for (Building& building : buildings_) {
    if (count <= building.bars.size()) continue;
    building.bars.resize(count);
    building.begun.resize(count);
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
    out.push_back({building.stretch.known, symbol, building.timeframe, building.bars[symbol]});
    building.begun[symbol] = false;
  }
  building.order.clear();
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
  const Session* session = sessions_.at(time);
  if (session == nullptr) {
    ++outside_;
    return false;
  }
  // One bar that is closed, of any length, keeps the quote out of all: a longer bar holds what its parts hold. Bars
  // that are not closed yet are never left by this: what is earlier than they are is late, what is later comes after
  // them.
  for (Building& building : buildings_) {
    const bool is_now = time >= building.stretch.from && time < building.stretch.to;
    const Stretch stretch = is_now ? building.stretch : stretch_at(building.timeframe, time, *session);
    if (stretch.known <= now_) {
      ++late_;
      return false;
    }
    building.stretch = stretch;
  }
  for (Building& building : buildings_) {
    Bar& bar = building.bars[symbol];
    if (!building.begun[symbol]) {
      building.begun[symbol] = true;
      building.order.push_back(symbol);
      bar = {
          .key = building.stretch.key, .open = quote.last, .high = quote.last, .low = quote.last, .close = quote.last};
    }
    bar.high = std::max(bar.high, quote.last);
    bar.low = std::min(bar.low, quote.last);
    bar.close = quote.last;
    bar.volume += volume;
    bar.source = quote.source;
  }
  return true;
}

}  // namespace argosy::market
