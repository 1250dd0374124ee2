#include "live/live_bars.hpp"

#include <algorithm>

#include "core/check.hpp"

namespace argosy::live {

using core::Timestamp;

LiveBars::LiveBars(core::Executor& executor, Use use) : executor_(executor), use_(std::move(use)) {}

LiveBars::~LiveBars() { *alive_ = false; }

void LiveBars::watch(const TradedInstrument& traded, market::Timeframe timeframe) {
  const auto calendar = market::find_calendar(traded.instrument.exchange);
  ARGOSY_CHECK(calendar.has_value(), "no calendar of {}", traded.instrument.symbol);
  auto& series = series_[{traded.instrument.exchange, timeframe.nominal()}];
  if (!series) {
    series =
        std::make_unique<Series>(Series{.builder = market::BarBuilder(**calendar, {timeframe}), .instruments = {}});
  }
  const auto known = std::ranges::find(series->instruments, traded.instrument_id, &TradedInstrument::instrument_id);
  if (known != series->instruments.end()) return;
  of_[traded.instrument_id].emplace_back(series.get(), static_cast<std::uint32_t>(series->instruments.size()));
  series->instruments.push_back(traded);
  series->builder.set_symbols(static_cast<std::uint32_t>(series->instruments.size()));
}

void LiveBars::on_quote(std::int64_t instrument_id, const market::Quote& quote) {
  const auto found = of_.find(instrument_id);
  if (found == of_.end()) return;
  // What is over closes before this quote counts.
  const Timestamp now = executor_.clock().now();
  if (planned_ <= now) close(now);
  for (const auto& [series, place] : found->second) {
    series->builder.advance(now, closed_);
    series->builder.add(place, quote, quote.volume);
    const auto next = series->builder.next_close();
    if (next && *next < planned_) plan();
  }
  ARGOSY_CHECK(closed_.empty(), "a bar closed before its instant was planned");
}

void LiveBars::close(Timestamp now) {
  std::vector<LiveBar> out;
  for (auto& [key, series] : series_) {
    series->builder.advance(now, closed_);
    for (const market::ClosedBar& each : closed_) {
      const TradedInstrument& traded = series->instruments[each.symbol];
      out.push_back({.instrument_id = traded.instrument_id,
                     .symbol = traded.instrument.symbol,
                     .timeframe = each.timeframe,
                     .bar = each.bar,
                     .closing = each.known});
    }
    closed_.clear();
  }
  std::ranges::stable_sort(out, {}, [](const LiveBar& bar) { return std::pair(bar.closing, bar.timeframe.nominal()); });
  plan();
  if (!out.empty()) use_(std::move(out));
}

// The timer stands at the first instant at which a bar closes.
void LiveBars::plan() {
  Timestamp first = Timestamp::max();
  for (const auto& [key, series] : series_) first = std::min(first, series->builder.next_close().value_or(first));
  if (first == planned_) return;
  if (!timer_.is_none()) executor_.cancel(timer_);
  timer_ = {};
  planned_ = first;
  if (first == Timestamp::max()) return;
  timer_ = executor_.call_at(first, [this, alive = alive_] {
    if (!*alive) return;
    timer_ = {};
    close(executor_.clock().now());
  });
}

}  // namespace argosy::live
