// What would be decided now: the same questions as in consider() and ask(), asked of copies.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "live/trader.hpp"

namespace argosy::live {

using core::ErrorCode;
using core::fail;
using core::Result;
using core::Timestamp;
using ledger::ServiceState;
using ledger::TradingMode;
using trading::Halt;

namespace {

Advice& say(Advice& advice, std::string reason) {
  advice.reasons.push_back(std::move(reason));
  return advice;
}

void take(Advice& advice, const DecisionAnswer& answer, Rate threshold) {
  advice.yes = answer.yes;
  advice.confidence = std::isfinite(answer.confidence) ? answer.confidence : 0;
  advice.numbers = numbers_text(answer);
  if (answer.yes && advice.confidence < threshold.to_double()) {
    advice.yes = false;
    say(advice,
        fmt::format("its confidence of {:.1f} is below the threshold of {}", advice.confidence, threshold.to_string()));
  }
  say(advice, std::string(answer.reason));
}

}  // namespace

Advice Trader::begin_advice(const Watched& watched, Question what, std::string source) {
  Advice out{.what = what, .reasons = {}, .source = std::move(source), .numbers = {}};
  if (!watched.quoted) return out;
  out.bid = watched.quote.bid;
  out.ask = watched.quote.ask;
  out.quoted_at = watched.quote.time;
  return out;
}

// Why nothing can be said of its price now; empty: it can.
std::string Trader::why_no_price(Slot slot) {
  const std::string& symbol = slots_[slot].traded.instrument.symbol;
  if (!slots_[slot].quoted) return fmt::format("there is no price of {} yet", symbol);
  if (!is_fresh(slot)) return fmt::format("the last price of {} is older than it may be", symbol);
  if (!is_open(slot)) return fmt::format("the exchange of {} is closed", symbol);
  return {};
}

Result<Advice> Trader::advise(const AdviceWish& wish) {
  const auto slot = find(wish.instrument_id);
  if (!slot || instrument(*slot).instrument.symbol != wish.symbol)
    return fail(ErrorCode::kNotFound, fmt::format("there is no instrument {}", wish.symbol));
  ARGOSY_TRY(DecisionMaker * maker, makers_(wish.strategy, wish.symbol));
  Advice out = begin_advice(slots_[*slot], wish.what, wish.strategy);
  if (std::string why = why_no_price(*slot); !why.empty()) return say(out, std::move(why));
  DecisionQuestion question{.service_id = 0,
                            .symbol = wish.symbol,
                            .what = wish.what,
                            .time = recorder_.now(),
                            .quote = slots_[*slot].quote,
                            .purchase_price = {},
                            .shares = {}};
  if (wish.what == Question::kSell) {
    question.purchase_price = wish.purchase_price;
    question.shares = Quantity::from_integer(1);
    // As if it had been bought just before the last bar: that one is judged.
    if (const auto last = maker->last_bar()) question.purchased_at = *last - core::Duration(1);
    ExitLevels levels = maker->levels(question);
    narrow(levels, wish.purchase_price, wish.stop_loss_percent, wish.take_profit_percent);
    const Price bid = question.quote.bid;
    const bool stops = levels.stop_loss.is_positive() && bid <= levels.stop_loss;
    if (stops || (levels.take_profit.is_positive() && bid >= levels.take_profit)) {
      out.yes = true;
      out.confidence = 100;
      out.source = stops ? "stop_loss" : "take_profit";
      return say(out, fmt::format("{} at {}, the bid is {}", stops ? "the stop is" : "the target is",
                                  (stops ? levels.stop_loss : levels.take_profit).to_string(2), bid.to_string(2)));
    }
  }
  take(out, maker->peek(question), wish.threshold);
  return out;
}

// What keeps a service from being asked, whatever it holds; empty: nothing.
std::string Trader::why_not_considered(const Runtime& service) {
  const ledger::ServiceRow& row = *service.row;
  if (row.state != ServiceState::kActive && row.state != ServiceState::kPaused)
    return fmt::format("the service is {}{}{}", to_string(row.state), row.error.empty() ? "" : ": ", row.error);
  if (row.mode == TradingMode::kHold) return "its mode is HOLD: it neither buys nor sells";
  if (!ledger_down_.empty()) return "the ledger cannot be written: " + ledger_down_;
  if (service.desk == nullptr || !service.desk->is_ready() || !service.desk->is_connected())
    return "the broker is not connected";
  if (service.desk->awaits_action(service.index)) return "a split or dividend is being booked";
  return why_no_price(service.slot);
}

// What keeps it from buying, or from selling by decision.
std::string Trader::why_not_asked(const Runtime& service) {
  if (service.order != 0) return fmt::format("order {} works", service.order);
  if (service.row->state != ServiceState::kActive) return "the service is PAUSED: only its stops sell";
  trading::RiskGate& gate = service.desk->gate();
  if (service.row->current_shares.is_positive())
    return service.halt == Halt::kOrders || gate.halted().halt == Halt::kOrders ? "a kill switch lets no order leave"
                                                                                : "";
  if (!stopped_.empty()) return stopped_;
  if (service.halt != Halt::kNone) return "a kill switch stops its purchases";
  if (gate.halted().halt != Halt::kNone) return gate.halted().reason;
  if (gate.halted(service.index).halt != Halt::kNone) return gate.halted(service.index).reason;
  if (!slots_[service.slot].hours.allows_entries(recorder_.now())) return "nothing is bought at this hour";
  if (!service.desk->account().has_rate(service.index)) return "the exchange rate is not known";
  return {};
}

Result<Advice> Trader::advise(std::int64_t service_id) {
  ARGOSY_TRY(Runtime * found, find_service(service_id));
  Runtime service = *found;  // what looking at it changes is thrown away
  const ledger::ServiceRow& row = *service.row;
  const Timestamp now = recorder_.now();
  const bool holds = row.current_shares.is_positive();
  Advice out = begin_advice(slots_[service.slot], holds ? Question::kSell : Question::kBuy, row.strategy);
  if (std::string why = why_not_considered(service); !why.empty()) return say(out, std::move(why));
  if (holds && service.halt != Halt::kOrders && !(service.order != 0 && service.selling)) {
    if (const auto reason = reason_to_leave(service, now)) {
      out.yes = true;
      out.confidence = 100;
      out.source = to_string(*reason);
      out.quantity = row.current_shares;
      return say(out, fmt::format("{} at {}", to_string(*reason), out.bid.to_string(2)));
    }
  }
  if (std::string why = why_not_asked(service); !why.empty()) return say(out, std::move(why));
  const DecisionAnswer answer = service.maker->peek(question(service, now));
  take(out, answer, holds ? row.sell_threshold : row.buy_threshold);
  if (!out.yes) return out;
  out.quantity = holds ? row.current_shares : entry_order(service, answer.entry).quantity;
  if (out.quantity.is_positive()) return out;
  out.yes = false;
  out.reasons.insert(out.reasons.begin(), "too little money for one lot");
  return out;
}

}  // namespace argosy::live
