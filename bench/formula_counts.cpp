// Ten formulas over the same rows, each in one pass over whole columns and one bar by bar, for a tool that counts
// instructions: bench/instruction_counts.py runs it in callgrind, which dumps its counters after each call of
// counted(). Prints a line for each call, in their order: the rows, "batch" or "streaming", the formula.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/rng.hpp"
#include "formula/formula.hpp"

namespace {

namespace core = argosy::core;
namespace formula = argosy::formula;

constexpr std::size_t kRows = 20'000;
constexpr std::size_t kStreamed = 4'000;

constexpr const char* kFormulas[] = {
    "sma(close, 20)",       "ema(close, 20)",  "rsi(close, 14)", "macd(close, 12, 26, 9)",  "atr(14)",
    "bbands(close, 20, 2)", "stoch(14, 3, 3)", "adx(14)",        "corr(close, volume, 20)", "median(close, 20)",
};

// Columns in the order of the plan's fields.
std::vector<std::vector<double>> bars_for(const formula::Plan& plan) {
  core::Rng rng(11);
  std::vector<std::vector<double>> columns(plan.fields().size());
  double last = 100;
  for (std::size_t i = 0; i < kRows; ++i) {
    const auto step = [&] { return static_cast<double>(rng.below(101)) / 100.0; };
    const double open = last;
    last = std::max(10.0, open + step() - 0.5);
    const double high = std::max(open, last) + step() / 2;
    const double low = std::min(open, last) - step() / 2;
    const double volume = step() * 1e6;
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const std::string& name = plan.fields()[k];
      columns[k].push_back(name == "high" ? high : name == "low" ? low : name == "volume" ? volume : last);
    }
  }
  return columns;
}

}  // namespace

// `step` rows a call. Not inlined, and found by its name.
extern "C" [[gnu::noinline]] void counted(formula::Evaluator& evaluator,
                                          const std::vector<std::vector<double>>& columns,
                                          std::vector<std::vector<double>>& results, std::size_t rows,
                                          std::size_t step) {
  std::vector<std::span<const double>> in(columns.size());
  std::vector<std::span<double>> out(results.size());
  for (std::size_t at = 0; at < rows; at += step) {
    for (std::size_t k = 0; k < in.size(); ++k) in[k] = std::span(columns[k]).subspan(at, step);
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = std::span(results[k]).subspan(at, step);
    evaluator.evaluate(in, out, step);
  }
}

int main() {
  for (const char* text : kFormulas) {
    const formula::Output output[] = {{.name = "v", .text = text, .all_outputs = true}};
    const auto plan = formula::compile(output);
    if (!plan) {
      fmt::print(stderr, "{}\n", plan.error().describe());
      return 1;
    }
    const auto columns = bars_for(*plan);
    std::vector<std::vector<double>> results(plan->outputs().size(), std::vector<double>(kRows));
    formula::Evaluator evaluator(*plan);
    counted(evaluator, columns, results, kRows, kRows);
    fmt::print("{} batch {}\n", kRows, text);
    formula::Evaluator streaming(*plan);
    counted(streaming, columns, results, kStreamed, 1);
    fmt::print("{} streaming {}\n", kStreamed, text);
  }
  return 0;
}
