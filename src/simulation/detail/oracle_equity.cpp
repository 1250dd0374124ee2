#include "simulation/detail/oracle_equity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "trading/trading_day.hpp"

namespace argosy::simulation::detail {

namespace {

constexpr std::int64_t kOpen = 1;

}  // namespace

void EquityBook::on_guard(std::int64_t seq, std::int64_t time, const core::JsonValue& memory, bool is_reset,
                          Findings& findings) {
  // With a clock that is set back days cannot be told apart.
  const bool days_are_utc = settings_.limits.day == trading::DayStart();
  const core::JsonValue* guard = memory.find("guard");
  const core::JsonValue* breaker = memory.find("breaker");
  if (guard == nullptr || breaker == nullptr || text_of(*guard, "peak").empty() || settings_.time_goes_back ||
      !days_are_utc)
    return;
  const std::int64_t last = six_digits(*guard, "last");
  const std::int64_t said_peak = six_digits(*guard, "peak");
  const std::int64_t said_base = six_digits(*guard, "day_base");
  const std::int64_t funded = six_digits(*guard, "funded");
  const std::int64_t day = time / kDay;
  if (!std::exchange(known_, true)) {
    day_ = day;
    last_ = last;
    base_ = said_base;
    peak_ = said_peak;
    funded_ = funded;
    breaker_ = {.is_open = whole(*breaker, "state") == kOpen,
                .trips = whole(*breaker, "trips"),
                .base = six_digits(*breaker, "day_base"),
                .peak = six_digits(*breaker, "peak")};
    return;
  }
  // Money that comes in or goes out is neither won nor lost.
  const std::int64_t flow = funded - std::exchange(funded_, funded);
  const std::int64_t before = std::exchange(last_, last) + flow;
  for (std::int64_t* each : {&base_, &peak_, &breaker_.base, &breaker_.peak}) *each += flow;
  const bool is_new = last != before;
  if (is_new && day > day_) {
    day_ = day;
    base_ = breaker_.base = before;
  }
  peak_ = std::max(peak_, last);
  if (said_peak < peak_)
    findings.add(10, fmt::format("journal row {}: the highest equity is said to be {}, and was {}", seq,
                                 money(said_peak), money(peak_)));
  peak_ = std::max(peak_, said_peak);  // while nothing could be written it may have been higher
  if (is_new && said_base != base_)
    findings.add(10, fmt::format("journal row {}: the day is said to have begun with {}, and did with {}", seq,
                                 money(said_base), money(base_)));
  follow(*breaker, is_reset, before);
  if (is_new) check_breaker(seq, findings);
}

void EquityBook::follow(const core::JsonValue& said, bool is_reset, std::int64_t before) {
  const bool is_open = whole(said, "state") == kOpen;
  const std::int64_t trips = whole(said, "trips");
  const bool rested = breaker_.is_open && (!is_open || trips > breaker_.trips);
  if (is_reset) breaker_.base = last_;
  breaker_.peak = std::max(is_reset ? last_ : rested ? before : breaker_.peak, last_);
  breaker_.is_open = is_open;
  breaker_.trips = trips;
}

// It opens by whatever is lost, and stays so for as long as a day's losses last.
void EquityBook::check_breaker(std::int64_t seq, Findings& findings) const {
  if (breaker_.is_open) return;
  const auto judge = [&](const trading::Limit<trading::Allowance>& limit, std::int64_t from, const char* since) {
    if (!limit.has_value() || from - last_ < amount_of(limit.value(), from)) return;
    findings.add(10, fmt::format("journal row {}: {} were lost since {}, and the circuit breaker is not open", seq,
                                 money(from - last_), since));
  };
  judge(settings_.limits.breaker.drawdown, breaker_.peak, "the highest equity");
  judge(settings_.limits.breaker.daily_loss, breaker_.base, "the day began");
}

}  // namespace argosy::simulation::detail
