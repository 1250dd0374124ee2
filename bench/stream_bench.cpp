// What live trading pays for formulas, a bar at a time: one plan of 50 formulas, and 20 formulas of 10,000 symbols on
// one thread and on all. What was streamed must equal whole columns bit for bit.
//
//   stream_bench [--json]
#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "core/rng.hpp"
#include "formula/formula_set.hpp"

namespace {

namespace core = argosy::core;
namespace formula = argosy::formula;

constexpr std::size_t kWarmUp = 300;   // bars before any is timed: the longest window has 252
constexpr std::size_t kBars = 10'000;  // of one symbol, a run
constexpr int kRuns = 11;
constexpr std::size_t kSymbols = 10'000;
constexpr std::size_t kTimedBars = 25;  // of all symbols
constexpr std::size_t kFormulas = 50;
constexpr std::size_t kFormulasEach = 20;
constexpr double kGoalMicroseconds = 2;   // a bar of the one plan
constexpr double kGoalMilliseconds = 20;  // a bar of all symbols on two cores

// The set `technical` and, to make fifty, the usual indicators that it lacks.
constexpr std::pair<const char*, const char*> kMore[] = {
    {"rsi_7", "rsi(close, 7)"},
    {"roc_10", "roc(close, 10)"},
    {"wma_20", "wma(close, 20) / close"},
    {"hma_16", "hma(close, 16) / close"},
    {"dema_20", "dema(close, 20) / close"},
    {"tema_20", "tema(close, 20) / close"},
    {"stochrsi", "stochrsi(close, 14, 5, 3).k"},
    {"supertrend", "close / supertrend(10, 3) - 1"},
    {"sar", "close / sar(0.02, 0.2) - 1"},
    {"zscore_20", "zscore(close, 20)"},
    {"median_20", "close / median(close, 20) - 1"},
    {"golden_cross", "cross_above(sma(close, 50), sma(close, 200))"},
};

// Bars of one symbol; every symbol has the walk of its own seed.
struct Walk {
  explicit Walk(std::uint64_t seed) : rng(seed) {}
  void next() {
    open = close;
    close = std::max(10.0, open + step() - 0.5);
    high = std::max(open, close) + step() / 2;
    low = std::min(open, close) - step() / 2;
    volume = static_cast<double>(1 + rng.below(1'000'000));
  }
  [[nodiscard]] double field(std::string_view name) const {
    if (name == "open") return open;
    if (name == "high") return high;
    if (name == "low") return low;
    return name == "volume" ? volume : close;
  }
  double step() { return static_cast<double>(rng.below(101)) / 100.0; }
  core::Rng rng;
  double open = 100, high = 100, low = 100, close = 100, volume = 0;
};

// [field or output][row]
using Columns = std::vector<std::vector<double>>;

Columns bars_of(const formula::Plan& plan, std::uint64_t seed, std::size_t rows) {
  Columns columns(plan.fields().size(), std::vector<double>(rows));
  Walk walk(seed);
  for (std::size_t i = 0; i < rows; ++i) {
    walk.next();
    for (std::size_t k = 0; k < columns.size(); ++k) columns[k][i] = walk.field(plan.fields()[k]);
  }
  return columns;
}

Columns in_batch(const formula::Plan& plan, const Columns& bars) {
  Columns out(plan.outputs().size(), std::vector<double>(bars[0].size()));
  const std::vector<std::span<const double>> from(bars.begin(), bars.end());
  const std::vector<std::span<double>> to(out.begin(), out.end());
  formula::Evaluator(plan).evaluate(from, to, bars[0].size());
  return out;
}

bool same(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

core::Result<formula::Plan> make_plan(std::size_t count) {
  const std::string file = ARGOSY_SAMPLES "/formulas/technical.yaml";
  ARGOSY_TRY(const std::string text, core::system_files().read(file));
  ARGOSY_TRY(formula::FormulaSet set, formula::parse_formula_set(text, file));
  for (const auto& [name, formula] : kMore) set.formulas.push_back({.name = name, .text = formula});
  if (set.formulas.size() < count)
    return core::fail(core::ErrorCode::kInvalidArgument, fmt::format("{} formulas", set.formulas.size()));
  set.formulas.resize(count);
  return formula::compile(set.formulas, {.lets = set.lets});
}

core::Error differs(std::string_view what) {
  return core::Error(core::ErrorCode::kCorrupt,
                     fmt::format("{}: bar by bar gives other values than whole columns", what));
}

// Microseconds of the processor a bar, median of the runs.
core::Result<double> time_one_plan() {
  ARGOSY_TRY(const formula::Plan plan, make_plan(kFormulas));
  const std::size_t rows = kWarmUp + kBars;
  const Columns bars = bars_of(plan, 1, rows);
  const Columns whole = in_batch(plan, bars);
  Columns streamed(plan.outputs().size(), std::vector<double>(rows));
  std::vector<std::span<const double>> from(bars.size());
  std::vector<std::span<double>> to(streamed.size());
  std::vector<double> times;
  for (int run = 0; run < kRuns; ++run) {
    formula::Evaluator evaluator(plan);
    std::clock_t start{};
    for (std::size_t i = 0; i < rows; ++i) {
      if (i == kWarmUp) start = std::clock();
      for (std::size_t k = 0; k < from.size(); ++k) from[k] = std::span(&bars[k][i], 1);
      for (std::size_t k = 0; k < to.size(); ++k) to[k] = std::span(&streamed[k][i], 1);
      evaluator.evaluate(from, to, 1);
    }
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    times.push_back(seconds * 1e6 / static_cast<double>(kBars));
  }
  for (std::size_t k = 0; k < whole.size(); ++k) {
    if (!std::ranges::equal(whole[k], streamed[k], same)) return core::fail(differs(plan.outputs()[k].name));
  }
  return median(times);
}

// All symbols, each with an evaluator of its own; a bar of all is a row of fields and a row of outputs for each.
class Market {
 public:
  explicit Market(const formula::Plan& plan)
      : plan_(plan), bar_(kSymbols * plan.fields().size()), out_(kSymbols * plan.outputs().size()) {
    for (std::size_t s = 0; s < kSymbols; ++s) {
      walks_.emplace_back(s);
      evaluators_.emplace_back(plan);
    }
  }

  void next_bar() {
    const auto fields = plan_.fields();
    for (std::size_t s = 0; s < kSymbols; ++s) {
      walks_[s].next();
      for (std::size_t k = 0; k < fields.size(); ++k) bar_[s * fields.size() + k] = walks_[s].field(fields[k]);
    }
  }

  void evaluate() {
    const std::size_t fields = plan_.fields().size();
    const std::size_t outputs = plan_.outputs().size();
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, kSymbols, 64), [&](const auto& symbols) {
      std::vector<std::span<const double>> from(fields);
      std::vector<std::span<double>> to(outputs);
      for (std::size_t s = symbols.begin(); s < symbols.end(); ++s) {
        for (std::size_t k = 0; k < fields; ++k) from[k] = std::span(&bar_[s * fields + k], 1);
        for (std::size_t k = 0; k < outputs; ++k) to[k] = std::span(&out_[s * outputs + k], 1);
        evaluators_[s].evaluate(from, to, 1);
      }
    });
  }

  [[nodiscard]] double output(std::size_t symbol, std::size_t k) const {
    return out_[symbol * plan_.outputs().size() + k];
  }

 private:
  const formula::Plan& plan_;
  std::vector<Walk> walks_;
  std::vector<formula::Evaluator> evaluators_;
  std::vector<double> bar_;  // [symbol][field]
  std::vector<double> out_;  // [symbol][output]
};

// Milliseconds a bar of all symbols.
struct BarTimes {
  double one_thread = 0;   // median
  double all_threads = 0;  // median
  double slowest = 0;      // on all threads
  double processors = 0;   // of all threads together, median: the same however busy the machine is
};

core::Result<BarTimes> time_all_symbols() {
  const core::SystemClock clock;
  ARGOSY_TRY(const formula::Plan plan, make_plan(kFormulasEach));
  Market market(plan);
  const auto all = static_cast<std::size_t>(tbb::this_task_arena::max_concurrency());
  std::vector<double> times[2];
  std::vector<double> used;
  for (std::size_t bar = 0; bar < kWarmUp + 2 * kTimedBars; ++bar) {
    market.next_bar();
    const bool alone = bar % 2 == 0;
    const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, alone && bar >= kWarmUp ? 1 : all);
    const auto start = clock.monotonic();
    const std::clock_t before = std::clock();
    market.evaluate();
    if (bar < kWarmUp) continue;
    used.push_back(static_cast<double>(std::clock() - before) * 1e3 / CLOCKS_PER_SEC);
    times[alone ? 0 : 1].push_back(static_cast<double>((clock.monotonic() - start).count()) / 1e6);
  }
  for (std::size_t s = 0; s < kSymbols; s += 997) {
    const Columns whole = in_batch(plan, bars_of(plan, s, kWarmUp + 2 * kTimedBars));
    for (std::size_t k = 0; k < whole.size(); ++k) {
      if (!same(whole[k].back(), market.output(s, k))) return core::fail(differs(plan.outputs()[k].name));
    }
  }
  return BarTimes{median(times[0]), median(times[1]), std::ranges::max(times[1]), median(used)};
}

core::Result<void> run(bool as_json) {
  ARGOSY_TRY(const double one, time_one_plan());
  ARGOSY_TRY(const auto all, time_all_symbols());
  if (as_json) {
    core::JsonWriter json(2);
    json.begin_object().key("plan_of_50_us").value(one).key("symbols_one_thread_ms").value(all.one_thread);
    json.key("symbols_all_threads_ms").value(all.all_threads);
    json.key("slowest_bar_ms").value(all.slowest);
    json.key("symbols_processors_ms").value(all.processors).end_object();
    fmt::print("{}\n", std::move(json).take());
    return {};
  }
  fmt::print("{:<58} {:>8.2f} us   goal {:>3} us: {:.2f} of it\n",
             fmt::format("a bar of one plan of {} formulas", kFormulas), one, kGoalMicroseconds,
             one / kGoalMicroseconds);
  const std::string what = fmt::format("a bar of {} symbols x {} formulas", kSymbols, kFormulasEach);
  fmt::print("{:<58} {:>8.2f} ms\n", what + ", one thread", all.one_thread);
  fmt::print("{:<58} {:>8.2f} ms   goal {:>3} ms: {:.2f} of it; slowest bar {:.2f} ms; {:.2f} ms of processors\n",
             fmt::format("{}, {} threads", what, tbb::this_task_arena::max_concurrency()), all.all_threads,
             kGoalMilliseconds, all.all_threads / kGoalMilliseconds, all.slowest, all.processors);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const auto done = run(argc > 1 && std::string_view(argv[1]) == "--json");
  if (done) return 0;
  fmt::print(stderr, "{}\n", done.error().describe());
  return 1;
}
