// Every point of a reference scenario at which the process may die, one by one (F1, F2, F15): each write, sync and
// change of a name on its disk, and each message to its broker, before it leaves and after it left; and again while it
// recovers.
//
//   KillPoints points({.seed = 7});
//   points.counted().changes                                            // how many there are
//   points.run({.place = KillPlace::kChange, .number = 17, .death = Death::kPower}).findings    // empty: it found its
//   way
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "simulation/world.hpp"

namespace argosy::simulation {

enum class KillPlace : std::uint8_t { kChange, kBeforeSend, kAfterSend };

struct KillPoint {
  KillPlace place = KillPlace::kChange;
  std::int64_t number = 1;  // from 1, of the changes or messages since the world was made
  Death death = Death::kKill;
  // There it dies once more, by power: of the changes or messages since it was started again. 0: it does not.
  std::int64_t again = 0;
  KillPlace again_place = KillPlace::kChange;
};

struct KillOutcome {
  std::int64_t deaths = 0;
  bool recovered = false;  // its desk was ready again before the last death
  std::vector<std::string> findings;
};

class KillPoints {
 public:
  struct Counted {
    std::int64_t changes = 0;
    std::int64_t sends = 0;
    std::int64_t orders = 0;
    std::int64_t fills = 0;
  };
  // Asked at each point that a play comes by until it has died twice: how it dies there, or nothing. `recovered`: it
  // died before, and its desk is ready again. A play may be copied there (fork()), to die in one copy and go on in the
  // other.
  using Asked = std::function<std::optional<Death>(const KillPoint& here, bool recovered)>;

  // Plays the scenario once, undisturbed. Of the settings, services and prices are the scenario's own.
  explicit KillPoints(WorldSettings settings);
  [[nodiscard]] const Counted& counted() const { return counted_; }
  // Plays it to its end with a death, and says what is then wrong.
  [[nodiscard]] KillOutcome run(const KillPoint& point) const;
  [[nodiscard]] KillOutcome run(Asked asked) const;

 private:
  WorldSettings settings_;
  Counted counted_;
};

}  // namespace argosy::simulation
