#include "venue/simulated_exchange.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"

namespace argosy::venue {

using core::Rounding;
using trading::CashKind;
using trading::OrderEvent;
using trading::OrderState;

SimulatedExchange::SimulatedExchange(const ExchangeSettings& settings, std::vector<market::Instrument> instruments)
    : settings_(settings),
      instruments_(std::move(instruments)),
      books_(settings.account, instruments_),
      clock_(settings.timeframe, instruments_),
      watches_time_(settings.latency.milliseconds > 0) {
  for (const market::Instrument& instrument : instruments_) add_state(instrument.symbol);
}

void SimulatedExchange::add_state(const std::string& symbol) {
  const BorrowTerms& borrow = settings_.borrow;
  const auto special = std::ranges::find(borrow.rates, symbol, &std::pair<std::string, Rate>::first);
  states_.push_back({.lendable = std::ranges::find(borrow.unavailable, symbol) == borrow.unavailable.end(),
                     .borrow_rate = special == borrow.rates.end() ? borrow.rate : special->second});
  working_.emplace_back();
}

InstrumentIndex SimulatedExchange::add_instrument(const market::Instrument& instrument) {
  ARGOSY_CHECK(!busy_, "an instrument is added while bars are matched");
  instruments_.push_back(instrument);
  books_.add_instrument(instrument);
  clock_.add(instrument);
  add_state(instrument.symbol);
  return static_cast<InstrumentIndex>(instruments_.size() - 1);
}

SimulatedExchange::Busy::~Busy() {
  exchange_.busy_ = false;
  exchange_.remove_done();
}

void SimulatedExchange::remove_done() {
  if (busy_) return;
  for (const InstrumentIndex i : with_done_)
    std::erase_if(working_[i], [](const WorkingOrder& order) { return order.done; });
  with_done_.clear();
}

void SimulatedExchange::end(WorkingOrder& order, OrderEvent event, std::string_view note, std::int64_t key) {
  const OrderId id = order.id;
  order.done = true;
  with_done_.push_back(instrument_of_[static_cast<std::size_t>(id.value() - 1)]);
  remove_done();
  send({.order = id, .event = event, .key = key, .note = note});
}

// --- Orders and requests. ---

void SimulatedExchange::submit(trading::Approved<trading::Order>&& approved) { place(approved.value()); }

void SimulatedExchange::list(OrderId id, InstrumentIndex i) {
  const auto index = static_cast<std::size_t>(id.value() - 1);
  if (index >= instrument_of_.size()) instrument_of_.resize(index + 1);
  instrument_of_[index] = i;
}

void SimulatedExchange::place(const trading::Order& order) {
  const InstrumentIndex i = order.instrument;
  ARGOSY_CHECK(listener_ != nullptr && i < instruments_.size(), "order {}", order.id.value());
  list(order.id, i);
  const bool closes = order.effect == trading::Effect::kClose;
  std::string_view refused;
  if (states_[i].gone) refused = "the instrument is delisted";
  if (!closes && order.side == Side::kSell && !states_[i].lendable) refused = "there is nothing to borrow";
  if (!refused.empty()) return send({.order = order.id, .event = OrderEvent::kReject, .note = refused});
  WorkingOrder& working = working_[i].emplace_back();
  working.id = order.id;
  working.side = order.side;
  working.kind = order.kind;
  working.time_in_force = order.time_in_force;
  working.closes = closes;
  working.shrink_to_cash = order.shrink_to_cash;
  working.remaining = order.quantity;
  working.limit = order.limit;
  working.stop = order.stop;
  working.trail = {.amount = order.trail_amount, .ratio = order.trail_ratio};
  working.travel = start_travel(i);
  join_match(working, i);
  send({.order = order.id, .event = OrderEvent::kAccept});
}

void SimulatedExchange::restore(InstrumentIndex i, const WorkingOrder& order) {
  list(order.id, i);
  working_[i].push_back(order);
}

const WorkingOrder* SimulatedExchange::find_order(OrderId id) const {
  const auto index = static_cast<std::size_t>(id.value() - 1);
  if (id.is_none() || index >= instrument_of_.size()) return nullptr;
  const auto& list = working_[instrument_of_[index]];
  const auto found =
      std::ranges::find_if(list, [&](const WorkingOrder& order) { return order.id == id && !order.done; });
  return found == list.end() ? nullptr : &*found;
}

const Request* SimulatedExchange::find_cancel(OrderId id) const {
  const auto found = std::ranges::find_if(
      requests_, [&](const Request& request) { return request.cancels && request.change.order == id; });
  return found == requests_.end() ? nullptr : &*found;
}

WorkingOrder* SimulatedExchange::find(OrderId id) {
  return const_cast<WorkingOrder*>(std::as_const(*this).find_order(id));
}

// What is asked for while a bar is matched leaves at its opening at the earliest, and is not there before the next bar.
Travel SimulatedExchange::start_travel(InstrumentIndex i) {
  const Latency& latency = settings_.latency;
  if (latency.bars > 0) return {.bars = busy_ ? latency.bars - 1 : latency.bars};
  if (watches_time_ && now_) return {.arrives = *now_ + latency.time()};
  if (!watches_time_ || last_key_ == std::numeric_limits<std::int64_t>::min()) return {};
  return {.arrives = (busy_ ? clock_.opening(i, last_key_) : clock_.closing(i, last_key_)) + latency.time()};
}

bool SimulatedExchange::arrives(Travel& travel, InstrumentIndex i, std::int64_t key) {
  if (travel.bars > 0) {
    --travel.bars;
    return false;
  }
  return !watches_time_ || clock_.opening(i, key) >= travel.arrives;
}

void SimulatedExchange::join_match(WorkingOrder& order, InstrumentIndex i) {
  if (filling_ != i || !settings_.latency.is_none() || !order.rests() || moment_ == Moment::kClosing) return;
  ++joined_;
  order.match = match_;
  order.since = moment_;
  order.start = filled_at_;
  order.tried = false;
  if (order.kind == OrderKind::kTrailingStop && order.stop.is_zero()) order.stop = filled_at_;
}

// A cancel overtakes a change that is still on its way: the account no longer waits for an answer to that.
void SimulatedExchange::cancel(OrderId id) {
  WorkingOrder* order = find(id);
  if (order == nullptr) return;
  if (settings_.latency.is_none()) return end(*order, OrderEvent::kCancel, {});
  std::erase_if(requests_, [&](const Request& request) { return request.change.order == id; });
  const InstrumentIndex i = instrument_of_[static_cast<std::size_t>(id.value() - 1)];
  requests_.push_back({.change = {.order = id}, .instrument = i, .cancels = true, .travel = start_travel(i)});
}

void SimulatedExchange::replace(trading::Approved<trading::OrderChange>&& approved) {
  const trading::OrderChange& asked = approved.value();
  WorkingOrder* order = find(asked.order);
  if (order == nullptr) return;
  const InstrumentIndex i = instrument_of_[static_cast<std::size_t>(asked.order.value() - 1)];
  if (settings_.latency.is_none()) return change(*order, i, asked);
  requests_.push_back({.change = asked, .instrument = i, .travel = start_travel(i)});
}

void SimulatedExchange::change(WorkingOrder& order, InstrumentIndex i, const trading::OrderChange& asked) {
  if (asked.quantity <= order.filled) {
    send({.order = order.id, .event = OrderEvent::kRefuseReplace, .note = "as much is filled already"});
    return;
  }
  order.remaining = asked.quantity - order.filled;
  const bool trails = order.kind == OrderKind::kTrailingStop;
  const bool moves = asked.limit != order.limit || (!trails && asked.stop != order.stop);
  order.limit = asked.limit;
  // A trailing stop never goes back.
  if (!trails || is_better(order.side, asked.stop, order.stop)) order.stop = asked.stop;
  if (moves && busy_) {
    order.match = 0;
    join_match(order, i);
  }
  send({.order = order.id, .event = OrderEvent::kReplace});
}

// --- Corporate actions. ---

void SimulatedExchange::split(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator, Price last_close) {
  const Busy busy(*this);
  books_.split(i, numerator, denominator, last_close);
  restate(i, numerator, denominator);
  // By index, for listeners may add orders. NOLINTNEXTLINE(modernize-loop-convert)
  for (std::size_t at = 0; at < working_[i].size(); ++at) {
    WorkingOrder& order = working_[i][at];
    if (!order.done && order.remaining.is_zero()) end(order, OrderEvent::kCancel, "the split left less than one lot");
  }
}

void SimulatedExchange::restate(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator) {
  const auto shares = [&](Quantity quantity) {
    return core::scale(quantity, numerator, denominator, Rounding::kTowardZero);
  };
  const auto price = [&](Price& each) { each = core::scale(each, denominator, numerator, Rounding::kHalfEven); };
  for (Request& request : requests_) {
    if (request.instrument != i || request.cancels) continue;
    const WorkingOrder* order = find(request.change.order);
    if (order == nullptr) continue;
    const Quantity rest = std::max(request.change.quantity - order->filled, Quantity());
    request.change.quantity = shares(order->filled) + market::round_to_lot(instruments_[i], shares(rest));
    price(request.change.limit);
    price(request.change.stop);
  }
  for (WorkingOrder& order : working_[i]) {
    order.remaining = market::round_to_lot(instruments_[i], shares(order.remaining));
    order.filled = shares(order.filled);
    price(order.limit);
    price(order.stop);
    price(order.trail.amount);
  }
}

void SimulatedExchange::cash_out(InstrumentIndex i, std::int64_t key, Price amount) {
  const Busy busy(*this);
  states_[i].gone = true;
  std::erase_if(requests_, [&](const Request& request) { return request.instrument == i; });
  // As above. NOLINTNEXTLINE(modernize-loop-convert)
  for (std::size_t at = 0; at < working_[i].size(); ++at) {
    if (!working_[i][at].done) end(working_[i][at], OrderEvent::kCancel, "the instrument is delisted", key);
  }
  books_.cash_out(i, amount);
}

// --- The end of a day. ---

namespace {

// Market practice for money in most currencies: actual days over 360.
Money charge_of(Money base, Rate rate, std::int64_t days) {
  return core::scale(core::multiply(base, rate, Rounding::kHalfEven), days, 360, Rounding::kHalfEven);
}

}  // namespace

void SimulatedExchange::end_of_day(std::int64_t day_key, std::int64_t days) {
  const Money interest = books_.cash(0).is_negative() ? charge_of(-books_.cash(0), settings_.interest, days) : Money();
  Money borrow;
  for (InstrumentIndex i = 0; i < states_.size(); ++i)
    borrow += charge_of(books_.short_value(i), states_[i].borrow_rate, days);
  for (const auto& [kind, amount] :
       {std::pair(CashKind::kInterest, interest), std::pair(CashKind::kBorrowFee, borrow)}) {
    if (amount.is_zero()) continue;
    books_.charge(-amount);
    listener_->on_cash_event({.kind = kind, .amount = -amount, .key = day_key});
  }
  margin_call_ = books_.is_margin() && books_.is_below_maintenance();
}

// --- Books. ---

std::size_t SimulatedExchange::working_count() const {
  std::size_t count = 0;
  for (const auto& list : working_) {
    count +=
        static_cast<std::size_t>(std::ranges::count_if(list, [](const WorkingOrder& order) { return !order.done; }));
  }
  return count;
}

void SimulatedExchange::verify(const trading::Account& account) const {
  books_.verify(account);
  for (const auto& list : working_) {
    for (const WorkingOrder& order : list) {
      const trading::Order& known = account.order(order.id);
      ARGOSY_CHECK(order.done || (!is_final(known.state) && known.remaining() == order.remaining),
                   "order {}: {} left at the exchange, {} in the account, {}", order.id.value(),
                   order.remaining.to_string(), known.remaining().to_string(), to_string(known.state));
    }
  }
  const auto sent = std::ranges::count_if(
      account.working_orders(), [&](OrderId id) { return account.order(id).state != OrderState::kPendingSubmit; });
  ARGOSY_CHECK(static_cast<std::size_t>(sent) == working_count(), "working orders: exchange {}, account {}",
               working_count(), sent);
}

}  // namespace argosy::venue
