// Arithmetic and functions of one row, and the shift x[n].
#include <cmath>

#include "formula/operators/delay.hpp"
#include "formula/operators/registry.hpp"

namespace argosy::formula {
namespace {

template <class F>
struct Unary final : Kernel {
  void run(const Chunk& chunk) override {
    const double* __restrict x = chunk.in[0];
    double* __restrict out = chunk.out[0];
    for (std::size_t i = 0; i < chunk.rows; ++i) out[i] = clean(F{}(x[i]));
  }
};

template <class F>
struct Binary final : Kernel {
  void run(const Chunk& chunk) override {
    const double* a = chunk.in[0];
    const double* b = chunk.in[1];
    double* __restrict out = chunk.out[0];
    for (std::size_t i = 0; i < chunk.rows; ++i) out[i] = clean(F{}(a[i], b[i]));
  }
};

struct Add {
  double operator()(double a, double b) const { return a + b; }
};
struct Subtract {
  double operator()(double a, double b) const { return a - b; }
};
struct Multiply {
  double operator()(double a, double b) const { return a * b; }
};
struct Divide {
  double operator()(double a, double b) const { return a / b; }
};
struct Negate {
  double operator()(double x) const { return -x; }
};
struct Absolute {
  double operator()(double x) const { return std::abs(x); }
};
struct Logarithm {
  double operator()(double x) const { return std::log(x); }
};
struct SquareRoot {
  double operator()(double x) const { return std::sqrt(x); }
};

struct Shift final : Kernel {
  explicit Shift(std::size_t n) : delay(n) {}
  void run(const Chunk& chunk) override { delay.run(chunk.in[0], chunk.out[0], chunk.rows); }
  void reset() override { delay.reset(); }
  void persist(StateArchive& archive) override { archive(delay); }
  Delay delay;
};

constexpr std::string_view kFamily = "math";
constexpr std::string_view kNoWarmUp = "none";
constexpr std::string_view kIeee = "IEEE 754";

template <class F>
Operator binary(std::string_view symbol, std::string_view signature, bool commutative, std::string_view meaning) {
  return {.name = symbol,
          .family = kFamily,
          .parameters = {{"a"}, {"b"}},
          .commutative = commutative,
          .make = make_kernel<Binary<F>>,
          .meaning = meaning,
          .warm_up = kNoWarmUp,
          .source = kIeee,
          .signature = std::string(signature)};
}

template <class F>
Operator unary(std::string_view name, std::string_view signature, std::string_view meaning, std::string_view source) {
  return {.name = name,
          .family = kFamily,
          .parameters = {{"x"}},
          .make = make_kernel<Unary<F>>,
          .meaning = meaning,
          .warm_up = kNoWarmUp,
          .source = source,
          .signature = std::string(signature)};
}

}  // namespace

std::vector<Operator> math_operators() {
  std::vector<Operator> all = {
      binary<Add>("+", "a + b", true, "The sum."),
      binary<Subtract>("-", "a - b", false, "The difference."),
      binary<Multiply>("*", "a * b", true, "The product."),
      binary<Divide>(
          "/", "a / b", false,
          "The quotient; NaN where b is 0. A divisor that is 0 in every row is refused when the formula is read."),
      unary<Negate>("negate", "-x", "x with the other sign.", kIeee),
      unary<Absolute>("abs", "", "The value without its sign.", kIeee),
      unary<Logarithm>("log", "",
                       "The natural logarithm; NaN where x is 0 or less. Its last bit follows the C library, which may "
                       "differ between classes of processors.",
                       "C library log"),
      unary<SquareRoot>("sqrt", "", "The square root; NaN where x is negative.", kIeee),
  };
  all.push_back(
      {.name = "[]",
       .family = kFamily,
       .parameters = {{"x", ParameterKind::kAnySeries}, {.name = "n", .kind = ParameterKind::kInteger, .minimum = 0}},
       .result = ResultType::kSameAsSeries,
       .memory = Memory::kLag,
       .lookback = lag_lookback,
       .make = make_window_kernel<Shift>,
       .meaning = "The value of x n rows ago.",
       .warm_up = "n rows",
       .source = "a shift of the column",
       .signature = "x[n]"});
  return all;
}

}  // namespace argosy::formula
