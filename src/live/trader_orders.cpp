// Orders of people, for a portfolio and outside of any service: placed, changed, and followed until they have ended.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/json.hpp"
#include "core/planted.hpp"
#include "live/order_text.hpp"
#include "live/trader.hpp"

namespace argosy::live {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using core::Rounding;
using trading::Order;
using trading::OrderKind;
using trading::OrderState;

namespace {

bool has_limit(OrderKind kind) { return kind == OrderKind::kLimit || kind == OrderKind::kStopLimit; }
bool has_stop(OrderKind kind) { return kind == OrderKind::kStop || kind == OrderKind::kStopLimit; }

Error wrong(std::string_view field, std::string what) {
  return Error(ErrorCode::kInvalidArgument, std::move(what)).in_field(std::string(field), {});
}

Result<void> check_prices(OrderKind kind, bool limit, bool stop) {
  if (limit != has_limit(kind))
    return fail(wrong("limit_price", limit ? "only limit and stop_limit orders have a limit" : "it needs a limit"));
  if (stop != has_stop(kind))
    return fail(wrong("stop_price", stop ? "only stop and stop_limit orders have a stop" : "it needs a stop"));
  return {};
}

// Of which portfolio's own orders: those of services have none.
bool is_own(const ledger::OrderRow& row, std::int64_t portfolio) {
  return !row.service_id && row.portfolio_id == portfolio;
}

std::string order_json(const ledger::OrderRow& row) {
  core::JsonWriter json;
  core::write_json(json, row);
  return std::move(json).take();
}

std::string order_answer(std::int64_t id) {
  core::JsonWriter json;
  json.begin_object().key("order_id").value(id).end_object();
  return std::move(json).take();
}

}  // namespace

// --- What is there. ---

void Trader::each_own_order(const ledger::PortfolioRow& portfolio,
                            const std::function<void(const ledger::OrderRow&, Money)>& use) const {
  if (Desk* desk = desk_of(portfolio.broker_account_id)) {
    desk->each_working([&](const ledger::OrderRow& row, Money promised) {
      if (is_own(row, portfolio.portfolio_id)) use(row, promised);
    });
    return;
  }
  // Nothing trades here: what an order may take is known of its prices alone.
  for (const auto& [id, row] : book().orders()) {
    if (!is_own(row, portfolio.portfolio_id) || trading::is_final(parse_order_state(row.state))) continue;
    const Price most = row.limit_price.value_or(row.stop_price.value_or(Price()));
    const Quantity rest = std::max(row.quantity - row.filled_quantity, Quantity());
    use(row, row.side == "buy" ? core::notional(most, rest, Rounding::kCeiling) : Money());
  }
}

// What orders that work may still take is not free.
Money Trader::free_cash(const ledger::PortfolioRow& portfolio) const {
  Money promised;
  each_own_order(portfolio, [&](const ledger::OrderRow&, Money each) { promised += each; });
  return portfolio.cash - promised;
}

Quantity Trader::free_shares(const ledger::PortfolioRow& portfolio, std::int64_t instrument_id) const {
  const auto holding = book().holdings().find({portfolio.portfolio_id, instrument_id});
  Quantity free = holding == book().holdings().end() ? Quantity() : holding->second.unassigned;
  each_own_order(portfolio, [&](const ledger::OrderRow& row, Money) {
    if (row.instrument_id == instrument_id && row.side == "sell")
      free -= std::max(row.quantity - row.filled_quantity, Quantity());
  });
  return free;
}

// --- Where it is traded. ---

Result<Trader::Place> Trader::find_place(const ledger::PortfolioRow& portfolio, std::int64_t instrument_id,
                                         const std::string& symbol) {
  const auto slot = find(instrument_id);
  if (!slot || instrument(*slot).instrument.symbol != symbol)
    return fail(Error(ErrorCode::kNotFound, fmt::format("there is no instrument {}", symbol))
                    .with_hint("argosy stock list shows what there is"));
  Desk* desk = desk_of(portfolio.broker_account_id);
  if (desk == nullptr || !desk->is_ready() || !desk->is_connected())
    return fail(Error(ErrorCode::kUnavailable, "the broker is not connected").with_hint("try again in some seconds"));
  const auto index = desk->find(instrument_id);
  if (!index || desk->awaits_action(*index))
    return fail(Error(ErrorCode::kUnavailable, fmt::format("a split or delisting of {} is being booked", symbol))
                    .with_hint("try again in some seconds"));
  return Place{.slot = *slot, .desk = desk, .index = *index};
}

bool Trader::is_fresh(Slot slot) const {
  const Watched& watched = slots_[slot];
  return watched.quoted && recorder_.now() - watched.quote.time <= settings_.quote_age;
}

// What a purchase may cost a share: where no limit bounds it, the price may rise while it is on its way.
Price Trader::most_paid(const Place& place, const Order& order) const {
  if (has_limit(order.kind)) return order.limit;
  const Price from = std::max(order.stop, slots_[place.slot].quote.ask);
  return core::multiply(from, Rate::from_integer(1) + settings_.price_buffer, Rounding::kCeiling);
}

trading::BuyTerms Trader::own_terms(const Place& place, const market::Instrument& instrument, Price price) {
  return {.instrument = instrument,
          .price = price,
          .date = slots_[place.slot].hours.date(recorder_.now()),
          .fees = fees_,
          .converted = place.desk->account().is_converted(place.index)};
}

// Whether the portfolio can pay for it, or has it; `released`: what is free again of an order whose place it takes.
Result<void> Trader::check_means(const ledger::PortfolioRow& portfolio, const Place& place, const Order& order,
                                 Money released, Quantity given_back) {
  const market::Instrument& instrument = slots_[place.slot].traded.instrument;
  if (order.side == trading::Side::kSell) {
    const Quantity free = free_shares(portfolio, slots_[place.slot].traded.instrument_id) + given_back;
    if (order.quantity <= free || ARGOSY_PLANTED(kSellsOthersShares)) return {};
    return fail(
        Error(ErrorCode::kConflict,
              fmt::format("portfolio {} has {} {} of its own that no order sells, less than {}", portfolio.portfolio_id,
                          free.to_string(), instrument.symbol, order.quantity.to_string()))
            .with_hint("what a service holds is sold by close-position of the service"));
  }
  const Money cost = own_terms(place, instrument, most_paid(place, order)).cost(order.quantity);
  const Money paid = place.desk->account().to_paid(place.index, cost, Rounding::kCeiling);
  const Money free = free_cash(portfolio) + released;
  if (paid <= free) return {};
  return fail(Error(ErrorCode::kConflict,
                    fmt::format("portfolio {} has {} {} that is not promised, less than {}", portfolio.portfolio_id,
                                free.to_string(), portfolio.currency, paid.to_string()))
                  .with_hint("fewer shares, or more money: argosy portfolio fund"));
}

// --- Placing. ---

Result<Order> Trader::own_order(const PlaceOrder& asked, const ledger::PortfolioRow& portfolio, const Place& place) {
  const bool buys = asked.side == "buy";
  ledger::OrderRow row{.side = asked.side,
                       .kind = asked.kind,
                       .time_in_force = asked.time_in_force,
                       .effect = buys ? "open" : "close",
                       .reason = std::string(to_string(trading::OrderReason::kManual)),
                       .state = std::string(to_string(OrderState::kCreated)),
                       .resting = std::string(to_string(OrderState::kAccepted)),
                       .quantity = asked.quantity.value_or(Quantity()),
                       .limit_price = asked.limit_price,
                       .stop_price = asked.stop_price};
  ARGOSY_TRY_VOID(check_order_texts(row));
  Order order = to_order(row, place.index);
  ARGOSY_TRY_VOID(check_prices(order.kind, asked.limit_price.has_value(), asked.stop_price.has_value()));
  if (asked.quantity.has_value() == asked.amount.has_value())
    return fail(wrong("quantity", "how much: a quantity or an amount, one of both"));
  if (asked.amount && !buys) return fail(wrong("amount", "what is sold is told by its quantity"));
  if (asked.quantity && !asked.quantity->is_positive()) return fail(wrong("quantity", "it must be above 0"));
  const Watched& watched = slots_[place.slot];
  const bool needs_price = buys && !has_limit(order.kind);
  if ((needs_price || order.kind == OrderKind::kMarket) && !is_fresh(place.slot))
    return fail(Error(ErrorCode::kConflict, fmt::format("{} is not traded at the moment", asked.symbol))
                    .with_hint("ask again while its exchange is open and prices come, or name a limit"));
  if (!asked.amount) return order;
  const Money free = free_cash(portfolio);
  if (*asked.amount > free)
    return fail(Error(ErrorCode::kConflict,
                      fmt::format("portfolio {} has {} {} that is not promised, less than {}", portfolio.portfolio_id,
                                  free.to_string(), portfolio.currency, asked.amount->to_string()))
                    .with_hint("a smaller amount, or more money: argosy portfolio fund"));
  market::Instrument instrument = watched.traded.instrument;
  instrument.fractional = instrument.fractional && place.desk->capabilities().fractional;
  const Price price = most_paid(place, order);
  const Money budget = place.desk->account().from_paid(place.index, *asked.amount, Rounding::kFloor);
  order.quantity = trading::affordable(own_terms(place, instrument, price), budget);
  if (order.quantity.is_positive()) return order;
  return fail(ErrorCode::kConflict, fmt::format("{} {} do not pay one lot of {} at {}", asked.amount->to_string(),
                                                portfolio.currency, asked.symbol, price.to_string(2)));
}

Desk::Placed Trader::place_own(const ledger::PortfolioRow& portfolio, const Place& place, const Order& order,
                               std::string reason, std::optional<std::int64_t> replaces) {
  const Watched& watched = slots_[place.slot];
  const std::int64_t seq = recorder_.record(DecisionMade{.service_id = 0,
                                                         .question = std::string(to_string(order.side)),
                                                         .source = "by hand",
                                                         .yes = true,
                                                         .confidence = 100,
                                                         .reason = std::move(reason),
                                                         .numbers = {},
                                                         .bid = watched.quote.bid,
                                                         .ask = watched.quote.ask,
                                                         .last = watched.quote.last,
                                                         .quoted_at = watched.quote.time,
                                                         .outcome = "order"});
  Desk::Placed placed = place.desk->place({.order = order,
                                           .service_id = {},
                                           .portfolio_id = portfolio.portfolio_id,
                                           .decision = seq,
                                           .replaces = replaces});
  ++(placed.approved ? counts_.orders : counts_.denied);
  return placed;
}

Trader::Answer Trader::place_order(const PlaceOrder& asked, const std::string& by) {
  ARGOSY_TRY(const ledger::PortfolioRow* portfolio, find_portfolio(asked.portfolio_id));
  ARGOSY_TRY(const Place place, find_place(*portfolio, asked.instrument_id, asked.symbol));
  const bool buys = asked.side == "buy";
  if (buys && !slots_[place.slot].traded.is_active)
    return fail(Error(ErrorCode::kConflict, fmt::format("{} is not active: nobody buys it", asked.symbol))
                    .with_hint(fmt::format("argosy stock set {} --is-active true makes it so again", asked.symbol)));
  if (!stopped_.empty()) return fail(ErrorCode::kUnavailable, stopped_);
  if (buys && !place.desk->has_rate(place.index))
    return fail(
        Error(ErrorCode::kConflict, fmt::format("what {} costs in {} is not known", asked.symbol, portfolio->currency))
            .with_hint("argosy rate list tells the exchange rates and their age"));
  if (!place.desk->may_place(place.index))
    return fail(
        Error(ErrorCode::kUnavailable, fmt::format("another order of {} is not answered yet", asked.symbol))
            .with_hint("this broker knows no ids of orders: one at a time is on its way; try again in some seconds"));
  ARGOSY_TRY(const Order order, own_order(asked, *portfolio, place));
  ARGOSY_TRY_VOID(check_means(*portfolio, place, order, {}, {}));
  const Desk::Placed placed = place_own(*portfolio, place, order, "asked by " + by, {});
  recorder_.audit(by, "order.place", fmt::to_string(placed.order_id), {}, order_json(*book().order(placed.order_id)));
  if (placed.approved) return order_answer(placed.order_id);
  return fail(Error(ErrorCode::kConflict, fmt::format("order {} is denied: {}", placed.order_id, placed.note))
                  .with_hint("argosy risk show tells the limits and the switches"));
}

// --- Changing. ---

namespace {

// What takes the order's place: its rest, with the prices and the size that are wanted.
Order next_order(const ledger::OrderRow& row, trading::InstrumentIndex i, Quantity wanted,
                 const std::optional<Price>& limit, const std::optional<Price>& stop) {
  ledger::OrderRow next = row;
  next.state = to_string(OrderState::kCreated);
  next.resting = to_string(OrderState::kAccepted);
  next.quantity = wanted - row.filled_quantity;
  next.limit_price = limit;
  next.stop_price = stop;
  next.filled_quantity = Quantity();
  next.fill_price = {};
  next.filled_amount = next.fees = Money();
  next.late_fill = next.overfilled = false;
  return to_order(next, i);
}

}  // namespace

Trader::Answer Trader::replace_order(const ReplaceOrder& asked, const std::string& by) {
  const ledger::OrderRow* row = book().order(asked.order_id);
  if (row == nullptr || trading::is_final(parse_order_state(row->state)))
    return fail(Error(ErrorCode::kNotFound, fmt::format("there is no order {} that works", asked.order_id))
                    .with_hint("argosy order list --working shows those that do"));
  if (row->service_id)
    return fail(Error(ErrorCode::kConflict, fmt::format("order {} is of service {}, which decides on its own",
                                                        row->order_id, *row->service_id))
                    .with_hint("cancel it, or change the service"));
  if (!asked.quantity && !asked.limit_price && !asked.stop_price)
    return fail(ErrorCode::kInvalidArgument, "what shall be otherwise: the quantity, the limit or the stop?");
  if (row->wanted_quantity)
    return fail(ErrorCode::kConflict, fmt::format("order {} is being changed already", row->order_id));
  const ledger::PortfolioRow& portfolio = *book().portfolio(*row->portfolio_id);
  ARGOSY_TRY(const Place place, find_place(portfolio, row->instrument_id, row->symbol));
  if (!place.desk->may_cancel(row->order_id))
    return fail(ErrorCode::kConflict, fmt::format("order {} is {} and cannot be changed", row->order_id, row->state));
  const Quantity wanted = asked.quantity.value_or(row->quantity);
  if (wanted <= row->filled_quantity)
    return fail(
        wrong("quantity", fmt::format("{} are filled already: it must be more", row->filled_quantity.to_string())));
  const std::optional<Price> limit = asked.limit_price ? asked.limit_price : row->limit_price;
  const std::optional<Price> stop = asked.stop_price ? asked.stop_price : row->stop_price;
  const Order next = next_order(*row, place.index, wanted, limit, stop);
  ARGOSY_TRY_VOID(check_prices(next.kind, limit.has_value(), stop.has_value()));
  if (const auto contradiction = find_contradiction(next, slots_[place.slot].traded.instrument))
    return fail(ErrorCode::kInvalidArgument, std::string(*contradiction));
  Money released;
  each_own_order(portfolio, [&](const ledger::OrderRow& each, Money promised) {
    if (each.order_id == row->order_id) released = promised;
  });
  const Quantity rest = std::max(row->quantity - row->filled_quantity, Quantity());
  ARGOSY_TRY_VOID(check_means(portfolio, place, next, released, row->side == "sell" ? rest : Quantity()));
  recorder_.audit(
      by, "order.replace", fmt::to_string(row->order_id), order_json(*row),
      fmt::format("{} at {} {}", wanted.to_string(), limit ? limit->to_string() : "-", stop ? stop->to_string() : "-"));
  recorder_.record(
      OrderChangeAsked{.order_id = row->order_id, .quantity = wanted, .limit_price = limit, .stop_price = stop});
  place.desk->cancel(row->order_id);
  return order_answer(asked.order_id);
}

void Trader::keep_order(const ledger::OrderRow& row, const std::string& why) {
  if (!row.wanted_quantity) return;
  recorder_.record(OrderChangeAsked{.order_id = row.order_id, .quantity = {}, .limit_price = {}, .stop_price = {}});
  if (why.empty()) return;
  recorder_.notify(Severity::kWarning, fmt::format("order {} could not be changed", row.order_id), why);
}

// It has ended, or goes on as it is.
void Trader::follow_own(const ledger::OrderRow& row) {
  if (!row.wanted_quantity) return;
  const OrderState state = parse_order_state(row.state);
  if (!trading::is_final(state)) {
    const bool works =
        state == OrderState::kAccepted || state == OrderState::kTriggered || state == OrderState::kPartiallyFilled;
    if (works) keep_order(row, "the broker did not cancel it: it works as it was");
    return;
  }
  if (state == OrderState::kFilled) return keep_order(row, "it was filled before");
  if (state != OrderState::kCancelled && state != OrderState::kDenied)
    return keep_order(row, fmt::format("it is {}", row.state));
  // Nothing is placed before everything of before is known, and a price, as after a start.
  const Desk* desk = desk_of(row.broker_account_id);
  const auto slot = find(row.instrument_id);
  if (desk == nullptr || !desk->is_ready() || !desk->is_connected() || !slot || !slots_[*slot].quoted) {
    waiting_.insert(row.order_id);
    return;
  }
  put_in_its_place(row);
}

void Trader::put_in_its_place(const ledger::OrderRow& row) {
  const ledger::PortfolioRow& portfolio = *book().portfolio(*row.portfolio_id);
  const auto place = find_place(portfolio, row.instrument_id, row.symbol);
  const auto dropped = [&](const std::string& why) {
    keep_order(row, fmt::format("it is cancelled, and nothing takes its place: {}", why));
  };
  if (!place) return dropped(place.error().message);
  if (!stopped_.empty()) return dropped(stopped_);
  if (*row.wanted_quantity <= row.filled_quantity) return keep_order(row, "so much of it was filled before");
  const Order next = next_order(row, place->index, *row.wanted_quantity, row.wanted_limit, row.wanted_stop);
  if (const auto means = check_means(portfolio, *place, next, {}, {}); !means) return dropped(means.error().message);
  const Desk::Placed placed =
      place_own(portfolio, *place, next, fmt::format("takes the place of order {}", row.order_id), row.order_id);
  if (placed.approved) return;
  recorder_.notify(Severity::kWarning, fmt::format("order {} could not be changed", row.order_id),
                   fmt::format("it is cancelled, and order {}, which should take its place, is denied: {}",
                               placed.order_id, placed.note));
}

void Trader::follow_waiting() {
  for (const std::int64_t id : std::exchange(waiting_, {})) {
    if (const ledger::OrderRow* row = book().order(id)) follow_own(*row);
  }
}

void Trader::follow_all_own(Desk& desk) {
  std::vector<std::int64_t> waiting;
  for (const auto& [id, row] : book().orders()) {
    if (row.wanted_quantity && row.broker_account_id == desk.settings().broker_account_id) waiting.push_back(id);
  }
  for (const std::int64_t id : waiting) follow_own(*book().order(id));
}

// --- Ending. ---

void Trader::cancel_own(Desk& desk, const std::function<bool(const ledger::OrderRow&)>& is_meant) {
  std::vector<std::int64_t> meant;
  desk.each_working([&](const ledger::OrderRow& row, Money) {
    if (!row.service_id && is_meant(row)) meant.push_back(row.order_id);
  });
  for (const std::int64_t id : meant) {
    keep_order(*book().order(id), {});
    desk.cancel(id);
  }
}

}  // namespace argosy::live
