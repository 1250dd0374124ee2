#include "live/ledger_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "core/planted.hpp"
#include "ledger/changes.hpp"
#include "ledger/load.hpp"

namespace argosy::live {

using core::Error;
using core::ErrorCode;
using core::Result;

namespace {

std::size_t rows_of(const Batch& batch) {
  const ledger::Changes& changes = batch.changes;
  return batch.events.size() + changes.services.size() + changes.orders.size() + changes.cash_entries.size() +
         changes.fills.size() + changes.transactions.size() + changes.positions.size() + changes.holdings.size() +
         changes.outbox.size() + changes.answers.size() + changes.equity_snapshots.size();
}

// Adds the journal's rows to the batch's, unless a try before this one has. Within the unit of work: to write events as
// texts costs more than to store them, and a database that takes nothing need not have them.
void add_journal(Batch& batch, std::int64_t fencing) {
  std::vector<ledger::JournalRow>& journal = batch.changes.journal;
  if (journal.size() == batch.events.size()) return;
  journal.clear();
  journal.reserve(batch.events.size());
  for (const Event& event : batch.events) {
    journal.push_back(to_row(event));
    journal.back().fencing = fencing;
  }
  if (ARGOSY_PLANTED(kJournalMissesLast) && journal.size() > 2) journal.pop_back();
}

// The highest number of each kind that a group of batches adds; 0: none. By them it is found again in the ledger.
struct Marks {
  std::int64_t first_journal = 0;
  std::int64_t last_journal = 0;
  std::int64_t last_outbox = 0;
};

void add_marks(const ledger::Changes& changes, Marks& marks) {
  if (!changes.journal.empty()) {
    if (marks.first_journal == 0) marks.first_journal = changes.journal.front().seq;
    marks.last_journal = changes.journal.back().seq;
  }
  if (!changes.outbox.empty()) marks.last_outbox = changes.outbox.back().outbox_id;
}

// Whether the ledger has the group. One with neither journal nor notifications replaces rows only, and may be written
// twice.
Result<bool> is_there(ledger::Transaction& work, const Marks& marks) {
  ARGOSY_TRY(const ledger::LastNumbers last, ledger::last_numbers(work));
  if (marks.last_journal == 0) return marks.last_outbox > 0 && last.outbox >= marks.last_outbox;
  if (last.journal == marks.last_journal) return true;
  if (last.journal == marks.first_journal - 1) return false;
  return core::fail(
      Error(ErrorCode::kCorrupt, fmt::format("the ledger's journal ends with {} where {} or {} was stored",
                                             last.journal, marks.first_journal - 1, marks.last_journal))
          .with_hint("its server has lost what it had stored, or something else writes there: start "
                     "argosy serve anew, which asks the broker what is true; argosy db verify"));
}

bool may_pass(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kOutOfSpace || error.retryable;
}

}  // namespace

// Shared with work that is posted: a writer may go before it has run.
struct LedgerWriter::State {
  State(ledger::Database& base, const Settings& wanted, core::Executor& ledger_executor,
        core::Executor& trading_executor, Hooks called)
      : database(base),
        settings(wanted),
        ledger(ledger_executor),
        trading(trading_executor),
        hooks(std::move(called)) {}

  ledger::Database& database;
  Settings settings;
  core::Executor& ledger;
  core::Executor& trading;
  Hooks hooks;

  mutable std::mutex mutex;  // guards what follows
  std::deque<Batch> waiting;
  bool scheduled = false;
  bool failed = false;
  bool gone = false;
  Figures figures;
  std::array<core::Duration, kRecent> recent{};  // durations of commits, the newest in the place of the oldest
  std::optional<core::Duration> began;           // the commit that is under way, by the monotonic clock

  // Only on the ledger's executor.
  struct Written {
    Batch batch;
    std::size_t rows = 0;
  };
  std::vector<Written> writing;  // taken and not written yet
  std::vector<Written> stored;   // freed once what they let out is on its way
  bool stalled = false;
  bool unsure = false;  // whether what is being written is there already

  [[nodiscard]] bool is_gone() const {
    const std::scoped_lock lock(mutex);
    return gone;
  }

  // Of one that has to be tried again, the first try counts.
  void set_began(std::optional<core::Duration> time) {
    const std::scoped_lock lock(mutex);
    if (!time || !began) began = time;
  }

  // While it is not known whether what was taken is there, nothing is added to it: it is found by what it ends with.
  void take() {
    if (unsure) return;
    const std::scoped_lock lock(mutex);
    std::size_t rows = 0;
    for (const Written& each : writing) rows += each.rows;
    while (!waiting.empty() && (rows == 0 || rows + rows_of(waiting.front()) <= settings.most_rows)) {
      const std::size_t count = rows_of(waiting.front());
      rows += count;
      writing.push_back({.batch = std::move(waiting.front()), .rows = count});
      waiting.pop_front();
    }
  }

  [[nodiscard]] Result<void> commit() {
    return database.write([&](ledger::Transaction& work) -> Result<void> {
      for (Written& each : writing) add_journal(each.batch, settings.fencing);
      if (unsure) {
        ARGOSY_TRY_VOID(ledger::check_fencing(work, settings.fencing));
        Marks marks;
        for (const Written& each : writing) add_marks(each.batch.changes, marks);
        ARGOSY_TRY(const bool there, is_there(work, marks));
        if (there) return {};
      }
      for (const Written& each : writing)
        ARGOSY_TRY_VOID(ledger::write_changes(work, each.batch.changes, settings.fencing, ledger.clock().now()));
      return {};
    });
  }

  static std::vector<CommittedIntent> committed(std::vector<Intent>&& intents) {
    std::vector<CommittedIntent> out;
    for (Intent& intent : intents)
      out.push_back({.broker_account_id = intent.broker_account_id,
                     .order_id = intent.order_id,
                     .funding_id = intent.funding_id,
                     .ticket = trading::Committed<trading::OrderTicket>(std::move(intent.ticket))});
    return out;
  }

  static void let_out(const std::shared_ptr<State>& state, std::vector<CommittedIntent> intents) {
    if (intents.empty()) return;
    auto written = std::make_shared<std::vector<CommittedIntent>>(std::move(intents));
    state->trading.post([state, written] {
      if (!state->is_gone()) state->hooks.on_written(std::move(*written));
    });
  }

  static void tell_stalled(const std::shared_ptr<State>& state, std::optional<Error> error) {
    state->trading.post([state, error = std::move(error)] {
      if (!state->is_gone() && state->hooks.on_stalled) state->hooks.on_stalled(error ? &*error : nullptr);
    });
  }
};

LedgerWriter::LedgerWriter(ledger::Database& database, const Settings& settings, core::Executor& ledger,
                           core::Executor& trading, Hooks hooks)
    : state_(std::make_shared<State>(database, settings, ledger, trading, std::move(hooks))) {}

LedgerWriter::~LedgerWriter() {
  const std::scoped_lock lock(state_->mutex);
  state_->gone = true;
}

void LedgerWriter::write(Batch batch) {
  if (ARGOSY_PLANTED(kSendsBeforeWriting)) State::let_out(state_, State::committed(std::exchange(batch.intents, {})));
  {
    const std::scoped_lock lock(state_->mutex);
    if (state_->failed) return;
    state_->waiting.push_back(std::move(batch));
    if (std::exchange(state_->scheduled, true)) return;
  }
  state_->ledger.post([state = state_] { drain(state); });
}

void LedgerWriter::drain(const std::shared_ptr<State>& state) {
  {
    const std::scoped_lock lock(state->mutex);
    if (state->gone || state->failed) return;
  }
  state->stored.clear();
  state->take();
  if (state->writing.empty()) {
    const std::scoped_lock lock(state->mutex);
    state->scheduled = !state->waiting.empty();
    if (state->scheduled) state->ledger.post([state] { drain(state); });
    return;
  }
  const core::Duration before = state->ledger.clock().monotonic();
  state->set_began(before);
  const Result<void> done = state->commit();
  if (done || !may_pass(done.error())) state->set_began(std::nullopt);
  const core::Duration took = state->ledger.clock().monotonic() - before;
  if (!done && ledger::may_be_stored(done.error())) state->unsure = true;
  if (!done && may_pass(done.error())) {
    if (!std::exchange(state->stalled, true)) State::tell_stalled(state, done.error());
    if (ARGOSY_PLANTED(kDropsBatchAfterError)) state->writing.clear();
    state->ledger.call_at(state->ledger.clock().now() + state->settings.retry, [state] { drain(state); });
    return;
  }
  if (!done) {
    {
      const std::scoped_lock lock(state->mutex);
      state->failed = true;
    }
    state->trading.post([state, error = done.error()] {
      if (!state->is_gone()) state->hooks.on_failed(error);
    });
    return;
  }
  state->unsure = false;
  if (std::exchange(state->stalled, false)) State::tell_stalled(state, std::nullopt);
  std::vector<CommittedIntent> written;
  std::size_t rows = 0;
  for (State::Written& each : state->writing) {
    rows += each.rows;
    std::ranges::move(State::committed(std::move(each.batch.intents)), std::back_inserter(written));
  }
  {
    const std::scoped_lock lock(state->mutex);
    Figures& figures = state->figures;
    state->recent[static_cast<std::size_t>(figures.commits) % kRecent] = took;
    ++figures.commits;
    figures.batches += static_cast<std::int64_t>(state->writing.size());
    figures.rows += static_cast<std::int64_t>(rows);
    figures.last = took;
    figures.worst = std::max(figures.worst, took);
  }
  state->stored.swap(state->writing);
  std::vector<ledger::RequestAnswer> answers;
  for (State::Written& each : state->stored) std::ranges::move(each.batch.changes.answers, std::back_inserter(answers));
  if (!answers.empty() && state->hooks.on_answered && !state->is_gone()) state->hooks.on_answered(answers);
  if (state->hooks.on_stored && !state->is_gone()) state->hooks.on_stored();
  State::let_out(state, std::move(written));
  state->ledger.post([state] { drain(state); });
}

Result<void> LedgerWriter::write_now(ledger::Database& database, std::int64_t fencing, core::Timestamp now,
                                     Batch batch) {
  return database.write([&](ledger::Transaction& work) {
    add_journal(batch, fencing);
    return ledger::write_changes(work, batch.changes, fencing, now);
  });
}

std::size_t LedgerWriter::waiting() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->waiting.size();
}

bool LedgerWriter::is_idle() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->failed || (!state_->scheduled && state_->waiting.empty());
}

LedgerWriter::Figures LedgerWriter::figures() const {
  Figures figures;
  std::array<core::Duration, kRecent> recent{};
  {
    const std::scoped_lock lock(state_->mutex);
    figures = state_->figures;
    recent = state_->recent;
    if (state_->began) figures.stalled = state_->ledger.clock().monotonic() - *state_->began;
  }
  const auto count = std::min<std::size_t>(static_cast<std::size_t>(figures.commits), kRecent);
  if (count == 0) return figures;
  const auto place = recent.begin() + static_cast<std::ptrdiff_t>((count * 99 + 99) / 100 - 1);
  std::nth_element(recent.begin(), place, recent.begin() + static_cast<std::ptrdiff_t>(count));
  figures.p99 = *place;
  return figures;
}

}  // namespace argosy::live
