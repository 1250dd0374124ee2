// The options that say what a backtest is to do, shared by the commands that run some.
#pragma once

#include <string>
#include <vector>

#include "backtest/request.hpp"
#include "cli/commands.hpp"
#include "core/result.hpp"

namespace argosy::lake {
class Snapshot;
}

namespace argosy::cli {

struct BacktestOptions {
  std::string file;
  std::vector<std::string> symbols;
  std::string universe;
  std::vector<std::string> set;
  std::string timeframe;
  std::string from;
  std::string to;
  std::string detail;
  std::string cash = "100000";
  std::string currency;
  std::vector<std::string> balances;
  std::string account;
  std::string slippage;
  std::string volume_cap;
  std::string latency;
  std::string limit_fills;
  std::string limits;
  std::string commission_percent;
  std::string fees;
  std::string size_shares;
  std::string prices = "adjusted";
};

// Declares them; `options` lives as long as the command.
void add_backtest_options(CLI::App& command, BacktestOptions& options);
// Reads the files that they name. The universe's symbols and times are those of `snapshot`.
[[nodiscard]] core::Result<backtest::BacktestRequest> make_request(const BacktestOptions& options,
                                                                   const Globals& globals,
                                                                   const lake::Snapshot& snapshot);

}  // namespace argosy::cli
