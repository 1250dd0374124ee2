// Two stored runs side by side: what was asked differently, how the headlines differ, and for each trade that is not
// the same in both, the one first cause. docs/concepts/runs.md defines the causes.
//
//   ARGOSY_TRY(const RunComparison comparison, compare_runs(a, b));
//   print(to_json(comparison));
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "runs/stored_run.hpp"

namespace argosy::runs {

// Why two trades differ, or why one run has a trade that the other has not: the first step at which they part.
enum class Cause : std::uint8_t {
  kData,    // the bars up to that step are not the same
  kSignal,  // one decided what the other did not: to enter, or to leave at that bar and for that reason
  kTiming,  // the same decision was filled in another bar, or never
  kPrice,   // in the same bar, at another price
  kFee,     // all of that is equal; the schedules charge differently
  kSize,    // another quantity
  kRisk,    // the order of one was denied by the risk gate, or rejected by the exchange
};
inline constexpr std::array kCauses = {Cause::kData, Cause::kSignal, Cause::kTiming, Cause::kPrice,
                                       Cause::kFee,  Cause::kSize,   Cause::kRisk};
[[nodiscard]] std::string_view to_string(Cause cause);  // "data", ...

struct TradeDifference {
  std::string symbol;
  std::string side;               // long or short
  std::optional<std::int64_t> a;  // the number of the row in run a; nothing: it has none
  std::optional<std::int64_t> b;
  std::int64_t decided_key = 0;  // of the bar at whose close it was decided to enter
  Cause cause = Cause::kData;
  // An earlier difference (its place in the list) that kept one run from entering: the cause is that one's.
  std::optional<std::size_t> follows;
  std::string text;  // what differs, with both values
};

struct ComparedValue {
  std::string name;
  std::string a;
  std::string b;
};

struct RunComparison {
  ledger::RunRow a;
  ledger::RunRow b;
  std::string note;                          // what should be known first; empty: nothing
  std::vector<ComparedValue> configuration;  // only what differs
  std::vector<ComparedValue> headline;
  std::int64_t trades_a = 0;  // decisions that were filled
  std::int64_t trades_b = 0;
  std::int64_t matched = 0;                  // decided by both at the same close
  std::int64_t same = 0;                     // and equal to the last unit
  std::vector<TradeDifference> differences;  // by time
  [[nodiscard]] std::int64_t count(Cause cause) const;
};

// kCorrupt where what is stored cannot be read.
[[nodiscard]] core::Result<RunComparison> compare_runs(const StoredRun& a, const StoredRun& b);
[[nodiscard]] std::string to_json(const RunComparison& comparison);

}  // namespace argosy::runs
