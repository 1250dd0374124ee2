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

// Exponential smoothing: `keep` of the value and `take` of the input; keep + take is 1. Written so that only a product
// and a sum wait for the row before.
struct Weights {
  explicit Weights(double weight) : take(weight), keep(1.0 - weight) {}
  [[nodiscard]] double join(double value, double x) const { return value * keep + x * take; }
  double take;
  double keep;
};

// The columns of a chunk by value, so that the loops hold them in registers.
template <std::size_t kInputs, std::size_t kOutputs>
struct Lanes {
  explicit Lanes(const Chunk& chunk) {
    std::copy_n(chunk.in, kInputs, in);
    std::copy_n(chunk.out, kOutputs, out);
  }
  const double* in[kInputs] = {};
  double* out[kOutputs] = {};
};

template <std::size_t kInputs, std::size_t kOutputs, class Op>
void run_restarting(Op& op, const Chunk& chunk) {
  // Rows are computed as if all were sound and looked at once a stretch: the loop over a stretch has no branch. A
  // stretch that was not sound is computed again up to the row that spoilt it.
  constexpr std::size_t kStretch = 128;
  const Lanes<kInputs, kOutputs> lanes(chunk);
  std::size_t i = 0;
  while (i < chunk.rows) {
    if (!op.warm()) {
      op.warm_row(lanes, i++);
      continue;
    }
    const std::size_t end = std::min(i + kStretch, chunk.rows);
    auto state = op.state;
    const auto step = op.step;
    for (std::size_t j = i; j < end; ++j) Op::row(state, step, lanes, j);
    if (Op::sound(state)) {
      op.state = state;
      i = end;
      continue;
    }
    for (bool sound = true; sound; ++i) {
      state = op.state;
      Op::row(state, step, lanes, i);
      sound = Op::sound(state);
      if (sound) {
        op.state = state;
      } else {
        for (double* out : lanes.out) out[i] = kNaN;
        op.restart();
      }
    }
  }
}

}  // namespace argosy::formula
