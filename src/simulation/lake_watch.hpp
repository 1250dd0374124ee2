// What the lake of a simulated world must hold: every bar whose append was said to be done, whole and as it was given;
// of what was on its way when the process died all or nothing; of the tables those of the last commit that was done, or
// of one that was tried since. Nothing else.
//
//   watch.on_handed(bars); if (seen.append(bars)) watch.on_stored();
//   ARGOSY_TRY_VOID(watch.change(lake, true));
//   watch.compare(lake)                            // after a start: empty, or what is wrong, in words
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
  // Commits tables that no commit had before; `empties`: and no bars.
  [[nodiscard]] core::Result<void> change(const lake::Lake& lake, bool empties);

  // A lake that could not be opened is wrong, too.
  [[nodiscard]] std::vector<std::string> compare(const core::Result<lake::Lake>& lake) const;

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
  [[nodiscard]] std::vector<std::string> compare(const lake::Snapshot& snapshot) const;

  std::map<Key, Expected> bars_;
  std::vector<Key> handed_;  // since the last append that was done
  std::int64_t last_change_ = 0;
  std::vector<Change> changes_{Change{}};  // the last one that was done, and those that were tried since
};

// Bars of this length are made of the quotes, and stored.
inline constexpr market::Timeframe kStoredBars(1, market::TimeframeUnit::kMinute);

}  // namespace argosy::simulation
