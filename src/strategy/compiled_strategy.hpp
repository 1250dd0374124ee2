// A strategy ready to run: its formulas as one program, its levels as numbers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/result.hpp"
#include "formula/formula.hpp"
#include "formula/program.hpp"
#include "strategy/strategy_file.hpp"
#include "trading/order_manager.hpp"

namespace argosy::strategy {

// Where in Signals::columns the values of a role stand; nothing: the strategy has no formula for it.
using RoleColumns = std::array<std::optional<std::uint32_t>, kRoleCount>;

struct CompiledStrategy {
  // Its outputs are the conditions of data alone, the values of the other roles, then the columns that `exit` reads.
  formula::Program program;
  // Conditions to leave that depend on the position held; outputs "sell" and "cover".
  std::optional<formula::Plan> exit;
  std::array<std::optional<std::size_t>, kConditionCount> conditions;  // by role: outputs of the program
  RoleColumns columns;
  std::size_t first_exit_output = 0;  // from this output on they are the columns that `exit` reads
  trading::Bracket bracket;           // the distances that are constant

  // Whether all it reads are the symbol's own rows: then the program is a single plan.
  [[nodiscard]] bool reads_own_rows() const { return program.steps.size() == 1; }
  [[nodiscard]] const formula::Plan& plan() const { return program.last(); }
  [[nodiscard]] bool has(Role role) const {
    return role < Role::kSize ? conditions[static_cast<std::size_t>(role)].has_value()
                              : columns[static_cast<std::size_t>(role)].has_value();
  }
};

[[nodiscard]] core::Result<CompiledStrategy> compile_strategy(const StrategyFile& strategy);
// Parts of it, for those who compile many settings of one file at once: the names its formulas may use, and the
// distances that are constant. Errors stand where the distance does in the file.
[[nodiscard]] formula::CompileOptions formula_options(const StrategyFile& strategy);
[[nodiscard]] core::Result<trading::Bracket> constant_bracket(const StrategyFile& strategy);

}  // namespace argosy::strategy
