#include "ledger/runs_schema.hpp"

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

constexpr Migration kMigrations[] = {
    {.name = "studies and trials", .statements = kStudies},
};

constexpr const core::RecordType* kTables[] = {
    &core::RecordOf<StudyRow>::kType,
    &core::RecordOf<StoredTrial>::kType,
};

constexpr Schema kSchema{.name = "runs", .migrations = kMigrations, .tables = kTables};

}  // namespace

const Schema& runs_schema() { return kSchema; }

}  // namespace argosy::ledger
