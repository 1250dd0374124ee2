#include <algorithm>

#include "venue/simulated_exchange.hpp"

namespace argosy::venue {

using trading::OrderEvent;

// --- What is noted. ---

void SimulatedExchange::note(InstrumentIndex i, const BarView& bar) {
  last_key_ = std::max(last_key_, bar.key);
  const bool trades = can_trade(i, bar);
  if (!is_quiet(i, bar, trades)) noted_.push_back({.instrument = i, .trades = trades, .bar = bar});
}

void SimulatedExchange::on_quote(InstrumentIndex i, const QuoteView& quote) {
  for (const auto& [side, price] : {std::pair(Side::kSell, quote.bid), std::pair(Side::kBuy, quote.ask)}) {
    if (!is_waiting(i)) return;
    note(i, {.key = quote.key, .open = price, .high = price, .low = price, .close = price, .volume = 1});
    if (noted_.empty()) continue;
    noted_.back().only = side;
    if (quote.room) noted_.back().room = *quote.room;
    match_noted();
  }
}

bool SimulatedExchange::can_trade(InstrumentIndex i, const BarView& bar) const {
  return bar.volume > 0 && !states_[i].halted && books_.rate(i).is_known();
}

bool SimulatedExchange::is_quiet(InstrumentIndex i, const BarView& bar, bool trades) const {
  if (!requests_.empty()) return working_[i].empty();
  return std::ranges::all_of(working_[i], [&](const WorkingOrder& order) {
    if (order.time_in_force != TimeInForce::kGoodTillCancelled || order.kind == OrderKind::kTrailingStop ||
        order.travel.bars > 0 || watches_time_)
      return false;
    if (!trades) return true;
    if (order.waits_for_stop()) return is_better(order.side, bar.worst(order.side), order.stop);
    return order.has_limit() && is_better(order.side, order.limit, bar.best(order.side));
  });
}

// --- The order of things within an instant. ---

void SimulatedExchange::match_noted() {
  std::ranges::sort(noted_, {}, &Noted::instrument);
  ++match_;
  {
    const Busy busy(*this);
    moment_ = Moment::kOpening;
    for (Noted& noted : noted_) begin_bar(noted);
    moment_ = Moment::kAfterOpen;
    auction(false);
    moment_ = Moment::kWithin;
    for (std::size_t k = 0; k < books_.balances(); ++k) spendable_.push_back(books_.power(k));
    for (Noted& noted : noted_) {
      if (noted.trades) match_within(noted);
    }
    spendable_.clear();
    moment_ = Moment::kClosing;
    auction(true);
    for (Noted& noted : noted_) end_bar(noted);
  }
  noted_.clear();
}

const SessionPlace& SimulatedExchange::place(Noted& noted) {
  if (!noted.place) noted.place = clock_.place(noted.instrument, noted.bar.key);
  return *noted.place;
}

void SimulatedExchange::begin_bar(Noted& noted) {
  const InstrumentIndex i = noted.instrument;
  if (settings_.volume_cap.is_positive() && noted.trades && !noted.only) {
    constexpr double kMostShares = 9e9;  // that a quantity has room for
    const auto volume = Quantity::from_double(std::min(noted.bar.volume, kMostShares));
    noted.room =
        market::round_to_lot(instruments_[i], core::scale(volume.value_or(Quantity()), settings_.volume_cap.units(),
                                                          Rate::kUnitsPerOne, core::Rounding::kFloor));
  }
  if (!requests_.empty()) receive_requests(noted);
  // What listeners add meanwhile comes too late for the opening.
  const std::size_t count = working_[i].size();
  for (std::size_t at = 0; at < count; ++at) {
    if (!working_[i][at].done) begin_order(noted, at);
  }
}

void SimulatedExchange::receive_requests(const Noted& noted) {
  std::vector<Request> arrived;
  std::erase_if(requests_, [&](Request& request) {
    const WorkingOrder* order = find(request.change.order);
    if (noted.only && order != nullptr && order->side != *noted.only) return false;
    if (request.instrument != noted.instrument || !arrives(request.travel, noted.instrument, noted.bar.key))
      return false;
    arrived.push_back(request);
    return true;
  });
  for (const Request& request : arrived) {
    WorkingOrder* order = find(request.change.order);
    if (order == nullptr) continue;  // a fill was faster
    if (request.cancels) {
      end(*order, OrderEvent::kCancel, {}, noted.bar.key);
    } else {
      change(*order, noted.instrument, request.change);
    }
  }
}

void SimulatedExchange::begin_order(Noted& noted, std::size_t at) {
  WorkingOrder& order = order_at(noted, at);
  if (noted.only && order.side != *noted.only) return;
  if (!arrives(order.travel, noted.instrument, noted.bar.key)) return;
  if (order.time_in_force == TimeInForce::kDay || order.time_in_force == TimeInForce::kAtClose) {
    const core::Date day = place(noted).day;
    if (!order.session) order.session = day;
    if (*order.session < day) return end(order, OrderEvent::kExpire, "its session is over", noted.bar.key);
  }
  order.match = match_;
  order.since = Moment::kOpening;
  order.tried = false;
  const bool follows = order.kind == OrderKind::kTrailingStop && order.stop.is_zero();
  if (follows && noted.trades) order.stop = noted.bar.open;
}

// Everything is traded at once: what sells pays for what buys.
void SimulatedExchange::auction(bool closing) {
  candidates_.clear();
  for (std::size_t n = 0; n < noted_.size(); ++n) {
    if (!noted_[n].trades) continue;
    const auto& list = working_[noted_[n].instrument];
    for (std::size_t at = 0; at < list.size(); ++at) {
      const WorkingOrder& order = list[at];
      if (!takes_part(order) || !(closing ? at_close(noted_[n], order) : at_open(noted_[n], order))) continue;
      candidates_.push_back({.buys = order.side == Side::kBuy && !order.closes, .id = order.id, .noted = n, .at = at});
    }
  }
  std::ranges::sort(candidates_);
  for (const Candidate& candidate : candidates_) {
    Noted& noted = noted_[candidate.noted];
    if (!takes_part(order_at(noted, candidate.at))) continue;
    if (closing) {
      act_at_close(noted, candidate.at);
    } else {
      act_at_open(noted, candidate.at);
    }
  }
}

// --- The opening. ---

Price SimulatedExchange::level_of(const Noted& noted, const WorkingOrder& order) const {
  if (order.kind != OrderKind::kTrailingStop) return order.stop;
  return trailing_level(order.side, order.stop, order.trail, instruments_[noted.instrument].tick);
}

std::optional<Fill> SimulatedExchange::at_open(Noted& noted, const WorkingOrder& order) {
  if (order.since != Moment::kOpening || order.time_in_force == TimeInForce::kAtClose) return std::nullopt;
  if (order.time_in_force == TimeInForce::kAtOpen && !place(noted).opens) return std::nullopt;
  const Price open = noted.bar.open;
  if (order.waits_for_stop()) return stop_at(order.side, level_of(noted, order), open);
  if (order.has_limit()) return limit_at(order.side, order.limit, open, settings_.limit_touch);
  return Fill{open, FillRule::kNextOpen};
}

void SimulatedExchange::act_at_open(Noted& noted, std::size_t at) {
  const bool stopped = order_at(noted, at).waits_for_stop();
  auto fill = at_open(noted, order_at(noted, at));
  if (!fill) return;  // changed since
  if (stopped) {
    if (!trigger(noted, at)) return;
    if (order_at(noted, at).has_limit()) fill = at_open(noted, order_at(noted, at));
  }
  if (fill) execute(noted, at, *fill);
}

bool SimulatedExchange::trigger(const Noted& noted, std::size_t at) {
  WorkingOrder& order = order_at(noted, at);
  order.triggered = true;
  send({.order = order.id, .event = OrderEvent::kTrigger, .key = noted.bar.key});
  return takes_part(order_at(noted, at));
}

// --- Within the bar. ---

void SimulatedExchange::match_within(Noted& noted) {
  // Fills bring new orders, whose stops come before the limits that are left.
  while (!try_all(noted, true) || !try_all(noted, false)) {
  }
}

// False: stopped where a new order joined.
bool SimulatedExchange::try_all(Noted& noted, bool stops) {
  const auto& list = working_[noted.instrument];
  const std::int64_t joined = joined_;
  for (std::size_t at = 0; at < list.size(); ++at) {
    const WorkingOrder& order = list[at];
    const bool acts = order.waits_for_stop() || order.has_limit();
    if (!takes_part(order) || order.tried || !acts || !order.rests() || order.waits_for_stop() != stops) continue;
    order_at(noted, at).tried = true;
    if (stops) {
      act_on_stop(noted, at);
    } else {
      act_on_limit(noted, at);
    }
    if (joined_ != joined) return false;
  }
  return true;
}

void SimulatedExchange::act_on_stop(Noted& noted, std::size_t at) {
  WorkingOrder& order = order_at(noted, at);
  const BarView& bar = noted.bar;
  const bool within = order.since == Moment::kWithin;
  const Price start = within ? order.start : bar.open;
  // What of the bar is known to come after `start`.
  const Price rest = within ? bar.close : bar.best(order.side);
  const bool trails = order.kind == OrderKind::kTrailingStop;
  const auto follow = [&](Price price) {
    if (trails && is_better(order.side, price, order.stop)) order.stop = price;
  };
  follow(start);
  const Price level = level_of(noted, order);
  const auto at_start = stop_at(order.side, level, start);
  auto fill = at_start ? at_start : stop_within(order.side, level, bar.worst(order.side));
  if (!fill) return follow(rest);
  if (!trigger(noted, at)) return;
  const WorkingOrder& now = order_at(noted, at);
  if (now.has_limit()) {
    fill = at_start ? limit_at(now.side, now.limit, start, settings_.limit_touch) : std::nullopt;
    if (!fill) fill = limit_within(now.side, now.limit, at_start ? rest : bar.close, settings_.limit_touch);
  }
  if (fill) execute(noted, at, *fill);
}

void SimulatedExchange::act_on_limit(Noted& noted, std::size_t at) {
  const WorkingOrder& order = order_at(noted, at);
  const BarView& bar = noted.bar;
  const bool within = order.since == Moment::kWithin;
  auto fill = limit_at(order.side, order.limit, within ? order.start : bar.open, settings_.limit_touch);
  if (!fill)
    fill = limit_within(order.side, order.limit, within ? bar.close : bar.best(order.side), settings_.limit_touch);
  if (fill) execute(noted, at, *fill);
}

// --- The closing and what ends with the bar. ---

std::optional<Fill> SimulatedExchange::at_close(Noted& noted, const WorkingOrder& order) {
  if (order.time_in_force != TimeInForce::kAtClose || !place(noted).closes) return std::nullopt;
  const Price close = noted.bar.close;
  if (order.has_limit() && !limit_at(order.side, order.limit, close, settings_.limit_touch)) return std::nullopt;
  return Fill{close, FillRule::kAtClose};
}

void SimulatedExchange::act_at_close(Noted& noted, std::size_t at) {
  if (const auto fill = at_close(noted, order_at(noted, at))) execute(noted, at, *fill);
}

void SimulatedExchange::end_bar(Noted& noted) {
  const InstrumentIndex i = noted.instrument;
  const std::size_t count = working_[i].size();
  for (std::size_t at = 0; at < count; ++at) {
    WorkingOrder& order = working_[i][at];
    if (!takes_part(order)) continue;
    switch (order.time_in_force) {
      case TimeInForce::kGoodTillCancelled:
        break;
      case TimeInForce::kImmediateOrCancel:
      case TimeInForce::kFillOrKill:
        end(order, OrderEvent::kCancel, "not filled at once", noted.bar.key);
        break;
      case TimeInForce::kAtOpen:
        if (place(noted).opens) end(order, OrderEvent::kExpire, "not filled in the opening", noted.bar.key);
        break;
      case TimeInForce::kDay:
      case TimeInForce::kAtClose:
        if (!order.session) order.session = place(noted).day;
        if (place(noted).closes) end(order, OrderEvent::kExpire, "its session is over", noted.bar.key);
        break;
    }
  }
}

}  // namespace argosy::venue
