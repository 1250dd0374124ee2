// Qlib's spelling: capitalised operators over the rows there are, from the first row on, with sample variance and with
// NaN left out of the window.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "formula/operators/block_sums.hpp"
#include "formula/operators/counted_rank.hpp"
#include "formula/operators/extremes.hpp"
#include "formula/operators/order_window.hpp"
#include "formula/operators/registry.hpp"
#include "formula/operators/window_kernels.hpp"

namespace argosy::formula {
namespace {

constexpr Windows kPartial = Windows::kPartial;
// Qlib takes a deviation up to this for none, so that a quotient of rounding errors is no correlation.
constexpr double kNoDeviation = 2e-5;

// A value of at least `fewest` rows.
double of_rows(double count, double fewest, double value) { return count < fewest ? kNaN : value; }

using Mean = SumsKernel<MeanTerms, kPartial, [](const auto& w, double) { return of_rows(w.count, 1, w.mean()); }>;
using Sum = SumsKernel<SumTerms, kPartial, [](const auto& w, double) { return of_rows(w.count, 1, w.sum[0]); }>;
using Count = SumsKernel<MeanTerms, kPartial, [](const auto& w, double) { return w.count; }>;
using Variance = SumsKernel<VarianceTerms, kPartial,
                            [](const auto& w, double) { return of_rows(w.count, 2, window_variance(w, 1)); }>;
using Deviation = SumsKernel<VarianceTerms, kPartial,
                             [](const auto& w, double) { return of_rows(w.count, 2, root(window_variance(w, 1))); }>;
using Skew =
    SumsKernel<PowerTerms<3>, kPartial, [](const auto& w, double) { return of_rows(w.count, 3, window_skew(w)); }>;
using Kurtosis =
    SumsKernel<PowerTerms<4>, kPartial, [](const auto& w, double) { return of_rows(w.count, 4, window_kurtosis(w)); }>;
using Covariance = SumsKernel<CovarianceTerms, kPartial,
                              [](const auto& w, double) { return of_rows(w.count, 2, window_covariance(w, 1)); }>;
using Correlation = SumsKernel<CorrelationTerms, kPartial, [](const auto& w, double) {
  const double xx = not_negative(centred(w.sum[3], w.sum[0], w.sum[0], w.inverse));
  const double yy = not_negative(centred(w.sum[4], w.sum[1], w.sum[1], w.inverse));
  const double least = kNoDeviation * kNoDeviation * (w.count - 1);
  const double value = correlation(xx, yy, centred(w.sum[2], w.sum[0], w.sum[1], w.inverse));
  return xx <= least || yy <= least ? kNaN : of_rows(w.count, 2, value);
}>;

struct Regression final : Kernel {
  explicit Regression(std::size_t n) : sums(n) {}
  void run(const Chunk& chunk) override {
    const double* __restrict x = chunk.in[0];
    double* __restrict slope = chunk.out[0];
    double* __restrict rsquare = chunk.out[1];
    double* __restrict resid = chunk.out[2];
    sums.run(chunk.in, chunk.rows, [=](std::size_t i, const auto& w) {
      const Line line = window_line<kPartial>(w);
      const double least = kNoDeviation * kNoDeviation * (w.count - 1);
      slope[i] = of_rows(w.count, 2, clean(line.slope));
      rsquare[i] = line.squares <= least ? kNaN : of_rows(w.count, 2, clean(line.rsquare()));
      resid[i] = of_rows(w.count, 2, clean(line.residual(x[i])));
    });
  }
  void reset() override { sums.reset(); }
  void persist(StateArchive& archive) override { archive(sums); }

  BlockSums<TrendTerms<kPartial>, kPartial> sums;
};

template <class Rolling>
struct ColumnKernel final : Kernel {
  explicit ColumnKernel(std::size_t n) : rolling(n) {}
  void run(const Chunk& chunk) override { rolling.run(chunk.in[0], chunk.out[0], chunk.rows); }
  void reset() override { rolling.reset(); }
  void persist(StateArchive& archive) override { archive(rolling); }

  Rolling rolling;
};

// The place from the oldest row of the window, 1, to the newest.
template <Extreme kExtreme>
struct PlaceOfExtreme final : Kernel {
  explicit PlaceOfExtreme(std::size_t rows) : place(rows), n(rows) {}
  void run(const Chunk& chunk) override {
    double* __restrict out = chunk.out[0];
    place.run(chunk.in[0], out, chunk.rows);
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      seen = std::min(seen + 1, n);
      out[i] = static_cast<double>(seen) - out[i];
    }
  }
  void reset() override {
    place.reset();
    seen = 0;
  }
  void persist(StateArchive& archive) override { archive(place, seen); }

  BlockExtremePlace<kExtreme, kPartial, Ties::kEarliest> place;
  std::size_t n;
  std::size_t seen = 0;
};

template <class Order>
struct Quantile final : Kernel {
  Quantile(std::size_t n, double q) : window(n), share(q) {}
  void run(const Chunk& chunk) override {
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      window.push(chunk.in[0][i]);
      chunk.out[0][i] = window.count() == 0 ? kNaN : clean(window_quantile(window, share));
    }
  }
  void reset() override { window.reset(); }
  void persist(StateArchive& archive) override { archive(window); }

  OrderWindow<Order> window;
  double share;
};

template <class Order>
struct Rank final : Kernel {
  explicit Rank(std::size_t n) : window(n) {}
  void run(const Chunk& chunk) override {
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      const double x = chunk.in[0][i];
      window.push(x);
      chunk.out[0][i] = is_nan(x) ? kNaN : window_rank(window, x);
    }
  }
  void reset() override { window.reset(); }
  void persist(StateArchive& archive) override { archive(window); }

  OrderWindow<Order> window;
};

// The last n rows in their order, fewer at first: for what must read the window again.
class Ring {
 public:
  explicit Ring(std::size_t n) : values_(n, kNaN) {}
  void push(double x) {
    values_[at_] = x;
    at_ = at_ + 1 == values_.size() ? 0 : at_ + 1;
    count_ = std::min(count_ + 1, values_.size());
  }
  [[nodiscard]] std::size_t count() const { return count_; }
  // f(value, place), place 1 for the oldest.
  template <class F>
  void each(F f) const {
    const std::size_t oldest = count_ < values_.size() ? 0 : at_;
    for (std::size_t k = 0; k < count_; ++k) {
      const std::size_t at = oldest + k;
      f(values_[at < values_.size() ? at : at - values_.size()], k + 1);
    }
  }
  void reset() {
    std::ranges::fill(values_, kNaN);
    at_ = count_ = 0;
  }
  void persist(StateArchive& archive) { archive(values_, at_, count_); }

 private:
  std::vector<double> values_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
};

struct MeanDeviation final : Kernel {
  explicit MeanDeviation(std::size_t n) : sums(n), ring(n) {}
  void run(const Chunk& chunk) override {
    sums.run(chunk.in, chunk.rows, [&](std::size_t i, const auto& w) {
      ring.push(chunk.in[0][i]);
      const double mean = w.mean();
      double distance = 0;
      ring.each([&](double x, std::size_t) { distance += is_nan(x) ? 0 : std::abs(x - mean); });
      chunk.out[0][i] = clean(of_rows(w.count, 1, distance * w.inverse));
    });
  }
  void reset() override {
    sums.reset();
    ring.reset();
  }
  void persist(StateArchive& archive) override { archive(sums, ring); }

  BlockSums<MeanTerms, kPartial> sums;
  Ring ring;
};

struct WeightedAverage final : Kernel {
  explicit WeightedAverage(std::size_t n) : ring(n) {}
  void run(const Chunk& chunk) override {
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      ring.push(chunk.in[0][i]);
      double sum = 0;
      double known = 0;
      ring.each([&](double x, std::size_t place) {
        sum += is_nan(x) ? 0 : x * static_cast<double>(place);
        known += is_nan(x) ? 0 : 1;
      });
      const auto rows = static_cast<double>(ring.count());
      chunk.out[0][i] = clean(of_rows(known, 1, sum / (rows * (rows + 1) / 2) / known));
    }
  }
  void reset() override { ring.reset(); }
  void persist(StateArchive& archive) override { archive(ring); }

  Ring ring;
};

// Weighted by (1 - alpha)^age over all rows so far.
struct ExponentialAverage final : Kernel {
  explicit ExponentialAverage(std::size_t n) : keep(1 - 2.0 / (static_cast<double>(n) + 1)) {}
  void run(const Chunk& chunk) override {
    const double* __restrict x = chunk.in[0];
    double* __restrict out = chunk.out[0];
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      const bool known = !is_nan(x[i]);
      sum = sum * keep + (known ? x[i] : 0);
      weight = weight * keep + (known ? 1 : 0);
      const double mean = weight > 0 ? clean(sum / weight) : kNaN;
      if (known && is_nan(mean)) reset();  // too large for its arithmetic: forgotten
      out[i] = mean;
    }
  }
  void reset() override { sum = weight = 0; }
  void persist(StateArchive& archive) override { archive(sum, weight); }

  double keep;
  double sum = 0;
  double weight = 0;
};

std::unique_ptr<Kernel> make_quantile(Arguments arguments) {
  return make_ordered<Quantile>(static_cast<std::size_t>(arguments[0]), arguments[1]);
}
std::unique_ptr<Kernel> make_median(Arguments arguments) {
  return make_ordered<Quantile>(static_cast<std::size_t>(arguments[0]), 0.5);
}
std::unique_ptr<Kernel> make_rank(Arguments arguments) {
  const auto n = static_cast<std::size_t>(arguments[0]);
  if (n <= CountedRank::kRows) return std::make_unique<CountedRank>(n, 1);
  return make_ordered<Rank>(n);
}

std::size_t no_lookback(Arguments) { return 0; }

struct Entry {
  std::string_view name;
  std::unique_ptr<Kernel> (*make)(Arguments);
  std::string_view meaning;
  double fewest = 1;
  Cost cost = Cost::kConstant;
  bool pair = false;
};

Operator rolling(const Entry& entry) {
  Operator op{.name = entry.name,
              .family = "Qlib",
              .parameters = {{"x"}, {.name = "n", .kind = ParameterKind::kInteger, .minimum = entry.fewest}},
              .memory = Memory::kWindow,
              .nan = NanRule::kSkips,
              .cost = entry.cost,
              .lookback = no_lookback,
              .make = entry.make,
              .meaning = entry.meaning,
              .warm_up = "none: from the first row on, over the rows there are",
              .source = "Qlib data/ops.py"};
  if (entry.pair) op.parameters.insert(op.parameters.begin() + 1, {"y"});
  return op;
}

// A name of Qlib's for an operator that means the same.
Operator same(std::string_view name, std::string_view base, std::vector<Parameter> parameters, std::string_view meaning,
              ResultType result = ResultType::kNumber) {
  return {.name = name,
          .family = "Qlib",
          .parameters = std::move(parameters),
          .result = result,
          .meaning = meaning,
          .warm_up = "as that one's",
          .source = "Qlib data/ops.py",
          .base = base};
}

}  // namespace

std::vector<Operator> qlib_operators() {
  using enum ParameterKind;
  using enum Extreme;
  constexpr Entry kEntries[] = {
      {"Mean", make_window_kernel<Mean>, "The mean of the last n rows, NaN left out."},
      {"Sum", make_window_kernel<Sum>, "The sum of the last n rows, NaN left out."},
      {"Count", make_window_kernel<Count>, "How many of the last n rows are not NaN."},
      {"Std", make_window_kernel<Deviation>,
       "The sample standard deviation of the last n rows, over one less than their number; NaN left out."},
      {"Var", make_window_kernel<Variance>,
       "The sample variance of the last n rows, over one less than their number; NaN left out."},
      {"Skew", make_window_kernel<Skew>, "The bias-corrected skewness of the last n rows, NaN left out.", 3},
      {"Kurt", make_window_kernel<Kurtosis>, "The bias-corrected excess kurtosis of the last n rows, NaN left out.", 4},
      {"Max", make_window_kernel<ColumnKernel<BlockExtreme<kHighest, kPartial>>>,
       "The highest of the last n rows, NaN left out."},
      {"Min", make_window_kernel<ColumnKernel<BlockExtreme<kLowest, kPartial>>>,
       "The lowest of the last n rows, NaN left out."},
      {"IdxMax", make_window_kernel<PlaceOfExtreme<kHighest>>,
       "The place of the highest of the last n rows, 1 for the oldest of them; of equal ones the oldest. NaN is left "
       "out but keeps its place."},
      {"IdxMin", make_window_kernel<PlaceOfExtreme<kLowest>>,
       "The place of the lowest of the last n rows, 1 for the oldest of them; of equal ones the oldest. NaN is left "
       "out but keeps its place."},
      {"Med", make_median, "The median of the last n rows, NaN left out.", 1, Cost::kLogarithmic},
      {"Mad", make_window_kernel<MeanDeviation>,
       "The mean absolute deviation from the mean of the last n rows, NaN left out.", 1, Cost::kWindow},
      {"Rank", make_rank,
       "The share of the last n rows that are not above x, in (0, 1]; equal ones share the mean of their ranks. NaN "
       "where x is.",
       1, Cost::kLogarithmic},
      {"WMA", make_window_kernel<WeightedAverage>,
       "The mean of x times its weight, the weights 1 for the oldest row to n, over their sum: so it is 1 / n of a "
       "weighted average.",
       1, Cost::kWindow},
      {"Corr", make_window_kernel<Correlation>,
       "The correlation of the last n rows of x and y, pairs with a NaN left out. NaN where a side's deviation is "
       "below 2e-5.",
       1, Cost::kConstant, true},
      {"Cov", make_window_kernel<Covariance>,
       "The sample covariance of the last n rows of x and y, pairs with a NaN left out.", 1, Cost::kConstant, true},
  };
  std::vector<Operator> all;
  for (const Entry& entry : kEntries) all.push_back(rolling(entry));

  Operator quantile = rolling({"Quantile", make_quantile,
                               "The value below which the share q of the last n rows lies, linear between two; NaN "
                               "left out.",
                               1, Cost::kLogarithmic});
  quantile.parameters.push_back({.name = "q", .kind = kNumber, .minimum = 0, .maximum = 1});
  all.push_back(std::move(quantile));

  Operator ema = rolling({"EMA", make_window_kernel<ExponentialAverage>,
                          "The average of all rows so far, weighted by (1 - 2 / (n + 1)) to the power of their age. "
                          "NaN has no weight; where x is NaN the last average stays."});
  ema.memory = Memory::kRecursive;
  ema.nan = NanRule::kOwn;
  all.push_back(std::move(ema));

  Operator line = rolling({"Line", make_window_kernel<Regression>,
                           "The least-squares line through the last n rows: how far it rises a row. NaN is left out "
                           "but keeps its place. The outputs are also operators of their own."});
  line.outputs = {"slope", "rsquare", "resi"};
  const std::vector<Parameter> window = line.parameters;
  all.push_back(std::move(line));
  const std::pair<std::string_view, std::pair<std::string_view, std::string_view>> lines[] = {
      {"Slope", {"slope", "How far the least-squares line through the last n rows rises a row."}},
      {"Rsquare",
       {"rsquare",
        "The share of the variance of the last n rows that their least-squares line explains. NaN where "
        "their deviation is below 2e-5."}},
      {"Resi", {"resi", "How far x lies above the least-squares line through the last n rows."}}};
  for (const auto& [name, what] : lines) {
    Operator op = same(name, "Line", window, what.second);
    op.base_output = what.first;
    all.push_back(std::move(op));
  }

  const Parameter rows{.name = "n", .kind = kInteger};
  all.push_back(same("Ref", "[]", {{"x", kAnySeries}, rows}, "The value of x n rows ago.", ResultType::kSameAsSeries));
  all.push_back(same("Delta", "delta", {{"x"}, rows}, "x less its value n rows ago."));
  all.push_back(same("Abs", "abs", {{"x"}}, "The value without its sign."));
  all.push_back(same("Log", "log", {{"x"}}, "The natural logarithm; NaN where x is 0 or less."));
  all.push_back(same("Sign", "sign", {{"x"}}, "1, 0 or -1."));
  all.push_back(same("Power", "pow", {{"a"}, {"b"}}, "a to the power of b."));
  all.push_back(same("Greater", "greater", {{"a"}, {"b"}}, "The larger of two: no comparison."));
  all.push_back(same("Less", "less", {{"a"}, {"b"}}, "The smaller of two: no comparison."));
  all.push_back(same("Add", "+", {{"a"}, {"b"}}, "a + b"));
  all.push_back(same("Sub", "-", {{"a"}, {"b"}}, "a - b"));
  all.push_back(same("Mul", "*", {{"a"}, {"b"}}, "a * b"));
  all.push_back(same("Div", "/", {{"a"}, {"b"}}, "a / b"));
  const std::pair<std::string_view, std::string_view> comparisons[] = {
      {"Gt", ">"}, {"Ge", ">="}, {"Lt", "<"}, {"Le", "<="}};
  for (const auto& [name, symbol] : comparisons)
    all.push_back(same(name, symbol, {{"a"}, {"b"}}, "The comparison.", ResultType::kTruth));
  all.push_back(same("Eq", "==", {{"a", kAnySeries}, {"b", kAnySeries}}, "a == b", ResultType::kTruth));
  all.push_back(same("Ne", "!=", {{"a", kAnySeries}, {"b", kAnySeries}}, "a != b", ResultType::kTruth));
  all.push_back(same("And", "and", {{"a", kTruthSeries}, {"b", kTruthSeries}}, "a and b", ResultType::kTruth));
  all.push_back(same("Or", "or", {{"a", kTruthSeries}, {"b", kTruthSeries}}, "a or b", ResultType::kTruth));
  all.push_back(same("Not", "not", {{"x", kTruthSeries}}, "not x", ResultType::kTruth));
  all.push_back(same("If", "?:", {{"c", kTruthSeries}, {"a", kAnySeries}, {"b", kAnySeries}}, "c ? a : b",
                     ResultType::kSameAsSeries));
  return all;
}

}  // namespace argosy::formula
