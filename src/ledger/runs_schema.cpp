#include "ledger/runs_schema.hpp"

#include "ledger/runs.hpp"
#include "ledger/studies.hpp"

namespace argosy::ledger {
namespace {

constexpr const char* kStudies[] = {
    R"(CREATE TABLE studies (
  number INTEGER NOT NULL PRIMARY KEY,
  study_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'finished')),
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  seed INTEGER NOT NULL,
  sampler TEXT NOT NULL,
  pruner TEXT NOT NULL,
  objectives TEXT NOT NULL,
  space TEXT NOT NULL,
  configuration TEXT NOT NULL,
  strategy_text TEXT NOT NULL,
  data_hash TEXT NOT NULL,
  code_version TEXT NOT NULL,
  result_hash TEXT
) STRICT)",
    R"(CREATE TABLE trials (
  study_id TEXT NOT NULL REFERENCES studies (study_id) ON DELETE CASCADE,
  number INTEGER NOT NULL CHECK (number >= 0),
  state TEXT NOT NULL CHECK (state IN ('complete', 'pruned', 'failed', 'infeasible')),
  parameters TEXT NOT NULL,
  objective_values TEXT NOT NULL,
  intermediate TEXT NOT NULL,
  constraints TEXT NOT NULL,
  statistics TEXT NOT NULL,
  engine TEXT NOT NULL,
  result_hash TEXT NOT NULL,
  note TEXT NOT NULL,
  duration_ns INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  PRIMARY KEY (study_id, number)
) STRICT)",
};

constexpr const char* kRuns[] = {
    R"(CREATE TABLE runs (
  number INTEGER NOT NULL PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  strategy TEXT NOT NULL,
  symbols TEXT NOT NULL,
  timeframe TEXT NOT NULL,
  fill_timeframe TEXT NOT NULL,
  configuration TEXT NOT NULL,
  strategy_text TEXT NOT NULL,
  fees TEXT NOT NULL,
  bar_hashes TEXT NOT NULL,
  data_hash TEXT NOT NULL,
  code_version TEXT NOT NULL,
  seed INTEGER NOT NULL,
  result_hash TEXT NOT NULL,
  statistics TEXT NOT NULL,
  currency TEXT NOT NULL,
  initial_cash INTEGER NOT NULL,
  final_equity INTEGER NOT NULL,
  total_return REAL,
  sharpe REAL,
  max_drawdown REAL,
  trades INTEGER NOT NULL,
  trades_hash TEXT NOT NULL
) STRICT)",
    R"(CREATE TABLE run_trades (
  run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  symbol TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('long', 'short')),
  outcome TEXT NOT NULL,
  entry_reason TEXT NOT NULL,
  entry_signal INTEGER NOT NULL,
  last_signal INTEGER NOT NULL,
  decisions INTEGER NOT NULL,
  entry_at INTEGER,
  entry_price INTEGER,
  quantity INTEGER NOT NULL,
  exit_reason TEXT,
  exit_signal INTEGER,
  exit_at INTEGER,
  exit_price INTEGER,
  fees INTEGER NOT NULL,
  profit INTEGER NOT NULL,
  dividends INTEGER NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID)",
};

// What was there before was the operator's.
constexpr const char* kOwners[] = {
    "ALTER TABLE runs ADD COLUMN owner_id INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE studies ADD COLUMN owner_id INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX runs_of_owner ON runs (owner_id, number)",
};

constexpr Migration kMigrations[] = {
    {.name = "studies and trials", .statements = kStudies},
    {.name = "runs and their trades", .statements = kRuns},
    {.name = "whose runs and studies are", .statements = kOwners},
};

constexpr const core::RecordType* kTables[] = {
    &core::RecordOf<StudyRow>::kType,
    &core::RecordOf<StoredTrial>::kType,
    &core::RecordOf<RunRow>::kType,
    &core::RecordOf<RunTradeRow>::kType,
};

core::Result<std::vector<std::string>> verify_all(Transaction& work) {
  ARGOSY_TRY(std::vector<std::string> found, verify_runs(work));
  ARGOSY_TRY(const std::vector<std::string> more, verify_studies(work));
  found.insert(found.end(), more.begin(), more.end());
  return found;
}

constexpr Schema kSchema{.name = "runs", .migrations = kMigrations, .tables = kTables, .verify = verify_all};

}  // namespace

const Schema& runs_schema() { return kSchema; }

}  // namespace argosy::ledger
