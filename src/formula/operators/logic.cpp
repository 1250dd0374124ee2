// Comparison, and, or, not, and the choice c ? a : b. Unknown (NaN) stays unknown.
#include "formula/operators/registry.hpp"

namespace argosy::formula {
namespace {

template <class F>
struct Pair final : Kernel {
  void run(const Chunk& chunk) override {
    const double* a = chunk.in[0];
    const double* b = chunk.in[1];
    double* __restrict out = chunk.out[0];
    // 0 or NaN is added: both are finite or NaN, so the differences with themselves are 0 or NaN.
    for (std::size_t i = 0; i < chunk.rows; ++i)
      out[i] = (F{}(a[i], b[i]) ? 1.0 : 0.0) + ((a[i] - a[i]) + (b[i] - b[i]));
  }
};

struct Less {
  bool operator()(double a, double b) const { return a < b; }
};
struct LessOrEqual {
  bool operator()(double a, double b) const { return a <= b; }
};
struct Greater {
  bool operator()(double a, double b) const { return a > b; }
};
struct GreaterOrEqual {
  bool operator()(double a, double b) const { return a >= b; }
};
struct Equal {
  bool operator()(double a, double b) const { return a == b; }
};
struct NotEqual {
  bool operator()(double a, double b) const { return a != b; }
};
struct Both {
  bool operator()(double a, double b) const { return (a != 0) & (b != 0); }
};
struct Either {
  bool operator()(double a, double b) const { return (a != 0) | (b != 0); }
};

struct Not final : Kernel {
  void run(const Chunk& chunk) override {
    const double* __restrict x = chunk.in[0];
    double* __restrict out = chunk.out[0];
    for (std::size_t i = 0; i < chunk.rows; ++i) out[i] = 1.0 - x[i];
  }
};

struct IsTrue final : Kernel {
  void run(const Chunk& chunk) override {
    const double* __restrict x = chunk.in[0];
    double* __restrict out = chunk.out[0];
    for (std::size_t i = 0; i < chunk.rows; ++i) out[i] = x[i] > 0 ? 1.0 : 0.0;
  }
};

struct Choose final : Kernel {
  void run(const Chunk& chunk) override {
    const double* c = chunk.in[0];
    const double* a = chunk.in[1];
    const double* b = chunk.in[2];
    double* __restrict out = chunk.out[0];
    for (std::size_t i = 0; i < chunk.rows; ++i) out[i] = (c[i] != 0 ? a[i] : b[i]) + (c[i] - c[i]);
  }
};

template <class F>
Operator pair(std::string_view symbol, std::string_view signature, ParameterKind kind, bool commutative,
              std::string_view meaning) {
  return {.name = symbol,
          .family = "logic",
          .parameters = {{"a", kind}, {"b", kind}},
          .result = ResultType::kTruth,
          .commutative = commutative,
          .make = make_kernel<Pair<F>>,
          .meaning = meaning,
          .warm_up = "none",
          .source = "unknown (NaN) on either side gives unknown",
          .signature = std::string(signature)};
}

}  // namespace

std::vector<Operator> logic_operators() {
  using enum ParameterKind;
  return {
      pair<Less>("<", "a < b", kNumberSeries, false, "Whether a is below b."),
      pair<LessOrEqual>("<=", "a <= b", kNumberSeries, false, "Whether a is at most b."),
      pair<Greater>(">", "a > b", kNumberSeries, false, "Whether a is above b."),
      pair<GreaterOrEqual>(">=", "a >= b", kNumberSeries, false, "Whether a is at least b."),
      pair<Equal>("==", "a == b", kAnySeries, true, "Whether a and b are the same to the last bit."),
      pair<NotEqual>("!=", "a != b", kAnySeries, true, "Whether a and b differ."),
      pair<Both>("and", "a and b", kTruthSeries, true, "Whether both are true."),
      pair<Either>("or", "a or b", kTruthSeries, true, "Whether at least one is true."),
      {.name = "not",
       .family = "logic",
       .parameters = {{"x", kTruthSeries}},
       .result = ResultType::kTruth,
       .make = make_kernel<Not>,
       .meaning = "Whether x is false.",
       .warm_up = "none",
       .source = "unknown (NaN) stays unknown",
       .signature = "not x"},
      {.name = "is_true",
       .family = "logic",
       .parameters = {{"x", kTruthSeries}},
       .nan = NanRule::kOwn,
       .make = make_kernel<IsTrue>,
       .meaning = "1 where x is true, 0 where it is false or unknown.",
       .warm_up = "none",
       .source = "how Qlib counts comparisons"},
      {.name = "?:",
       .family = "logic",
       .parameters = {{"c", kTruthSeries}, {"a", kAnySeries}, {"b", kAnySeries}},
       .result = ResultType::kSameAsSeries,
       .make = make_kernel<Choose>,
       .meaning =
           "a where c is true, b where it is false, NaN where c is unknown; the branch not taken does not matter.",
       .warm_up = "none",
       .source = "both branches are numbers, or both are truth values",
       .signature = "c ? a : b"},
  };
}

}  // namespace argosy::formula
