// The recursion y = y * keep + x, four rows to a step. Row by row each value waits for a product and a sum of the value
// before it; here a step of four waits once, for the value four rows ago:
//
//   partial = partial * keep + x,  y = base * keep^k + partial   (k: 1 to 4, base: the value before the step)
//
// Steps are counted from where the recursion began, so chunks cannot change the bits.
#pragma once

#include <cstddef>
#include <cstdint>

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

  // The same for a column in place.
  void run(State& now, double* __restrict x, std::size_t rows) const {
    State state = now;
    std::size_t i = 0;
    while (i < rows && state.place != 0) next_in_place(state, x[i++]);
    const double p1 = powers_[0];
    const double p2 = powers_[1];
    const double p3 = powers_[2];
    const double p4 = powers_[3];
    double base = state.base;
    for (; i + 4 <= rows; i += 4) {
      const double a = x[i];
      const double b = a * p1 + x[i + 1];
      const double c = b * p1 + x[i + 2];
      const double d = c * p1 + x[i + 3];
      x[i] = clean(base * p1 + a);
      x[i + 1] = clean(base * p2 + b);
      x[i + 2] = clean(base * p3 + c);
      base = base * p4 + d;
      x[i + 3] = clean(base);
      state = {.base = base};
    }
    while (i < rows) next_in_place(state, x[i++]);
    now = state;
  }

 private:
  void next_in_place(State& state, double& x) const { x = next(state, x); }

  double powers_[4];
};

}  // namespace argosy::formula
