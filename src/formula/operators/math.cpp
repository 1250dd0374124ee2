// Arithmetic and functions of one row, and those of a row and the one n rows before it.
#include <cmath>

#include "formula/operators/delay.hpp"
#include "formula/operators/registry.hpp"
#include "formula/operators/wide.hpp"

namespace argosy::formula {
namespace {

template <class F>
struct Unary final : Kernel {
  void run(const Chunk& chunk) override {
    const double* __restrict x = chunk.in[0];
    double* __restrict out = chunk.out[0];
    for_rows(chunk.rows, [x, out](std::size_t i) { out[i] = clean(F{}(x[i])); });
  }
};

template <class F>
struct Binary final : Kernel {
  void run(const Chunk& chunk) override {
    const double* a = chunk.in[0];
    const double* b = chunk.in[1];
    double* __restrict out = chunk.out[0];
    for_rows(chunk.rows, [a, b, out](std::size_t i) { out[i] = clean(F{}(a[i], b[i])); });
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
struct Exponential {
  double operator()(double x) const { return std::exp(x); }
};
struct SquareRoot {
  double operator()(double x) const { return std::sqrt(x); }
};
struct Sign {
  double operator()(double x) const { return (x > 0 ? 1.0 : 0.0) - (x < 0 ? 1.0 : 0.0) + (x - x); }
};
struct Floor {
  double operator()(double x) const { return std::floor(x); }
};
struct Ceiling {
  double operator()(double x) const { return std::ceil(x); }
};
struct Power {
  // The library's pow(NaN, 0) and pow(1, NaN) are 1.
  double operator()(double a, double b) const { return std::pow(a, b) + ((a - a) + (b - b)); }
};
struct Larger {
  double operator()(double a, double b) const { return (a > b ? a : b) + (a - a); }
};
struct Smaller {
  double operator()(double a, double b) const { return (a < b ? a : b) + (a - a); }
};

struct Round final : Kernel {
  explicit Round(double decimals) : scale(std::pow(10.0, std::abs(decimals))), fractions(decimals >= 0) {}
  void run(const Chunk& chunk) override {
    const double* __restrict x = chunk.in[0];
    double* __restrict out = chunk.out[0];
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      const double shifted = fractions ? x[i] * scale : x[i] / scale;
      const double whole = std::round(shifted);
      const double rounded = fractions ? whole / scale : whole * scale;
      // From here on a double has no digits left to round; x times the scale may even be infinite.
      out[i] = clean(std::abs(shifted) < 0x1p52 ? rounded : x[i]);
    }
  }

  double scale;
  bool fractions;
};

struct Clip final : Kernel {
  void run(const Chunk& chunk) override {
    const double* x = chunk.in[0];
    const double* low = chunk.in[1];
    const double* high = chunk.in[2];
    double* __restrict out = chunk.out[0];
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      const double raised = x[i] < low[i] ? low[i] : x[i];
      out[i] = (raised > high[i] ? high[i] : raised) + ((low[i] - low[i]) + (high[i] - high[i]));
    }
  }
};

struct Shift final : Kernel {
  explicit Shift(std::size_t n) : delay(n) {}
  void run(const Chunk& chunk) override { delay.run(chunk.in[0], chunk.out[0], chunk.rows); }
  void reset() override { delay.reset(); }
  void persist(StateArchive& archive) override { archive(delay); }
  Delay delay;
};

// F of a row and of the one n rows before it.
template <class F>
struct Lagged final : Kernel {
  explicit Lagged(std::size_t n) : delay(n) {}
  void run(const Chunk& chunk) override {
    const double* x = chunk.in[0];
    double* __restrict out = chunk.out[0];
    delay.run(x, out, chunk.rows);
    for (std::size_t i = 0; i < chunk.rows; ++i) out[i] = clean(F{}(x[i], out[i]));
  }
  void reset() override { delay.reset(); }
  void persist(StateArchive& archive) override { archive(delay); }
  Delay delay;
};

// The difference of neighbours is exact where they are near each other; 1 taken from their quotient is not.
struct Change {
  double operator()(double x, double before) const { return (x - before) / before; }
};
struct LogarithmOfChange {
  double operator()(double x, double before) const {
    const double ratio = x / before;
    return ratio > 0.5 && ratio < 2 ? std::log1p((x - before) / before) : std::log(ratio);
  }
};

std::unique_ptr<Kernel> make_round(Arguments arguments) { return std::make_unique<Round>(arguments[0]); }

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

template <class F>
Operator two(std::string_view name, std::string_view meaning, std::string_view source, bool commutative = false) {
  Operator op = binary<F>(name, "", commutative, meaning);
  op.source = source;
  return op;
}

template <class F>
Operator lagged(std::string_view name, std::string_view meaning, std::string_view source) {
  return {.name = name,
          .family = kFamily,
          .parameters = {{"x"}, {"n", ParameterKind::kInteger, 1}},
          .memory = Memory::kLag,
          .lookback = lag_lookback,
          .make = make_window_kernel<Lagged<F>>,
          .meaning = meaning,
          .warm_up = "n rows",
          .source = source};
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
      unary<Exponential>("exp", "",
                         "e to the power of x; NaN where that is beyond the range of a double. Its last bit follows "
                         "the C library, which may differ between classes of processors.",
                         "C library exp"),
      two<Power>("pow",
                 "a to the power of b, 1 where b is 0; NaN where a is negative and b is not whole, where a is 0 and b "
                 "is negative, and beyond the range of a double. Its last bit follows the C library, which may differ "
                 "between classes of processors.",
                 "C library pow"),
      unary<SquareRoot>("sqrt", "", "The square root; NaN where x is negative.", kIeee),
      unary<Sign>("sign", "", "1 where x is above 0, -1 where it is below, 0 where it is 0.", "numpy sign"),
      unary<Floor>("floor", "", "The largest whole number that is at most x.", kIeee),
      unary<Ceiling>("ceil", "", "The smallest whole number that is at least x.", kIeee),
      two<Larger>("greater", "The larger of the two in each row. The highest of several rows is max(x, n).",
                  "Qlib Greater, numpy maximum", true),
      two<Smaller>("less", "The smaller of the two in each row. The lowest of several rows is min(x, n).",
                   "Qlib Less, numpy minimum", true),
      lagged<Subtract>("delta", "The change over n rows, x - x[n].", "TA-Lib MOM, pandas diff"),
      lagged<Change>("pct_change",
                     "The change over n rows as a fraction, (x - x[n]) / x[n]: 0.01 is one percent. NaN where x[n] is "
                     "0. roc is the same in percent.",
                     "TA-Lib ROCP, pandas pct_change"),
      lagged<LogarithmOfChange>(
          "log_return",
          "The natural logarithm of x / x[n], exact for small changes too; NaN where the quotient is 0 or less. Its "
          "last bit follows the C library, which may differ between classes of processors.",
          "C library log, and log1p where the quotient lies between 0.5 and 2"),
  };
  for (Operator& op : all) {
    if (op.name == "pow") op.nan = NanRule::kOwn;  // prices to the power of prices leave the range of a double
  }
  all.push_back(
      {.name = "round",
       .family = kFamily,
       .parameters =
           {{"x"}, {.name = "digits", .kind = ParameterKind::kInteger, .standard = 0, .minimum = -15, .maximum = 15}},
       .make = make_round,
       .meaning = "x rounded to so many decimals, halves away from 0; -2 rounds to hundreds. Computed as the "
                  "whole number nearest to x times 10 to the power of digits, divided by it again.",
       .warm_up = kNoWarmUp,
       .source = "C library round, ROUND of SQL and spreadsheets"});
  all.push_back({.name = "clip",
                 .family = kFamily,
                 .parameters = {{"x"}, {"low"}, {"high"}},
                 .make = make_kernel<Clip>,
                 .meaning = "x, but low where it is below low and high where it is above high; high where low is above "
                            "high. Both may be constants or change from row to row.",
                 .warm_up = kNoWarmUp,
                 .source = "numpy clip"});
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
