#include "core/patience.hpp"

#include <algorithm>
#include <thread>

#include "core/clock.hpp"

namespace argosy::core {
namespace {

constexpr Duration kFirstStep = std::chrono::milliseconds(2);
constexpr Duration kLongestStep = std::chrono::milliseconds(250);

Duration monotonic() { return SystemClock().monotonic(); }

}  // namespace

Patience::Patience(Duration limit) : end_(monotonic() + limit), step_(kFirstStep) {}

Duration Patience::left() const { return std::max(end_ - monotonic(), Duration::zero()); }

bool Patience::wait() {
  const Duration rest = left();
  if (rest == Duration::zero()) return false;
  std::this_thread::sleep_for(std::min(step_, rest));
  step_ = std::min(2 * step_, kLongestStep);
  return true;
}

}  // namespace argosy::core
