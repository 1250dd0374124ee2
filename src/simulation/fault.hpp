// The faults of the simulated world, by their numbers: docs/concepts/simulation.md says of each what is done, what is
// expected, and which faults have tests of their own.
//
//   ARGOSY_TRY(const FaultSet pool, parse_faults("F2,F13-F22"));      // or "all"
//   pool.contains(Fault::kPowerLost); describe(pool)                // "F2 F13 F14 ..."
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace argosy::simulation {

enum class Fault : std::uint8_t {
  kKilled,
  kPowerLost,
  kSyncFails,
  kDiskFull,
  kReadOnly,
  kLocked,
  kNoMemory,
  kSecondProcess,
  kPaused,
  kAnswerForgotten,
  kNeverArrives,
  kDiesSending,
  kGarbage,
  kRefused,
  kRateLimited,
  kRepeated,
  kOtherFields,
  kOutOfOrder,
  kReportLost,
  kCancelRace,
  kByHand,
  kStaleFeed,
  kNetwork,
  kCrossedQuotes,
  kBadTicks,
  kClockSteps,
  kClockChange,
  kOddSession,
  kCorporateAction,
  kRunaway,
  kStrategyFails,
  kBurst,
  kRevoked,
  kKillSwitch,
  kMaintenance,
  kBackup,
};
inline constexpr std::size_t kFaultCount = static_cast<std::size_t>(Fault::kBackup) + 1;

struct FaultInfo {
  Fault fault;
  int number;  // 13 of F13
  std::string_view name;
  std::string_view what;  // is done
};
// In the order of their numbers.
[[nodiscard]] std::span<const FaultInfo> faults();
[[nodiscard]] const FaultInfo& info(Fault fault);

class FaultSet {
 public:
  [[nodiscard]] static FaultSet all();
  [[nodiscard]] bool contains(Fault fault) const { return in_[static_cast<std::size_t>(fault)]; }
  void add(Fault fault) { in_[static_cast<std::size_t>(fault)] = true; }
  void remove(Fault fault) { in_[static_cast<std::size_t>(fault)] = false; }
  [[nodiscard]] std::size_t size() const;
  friend bool operator==(const FaultSet&, const FaultSet&) = default;

 private:
  std::array<bool, kFaultCount> in_{};
};

// "all", or numbers with commas: "F2,F13-F22"; "none". An error names what there is.
[[nodiscard]] core::Result<FaultSet> parse_faults(std::string_view text);
// As parse_faults reads it: "F2,F13"; "none".
[[nodiscard]] std::string to_string(const FaultSet& faults);

// How often each one happened.
using FaultCounts = std::array<std::int64_t, kFaultCount>;

}  // namespace argosy::simulation
