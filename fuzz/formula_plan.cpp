// Bytes as decisions: two random formulas of the whole operator table over a random panel keep every promise of a plan.
#include "formula/promises.hpp"
#include "harness.hpp"

void argosy::fuzz::run(std::span<const std::uint8_t> bytes) {
  formula::properties::Choices choices(bytes);
  require(formula::properties::broken_promise(choices));
}
