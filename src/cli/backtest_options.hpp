// The options that say what a backtest is to do, shared by the commands that run some.
#pragma once

#include <string>
#include <vector>

#include "backtest/request.hpp"
#include "cli/commands.hpp"
#include "core/record.hpp"
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

// How they are stored with a run.
template <>
struct argosy::core::RecordOf<argosy::cli::BacktestOptions> {
  using Options = argosy::cli::BacktestOptions;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Options, file),        ARGOSY_FIELD(Options, symbols),     ARGOSY_FIELD(Options, universe),
      ARGOSY_FIELD(Options, set),         ARGOSY_FIELD(Options, timeframe),   ARGOSY_FIELD(Options, from),
      ARGOSY_FIELD(Options, to),          ARGOSY_FIELD(Options, detail),      ARGOSY_FIELD(Options, cash),
      ARGOSY_FIELD(Options, currency),    ARGOSY_FIELD(Options, balances),    ARGOSY_FIELD(Options, account),
      ARGOSY_FIELD(Options, slippage),    ARGOSY_FIELD(Options, volume_cap),  ARGOSY_FIELD(Options, latency),
      ARGOSY_FIELD(Options, limit_fills), ARGOSY_FIELD(Options, limits),      ARGOSY_FIELD(Options, commission_percent),
      ARGOSY_FIELD(Options, fees),        ARGOSY_FIELD(Options, size_shares), ARGOSY_FIELD(Options, prices),
  };
  static constexpr RecordType kType{"options", "What a backtest was asked for", kFields};
};
