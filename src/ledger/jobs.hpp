// Rows of jobs in the database `ledger`: long work that a process of its own does. jobs/job_store.hpp reads and changes
// them.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/record.hpp"

namespace argosy::ledger {

// FAILED: trying again would not help. DEAD: every attempt failed (the dead letters).
enum class JobState : std::uint8_t { kQueued, kRunning, kDone, kFailed, kCancelled, kDead };
inline constexpr std::array<std::string_view, 6> kJobStates{"QUEUED", "RUNNING", "DONE", "FAILED", "CANCELLED", "DEAD"};

struct JobRow {
  std::int64_t job_id = 0;  // by arrival; given by the database
  std::int64_t owner_id = 0;
  std::string type;                       // jobs/job_types.hpp
  std::string parameters = "{}";          // JSON
  std::optional<std::string> unique_key;  // of its owner's jobs that have not ended, one has it
  std::int64_t priority = 0;              // higher ones first
  JobState state = JobState::kQueued;
  double progress = 0;  // 0 to 1
  std::string progress_text;
  std::int64_t attempts = 0;  // begun so far
  std::int64_t most_attempts = 3;
  std::int64_t most_seconds = 3'600;        // of one attempt
  core::Timestamp next_try_at;              // not before
  std::optional<core::Timestamp> deadline;  // later the job is not wanted any more
  bool cancel_requested = false;
  std::string reason;                        // why it failed, or the last attempt did; empty: nothing did
  std::string worker;                        // whose it is while it runs; empty: nobody's
  std::optional<core::Timestamp> heartbeat;  // when the worker last said so
  core::Timestamp created_at;
  std::optional<core::Timestamp> started_at;  // the last attempt
  std::optional<core::Timestamp> ended_at;    // no more attempts
  std::string result;                         // JSON; empty: none
  std::string log;                            // the end of what the last attempt wrote
};

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::JobRow> {
  using Row = argosy::ledger::JobRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, job_id, .text = "number", .filterable = true),
      ARGOSY_FIELD(Row, owner_id, .text = "user", .filterable = true),
      ARGOSY_FIELD(Row, type, .text = "what kind of work", .filterable = true),
      ARGOSY_FIELD(Row, parameters, .text = "JSON, of its type"),
      ARGOSY_FIELD(Row, unique_key, .limits = {.maximum_length = 64},
                   .text = "asking twice with one key is asking once, until it has ended"),
      ARGOSY_FIELD(Row, priority, .limits = {.minimum = -100, .maximum = 100}, .text = "higher ones first",
                   .filterable = true),
      ARGOSY_FIELD(Row, state, .limits = {.one_of = argosy::ledger::kJobStates},
                   .text = "FAILED: not to be repeated; DEAD: every attempt failed", .filterable = true),
      ARGOSY_FIELD(Row, progress, .limits = {.minimum = 0, .maximum = 1}, .text = "share that is done"),
      ARGOSY_FIELD(Row, progress_text, .text = "what it is doing"),
      ARGOSY_FIELD(Row, attempts, .text = "begun so far"),
      ARGOSY_FIELD(Row, most_attempts, .limits = {.minimum = 1, .maximum = 100}, .text = "then it is dead"),
      ARGOSY_FIELD(Row, most_seconds, .unit = "seconds", .limits = {.minimum = 1, .maximum = 604'800},
                   .text = "of one attempt"),
      ARGOSY_FIELD(Row, next_try_at, .text = "not before", .filterable = true),
      ARGOSY_FIELD(Row, deadline, .text = "later it is not wanted any more"),
      ARGOSY_FIELD(Row, cancel_requested, .text = "somebody wants it to end"),
      ARGOSY_FIELD(Row, reason, .text = "why the last attempt failed"),
      ARGOSY_FIELD(Row, worker, .text = "whose it is while it runs"),
      ARGOSY_FIELD(Row, heartbeat, .text = "when the worker last said so"),
      ARGOSY_FIELD(Row, created_at, .text = "when it was asked for", .filterable = true),
      ARGOSY_FIELD(Row, started_at, .text = "when the last attempt began", .filterable = true),
      ARGOSY_FIELD(Row, ended_at, .text = "when it ended", .filterable = true),
      ARGOSY_FIELD(Row, result, .text = "JSON; empty: none"),
      ARGOSY_FIELD(Row, log, .text = "the end of what the last attempt wrote"),
  };
  static constexpr RecordType kType{"jobs", "Long work in the background", kFields};
  // What lists show: all but the last two, which may be long.
  static constexpr RecordType kSummary{"jobs", "Long work in the background",
                                       std::span(kFields).first(std::size(kFields) - 2)};
};
