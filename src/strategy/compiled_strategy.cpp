#include "strategy/compiled_strategy.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"

namespace argosy::strategy {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr std::array kEntries{Role::kBuy, Role::kShort};
constexpr std::array kExits{Role::kSell, Role::kCover};
constexpr std::array kValues{Role::kSize,  Role::kStopDistance, Role::kTargetDistance, Role::kTrailDistance,
                             Role::kLimit, Role::kStop,         Role::kConfidence,     Role::kRank};

}  // namespace

formula::CompileOptions formula_options(const StrategyFile& strategy) {
  formula::CompileOptions options{.lets = strategy.shared_lets, .file = strategy.file};
  options.lets.insert(options.lets.end(), strategy.lets.begin(), strategy.lets.end());
  // Sizes may depend on the confidence, by its name.
  const std::string& confidence = strategy.formula(Role::kConfidence);
  const auto named = [](const auto& let) { return let.first == "confidence"; };
  if (!confidence.empty() && std::ranges::none_of(options.lets, named))
    options.lets.emplace_back("confidence", confidence);
  for (const Parameter& parameter : strategy.parameters)
    options.parameters.emplace_back(parameter.name, parameter.value);
  return options;
}

namespace {

// A constant share of a price; none when the text is empty.
Result<core::Rate> level(const StrategyFile& strategy, std::string_view key, const std::string& text, double most) {
  if (text.empty()) return core::Rate();
  auto value = formula::constant(text, formula_options(strategy));
  if (!value) {
    Error error = std::move(value).error();
    if (error.hint.empty())
      error = std::move(error).with_hint(
          fmt::format("a distance that moves is written {}: {{distance: 2 * atr(14)}}", key));
    return fail(strategy.locate(key, std::move(error)));
  }
  if (!(*value > 0 && *value < most)) {
    return fail(strategy.locate(key, Error(ErrorCode::kInvalidArgument,
                                           fmt::format("{} is {} of the entry price", key, core::format_double(*value)))
                                         .with_hint(fmt::format("write a percentage such as {}: 8%", key))));
  }
  return core::Rate::from_double(*value);
}

using Outputs = std::vector<formula::Output>;

void append(Outputs& outputs, const StrategyFile& strategy, std::span<const Role> roles) {
  for (const Role role : roles) {
    if (!strategy.formula(role).empty())
      outputs.push_back({.name = std::string(to_string(role)), .text = strategy.formula(role)});
  }
}

// Which formula is wrong is found by compiling them one by one: errors are rare, so this may be slow.
Error first_error(const StrategyFile& strategy, const Outputs& outputs, const Outputs& exits, Error error) {
  const formula::CompileOptions options = formula_options(strategy);
  formula::CompileOptions partial{.parameters = options.parameters, .file = options.file};
  for (const auto& let : options.lets) {
    if (auto one = formula::compile_exits({}, std::array{formula::Output{let.first, let.second}}, partial); !one)
      return strategy.locate(let.first == "confidence" ? let.first : "let." + let.first, std::move(one).error());
    partial.lets.push_back(let);
  }
  for (const formula::Output& output : outputs) {
    if (auto one = formula::compile_exits({&output, 1}, {}, options); !one)
      return strategy.locate(output.name, std::move(one).error());
  }
  for (const formula::Output& exit : exits) {
    if (auto one = formula::compile_exits({}, {&exit, 1}, options); !one)
      return strategy.locate(exit.name, std::move(one).error());
  }
  return error;
}

Result<void> check_type(const StrategyFile& strategy, const formula::OutputColumn& column, bool condition) {
  if ((column.type == formula::ValueType::kTruth) == condition) return {};
  if (condition) {
    return fail(strategy.locate(
        column.name, Error(ErrorCode::kInvalidArgument,
                           fmt::format("{} is a number; a condition that is true or false is expected", column.name))
                         .with_hint("compare it with something, for example `rsi(close, 14) < 30`")));
  }
  return fail(strategy.locate(column.name, Error(ErrorCode::kInvalidArgument,
                                                 fmt::format("{} is a condition; a number is expected", column.name))
                                               .with_hint("choose between two numbers with `condition ? 1 : 0`")));
}

// Finds what each output of the data part is, and checks its type.
Result<void> find_roles(const StrategyFile& strategy, CompiledStrategy& compiled) {
  const auto outputs = compiled.plan().outputs();
  compiled.first_exit_output = static_cast<std::size_t>(
      std::ranges::find_if(outputs, [](const auto& output) { return output.name.starts_with('#'); }) - outputs.begin());
  auto column = static_cast<std::uint32_t>(outputs.size() - compiled.first_exit_output);
  for (std::size_t k = 0; k < compiled.first_exit_output; ++k) {
    for (std::size_t r = 0; r < kRoleCount; ++r) {
      if (outputs[k].name != to_string(static_cast<Role>(r))) continue;
      const bool condition = r < kConditionCount;
      ARGOSY_TRY_VOID(check_type(strategy, outputs[k], condition));
      if (condition) compiled.conditions[r] = k;
      if (!condition) compiled.columns[r] = column++;
    }
  }
  return {};
}

}  // namespace

Result<CompiledStrategy> compile_strategy(const StrategyFile& strategy) {
  Outputs outputs;
  append(outputs, strategy, kEntries);
  append(outputs, strategy, kValues);
  Outputs exits;
  append(exits, strategy, kExits);
  auto program = formula::compile_exits(outputs, exits, formula_options(strategy));
  if (!program) return fail(first_error(strategy, outputs, exits, std::move(program).error()));
  CompiledStrategy compiled{.program = std::move(program->data), .exit = std::move(program->position)};
  ARGOSY_TRY_VOID(find_roles(strategy, compiled));
  if (compiled.exit) {
    for (const formula::OutputColumn& column : compiled.exit->outputs())
      ARGOSY_TRY_VOID(check_type(strategy, column, true));
  }
  ARGOSY_TRY(compiled.bracket, constant_bracket(strategy));
  return compiled;
}

Result<trading::Bracket> constant_bracket(const StrategyFile& strategy) {
  trading::Bracket bracket;
  ARGOSY_TRY(bracket.stop_loss.ratio, level(strategy, "stop_loss", strategy.stop_loss, 1.0));
  ARGOSY_TRY(bracket.take_profit.ratio, level(strategy, "take_profit", strategy.take_profit, 100.0));
  ARGOSY_TRY(bracket.trailing_stop.ratio, level(strategy, "trailing_stop", strategy.trailing_stop, 1.0));
  return bracket;
}

}  // namespace argosy::strategy
