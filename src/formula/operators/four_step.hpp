// The recursion y = y * keep + x, four rows to a step. Row by row each value waits for a product and a sum of the value
// before it; here a step of four waits once, for the value four rows ago:
//
//   partial = partial * keep + x,  y = base * keep^k + partial   (k: 1 to 4, base: the value before the step)
//
// Steps are counted from where the recursion began, so chunks cannot change the bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "formula/operators/operator.hpp"
#include "formula/operators/recursion.hpp"

namespace argosy::formula {

class FourStep {
 public:
  struct State {
    double base = 0;
    double partial = 0;
    std::uint64_t place = 0;  // rows of the current step so far
  };

  explicit FourStep(double keep) : powers_{keep, keep * keep, keep * keep * keep, (keep * keep) * (keep * keep)} {}

  static void begin(State& state, double value) { state = {.base = value}; }
  // Once not, always not: what is not finite in a step reaches the base of the next.
  [[nodiscard]] static bool sound(const State& state) { return is_finite(state.base) && is_finite(state.partial); }

  [[nodiscard]] double next(State& state, double x) const {
    state.partial = state.place == 0 ? x : state.partial * powers_[0] + x;
    const double value = state.base * powers_[state.place] + state.partial;
    if (++state.place == 4) begin(state, value);
    return clean(value);
  }

  // The same for a column.
  void run(State& now, const double* __restrict x, double* __restrict out, std::size_t rows) const {
    State state = now;
    std::size_t i = 0;
    for (; i < rows && state.place != 0; ++i) out[i] = next(state, x[i]);
    if (i + 4 <= rows) {
      const double keep = powers_[0];
      const Pair first = {powers_[0], powers_[1]};
      const Pair second = {powers_[2], powers_[3]};
      Pair base = {state.base, state.base};
      for (; i + 4 <= rows; i += 4) {
        const double a = x[i];
        const double b = a * keep + x[i + 1];
        const double c = b * keep + x[i + 2];
        const double d = c * keep + x[i + 3];
        const Pair left = base * first + Pair{a, b};
        const Pair right = base * second + Pair{c, d};
        write(out + i, left);
        write(out + i + 2, right);
        base = Pair{right[1], right[1]};
      }
      begin(state, base[0]);
    }
    for (; i < rows; ++i) out[i] = next(state, x[i]);
    now = state;
  }

 private:
  // Two rows in one register: left to itself, the compiler pairs them across the wait.
  using Pair = double __attribute__((vector_size(16)));
  static void write(double* out, Pair value) {
    const Pair same = value;
    const Pair cleaned = value + (value - same);  // clean() of both
    std::memcpy(out, &cleaned, sizeof cleaned);
  }

  double powers_[4];
};

}  // namespace argosy::formula
