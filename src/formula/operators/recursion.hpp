// The loop of operators that carry a value from row to row and start again after an input that is not a number.
//
// An operator gives: a small `State`; `warm()`, whether its warm-up is over; `warm_row(chunk, i)`, one row of the
// warm-up; `row(state, chunk, i)`, one row after it, which writes the outputs and lets anything that is not finite
// reach the state; `sound(state)`; and `restart()`.
#pragma once

#include <algorithm>
#include <cstddef>

#include "formula/operators/operator.hpp"

namespace argosy::formula {

[[nodiscard]] inline bool is_finite(double value) { return value - value == 0; }

template <class Op>
void run_restarting(Op& op, const Chunk& chunk, std::size_t outputs = 1) {
  // Rows are computed as if all were sound and looked at once a stretch: the loop over a stretch has no branch. A
  // stretch that was not sound is computed again up to the row that spoilt it.
  constexpr std::size_t kStretch = 128;
  std::size_t i = 0;
  while (i < chunk.rows) {
    if (!op.warm()) {
      op.warm_row(chunk, i++);
      continue;
    }
    const std::size_t end = std::min(i + kStretch, chunk.rows);
    auto state = op.state;
    for (std::size_t j = i; j < end; ++j) op.row(state, chunk, j);
    if (op.sound(state)) {
      op.state = state;
      i = end;
      continue;
    }
    for (bool sound = true; sound; ++i) {
      state = op.state;
      op.row(state, chunk, i);
      sound = op.sound(state);
      if (sound) {
        op.state = state;
      } else {
        for (std::size_t k = 0; k < outputs; ++k) chunk.out[k][i] = kNaN;
        op.restart();
      }
    }
  }
}

}  // namespace argosy::formula
