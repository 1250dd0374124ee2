// What an order had to keep of the limits on losses and on leverage.
#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "simulation/detail/oracle_gate.hpp"

namespace argosy::simulation::detail {

std::optional<std::int64_t> GateBook::most_worth(const LedgerFold& ledger, std::int64_t at,
                                                 std::int64_t stood_still) const {
  if (stepped_) return std::nullopt;
  const Life* life = life_at(at);
  const std::int64_t since = life == nullptr ? 0 : life->started;
  std::int64_t worth_of_all = ledger.cash();
  for (const auto& [symbol, quantity] : ledger.positions()) {
    if (quantity == 0) continue;
    std::optional<std::int64_t> highest;
    const auto told = prices_.find(symbol);
    bool is_whole = false;  // what it goes by is among them
    const std::int64_t split = ledger.split_at(symbol);
    if (told != prices_.end()) {
      for (const Seen& seen : std::views::reverse(told->second)) {
        if (seen.time > at) continue;
        if (seen.time < std::max(since, split) || is_whole) break;
        highest = std::max(highest.value_or(seen.last), seen.last);
        is_whole = seen.time <= at - stood_still;
      }
    }
    if (!is_whole && life != nullptr && split <= since) {
      const auto stored = life->stored.find(symbol);
      if (stored != life->stored.end()) highest = std::max(highest.value_or(stored->second), stored->second);
    }
    if (!highest) return std::nullopt;
    worth_of_all += worth_rounded_up(*highest, quantity);
  }
  return worth_of_all;
}

void GateBook::note_worth(const LedgerFold& ledger, std::int64_t time) {
  const auto equity = most_worth(ledger, time, 0);
  if (!equity) return;
  const Worth now{.day = time / kDay, .equity = *equity, .funded = ledger.funded()};
  if (worth_ && worth_->day < now.day) worth_before_ = worth_;
  worth_ = now;
}

// Money that comes in or goes out is neither won nor lost.
void GateBook::judge_losses(const LedgerOrder& order, const LedgerFold& ledger, Findings& findings) const {
  const auto& limit = settings_.limits.limits.max_daily_loss;
  const bool days_are_utc = settings_.limits.day == trading::DayStart();
  if (order.closes || !limit.has_value() || !days_are_utc || settings_.time_goes_back) return;
  const auto equity = most_worth(ledger, order.created_at, kStoodStill);
  if (!equity) return;
  const std::int64_t day = order.created_at / kDay;
  const std::optional<Worth>& before = worth_ && worth_->day < day ? worth_ : worth_before_;
  if (!before && is_restored_) return;
  // Before its first day there was what it was funded with.
  const std::int64_t base = before ? before->equity + ledger.funded() - before->funded : ledger.funded();
  const std::int64_t most = amount_of(limit.value(), base);
  // The process looked at what the day before ended with at another moment.
  constexpr std::int64_t kSlack = 10;  // one part in so many
  if (const std::int64_t lost = base - *equity; lost >= most + most / kSlack)
    findings.add(10, fmt::format("order {} was made when {} were lost in a day, more than {}", order.order_id,
                                 money(lost), money(most)));
}

// Money that comes in or goes out moves the highest equity, too.
void GateBook::judge_drawdown(const LedgerOrder& order, const LedgerFold& ledger, Findings& findings) const {
  const auto& limit = settings_.limits.limits.max_drawdown;
  const std::optional<std::int64_t> peak = ledger.equity().peak(ledger.funded());
  if (order.closes || !limit.has_value() || settings_.time_goes_back || !peak) return;
  const auto equity = most_worth(ledger, order.created_at, kStoodStill);
  const std::int64_t most = amount_of(limit.value(), *peak);
  if (equity && *peak - *equity >= most)
    findings.add(10, fmt::format("order {} was made when {} were lost since the highest equity, more than {}",
                                 order.order_id, money(*peak - *equity), money(most)));
}

std::optional<std::int64_t> GateBook::most_by_leverage(const LedgerFold& ledger, std::int64_t at) const {
  const auto& limit = settings_.limits.limits.max_leverage;
  const auto equity = limit.has_value() ? most_worth(ledger, at, kStoodStill) : std::nullopt;
  if (!equity) return std::nullopt;
  return static_cast<std::int64_t>(static_cast<__int128>(*equity) * limit.value().times.units() / kOne);
}

}  // namespace argosy::simulation::detail
