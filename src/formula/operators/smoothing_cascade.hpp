// Exponential averages of exponential averages, in one pass: dema, tema and trix.
#pragma once

#include <array>
#include <cstddef>

#include "formula/operators/operator.hpp"
#include "formula/operators/recursion.hpp"

namespace argosy::formula {

// Each stage moves by 2 / (n + 1) of its distance to the stage before and is seeded by the mean of that stage's first n
// rows. Values move by differences, so a constant column stays exactly itself through all stages.
//
// Result: kStages; kRowsBefore, 1 when it needs the row before; value(before, now), the output from the stages' values
// before and after the row.
template <class Result>
struct SmoothingCascade final : Kernel {
  static constexpr std::size_t kStages = Result::kStages;
  using State = std::array<double, kStages>;
  using Columns = Lanes<1, 1>;

  explicit SmoothingCascade(std::size_t rows) : n(rows), step(2.0 / (static_cast<double>(rows) + 1.0)) {}
  static std::size_t lookback(Arguments arguments) {
    return kStages * window_lookback(arguments) + Result::kRowsBefore;
  }

  void run(const Chunk& chunk) override { run_restarting<1, 1>(*this, chunk); }
  void reset() override { restart(); }
  void persist(StateArchive& archive) override { archive(seen, state, first, sum); }

  [[nodiscard]] bool warm() const { return seen == kStages * (n - 1) + Result::kRowsBefore + 1; }
  void warm_row(const Columns& lanes, std::size_t i) {
    lanes.out[0][i] = kNaN;
    const State before = state;
    double x = lanes.in[0][i];
    for (std::size_t k = 0; k < kStages; ++k) {
      const std::size_t rows = seen - k * (n - 1);  // of this stage's input before this one
      if (rows < n) {
        if (rows == 0) first[k] = x;
        sum[k] += x - first[k];
        if (!is_finite(sum[k])) return restart();
        if (rows + 1 < n) break;
        state[k] = first[k] + sum[k] / static_cast<double>(n);
      } else {
        state[k] += step * (x - state[k]);
      }
      x = state[k];
      if (!is_finite(x)) return restart();
    }
    ++seen;
    if (warm()) lanes.out[0][i] = clean(Result::value(before, state));
  }
  static void row(State& next, double weight, const Columns& lanes, std::size_t i) {
    const State before = next;
    double x = lanes.in[0][i];
    for (double& value : next) {
      value += weight * (x - value);
      x = value;
    }
    lanes.out[0][i] = clean(Result::value(before, next));
  }
  // What is not finite in one stage is not in the next either.
  static bool sound(const State& next) { return is_finite(next.back()); }
  void restart() {
    seen = 0;
    sum = {};
  }

  std::size_t n;
  double step;
  std::size_t seen = 0;
  State state{};
  State first{};  // the first row of each stage's input, to which the sums of its seed are relative
  State sum{};
};

}  // namespace argosy::formula
