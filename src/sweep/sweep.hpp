// A sweep: one strategy with many settings of its parameters, over data that is loaded once.
//
//   const SweepRequest request{.base = backtest_request, .parameters = {"fast", "slow"}, .workers = 2};
//   ARGOSY_TRY(const Sweep sweep, Sweep::make(request, market, snapshot));
//   ARGOSY_TRY(const auto results, sweep.evaluate({{20, 100}, {50, 200}}, {}, {.statistics = true}));
//   results[1].final_equity                             // of {50, 200}
//   ARGOSY_TRY(const BacktestRequest best, sweep.request({50, 200}));    // the same setting as a whole backtest
//
// Settings share the bars, and every formula that has the same parameters in both. Results stand in the order of the
// settings and depend neither on the number of workers nor on how the settings are cut into chunks. How it works, and
// how much memory it takes: docs/concepts/sweeps.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backtest/market_data.hpp"
#include "backtest/request.hpp"
#include "backtest/statistics.hpp"
#include "core/result.hpp"

namespace argosy::sweep {

class SharedColumns;

struct SweepRequest {
  backtest::BacktestRequest base;       // its parameters are the values of those that are not swept
  std::vector<std::string> parameters;  // names of the strategy's parameters, in the order of a setting's values
  // Bytes of everything a sweep holds: the bars and their columns, results, and what it computes. 0: 512 MiB.
  std::size_t memory = 0;
  int workers = 1;  // threads; at least 1
};

using SweepSetting = std::vector<double>;

// What is asked of each setting besides its final equity and its trades. Each costs a pass over the bars.
struct SweepWants {
  bool statistics = false;  // of the equity: Sharpe ratio, drawdown and the others
  bool returns = false;     // SweepResult::returns
};

// What computed a result.
enum class SweepEngine : std::uint8_t {
  kCore,    // the engine and the exchange of every backtest
  kKernel,  // sweep/kernel.hpp, for one class of strategy
};
[[nodiscard]] std::string_view to_string(SweepEngine engine);  // "core", "kernel"

struct SweepResult {
  // Why this setting cannot be run, such as an average of 0 bars; nothing else is set then.
  std::optional<core::Error> error;
  SweepEngine engine = SweepEngine::kCore;
  std::string_view why_core;  // of kCore: what keeps it out of the kernel; static text
  core::Money final_equity;
  core::Money fees;
  core::Money dividends;
  backtest::TradeStatistics trades;
  std::int64_t open_positions = 0;        // at the end
  double exposure = 0;                    // share of bars with a position
  backtest::EquityStatistics statistics;  // where they are wanted
  // Of each day (of each bar of weeks and months), where they are wanted; as many for each setting.
  std::vector<double> returns;
  // Of trades, fees, dividends and the final equity as integers: the same for the kernel and the core.
  std::uint64_t digest = 0;
};

class Sweep {
 public:
  // `market` is that of the base request (load_market). The snapshot outlives the sweep; only formulas that look beyond
  // the rows of the symbol traded read it. Errors: no parameters, one that the strategy does not have or that is named
  // twice, no workers.
  [[nodiscard]] static core::Result<Sweep> make(SweepRequest request,
                                                std::shared_ptr<const backtest::MarketData> market,
                                                const lake::Snapshot& snapshot);

  // One result a setting. `part`: the bars that are traded, both ends included; the cash is the request's at its start.
  // Formulas are evaluated from the first bar of the data on whatever the part is, so that they are warm at its start;
  // nothing after its end is read. Errors: settings of another length than the parameters, no bars in the part, a
  // budget that is too small, with what is needed. May be called from several threads at once; each call then takes as
  // much memory as the budget says.
  [[nodiscard]] core::Result<std::vector<SweepResult>> evaluate(std::span<const SweepSetting> settings,
                                                                const data::KeyRange& part = {},
                                                                const SweepWants& wants = {}) const;

  // The base request with a setting's values. Errors: a value that is no number, or that a number of the file may not
  // have.
  [[nodiscard]] core::Result<backtest::BacktestRequest> request(std::span<const double> setting) const;

  // Why no setting of this strategy can be run by the kernel; empty: the kernel runs them. Static text.
  [[nodiscard]] std::string_view why_core() const { return why_core_; }
  [[nodiscard]] const backtest::MarketData& market() const { return *market_; }

 private:
  friend class SweepRun;
  Sweep(SweepRequest request, std::shared_ptr<const backtest::MarketData> market, const lake::Snapshot& snapshot);

  [[nodiscard]] core::Result<void> check_length(std::span<const double> setting) const;

  SweepRequest request_;
  std::shared_ptr<const backtest::MarketData> market_;
  const lake::Snapshot* snapshot_;
  std::vector<std::size_t> indices_;   // of the swept parameters in the strategy
  std::vector<std::size_t> in_rules_;  // of those, by their place in a setting, that formulas of signals mention
  std::string_view why_core_;
  std::shared_ptr<SharedColumns> columns_;  // where the kernel runs
};

}  // namespace argosy::sweep
