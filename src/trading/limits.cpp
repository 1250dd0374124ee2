#include "trading/limits.hpp"

#include <fmt/format.h>

#include <array>

#include "core/text.hpp"

namespace argosy::trading {

using core::Rounding;

Money Allowance::of(Money base) const {
  if (!is_share) return amount;
  return base.is_negative() ? Money() : core::multiply(base, share, Rounding::kFloor);
}

template <>
std::span<const LimitField<RiskLimits>> limit_fields() {
  using R = RiskLimits;
  static constexpr std::array<LimitField<R>, 21> kFields{{
      {"messages", "orders and cancels sent, as a token bucket", &R::messages, true},
      {"equal_orders", "orders of the same instrument, side, quantity and price", &R::equal_orders, true},
      {"instrument_fills", "fills of one instrument; one more disables it until it is enabled again",
       &R::instrument_fills},
      {"restricted", "symbols whose positions may only become smaller", &R::restricted},
      {"allowed", "the only symbols that may be bought or sold short", &R::allowed},
      {"trading_hours", "positions grow only within the exchange's session", &R::trading_hours},
      {"max_reference_age", "how old the price may be that orders are compared with", &R::max_reference_age, true},
      {"price_collar", "how far beyond that price a limit may lie", &R::price_collar, true},
      {"max_order_quantity", "shares of one order", &R::max_order_quantity, true},
      {"max_order_value", "value of one order", &R::max_order_value, true},
      {"self_match", "orders that could trade with an own working order", &R::self_match, true},
      {"max_working_orders", "orders that work at once", &R::max_working_orders},
      {"max_position_quantity", "shares held of one instrument, with working orders", &R::max_position_quantity},
      {"max_position_value", "value held of one instrument, with working orders", &R::max_position_value},
      {"max_open_positions", "instruments held, with working orders", &R::max_open_positions},
      {"max_gross_exposure", "value of all positions, long and short added up, with working orders",
       &R::max_gross_exposure},
      {"max_net_exposure", "value of all positions, short taken from long, with working orders", &R::max_net_exposure},
      {"max_leverage", "gross exposure as a multiple of the equity", &R::max_leverage},
      {"correlated_exposure", "value of positions that move together, as a share of the equity",
       &R::correlated_exposure},
      {"max_daily_loss", "lost since the day began, open positions included", &R::max_daily_loss},
      {"max_drawdown", "lost since the highest equity", &R::max_drawdown},
  }};
  return kFields;
}

template <>
std::span<const LimitField<BreakerLimits>> limit_fields() {
  using R = BreakerLimits;
  static constexpr std::array<LimitField<R>, 8> kFields{{
      {"consecutive_losses", "trades in a row that lose", &R::consecutive_losses},
      {"daily_loss", "lost since the day began, open positions included", &R::daily_loss},
      {"drawdown", "lost since the highest equity", &R::drawdown},
      {"loss_velocity", "lost within a stretch of time", &R::loss_velocity},
      {"error_rate", "calls to the broker that fail", &R::error_rate},
      {"reject_rate", "orders that the broker rejects", &R::reject_rate},
      {"cool_down", "how long it stays open; unlimited: until it is reset by hand", &R::cool_down},
      {"trial_trades", "trades without a loss after which it closes", &R::trial_trades},
  }};
  return kFields;
}

template <>
std::span<const LimitField<PropLimits>> limit_fields() {
  using R = PropLimits;
  static constexpr std::array<LimitField<R>, 9> kFields{{
      {"initial_balance", "what the account begins with; unlimited: any", &R::initial_balance},
      {"daily_loss", "from the day's first balance or equity, whichever is higher", &R::daily_loss},
      {"total_loss", "from the initial balance", &R::total_loss},
      {"trailing_drawdown", "from the highest equity, or the highest at the end of a day", &R::trailing_drawdown},
      {"best_day", "the best day's share of the whole profit", &R::best_day},
      {"profit_target", "the profit that passes; unlimited: none", &R::profit_target},
      {"minimum_days", "days with a trade before the account may pass", &R::minimum_days},
      {"flatten", "when every position must be closed", &R::flatten},
      {"max_contracts", "contracts held at once, with working orders", &R::max_contracts},
  }};
  return kFields;
}

LimitProfile LimitProfile::backtest() {
  return {.name = "backtest", .limits = unlimited<RiskLimits>(), .breaker = unlimited<BreakerLimits>()};
}

std::string limit_text(std::int64_t value) { return fmt::format("{}", value); }

std::string limit_text(core::Duration value) {
  struct Unit {
    std::int64_t nanoseconds;
    std::string_view name;
  };
  constexpr std::array<Unit, 5> kUnits{{{86'400'000'000'000, "d"},
                                        {3'600'000'000'000, "h"},
                                        {60'000'000'000, "m"},
                                        {1'000'000'000, "s"},
                                        {1'000'000, "ms"}}};
  for (const Unit& unit : kUnits) {
    if (value.count() != 0 && value.count() % unit.nanoseconds == 0)
      return fmt::format("{}{}", value.count() / unit.nanoseconds, unit.name);
  }
  return value.count() == 0 ? "0s" : fmt::format("{}ns", value.count());
}

std::string limit_text(Quantity value) { return value.to_string(); }
std::string limit_text(Money value) { return value.to_string(); }
std::string limit_text(Rate value) { return (value * 100).to_string() + "%"; }
std::string limit_text(const Allowance& value) {
  return value.is_share ? limit_text(value.share) : limit_text(value.amount);
}
std::string limit_text(const Leverage& value) { return value.times.to_string(); }
std::string limit_text(const Burst& value) {
  return fmt::format("{{most: {}, within: {}}}", value.most, limit_text(value.within));
}
std::string limit_text(const MessageRate& value) {
  return fmt::format("{{per_second: {}, burst: {}, reserve: {}}}", value.per_second, value.burst, value.reserve);
}
std::string limit_text(const TradingHours& value) {
  return fmt::format("{{after_open: {}, before_close: {}}}", limit_text(value.after_open),
                     limit_text(value.before_close));
}
std::string limit_text(const CorrelationLimit& value) {
  return fmt::format("{{above: {}, share: {}}}", value.above.to_string(), limit_text(value.share));
}
std::string limit_text(const LossVelocity& value) {
  return fmt::format("{{loss: {}, within: {}}}", limit_text(value.loss), limit_text(value.within));
}
std::string limit_text(const FailureRate& value) {
  return fmt::format("{{share: {}, within: {}, least: {}}}", limit_text(value.share), limit_text(value.within),
                     value.least);
}
std::string limit_text(const Refused&) { return "refuse"; }
std::string limit_text(const Symbols& value) { return "[" + core::join(value, ", ") + "]"; }
std::string limit_text(const DailyLoss& value) {
  return fmt::format("{{loss: {}, ends: {}}}", limit_text(value.loss), value.ends_account ? "account" : "day");
}
std::string limit_text(const TrailingLoss& value) {
  return fmt::format("{{loss: {}, from: {}, locks_at_start: {}}}", limit_text(value.loss),
                     value.from == TrailingLoss::From::kEquity ? "equity" : "end_of_day", value.locks_at_start);
}
std::string limit_text(const FlattenRule& value) {
  const std::string when = value.calendar.empty() ? fmt::format("at: \"{}\"", clock_text(value.at))
                                                  : fmt::format("calendar: {}, before_close: {}", value.calendar,
                                                                limit_text(value.before_close));
  return fmt::format("{{{}, over: {}}}", when, value.every_day ? "nights" : "weekends");
}

std::string clock_text(core::Duration after_midnight) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(after_midnight).count();
  return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

}  // namespace argosy::trading
