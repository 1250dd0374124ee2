// What the engine is told of one closed bar.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trading/order.hpp"

namespace argosy::engine {

// Where a decision's values stand: strategy::Signals::columns, at one row. Adjusted prices are quoted ones times the
// row's factor; without factors they are the same.
struct Row {
  std::span<const std::vector<double>> columns = {};
  std::size_t row = 0;
  const double* factors = nullptr;

  [[nodiscard]] double factor() const { return factors == nullptr ? 1.0 : factors[row]; }
};

struct Pending {
  trading::InstrumentIndex instrument = 0;
  std::uint8_t signals = 0;
  Row row;
};

}  // namespace argosy::engine
