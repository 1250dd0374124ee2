// The account as a whole: compared with the broker's, blocked where it differs, and what its guard remembers.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/check.hpp"
#include "core/log.hpp"
#include "core/planted.hpp"
#include "live/desk.hpp"

namespace argosy::live {

using core::Timestamp;
using trading::InstrumentIndex;

// --- The account. ---

void Desk::on_account(const trading::AccountReport& report) {
  account_seen_ = true;
  if (!ARGOSY_PLANTED(kComparesNoPositions)) compare_positions(report);
  if (!ARGOSY_PLANTED(kComparesNoCash)) compare_cash(report);
  check_ready();
}

void Desk::look_again() { next_positions_ = std::min(next_positions_, recorder_.now() + settings_.open_orders_check); }

void Desk::compare_positions(const trading::AccountReport& report) {
  // Everything gone at once is more likely a mistake of the broker than the truth: it is asked again, and never
  // adopted.
  const bool all_gone = !account().open_positions().empty() && report.positions.empty();
  if (all_gone && !looks_implausible_) {
    looks_implausible_ = true;
    recorder_.notify(Severity::kWarning, fmt::format("{} reports no positions at all", settings_.broker),
                     "that is asked again before anything is believed");
    look_again();
    return;
  }
  looks_implausible_ = all_gone;
  std::vector<Quantity> held(instrument_ids_.size());
  for (const trading::ReportedPosition& position : report.positions) {
    if (const auto known = index_of_symbol_.find(position.symbol); known != index_of_symbol_.end()) {
      held[known->second] = position.quantity;
      continue;
    }
    if (position.quantity.is_zero()) continue;
    if (!tells_first("position of " + position.symbol)) continue;
    recorder_.notify(Severity::kWarning,
                     fmt::format("{} holds {}, which is not traded here", settings_.broker, position.symbol),
                     fmt::format("{} shares; they are left alone", position.quantity.to_string()));
  }
  const bool moving = recorder_.now() - last_fill_ < settings_.open_orders_check;
  for (InstrumentIndex i = 0; i < held.size(); ++i) {
    const Quantity difference = held[i] - account().position(i).quantity();
    if (difference.is_zero()) {
      unequal_.erase(i);
      if (differences_.erase(i) > 0) unblock(i);
      continue;
    }
    unequal_.insert(i);
    look_for_late(i);
    // Orders that work, and fills that were reported this moment, explain a difference for a while.
    const trading::WorkingQuantity works = account().working(i);
    if (awaits_action(i)) {
      look_again();
      continue;
    }
    const bool in_flight = !works.buy.is_zero() || !works.sell.is_zero();
    if (in_flight || moving) {
      look_again();
      continue;
    }
    const auto known = differences_.find(i);
    if (known == differences_.end() || known->second.quantity != difference) {
      differences_[i] = {.quantity = difference, .since = recorder_.now()};
      look_again();
      continue;
    }
    // Two answers to the same question are one look.
    if (recorder_.now() - known->second.since < settings_.open_orders_check) {
      look_again();
      continue;
    }
    if (settings_.adopts_positions && !all_gone) {
      adopt(i, difference);
      continue;
    }
    block(i, fmt::format("{} holds {} {}, the ledger {}{}", settings_.broker, held[i].to_string(),
                         account().instruments()[i].symbol, account().position(i).quantity().to_string(),
                         split_hint(i, held[i])));
  }
}

// The account's cash is that of all portfolios and services. A difference must be seen again before it counts; more
// often where trading goes on, for a fill may be on its way.
void Desk::compare_cash(const trading::AccountReport& report) {
  constexpr int kLooks = 2;
  constexpr int kLooksWhileTrading = 4;
  const auto told = std::ranges::find(report.balances, settings_.currency, &trading::ReportedBalance::currency);
  if (told == report.balances.end() || !fundings_.empty()) return;
  const Money ours = recorder_.book().cash_of(settings_.broker_account_id, settings_.currency);
  const Money difference = told->cash - ours;
  if (difference.is_zero()) fills_since_equal_ = 0;
  const Money rounding = std::min(
      settings_.cash_tolerance,
      Money::from_units(settings_.cash_rounding.units() * std::min<std::int64_t>(fills_since_equal_ + 1, 100'000)));
  if (std::max(difference, -difference) <= rounding) {
    cash_looks_ = 0;
    cash_implausible_ = false;
    unblock_account("cash");
    return;
  }
  const Timestamp now = recorder_.now();
  // Two answers to the same question are one look.
  if (cash_looks_ > 0 && difference == cash_difference_ && now - cash_looked_ < settings_.open_orders_check)
    return look_again();
  cash_looks_ = difference == cash_difference_ ? cash_looks_ + 1 : 1;
  cash_difference_ = difference;
  cash_looked_ = now;
  // All of it gone is more likely a mistake of the broker than the truth: it is asked again, and never adopted.
  const bool all_gone = ours.is_positive() && !told->cash.is_positive();
  if (all_gone && !std::exchange(cash_implausible_, true)) {
    recorder_.notify(Severity::kWarning, fmt::format("{} reports no cash at all", settings_.broker),
                     "that is asked again before anything is believed");
  }
  cash_implausible_ = all_gone;
  const bool trades = !account().working_orders().empty() || now - last_fill_ < settings_.open_orders_check;
  if (cash_looks_ < (trades ? kLooksWhileTrading : kLooks)) return look_again();
  const bool may_adopt = settings_.adopts_cash && !all_gone;
  if (may_adopt && trades) return look_again();
  if (may_adopt) return adopt_cash(difference);
  block_account("cash", fmt::format("{} has {} {} in cash, the ledger {}: find out why, and fund or withdraw the "
                                    "difference",
                                    settings_.broker, told->cash.to_string(), settings_.currency, ours.to_string()));
}

// The account's default portfolio gets it, or pays for it where it can.
void Desk::adopt_cash(Money difference) {
  const ledger::PortfolioRow* owner = nullptr;
  for (const auto& [id, row] : recorder_.book().portfolios()) {
    if (row.broker_account_id != settings_.broker_account_id || row.currency != settings_.currency || row.removed_at)
      continue;
    if (owner == nullptr || (row.is_default && !owner->is_default)) owner = &row;
  }
  if (owner == nullptr || -difference > owner->cash)
    return block_account("cash", fmt::format("{} has {} {} less in cash than the ledger, more than the portfolio that "
                                             "should pay for it",
                                             settings_.broker, (-difference).to_string(), settings_.currency));
  recorder_.record(CashAdopted{.broker_account_id = settings_.broker_account_id,
                               .portfolio_id = owner->portfolio_id,
                               .change = difference,
                               .reason = "the broker's account differs"});
  recorder_.notify(Severity::kWarning,
                   fmt::format("{} {} of cash were taken over", difference.to_string(), settings_.currency),
                   fmt::format("{} has them and the ledger had not; they belong to portfolio {}", settings_.broker,
                               owner->portfolio_id));
  manager_.account().fund(difference);
  cash_looks_ = 0;
  cash_implausible_ = false;
  fills_since_equal_ = 0;
  unblock_account("cash");
}

void Desk::adopt(InstrumentIndex i, Quantity difference) {
  const std::string symbol = account().instruments()[i].symbol;
  recorder_.record(PositionAdopted{.broker_account_id = settings_.broker_account_id,
                                   .instrument_id = instrument_ids_[i],
                                   .symbol = symbol,
                                   .change = difference,
                                   .price = account().mark(i),
                                   .reason = "the broker's account differs"});
  recorder_.notify(Severity::kWarning, fmt::format("{} {} were taken over", difference.to_string(), symbol),
                   fmt::format("{} has them and the ledger had not; they belong to no service", settings_.broker));
  manager_.account().adopt(i, difference, recorder_.now().time_since_epoch().count());
  differences_.erase(i);
}

// --- Blocks. ---

void Desk::block(InstrumentIndex i, const std::string& why) {
  if (blocks_.contains(i)) return;
  blocks_[i] = why;
  manager_.gate().halt(i, trading::Halt::kEntries, why);
  const std::string& symbol = account().instruments()[i].symbol;
  recorder_.notify(Severity::kError, fmt::format("{} is blocked for entries", symbol), why);
  core::log_error("an instrument is blocked for entries", {{"symbol", symbol}, {"why", why}});
}

void Desk::unblock(InstrumentIndex i) {
  if (blocks_.erase(i) == 0) return;
  manager_.gate().resume(i);
  const std::string& symbol = account().instruments()[i].symbol;
  recorder_.notify(Severity::kInfo, fmt::format("{} is no longer blocked", symbol), "it agrees with the broker again");
}

const std::string* Desk::blocked(InstrumentIndex i) const {
  const auto found = blocks_.find(i);
  return found == blocks_.end() ? nullptr : &found->second;
}

void Desk::halt(trading::Halt halt, const std::string& reason) {
  switch_ = {.halt = halt, .reason = reason};
  apply_halt();
}

void Desk::resume() {
  switch_ = {};
  apply_halt();
}

// What kill switches stop, and what stops the account's entries.
void Desk::apply_halt() {
  trading::RiskGate& gate = manager_.gate();
  gate.set_time(recorder_.now());
  if (switch_.halt != trading::Halt::kNone) {
    gate.halt(switch_.halt, switch_.reason);
  } else if (!account_blocks_.empty()) {
    gate.halt(trading::Halt::kEntries, account_blocks_.begin()->second);
  } else {
    gate.resume();
  }
}

void Desk::block_account(const std::string& what, const std::string& why) {
  if (!account_blocks_.emplace(what, why).second) return;
  apply_halt();
  recorder_.notify(Severity::kError, fmt::format("account {} is blocked for entries", settings_.broker_account_id),
                   why);
  core::log_error("an account is blocked for entries", {{"account", settings_.broker_account_id}, {"why", why}});
}

void Desk::unblock_account(const std::string& what) {
  if (account_blocks_.erase(what) == 0) return;
  apply_halt();
  recorder_.notify(Severity::kInfo, fmt::format("account {} is no longer blocked", settings_.broker_account_id),
                   fmt::format("its {} is in order again", what));
}

// --- The kill switch and the guard. ---

bool Desk::try_switch() {
  manager_.gate().set_time(recorder_.now());
  std::string wrong = settings_.switch_trial(manager_);
  const bool works = wrong.empty();
  if (works) {
    unblock_account("kill switch");
  } else {
    block_account("kill switch", "the kill switch does not work: " + wrong);
  }
  recorder_.record(SwitchTried{.broker_account_id = settings_.broker_account_id, .wrong = std::move(wrong)});
  return works;
}

void Desk::reset_breaker() {
  trading::Guard& guard = manager_.gate().guard();
  guard.on_equity(recorder_.now(), account().equity());
  guard.breaker().reset(recorder_.now());
  keep_guard();
}

void Desk::keep_guard() {
  trading::Guard& guard = manager_.gate().guard();
  kept_trips_ = guard.breaker().trips();
  kept_state_ = guard.breaker().state(recorder_.now());
  trading::GuardMemory memory = guard.memory();
  memory.funded = funded_;
  std::string text = trading::guard_text(memory);
  if (text == kept_) return;
  recorder_.record(GuardKept{.broker_account_id = settings_.broker_account_id, .memory = text});
  kept_ = std::move(text);
}

void Desk::restore_guard() {
  const ledger::GuardRow* row = recorder_.book().guard(settings_.broker_account_id);
  if (row == nullptr || ARGOSY_PLANTED(kForgetsBreaker)) return;
  auto memory = trading::parse_guard(row->memory);
  ARGOSY_CHECK(memory.has_value(), "the guard of account {}: {}", settings_.broker_account_id, memory.error().message);
  trading::Guard& guard = manager_.gate().guard();
  if (ARGOSY_PLANTED(kForgetsDaysLosses)) memory->day_base = memory->last;
  if (ARGOSY_PLANTED(kForgetsPeak)) memory->peak = memory->last;
  guard.restore(*memory);
  guard.on_flow(funded_ - memory->funded);
  kept_ = row->memory;
  kept_trips_ = guard.breaker().trips();
  kept_state_ = guard.breaker().state(recorder_.now());
}

}  // namespace argosy::live
