#include "simulation/detail/oracle_gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <ranges>
#include <utility>

#include "core/time.hpp"

namespace argosy::simulation::detail {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// What the audit log calls what was asked for; empty: it is none of its business.
std::string_view audit_action(std::string_view kind) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kActions{
      {{"service_create", "service.create"},
       {"service_set", "service.set"},
       {"service_start", "service.start"},
       {"service_pause", "service.pause"},
       {"service_stop", "service.stop"},
       {"close_position", "service.close_position"},
       {"complete", "transaction.complete"},
       {"order_place", "order.place"},
       {"order_replace", "order.replace"},
       {"portfolio_create", "portfolio.create"},
       {"portfolio_fund", "portfolio.fund"},
       {"portfolio_withdraw", "portfolio.withdraw"},
       {"portfolio_set", "portfolio.set"},
       {"portfolio_remove", "portfolio.remove"},
       {"risk_kill", "risk.kill"},
       {"risk_release", "risk.release"},
       {"risk_set", "risk.set"},
       {"breaker_reset", "breaker.reset"}}};
  const auto found = std::ranges::find(kActions, kind, &std::pair<std::string_view, std::string_view>::first);
  return found == kActions.end() ? std::string_view() : found->second;
}

std::string scope_of(const core::JsonValue& payload) {
  std::string scope = text_of(payload, "scope");
  return scope.empty() ? "all" : scope;
}

template <class T>
std::optional<std::int64_t> number_of(const trading::Limit<T>& limit) {
  if (!limit.has_value()) return std::nullopt;
  if constexpr (requires { limit.value().units(); }) {
    return limit.value().units();
  } else {
    return limit.value();
  }
}

// The time of the price that a decision says it was made of; none: 0.
std::int64_t quoted_at(const LedgerDecision& decision) {
  const auto told = core::parse_json(decision.payload);
  if (!told) return 0;
  const auto time = core::parse_rfc3339(text_of(*told, "quoted_at"));
  return time ? time->time_since_epoch().count() : 0;
}

void tighten(std::optional<std::int64_t>& limit, std::optional<std::int64_t> soft) {
  if (soft && (!limit || *soft < *limit)) limit = soft;
}

}  // namespace

void GateBook::on_ticket(std::int64_t time, const trading::OrderTicket& ticket, Findings& findings) {
  if (!passed_.emplace(ticket.client_order_id, time).second)
    findings.add(5, fmt::format("{} passed the gate twice", ticket.client_order_id));
  waiting_.push_back({.time = time, .order = ticket});
}

void GateBook::on_started(std::int64_t time) { lives_.push_back({.started = time}); }

void GateBook::on_died(std::int64_t time) {
  if (!lives_.empty() && lives_.back().died == 0) lives_.back().died = time;
}

void GateBook::on_look(std::int64_t time, const LedgerFold* ledger) {
  if (ledger != nullptr) note_worth(*ledger, time);
  if (lives_.empty() || std::exchange(lives_.back().looked_at, true)) return;
  if (ledger != nullptr && time == lives_.back().started) lives_.back().stored = ledger->stored_prices();
}

void GateBook::on_asked(std::int64_t time, std::string_view kind, std::string_view payload, std::string_view answer,
                        bool from_row) {
  const bool cancels_one = kind == "risk_kill" && payload.find("\"order\"") != std::string_view::npos;
  if (audit_action(kind).empty() || cancels_one) return;
  // One that was told, and is found in its row, too.
  const bool is_known = std::ranges::any_of(asked_, [&](const Asked& each) {
    return each.from_row != from_row && each.time == time && each.kind == kind && each.text == payload &&
           each.answer_text == answer;
  });
  if (is_known) return;
  auto asked = core::parse_json(payload);
  auto answered = core::parse_json(answer);
  if (!asked || !answered) return;
  asked_.push_back({.kind = std::string(kind),
                    .text = std::string(payload),
                    .answer_text = std::string(answer),
                    .payload = *std::move(asked),
                    .answer = *std::move(answered),
                    .time = time,
                    .life = lives_.empty() || lives_.back().died != 0 ? 0 : lives_.size(),
                    .from_row = from_row});
}

void GateBook::on_quote(std::int64_t time, const std::string& symbol, const market::Quote& quote) {
  if (time < last_time_) stepped_ = true;
  last_time_ = time;
  prices_[symbol].push_back(
      {.time = time, .quoted_at = quote.time.time_since_epoch().count(), .last = quote.last.units()});
}

void GateBook::on_restored() {
  waiting_.clear();
  asked_.clear();
  wanted_.clear();
  looked_at_ = 0;
  recent_.clear();
  worth_.reset();
  worth_before_.reset();
  is_restored_ = true;
}

void GateBook::forget_prices(std::int64_t before) {
  for (auto& [symbol, seen] : prices_) {
    while (seen.size() > 2 && seen[1].time < before - kStoodStill) seen.pop_front();
  }
}

// --- What was acknowledged. ---

void GateBook::take_up(Asked& asked) {
  asked.confirmed = true;
  if (asked.kind == "portfolio_fund") funded_ += six_digits(asked.payload, "amount");
  if (asked.kind == "portfolio_withdraw") funded_ -= six_digits(asked.payload, "amount");
  const std::int64_t created = whole(asked.answer, "service_id");
  const std::int64_t id = whole(asked.payload, "id");
  if (asked.kind == "service_create") wanted_[created] = truth(asked.payload, "starts", true) ? "ACTIVE" : "INACTIVE";
  if (asked.kind == "service_start") wanted_[id] = "ACTIVE";
  if (asked.kind == "service_pause") wanted_[id] = "PAUSED";
  if (asked.kind == "service_stop") wanted_[id] = "INACTIVE";
}

void GateBook::confirm(const LedgerFold& ledger, bool quiet, Findings& findings) {
  for (const LedgerRequest& row : ledger.new_requests()) on_asked(row.done_at, row.kind, row.payload, row.answer, true);
  for (; looked_at_ < ledger.audit().size(); ++looked_at_) {
    const LedgerAudit& row = ledger.audit()[looked_at_];
    const auto meant = std::ranges::find_if(asked_, [&](const Asked& asked) {
      return !asked.confirmed && asked.time == row.time && audit_action(asked.kind) == row.action;
    });
    if (meant != asked_.end()) take_up(*meant);
  }
  std::erase_if(asked_, [&](const Asked& asked) {
    if (asked.confirmed) return false;
    const std::int64_t died = asked.life > 0 ? lives_[asked.life - 1].died : 0;
    const bool went_on = std::ranges::any_of(
        ledger.new_times(), [&](std::int64_t time) { return time > asked.time && (died == 0 || time <= died); });
    if (went_on || (quiet && died == 0))
      findings.add(17, fmt::format("{} was acknowledged at {}, and the audit log has it not", asked.kind,
                                   core::format_rfc3339(core::Timestamp(core::Duration(asked.time)))));
    return went_on || died != 0 || quiet;
  });
}

// --- What an order had to keep. ---

const Life* GateBook::life_at(std::int64_t time) const {
  const auto later = std::ranges::upper_bound(lives_, time, {}, &Life::started);
  return later == lives_.begin() ? nullptr : &*std::prev(later);
}

GateBook::Marks GateBook::marks(const LedgerFold& ledger, const std::string& symbol, std::int64_t at) const {
  Marks marks;
  const auto known = prices_.find(symbol);
  if (known == prices_.end() || stepped_) return marks;
  const Life* life = life_at(at);
  const std::int64_t started = life == nullptr ? 0 : life->started;
  // A price of before a split is another share's.
  const std::int64_t split = ledger.split_at(symbol);
  const std::int64_t since = std::max(started, split);
  // Those of that very moment, and the one before them: which of them was taken cannot be seen.
  for (const Seen& seen : std::views::reverse(known->second)) {
    if (seen.time > at) continue;
    if (seen.time < since) break;
    if (!marks.known) {
      marks = {
          .known = true, .lowest = seen.last, .highest = seen.last, .quoted_at = seen.quoted_at, .seen_at = seen.time};
    }
    marks.lowest = std::min(marks.lowest, seen.last);
    marks.highest = std::max(marks.highest, seen.last);
    marks.quoted_at = std::max(marks.quoted_at, seen.quoted_at);
    if (seen.time < at) return marks;
  }
  if (life == nullptr || split > started) return marks;
  const auto stored = life->stored.find(symbol);
  if (stored == life->stored.end()) return marks;
  marks.lowest = marks.known ? std::min(marks.lowest, stored->second) : stored->second;
  marks.highest = std::max(marks.highest, stored->second);
  marks.known = true;
  return marks;
}

GateBook::InForce GateBook::in_force(std::int64_t at) const {
  const trading::RiskLimits& hard = settings_.limits.limits;
  InForce limits{.order_quantity = number_of(hard.max_order_quantity),
                 .order_value = number_of(hard.max_order_value),
                 .working_orders = number_of(hard.max_working_orders),
                 .position_quantity = number_of(hard.max_position_quantity),
                 .position_value = number_of(hard.max_position_value),
                 .open_positions = number_of(hard.max_open_positions),
                 .gross_exposure = number_of(hard.max_gross_exposure)};
  std::map<std::string, std::pair<std::int64_t, std::string>> soft;  // the last of each name
  for (const Asked& asked : asked_) {
    // With a clock that is set back it cannot be said which came first.
    if (asked.kind != "risk_set" || asked.time >= at || settings_.time_goes_back) continue;
    auto& [time, value] = soft[text_of(asked.payload, "name")];
    if (asked.time < time) continue;
    time = asked.time;
    value = text_of(asked.payload, "value");
  }
  const auto read = [&](const char* name, int digits) -> std::optional<std::int64_t> {
    const auto found = soft.find(name);
    if (found == soft.end()) return std::nullopt;
    if (digits == 0) {
      const auto whole_number = core::Quantity::parse(found->second.second);
      return whole_number ? std::optional(whole_number->units() / kOne) : std::nullopt;
    }
    if (digits == 6) {
      const auto amount = core::Money::parse(found->second.second);
      return amount ? std::optional(amount->units()) : std::nullopt;
    }
    const auto quantity = core::Quantity::parse(found->second.second);
    return quantity ? std::optional(quantity->units()) : std::nullopt;
  };
  tighten(limits.order_quantity, read("max_order_quantity", 9));
  tighten(limits.order_value, read("max_order_value", 6));
  tighten(limits.working_orders, read("max_working_orders", 0));
  tighten(limits.position_quantity, read("max_position_quantity", 9));
  tighten(limits.position_value, read("max_position_value", 6));
  tighten(limits.open_positions, read("max_open_positions", 0));
  tighten(limits.gross_exposure, read("max_gross_exposure", 6));
  return limits;
}

// From when it was thrown until it was released; who wants everything sold lets sales pass. What was acknowledged and
// is not in the journal is in force from that time on.
std::string GateBook::stopped_by(const LedgerOrder& order, std::int64_t seq, const LedgerFold& ledger) const {
  for (const Asked& thrown : asked_) {
    if (thrown.kind != "risk_kill") continue;
    const LedgerSwitch* written = ledger.find_switch(whole(thrown.answer, "switch_id"));
    const bool is_on = written == nullptr
                           ? thrown.time < order.created_at && !settings_.time_goes_back
                           : written->thrown < seq && (written->released == 0 || written->released > seq);
    const bool entries_only = text_of(thrown.payload, "halts") == "entries" || truth(thrown.payload, "flatten");
    if (!is_on || (entries_only && order.closes)) continue;
    const std::string scope = scope_of(thrown.payload);
    const std::string subject = text_of(thrown.payload, "subject");
    const auto service = ledger.services().find(order.service);
    const bool meant =
        scope == "all" || (scope == "account" && subject == fmt::to_string(settings_.broker_account_id)) ||
        (scope == "instrument" && subject == order.symbol) ||
        (scope == "service" && subject == fmt::to_string(order.service)) ||
        (scope == "strategy" && service != ledger.services().end() && subject == service->second.strategy);
    if (meant) return subject.empty() ? "the switch of all" : fmt::format("the switch of {} {}", scope, subject);
  }
  return {};
}

void GateBook::judge(const LedgerOrder& order, const LedgerDecision* decision, const LedgerFold& ledger,
                     Findings& findings) {
  if (decision == nullptr || decision->service != order.service)
    findings.add(10, fmt::format("order {} was made of decision {}, which is not in the journal", order.order_id,
                                 order.decision));
  if (const std::string stopped = stopped_by(order, order.seq, ledger); !stopped.empty())
    findings.add(11, fmt::format("order {} was made while {} was thrown", order.order_id, stopped));
  const InForce limits = in_force(order.created_at);
  judge_owner(order, ledger, findings);
  judge_price(order, decision, ledger, findings);
  judge_size(order, limits, ledger, findings);
  judge_positions(order, limits, ledger, findings);
  judge_rates(order, findings);
  judge_losses(order, ledger, findings);
  judge_drawdown(order, ledger, findings);
}

// A service has one order at a time, and sells what is its own.
void GateBook::judge_owner(const LedgerOrder& order, const LedgerFold& ledger, Findings& findings) {
  const auto service = ledger.services().find(order.service);
  if (service == ledger.services().end()) return judge_own(order, ledger, findings);
  for (const auto& [id, open] : ledger.open()) {
    if (open->service == order.service)
      findings.add(10, fmt::format("order {} of service {} was made while its order {} worked", order.order_id,
                                   order.service, id));
  }
  if (order.closes && order.quantity > service->second.shares)
    findings.add(10, fmt::format("order {} sells {}, and service {} has {}", order.order_id, shares(order.quantity),
                                 order.service, shares(service->second.shares)));
}

// A portfolio sells what is its own, and no order of it sells already.
void GateBook::judge_own(const LedgerOrder& order, const LedgerFold& ledger, Findings& findings) {
  if (!order.closes) return;
  const auto portfolio = ledger.portfolios().find(order.portfolio);
  if (portfolio == ledger.portfolios().end())
    return findings.add(10, fmt::format("order {} is nobody's", order.order_id));
  const auto held = portfolio->second.unassigned.find(order.symbol);
  std::int64_t own = held == portfolio->second.unassigned.end() ? 0 : held->second;
  for (const auto& [id, open] : ledger.open()) {
    const bool sells_too = open->service == 0 && open->portfolio == order.portfolio && open->closes;
    if (sells_too && open->symbol == order.symbol) own -= std::max<std::int64_t>(open->quantity - open->filled, 0);
  }
  if (order.quantity > own)
    findings.add(10, fmt::format("order {} sells {}, and portfolio {} has {} of its own", order.order_id,
                                 shares(order.quantity), order.portfolio, shares(own)));
}

void GateBook::judge_price(const LedgerOrder& order, const LedgerDecision* decision, const LedgerFold& ledger,
                           Findings& findings) const {
  const Marks seen = marks(ledger, order.symbol, order.created_at);
  const std::int64_t oldest = order.created_at - settings_.quote_age.count();
  if (order.reason != "manual") {
    if (!stepped_ && (!seen.known || seen.quoted_at < oldest))
      findings.add(12,
                   fmt::format("order {} was decided on a price of {} that is too old", order.order_id, order.symbol));
    if (decision != nullptr && quoted_at(*decision) < oldest)
      findings.add(12, fmt::format("order {} says itself that its price is too old", order.order_id));
  }
  const auto& age = settings_.limits.limits.max_reference_age;
  if (age.has_value() && order.kind == "market" && seen.known && order.created_at - seen.seen_at > age.value().count())
    findings.add(10, fmt::format("order {} was made with a reference price that is too old", order.order_id));
  const auto& collar = settings_.limits.limits.price_collar;
  if (!collar.has_value() || order.kind != "limit" || !seen.known) return;
  const __int128 wide = order.buys ? seen.highest : seen.lowest;
  const __int128 width = wide * collar.value().units() / kOne;
  if (order.buys ? order.limit > wide + width : order.limit < wide - width)
    findings.add(10,
                 fmt::format("order {} has a limit of {}, beyond the collar", order.order_id, price_text(order.limit)));
}

void GateBook::judge_size(const LedgerOrder& order, const InForce& limits, const LedgerFold& ledger,
                          Findings& findings) const {
  if (limits.order_quantity && order.quantity > *limits.order_quantity)
    findings.add(10, fmt::format("order {} is for {} shares, more than {}", order.order_id, shares(order.quantity),
                                 shares(*limits.order_quantity)));
  const Marks seen = marks(ledger, order.symbol, order.created_at);
  if (!limits.order_value || !seen.known) return;
  const bool waits = order.kind == "limit" || order.kind == "stop_limit";
  const std::int64_t price = waits && order.buys                  ? order.limit
                             : waits                              ? std::max(order.limit, seen.lowest)
                             : order.kind == "stop" && order.buys ? std::max(order.stop, seen.lowest)
                                                                  : seen.lowest;
  if (const std::int64_t value = worth_rounded_up(price, order.quantity); value > *limits.order_value)
    findings.add(10, fmt::format("order {} is worth {}, more than {}", order.order_id, money(value),
                                 money(*limits.order_value)));
}

// What the account would hold if every opening order that works, and this one, were filled.
void GateBook::judge_positions(const LedgerOrder& order, const InForce& limits, const LedgerFold& ledger,
                               Findings& findings) const {
  if (order.closes) {
    if (order.quantity > ledger.held(order.symbol))
      findings.add(10, fmt::format("order {} closes {} of {} {}", order.order_id, shares(order.quantity),
                                   shares(ledger.held(order.symbol)), order.symbol));
    return;
  }
  const auto& hard = settings_.limits.limits;
  const auto named = [&](const trading::Limit<trading::Symbols>& list) {
    return list.has_value() && std::ranges::find(list.value(), order.symbol) != list.value().end();
  };
  if (named(hard.restricted) || (hard.allowed.has_value() && !named(hard.allowed)))
    findings.add(10, fmt::format("order {} is for {}, which may not be bought", order.order_id, order.symbol));
  const auto working = static_cast<std::int64_t>(ledger.open().size()) + 1;
  if (limits.working_orders && working > *limits.working_orders)
    findings.add(10, fmt::format("order {} is one of {} that work, more than {}", order.order_id, working,
                                 *limits.working_orders));
  std::map<std::string, std::int64_t> most = ledger.positions();
  for (const auto& [id, open] : ledger.open()) {
    if (!open->closes) most[open->symbol] += open->remaining();
  }
  const std::int64_t own = most[order.symbol] += order.quantity;
  if (limits.position_quantity && own > *limits.position_quantity)
    findings.add(10, fmt::format("with order {} there may be {} {}, more than {}", order.order_id, shares(own),
                                 order.symbol, shares(*limits.position_quantity)));
  std::int64_t gross = 0;
  std::int64_t positions = 0;
  for (const auto& [symbol, quantity] : most) {
    if (quantity == 0) continue;
    ++positions;
    const Marks seen = marks(ledger, symbol, order.created_at);
    const std::int64_t value = seen.known ? worth_rounded_up(seen.lowest, quantity) : 0;
    gross += value;
    if (symbol == order.symbol && limits.position_value && value > *limits.position_value)
      findings.add(10, fmt::format("with order {} there may be {} of {}, more than {}", order.order_id, money(value),
                                   symbol, money(*limits.position_value)));
  }
  if (limits.open_positions && positions > *limits.open_positions)
    findings.add(10, fmt::format("with order {} there may be {} positions, more than {}", order.order_id, positions,
                                 *limits.open_positions));
  // One that stood still decides on the first price of many, and goes by older ones for the others.
  constexpr std::int64_t kSlack = 50;  // one part in so many
  if (limits.gross_exposure && gross - gross / kSlack > *limits.gross_exposure)
    findings.add(10, fmt::format("with order {} there may be {} in all positions, more than {}", order.order_id,
                                 money(gross), money(*limits.gross_exposure)));
  const auto by_leverage = most_by_leverage(ledger, order.created_at);
  if (by_leverage && gross - gross / kSlack > *by_leverage)
    findings.add(10, fmt::format("with order {} there may be {} in all positions, more than {} by the leverage",
                                 order.order_id, money(gross), money(*by_leverage)));
}

void GateBook::judge_rates(const LedgerOrder& order, Findings& findings) {
  const trading::RiskLimits& limits = settings_.limits.limits;
  const bool begins = std::exchange(holder_, order.fencing) != order.fencing;
  if (begins) recent_.clear();
  if (limits.messages.has_value()) {
    const trading::MessageRate& rate = limits.messages.value();
    const __int128 full = static_cast<__int128>(rate.burst) * kSecond;
    tokens_ =
        begins
            ? full
            : std::min(full, tokens_ + static_cast<__int128>(std::max<std::int64_t>(order.created_at - refilled_, 0)) *
                                           rate.per_second);
    refilled_ = order.created_at;
    tokens_ -= kSecond;
    if (tokens_ < 0)
      findings.add(10, fmt::format("order {} is one message more than the limit allows", order.order_id));
  }
  if (!limits.equal_orders.has_value()) return;
  const trading::Burst& burst = limits.equal_orders.value();
  std::erase_if(recent_,
                [&](const LedgerOrder& each) { return each.created_at <= order.created_at - burst.within.count(); });
  const auto equal = std::ranges::count_if(recent_, [&](const LedgerOrder& each) {
    return each.symbol == order.symbol && each.buys == order.buys && each.kind == order.kind &&
           each.quantity == order.quantity && each.limit == order.limit && each.stop == order.stop;
  });
  if (equal >= burst.most)
    findings.add(10,
                 fmt::format("order {} is the {}th of its kind, more than {}", order.order_id, equal + 1, burst.most));
  recent_.push_back(order);
}

// --- The gate. ---

void GateBook::match(const LedgerFold& ledger, Findings& findings) {
  for (const Ticket& ticket : std::exchange(waiting_, {})) {
    const trading::OrderTicket& at_gate = ticket.order;
    const LedgerOrder* order = ledger.find(at_gate.client_order_id);
    if (order == nullptr) {
      findings.add(1, fmt::format("{} passed the gate, and the ledger does not have it", at_gate.client_order_id));
      continue;
    }
    const bool same =
        at_gate.symbol == order->symbol && (at_gate.side == trading::Side::kBuy) == order->buys &&
        (order->restated || (at_gate.quantity.units() == order->quantity && at_gate.limit.units() == order->limit &&
                             at_gate.stop.units() == order->stop)) &&
        at_gate.closes == order->closes && trading::to_string(at_gate.kind) == order->kind;
    if (!same)
      findings.add(10, fmt::format("{} passed the gate as another order than was written", at_gate.client_order_id));
    if (order->state == "denied")
      findings.add(
          8, fmt::format("{} passed the gate, and the ledger says that it was not sent", at_gate.client_order_id));
    // That it left is written, unless the process died just then.
    const std::int64_t left = order->sent_seq != 0 ? order->sent_seq : order->seq;
    if (const std::string stopped = stopped_by(*order, left, ledger); !stopped.empty())
      findings.add(11, fmt::format("{} left while {} was thrown", at_gate.client_order_id, stopped));
  }
}

}  // namespace argosy::simulation::detail
