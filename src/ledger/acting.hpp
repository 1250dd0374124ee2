// For whom a thread looks at the ledger. On PostgreSQL the rows of others are not there for it then, whatever its
// statements say (row-level security, docs/adr/0059-row-level-security.md): a second line, behind the conditions that
// repositories add. The threads of the API act for who calls; a thread that says nothing, as those that trade, acts for
// everybody.
//
//   const ActingFor user(7);
//   ARGOSY_TRY(const auto rows, pool.read(...));   // 7's
//
// SQLite has nothing of the kind: there the conditions stand alone.
#pragma once

#include <cstdint>

namespace argosy::ledger {

// From its making to its end, for its thread; within another it takes its place.
class ActingFor {
 public:
  static constexpr std::int64_t kNobody = 0;
  static constexpr std::int64_t kEverybody = -1;  // admins, and what must look across users: who logs in, free numbers

  explicit ActingFor(std::int64_t user_id);
  ~ActingFor();
  ActingFor(const ActingFor&) = delete;
  ActingFor& operator=(const ActingFor&) = delete;

  [[nodiscard]] static std::int64_t user_id();

 private:
  std::int64_t before_;
};

}  // namespace argosy::ledger
