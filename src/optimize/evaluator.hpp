// A strategy as something to be searched: a trial is a setting of its parameters, evaluated by a sweep. The resource of
// a trial are years, the latest ones first, or symbols, in their order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "optimize/objective.hpp"
#include "search/evaluator.hpp"
#include "search/space.hpp"
#include "sweep/sweep.hpp"

namespace argosy::optimize {

enum class Budget : std::uint8_t { kYears, kSymbols };
[[nodiscard]] std::string_view to_string(Budget budget);  // "years", "symbols"

// How many years a part of the data has, the last one begun included; at least 1.
[[nodiscard]] std::int64_t count_years(const backtest::MarketData& market, const data::KeyRange& part);

class SweepEvaluator final : public search::Evaluator {
 public:
  struct Settings {
    sweep::SweepRequest sweep;
    std::vector<Objective> objectives;
    std::vector<Constraint> constraints;
    Budget budget = Budget::kYears;
    data::KeyRange part;            // of the data that is searched
    std::int64_t max_resource = 1;  // means all of it
  };
  // All but the settings must outlive it; so must the space.
  [[nodiscard]] static core::Result<SweepEvaluator> make(Settings settings, const search::Space& space,
                                                         std::shared_ptr<const backtest::MarketData> market,
                                                         const lake::Snapshot& snapshot);

  [[nodiscard]] core::Result<std::vector<search::Outcome>> evaluate(std::span<const search::Request> requests) override;
  // The sweep over all symbols.
  [[nodiscard]] const sweep::Sweep& sweep() const { return sweeps_.begin()->second; }

 private:
  SweepEvaluator(Settings settings, const search::Space& space, std::shared_ptr<const backtest::MarketData> market,
                 const lake::Snapshot& snapshot);

  [[nodiscard]] data::KeyRange part_of(std::int64_t resource) const;
  [[nodiscard]] core::Result<const sweep::Sweep*> sweep_of(std::int64_t resource);
  [[nodiscard]] search::Outcome outcome(const sweep::SweepResult& result, bool is_whole) const;

  Settings settings_;
  const search::Space* space_;
  std::shared_ptr<const backtest::MarketData> market_;
  const lake::Snapshot* snapshot_;
  std::map<std::int64_t, sweep::Sweep, std::greater<>> sweeps_;  // by number of symbols; all of them first
};

}  // namespace argosy::optimize
