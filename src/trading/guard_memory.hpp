// What the guard of an account must not forget when a program ends: a breaker that was tripped, what the day began
// with, the highest equity, how far a prop firm's rules are. As JSON, for the ledger.
//
//   const std::string text = guard_text(guard.memory(), funded);
//   ARGOSY_TRY(const GuardMemory memory, parse_guard(text));
//   guard.restore(memory);                          // before anything is told to it
//   guard.on_flow(funded_by_now - memory.funded);   // what came in meanwhile is no profit
//
// Not kept: of the window of loss_velocity all but its highest equity, and of orders and calls within the last stretch
// of time those before the newest kRememberedAnswers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/decimal.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace argosy::trading {

using core::Money;

// What a broker answered to an order or a call.
struct AnswerMemory {
  core::Timestamp time;
  bool failed = false;
  friend bool operator==(const AnswerMemory&, const AnswerMemory&) = default;
};
// The rate of failures among so many says enough, and what is remembered is written often.
inline constexpr std::size_t kRememberedAnswers = 500;

// States, rules and verdicts as the numbers of their enumerators.
struct BreakerMemory {
  std::int64_t state = 0;
  std::int64_t trips = 0;
  // The last trip.
  std::int64_t rule = 0;
  std::int64_t unit = 0;
  std::int64_t value = 0;
  std::int64_t limit = 0;
  core::Timestamp tripped_at;
  std::optional<core::Timestamp> until;
  // Equity.
  core::Date day;
  std::optional<Money> day_base;
  std::optional<Money> last_equity;
  std::optional<Money> peak;
  core::Timestamp highest_at;  // within the window of loss_velocity
  std::optional<Money> highest;
  // Trades.
  std::int64_t losses = 0;
  std::int64_t trial_entries = 0;
  std::int64_t trial_trades = 0;
  // Within the windows of reject_rate and error_rate, the oldest first.
  std::vector<AnswerMemory> orders;
  std::vector<AnswerMemory> calls;
};

struct PropMemory {
  Money initial;
  std::optional<core::Date> day;
  Money balance;
  bool balance_known = true;
  Money last_equity;
  Money day_base;
  Money highest;
  Money balance_at_begin;
  Money best_day;
  std::int64_t trading_days = 0;
  bool traded_today = false;
  bool day_over = false;
  bool passed = false;
  // What was reached: the breach, or the daily loss.
  std::int64_t verdict = 0;
  std::int64_t rule = 0;
  std::int64_t unit = 0;
  std::int64_t value = 0;
  std::int64_t limit = 0;
};

struct GuardMemory {
  core::Date day;
  Money last;
  std::optional<Money> day_base;
  std::optional<Money> peak;
  Money funded;  // all that had come in from outside, less what had gone out
  BreakerMemory breaker;
  std::optional<PropMemory> prop;
};

[[nodiscard]] std::string guard_text(const GuardMemory& memory);
// kCorrupt where it is none.
[[nodiscard]] core::Result<GuardMemory> parse_guard(std::string_view text);

}  // namespace argosy::trading
