#include "honesty/warm_up.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <span>
#include <string_view>

#include "formula/formula.hpp"

namespace argosy::honesty {
namespace {

constexpr std::array<std::size_t, 8> kHistories{25, 50, 100, 199, 399, 499, 999, 1999};
constexpr std::size_t kWhole = 10'000;  // rows that stand for the whole history
constexpr std::size_t kBars = 8;        // at which values are compared
// Sums over a window begin elsewhere, so their last bits differ: that is no memory.
constexpr double kRounding = 1e-9;

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The calls in a formula's text, such as "ema(close, 20)", outer ones first.
std::vector<std::string> calls_in(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (!is_word(c) || (at > 0 && is_word(text[at - 1])) || std::isdigit(static_cast<unsigned char>(c)) != 0) continue;
    std::size_t open = at;
    while (open < text.size() && is_word(text[open])) ++open;
    if (open == text.size() || text[open] != '(') continue;
    int depth = 0;
    for (std::size_t end = open; end < text.size(); ++end) {
      depth += text[end] == '(' ? 1 : text[end] == ')' ? -1 : 0;
      if (depth > 0) continue;
      out.emplace_back(text.substr(at, end + 1 - at));
      break;
    }
  }
  return out;
}

formula::CompileOptions options_of(const strategy::StrategyFile& strategy) {
  formula::CompileOptions options{.lets = strategy.shared_lets, .file = strategy.file};
  options.lets.insert(options.lets.end(), strategy.lets.begin(), strategy.lets.end());
  for (const strategy::Parameter& parameter : strategy.parameters)
    options.parameters.emplace_back(parameter.name, parameter.value);
  return options;
}

// All calls that are numbers of the symbol's own rows, each once.
std::vector<formula::Output> find_calls(const strategy::StrategyFile& strategy,
                                        const formula::CompileOptions& options) {
  std::vector<std::string> texts;
  for (const std::string& text : strategy.formulas) texts.push_back(text);
  for (const auto& [name, text] : strategy.lets) texts.push_back(text);
  std::vector<formula::Output> out;
  for (const std::string& text : texts) {
    for (const std::string& call : calls_in(text)) {
      if (std::ranges::find(out, call, &formula::Output::name) != out.end()) continue;
      const formula::Output output{.name = call, .text = call};
      const auto plan = formula::compile({&output, 1}, options);
      if (plan && plan->outputs()[0].type == formula::ValueType::kNumber && !plan->operators().empty())
        out.push_back(output);
    }
  }
  return out;
}

// The values of all outputs at the last of some rows.
std::vector<double> last_values(const formula::Plan& plan, const core::PanelSlice& slice, std::size_t from,
                                std::size_t end) {
  std::vector<std::span<const double>> fields;
  for (const auto& field : slice.fields) fields.push_back(field.subspan(from, end - from));
  std::vector<std::vector<double>> columns(plan.outputs().size(), std::vector<double>(end - from));
  const std::vector<std::span<double>> outputs(columns.begin(), columns.end());
  formula::Evaluator(plan).evaluate(fields, outputs, end - from);
  std::vector<double> out;
  for (const auto& column : columns) out.push_back(column.back());
  return out;
}

double relative_difference(double value, double whole) {
  if (std::isnan(whole)) return 0;
  if (std::isnan(value)) return value;
  const double difference = std::abs(value - whole);
  return difference == 0 ? 0 : difference / std::max(std::abs(whole), 1e-12);
}

void judge(MemoryOfFormula& formula) {
  bool tolerable = false;
  for (const MemoryAt& at : formula.differences) {
    if (at.difference > kRounding) formula.recursive = true;
    const bool now = at.difference <= kTolerable;
    if (now && !tolerable) formula.bars_needed = at.bars;
    if (!now) formula.bars_needed.reset();
    tolerable = now;
  }
  if (formula.recursive) return;
  for (MemoryAt& at : formula.differences) at.difference = std::isnan(at.difference) ? at.difference : 0;
}

}  // namespace

std::vector<MemoryOfFormula> find_memory(const strategy::StrategyFile& strategy, const data::SymbolData& symbol,
                                         data::PriceMode prices) {
  const formula::CompileOptions options = options_of(strategy);
  const std::vector<formula::Output> calls = find_calls(strategy, options);
  if (calls.empty()) return {};
  const auto plan = formula::compile(calls, options);
  if (!plan) return {};
  // The last rows stand for all of a long history.
  data::SymbolData last{.instrument = symbol.instrument, .timeframe = symbol.timeframe};
  const std::size_t skipped = symbol.bars.size() - std::min(symbol.bars.size(), kWhole);
  for (std::size_t row = skipped; row < symbol.bars.size(); ++row) last.bars.push_back(symbol.bars.at(row));
  const auto tail = [&](const std::vector<double>& factors) {
    return std::vector<double>(factors.begin() + static_cast<std::ptrdiff_t>(skipped), factors.end());
  };
  last.factors = {tail(symbol.factors.price), tail(symbol.factors.split)};
  const core::Panel panel = data::make_panel({&last, 1}, plan->fields(), prices);
  const core::PanelSlice slice = panel.entity(0);
  const std::size_t rows = slice.keys.size();

  std::vector<MemoryOfFormula> out;
  for (const formula::Output& call : calls) out.push_back({.formula = call.name});
  for (const std::size_t history : kHistories) {
    if (history >= rows) break;
    std::vector<double> largest(calls.size());
    for (std::size_t k = 0; k < kBars; ++k) {
      // From the last row back over the second half, as far as there is more history than that.
      const std::size_t end = rows - k * (rows - std::max(rows / 2, history + 1)) / kBars;
      const std::vector<double> whole = last_values(*plan, slice, 0, end);
      const std::vector<double> part = last_values(*plan, slice, end - history, end);
      for (std::size_t c = 0; c < calls.size(); ++c) {
        const double difference = relative_difference(part[c], whole[c]);
        if (std::isnan(difference) || difference > largest[c]) largest[c] = difference;
      }
    }
    for (std::size_t c = 0; c < calls.size(); ++c)
      out[c].differences.push_back({static_cast<std::int64_t>(history), largest[c]});
  }
  for (MemoryOfFormula& formula : out) judge(formula);
  return out;
}

}  // namespace argosy::honesty
