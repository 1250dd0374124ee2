#include "trading/risk_gate.hpp"

#include <algorithm>
#include <cmath>

#include "core/check.hpp"
#include "core/planted.hpp"
#include "market/bar.hpp"

namespace argosy::trading {

using core::Rounding;
using core::Timestamp;

// What is judged, and what became of it so far.
struct RiskGate::Case {
  const Order& order;
  const Account& account;
  OrderId replaces;  // the order that is changed, or none
  Money released;    // what that had been promised
  bool adds = true;  // to a position, or to what works
  Decision decision;
  Price expected = {};  // what it would be filled at, at worst
};

namespace {

constexpr std::int64_t kToken = 1'000'000'000;  // one message

// What an order is expected to be filled at, at worst.
Price expected_price(const Order& order, Price mark) {
  switch (order.kind) {
    case OrderKind::kLimit:
    case OrderKind::kStopLimit:
      return order.side == Side::kBuy ? order.limit : std::max(order.limit, mark);
    case OrderKind::kStop:
      return order.side == Side::kBuy ? std::max(order.stop, mark) : mark;
    case OrderKind::kMarket:
    case OrderKind::kTrailingStop:
      return mark;
  }
  return mark;
}

Price magnitude(Price price) { return price.is_negative() ? -price : price; }

bool refuse(Decision& decision, Outcome outcome, Compared numbers = {}, std::string_view note = {}) {
  decision.outcome = outcome;
  decision.numbers = numbers;
  decision.note = note.empty() ? to_string(outcome) : note;
  return false;
}

// Refuses when the value is above a limit that is a number.
template <class T>
bool within(Decision& decision, Outcome outcome, T value, const Limit<T>& limit) {
  return !limit.has_value() || value <= limit.value() || refuse(decision, outcome, compared(value, limit.value()));
}

Decision describe(const Order& order, Timestamp now, bool is_change) {
  return {.instrument = order.instrument,
          .side = order.side,
          .effect = order.effect,
          .kind = order.kind,
          .is_change = is_change,
          .quantity = order.quantity,
          .limit = order.limit,
          .stop = order.stop,
          .time = now};
}

bool is_equal(const Decision& a, const Decision& b) {
  return a.side == b.side && a.effect == b.effect && a.kind == b.kind && a.quantity == b.quantity &&
         a.limit == b.limit && a.stop == b.stop;
}

bool contains(const Limit<Symbols>& list, std::string_view symbol) {
  return list.has_value() && std::ranges::find(list.value(), symbol) != list.value().end();
}

}  // namespace

RiskGate::RiskGate(FeeSchedule fees, LimitProfile profile, Money initial_balance)
    : fees_(std::move(fees)), profile_(std::move(profile)), guard_(profile_, initial_balance), days_(profile_.day) {
  read_limits();
  if (profile_.limits.messages.has_value()) tokens_ = profile_.limits.messages.value().burst * kToken;
}

// What follows from the limits alone.
void RiskGate::read_limits() {
  const RiskLimits& limits = profile_.limits;
  unset_ = {};
  unset_for_all_ = {};
  for (const LimitField<RiskLimits>& field : limit_fields<RiskLimits>()) {
    if (is_set(limits, field)) continue;
    if (unset_.empty()) unset_ = field.name;
    if (field.for_all && unset_for_all_.empty()) unset_for_all_ = field.name;
  }
  watches_prices_ = limits.max_reference_age.has_value() || limits.correlated_exposure.has_value();
  needs_equity_ = limits.max_leverage.has_value() || limits.correlated_exposure.has_value() ||
                  limits.max_daily_loss.has_value() || limits.max_drawdown.has_value();
  needs_exposure_ = limits.max_position_quantity.has_value() || limits.max_position_value.has_value() ||
                    limits.max_open_positions.has_value() || limits.max_gross_exposure.has_value() ||
                    limits.max_net_exposure.has_value() || limits.max_leverage.has_value() ||
                    limits.correlated_exposure.has_value() ||
                    (profile_.prop && profile_.prop->max_contracts.has_value());
}

void RiskGate::set_limits(const RiskLimits& limits, const Account& account) {
  const bool had_messages = profile_.limits.messages.has_value();
  const bool had_correlations = profile_.limits.correlated_exposure.has_value();
  const bool same_fills = profile_.limits.instrument_fills == limits.instrument_fills;
  profile_.limits = limits;
  read_limits();
  if (limits.messages.has_value()) {
    const std::int64_t full = limits.messages.value().burst * kToken;
    tokens_ = had_messages ? std::min(tokens_, full) : full;
  }
  std::optional<Correlations> learned = std::exchange(correlations_, std::nullopt);
  std::vector<Watched> before = std::exchange(watched_, {});
  if (!same_fills) fills_.clear();
  hours_.clear();
  attach(account);
  if (had_correlations && correlations_) correlations_ = std::move(learned);
  for (std::size_t i = 0; i < before.size(); ++i) {
    Watched& now = watched_[i];
    now.priced = before[i].priced;
    now.halted = std::move(before[i].halted);
    now.last_approved = before[i].last_approved;
    if (same_fills) now.next_fill = before[i].next_fill;
  }
}

void RiskGate::attach(const Account& account) {
  const RiskLimits& limits = profile_.limits;
  const auto instruments = account.instruments();
  const std::size_t known_before = watched_.size();
  watched_.resize(instruments.size());
  for (std::size_t i = known_before; i < instruments.size(); ++i) {
    watched_[i].restricted = contains(limits.restricted, instruments[i].symbol);
    watched_[i].allowed = !limits.allowed.has_value() || contains(limits.allowed, instruments[i].symbol);
    if (!limits.trading_hours.has_value()) continue;
    const auto calendar = market::find_calendar(instruments[i].exchange);
    ARGOSY_CHECK(calendar.has_value(), "no calendar of {}", instruments[i].symbol);
    const auto known = std::ranges::find(hours_, *calendar, [](const SessionHours& each) { return &each.calendar(); });
    watched_[i].hours = static_cast<std::size_t>(known - hours_.begin());
    if (known == hours_.end()) hours_.emplace_back(**calendar);
  }
  if (limits.instrument_fills.has_value())
    fills_.resize(instruments.size() * static_cast<std::size_t>(limits.instrument_fills.value().most),
                  Timestamp::min());
  if (limits.correlated_exposure.has_value()) correlations_.emplace(instruments.size());
  exposures_.prepare(instruments.size());
}

// --- Deciding. ---

void RiskGate::judge(Case& c) {
  // The order of Outcome.
  static_cast<void>(passes_order(c) && passes_size(c) && passes_switches(c) && passes_guard(c) && passes_lists(c) &&
                    passes_messages(c) && passes_equal_orders(c) && passes_price(c) && passes_self_match(c) &&
                    passes_order_limits(c) && passes_exposure(c) && passes_cash(c));
  if (c.decision.outcome != Outcome::kApproved) return;
  if (profile_.limits.messages.has_value()) tokens_ -= kToken;
  if (c.adds && c.replaces.is_none()) guard_.breaker().on_entry(now_);
}

Decision& RiskGate::store(const Decision& decided) {
  Decision& decision = decisions_.emplace_back(decided);
  decision.id = DecisionId(forgotten_ + std::ssize(decisions_));
  if (decision.outcome == Outcome::kApproved && !decision.is_change) {
    DecisionId& last = watched_[decision.instrument].last_approved;
    decision.previous_equal = last;
    last = decision.id;
  }
  return decision;
}

void RiskGate::forget(std::size_t keep) {
  auto end = decisions_.end() - static_cast<std::ptrdiff_t>(std::min(keep, decisions_.size()));
  if (const auto& equal = profile_.limits.equal_orders; equal.has_value()) {
    const Timestamp since = now_ - equal.value().within;
    end = std::min(end, std::ranges::upper_bound(decisions_, since, {}, &Decision::time));
  }
  forgotten_ += end - decisions_.begin();
  decisions_.erase(decisions_.begin(), end);
}

std::optional<Approved<Order>> RiskGate::decide(Order order, Account& account) {
  if (watched_.empty()) attach(account);
  Case c{.order = order,
         .account = account,
         .replaces = {},
         .released = {},
         .adds = order.effect == Effect::kOpen,
         .decision = describe(order, now_, false)};
  judge(c);
  const Decision& decision = store(c.decision);
  order.decision = decision.id;
  const bool approved = decision.outcome == Outcome::kApproved;
  const OrderId id = account.record(order, approved ? decision.required : Money());
  if (!approved) {
    account.apply(id, OrderEvent::kDeny, decision.note);
    return std::nullopt;
  }
  account.apply(id, OrderEvent::kSubmit);
  return Approved<Order>(account.order(id), decision.id);
}

void RiskGate::deny(const Order& order, Outcome outcome, Account& account) {
  if (watched_.empty()) attach(account);
  Decision decided = describe(order, now_, false);
  refuse(decided, outcome);
  const Decision& decision = store(decided);
  Order denied = order;
  denied.decision = decision.id;
  account.apply(account.record(denied, Money()), OrderEvent::kDeny, decision.note);
}

std::optional<Approved<OrderChange>> RiskGate::decide(const OrderChange& change, Account& account) {
  if (watched_.empty()) attach(account);
  Order order = account.order(change.order);
  const bool same_prices = order.limit == change.limit && order.stop == change.stop;
  const bool smaller = change.quantity <= order.quantity;
  order.quantity = change.quantity;
  order.limit = change.limit;
  order.stop = change.stop;
  Case c{.order = order,
         .account = account,
         .replaces = change.order,
         .released = account.promised(change.order),
         .adds = order.effect == Effect::kOpen && !(smaller && same_prices),
         .decision = describe(order, now_, true)};
  judge(c);
  const Decision& decision = store(c.decision);
  if (decision.outcome != Outcome::kApproved) return std::nullopt;
  account.request_change(change, decision.required);
  return Approved<OrderChange>(change, decision.id);
}

// --- The order itself. ---

bool RiskGate::passes_order(Case& c) const {
  const Order& order = c.order;
  const market::Instrument& instrument = c.account.instruments()[order.instrument];
  if (order.quantity.is_zero()) return refuse(c.decision, Outcome::kZeroQuantity);
  if (const auto wrong = find_contradiction(order, instrument)) {
    const Outcome outcome = *wrong == "off lot"    ? Outcome::kOffLot
                            : *wrong == "off tick" ? Outcome::kOffTick
                                                   : Outcome::kContradiction;
    return refuse(c.decision, outcome, {}, *wrong);
  }
  const Position& position = c.account.position(order.instrument);
  const bool closing_side = position.is_open() && order.side == position.closing_side();
  if (order.effect == Effect::kClose)
    return (closing_side && order.remaining() <= position.size()) || refuse(c.decision, Outcome::kNothingToClose);
  if (closing_side) return refuse(c.decision, Outcome::kOppositePosition);
  const bool margin = c.account.settings().type == AccountType::kMargin;
  return order.side == Side::kBuy || margin || refuse(c.decision, Outcome::kShortNotAllowed);
}

// Amounts that do not fit stop the program, so that what is far too large must not be multiplied at all.
bool RiskGate::passes_size(Case& c) const {
  constexpr double kMostShares = 4e9;
  constexpr double kMostMoney = 1e12;
  const InstrumentIndex i = c.order.instrument;
  const Price mark = c.account.mark(i);
  c.expected = expected_price(c.order, mark);
  const WorkingQuantity working = c.account.working(i);
  const double shares = c.account.position(i).size().to_double() + working.buy.to_double() + working.sell.to_double() +
                        c.order.quantity.to_double();
  const market::ExchangeRate& rate = c.account.rate(i);
  const double quote = rate.is_known() ? rate.quote.to_double() : 1;
  const double price = std::max(std::abs(c.expected.to_double()), std::abs(mark.to_double())) *
                       std::max(1.0, rate.inverse ? 1 / quote : quote);
  return (shares <= kMostShares && shares * price <= kMostMoney) || refuse(c.decision, Outcome::kTooLarge);
}

// --- What was switched off. ---

bool RiskGate::passes_switches(Case& c) {
  if (const std::string_view unset = c.adds ? unset_ : unset_for_all_; !unset.empty())
    return refuse(c.decision, Outcome::kLimitNotSet, {}, unset);
  const auto stops = [&](const HaltState& state) {
    return state.halt == Halt::kOrders || (state.halt == Halt::kEntries && c.adds);
  };
  if (stops(halted_)) return refuse(c.decision, Outcome::kHalted);
  const HaltState& own = watched_[c.order.instrument].halted;
  return !stops(own) || refuse(c.decision, own.by_fills ? Outcome::kInstrumentFills : Outcome::kInstrumentHalted);
}

bool RiskGate::passes_guard(Case& c) {
  if (!c.adds) return true;
  CircuitBreaker& breaker = guard_.breaker();
  if (const BreakerAnswer answer = breaker.allows_entries(now_); answer != BreakerAnswer::kAllowed) {
    if (answer == BreakerAnswer::kNotSet) return refuse(c.decision, Outcome::kLimitNotSet, {}, breaker.unset());
    const Compared numbers = answer == BreakerAnswer::kOpen ? breaker.trip().numbers : Compared();
    return refuse(c.decision, Outcome::kBreaker, numbers, to_string(answer));
  }
  PropRules* prop = guard_.prop();
  if (prop == nullptr || prop->allows_entries(now_)) return true;
  const PropStatus status = prop->status(now_);
  if (status.verdict == PropVerdict::kNotSet) return refuse(c.decision, Outcome::kLimitNotSet, {}, prop->unset());
  return refuse(c.decision, Outcome::kPropRule, status.numbers, to_string(status.verdict));
}

bool RiskGate::passes_lists(Case& c) {
  if (!c.adds) return true;
  const Watched& watched = watched_[c.order.instrument];
  if (watched.restricted) return refuse(c.decision, Outcome::kRestricted);
  if (!watched.allowed) return refuse(c.decision, Outcome::kNotAllowed);
  const auto& hours = profile_.limits.trading_hours;
  return !hours.has_value() || hours_[watched.hours].is_within(now_, hours.value()) ||
         refuse(c.decision, Outcome::kTradingHours);
}

// --- Messages. ---

void RiskGate::refill() {
  const MessageRate& rate = profile_.limits.messages.value();
  const std::int64_t full = rate.burst * kToken;
  const bool started = refilled_ != Timestamp::min();
  // As long as it takes to fill it is long enough: a product of more would not fit.
  const std::int64_t elapsed = started ? std::min((now_ - refilled_).count(), full / rate.per_second + 1) : 0;
  tokens_ = std::min(full, tokens_ + elapsed * rate.per_second);
  refilled_ = now_;
}

bool RiskGate::passes_messages(Case& c) {
  if (!profile_.limits.messages.has_value()) return true;
  refill();
  const std::int64_t reserve = c.adds ? profile_.limits.messages.value().reserve : 0;
  return tokens_ >= (reserve + 1) * kToken ||
         refuse(c.decision, Outcome::kMessages, compared(tokens_ / kToken, reserve));
}

bool RiskGate::passes_equal_orders(Case& c) const {
  const RiskLimits& limits = profile_.limits;
  if (!c.replaces.is_none()) return true;
  if (limits.equal_orders.has_value()) {
    const auto& [most, within_time] = limits.equal_orders.value();
    std::int64_t equal = 0;
    DecisionId id = watched_[c.order.instrument].last_approved;
    while (id.value() > forgotten_) {
      const Decision& earlier = decisions_[static_cast<std::size_t>(id.value() - 1 - forgotten_)];
      if (earlier.time <= now_ - within_time) break;
      equal += is_equal(earlier, c.decision) ? 1 : 0;
      if (equal >= most) return refuse(c.decision, Outcome::kEqualOrders, compared(equal + 1, most));
      id = earlier.previous_equal;
    }
  }
  const auto working = std::ssize(c.account.working_orders()) + 1;
  return !c.adds || within<std::int64_t>(c.decision, Outcome::kWorkingOrders, working, limits.max_working_orders);
}

void RiskGate::on_cancel() {
  if (!profile_.limits.messages.has_value()) return;
  refill();
  tokens_ = std::max<std::int64_t>(0, tokens_ - kToken);
}

// --- The price. ---

bool RiskGate::passes_price(Case& c) const {
  const RiskLimits& limits = profile_.limits;
  const Order& order = c.order;
  const InstrumentIndex i = order.instrument;
  const Price mark = c.account.mark(i);
  const bool priced = mark.is_positive() || c.account.instruments()[i].may_be_negative;
  const bool compares = limits.price_collar.has_value() || limits.max_order_value.has_value();
  if (!priced && (order.effect == Effect::kOpen || compares)) return refuse(c.decision, Outcome::kNoPrice);
  if (!c.account.has_rate(i) && (order.effect == Effect::kOpen || limits.max_order_value.has_value()))
    return refuse(c.decision, Outcome::kNoRate);
  const bool collared = limits.price_collar.has_value() && order.kind == OrderKind::kLimit;
  if (limits.max_reference_age.has_value() && (order.kind == OrderKind::kMarket || collared)) {
    const core::Duration most = limits.max_reference_age.value();
    const Timestamp since = watched_[i].priced;
    if (since == Timestamp::min()) return refuse(c.decision, Outcome::kStaleReference);
    if (now_ - since > most) return refuse(c.decision, Outcome::kStaleReference, compared(now_ - since, most));
  }
  if (!limits.price_collar.has_value() || (order.kind != OrderKind::kLimit && order.kind != OrderKind::kStopLimit))
    return true;
  // A limit beyond the price gives money away; one on the other side only waits. A stop-limit is compared with its
  // stop, for that will be the price when it counts.
  const Price from = order.kind == OrderKind::kStopLimit ? order.stop : mark;
  const Price width = core::multiply(magnitude(from), limits.price_collar.value(), Rounding::kFloor);
  const Price bound = order.side == Side::kBuy ? from + width : from - width;
  const bool inside = order.side == Side::kBuy ? order.limit <= bound : order.limit >= bound;
  return inside || refuse(c.decision, Outcome::kPriceCollar, compared(order.limit, bound));
}

bool RiskGate::passes_self_match(Case& c) const {
  const RiskLimits& limits = profile_.limits;
  const InstrumentIndex i = c.order.instrument;
  const WorkingQuantity working = c.account.working(i);
  if (!limits.self_match.has_value()) return true;
  if ((c.order.side == Side::kBuy ? working.sell : working.buy).is_zero()) return true;
  const Price mark = c.account.mark(i);
  const Rate collar = limits.price_collar.has_value() ? limits.price_collar.value() : Rate();
  const auto own = reach(c.order, mark, collar);
  if (!own) return true;
  for (const OrderId id : c.account.working_orders()) {
    const Order& other = c.account.order(id);
    if (other.instrument != i || other.side == c.order.side) continue;
    const auto theirs = reach(other, mark, collar);
    if (!theirs) continue;
    const bool crosses = c.order.side == Side::kBuy ? *own >= *theirs : *own <= *theirs;
    if (crosses) return refuse(c.decision, Outcome::kSelfMatch, compared(*own, *theirs));
  }
  return true;
}

// --- Sizes. ---

bool RiskGate::passes_order_limits(Case& c) const {
  const RiskLimits& limits = profile_.limits;
  if (ARGOSY_PLANTED(kChecksFirstOrderOnly) && !decisions_.empty() &&
      now_ - decisions_.back().time <= std::chrono::minutes(1)) {
    return true;
  }
  if (!within(c.decision, Outcome::kOrderQuantity, c.order.remaining(), limits.max_order_quantity)) return false;
  if (!limits.max_order_value.has_value()) return true;
  const Money value = c.account.to_account(
      c.order.instrument, core::notional(magnitude(c.expected), c.order.remaining(), Rounding::kCeiling));
  return within(c.decision, Outcome::kOrderValue, value, limits.max_order_value);
}

bool RiskGate::passes_exposure(Case& c) {
  if (!c.adds) return true;
  const Money equity = needs_equity_ ? c.account.equity() : Money();
  if (needs_exposure_) {
    const RiskLimits& limits = profile_.limits;
    const InstrumentIndex i = c.order.instrument;
    exposures_.count(c.account, c.order, c.replaces);
    if (!exposures_.totals().known) return refuse(c.decision, Outcome::kUnknown, {}, "a rate of exchange is missing");
    const Quantity over = ARGOSY_PLANTED(kAllowsOneShareMore) ? Quantity::from_integer(1) : Quantity();
    if (!within(c.decision, Outcome::kPositionQuantity, exposures_.size(i) - over, limits.max_position_quantity) ||
        !within(c.decision, Outcome::kPositionValue, exposures_.value(i), limits.max_position_value) ||
        !passes_account_exposure(c, equity) || !passes_correlation(c, equity))
      return false;
  }
  return passes_losses(c, equity);
}

bool RiskGate::passes_account_exposure(Case& c, Money equity) {
  const RiskLimits& limits = profile_.limits;
  const Exposures::Totals& totals = exposures_.totals();
  if (!within(c.decision, Outcome::kOpenPositions, totals.positions, limits.max_open_positions) ||
      !within(c.decision, Outcome::kGrossExposure, totals.gross, limits.max_gross_exposure))
    return false;
  // An order against what is held makes the net exposure smaller, also where it is too large already.
  if (totals.net > totals.net_before && !within(c.decision, Outcome::kNetExposure, totals.net, limits.max_net_exposure))
    return false;
  if (limits.max_leverage.has_value() && !ARGOSY_PLANTED(kIgnoresLeverage)) {
    const Money most = core::multiply(std::max(equity, Money()), limits.max_leverage.value().times, Rounding::kFloor);
    if (totals.gross > most) return refuse(c.decision, Outcome::kLeverage, compared(totals.gross, most));
  }
  PropRules* prop = guard_.prop();
  return prop == nullptr || within(c.decision, Outcome::kPropContracts, totals.contracts, prop->limits().max_contracts);
}

bool RiskGate::passes_correlation(Case& c, Money equity) const {
  if (!profile_.limits.correlated_exposure.has_value()) return true;
  const CorrelationLimit& limit = profile_.limits.correlated_exposure.value();
  const double above = limit.above.to_double();
  const InstrumentIndex i = c.order.instrument;
  Money together = exposures_.value(i);
  for (const InstrumentIndex j : exposures_.instruments()) {
    if (j == i) continue;
    const double together_by = correlations_->between(i, j);
    // Positions on the same side move with it where the correlation is high, on the other side where it is low. One
    // that is not known counts.
    const bool same = c.order.side == Side::kBuy ? exposures_.may_be_long(j) : exposures_.may_be_short(j);
    const bool other = c.order.side == Side::kBuy ? exposures_.may_be_short(j) : exposures_.may_be_long(j);
    if ((same && !(together_by <= above)) || (other && !(together_by >= -above))) together += exposures_.value(j);
  }
  const Money most = core::multiply(std::max(equity, Money()), limit.share, Rounding::kFloor);
  return together <= most || refuse(c.decision, Outcome::kCorrelatedExposure, compared(together, most));
}

bool RiskGate::passes_losses(Case& c, Money equity) {
  const RiskLimits& limits = profile_.limits;
  const auto passes = [&](Outcome outcome, const Limit<Allowance>& limit, std::optional<Money> from) {
    if (!limit.has_value() || (outcome == Outcome::kDailyLoss && ARGOSY_PLANTED(kIgnoresDailyLoss))) return true;
    if (outcome == Outcome::kDrawdown && ARGOSY_PLANTED(kIgnoresDrawdown)) return true;
    if (!from) return refuse(c.decision, Outcome::kUnknown, {}, "no equity is known to measure losses from");
    const Money lost = *from - equity;
    const Money most = limit.value().of(*from);
    return lost < most || refuse(c.decision, outcome, compared(lost, most));
  };
  return passes(Outcome::kDailyLoss, limits.max_daily_loss, guard_.day_base(now_)) &&
         passes(Outcome::kDrawdown, limits.max_drawdown, guard_.peak());
}

bool RiskGate::passes_cash(Case& c) const {
  if (c.order.effect == Effect::kClose) return true;
  const InstrumentIndex i = c.order.instrument;
  const AccountSettings& settings = c.account.settings();
  if (settings.type == AccountType::kMargin && settings.enforcement == Enforcement::kRefuse &&
      c.account.day_trades().count() >= DayTrades::kMostBelowMinimum && c.account.equity() < settings.day_trade_minimum)
    return refuse(c.decision, Outcome::kPatternDayTrader);
  c.decision.available = c.account.available(i) + c.released;
  const Money amount = core::notional(c.expected, c.order.remaining(), Rounding::kCeiling);
  const Money fee = fees_.fee({.side = c.order.side,
                               .quantity = c.order.remaining(),
                               .price = c.expected,
                               .date = market::key_date(c.order.created_key),
                               .instrument = &c.account.instruments()[i],
                               .converted = c.account.is_converted(i)});
  c.decision.required = c.account.to_paid(i, amount + fee, Rounding::kCeiling);
  return c.decision.required <= c.decision.available ||
         refuse(c.decision, Outcome::kInsufficientCash, compared(c.decision.required, c.decision.available));
}

// --- What happened. ---

void RiskGate::on_price(InstrumentIndex i, Price price) {
  ARGOSY_CHECK(i < watched_.size(), "a price of instrument {} before attach()", i);
  watched_[i].priced = now_;
  if (correlations_) correlations_->on_price(i, days_.day_of(now_), price);
}

void RiskGate::on_split(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator) {
  if (correlations_) correlations_->on_split(i, numerator, denominator);
}

void RiskGate::on_broker_event(const Order& order, const BrokerEvent& event) {
  set_time(market::key_instant(event.key));  // 0 where nothing was filled
  if (event.event == OrderEvent::kAccept) guard_.on_accept(now_);
  if (event.event == OrderEvent::kReject) guard_.on_reject(now_);
  if (is_fill(event.event)) count_fill(order.instrument);
}

void RiskGate::count_fill(InstrumentIndex i) {
  if (!profile_.limits.instrument_fills.has_value() || fills_.empty()) return;
  const auto& [most, within_time] = profile_.limits.instrument_fills.value();
  const auto slots = static_cast<std::size_t>(most);
  Watched& watched = watched_[i];
  Timestamp& oldest = fills_[i * slots + watched.next_fill];
  const bool too_many = oldest != Timestamp::min() && oldest > now_ - within_time;
  oldest = now_;
  watched.next_fill = (watched.next_fill + 1) % slots;
  if (too_many && watched.halted.halt == Halt::kNone)
    watched.halted = {.halt = Halt::kEntries, .reason = "too many fills", .since = now_, .by_fills = true};
}

void RiskGate::halt(Halt halt, std::string reason) {
  halted_ = {.halt = halt, .reason = std::move(reason), .since = now_};
}

void RiskGate::halt(InstrumentIndex i, Halt halt, std::string reason) {
  ARGOSY_CHECK(i < watched_.size(), "instrument {} is halted before attach()", i);
  watched_[i].halted = {.halt = halt, .reason = std::move(reason), .since = now_};
}

void RiskGate::resume(InstrumentIndex i) {
  watched_[i].halted = {};
  if (fills_.empty()) return;
  const auto slots = static_cast<std::size_t>(profile_.limits.instrument_fills.value().most);
  std::fill_n(fills_.begin() + static_cast<std::ptrdiff_t>(i * slots), slots, Timestamp::min());
}

}  // namespace argosy::trading
