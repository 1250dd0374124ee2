// Backtests into the database of runs, and back to what can be run again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "backtest/backtest.hpp"
#include "cli/backtest_options.hpp"
#include "cli/command.hpp"

namespace argosy::cli {

// The same, with files that options name noted as they are read.
[[nodiscard]] Globals noting_inputs(const Globals& globals);
// Stores a result and returns the run's id. A home that cannot be written is a warning on standard error, and nothing:
// the result is good all the same. `noting` has read the request's files.
[[nodiscard]] std::optional<std::string> store_backtest(const backtest::BacktestResult& result,
                                                        const BacktestOptions& options, const Globals& noting);

// The user for whom this process runs as a job; 0: nobody's job, so the operator's.
[[nodiscard]] std::int64_t job_owner();

// What a stored run was asked for, with the files as they were.
struct Repeatable {
  BacktestOptions options;
  Globals globals;
};
[[nodiscard]] core::Result<Repeatable> read_configuration(const std::string& configuration, const Globals& globals);

}  // namespace argosy::cli
