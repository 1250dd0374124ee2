// What a search looks for: statistics of a run by name, and conditions on them.
//
//   ARGOSY_TRY(const Objective best, parse_objective("sharpe"));            // as large as possible
//   ARGOSY_TRY(const Objective calm, parse_objective("min:volatility"));
//   ARGOSY_TRY(const Constraint enough, parse_constraint("trades >= 30"));
//   enough.excess(result)                                                   // above 0: by how much it is broken
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "search/trial.hpp"
#include "sweep/sweep.hpp"

namespace argosy::optimize {

// A number that a run is judged by.
struct Statistic {
  std::string_view name;
  search::Direction direction;  // that traders want
  bool of_returns;              // follows from the daily returns alone
  std::string_view text;        // what it is
  double (*read)(const sweep::SweepResult& result);
};
[[nodiscard]] std::span<const Statistic> statistics();
// An unknown name is an error with 'did you mean'.
[[nodiscard]] core::Result<const Statistic*> find_statistic(std::string_view name);

struct Objective {
  const Statistic* statistic = nullptr;
  search::Direction direction = search::Direction::kMaximise;

  // Of a run that never traded it is 0; NaN where it is not defined otherwise.
  [[nodiscard]] double value(const sweep::SweepResult& result) const;
  [[nodiscard]] search::Objective named() const { return {std::string(statistic->name), direction}; }
};
// "sharpe", "max:trades", "min:volatility"; without a direction the one that traders want.
[[nodiscard]] core::Result<Objective> parse_objective(std::string_view text);

struct Constraint {
  std::string text;  // as written
  const Statistic* statistic = nullptr;
  bool at_least = true;
  double bound = 0;

  // Above 0: by how much it is broken. A statistic that is not defined breaks it.
  [[nodiscard]] double excess(const sweep::SweepResult& result) const;
};
// "trades >= 30", "max_drawdown <= 25%".
[[nodiscard]] core::Result<Constraint> parse_constraint(std::string_view text);

}  // namespace argosy::optimize
