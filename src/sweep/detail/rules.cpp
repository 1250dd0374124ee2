#include "sweep/detail/rules.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <ranges>
#include <set>

namespace argosy::sweep {

using strategy::Role;

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

// Every word of a formula's text: names, and a few that are none.
void add_words(std::string_view text, std::set<std::string_view>& words) {
  for (std::size_t at = 0; at < text.size();) {
    if (!is_letter(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && is_word(text[at])) ++at;
    words.insert(text.substr(begin, at - begin));
  }
}

}  // namespace

std::span<const Role> kernel_roles() {
  static constexpr std::array kRoles{Role::kBuy, Role::kSell};
  return kRoles;
}

std::span<const Role> core_roles() {
  static constexpr auto kRoles = [] {
    std::array<Role, strategy::kRoleCount> roles{};
    for (std::size_t r = 0; r < roles.size(); ++r) roles[r] = static_cast<Role>(r);
    return roles;
  }();
  return kRoles;
}

bool rules_mention(const strategy::StrategyFile& strategy, std::span<const Role> roles, std::string_view name) {
  std::set<std::string_view> words;
  for (const Role role : roles) add_words(strategy.formula(role), words);
  // Sizes may speak of the confidence by its name.
  if (words.contains("confidence")) add_words(strategy.formula(Role::kConfidence), words);
  // A name stands behind those it uses, so that one pass from the last to the first finds all.
  for (const auto* lets : {&strategy.lets, &strategy.shared_lets}) {
    for (const auto& [let, formula] : std::views::reverse(*lets)) {
      if (words.contains(let)) add_words(formula, words);
    }
  }
  return words.contains(name);
}

std::vector<SettingGroup> group_settings(std::span<const SweepSetting> settings,
                                         std::span<const std::size_t> mentioned) {
  std::map<std::vector<double>, std::vector<std::size_t>> groups;
  std::vector<double> values(mentioned.size());
  for (std::size_t k = 0; k < settings.size(); ++k) {
    if (!std::ranges::all_of(settings[k], [](double value) { return std::isfinite(value); })) continue;
    std::ranges::transform(mentioned, values.begin(), [&](std::size_t index) { return settings[k][index]; });
    groups[values].push_back(k);
  }
  std::vector<SettingGroup> out;
  out.reserve(groups.size());
  for (auto& [shared, members] : groups) out.push_back({.values = shared, .settings = std::move(members)});
  return out;
}

}  // namespace argosy::sweep
