// A backtest as it is stored: what was asked, what came out, and each decision to enter with what became of it.
//
//   StoredRun stored = make_stored_run(result, {.configuration = json, .code_version = "0.1.0", .created_at = now});
//   ARGOSY_TRY(const ledger::RunRow run, store_run(*database, stored));      // run.run_id: "12-3fa9c1"
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backtest/backtest.hpp"
#include "core/result.hpp"
#include "ledger/database.hpp"
#include "ledger/runs.hpp"

namespace argosy::runs {

// What the result itself does not know.
struct RunOrigin {
  std::string configuration;  // JSON, of whoever can repeat it
  std::string code_version;
  core::Timestamp created_at;
  std::int64_t seed = 0;
  std::int64_t owner_id = 0;  // 0: the operator
};

struct StoredRun {
  ledger::RunRow run;
  std::vector<ledger::RunTradeRow> trades;  // in the order in which they were decided
};

[[nodiscard]] StoredRun make_stored_run(const backtest::BacktestResult& result, const RunOrigin& origin);
// Every order that would have opened or enlarged a position, with the trade that came of it.
[[nodiscard]] std::vector<ledger::RunTradeRow> decisions_to_enter(const backtest::Simulation& run,
                                                                  const std::vector<std::string>& symbols);
// A fee schedule as JSON: what it charges, whatever file or option it came from.
[[nodiscard]] std::string describe_fees(const trading::FeeSchedule& fees);

[[nodiscard]] core::Result<ledger::RunRow> store_run(ledger::Database& database, StoredRun& stored);
// See ledger::find_run.
[[nodiscard]] core::Result<StoredRun> load_run(ledger::Database& database, const std::string& wanted);

}  // namespace argosy::runs
