// One call of Sweep::evaluate().
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <tbb/enumerable_thread_specific.h>

#include "backtest/market_part.hpp"
#include "strategy/compiled_strategy.hpp"
#include "sweep/detail/rules.hpp"
#include "sweep/detail/signals.hpp"
#include "sweep/kernel.hpp"
#include "sweep/sweep.hpp"

namespace argosy::sweep {

// A strategy, of whatever settings, the market and the conditions it trades under: why the kernel does not run it, or
// nothing. Static text.
[[nodiscard]] std::string_view find_obstacle(const backtest::BacktestRequest& request,
                                             const backtest::MarketData& market,
                                             const venue::ExchangeSettings& exchange);

class SweepRun {
 public:
  SweepRun(const Sweep& sweep, std::span<const SweepSetting> settings, const SweepWants& wants,
           backtest::MarketPart part);
  [[nodiscard]] core::Result<std::vector<SweepResult>> execute();

 private:
  using Groups = std::span<const SettingGroup>;

  // How many groups are computed together; an error when the memory is too small for one.
  [[nodiscard]] core::Result<std::size_t> plan_chunks(Groups groups) const;
  // All groups of a chunk by the kernel, but for those whose formulas it cannot share.
  void run_chunk(Groups groups);
  void run_kernel_settings(std::span<const SettingGroup* const> groups, const formula::Plan& plan);
  void run_kernel_setting(std::size_t k, const KernelSignals& signals);
  void run_core(const SettingGroup& group, std::string_view why);
  void run_apart(const SettingGroup& group, std::string_view why);
  void run_core(std::size_t k, strategy::CompiledStrategy compiled, const backtest::RunSignals& signals,
                std::string_view why);

  const Sweep& sweep_;
  std::span<const SweepSetting> settings_;
  SweepWants wants_;
  backtest::MarketPart part_;
  std::optional<KernelBars> bars_;  // where the kernel runs
  std::string_view why_core_;       // where it does not
  std::vector<SweepResult> results_;
  bool every_day_ = false;
  tbb::enumerable_thread_specific<KernelRun> scratch_;
};

}  // namespace argosy::sweep
