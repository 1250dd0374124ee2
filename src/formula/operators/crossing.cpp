// Where one line crosses another, runs of highs and lows, and what happened since a condition was last true.
#include <algorithm>
#include <vector>

#include "formula/operators/registry.hpp"

namespace argosy::formula {
namespace {

struct Above {
  static bool crossed(double a, double b, double last_a, double last_b) { return (a > b) & (last_a <= last_b); }
};
struct Below {
  static bool crossed(double a, double b, double last_a, double last_b) { return (a < b) & (last_a >= last_b); }
};
struct Either {
  static bool crossed(double a, double b, double last_a, double last_b) {
    return Above::crossed(a, b, last_a, last_b) || Below::crossed(a, b, last_a, last_b);
  }
};

template <class Direction>
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
    const bool known = (now == now) & (before == before);
    return known ? (Direction::crossed(a, b, previous_a, previous_b) ? 1.0 : 0.0) : kNaN;
  }

  double last_a = kNaN;
  double last_b = kNaN;
};

template <bool kHighest>
struct MoreExtreme {
  static bool test(double x, double other) { return kHighest ? x > other : x < other; }
};

// Whether x is beyond each of the n rows before it. Kept are those of these rows that no later one reaches, a
// descending (ascending) row of values: x is beyond all of them when it is beyond every one that is kept.
template <bool kRising>
struct Run final : Kernel {
  struct Entry {
    double value = 0;
    std::size_t row = 0;
  };
  explicit Run(std::size_t rows) : n(rows), ring(rows) {}

  void run(const Chunk& chunk) override {
    for (std::size_t i = 0; i < chunk.rows; ++i) chunk.out[0][i] = next(chunk.in[0][i]);
  }
  double next(double x) {
    if (is_nan(x)) {
      reset();
      return kNaN;
    }
    if (held > 0 && ring[first].row + n < row) drop_first();
    while (held > 0 && MoreExtreme<kRising>::test(x, ring[last()].value)) --held;
    const double answer = row < n ? kNaN : held == 0 ? 1.0 : 0.0;
    if (held == n) drop_first();  // all n rows are kept, and the oldest leaves now
    ++held;
    ring[last()] = {x, row++};
    return answer;
  }
  [[nodiscard]] std::size_t last() const {
    const std::size_t at = first + held - 1;
    return at < n ? at : at - n;
  }
  void drop_first() {
    first = first + 1 < n ? first + 1 : 0;
    --held;
  }
  void reset() override { first = held = row = 0; }
  void persist(StateArchive& archive) override { archive(ring, first, held, row); }

  std::size_t n;
  std::vector<Entry> ring;  // by row: [first] is the oldest
  std::size_t first = 0;
  std::size_t held = 0;
  std::size_t row = 0;  // since the start or the last NaN
};

struct BarsSince final : Kernel {
  void run(const Chunk& chunk) override {
    const double* condition = chunk.in[0];
    double* __restrict out = chunk.out[0];
    double rows = count;
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      const double c = condition[i];
      rows = c == 1 ? 0 : rows + 1 + (c - c);
      out[i] = rows;
    }
    count = rows;
  }
  void reset() override { count = kNaN; }
  void persist(StateArchive& archive) override { archive(count); }

  double count = kNaN;
};

// The values of x at the last `occurrence + 1` rows where the condition was true.
struct ValueWhen final : Kernel {
  explicit ValueWhen(std::size_t occurrence) : ring(occurrence + 1, kNaN) {}

  void run(const Chunk& chunk) override {
    const double* condition = chunk.in[0];
    const double* x = chunk.in[1];
    double* __restrict out = chunk.out[0];
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      if (condition[i] == 1) {
        ring[oldest] = x[i];
        oldest = oldest + 1 < ring.size() ? oldest + 1 : 0;
      } else if (is_nan(condition[i])) {
        reset();
      }
      out[i] = ring[oldest];
    }
  }
  void reset() override {
    std::ranges::fill(ring, kNaN);
    oldest = 0;
  }
  void persist(StateArchive& archive) override { archive(ring, oldest); }

  std::vector<double> ring;
  std::size_t oldest = 0;
};

template <bool kHighest>
struct ExtremeSince final : Kernel {
  void run(const Chunk& chunk) override {
    const double* condition = chunk.in[0];
    const double* x = chunk.in[1];
    double* __restrict out = chunk.out[0];
    double held = extreme;
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      const double c = condition[i];
      // Once it is NaN it stays so until the condition is true again.
      const double more = MoreExtreme<kHighest>::test(x[i], held) ? x[i] : held;
      held = c == 1 ? x[i] : more + ((x[i] - x[i]) + (c - c));
      out[i] = held;
    }
    extreme = held;
  }
  void reset() override { extreme = kNaN; }
  void persist(StateArchive& archive) override { archive(extreme); }

  double extreme = kNaN;
};

std::size_t no_rows(Arguments) { return 0; }

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
          .source = "Pine ta.crossover, ta.crossunder, ta.cross; unknown (NaN) when any of the four values is"};
}

Operator run_of(std::string_view name, std::unique_ptr<Kernel> (*make)(Arguments), std::string_view meaning,
                std::string_view source) {
  return {.name = name,
          .family = "crossing",
          .parameters = {{"x"}, {"n", ParameterKind::kInteger}},
          .result = ResultType::kTruth,
          .memory = Memory::kWindow,
          .lookback = lag_lookback,
          .make = make,
          .meaning = meaning,
          .warm_up = "n rows",
          .source = source};
}

Operator since(std::string_view name, std::vector<Parameter> parameters, std::unique_ptr<Kernel> (*make)(Arguments),
               std::string_view meaning, std::string_view source) {
  return {.name = name,
          .family = "crossing",
          .parameters = std::move(parameters),
          .memory = Memory::kRecursive,
          .nan = NanRule::kOwn,
          .lookback = no_rows,
          .make = make,
          .meaning = meaning,
          .warm_up = "until the condition is true for the first time",
          .source = source};
}

}  // namespace

std::vector<Operator> crossing_operators() {
  using enum ParameterKind;
  const Parameter condition{"condition", kTruthSeries};
  std::vector<Operator> all = {
      crossing("cross_above", make_kernel<Cross<Above>>, "Whether a is above b now and was at most b one row ago."),
      crossing("cross_below", make_kernel<Cross<Below>>, "Whether a is below b now and was at least b one row ago."),
      crossing("crosses", make_kernel<Cross<Either>>,
               "Whether a crosses b in either direction: cross_above or cross_below."),
      run_of("rising", make_window_kernel<Run<true>>,
             "Whether x is above each of the n rows before it; these need not rise themselves.",
             "Pine ta.rising, which skips na; here NaN in the n + 1 rows makes the answer unknown"),
      run_of("falling", make_window_kernel<Run<false>>,
             "Whether x is below each of the n rows before it; these need not fall themselves.",
             "Pine ta.falling, which skips na; here NaN in the n + 1 rows makes the answer unknown"),
      since("bars_since", {condition}, make_kernel<BarsSince>,
            "Rows since the condition was last true, 0 where it is. NaN before it was ever true, and from a row where "
            "it is unknown until it is true again.",
            "Pine ta.barssince, for which unknown is false"),
      since(
          "value_when",
          {condition, {"x", kAnySeries}, {.name = "occurrence", .kind = kInteger, .standard = 0, .minimum = 0}},
          [](Arguments arguments) -> std::unique_ptr<Kernel> {
            return std::make_unique<ValueWhen>(static_cast<std::size_t>(arguments[0]));
          },
          "The value that x had when the condition was last true (0), the time before (1), and so on. NaN before it "
          "was true that often; a row where the condition is unknown makes all before it unknown.",
          "Pine ta.valuewhen, for which unknown is false"),
      since("highest_since", {condition, {"x"}}, make_kernel<ExtremeSince<true>>,
            "The highest x since the condition was last true, that row and this one included. NaN before it was ever "
            "true, and from a row where it or x is NaN until it is true again.",
            "max(x, n) with n the rows since the condition was true"),
      since("lowest_since", {condition, {"x"}}, make_kernel<ExtremeSince<false>>,
            "The lowest x since the condition was last true, that row and this one included. NaN before it was ever "
            "true, and from a row where it or x is NaN until it is true again.",
            "min(x, n) with n the rows since the condition was true"),
  };
  for (Operator& op : all) {
    if (op.name == "value_when") op.result = ResultType::kSameAsSeries;
  }
  return all;
}

}  // namespace argosy::formula
