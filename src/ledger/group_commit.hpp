// Units of work of many threads, stored by one: those that come while others are stored share the next commit, so that
// each does not wait for a disk of its own.
//
//   GroupCommit group(*database, executor);                          // the database is used on the executor alone
//   ARGOSY_TRY_VOID(group.write([&](Transaction& work) { return add(work, row); }));   // on any other thread: waits
#pragma once

#include <functional>
#include <memory>

#include "core/executor.hpp"
#include "core/result.hpp"
#include "ledger/database.hpp"

namespace argosy::ledger {

class GroupCommit {
 public:
  // `after`: called on the executor when something has been stored. The database and the executor outlive it; of both
  // nothing is used after end().
  GroupCommit(Database& database, core::Executor& executor, std::function<void()> after = {});
  ~GroupCommit();
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  // As Database::write, and as much by itself: what is wrong with one unit of work is no matter of the others. `work`
  // is run on the executor, and perhaps again. Errors besides: kUnavailable after end().
  [[nodiscard]] core::Result<void> write(const Database::Work& work);
  // Who waits and was not stored is told so. After the executor has ended, or when nobody listens to it any more.
  void end();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace argosy::ledger
