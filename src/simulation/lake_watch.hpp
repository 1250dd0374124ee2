// What the lake of a simulated world must hold: every bar whose append was said to be done, whole and as it was given;
// of what was on its way when the process died all or nothing; of the tables those of the last commit that was done, or
// of one that was tried since. Nothing else.
//
//   watch.on_handed(bars); if (seen.append(bars)) watch.on_stored();
//   watch.on_changing(3, true); if (transaction.commit()) watch.on_changed();
//   watch.compare(*lake.snapshot())                // after a start: empty, or what is wrong, in words
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lake/lake.hpp"
#include "live/live_bars.hpp"

namespace argosy::simulation {

class LakeWatch {
 public:
  // Bars that are to be stored; a series has one bar of a key, the first.
  void on_handed(std::span<const live::LiveBar> bars);
  // All that were handed in so far are.
  void on_stored();
  // Tables that tell this number, which rises, are about to be committed; `empties`: and all bars to go.
  void on_changing(std::int64_t number, bool empties);
  void on_changed();

  // The tables of a commit of that number.
  [[nodiscard]] static lake::Tables tables_of(std::int64_t number);
  [[nodiscard]] std::vector<std::string> compare(const lake::Snapshot& snapshot) const;

 private:
  using Key = std::pair<std::string, std::int64_t>;  // symbol and key of a bar
  struct Expected {
    market::Bar bar;
    bool stored = false;
  };
  struct Change {
    std::int64_t number = 0;
    bool empties = false;
  };
  std::map<Key, Expected> bars_;
  std::vector<Change> changes_{Change{}};  // the last one that was done, and those that were tried since
};

// Bars of this length are made of the quotes, and stored.
inline constexpr market::Timeframe kStoredBars(1, market::TimeframeUnit::kMinute);

}  // namespace argosy::simulation
