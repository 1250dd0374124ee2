#include "strategy/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace argosy::strategy {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

bool has(const StrategyFile& strategy, Role role) { return !strategy.formula(role).empty(); }
bool is_written(const StrategyFile& strategy, std::string_view key) {
  return std::ranges::find(strategy.places, key, &StrategyFile::Place::key) != strategy.places.end();
}

std::unexpected<Error> wrong(const StrategyFile& strategy, std::string_view key, std::string message,
                             std::string hint = {}) {
  return fail(strategy.locate(key, Error(ErrorCode::kInvalidArgument, std::move(message)).with_hint(std::move(hint))));
}

std::unexpected<Error> missing(const StrategyFile& strategy, std::string_view key) {
  return fail(Error(ErrorCode::kInvalidArgument, fmt::format("the key \"{}\" is missing", key)).at(strategy.file));
}

// Whatever is entered must be left some day.
Result<void> check_exits(const StrategyFile& strategy) {
  const auto never = [&](std::string_view what, std::string_view hint) {
    return fail(
        Error(ErrorCode::kInvalidArgument,
              fmt::format("nothing ever {}, stop_loss, take_profit, trailing_stop and max_bars are all missing", what))
            .at(strategy.file)
            .with_hint(fmt::format("add a formula, for example `{}`", hint)));
  };
  const bool exits = !strategy.stop_loss.empty() || !strategy.take_profit.empty() || !strategy.trailing_stop.empty() ||
                     has(strategy, Role::kStopDistance) || has(strategy, Role::kTargetDistance) ||
                     has(strategy, Role::kTrailDistance) || strategy.max_bars > 0;
  if (has(strategy, Role::kBuy) && !strategy.rebalance && !has(strategy, Role::kSell) && !exits)
    return never("sells: sell", "sell: cross_below(close, sma(close, 50))");
  if (has(strategy, Role::kShort) && !has(strategy, Role::kCover) && !exits)
    return never("covers: cover", "cover: cross_above(close, sma(close, 50))");
  return {};
}

// A portfolio is bought at the market, in equal parts, by rank.
Result<void> check_rebalance(const StrategyFile& strategy) {
  if (has(strategy, Role::kShort)) return wrong(strategy, "short", "a rebalanced portfolio is long only");
  if (has(strategy, Role::kConfidence)) {
    return wrong(strategy, "confidence", "a rebalanced portfolio is chosen by its rank alone",
                 "say in `buy` which symbols may be held: `buy: score > 60%`");
  }
  if (is_written(strategy, "size")) {
    return wrong(strategy, "size", "a rebalanced portfolio shares the equity evenly",
                 "say how much of it with `weight` in rebalance");
  }
  if (is_written(strategy, "order")) return wrong(strategy, "order", "a rebalanced portfolio is bought at the market");
  for (const Role role : {Role::kStopDistance, Role::kTargetDistance, Role::kTrailDistance}) {
    if (has(strategy, role))
      return wrong(strategy, to_string(role), fmt::format("a rebalanced portfolio has a constant {}", to_string(role)),
                   fmt::format("write {}: 20%", to_string(role)));
  }
  return {};
}

Result<void> check_order(const StrategyFile& strategy) {
  using trading::OrderKind;
  const EntryOrder& order = strategy.order;
  const bool limits = order.kind == OrderKind::kLimit || order.kind == OrderKind::kStopLimit;
  const bool stops = order.kind == OrderKind::kStop || order.kind == OrderKind::kStopLimit;
  const bool has_limit = has(strategy, Role::kLimit) || !order.limit_offset.is_zero();
  const bool has_stop = has(strategy, Role::kStop) || !order.stop_offset.is_zero();
  const std::string_view kind = trading::to_string(order.kind);
  const auto bad = [&](std::string message, std::string hint = {}) {
    return wrong(strategy, "order", std::move(message), std::move(hint));
  };
  if (limits && !has_limit)
    return bad(fmt::format("a {} order needs limit or limit_offset", kind), "write limit_offset: 0.5%");
  if (stops && !has_stop)
    return bad(fmt::format("a {} order needs stop or stop_offset", kind), "write stop_offset: 0.5%");
  if (has_limit && !limits) return bad(fmt::format("a {} order has no limit", kind));
  if (has_stop && !stops) return bad(fmt::format("a {} order has no stop", kind));
  for (const auto& [role, offset] :
       {std::pair{Role::kLimit, order.limit_offset}, std::pair{Role::kStop, order.stop_offset}}) {
    if (has(strategy, role) && !offset.is_zero()) {
      return wrong(strategy, to_string(role), fmt::format("{} is a formula and an offset", to_string(role)),
                   "write one of the two");
    }
  }
  const core::Price one = core::Price::from_integer(1);
  const trading::Order example{.kind = order.kind,
                               .time_in_force = order.time_in_force,
                               .quantity = core::Quantity::from_integer(1),
                               .limit = one,
                               .stop = one};
  if (const auto contradiction = trading::find_contradiction(example, {})) return bad(std::string(*contradiction));
  return {};
}

}  // namespace

Result<void> check_rules(const StrategyFile& strategy) {
  if (strategy.name.empty()) return missing(strategy, "name");
  if (!has(strategy, Role::kBuy) && !has(strategy, Role::kShort) && !strategy.rebalance)
    return missing(strategy, "buy");
  ARGOSY_TRY_VOID(check_exits(strategy));
  if (strategy.rebalance) ARGOSY_TRY_VOID(check_rebalance(strategy));
  if (has(strategy, Role::kShort) && strategy.account != trading::AccountType::kMargin)
    return wrong(strategy, "short", "a cash account cannot sell short", "add `account: margin`");
  if (strategy.minimum_confidence > 0 && !has(strategy, Role::kConfidence)) {
    return wrong(strategy, "minimum_confidence", "there is no confidence to compare it with",
                 "add `confidence:`, a formula between 0 and 1");
  }
  return check_order(strategy);
}

}  // namespace argosy::strategy
