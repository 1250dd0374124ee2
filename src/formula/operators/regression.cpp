// Least squares over a window, and what two columns have to do with each other.
#include <algorithm>
#include <array>
#include <cmath>

#include "formula/operators/block_sums.hpp"
#include "formula/operators/delay.hpp"
#include "formula/operators/registry.hpp"
#include "formula/operators/window_kernels.hpp"

namespace argosy::formula {
namespace {

constexpr Windows kFull = Windows::kFull;
constexpr std::size_t kPiece = 64;         // rows of a column that is made on the way
using Piece = std::array<double, kPiece>;  // of the rows at hand: no state

// The outputs of linreg in their order.
enum LinePart : std::uint32_t { kValue, kSlope, kIntercept, kRsquare, kResidual, kForecast };

template <bool kSquares>
struct Regression final : Kernel {
  explicit Regression(std::span<const Part> asked)
      : sums(static_cast<std::size_t>(asked[0].arguments[0])),
        first(1 - asked[0].arguments[0]),
        parts(asked.begin(), asked.end()) {}
  void run(const Chunk& chunk) override {
    sums.run_pieces(chunk.in, chunk.rows, [&](std::size_t row, std::size_t count, const auto& window) {
      for (std::size_t k = 0; k < parts.size(); ++k)
        write(parts[k].output, chunk.in[0] + row, chunk.out[k] + row, count, window);
    });
  }
  template <class Window>
  void write(std::uint32_t part, const double* __restrict x, double* __restrict out, std::size_t rows,
             const Window& window) const {
    const auto all = [&](auto value) {
      for (std::size_t i = 0; i < rows; ++i) out[i] = clean(value(window_line(window(i)), x[i]));
    };
    if constexpr (kSquares) {
      if (part == kRsquare) return all([](const Line& line, double) { return line.rsquare(); });
    }
    if (part == kValue) return all([](const Line& line, double) { return line.level(); });
    if (part == kSlope) return all([](const Line& line, double) { return line.slope; });
    if (part == kIntercept) return all([ahead = first](const Line& line, double) { return line.level(ahead); });
    if (part == kResidual) return all([](const Line& line, double value) { return line.residual(value); });
    all([](const Line& line, double) { return line.level(1); });
  }
  void reset() override { sums.reset(); }
  void persist(StateArchive& archive) override { archive(sums); }

  BlockSums<TrendTerms<kSquares>, kFull> sums;
  double first;  // the oldest row of a window, in rows after the newest
  std::vector<Part> parts;
};
std::unique_ptr<Kernel> share_line(std::span<const Part> parts) {
  const bool squares = std::ranges::any_of(parts, [](const Part& part) { return part.output == kRsquare; });
  if (squares) return std::make_unique<Regression<true>>(parts);
  return std::make_unique<Regression<false>>(parts);
}

using Covariance = SumsKernelWith<CovarianceTerms, kFull,
                                  [](const auto& window, double ddof) { return window_covariance(window, ddof); }>;

// The slope of y's returns against those of x.
struct Beta final : Kernel {
  explicit Beta(std::size_t n) : sums(n) {}
  void run(const Chunk& chunk) override {
    const double* in[] = {x.data(), y.data()};
    for (std::size_t at = 0; at < chunk.rows; at += kPiece) {
      const std::size_t count = std::min(kPiece, chunk.rows - at);
      returns(chunk.in[0] + at, last_x, x.data(), count);
      returns(chunk.in[1] + at, last_y, y.data(), count);
      double* __restrict out = chunk.out[0] + at;
      sums.run(in, count, [out](std::size_t i, const auto& w) {
        const double xx = not_negative(centred(w.sum[3], w.sum[0], w.sum[0], w.inverse));
        const double xy = centred(w.sum[2], w.sum[0], w.sum[1], w.inverse);
        out[i] = clean(xx == 0 ? xy - xy : xy / xx);  // 0, or NaN with y
      });
    }
  }
  void reset() override {
    sums.reset();
    last_x = last_y = kNaN;
  }
  void persist(StateArchive& archive) override { archive(sums, last_x, last_y); }

  // Nothing can be said of the way from 0: no return, as TA-Lib has it.
  static void returns(const double* __restrict x, double& last, double* __restrict out, std::size_t count) {
    double before = last;
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = clean((x[i] - before) / (before == 0 ? kHuge : before));
      before = x[i];
    }
    last = before;
  }
  static constexpr double kHuge = std::numeric_limits<double>::infinity();

  BlockSums<PairTerms<1>, kFull> sums;
  Piece x{};
  Piece y{};
  double last_x = kNaN;
  double last_y = kNaN;
};

// A column against itself `lag` rows ago.
struct Autocorrelation final : Kernel {
  Autocorrelation(std::size_t n, std::size_t lag) : correlation(n), delay(lag), window(n + lag) {}
  void run(const Chunk& chunk) override {
    for (std::size_t at = 0; at < chunk.rows; at += kPiece) {
      const std::size_t count = std::min(kPiece, chunk.rows - at);
      const double* x = chunk.in[0] + at;
      double* __restrict out = chunk.out[0] + at;
      delay.run(x, before.data(), count);
      const double* in[] = {x, before.data()};
      correlation.run(in, out, count);
      for (std::size_t i = 0; i < count; ++i) {
        sound = is_nan(x[i]) ? 0 : std::min(sound + 1, window);
        out[i] = sound == window ? out[i] : kNaN;
      }
    }
  }
  void reset() override {
    correlation.reset();
    delay.reset();
    sound = 0;
  }
  void persist(StateArchive& archive) override { archive(correlation, delay, sound); }

  RollingCorrelation<kFull> correlation;
  Piece before{};
  Delay delay;
  std::size_t window;
  std::size_t sound = 0;  // rows since the last NaN, as far as they matter: with a long lag it lies between the pairs
};

std::unique_ptr<Kernel> make_covariance(Arguments arguments) {
  return std::make_unique<Covariance>(static_cast<std::size_t>(arguments[0]), arguments[1]);
}
std::unique_ptr<Kernel> make_autocorrelation(Arguments arguments) {
  return std::make_unique<Autocorrelation>(static_cast<std::size_t>(arguments[0]),
                                           static_cast<std::size_t>(arguments[1]));
}
std::size_t autocorrelation_lookback(Arguments arguments) {
  return static_cast<std::size_t>(arguments[0] + arguments[1]) - 1;
}

Parameter window_rows(double fewest) { return {.name = "n", .kind = ParameterKind::kInteger, .minimum = fewest}; }

// Another output of linreg under its own name.
Operator of_line(std::string_view name, std::string_view output, std::string_view meaning, std::string_view source) {
  return {.name = name,
          .family = "regression",
          .parameters = {{"x"}, window_rows(2)},
          .memory = Memory::kWindow,
          .lookback = window_lookback,
          .meaning = meaning,
          .warm_up = "n - 1 rows",
          .source = source,
          .base = "linreg",
          .base_output = output};
}

}  // namespace

std::vector<Operator> regression_operators() {
  using enum ParameterKind;
  return {
      {.name = "linreg",
       .family = "regression",
       .parameters = {{"x"}, window_rows(2)},
       .outputs = {"value", "slope", "intercept", "rsquare", "resid", "tsf"},
       .memory = Memory::kWindow,
       .lookback = window_lookback,
       .share = share_line,
       .meaning = "The least-squares line through the last n rows: its value at this row. The other outputs are also "
                  "operators of their own.",
       .warm_up = "n - 1 rows",
       .source = "TA-Lib LINEARREG"},
      of_line("slope", "slope", "How far the least-squares line through the last n rows rises a row.",
              "TA-Lib LINEARREG_SLOPE"),
      of_line("linreg_slope", "slope", "Another name of slope.", "TA-Lib LINEARREG_SLOPE"),
      of_line("intercept", "intercept",
              "The value of the least-squares line through the last n rows at the oldest of them.",
              "TA-Lib LINEARREG_INTERCEPT"),
      of_line("rsquare", "rsquare",
              "The share of the variance of the last n rows that their least-squares line explains, from 0 to 1: the "
              "squared correlation with the row number. 0 where all rows are equal.",
              "scipy.stats.linregress: rvalue squared"),
      of_line("resid", "resid", "How far x lies above the least-squares line through the last n rows.",
              "x - TA-Lib LINEARREG"),
      of_line("tsf", "tsf",
              "The time series forecast: the value of the least-squares line through the last n rows at the next row.",
              "TA-Lib TSF"),
      {.name = "corr",
       .family = "regression",
       .parameters = {{"x"}, {"y"}, window_rows(1)},
       .memory = Memory::kWindow,
       .lookback = window_lookback,
       .make = make_window_kernel<CorrelationKernel<kFull>>,
       .meaning = "Pearson's correlation of the last n rows of two columns, from -1 to 1. 0 where all rows of one are "
                  "equal.",
       .warm_up = "n - 1 rows",
       .source = "TA-Lib CORREL"},
      {.name = "cov",
       .family = "regression",
       .parameters = {{"x"}, {"y"}, window_rows(2), {"ddof", kInteger, 0, 0, 1}},
       .memory = Memory::kWindow,
       .lookback = window_lookback,
       .make = make_covariance,
       .meaning = "The covariance of the last n rows of two columns: the sum of (x - mean x) (y - mean y) over n - "
                  "ddof. ddof 0 is that of the population, 1 of a sample.",
       .warm_up = "n - 1 rows",
       .source = "pandas rolling.cov"},
      {.name = "beta",
       .family = "regression",
       .parameters = {{"x"}, {"y"}, window_rows(1)},
       .memory = Memory::kWindow,
       .lookback = lag_lookback,
       .make = make_window_kernel<Beta>,
       .meaning = "How the returns of y go with those of x: the slope of y's last n returns against x's, a return x / "
                  "x[1] - 1, or 0 after a 0. 0 where all returns of x are equal.",
       .warm_up = "n rows",
       .source = "TA-Lib BETA"},
      {.name = "autocorr",
       .family = "regression",
       .parameters = {{"x"}, window_rows(2), {"lag", kInteger, 1}},
       .memory = Memory::kWindow,
       .lookback = autocorrelation_lookback,
       .make = make_autocorrelation,
       .meaning =
           "The correlation of the last n rows with the rows `lag` rows before each of them. 0 where all rows of "
           "one side are equal. The window is all n + lag rows.",
       .warm_up = "n + lag - 1 rows",
       .source = "pandas: x.rolling(n).corr(x.shift(lag))"},
  };
}

}  // namespace argosy::formula
