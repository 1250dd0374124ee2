#include "backtest/simulate.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"
#include "market/calendar.hpp"
#include "venue/simulated_exchange.hpp"

namespace argosy::backtest {
namespace {

using trading::InstrumentIndex;

struct DatedAction {
  std::int64_t key;  // the first bar with this key or a later one is the first to trade after it
  market::CorporateAction action;
};

// A feed with its place in it.
struct Cursor {
  const market::BarColumns* bars;
  const std::uint8_t* signals;
  std::span<const std::vector<double>> columns;
  const double* factors = nullptr;  // quoted prices times these are adjusted ones; none: they are the same
  std::size_t row = 0;
  std::vector<DatedAction> actions;
  std::size_t next_action = 0;

  [[nodiscard]] bool has_bar_at(std::int64_t key) const { return row < bars->size() && bars->key[row] == key; }
};

// Where in the order of bars an action takes effect: at the session's start for bars within a day.
std::int64_t action_key(const data::SymbolData& data, core::Date ex_date) {
  if (!data.timeframe.is_intraday()) return market::date_key(ex_date);
  const auto calendar = market::find_calendar(data.instrument.exchange);
  ARGOSY_CHECK(calendar.has_value(), "calendar of {}", data.instrument.symbol);
  const auto session = (*calendar)->session(ex_date);
  return session ? session->open.time_since_epoch().count() : market::date_key(ex_date);
}

Cursor make_cursor(const Feed& feed, bool corporate_actions) {
  ARGOSY_CHECK(feed.signals.size() == feed.data->bars.size(), "{} signals for {} bars", feed.signals.size(),
               feed.data->bars.size());
  Cursor cursor{.bars = &feed.data->bars, .signals = feed.signals.data(), .columns = feed.columns};
  if (corporate_actions) cursor.factors = feed.data->factors.price.data();
  if (!corporate_actions || feed.data->bars.empty()) return cursor;
  for (const market::CorporateAction& action : feed.data->actions) {
    const std::int64_t key = action_key(*feed.data, action.ex_date);
    // What happened before the first bar of the run changes nothing: nothing is held yet.
    if (key > feed.data->bars.key.front()) cursor.actions.push_back({key, action});
  }
  return cursor;
}

std::vector<std::int64_t> merge_keys(std::span<const Feed> feeds) {
  std::vector<std::int64_t> keys;
  for (const Feed& feed : feeds) {
    if (keys.empty()) {
      keys = feed.data->bars.key;
      continue;
    }
    std::vector<std::int64_t> both;
    both.reserve(keys.size() + feed.data->bars.size());
    std::ranges::set_union(keys, feed.data->bars.key, std::back_inserter(both));
    keys = std::move(both);
  }
  return keys;
}

class Run {
 public:
  Run(const SimulationSettings& settings, std::span<const Feed> feeds)
      : exchange_(exchange_settings(settings, feeds), instruments_of(feeds)),
        engine_(settings.engine, instruments_of(feeds), exchange_),
        strategy_(settings.strategy) {
    exchange_.set_listener(engine_);
    for (const Feed& feed : feeds) cursors_.push_back(make_cursor(feed, settings.corporate_actions));
    result_.keys = merge_keys(feeds);
  }

  Simulation execute() {
    result_.equity.reserve(result_.keys.size());
    for (const std::int64_t key : result_.keys) {
      for (InstrumentIndex i = 0; i < cursors_.size(); ++i) {
        if (cursors_[i].has_bar_at(key)) open_bar(i, key);
      }
      exchange_.match();
      for (InstrumentIndex i = 0; i < cursors_.size(); ++i) {
        if (cursors_[i].has_bar_at(key)) close_bar(i);
      }
      if (strategy_ != nullptr) tell_strategy(key);
      engine_.on_instant_closed(key);
      result_.equity.push_back(engine_.account().equity());
      result_.invested += engine_.account().has_positions() ? 1 : 0;
    }
    return finish();
  }

 private:
  // Costs and money are those of the engine: its books are compared with the exchange's.
  static venue::ExchangeSettings exchange_settings(const SimulationSettings& settings, std::span<const Feed> feeds) {
    venue::ExchangeSettings out = settings.exchange;
    out.fees = settings.engine.fees;
    out.account = settings.engine.account;
    if (!feeds.empty()) out.timeframe = feeds.front().data->timeframe;
    return out;
  }
  static std::vector<market::Instrument> instruments_of(std::span<const Feed> feeds) {
    std::vector<market::Instrument> out;
    for (const Feed& feed : feeds) out.push_back(feed.data->instrument);
    return out;
  }

  void open_bar(InstrumentIndex i, std::int64_t key) {
    Cursor& cursor = cursors_[i];
    while (cursor.next_action < cursor.actions.size() && cursor.actions[cursor.next_action].key <= key) {
      apply_action(i, key, cursor.actions[cursor.next_action++].action);
    }
    if (!exchange_.is_waiting(i)) return;
    const market::BarColumns& bars = *cursor.bars;
    const std::size_t row = cursor.row;
    exchange_.on_bar(i, {.key = key,
                         .open = bars.open[row],
                         .high = bars.high[row],
                         .low = bars.low[row],
                         .close = bars.close[row],
                         .volume = bars.volume[row]});
  }

  void apply_action(InstrumentIndex i, std::int64_t key, const market::CorporateAction& action) {
    if (action.kind == market::ActionKind::kSplit) {
      const Price last_close = engine_.account().mark(i);
      engine_.split(i, key, action.numerator, action.denominator);
      exchange_.split(i, action.numerator, action.denominator, last_close);
    } else {
      engine_.dividend(i, action.amount);
      exchange_.dividend(i, action.amount);
    }
  }

  void close_bar(InstrumentIndex i) {
    Cursor& cursor = cursors_[i];
    const std::size_t row = cursor.row++;
    if (exchange_.needs_marks()) exchange_.on_close(i, cursor.bars->close[row]);
    engine_.on_bar_closed(
        i, cursor.bars->close[row], cursor.signals[row],
        {.columns = cursor.columns, .row = row, .factor = cursor.factors == nullptr ? 1.0 : cursor.factors[row]});
  }

  // After all closes are marked; a cursor stands behind its bar by now.
  void tell_strategy(std::int64_t key) {
    for (InstrumentIndex i = 0; i < cursors_.size(); ++i) {
      const Cursor& cursor = cursors_[i];
      if (cursor.row > 0 && cursor.bars->key[cursor.row - 1] == key)
        strategy_->on_bar(engine_, i, cursor.bars->at(cursor.row - 1));
    }
  }

  Simulation finish() {
    const trading::Account& account = engine_.account();
    exchange_.verify(account);
    result_.trades.assign(engine_.trades().begin(), engine_.trades().end());
    result_.orders.assign(account.orders().begin(), account.orders().end());
    for (InstrumentIndex i = 0; i < cursors_.size(); ++i) {
      const trading::Position& position = account.position(i);
      if (!position.is_open()) continue;
      result_.open_positions.push_back({.instrument = i,
                                        .quantity = position.quantity(),
                                        .entry_key = position.entry_key(),
                                        .entry_price = position.entry_price(),
                                        .price = account.mark(i),
                                        .profit = position.profit_at(account.mark(i)),
                                        .entry_reason = engine_.entry_reason(i)});
    }
    result_.final_cash = account.cash();
    result_.fees = account.fees();
    result_.dividends = account.dividends();
    result_.traded = account.traded();
    result_.working_orders = exchange_.working_count();
    return std::move(result_);
  }

  venue::SimulatedExchange exchange_;
  engine::Engine engine_;
  engine::Strategy* strategy_;
  std::vector<Cursor> cursors_;
  Simulation result_;
};

}  // namespace

Simulation simulate(const SimulationSettings& settings, std::span<const Feed> feeds) {
  return Run(settings, feeds).execute();
}

}  // namespace argosy::backtest
