// The fold: orders, shares and balances made anew of the journal's rows.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "simulation/detail/oracle_ledger_parts.hpp"

namespace argosy::simulation::detail {

namespace {

// Of those that have neither ended nor wait to be sent.
bool is_out(std::string_view state) {
  return is_one_of(state, {"submitted", "accepted", "triggered", "partially_filled", "pending_cancel",
                           "pending_replace", "unknown"});
}

bool works(std::string_view state) { return is_one_of(state, {"accepted", "triggered", "partially_filled"}); }

}  // namespace

std::optional<std::string_view> next_order_state(std::string_view state, std::string_view event,
                                                 std::string_view resting) {
  const bool asked = state == "pending_cancel" || state == "pending_replace";
  const bool over = is_one_of(state, {"cancelled", "rejected", "expired"});
  const auto when = [](bool allowed, std::string_view next) { return allowed ? std::optional(next) : std::nullopt; };
  if (event == "submit") return when(state == "created", "pending_submit");
  if (event == "deny") return when(state == "created" || state == "pending_submit", "denied");
  if (event == "send") return when(state == "pending_submit", "submitted");
  if (event == "accept") {
    if (state == "submitted") return "accepted";
    if (state == "pending_cancel") return state;
    return when(state == "unknown", resting);
  }
  if (event == "reject") return when(is_out(state) && state != "partially_filled", "rejected");
  if (event == "trigger") {
    if (asked) return state;
    if (state == "unknown") return resting;
    return when(state == "submitted" || state == "accepted", "triggered");
  }
  if (event == "partial_fill") {
    if (asked || over) return state;
    return when(is_out(state), "partially_filled");
  }
  if (event == "fill") return when(is_out(state) || over, "filled");
  if (event == "request_cancel")
    return when(works(state) || state == "submitted" || state == "pending_replace", "pending_cancel");
  if (event == "cancel") return when(is_out(state), "cancelled");
  if (event == "refuse_cancel") return when(state == "pending_cancel", resting);
  if (event == "request_replace") return when(works(state), "pending_replace");
  if (event == "replace" || event == "refuse_replace") return when(state == "pending_replace", resting);
  if (event == "expire") return when(is_out(state), "expired");
  if (event == "lose") return when(state == "pending_submit" || state == "submitted" || asked, "unknown");
  return std::nullopt;
}

bool LedgerOrder::has_ended() const {
  return is_one_of(state, {"denied", "filled", "cancelled", "rejected", "expired"});
}
void LedgerFold::fold(const Rows& rows, const OnApproved& on_approved, Findings& findings) {
  decisions_.clear();
  for (const JournalRow& row : rows.journal) {
    check_row(row, findings);
    if (row.kind == "decision") {
      on_decision(row, findings);
      continue;
    }
    if (is_one_of(row.kind, {"timer", "switch_trial", "request", "service_failure"})) continue;
    const auto what = core::parse_json(row.payload);
    if (!what) {
      findings.add(1, fmt::format("journal: row {} cannot be read: {}", row.seq, what.error().message));
      continue;
    }
    if (row.kind == "guard") {
      on_guard(row, *what, findings);
    } else if (row.kind == "order") {
      on_order(row, *what, on_approved, findings);
    } else if (row.kind == "order_event") {
      on_order_event(row, *what, findings);
    } else if (row.kind == "order_found") {
      on_order_found(row, *what, findings);
    } else if (row.kind == "fill") {
      on_fill(row, *what, findings);
    } else if (row.kind == "action") {
      on_action(row, *what, rows, findings);
    } else {
      on_money_event(row, *what, rows, findings);
    }
  }
}

void LedgerFold::check_row(const JournalRow& row, Findings& findings) {
  if (row.seq != last_seq_ + 1) findings.add(15, fmt::format("journal: row {} follows row {}", row.seq, last_seq_));
  if (row.fencing < last_fencing_ || row.fencing > holder_fencing_)
    findings.add(13, fmt::format("journal: row {} was written by holder {}, after one of {}; the holder is {}", row.seq,
                                 row.fencing, last_fencing_, holder_fencing_));
  if (row.fencing < holder_before_)
    findings.add(13, fmt::format("journal: row {} was written by holder {}, long after holder {} had taken the ledger",
                                 row.seq, row.fencing, holder_before_));
  if (row.time < last_time_ && !settings_.time_goes_back)
    findings.add(12, fmt::format("journal: row {} is earlier than the one before it", row.seq));
  last_seq_ = row.seq;
  last_fencing_ = row.fencing;
  last_time_ = row.time;
}

// One by hand is made when a person asks for it.
void LedgerFold::on_decision(const JournalRow& row, Findings& findings) {
  decisions_[row.seq] = {.service = row.service, .time = row.time, .payload = row.payload};
  const auto what = core::parse_json(row.payload);
  const auto quoted = what ? core::parse_rfc3339(text_of(*what, "quoted_at")) : core::Result<core::Timestamp>();
  if (!what || !quoted || text_of(*what, "source") == "by hand") return;
  if (row.time - quoted->time_since_epoch().count() > settings_.quote_age.count())
    findings.add(12, fmt::format("journal row {} decides on a price that is too old", row.seq));
}

// How often its circuit breaker has opened is not forgotten.
void LedgerFold::on_guard(const JournalRow& row, const core::JsonValue& what, Findings& findings) {
  const auto memory = core::parse_json(text_of(what, "memory"));
  const core::JsonValue* breaker = memory ? memory->find("breaker") : nullptr;
  if (breaker == nullptr) return findings.add(1, fmt::format("journal: row {} cannot be read", row.seq));
  const std::int64_t trips = whole(*breaker, "trips");
  if (trips < trips_)
    findings.add(10,
                 fmt::format("journal row {}: the breaker has opened {} times, before it {}", row.seq, trips, trips_));
  trips_ = trips;
  const bool is_reset = std::ranges::any_of(
      audit_, [&](const LedgerAudit& audit) { return audit.time == row.time && audit.action == "breaker.reset"; });
  losses_.on_guard(*breaker, is_reset);
  equity_.on_guard(row.seq, row.time, *memory, is_reset, findings);
}

void LedgerFold::on_order(const JournalRow& row, const core::JsonValue& what, const OnApproved& on_approved,
                          Findings& findings) {
  LedgerOrder order{.order_id = whole(what, "order_id"),
                    .client_id = text_of(what, "client_order_id"),
                    .broker_id = {},
                    .symbol = text_of(what, "symbol"),
                    .buys = text_of(what, "side") == "buy",
                    .kind = text_of(what, "kind"),
                    .closes = text_of(what, "effect") == "close",
                    .reason = text_of(what, "reason"),
                    .service = whole(what, "service_id"),
                    .portfolio = whole(what, "portfolio_id"),
                    .decision = whole(what, "decision"),
                    .quantity = nine_digits(what, "quantity"),
                    .limit = nine_digits(what, "limit_price"),
                    .stop = nine_digits(what, "stop_price"),
                    .state = text_of(what, "state"),
                    .created_at = row.time,
                    .seq = row.seq,
                    .fencing = row.fencing};
  if (order.state != "denied" && order.state != "pending_submit")
    findings.add(7, fmt::format("order {} begins as {}", order.order_id, order.state));
  if (order.state == "denied") check_denial(order, text_of(what, "note"), findings);
  if (order.state != "denied" && !order.closes && on_approved) losses_.on_entry(order.order_id, row.time, findings);
  if (order.state != "denied" && on_approved) {
    const auto decision = decisions_.find(order.decision);
    on_approved(order, decision == decisions_.end() ? nullptr : &decision->second);
  }
  if (!by_client_.emplace(order.client_id, order.order_id).second)
    findings.add(5, fmt::format("the client order id {} is given twice", order.client_id));
  const auto [made, is_new] = orders_.try_emplace(order.order_id, std::move(order));
  if (!is_new) findings.add(5, fmt::format("order {} is made twice", made->first));
  if (!made->second.has_ended()) open_[made->first] = &made->second;
}

// Money is promised to what works, and is free again when that ends. "insufficient cash (needs 5000, 4000 there)".
void LedgerFold::check_denial(const LedgerOrder& order, std::string_view note, Findings& findings) const {
  constexpr std::string_view kNeeds = "(needs ";
  const std::size_t at = note.find(kNeeds);
  const auto& most = settings_.limits.limits.max_order_value;
  if (!note.starts_with("insufficient cash") || at == std::string_view::npos) return;
  std::string_view needed = note.substr(at + kNeeds.size());
  needed = needed.substr(0, std::min(needed.find(','), needed.size()));
  const auto amount = core::Money::parse(needed);
  const auto buying = std::ranges::count_if(open_, [](const auto& each) { return each.second->buys; });
  // An order was worth no more than that when it was made, and has fees.
  constexpr std::int64_t kSlack = 10;  // one part in so many
  if (buying > 0 && !most.has_value()) return;
  const std::int64_t promised = buying == 0 ? 0 : buying * (most.value().units() + most.value().units() / kSlack);
  if (amount && amount->units() <= cash() - promised)
    findings.add(3, fmt::format("order {} needed {}, and was refused with {} there and {} orders that buy",
                                order.order_id, needed, money(cash()), buying));
}

void LedgerFold::step(LedgerOrder& order, std::string_view event, std::int64_t seq, Findings& findings) {
  order.triggered = order.triggered || event == "trigger";
  const std::string_view resting = order.filled > 0 ? "partially_filled" : order.triggered ? "triggered" : "accepted";
  const auto next = next_order_state(order.state, event, resting);
  if (!next) {
    findings.add(
        7, fmt::format("order {} was {} and cannot {} (journal row {})", order.order_id, order.state, event, seq));
    return;
  }
  order.late = order.late || order.has_ended();
  order.state = *next;
  if (order.has_ended()) {
    open_.erase(order.order_id);
  } else {
    open_[order.order_id] = &order;
  }
}

void LedgerFold::on_order_event(const JournalRow& row, const core::JsonValue& what, Findings& findings) {
  const auto known = orders_.find(whole(what, "order_id"));
  if (known == orders_.end())
    return findings.add(14, fmt::format("journal row {} moves an order that nobody made", row.seq));
  LedgerOrder& order = known->second;
  const std::string event = text_of(what, "event");
  const bool waited = order.state == "submitted";  // rather than a cancel that was refused: that is soon known
  step(order, event, row.seq, findings);
  if (event == "cancel") order.cancelled_at = row.time;
  if (event == "send") {
    order.sent_seq = row.seq;
    if (row.time - order.created_at > settings_.written_within.count())
      findings.add(12, fmt::format("order {} left {} s after it was decided on", order.order_id,
                                   (row.time - order.created_at) / 1'000'000'000));
  }
  // Whoever sent it and has no answer in time tells people; a process that begins does not.
  const auto tells = [&](const LedgerAlarm& alarm) {
    return alarm.time == row.time && alarm.text.contains(fmt::format("order {} ", order.order_id));
  };
  if (event == "lose" && waited && row.fencing == order.fencing && std::ranges::none_of(alarms_, tells))
    findings.add(8, fmt::format("order {} became unknown, and nobody was told", order.order_id));
  if (std::string broker_id = text_of(what, "broker_order_id"); !broker_id.empty()) order.broker_id = broker_id;
}

// One that was given up, and came to the venue after all.
void LedgerFold::on_order_found(const JournalRow& row, const core::JsonValue& what, Findings& findings) {
  const auto known = orders_.find(whole(what, "order_id"));
  if (known == orders_.end() || known->second.state != "rejected")
    return findings.add(7, fmt::format("journal row {} finds an order that nobody gave up", row.seq));
  known->second.broker_id = text_of(what, "broker_order_id");
  known->second.came_late = true;
}

void LedgerFold::on_fill(const JournalRow& row, const core::JsonValue& what, Findings& findings) {
  const auto known = orders_.find(whole(what, "order_id"));
  if (known == orders_.end())
    return findings.add(14, fmt::format("journal row {} fills an order that nobody made", row.seq));
  LedgerOrder& order = known->second;
  const std::int64_t price = nine_digits(what, "price");
  const std::int64_t quantity = nine_digits(what, "quantity");
  const std::int64_t fee = six_digits(what, "fee");
  const std::int64_t rate = nine_digits(what, "rate");
  const bool inverse = truth(what, "rate_inverse");
  const auto place = static_cast<std::size_t>(folded_fills_++);
  const bool is_there = place < fills_.size() && fills_[place].order_id == order.order_id &&
                        fills_[place].broker_id == text_of(what, "broker_fill_id") && fills_[place].price == price &&
                        fills_[place].quantity == quantity && fills_[place].fee == fee && fills_[place].rate == rate &&
                        fills_[place].inverse == inverse && fills_[place].symbol == order.symbol &&
                        fills_[place].buys == order.buys;
  if (!is_there)
    findings.add(14, fmt::format("journal row {} booked fill {} of order {}, and the row of fills is another", row.seq,
                                 text_of(what, "broker_fill_id"), order.order_id));
  if (order.has_ended()) losses_.on_unclear(order.service);
  step(order, truth(what, "is_last") ? "fill" : "partial_fill", row.seq, findings);
  const std::int64_t amount = worth(price, quantity);
  order.filled += quantity;
  order.amount += amount;
  order.fees += fee;
  const std::int64_t paid = converted(amount, rate, inverse);
  const std::int64_t cost = converted(fee, rate, inverse);
  const std::int64_t change = order.buys ? quantity : -quantity;
  held_[order.symbol] += change;
  const auto service = services_.find(order.service);
  if (service != services_.end()) {
    const std::int64_t moved = (order.buys ? -paid : paid) - cost;
    service->second.shares += change;
    service->second.cash += moved;
    losses_.on_fill(order.service, order.buys, moved, service->second.shares, row.time);
  } else {
    LedgerPortfolio& portfolio = portfolios_[order.portfolio];
    portfolio.unassigned[order.symbol] += change;
    portfolio.cash -= (order.buys ? paid : -paid) + cost;
  }
}

void LedgerFold::on_money_event(const JournalRow& row, const core::JsonValue& what, const Rows& rows,
                                Findings& findings) {
  const auto move = [&](std::int64_t service, std::int64_t amount) {
    LedgerService& to = services_[service];
    to.cash += amount;
    portfolios_[to.portfolio].cash -= amount;
  };
  if (row.kind == "portfolio" || row.kind == "portfolio_set") {
    // All are one user's: another default takes the place of the one before.
    if (truth(what, "is_default")) {
      for (auto& [id, each] : portfolios_) each.is_default = false;
    }
    LedgerPortfolio& portfolio = portfolios_[whole(what, "portfolio_id")];
    portfolio.name = text_of(what, "name");
    portfolio.is_default = truth(what, "is_default");
  } else if (row.kind == "portfolio_removed") {
    portfolios_[whole(what, "portfolio_id")].is_removed = true;
  } else if (row.kind == "funding") {
    LedgerPortfolio& portfolio = portfolios_[whole(what, "portfolio_id")];
    const std::int64_t amount = six_digits(what, "amount");
    (truth(what, "money_market") ? portfolio.money_market : portfolio.cash) += amount;
    funded_ += amount;
  } else if (row.kind == "service_created") {
    const std::int64_t id = whole(what, "service_id");
    services_[id] = {.symbol = text_of(what, "stock_symbol"),
                     .strategy = text_of(what, "strategy"),
                     .state = text_of(what, "state"),
                     .portfolio = whole(what, "portfolio_id")};
    move(id, six_digits(what, "initial_balance"));
  } else if (row.kind == "service_set") {
    services_[whole(what, "service_id")].strategy = text_of(what, "strategy");
  } else if (row.kind == "service_state") {
    const std::int64_t id = whole(what, "service_id");
    services_[id].state = text_of(what, "state");
    const std::int64_t amount = six_digits(what, "amount");
    // What works may still take it.
    const auto own = std::ranges::find_if(open_, [&](const auto& each) { return each.second->service == id; });
    if (amount < 0 && !truth(what, "initial") && own != open_.end())
      findings.add(3, fmt::format("service {} gave back {} while its order {} worked", id, money(-amount), own->first));
    move(id, amount);
  } else if (row.kind == "completion") {
    const auto owner = rows.service_of_transaction.find(whole(what, "transaction_id"));
    if (owner == rows.service_of_transaction.end()) return;
    LedgerService& service = services_[owner->second];
    losses_.on_unclear(owner->second);
    move(owner->second, worth(nine_digits(what, "price"), service.shares));
    portfolios_[service.portfolio].unassigned[service.symbol] += std::exchange(service.shares, 0);
  } else if (row.kind == "kill_switch") {
    LedgerSwitch& thrown = switches_[whole(what, "switch_id")];
    if (thrown.thrown == 0) thrown.thrown = row.seq;
    if (!text_of(what, "released_at").empty()) thrown.released = row.seq;
  } else if (row.kind == "adoption") {
    held_[text_of(what, "symbol")] += nine_digits(what, "change");
    adopted_shares_[text_of(what, "symbol")] += nine_digits(what, "change");
  } else if (row.kind == "cash_adoption") {
    portfolios_[whole(what, "portfolio_id")].cash += six_digits(what, "change");
    adopted_cash_ += six_digits(what, "change");
  }
}

// Who gets what of a split is the ledger's to share out; that the parts make the whole, and the whole what the venue
// did, is looked at here and where the two are compared.
void LedgerFold::on_action(const JournalRow& row, const core::JsonValue& what, const Rows& rows, Findings& findings) {
  const auto action = std::ranges::find(rows.actions, row.seq, &LedgerAction::seq);
  if (action == rows.actions.end())
    return findings.add(14, fmt::format("journal row {} is an action, and no row of booked_actions is", row.seq));
  if (!action->skipped.empty()) return;
  if (action->before != held(action->symbol))
    findings.add(14, fmt::format("the {} of {} found {} shares, and there were {}", action->kind, action->symbol,
                                 shares(action->before), shares(held(action->symbol))));
  std::int64_t change = 0;
  for (const Rows::Entry& share : rows.action_shares) {
    if (share.seq != row.seq) continue;
    change += share.amount;
    if (share.holder == "service") services_[share.holder_id].shares += share.amount;
    if (share.holder == "service") losses_.on_unclear(share.holder_id);
    if (share.holder == "portfolio") portfolios_[share.holder_id].unassigned[action->symbol] += share.amount;
  }
  std::int64_t cash = 0;
  for (const Rows::Entry& entry : rows.entries) {
    if (entry.seq != row.seq) continue;
    if (entry.holder == "service") services_[entry.holder_id].cash += entry.amount;
    if (entry.holder == "service") losses_.on_unclear(entry.holder_id);
    if (entry.holder == "portfolio") portfolios_[entry.holder_id].cash += entry.amount;
    if (entry.holder == "service" || entry.holder == "portfolio") cash += entry.amount;
  }
  if (change != action->after - action->before || cash != action->cash)
    findings.add(14, fmt::format("the {} of {} gave {} shares and {} of cash, and its holders got {} and {}",
                                 action->kind, action->symbol, shares(action->after - action->before),
                                 money(action->cash), shares(change), money(cash)));
  held_[action->symbol] = action->after;
  if (action->kind != "split") return;
  split_at_[action->symbol] = row.time;
  for (const auto& [id, open] : open_) {
    LedgerOrder& order = orders_.at(id);
    if (order.symbol == action->symbol) split(order, *action, nine_digits(what, "lot"));
  }
}

// Of what is left whole lots; prices to the nearest.
void LedgerFold::split(LedgerOrder& order, const LedgerAction& action, std::int64_t lot) {
  const auto scaled = [&](std::int64_t quantity) {
    return static_cast<std::int64_t>(static_cast<__int128>(quantity) * action.numerator / action.denominator);
  };
  std::int64_t rest = scaled(order.remaining());
  if (lot > 0) rest -= rest % lot;
  order.filled = scaled(order.filled);
  order.quantity = order.filled + rest;
  for (std::int64_t* price : {&order.limit, &order.stop})
    *price = half_even(static_cast<__int128>(*price) * action.denominator, action.numerator);
  order.restated = true;
}

}  // namespace argosy::simulation::detail
