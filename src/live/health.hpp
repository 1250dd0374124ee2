// How well the process that trades is: from measured facts and thresholds to a state with its reasons. A pure function;
// health_probe.hpp measures what is of the machine.
//
//   const HealthReport report = judge_health(facts, settings);
//   files.write_atomic(home + "/health.json", health_json(report, facts));
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "core/time.hpp"

namespace argosy::live {

enum class HealthState : std::uint8_t {
  kHealthy,
  kDegraded,  // something needs a person; what is not touched by it goes on
  kHalted,    // nothing new is bought
};
inline constexpr std::array<std::string_view, 3> kHealthStates{"healthy", "degraded", "halted"};
[[nodiscard]] constexpr std::string_view to_string(HealthState state) {
  return kHealthStates[static_cast<std::size_t>(state)];
}

struct FeedHealth {
  std::string name;
  bool is_in_session = false;                // outside of it no quotes are expected
  std::optional<core::Duration> silent_for;  // since the last quote, or since the session began; nothing: not known
};

struct BrokerHealth {
  std::string name;
  bool is_connected = false;
};

struct QueueHealth {
  std::string name;
  std::int64_t depth = 0;
  std::int64_t limit = 0;
};

// What is not measured stays empty, and is not judged.
struct HealthFacts {
  core::Timestamp time;
  std::vector<FeedHealth> feeds;
  std::vector<BrokerHealth> brokers;
  std::vector<QueueHealth> queues;
  std::optional<std::uint64_t> disk_free_bytes;
  std::optional<core::Duration> commit_p99;
  std::optional<core::Duration> commit_last;
  std::optional<core::Duration> commit_stalled;  // how long the oldest that is not written has waited
  std::string ledger_error;                      // why the ledger cannot be written; empty: it can
  std::optional<core::Duration> clock_skew;      // ours less the broker's or the feed's
  std::optional<core::Duration> clock_set;       // how far the wall clock moved beside the time that passed
  std::optional<std::uint64_t> resident_bytes;
  std::int64_t unknown_orders = 0;
  std::vector<std::string> blocked_instruments;
  std::vector<std::string> blocked_accounts;  // with why, in words
  std::vector<std::string> kill_switches;     // that are on, in words: "all: by hand"
  std::int64_t quarantined_quotes = 0;        // within the last minute
  std::string stopping;                       // why nothing new is begun; empty: it is
};

// Thresholds. From `degraded` on a person should look, from `halted` on nothing new is bought.
struct HealthSettings {
  double feed_degraded_seconds = 15;
  double feed_halted_seconds = 60;
  double disk_degraded_megabytes = 1'024;
  double disk_halted_megabytes = 128;
  double commit_degraded_ms = 100;
  double commit_halted_ms = 5'000;
  double skew_degraded_seconds = 1;
  double skew_halted_seconds = 30;
  double memory_degraded_megabytes = 8'192;
  double queue_degraded_percent = 50;
  double queue_halted_percent = 95;
  std::int64_t quarantined_degraded = 100;
};

struct HealthReason {
  HealthState state = HealthState::kDegraded;
  std::string what;  // "feed", "broker", "disk", ...: for programs
  std::string text;  // for people
  friend bool operator==(const HealthReason&, const HealthReason&) = default;
};

struct HealthReport {
  HealthState state = HealthState::kHealthy;  // the worst of the reasons'
  std::vector<HealthReason> reasons;
};

[[nodiscard]] HealthReport judge_health(const HealthFacts& facts, const HealthSettings& settings);
// {"time": ..., "state": "degraded", "reasons": [...], "facts": {...}}
[[nodiscard]] std::string health_json(const HealthReport& report, const HealthFacts& facts);

}  // namespace argosy::live

template <>
struct argosy::core::RecordOf<argosy::live::HealthSettings> {
  using S = argosy::live::HealthSettings;
  static constexpr FieldLimits kSeconds{.minimum = 0.1, .maximum = 86'400};
  static constexpr FieldLimits kMegabytes{.minimum = 0, .maximum = 100'000'000};
  static constexpr FieldLimits kMilliseconds{.minimum = 0.1, .maximum = 3'600'000};
  static constexpr FieldLimits kPercent{.minimum = 1, .maximum = 100};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(S, feed_degraded_seconds, .unit = "seconds", .limits = kSeconds,
                   .text = "a feed is silent within its session"),
      ARGOSY_FIELD(S, feed_halted_seconds, .unit = "seconds", .limits = kSeconds, .text = "and so long it halts"),
      ARGOSY_FIELD(S, disk_degraded_megabytes, .unit = "MB", .limits = kMegabytes, .text = "less is free on the disk"),
      ARGOSY_FIELD(S, disk_halted_megabytes, .unit = "MB", .limits = kMegabytes, .text = "and so little halts"),
      ARGOSY_FIELD(S, commit_degraded_ms, .unit = "ms", .limits = kMilliseconds,
                   .text = "the ledger writes slower than this, 99 of 100 times"),
      ARGOSY_FIELD(S, commit_halted_ms, .unit = "ms", .limits = kMilliseconds,
                   .text = "something waits so long to be written"),
      ARGOSY_FIELD(S, skew_degraded_seconds, .unit = "seconds", .limits = kSeconds,
                   .text = "our clock differs so far from the broker's, or was set by so much"),
      ARGOSY_FIELD(S, skew_halted_seconds, .unit = "seconds", .limits = kSeconds, .text = "and so far it halts"),
      ARGOSY_FIELD(S, memory_degraded_megabytes, .unit = "MB", .limits = kMegabytes, .text = "the process uses more"),
      ARGOSY_FIELD(S, queue_degraded_percent, .unit = "%", .limits = kPercent, .text = "of a queue's limit"),
      ARGOSY_FIELD(S, queue_halted_percent, .unit = "%", .limits = kPercent, .text = "and so full it halts"),
      ARGOSY_FIELD(S, quarantined_degraded, .unit = "quotes", .limits = {.minimum = 1, .maximum = 1'000'000'000},
                   .text = "so many quotes of a minute were not believed"),
  };
  static constexpr RecordType kType{"health", "From when on something is wrong", kFields};
};
