// Qlib's spelling: capitalised operators over the rows there are, from the first row on, with sample variance and with
// NaN left out of the window.
#include <algorithm>
#include <array>
#include <cmath>
#include <variant>
#include <vector>

#include "formula/operators/block_sums.hpp"
#include "formula/operators/extremes.hpp"
#include "formula/operators/order_window.hpp"
#include "formula/operators/registry.hpp"
#include "formula/operators/wide.hpp"
#include "formula/operators/window_kernels.hpp"

namespace argosy::formula {
namespace {

constexpr Windows kPartial = Windows::kPartial;
// Qlib takes a deviation up to this for none, so that a quotient of rounding errors is no correlation.
constexpr double kNoDeviation = 2e-5;

// A value of at least `fewest` rows.
double of_rows(double count, double fewest, double value) { return count < fewest ? kNaN : value; }

using Sum = SumsKernel<SumTerms, kPartial, [](const auto& w, double) { return of_rows(w.count, 1, w.sum[0]); }>;
using Skew =
    SumsKernel<PowerTerms<3>, kPartial, [](const auto& w, double) { return of_rows(w.count, 3, window_skew(w)); }>;
using Kurtosis =
    SumsKernel<PowerTerms<4>, kPartial, [](const auto& w, double) { return of_rows(w.count, 4, window_kurtosis(w)); }>;
using Covariance = SumsKernel<CovarianceTerms, kPartial,
                              [](const auto& w, double) { return of_rows(w.count, 2, window_covariance(w, 1)); }>;

struct Correlation final : Kernel {
  explicit Correlation(std::size_t n) : sums(n) {}
  // The roots and divisions wait for a piece of rows and are then taken several at a time.
  void run(const Chunk& chunk) override {
    double xx[kPiece];
    double yy[kPiece];
    double least[kPiece];
    for (std::size_t at = 0; at < chunk.rows; at += kPiece) {
      const std::size_t rows = std::min(kPiece, chunk.rows - at);
      const double* in[] = {chunk.in[0] + at, chunk.in[1] + at};
      double* __restrict out = chunk.out[0] + at;
      sums.run(in, rows, [a = &xx[0], b = &yy[0], limit = &least[0], out](std::size_t i, const auto& w) {
        a[i] = not_negative(centred(w.sum[3], w.sum[0], w.sum[0], w.inverse));
        b[i] = not_negative(centred(w.sum[4], w.sum[1], w.sum[1], w.inverse));
        out[i] = of_rows(w.count, 2, centred(w.sum[2], w.sum[0], w.sum[1], w.inverse));
        limit[i] = kNoDeviation * kNoDeviation * (w.count - 1);
      });
      for_rows(rows, [a = &xx[0], b = &yy[0], limit = &least[0], out](std::size_t i) {
        const double value = clean(correlation(a[i], b[i], out[i]));
        const double smaller = a[i] < b[i] ? a[i] : b[i];
        out[i] = smaller <= limit[i] ? kNaN : value;
      });
    }
  }
  void reset() override { sums.reset(); }
  void persist(StateArchive& archive) override { archive(sums); }

  static constexpr std::size_t kPiece = 64;
  BlockSums<CorrelationTerms, kPartial> sums;
};

// What one pass of sums says of a window. Those in front need fewer sums.
enum Statistic : std::uint32_t { kMean, kCount, kVariance, kDeviation, kSlope, kRsquare, kResidual };

template <class Terms>
struct Statistics final : Kernel {
  explicit Statistics(std::span<const Part> asked)
      : sums(static_cast<std::size_t>(asked[0].arguments[0])), parts(asked.begin(), asked.end()) {}
  void run(const Chunk& chunk) override {
    sums.run_pieces(chunk.in, chunk.rows, [&](std::size_t row, std::size_t count, const auto& window) {
      for (std::size_t k = 0; k < parts.size(); ++k)
        write(parts[k].output, chunk.in[0] + row, chunk.out[k] + row, count, window);
    });
  }
  void reset() override { sums.reset(); }
  void persist(StateArchive& archive) override { archive(sums); }

 private:
  template <class Window>
  static void write(std::uint32_t statistic, const double* __restrict x, double* __restrict out, std::size_t rows,
                    const Window& window) {
    const auto all = [&](double fewest, auto value) {
      for (std::size_t i = 0; i < rows; ++i) {
        const auto w = window(i);
        out[i] = clean(of_rows(w.count, fewest, value(w, x[i])));
      }
    };
    if (statistic == kMean) return all(1, [](const auto& w, double) { return w.mean(); });
    if (statistic == kCount) return all(0, [](const auto& w, double) { return w.count; });
    if constexpr (Terms::kTerms > 1) {
      if (statistic == kVariance || statistic == kDeviation) {
        all(2, [](const auto& w, double) { return window_variance(w, 1); });
        if (statistic == kDeviation) for_rows(rows, [out](std::size_t i) { out[i] = root(out[i]); });
        return;
      }
    }
    if constexpr (Terms::kTerms > 2) {
      if (statistic == kSlope) return all(2, [](const auto& w, double) { return window_line(w).slope; });
      if (statistic == kResidual) return all(2, [](const auto& w, double x) { return window_line(w).residual(x); });
      all(2, [](const auto& w, double) {
        const Line line = window_line(w);
        const double least = kNoDeviation * kNoDeviation * (w.count - 1);
        return line.squares <= least ? kNaN : line.rsquare();
      });
    }
  }

  BlockSums<Terms, kPartial> sums;
  std::vector<Part> parts;
};
std::unique_ptr<Kernel> share_sums(std::span<const Part> parts) {
  const std::uint32_t most = std::ranges::max_element(parts, {}, &Part::output)->output;
  if (most < kVariance) return std::make_unique<Statistics<MeanTerms>>(parts);
  if (most < kSlope) return std::make_unique<Statistics<VarianceTerms>>(parts);
  return std::make_unique<Statistics<TrendTerms<true>>>(parts);
}

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

template <class Window>
struct RankOf final : Kernel {
  explicit RankOf(std::size_t n) : window(n) {}
  void run(const Chunk& chunk) override {
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      const double x = chunk.in[0][i];
      window.push(x);
      chunk.out[0][i] = is_nan(x) ? kNaN : window_rank(window, x);
    }
  }
  void reset() override { window.reset(); }
  void persist(StateArchive& archive) override { archive(window); }

  Window window;
};

template <class Order>
using Rank = RankOf<OrderWindow<Order>>;

// Several quantiles of one window in the order of size; the share is the second argument.
template <class Order>
struct Quantiles final : Kernel {
  explicit Quantiles(std::span<const Part> parts) : window(static_cast<std::size_t>(parts[0].arguments[0])) {
    for (const Part& part : parts) shares.push_back(part.arguments.size() > 1 ? part.arguments[1] : 0.5);
    places.resize(shares.size(), QuantilePlace(0));
  }
  void run(const Chunk& chunk) override {
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      window.push(chunk.in[0][i]);
      if (window.count() != placed) place();
      for (std::size_t k = 0; k < places.size(); ++k)
        chunk.out[k][i] = placed == 0 ? kNaN : clean(places[k].of(window));
    }
  }
  void place() {
    placed = window.count();
    for (std::size_t k = 0; k < places.size() && placed > 0; ++k) places[k] = QuantilePlace(placed, shares[k]);
  }
  void reset() override { window.reset(); }
  void persist(StateArchive& archive) override { archive(window); }

  OrderWindow<Order> window;
  std::vector<double> shares;
  std::vector<QuantilePlace> places;  // for a window of `placed` rows: no state
  std::size_t placed = 0;
};
std::unique_ptr<Kernel> share_order(std::span<const Part> parts) {
  if (parts[0].arguments[0] <= static_cast<double>(kArrayRows)) return std::make_unique<Quantiles<SortedArray>>(parts);
  return std::make_unique<Quantiles<OrderTree>>(parts);
}

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

std::unique_ptr<Kernel> make_rank(Arguments arguments) {
  const auto n = static_cast<std::size_t>(arguments[0]);
  if (n <= CountedWindow::kRows) return std::make_unique<RankOf<CountedWindow>>(n);
  return make_ordered<Rank>(n);
}

std::size_t no_lookback(Arguments) { return 0; }

// One of the columns of a kernel that several operators share.
struct Shared {
  decltype(Operator::share) share;
  std::uint32_t part = 0;
};
struct Entry {
  std::string_view name;
  std::variant<decltype(Operator::make), Shared> made;
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
              .meaning = entry.meaning,
              .warm_up = "none: from the first row on, over the rows there are",
              .source = "Qlib data/ops.py"};
  if (const auto* shared = std::get_if<Shared>(&entry.made)) {
    op.share = shared->share;
    op.first_part = shared->part;
  } else {
    op.make = std::get<decltype(Operator::make)>(entry.made);
  }
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
      {"Mean", Shared{share_sums, kMean}, "The mean of the last n rows, NaN left out."},
      {"Sum", make_window_kernel<Sum>, "The sum of the last n rows, NaN left out."},
      {"Count", Shared{share_sums, kCount}, "How many of the last n rows are not NaN."},
      {"Std", Shared{share_sums, kDeviation},
       "The sample standard deviation of the last n rows, over one less than their number; NaN left out."},
      {"Var", Shared{share_sums, kVariance},
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
      {"Med", Shared{share_order}, "The median of the last n rows, NaN left out.", 1, Cost::kLogarithmic},
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

  Operator quantile = rolling({"Quantile", Shared{share_order},
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

  Operator line = rolling({"Line", Shared{share_sums, kSlope},
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
