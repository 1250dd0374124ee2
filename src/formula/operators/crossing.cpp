// Where one line crosses another.
#include "formula/operators/registry.hpp"

namespace argosy::formula {
namespace {

template <bool kAbove>
struct Cross final : Kernel {
  void run(const Chunk& chunk) override {
    if (chunk.rows == 0) return;
    const double* a = chunk.in[0];
    const double* b = chunk.in[1];
    double* __restrict out = chunk.out[0];
    out[0] = at(a[0], b[0], last_a, last_b);
    for (std::size_t i = 1; i < chunk.rows; ++i) out[i] = at(a[i], b[i], a[i - 1], b[i - 1]);
    last_a = a[chunk.rows - 1];
    last_b = b[chunk.rows - 1];
  }
  void reset() override { last_a = last_b = kNaN; }
  void persist(StateArchive& archive) override { archive(last_a, last_b); }

  static double at(double a, double b, double previous_a, double previous_b) {
    const double now = a - b;
    const double before = previous_a - previous_b;
    const bool crossed = kAbove ? (a > b) & (previous_a <= previous_b) : (a < b) & (previous_a >= previous_b);
    const bool known = (now == now) & (before == before);
    return known ? (crossed ? 1.0 : 0.0) : kNaN;
  }

  double last_a = kNaN;
  double last_b = kNaN;
};

Operator crossing(std::string_view name, std::unique_ptr<Kernel> (*make)(Arguments), std::string_view meaning) {
  return {.name = name,
          .family = "crossing",
          .parameters = {{"a"}, {"b"}},
          .result = ResultType::kTruth,
          .memory = Memory::kWindow,
          .lookback = [](Arguments) -> std::size_t { return 1; },
          .make = make,
          .meaning = meaning,
          .warm_up = "1 row",
          .source = "unknown (NaN) when any of the four values is"};
}

}  // namespace

std::vector<Operator> crossing_operators() {
  return {
      crossing("cross_above", make_kernel<Cross<true>>, "Whether a is above b now and was at most b one row ago."),
      crossing("cross_below", make_kernel<Cross<false>>, "Whether a is below b now and was at least b one row ago."),
  };
}

}  // namespace argosy::formula
