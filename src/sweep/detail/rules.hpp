// Which settings of a sweep have the same signals: those whose parameters are equal wherever a formula mentions them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "strategy/strategy_file.hpp"
#include "sweep/sweep.hpp"

namespace argosy::sweep {

// Whether the formulas of some roles mention a name, themselves or by the names they use. Too often true is harmless:
// less is shared.
[[nodiscard]] bool rules_mention(const strategy::StrategyFile& strategy, std::span<const strategy::Role> roles,
                                 std::string_view name);
// The roles that decide the signals of the kernel, and those whose values the core's signals carry.
[[nodiscard]] std::span<const strategy::Role> kernel_roles();
[[nodiscard]] std::span<const strategy::Role> core_roles();

// Settings with the same signals, by their indices, ascending; groups in the order of the values they share, so that
// neighbours share most. A setting with a value that is not finite is in none.
struct SettingGroup {
  std::vector<double> values;  // of the parameters that formulas mention
  std::vector<std::size_t> settings;
};
[[nodiscard]] std::vector<SettingGroup> group_settings(std::span<const SweepSetting> settings,
                                                       std::span<const std::size_t> mentioned);

}  // namespace argosy::sweep
