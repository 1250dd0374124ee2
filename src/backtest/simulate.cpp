#include "backtest/simulate.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "backtest/dated_actions.hpp"
#include "core/check.hpp"
#include "market/calendar.hpp"
#include "venue/simulated_exchange.hpp"

namespace argosy::backtest {

using trading::InstrumentIndex;

namespace {

const market::Calendar& calendar_of(const data::SymbolData& data) {
  const auto calendar = market::find_calendar(data.instrument.exchange);
  ARGOSY_CHECK(calendar.has_value(), "calendar of {}", data.instrument.symbol);
  return **calendar;
}

// Where in the order of bars an action takes effect: at the session's start for bars within a day.
std::int64_t action_key(const data::SymbolData& data, core::Date ex_date) {
  if (!data.timeframe.is_intraday()) return market::date_key(ex_date);
  const auto session = calendar_of(data).session(ex_date);
  return session ? session->open.time_since_epoch().count() : market::date_key(ex_date);
}

}  // namespace

std::vector<DatedAction> date_actions(const data::SymbolData& data) {
  std::vector<DatedAction> out;
  if (data.bars.empty()) return out;
  for (const market::CorporateAction& action : data.actions) {
    if (action.kind == market::ActionKind::kDelisting) continue;  // make_delistings()
    const std::int64_t key = action_key(data, action.ex_date);
    // What happened before the first bar of the run changes nothing: nothing is held yet.
    if (key > data.bars.key.front()) out.push_back({key, action});
  }
  return out;
}

namespace {

// A feed with its place in it. What every bar needs stands first, in one line of the cache.
struct Cursor {
  const std::int64_t* keys = nullptr;
  const Price* close = nullptr;
  const std::uint8_t* signals = nullptr;
  std::size_t row = 0;
  std::size_t rows = 0;
  std::int64_t next_action_key = std::numeric_limits<std::int64_t>::max();  // of `actions`
  const double* factors = nullptr;  // quoted prices times these are adjusted ones; none: they are the same
  const market::BarColumns* bars = nullptr;
  std::span<const std::vector<double>> columns;
  const market::BarColumns* detail = nullptr;
  std::vector<DatedAction> actions;
  std::size_t next_action = 0;

  [[nodiscard]] bool has_bar_at(std::int64_t key) const { return row < rows && keys[row] == key; }
  // The next action becomes the one at `index`.
  void set_next_action(std::size_t index) {
    next_action = index;
    next_action_key = index < actions.size() ? actions[index].key : std::numeric_limits<std::int64_t>::max();
  }
};

Cursor make_cursor(const Feed& feed, bool corporate_actions) {
  ARGOSY_CHECK(feed.signals.size() == feed.data->bars.size(), "{} signals for {} bars", feed.signals.size(),
               feed.data->bars.size());
  Cursor cursor{.keys = feed.data->bars.key.data(),
                .close = feed.data->bars.close.data(),
                .signals = feed.signals.data(),
                .rows = feed.data->bars.size(),
                .bars = &feed.data->bars,
                .columns = feed.columns};
  if (feed.detail != nullptr) cursor.detail = &feed.detail->bars;
  if (corporate_actions) cursor.factors = feed.data->factors.price.data();
  if (corporate_actions) cursor.actions = date_actions(*feed.data);
  cursor.set_next_action(0);
  return cursor;
}

// An instrument that is gone, its holders paid.
struct Delisting {
  std::int64_t key = 0;  // the first instant after its last day
  InstrumentIndex instrument = 0;
  core::Date last_day;
  Price amount;
};

std::vector<Delisting> make_delistings(std::span<const Feed> feeds) {
  std::vector<Delisting> out;
  for (InstrumentIndex i = 0; i < feeds.size(); ++i) {
    const data::SymbolData& data = *feeds[i].data;
    for (const market::CorporateAction& action : data.actions) {
      if (action.kind != market::ActionKind::kDelisting) continue;
      const core::Date next = action.ex_date.plus_days(1);
      const std::int64_t key = data.timeframe.is_intraday()
                                   ? calendar_of(data).local_midnight(next).time_since_epoch().count()
                                   : market::date_key(next);
      out.push_back({.key = key, .instrument = i, .last_day = action.ex_date, .amount = action.amount});
    }
  }
  std::ranges::stable_sort(out, {}, &Delisting::key);
  return out;
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
        strategy_(settings.strategy),
        on_instant_(settings.on_instant),
        changes_(settings.changes) {
    exchange_.set_listener(engine_);
    for (const Feed& feed : feeds) cursors_.push_back(make_cursor(feed, settings.corporate_actions));
    for (const RateSeries& series : settings.rates) rates_.push_back({.series = &series});
    has_detail_ = std::ranges::any_of(feeds, [](const Feed& feed) { return feed.detail != nullptr; });
    if (settings.corporate_actions) delistings_ = make_delistings(feeds);
    result_.keys = merge_keys(feeds);
    if (!delistings_.empty() && !result_.keys.empty()) {
      const data::SymbolData& data = *feeds.front().data;
      const market::Calendar& calendar = calendar_of(data);
      const core::Timestamp end = calendar.closing_instant(result_.keys.back(), data.timeframe);
      last_day_ = calendar.local_date(end - core::Duration(1));
    }
    // A setting of later may need what happened before.
    watches_every_close_ = engine_.watches_every_close() || !changes_.empty();
    reserve(feeds);
    may_skip_ = feeds.size() == 1 && !has_detail_ && rates_.empty() && strategy_ == nullptr &&
                !exchange_.needs_marks() && !watches_every_close_ && !on_instant_;
  }

  Simulation execute() {
    result_.equity.reserve(result_.keys.size());
    if (!result_.keys.empty()) set_rates(result_.keys.front());
    result_.initial_cash = engine_.account().initial_cash();
    for (std::size_t at = 0; at < result_.keys.size(); ++at) {
      if (may_skip_) at = skip_idle(at);
      if (at == result_.keys.size()) break;
      const std::int64_t key = result_.keys[at];
      if (on_instant_) on_instant_(key);
      if (!rates_.empty()) set_rates(key);
      while (!changes_.empty() && changes_.front().key <= key) change_strategy();
      while (key >= next_delisting()) delist_next();
      for (InstrumentIndex i = 0; i < cursors_.size(); ++i) {
        if (cursors_[i].has_bar_at(key)) open_bar(i, key);
      }
      if (has_detail_) {
        match_detail(key);
      } else {
        exchange_.match();
      }
      for (InstrumentIndex i = 0; i < cursors_.size(); ++i) {
        if (cursors_[i].has_bar_at(key)) close_bar(i);
      }
      if (strategy_ != nullptr) tell_strategy(key);
      engine_.on_instant_closed(key);
      if (exchange_.needs_marks()) end_day(at);
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
    if (feeds.empty()) return out;
    const data::SymbolData* finest = feeds.front().detail;
    out.timeframe = finest != nullptr ? finest->timeframe : feeds.front().data->timeframe;
    return out;
  }
  static std::vector<market::Instrument> instruments_of(std::span<const Feed> feeds) {
    std::vector<market::Instrument> out;
    for (const Feed& feed : feeds) out.push_back(feed.data->instrument);
    return out;
  }

  // Room for as many orders as there may be signals for: lists that grow are copied.
  void reserve(std::span<const Feed> feeds) {
    std::size_t signals = 0;
    for (const Feed& feed : feeds)
      signals += feed.signals.size() - static_cast<std::size_t>(std::ranges::count(feed.signals, std::uint8_t{0}));
    constexpr std::size_t kMost = 65'536;
    engine_.reserve(std::min(signals, kMost));
  }

  // Goes over the bars of a single feed in which nothing can happen: no order works, no corporate action is due, and no
  // signal asks for what the position allows. Only the equity moves. Returns the first bar that is left.
  std::size_t skip_idle(std::size_t at) {
    if (exchange_.is_waiting(0)) return at;
    Cursor& cursor = cursors_[0];
    const market::BarColumns& bars = *cursor.bars;
    const trading::Account& account = engine_.account();
    const trading::Position& position = account.position(0);
    const std::int64_t next_action = std::min(next_delisting(), cursor.next_action_key);
    const unsigned matters = position.is_long()    ? unsigned{strategy::kSell}
                             : position.is_short() ? unsigned{strategy::kCover}
                                                   : unsigned{strategy::kBuy | strategy::kShort};
    const std::size_t first = at;
    const std::size_t end = result_.keys.size();
    // Stretches without a signal that matters, day by day.
    while (at < end && bars.key[at] < next_action) {
      engine_.pass_instant(bars.key[at]);
      const std::int64_t until = std::min(next_action, engine_.next_day());
      const std::size_t before = at;
      while (at < end && (cursor.signals[at] & matters) == 0 && bars.key[at] < until) ++at;
      if (at == before || at == end || bars.key[at] < until) break;
    }
    const Money cash = account.cash();
    if (position.is_open()) {
      const Quantity quantity = position.quantity();
      result_.equity.resize(at);
      Money* equity = result_.equity.data();
      const Price* close = bars.close.data();
      for (std::size_t row = first; row < at; ++row)
        equity[row] = cash + core::notional(close[row], quantity, core::Rounding::kHalfEven);
    } else {
      result_.equity.insert(result_.equity.end(), at - first, cash);
    }
    if (at == first) return at;
    cursor.row = at;
    engine_.account().set_mark(0, bars.close[at - 1]);
    if (position.is_open()) result_.invested += static_cast<std::int64_t>(at - first);
    return at;
  }

  void open_bar(InstrumentIndex i, std::int64_t key) {
    Cursor& cursor = cursors_[i];
    while (cursor.next_action_key <= key) {
      const market::CorporateAction action = cursor.actions[cursor.next_action].action;
      cursor.set_next_action(cursor.next_action + 1);
      apply_action(i, key, action);
    }
    if (has_detail_ || !exchange_.is_waiting(i)) return;
    exchange_.on_bar(i, view(*cursor.bars, cursor.row));
  }

  static venue::BarView view(const market::BarColumns& bars, std::size_t row) {
    return {.key = bars.key[row],
            .open = bars.open[row],
            .high = bars.high[row],
            .low = bars.low[row],
            .close = bars.close[row],
            .volume = bars.volume[row]};
  }

  // Orders are tried against the finer bars within the bars of this instant, instant by instant; where there are none
  // against the bar itself, first.
  void match_detail(std::int64_t key) {
    steps_.clear();
    // Orders come from orders: where none works when the bar opens, none will within it.
    bool waiting = false;
    for (InstrumentIndex i = 0; i < cursors_.size(); ++i) waiting = waiting || exchange_.is_waiting(i);
    if (!waiting) return;
    for (InstrumentIndex i = 0; i < cursors_.size(); ++i) {
      Cursor& cursor = cursors_[i];
      if (!cursor.has_bar_at(key)) continue;
      const auto last =
          cursor.row + 1 < cursor.rows ? cursor.bars->key[cursor.row + 1] : std::numeric_limits<std::int64_t>::max();
      std::size_t from = 0;
      std::size_t to = 0;
      if (cursor.detail != nullptr) {
        const auto& keys = cursor.detail->key;
        from = static_cast<std::size_t>(std::ranges::lower_bound(keys, key) - keys.begin());
        to = static_cast<std::size_t>(std::ranges::lower_bound(keys, last) - keys.begin());
      }
      if (from == to) {
        if (exchange_.is_waiting(i)) ++result_.bars_without_detail;
        steps_.push_back({key, i, cursor.row, false});
      }
      for (std::size_t row = from; row < to; ++row) steps_.push_back({cursor.detail->key[row], i, row, true});
    }
    std::ranges::stable_sort(steps_, {}, &Step::key);
    for (std::size_t k = 0; k < steps_.size();) {
      const std::int64_t instant = steps_[k].key;
      for (; k < steps_.size() && steps_[k].key == instant; ++k) {
        const auto& [step_key, i, row, fine] = steps_[k];
        if (exchange_.is_waiting(i)) exchange_.on_bar(i, view(fine ? *cursors_[i].detail : *cursors_[i].bars, row));
      }
      exchange_.match();
    }
  }

  void change_strategy() {
    const StrategyChange& change = changes_.front();
    changes_ = changes_.subspan(1);
    engine_.change_strategy(change.engine);
    for (InstrumentIndex i = 0; i < cursors_.size(); ++i) {
      ARGOSY_CHECK(change.feeds[i].signals.size() == cursors_[i].rows, "{} signals for {} bars",
                   change.feeds[i].signals.size(), cursors_[i].rows);
      cursors_[i].signals = change.feeds[i].signals.data();
      cursors_[i].columns = change.feeds[i].columns;
    }
  }

  // A rate is that of an earlier day's end.
  void set_rates(std::int64_t key) {
    const std::int64_t today = market::date_key(market::key_date(key));
    for (RateCursor& cursor : rates_) {
      const RateSeries& series = *cursor.series;
      std::size_t next = cursor.next;
      while (next < series.keys.size() && series.keys[next] < today) ++next;
      if (next == cursor.next) continue;
      cursor.next = next;
      engine_.account().set_rate(series.currency, series.rates[next - 1]);
      exchange_.set_rate(series.currency, series.rates[next - 1]);
    }
  }

  // After the last instant of a day: interest, borrow fees, and whether the margin still carries the positions.
  void end_day(std::size_t at) {
    const core::Date today = market::key_date(result_.keys[at]);
    const bool last = at + 1 == result_.keys.size();
    const std::int64_t days = last ? 1 : market::key_date(result_.keys[at + 1]) - today;
    if (days == 0) return;
    exchange_.end_of_day(market::date_key(today), days);
    if (!exchange_.margin_call()) return;
    ++result_.margin_calls;
    engine_.leave_all(result_.keys[at], trading::OrderReason::kMarginCall);
  }

  [[nodiscard]] std::int64_t next_delisting() const {
    return delisted_ < delistings_.size() ? delistings_[delisted_].key : std::numeric_limits<std::int64_t>::max();
  }
  // Pays out what is gone. The trade ends at the symbol's last bar.
  void delist_next() {
    const auto& [after, i, last_day, amount] = delistings_[delisted_++];
    const Cursor& cursor = cursors_[i];
    const std::int64_t last = cursor.row > 0 ? cursor.bars->key[cursor.row - 1] : market::date_key(last_day);
    exchange_.cash_out(i, last, amount);
    engine_.cash_out(i, last, amount);
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

  // What is decided now is filled in the next bar, whose prices nobody has looked at yet: they are fetched meanwhile.
  static void prefetch(const market::BarColumns& bars, std::size_t row) {
    if (row >= bars.size()) return;
    for (const auto* column : {&bars.open, &bars.high, &bars.low}) __builtin_prefetch(column->data() + row);
    __builtin_prefetch(bars.volume.data() + row);
  }

  void close_bar(InstrumentIndex i) {
    Cursor& cursor = cursors_[i];
    const std::size_t row = cursor.row++;
    const Price close = cursor.close[row];
    if (exchange_.needs_marks()) exchange_.on_close(i, close);
    if (cursor.signals[row] == 0 && !watches_every_close_) return engine_.account().set_mark(i, close);
    if (cursor.signals[row] != 0) prefetch(*cursor.bars, row + 1);
    engine_.on_bar_closed(i, close, cursor.signals[row],
                          {.columns = cursor.columns, .row = row, .factors = cursor.factors});
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
    // Last days that end with the run.
    while (!result_.keys.empty() && delisted_ < delistings_.size() && delistings_[delisted_].last_day <= last_day_) {
      delist_next();
      result_.equity.back() = account.equity();
    }
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
    result_.charges = account.charges();
    result_.breaker_trips = engine_.guard().breaker().trips();
    result_.forced_flats = engine_.forced_flats();
    if (trading::PropRules* rules = engine_.guard().prop(); rules != nullptr && !result_.keys.empty())
      result_.prop = rules->status(market::key_instant(result_.keys.back()));
    result_.unsettled_uses = account.unsettled_uses();
    result_.most_day_trades = account.day_trades().most();
    result_.traded = account.traded();
    result_.working_orders = exchange_.working_count();
    return std::move(result_);
  }

  venue::SimulatedExchange exchange_;
  engine::Engine engine_;
  engine::Strategy* strategy_;
  std::function<void(std::int64_t)> on_instant_;
  std::span<const StrategyChange> changes_;  // that are still to come
  std::vector<Cursor> cursors_;
  std::vector<Delisting> delistings_;  // by key
  std::size_t delisted_ = 0;           // so many of them
  core::Date last_day_;                // of the run
  bool has_detail_ = false;
  bool may_skip_ = false;
  bool watches_every_close_ = false;
  struct Step {
    std::int64_t key = 0;
    InstrumentIndex instrument = 0;
    std::size_t row = 0;
    bool fine = false;
  };
  std::vector<Step> steps_;
  struct RateCursor {
    const RateSeries* series = nullptr;
    std::size_t next = 0;
  };
  std::vector<RateCursor> rates_;
  Simulation result_;
};

}  // namespace

Simulation simulate(const SimulationSettings& settings, std::span<const Feed> feeds) {
  return Run(settings, feeds).execute();
}

}  // namespace argosy::backtest
