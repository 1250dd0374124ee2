// Writes what the trading thread did, each turn whole, and only then hands out what may be sent. The trading thread
// never waits for it: batches that come while one is written are written together (group commit).
//
//   LedgerWriter writer(database, held.fencing, ledger_executor, trading_executor, hooks);
//   writer.write(std::move(batch));            // on the trading thread; returns at once
//   ... hooks.on_written(intents)              // on the trading thread, in the order of the batches
//
// What cannot be written now (busy, no space) is tried again, and nothing leaves meanwhile. What can never be written
// (another process holds the ledger, the disk failed) ends it: on_failed, and no batch is written after that. A failed
// sync is never repeated: what the disk holds is then not known. Where a server was lost while it stored, its answer
// with it, the end of the journal says whether the batches are there before they are written again.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "core/executor.hpp"
#include "core/result.hpp"
#include "ledger/database.hpp"
#include "live/recorder.hpp"
#include "trading/committed.hpp"

namespace argosy::live {

struct CommittedIntent {
  std::int64_t broker_account_id = 0;
  std::int64_t order_id = 0;
  std::int64_t funding_id = 0;  // 0: it is an order
  trading::Committed<trading::OrderTicket> ticket;
};

class LedgerWriter {
 public:
  struct Hooks {
    std::function<void(std::vector<CommittedIntent>)> on_written;  // never of none
    // Nothing is written at the moment, or it is again (no error).
    std::function<void(const core::Error*)> on_stalled;
    std::function<void(const core::Error&)> on_failed;
    // These have been answered. On `ledger`, unlike the others.
    std::function<void(std::span<const ledger::RequestAnswer>)> on_answered = {};
    // Something has been stored. On `ledger`.
    std::function<void()> on_stored = {};
  };
  struct Settings {
    std::int64_t fencing = 0;
    core::Duration retry = std::chrono::milliseconds(200);  // after a failure that may pass
    std::size_t most_rows = 20'000;                         // of one unit of work, unless one batch has more
  };

  // The database is used on `ledger` alone; the hooks are called on `trading`. Both executors outlive it.
  LedgerWriter(ledger::Database& database, const Settings& settings, core::Executor& ledger, core::Executor& trading,
               Hooks hooks);
  ~LedgerWriter();
  LedgerWriter(const LedgerWriter&) = delete;
  LedgerWriter& operator=(const LedgerWriter&) = delete;

  // So many batches that wait are a writer that cannot keep up: nothing new is decided until it has (halt).
  static constexpr std::int64_t kMostWaiting = 4'096;
  void write(Batch batch);
  // Writes on the calling thread what a program without executors did: one batch, at once.
  // `now` by the wall clock.
  [[nodiscard]] static core::Result<void> write_now(ledger::Database& database, std::int64_t fencing,
                                                    core::Timestamp now, Batch batch);

  // Any thread.
  [[nodiscard]] std::size_t waiting() const;  // batches
  [[nodiscard]] bool is_idle() const;         // all that was given is written, or never will be
  static constexpr std::size_t kRecent = 512;
  struct Figures {
    std::int64_t commits = 0;
    std::int64_t batches = 0;
    std::int64_t rows = 0;
    core::Duration last{};  // of one commit
    core::Duration worst{};
    core::Duration p99{};                   // of the newest kRecent commits; zero before the first
    std::optional<core::Duration> stalled;  // how long the commit that is under way has taken
  };
  [[nodiscard]] Figures figures() const;

 private:
  struct State;
  static void drain(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
};

}  // namespace argosy::live
