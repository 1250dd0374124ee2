// Bytes as texts: a formula, a formula behind names, a file of formulas. The first byte says which. What is refused is
// refused with a message; what is accepted compiles to the same plan again, also from the parser's own spelling, and
// runs.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "core/limits.hpp"
#include "formula/any_formula.hpp"
#include "formula/detail/parser.hpp"
#include "formula/formula.hpp"
#include "formula/formula_set.hpp"
#include "formula/program.hpp"
#include "harness.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace argosy::fuzz {
namespace {

using formula::CompileOptions;
using formula::Output;

constexpr std::size_t kRows = 40;
constexpr std::size_t kLongestWarmUp = 100'000;  // a plan may hold windows of ten million rows: too slow to run here

void run_plan(const formula::Plan& plan) {
  if (plan.warm_up() > kLongestWarmUp) return;
  std::vector<double> ramp(kRows);
  for (std::size_t i = 0; i < kRows; ++i) ramp[i] = static_cast<double>(i * 7 % 11);
  const std::vector<std::span<const double>> fields(plan.fields().size(), ramp);
  std::vector<std::vector<double>> columns(plan.outputs().size(), std::vector<double>(kRows));
  formula::Evaluator(plan).evaluate(fields, std::vector<std::span<double>>(columns.begin(), columns.end()), kRows);
  for (const std::vector<double>& column : columns) {
    if (std::ranges::any_of(column, [](double value) { return std::isinf(value); }))
      require("an output is infinite: " + plan.describe());
  }
}

// The text as the parser writes it means the same.
void respell(const Output& output, const CompileOptions& options, const formula::Program& program) {
  const auto tree = formula::parse({options.file, output.name, output.text});
  if (!tree) return require("what compiles does not parse");
  const std::string spelled = formula::to_text(*tree);
  const auto again = compile_program({{{output.name, spelled, output.all_outputs}}}, options);
  // With all its parentheses it may be too long, or nested too deeply.
  if (!again && (spelled.size() > core::limits::kFormulaLength || again.error().message.contains("levels deep")))
    return;
  if (!again) return require("refused when respelled as " + spelled + ": " + again.error().describe());
  if (again->describe() != program.describe()) require("another meaning when respelled as " + spelled);
}

void compile_all(std::span<const Output> outputs, const CompileOptions& options) {
  const auto program = compile_program(outputs, options);
  if (!program && program.error().describe().empty()) require("refused without a message");
  const auto plan = compile(outputs, options);
  if (!program) return require(plan ? "a plan, but no program" : "");
  const auto again = compile_program(outputs, options);
  if (!again || again->describe() != program->describe()) require("another program the second time");
  if (outputs.size() == 1) respell(outputs[0], options, *program);
  if (!plan) return;
  if (plan->fingerprint() != program->last().fingerprint()) require("compile and compile_program differ");
  run_plan(*plan);
}

// The last line is the formula, those before it names it may use: n1, n2, ...
void compile_lines(std::string_view text, CompileOptions options) {
  std::size_t count = 0;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    options.lets.emplace_back("n" + std::to_string(++count), std::string(text.substr(0, end)));
    text.remove_prefix(end + 1);
  }
  compile_all({{{"v", std::string(text)}}}, options);
}

void compile_set(std::string_view text, CompileOptions options) {
  const auto set = formula::parse_formula_set(text, "set.yaml");
  if (!set) return require(set.error().describe().empty() ? "a set is refused without a message" : "");
  options.lets = set->lets;
  compile_all(set->formulas, options);
}

// A word of the language, or a whole formula.
std::string any_text(std::span<const std::uint8_t> bytes) {
  formula::properties::Choices choices(bytes);
  const auto operators = formula::all_operators();
  const auto fields = formula::field_docs();
  const auto barriers = formula::barrier_operators();
  switch (choices.below(4)) {
    case 0:
      return std::string(operators[choices.below(operators.size())].name) + "(";
    case 1:
      return std::string(fields[choices.below(fields.size())].name);
    case 2:
      return std::string(barriers[choices.below(barriers.size())].signature);
    default:
      return formula::properties::AnyFormula(choices, {.barriers = true, .labels = true})
          .number(static_cast<int>(choices.below(3)));
  }
}

}  // namespace

void run(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return;
  const CompileOptions options{.parameters = {{"fast", 10}}, .labels = (bytes[0] & 4U) != 0};
  std::string text(bytes.begin() + 1, bytes.end());
  switch (bytes[0] % 4) {
    case 0:
      return compile_set(text, options);
    case 1:
      return compile_lines(text, options);
    default:
      if (const auto value = formula::constant(text, options); value && std::isinf(*value))
        require("an infinite constant");
      return compile_all({{{"v", std::move(text), (bytes[0] & 8U) != 0}}}, options);
  }
}

}  // namespace argosy::fuzz

// Bytes seldom become words by chance: one time in four a piece of the language is put in.
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
  if (seed % 4 != 0 || size == 0) return LLVMFuzzerMutate(data, size, max_size);
  argosy::core::Rng rng(seed);
  std::vector<std::uint8_t> decisions(64);
  for (std::uint8_t& each : decisions) each = static_cast<std::uint8_t>(rng.below(256));
  const std::string piece = argosy::fuzz::any_text(decisions);
  const std::size_t at = 1 + rng.below(size);
  if (size + piece.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::copy_backward(data + at, data + size, data + size + piece.size());
  std::ranges::copy(piece, data + at);
  return size + piece.size();
}
