// The planted bugs by name, and which of them is switched on. One at a time.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/planted.hpp"

namespace argosy::core::planted {

struct BugText {
  Bug bug;
  std::string_view name;
  std::string_view wrong;   // what is, in a sentence
  std::string_view faults;  // that should bring it to light, as simulation::parse_faults reads them
};

[[nodiscard]] std::span<const BugText> all_bugs();
[[nodiscard]] const BugText& text_of(Bug bug);
[[nodiscard]] std::optional<Bug> find_bug(std::string_view name);

// Before what has it begins. Bug::kNone: everything is as it should be.
void switch_on(Bug bug);
// Whether its place was passed since it was switched on: otherwise the file that has it is not among those that
// CMakeLists.txt names, or nothing happened that concerns it.
[[nodiscard]] bool was_asked();

}  // namespace argosy::core::planted
