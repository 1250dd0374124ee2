// What clients are told of rows that changed: written in the unit of work that changes the row, by room. Within a room
// the numbers begin with 1 and have no gaps, so that a client knows what it missed; over all rooms `change_id` grows.
//
//   ARGOSY_TRY_VOID(upsert<JobRow>(work, {&job, 1}, {"job_id"}));
//   ARGOSY_TRY_VOID(tell_rooms(work, std::span<const JobRow>(&job, 1), now));
//   ...
//   ARGOSY_TRY(const Kept kept, changes_after(work, "services/3", 17, 500));
//
// A row of somebody's stands in up to three rooms: the list of all ("services"), the list of its owner ("services/3",
// after the user's number) and its own ("service_7"). A name with a '/' is never what a client asks for.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "core/result.hpp"
#include "ledger/changes.hpp"
#include "ledger/database.hpp"
#include "ledger/instruments.hpp"
#include "ledger/jobs.hpp"

namespace argosy::ledger {

struct ChangeRow {
  std::int64_t change_id = 0;
  std::string room;
  std::int64_t sequence = 0;  // within the room, from 1
  std::string payload;        // JSON: {"what": "service", "row": {...}}
  core::Timestamp made_at;    // by the wall clock, whatever trading runs by
};

// How long changes are kept; the newest of a room stays for longer, for its number.
inline constexpr core::Duration kChangesKept = std::chrono::hours(24);

[[nodiscard]] std::string owners_room(std::string_view list, std::int64_t user_id);

// `now` by the wall clock. Of `changes`: services, transactions, orders, portfolios, holdings, notifications.
[[nodiscard]] core::Result<void> tell_rooms(Transaction& work, const Changes& changes, core::Timestamp now);
[[nodiscard]] core::Result<void> tell_rooms(Transaction& work, std::span<const JobRow> jobs, core::Timestamp now);
[[nodiscard]] core::Result<void> tell_rooms(Transaction& work, std::span<const InstrumentRow> instruments,
                                            core::Timestamp now);

// What a room has after the change `after`.
struct Kept {
  std::int64_t last = 0;        // the newest number of the room; 0: it never had one
  bool is_whole = false;        // nothing is missing between `after` and `rows`
  std::vector<ChangeRow> rows;  // at most `most`; more than that is not whole
};
[[nodiscard]] core::Result<Kept> changes_after(Transaction& work, const std::string& room, std::int64_t after,
                                               std::int64_t most);
// Of all rooms, in their order; at most `most`.
[[nodiscard]] core::Result<std::vector<ChangeRow>> all_changes_after(Transaction& work, std::int64_t change_id,
                                                                     std::int64_t most);
[[nodiscard]] core::Result<std::int64_t> last_change(Transaction& work);
[[nodiscard]] core::Result<std::int64_t> last_of_room(Transaction& work, const std::string& room);

// What was made before `time`, but for the newest of each room; at most `most`. How many.
[[nodiscard]] core::Result<std::int64_t> remove_old_changes(Transaction& work, core::Timestamp time, std::int64_t most);

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::ChangeRow> {
  using Row = argosy::ledger::ChangeRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, change_id, .text = "over all rooms, growing"),
      ARGOSY_FIELD(Row, room, .text = "who is told"),
      ARGOSY_FIELD(Row, sequence, .text = "within the room, from 1, without gaps"),
      ARGOSY_FIELD(Row, payload, .text = "JSON: what changed, and the row as it is now"),
      ARGOSY_FIELD(Row, made_at, .text = "when, by the wall clock"),
  };
  static constexpr RecordType kType{"changes", "What clients are told of rows", kFields};
};
