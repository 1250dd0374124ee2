#include "feeds/simulated_market.hpp"

#include <algorithm>

#include "core/check.hpp"
#include "feeds/detail/simulated_state.hpp"

namespace argosy::feeds {
namespace {

using detail::MarketDay;

// Names of the market's generators; those of symbols follow in SymbolPath.
constexpr std::uint64_t kMarketDays = 1;
constexpr std::uint64_t kMarketMinutes = 2;
constexpr std::uint64_t kSymbols = 3;

core::Rng rng_of(const detail::Model& model, std::uint64_t name) {
  return core::Rng(static_cast<std::uint64_t>(model.settings.seed)).fork(name);
}

std::size_t minutes_of(const market::Session& session) {
  return static_cast<std::size_t>((session.close - session.open) / std::chrono::minutes(1));
}

// The key of the bar that holds an instant: bars begin at whole multiples of their length, UTC, as when formulas make
// longer bars of shorter ones.
std::int64_t key_at(core::Timestamp time, market::Timeframe timeframe) {
  const std::int64_t since_1970 = time.time_since_epoch().count();
  return since_1970 - since_1970 % timeframe.nominal().count();
}

std::int64_t bars_of(const market::Session& session, market::Timeframe timeframe) {
  if (!timeframe.is_intraday()) return 1;
  const std::int64_t first = key_at(session.open, timeframe);
  const std::int64_t last = key_at(session.close - core::Duration{1}, timeframe);
  return (last - first) / timeframe.nominal().count() + 1;
}

}  // namespace

namespace detail {

SymbolBars::SymbolBars(const SimulatedMarket::State& state, std::size_t symbol)
    : state_(state), path_(state.model, symbol, rng_of(state.model, kSymbols)) {}

market::Bar SymbolBars::make_bar(std::int64_t key, const TickBar& ticks) const {
  const core::Price tick = state_.model.settings.tick;
  return {.key = key,
          .open = tick * ticks.open,
          .high = tick * ticks.high,
          .low = tick * ticks.low,
          .close = tick * ticks.close,
          .volume = static_cast<double>(ticks.volume),
          .source = market::PriceSource::kSimulated};
}

void SymbolBars::next(Day& out) {
  const MarketDay& market = state_.days[day_++];
  SymbolDay day = path_.next(market);
  out.actions = std::move(day.actions);
  out.bars.clear();
  const market::Session& session = market.session;
  const market::Timeframe timeframe = state_.model.settings.timeframe;
  if (!timeframe.is_intraday()) {
    out.bars.push_back(make_bar(market::date_key(session.date), day.bar));
    return;
  }
  const DayShape& shape = state_.shapes.at(minutes_of(session));
  fill_day(day.bar, shape, path_.traits().loading, rng_of(state_.model, kMarketMinutes).fork(day_),
           path_.intraday_rng(), minutes_);
  const std::span<const TickBar> minutes = minutes_;
  for (std::size_t begin = 0; begin < minutes.size();) {
    const std::int64_t key = key_at(session.open + std::chrono::minutes(begin), timeframe);
    const core::Timestamp until = market::key_instant(key) + timeframe.nominal();
    const auto end =
        std::min(minutes.size(), static_cast<std::size_t>((until - session.open) / std::chrono::minutes(1)));
    out.bars.push_back(make_bar(key, join(minutes.subspan(begin, end - begin))));
    begin = end;
  }
}

}  // namespace detail

core::Result<SimulatedMarket> SimulatedMarket::make(const SimulatedMarketSettings& settings) {
  auto state = std::make_shared<State>();
  ARGOSY_TRY(state->model, detail::make_model(settings));
  const detail::Model& model = state->model;
  detail::MarketPath path(model, rng_of(model, kMarketDays));
  core::Date date = settings.start.plus_days(-1);
  for (std::int64_t day = 0; day < settings.days; ++day) {
    date = model.calendar->next_session(date);
    const market::Session session = *model.calendar->session(date);
    state->days.push_back(path.next(session));
    state->bars_per_symbol += bars_of(session, settings.timeframe);
    if (settings.timeframe.is_intraday())
      state->shapes.try_emplace(minutes_of(session), minutes_of(session), model.continuous);
  }
  for (std::size_t symbol = 0; symbol < static_cast<std::size_t>(settings.symbols); ++symbol) {
    const detail::SymbolPath first(model, symbol, rng_of(model, kSymbols));
    state->instruments.push_back(detail::make_instrument(model, symbol, first.traits()));
  }
  return SimulatedMarket(std::move(state));
}

const SimulatedMarketSettings& SimulatedMarket::settings() const { return state_->model.settings; }
std::span<const market::Instrument> SimulatedMarket::instruments() const { return state_->instruments; }
core::Date SimulatedMarket::first_day() const { return state_->days.front().session.date; }
std::int64_t SimulatedMarket::bars_per_symbol() const { return state_->bars_per_symbol; }

SimulatedHistory SimulatedMarket::history(std::size_t symbol) const {
  ARGOSY_CHECK(symbol < state_->instruments.size(), "symbol {} of {}", symbol, state_->instruments.size());
  detail::SymbolBars bars(*state_, symbol);
  SimulatedHistory history;
  history.bars.reserve(static_cast<std::size_t>(state_->bars_per_symbol));
  detail::SymbolBars::Day day;
  for (std::size_t i = 0; i < state_->days.size(); ++i) {
    bars.next(day);
    history.actions.insert(history.actions.end(), day.actions.begin(), day.actions.end());
    for (const market::Bar& bar : day.bars) history.bars.push_back(bar);
  }
  return history;
}

}  // namespace argosy::feeds
