// Delivers the notifications that wait in the outbox of the ledger. Whoever has something to say writes the row in the
// unit of work of what happened, so that it is neither lost nor told of what never was.
//
//   LogNotifier log;
//   Outbox outbox(*database, {.fencing = holder.fencing}, {&log}, executor);
//   outbox.start();
//
// A row is marked after it was delivered: told at least once, and once more after a crash in between. Within a channel
// the order is kept; after a failure its first row is tried again after waits that double, and given up after
// `attempts`. Then it stays in the outbox with its error.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/executor.hpp"
#include "ledger/database.hpp"
#include "ledger/journal.hpp"
#include "notify/notifier.hpp"

namespace argosy::notify {

struct OutboxSettings {
  std::int64_t fencing = 0;  // of the process that holds the ledger; once another holds it, nothing is delivered here
  core::Duration look_every = std::chrono::seconds(1);
  core::Duration retry = std::chrono::seconds(1);  // doubled after each further failure in a row
  core::Duration retry_most = std::chrono::seconds(300);
  std::int64_t attempts = 20;
  std::int64_t most_rows = 50;          // of a channel, in one turn
  std::string least_severity = "info";  // what is less is marked, and not told
};

class Outbox {
 public:
  // Database, channels and executor outlive it; the database is used on the executor alone, and so is this.
  Outbox(ledger::Database& database, OutboxSettings settings, const std::vector<Notifier*>& channels,
         core::Executor& executor);
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // From now on a turn each `look_every`. May be called from any thread.
  void start();

  struct Turn {
    std::int64_t delivered = 0;
    std::int64_t failed = 0;
    std::int64_t left_out = 0;  // below the least severity, or for a channel that is off
  };
  // Delivers what is due. An error is the database's: what was delivered is remembered, and marked in a later turn.
  core::Result<Turn> take_turn();

 private:
  struct Channel {
    Notifier* notifier = nullptr;
    std::int64_t failures = 0;  // in a row
    core::Timestamp not_before{};
  };

  void run();
  void deliver(Channel& channel, const std::vector<ledger::OutboxRow>& rows, Turn& turn);
  void leave_out(ledger::OutboxRow row, const std::string& why);
  [[nodiscard]] core::Result<std::vector<ledger::OutboxRow>> waiting(const std::string& channel);
  [[nodiscard]] core::Result<std::vector<ledger::OutboxRow>> waiting_for_nobody();
  core::Result<void> mark();

  ledger::Database& database_;
  OutboxSettings settings_;
  core::Executor& executor_;
  std::map<std::string, Channel, std::less<>> channels_;
  std::map<std::int64_t, ledger::OutboxRow> marks_;  // by number: not written yet
  bool had_error_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace argosy::notify
