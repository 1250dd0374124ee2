// The minutes of a day whose daily bar is known: a random path from open to close that touches high and low and leaves
// them nowhere, with the volume shared out. The bars of the minutes make up the daily bar exactly.
//
//   const DayShape shape(390, false);
//   std::vector<TickBar> minutes;
//   fill_day(day.bar, shape, loading, market_rng, symbol_rng, minutes);
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/rng.hpp"
#include "feeds/detail/symbol_path.hpp"

namespace argosy::feeds::detail {

// How variance and volume are spread over a session: both are high at the open, low at noon and high again at the
// close; flat when trading never stops.
class DayShape {
 public:
  DayShape(std::size_t minutes, bool flat);
  [[nodiscard]] std::size_t minutes() const { return volume_.size(); }
  // Variance from the open to the start of a minute; 1 at the end of the last.
  [[nodiscard]] double clock(std::size_t minute) const { return clock_[minute]; }
  // The minute in which so much of the variance is over.
  [[nodiscard]] std::size_t minute_at(double clock) const;
  [[nodiscard]] double volume(std::size_t minute) const { return volume_[minute]; }  // relative

 private:
  std::vector<double> clock_;  // one more than minutes
  std::vector<double> volume_;
};

// Fills `out` with one bar a minute. `loading` is the correlation of the minutes' moves with those of the whole market,
// which come from `market` and are the same for all symbols of a day. `day.volume` is at least the number of minutes.
void fill_day(const TickBar& day, const DayShape& shape, double loading, core::Rng market, core::Rng own,
              std::vector<TickBar>& out);

// Bars that follow each other as one.
[[nodiscard]] TickBar join(std::span<const TickBar> bars);

}  // namespace argosy::feeds::detail
