#include "brokers/paper_venue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/check.hpp"
#include "core/rng.hpp"
#include "market/calendar.hpp"

namespace argosy::brokers {

using core::ErrorCode;
using core::Money;
using core::Price;
using core::Quantity;
using core::Result;
using core::Rounding;
using core::Timestamp;
using trading::InstrumentIndex;
using trading::OrderEvent;
using trading::OrderId;
using trading::ReportedFill;
using trading::ReportedState;
using trading::Side;

namespace {

constexpr double kDearestPrice = 1e7;  // that money has room for, times many shares

venue::ExchangeSettings with_cash(venue::ExchangeSettings settings, const PaperState& state) {
  for (const PaperAccountRow& row : state.accounts) {
    if (row.currency == settings.account.currency) {
      settings.account.cash = row.cash;
    } else {
      settings.account.balances.emplace_back(row.currency, row.cash);
    }
  }
  return settings;
}

bool is_price(Price price) { return price.is_positive() && price.to_double() <= kDearestPrice; }

core::Error wrong_prices(std::string message) {
  return core::Error(ErrorCode::kUnsupported, std::move(message))
      .with_hint("the paper broker's setting `prices` says which it takes");
}

// A share of all that is drawn: the same for the same names.
double draw(std::int64_t seed, std::uint64_t what, std::uint64_t which) {
  return core::Rng(static_cast<std::uint64_t>(seed)).fork(what).fork(which).uniform();
}

}  // namespace

// --- Opening. ---

Result<std::unique_ptr<PaperVenue>> PaperVenue::open(const PaperTerms& terms, ledger::Database& database,
                                                     FindInstrument find_instrument, const core::Clock& clock) {
  ARGOSY_TRY(PaperState state, load_paper_state(database));
  PaperState kept = state;
  std::unique_ptr<PaperVenue> venue(
      new PaperVenue(terms, database, std::move(find_instrument), clock, std::move(state)));
  ARGOSY_TRY_VOID(venue->restore(kept));
  return venue;
}

PaperVenue::PaperVenue(const PaperTerms& terms, ledger::Database& database, FindInstrument find_instrument,
                       const core::Clock& clock, PaperState&& state)
    : terms_(terms),
      database_(database),
      find_instrument_(std::move(find_instrument)),
      clock_(clock),
      exchange_(with_cash(terms.exchange, state), {}),
      last_order_(state.last_order),
      last_fill_(state.last_fill) {
  exchange_.set_listener(*this);
  for (std::size_t k = 0; k < exchange_.books().balances(); ++k)
    accounts_.push_back({.currency = exchange_.books().currency(k), .cash = exchange_.books().cash(k)});
}

Result<void> PaperVenue::restore(const PaperState& state) {
  for (const PaperHoldingRow& row : state.holdings) {
    ARGOSY_TRY(const InstrumentIndex i, find_or_list(row.symbol));
    listed_[i].row = row;
    exchange_.restore(i, row.quantity);
    if (row.delisted) exchange_.restore_delisting(i);
    if (row.last_key != 0) exchange_.restore_key(row.last_key);
  }
  for (const PaperOrderRow& row : state.orders) {
    ARGOSY_TRY(const InstrumentIndex i, find_or_list(row.symbol));
    orders_.emplace(row.order_number, Placed{.row = row, .instrument = i});
    if (row.client_ids) by_client_.emplace(row.client_order_id, row.order_number);
    const venue::Travel none;
    exchange_.restore(i, venue::WorkingOrder{.id = OrderId(row.order_number),
                                             .side = row.side,
                                             .kind = row.kind,
                                             .time_in_force = row.time_in_force,
                                             .closes = row.closes,
                                             .shrink_to_cash = row.shrink_to_cash,
                                             .remaining = row.quantity - row.filled,
                                             .filled = row.filled,
                                             .limit = row.limit_price,
                                             .stop = row.stop_price,
                                             .triggered = row.triggered,
                                             .travel = {row.travel_bars, row.arrives_at.value_or(none.arrives)},
                                             .session = row.session});
    if (row.cancel_asked) {
      exchange_.restore(venue::Request{.change = {.order = OrderId(row.order_number)},
                                       .instrument = i,
                                       .cancels = true,
                                       .travel = {row.cancel_bars, row.cancel_arrives_at.value_or(none.arrives)}});
    }
  }
  for (const PaperFillRow& row : state.fills) orders_.at(row.order_number).fills.push_back(to_report(row));
  changed_holdings_.clear();
  return {};
}

Result<InstrumentIndex> PaperVenue::find_or_list(const std::string& symbol) {
  if (const auto known = index_of_.find(symbol); known != index_of_.end()) return known->second;
  ARGOSY_TRY(market::Instrument instrument, find_instrument_(symbol));
  const InstrumentIndex i = exchange_.add_instrument(instrument);
  listed_.push_back({.instrument = std::move(instrument), .row = {.symbol = symbol, .place = i}, .last_price = {}});
  index_of_.emplace(symbol, i);
  changed_holdings_.insert(i);
  return i;
}

Result<void> PaperVenue::list(const std::string& symbol) {
  ARGOSY_TRY_VOID(find_or_list(symbol));
  return {};
}

// --- Prices. ---

Result<void> PaperVenue::on_bar(const std::string& symbol, const market::Bar& bar) {
  if (terms_.takes_quotes) return core::fail(wrong_prices("a bar, and the venue takes quotes"));
  ARGOSY_TRY(const InstrumentIndex i, find_or_list(symbol));
  Listed& listed = listed_[i];
  if (listed.row.last_key != 0 && bar.key <= listed.row.last_key) return {};
  for (const Price price : {bar.open, bar.high, bar.low, bar.close}) {
    if (price.to_double() > kDearestPrice)
      return core::fail(ErrorCode::kLimit, fmt::format("{} at {} is too dear", symbol, price.to_string()));
  }
  listed.row.last_key = bar.key;
  listed.last_price = bar.close;
  exchange_.on_bar(
      i,
      {.key = bar.key, .open = bar.open, .high = bar.high, .low = bar.low, .close = bar.close, .volume = bar.volume});
  priced_.insert(i);
  return {};
}

void PaperVenue::match() { exchange_.match(); }

Result<void> PaperVenue::on_quote(const std::string& symbol, const market::Quote& quote) {
  if (!terms_.takes_quotes) return core::fail(wrong_prices("a quote, and the venue takes bars"));
  if (!is_price(quote.bid) || !is_price(quote.ask) || quote.ask < quote.bid) {
    return core::fail(ErrorCode::kInvalidArgument,
                      fmt::format("{}: a quote of {} to {}", symbol, quote.bid.to_string(), quote.ask.to_string()));
  }
  // Who trades in thousands of symbols has orders in few of them.
  const auto known = index_of_.find(symbol);
  if (known == index_of_.end()) return {};
  const InstrumentIndex i = known->second;
  Listed& listed = listed_[i];
  const std::int64_t key = quote.time.time_since_epoch().count();
  if (key < listed.row.last_key) return {};
  listed.row.last_key = key;
  listed.last_price = quote.ask;
  if (exchange_.working(i).empty() || !is_open(listed.instrument, quote.time)) return {};
  venue::QuoteView view{.key = key, .bid = quote.bid, .ask = quote.ask};
  if (terms_.settings.partial_fills.is_positive()) view.room = draw_room(i, key);
  exchange_.on_quote(i, view);
  priced_.insert(i);
  return {};
}

// A part of what works, at least a lot, or more than anybody asks for.
Quantity PaperVenue::draw_room(InstrumentIndex i, std::int64_t key) const {
  constexpr Quantity kAll = Quantity::from_units(std::numeric_limits<std::int64_t>::max());
  const market::Instrument& instrument = listed_[i].instrument;
  const auto which = static_cast<std::uint64_t>(key);
  const auto what = static_cast<std::uint64_t>(i) * 3 + 3;
  if (draw(terms_.settings.seed, what, which) >= terms_.settings.partial_fills.to_double()) return kAll;
  Quantity most;
  for (const venue::WorkingOrder& order : exchange_.working(i)) most = std::max(most, order.remaining);
  const double share = draw(terms_.settings.seed, what + 1, which);
  const auto part = Quantity::from_double(most.to_double() * share);
  const Quantity room = market::round_to_lot(instrument, part.value_or(most));
  return std::max(room, instrument.fractional ? Quantity::from_units(1) : instrument.lot);
}

bool PaperVenue::is_open(const market::Instrument& instrument, Timestamp time) const {
  const auto calendar = market::find_calendar(instrument.exchange);
  if (!calendar) return true;
  const auto session = (*calendar)->session((*calendar)->local_date(time));
  return session && time >= session->open && time < session->close;
}

// --- What the exchange tells. ---

void PaperVenue::on_broker_event(const trading::BrokerEvent& event) {
  const std::int64_t number = event.order.value();
  Placed& placed = orders_.at(number);
  touch(number);
  std::vector<ReportedFill> fills;
  switch (event.event) {
    case OrderEvent::kAccept:
      placed.row.state = ReportedState::kWorking;
      break;
    case OrderEvent::kReject:
      placed.row.state = ReportedState::kRejected;
      break;
    case OrderEvent::kPartialFill:
    case OrderEvent::kFill:
      fills.push_back(book_fill(placed, event));
      if (event.event == OrderEvent::kFill) placed.row.state = ReportedState::kFilled;
      break;
    case OrderEvent::kCancel:
      placed.row.state = ReportedState::kCancelled;
      break;
    case OrderEvent::kExpire:
      placed.row.state = ReportedState::kExpired;
      break;
    case OrderEvent::kTrigger:
      placed.row.triggered = true;
      return;
    default:
      core::check_failed("an event of a paper order", __FILE__, __LINE__, trading::to_string(event.event));
  }
  placed.row.note = event.note;
  report(placed, fills);
}

void PaperVenue::on_cash_event(const trading::CashEvent&) {
  core::check_failed("a cash account pays no interest", __FILE__, __LINE__, "");
}

ReportedFill PaperVenue::book_fill(Placed& placed, const trading::BrokerEvent& event) {
  const InstrumentIndex i = placed.instrument;
  placed.row.filled += event.quantity;
  const bool buys = placed.row.side == Side::kBuy;
  PaperHoldingRow& holding = listed_[i].row;
  const Quantity before = holding.quantity;
  holding.quantity = exchange_.holding(i);
  if (buys) {
    const Money cost = core::notional(holding.average_price, before, Rounding::kHalfEven) +
                       core::notional(event.price, event.quantity, Rounding::kHalfEven);
    holding.average_price = core::divide(cost, holding.quantity, Rounding::kHalfEven);
  } else if (holding.quantity.is_zero()) {
    holding.average_price = Price();
  }
  holding.filled_at = exchange_.opening(i, event.key);
  changed_holdings_.insert(i);
  const std::size_t purse = exchange_.books().purse_of(i);
  PaperFillRow row{.fill_number = ++last_fill_,
                   .order_number = placed.row.order_number,
                   .symbol = placed.row.symbol,
                   .price = event.price,
                   .quantity = buys ? event.quantity : -event.quantity,
                   .fee = event.fee,
                   .currency = accounts_[purse].currency,
                   .cash = take_cash(purse),
                   .bar_key = event.key,
                   .rule = std::string(trading::to_string(event.rule)),
                   .time = exchange_.opening(i, event.key)};
  if (exchange_.books().is_converted(i)) {
    row.rate = event.rate.quote;
    row.rate_inverse = event.rate.inverse;
  }
  changes_.fills.push_back(row);
  placed.fills.push_back(to_report(row));
  return placed.fills.back();
}

Money PaperVenue::take_cash(std::size_t purse) {
  const Money now = exchange_.books().cash(purse);
  changed_accounts_.insert(purse);
  return now - std::exchange(accounts_[purse].cash, now);
}

void PaperVenue::report(const Placed& placed, const std::vector<ReportedFill>& fills) {
  for (const auto& [id, session] : sessions_) {
    if (!session.logged_in || session.closed) continue;
    trading::OrderReport report = to_report(placed.row);
    report.fills = fills;
    const bool is_answer = !asking_.answered && asking_.session == id && asking_.order == placed.row.order_number;
    if (is_answer) asking_.answered = true;
    drafts_.push_back({.session = id, .id = is_answer ? asking_.id : 0, .answer = std::move(report)});
  }
}

// --- Corporate actions. ---

bool PaperVenue::is_traded_since(InstrumentIndex i, core::Date date) const {
  const std::optional<Timestamp>& time = listed_[i].row.filled_at;
  if (!time) return false;
  const auto calendar = market::find_calendar(listed_[i].instrument.exchange);
  return (calendar ? (*calendar)->local_date(*time) : core::utc_date(*time)) >= date;
}

Result<Price> PaperVenue::apply(const std::string& symbol, const market::CorporateAction& action, Price last_close) {
  ARGOSY_TRY_VOID(market::check_action(action));
  const auto known = index_of_.find(symbol);
  if (known == index_of_.end()) return last_close;
  PaperActionRow row{.symbol = symbol, .ex_date = action.ex_date, .kind = std::string(market::to_string(action.kind))};
  const auto is_same = [&](const PaperActionRow& other) {
    return other.symbol == row.symbol && other.ex_date == row.ex_date && other.kind == row.kind;
  };
  if (const auto same = std::ranges::find_if(changes_.actions, is_same); same != changes_.actions.end())
    return same->price;
  ARGOSY_TRY(const auto booked, find_paper_action(database_, row));
  if (booked) return booked->price;
  const InstrumentIndex i = known->second;
  if (action.kind != market::ActionKind::kDelisting && is_traded_since(i, action.ex_date)) return last_close;
  PaperHoldingRow& holding = listed_[i].row;
  switch (action.kind) {
    case market::ActionKind::kSplit:
      exchange_.split(i, action.numerator, action.denominator, last_close);
      holding.average_price =
          core::scale(holding.average_price, action.denominator, action.numerator, Rounding::kHalfEven);
      follow_split(i);
      break;
    case market::ActionKind::kDividend:
      exchange_.dividend(i, action.amount);
      break;
    case market::ActionKind::kDelisting:
      exchange_.cash_out(i, market::date_key(action.ex_date), action.amount);
      holding.delisted = true;
      holding.average_price = Price();
      break;
  }
  const std::size_t purse = exchange_.books().purse_of(i);
  row.quantity = exchange_.holding(i) - std::exchange(holding.quantity, exchange_.holding(i));
  row.currency = accounts_[purse].currency;
  row.cash = take_cash(purse);
  row.price = last_close;
  row.time = clock_.now();
  changes_.actions.push_back(std::move(row));
  changed_holdings_.insert(i);
  return last_close;
}

void PaperVenue::follow_split(InstrumentIndex i) {
  for (const venue::WorkingOrder& order : exchange_.working(i)) {
    if (order.done) continue;
    Placed& placed = orders_.at(order.id.value());
    touch(order.id.value());
    (void)follow(placed);
    report(placed, {});
  }
}

// --- Committing. ---

void PaperVenue::touch(std::int64_t number) {
  orders_.at(number).row.updated_at = clock_.now();
  changed_orders_.insert(number);
}

bool PaperVenue::follow(Placed& placed) const {
  PaperOrderRow& row = placed.row;
  const OrderId id(row.order_number);
  const venue::WorkingOrder* order = exchange_.find_order(id);
  if (order == nullptr) return false;
  const auto instant = [](Timestamp arrives) {
    return arrives == venue::Travel().arrives ? std::nullopt : std::optional(arrives);
  };
  const venue::Request* cancel = exchange_.find_cancel(id);
  const venue::Travel cancels = cancel == nullptr ? venue::Travel() : cancel->travel;
  const auto before = std::tuple(row.travel_bars, row.session, row.cancel_asked, row.cancel_bars);
  row.quantity = order->filled + order->remaining;
  row.filled = order->filled;
  row.limit_price = order->limit;
  row.stop_price = order->stop;
  row.travel_bars = order->travel.bars;
  row.arrives_at = instant(order->travel.arrives);
  row.session = order->session;
  row.cancel_asked = cancel != nullptr;
  row.cancel_bars = cancels.bars;
  row.cancel_arrives_at = instant(cancels.arrives);
  return before != std::tuple(row.travel_bars, row.session, row.cancel_asked, row.cancel_bars);
}

void PaperVenue::collect_changes() {
  for (const InstrumentIndex i : priced_) {
    for (const venue::WorkingOrder& order : exchange_.working(i)) {
      if (follow(orders_.at(order.id.value()))) changed_orders_.insert(order.id.value());
    }
  }
  changes_.orders.clear();
  changes_.holdings.clear();
  changes_.accounts.clear();
  for (const std::int64_t number : changed_orders_) {
    Placed& placed = orders_.at(number);
    (void)follow(placed);
    changes_.orders.push_back(placed.row);
    // A restart must not fill it from a price that came before it.
    changed_holdings_.insert(placed.instrument);
  }
  for (const InstrumentIndex i : changed_holdings_) {
    if (i < listed_.size()) changes_.holdings.push_back(listed_[i].row);
  }
  for (const std::size_t purse : changed_accounts_) changes_.accounts.push_back(accounts_[purse]);
}

Result<void> PaperVenue::flush() {
  collect_changes();
  if (!changes_.empty()) ARGOSY_TRY_VOID(save_paper_changes(database_, changes_));
  forget_ended();
  changes_ = {};
  changed_holdings_.clear();
  changed_accounts_.clear();
  priced_.clear();
  while (!histories_.empty()) {
    ARGOSY_TRY_VOID(answer_history(histories_.front().first, histories_.front().second));
    histories_.erase(histories_.begin());
  }
  release();
  return {};
}

void PaperVenue::forget_ended() {
  for (const std::int64_t number : changed_orders_) {
    const auto placed = orders_.find(number);
    const ReportedState state = placed->second.row.state;
    if (state == ReportedState::kPending || state == ReportedState::kWorking) continue;
    by_client_.erase(placed->second.row.client_order_id);
    orders_.erase(placed);
  }
  changed_orders_.clear();
}

// --- What goes out. ---

void PaperVenue::release() {
  const PaperSettings& settings = terms_.settings;
  const Timestamp now = clock_.now();
  for (Draft& draft : drafts_) {
    const bool is_answer = draft.id != 0;
    const std::uint64_t which = ++released_;
    const bool is_lost = is_answer && !draft.closes && !std::holds_alternative<Welcome>(draft.answer) &&
                         draw(settings.seed, 0, which) < settings.lost_answers.to_double();
    if (is_lost) continue;
    std::string bytes = draft.is_silent ? std::string() : to_line(draft.id, draft.answer);
    if (std::holds_alternative<trading::OrderReport>(draft.answer) &&
        draw(settings.seed, 1, which) < settings.repeated_answers.to_double())
      bytes += std::string(bytes);
    const auto delay = std::chrono::milliseconds(is_answer ? settings.answer_delay_ms : settings.report_delay_ms);
    due_.emplace(now + delay, PaperOutput{draft.session, std::move(bytes), draft.closes});
  }
  drafts_.clear();
}

std::vector<PaperOutput> PaperVenue::take_output() {
  const auto end = due_.upper_bound(clock_.now());
  std::vector<PaperOutput> output;
  for (auto due = due_.begin(); due != end; ++due) output.push_back(std::move(due->second));
  due_.erase(due_.begin(), end);
  return output;
}

std::optional<Timestamp> PaperVenue::next_due() const {
  return due_.empty() ? std::nullopt : std::optional(due_.begin()->first);
}

}  // namespace argosy::brokers
