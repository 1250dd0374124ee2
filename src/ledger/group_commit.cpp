#include "ledger/group_commit.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/waits.hpp"

namespace argosy::ledger {

using core::ErrorCode;
using core::Result;

namespace {

struct Unit {
  const Database::Work* work = nullptr;
  std::condition_variable changed;
  std::optional<Result<void>> done;
};

// Of the database, not of what was to be stored: the next try would find the same, or find it stored.
bool is_for_all(const core::Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kOutOfSpace;
}

Result<void> run_all(Transaction& work, std::span<Unit* const> units) {
  for (const Unit* each : units) ARGOSY_TRY_VOID((*each->work)(work));
  return {};
}

}  // namespace

// Shared with work that is posted.
struct GroupCommit::State {
  State(Database& base, core::Executor& runs, std::function<void()> stored)
      : database(base), executor(runs), after(std::move(stored)) {}

  Database& database;
  core::Executor& executor;
  std::function<void()> after;
  std::mutex mutex;
  std::vector<Unit*> waiting;  // each on the stack of its thread
  std::vector<Unit*> storing;
  bool scheduled = false;
  bool ended = false;

  void finish(std::span<Unit* const> units, const Result<void>& done) {
    const std::scoped_lock lock(mutex);
    for (Unit* each : units) {
      each->done = done;
      each->changed.notify_one();
    }
  }

  // On the executor.
  void store() {
    {
      const std::scoped_lock lock(mutex);
      scheduled = false;
      if (ended) return;
      storing.swap(waiting);
    }
    if (storing.empty()) return;
    const Result<void> done = database.write([&](Transaction& work) { return run_all(work, storing); });
    bool is_stored = done.has_value();
    if (done || storing.size() == 1 || is_for_all(done.error())) {
      finish(storing, done);
    } else {
      // One of them is wrong; each is stored by itself.
      for (Unit* const each : storing) {
        const Result<void> alone = database.write(*each->work);
        is_stored = is_stored || alone;
        finish({&each, 1}, alone);
      }
    }
    storing.clear();
    if (is_stored && after) after();
  }
};

GroupCommit::GroupCommit(Database& database, core::Executor& executor, std::function<void()> after)
    : state_(std::make_shared<State>(database, executor, std::move(after))) {}

GroupCommit::~GroupCommit() { end(); }

Result<void> GroupCommit::write(const Database::Work& work) {
  Unit unit{.work = &work, .changed = {}, .done = {}};
  const core::Waits waits;
  std::unique_lock lock(state_->mutex);
  if (state_->ended) return core::fail(ErrorCode::kUnavailable, "the program is ending");
  state_->waiting.push_back(&unit);
  if (!std::exchange(state_->scheduled, true)) state_->executor.post([state = state_] { state->store(); });
  unit.changed.wait(lock, [&] { return unit.done.has_value(); });
  lock.unlock();
  return *std::move(unit.done);
}

void GroupCommit::end() {
  std::vector<Unit*> left;
  {
    const std::scoped_lock lock(state_->mutex);
    state_->ended = true;
    left.swap(state_->waiting);
  }
  state_->finish(left, core::fail(ErrorCode::kUnavailable, "the program is ending: nothing was stored"));
}

}  // namespace argosy::ledger
