#include <algorithm>
#include <array>
#include <deque>

#include "feeds/detail/arithmetic.hpp"
#include "feeds/detail/simulated_state.hpp"
#include "feeds/simulated_market.hpp"

namespace argosy::feeds {
namespace {

// The last quote of a bar comes this much before its end, so that the bar is known after it.
constexpr core::Duration kBeforeClose = std::chrono::milliseconds(1);

// The last prices of a bar's four quotes in their order: the nearer extreme of open and close comes first.
std::array<core::Price, 4> prices_of(const market::Bar& bar) {
  if (bar.close < bar.open) return {bar.open, bar.high, bar.low, bar.close};
  return {bar.open, bar.low, bar.high, bar.close};
}

}  // namespace

struct SimulatedStream::Progress {
  std::shared_ptr<const SimulatedMarket::State> state;
  std::vector<detail::SymbolBars> symbols;
  std::vector<detail::SymbolBars::Day> today;  // one a symbol
  std::vector<core::Price> last;               // price of each symbol's last quote
  std::size_t day = 0;                         // the next to be made
  std::size_t bar = 0;                         // of the day, the next to be told
  std::vector<FeedEvent> told;                 // of one bar of every symbol
  std::size_t next = 0;

  [[nodiscard]] market::Quote make_quote(std::size_t symbol, core::Timestamp time, core::Price price) {
    const core::Price tick = state->model.settings.tick;
    const double ticks = static_cast<double>(price.units()) / static_cast<double>(tick.units());
    const core::Price spread =
        tick * std::max<std::int64_t>(1, detail::nearest(ticks * symbols[symbol].traits().spread));
    // A price that rose was paid at the ask; there is no bid below a tick.
    const bool at_ask = price > last[symbol] && price > spread;
    last[symbol] = price;
    return {.time = time,
            .bid = at_ask ? price - spread : price,
            .ask = at_ask ? price : price + spread,
            .last = price,
            .source = market::PriceSource::kSimulated};
  }

  void begin_day() {
    const core::Timestamp open = state->days[day++].session.open;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      symbols[i].next(today[i]);
      for (const auto& action : today[i].actions) told.push_back({open, static_cast<std::uint32_t>(i), action});
    }
    bar = 0;
  }

  void tell_bars() {
    const market::Session& session = state->days[day - 1].session;
    const market::Timeframe timeframe = state->model.settings.timeframe;
    const std::int64_t key = today.front().bars[bar].key;
    const core::Timestamp known = state->model.calendar->closing_instant(key, timeframe);
    core::Timestamp open = session.open;
    core::Timestamp close = session.close;
    if (timeframe.is_intraday()) {
      open = std::max(open, market::key_instant(key));
      close = std::min(close, known);
    }
    const core::Duration third = (close - open) / 3;
    const std::array<core::Timestamp, 4> times = {open, open + third, open + 2 * third, close - kBeforeClose};
    for (std::size_t quote = 0; quote < times.size(); ++quote) {
      for (std::size_t i = 0; i < symbols.size(); ++i) {
        const core::Price price = prices_of(today[i].bars[bar])[quote];
        told.push_back({times[quote], static_cast<std::uint32_t>(i), make_quote(i, times[quote], price)});
      }
    }
    for (std::size_t i = 0; i < symbols.size(); ++i)
      told.push_back({known, static_cast<std::uint32_t>(i), today[i].bars[bar]});
    ++bar;
  }

  // False when there is nothing more to tell.
  bool refill() {
    told.clear();
    next = 0;
    if (day == 0 || bar == today.front().bars.size()) {
      if (day == state->days.size()) return false;
      begin_day();
    }
    tell_bars();
    return true;
  }
};

SimulatedStream::SimulatedStream(const SimulatedMarket& market) : progress_(std::make_unique<Progress>()) {
  progress_->state = market.state_;
  const std::size_t count = market.instruments().size();
  for (std::size_t i = 0; i < count; ++i) progress_->symbols.emplace_back(*market.state_, i);
  progress_->today.resize(count);
  progress_->last.resize(count);
}

SimulatedStream::~SimulatedStream() = default;
SimulatedStream::SimulatedStream(SimulatedStream&&) noexcept = default;
SimulatedStream& SimulatedStream::operator=(SimulatedStream&&) noexcept = default;

std::optional<FeedEvent> SimulatedStream::next() {
  Progress& progress = *progress_;
  if (progress.next == progress.told.size() && !progress.refill()) return std::nullopt;
  return progress.told[progress.next++];
}

}  // namespace argosy::feeds
