// What happened in a world, in words: the last events before something went wrong. Off, it costs nothing.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.hpp"

namespace argosy::simulation {

class History {
 public:
  // 0: nothing is kept. The clock outlives it.
  History(const core::Clock& clock, std::size_t most) : clock_(clock), most_(most) {}

  template <class... Args>
  void note(fmt::format_string<Args...> text, Args&&... args) {
    if (most_ == 0) return;
    if (events_.size() == most_) events_.pop_front();
    events_.push_back(core::format_rfc3339(clock_.now()) + "  " + fmt::format(text, std::forward<Args>(args)...));
  }
  [[nodiscard]] bool is_on() const { return most_ > 0; }
  [[nodiscard]] std::vector<std::string> events() const { return {events_.begin(), events_.end()}; }

 private:
  const core::Clock& clock_;
  std::size_t most_;
  std::deque<std::string> events_;
};

}  // namespace argosy::simulation
