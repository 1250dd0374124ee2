// What the account was worth by the process's own word, and what follows from it: the highest it ever was, what a day
// began with, and when the circuit breaker must have opened. Nothing of it may be forgotten between two processes.
#pragma once

#include <cstdint>
#include <optional>

#include "core/json.hpp"
#include "simulation/detail/oracle_rows.hpp"

namespace argosy::simulation::detail {

class EquityBook {
 public:
  explicit EquityBook(const OracleSettings& settings) : settings_(settings) {}

  // What the guard of the account kept at a time, in a row of the journal; `is_reset`: somebody closed its breaker by
  // hand.
  void on_guard(std::int64_t seq, std::int64_t time, const core::JsonValue& memory, bool is_reset, Findings& findings);
  // Another ledger took its place.
  void forget() { known_ = false; }

  // The highest equity, with `funded` in all until now; nothing: none is known.
  [[nodiscard]] std::optional<std::int64_t> peak(std::int64_t funded) const {
    return known_ ? std::optional(peak_ + funded - funded_) : std::nullopt;
  }

 private:
  // What the circuit breaker measures from: it forgets what was lost before it rested.
  struct Breaker {
    bool is_open = false;
    std::int64_t trips = 0;
    std::int64_t base = 0;
    std::int64_t peak = 0;
  };
  // Said at the same time; `before`: the equity until then.
  void follow(const core::JsonValue& said, bool is_reset, std::int64_t before);
  void check_breaker(std::int64_t seq, Findings& findings) const;

  const OracleSettings& settings_;
  bool known_ = false;
  std::int64_t day_ = 0;
  std::int64_t last_ = 0;
  std::int64_t base_ = 0;  // the last of the day before
  std::int64_t peak_ = 0;
  std::int64_t funded_ = 0;  // until then
  Breaker breaker_;
};

}  // namespace argosy::simulation::detail
