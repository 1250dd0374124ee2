// What the circuit breaker must make of trades that lost, worked out from fills: when so many in a row open it, until
// when no position may grow, and how many entries its trial allows. Where it opens by another rule, or what a trade won
// cannot be said, it is taken at its word.
#pragma once

#include <cstdint>
#include <map>

#include "core/json.hpp"
#include "simulation/detail/oracle_rows.hpp"

namespace argosy::simulation::detail {

class LossBook {
 public:
  explicit LossBook(const OracleSettings& settings) : settings_(settings) {}

  // A fill of a service's order: `moved` is what its cash changed by, fee included; `left` its shares after it.
  void on_fill(std::int64_t service, bool buys, std::int64_t moved, std::int64_t left, std::int64_t time);
  // Its shares changed by other ways, or long after its order had ended.
  void on_unclear(std::int64_t service) { trades_[service].unclear = true; }
  // What the breaker says of itself; `is_reset`: somebody closed it by hand.
  void on_guard(const core::JsonValue& breaker, bool is_reset);
  // One that lets a position grow was approved.
  void on_entry(std::int64_t order, std::int64_t time, Findings& findings);
  // Another ledger took its place.
  void forget();

 private:
  enum class State : std::uint8_t { kClosed, kOpen, kTrial };
  struct Trade {
    std::int64_t gained = 0;
    bool unclear = false;
  };
  void advance(std::int64_t time);
  void open(std::int64_t time);

  const OracleSettings& settings_;
  std::map<std::int64_t, Trade> trades_;  // by service
  State state_ = State::kClosed;
  bool believes_ = false;       // whatever the breaker says next
  std::int64_t losses_ = 0;     // in a row
  std::int64_t opened_at_ = 0;  // the last time
  std::int64_t until_ = 0;
  // Of the trial.
  std::int64_t entries_ = 0;
  std::int64_t wins_ = 0;
};

}  // namespace argosy::simulation::detail
