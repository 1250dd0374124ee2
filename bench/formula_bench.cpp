// What an operator costs: nanoseconds an element on one core, batch (a million rows) and streaming (row by row), median
// of 11 runs. Batch and streaming must agree bit for bit before anything is timed.
//
//   formula_bench [--json]
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/rng.hpp"
#include "formula/formula.hpp"

namespace {

namespace core = argosy::core;
namespace formula = argosy::formula;

constexpr std::size_t kRows = 1'000'000;
constexpr int kRuns = 11;

// TA-Lib's C core took this many nanoseconds an element over a million rows on a machine of this kind; 0: not measured.
struct Case {
  const char* formula;
  double ta_lib;
};
constexpr Case kCases[] = {
    {"close + open", 0},
    {"close > open", 0},
    {"close > open ? close : open", 0},
    {"close[20]", 0},
    {"log(close)", 0},
    {"sqrt(close)", 0},
    {"sma(close, 20)", 1.27},
    {"ema(close, 20)", 2.03},
    {"rma(close, 14)", 0},
    {"stddev(close, 20)", 0},
    {"bbands(close, 20, 2)", 6.18},
    {"min(close, 20)", 0},
    {"max(close, 200)", 0},
    {"rsi(close, 14)", 3.27},
    {"macd(close, 12, 26, 9)", 4.14},
    {"atr(14)", 1.30},
    {"roc(close, 10)", 0},
    {"cross_above(sma(close, 10), sma(close, 30))", 0},
};

struct Bars {
  std::vector<double> open, high, low, close;
};

Bars make_bars() {
  core::Rng rng(11);
  Bars bars;
  double last = 100;
  for (std::size_t i = 0; i < kRows; ++i) {
    const auto step = [&] { return static_cast<double>(rng.below(101)) / 100.0; };
    const double open = last;
    last = std::max(10.0, open + step() - 0.5);
    bars.open.push_back(open);
    bars.close.push_back(last);
    bars.high.push_back(std::max(open, last) + step() / 2);
    bars.low.push_back(std::min(open, last) - step() / 2);
  }
  return bars;
}

std::span<const double> column(const Bars& bars, std::string_view name) {
  if (name == "open") return bars.open;
  if (name == "high") return bars.high;
  return name == "low" ? bars.low : bars.close;
}

// One pass over all rows, `step` at a time; nanoseconds an element.
double pass(const formula::Plan& plan, const Bars& bars, std::vector<double>& out, std::size_t step) {
  const core::SystemClock clock;
  formula::Evaluator evaluator(plan);
  const auto fields = plan.fields();
  std::vector<std::span<const double>> columns(fields.size());
  for (std::size_t k = 0; k < fields.size(); ++k) columns[k] = column(bars, fields[k]);
  std::vector<std::span<const double>> in(columns.size());
  std::span<double> to[1];
  const auto start = clock.monotonic();
  for (std::size_t at = 0; at < kRows; at += step) {
    for (std::size_t k = 0; k < in.size(); ++k) in[k] = columns[k].subspan(at, step);
    to[0] = std::span(out).subspan(at, step);
    evaluator.evaluate(in, to, step);
  }
  return static_cast<double>((clock.monotonic() - start).count()) / static_cast<double>(kRows);
}

double median(const formula::Plan& plan, const Bars& bars, std::vector<double>& out, std::size_t step) {
  std::vector<double> times;
  times.reserve(kRuns);
  for (int i = 0; i < kRuns; ++i) times.push_back(pass(plan, bars, out, step));
  std::ranges::sort(times);
  return times[kRuns / 2];
}

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return std::ranges::equal(a, b, [](double x, double y) {
    return (std::isnan(x) && std::isnan(y)) || std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const bool as_json = argc > 1 && std::string_view(argv[1]) == "--json";
  const Bars bars = make_bars();
  core::JsonWriter json(2);
  json.begin_object().key("items").begin_array();
  if (!as_json)
    fmt::print("{:<46} {:>9} {:>10} {:>9} {:>6}\n", "ns an element", "batch", "streaming", "TA-Lib", "ratio");
  for (const Case& each : kCases) {
    const formula::Output output[] = {{"v", each.formula}};
    const auto plan = formula::compile(output);
    if (!plan) {
      fmt::print(stderr, "{}\n", plan.error().describe());
      return 1;
    }
    std::vector<double> batch(kRows);
    std::vector<double> streamed(kRows);
    pass(*plan, bars, batch, kRows);
    pass(*plan, bars, streamed, 1);
    if (!same(batch, streamed)) {
      fmt::print(stderr, "{}: batch and streaming differ\n", each.formula);
      return 1;
    }
    const double batch_ns = median(*plan, bars, batch, kRows);
    const double streaming_ns = median(*plan, bars, streamed, 1);
    json.begin_object().key("formula").value(each.formula).key("batch_ns").value(batch_ns);
    json.key("streaming_ns").value(streaming_ns).end_object();
    if (as_json) continue;
    const bool known = each.ta_lib > 0;
    fmt::print("{:<46} {:>9.2f} {:>10.2f} {:>9} {:>6}\n", each.formula, batch_ns, streaming_ns,
               known ? fmt::format("{:.2f}", each.ta_lib) : "",
               known ? fmt::format("{:.2f}", batch_ns / each.ta_lib) : "");
  }
  json.end_array().end_object();
  if (as_json) fmt::print("{}\n", std::move(json).take());
  return 0;
}
