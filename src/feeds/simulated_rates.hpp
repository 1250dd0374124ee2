// Exchange rates by chance, for accounts in several currencies on a simulated feed: each pair walks from its first
// rate, day and night.
//
//   ARGOSY_TRY(SimulatedRates rates, SimulatedRates::make({.seed = 7, .start = time}));
//   table.set(rates.next());
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/decimal.hpp"
#include "core/result.hpp"
#include "core/rng.hpp"
#include "core/time.hpp"
#include "market/rate_table.hpp"

namespace argosy::feeds {

struct SimulatedRate {
  std::string base;
  std::string quote;
  core::Price first;
  double volatility = 8;  // standard deviation of a year's changes, in percent
};

// Round numbers near those of 2024.
[[nodiscard]] std::vector<SimulatedRate> usual_rates();

struct SimulatedRatesOptions {
  std::uint64_t seed = 1;
  core::Timestamp start;
  core::Duration interval = std::chrono::minutes{1};  // between two rates of a pair
  std::vector<SimulatedRate> pairs = usual_rates();
};

// A pair's luck comes from the seed and its currencies alone. Not safe for threads by itself.
class SimulatedRates {
 public:
  // kInvalidArgument: no pair, one that market::check_rate() refuses or that is there twice, a volatility that is not
  // from 0 to 300, an interval below a millisecond.
  [[nodiscard]] static core::Result<SimulatedRates> make(SimulatedRatesOptions options);

  // The next rate: all pairs at `start`, in their order, then all an interval later, without end. Source "simulated".
  [[nodiscard]] market::RateQuote next();
  // When the next one is.
  [[nodiscard]] core::Timestamp next_time() const { return time_; }

 private:
  struct Walk {
    core::Rng rng;
    market::RateQuote rate;
    double value = 0;
    double step = 0;  // standard deviation of an interval's change
  };
  SimulatedRates() = default;

  core::Duration interval_{};
  core::Timestamp time_;
  std::vector<Walk> walks_;
  std::size_t next_ = 0;
  bool first_ = true;
};

}  // namespace argosy::feeds
