#include "ledger/detail/stamp.hpp"

#include <fmt/format.h>

namespace argosy::ledger::detail {

std::string time_stamp(const core::Clock& clock) {
  std::string text = core::format_rfc3339(std::chrono::floor<std::chrono::seconds>(clock.now()));
  std::erase(text, '-');
  std::erase(text, ':');
  return text;
}

std::string free_name(const std::string& beginning, const std::string& end, core::Files& files) {
  std::string name = beginning + end;
  for (int number = 2; files.exists(name); ++number) name = fmt::format("{}-{}{}", beginning, number, end);
  return name;
}

}  // namespace argosy::ledger::detail
