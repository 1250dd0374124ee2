#include "strategy/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/check.hpp"
#include "core/text.hpp"
#include "formula/formula.hpp"

namespace argosy::strategy {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Rate;
using core::Result;

namespace {

enum class Kind : std::uint8_t {
  kCount,   // a whole number from 1 to `most`
  kShare,   // from 0 to 1
  kOffset,  // between -0.5 and 0.5, not 0
};

// Where a number goes. All of them fit: their bounds are far within those of a rate.
struct Target {
  std::string_view key;
  Kind kind = Kind::kShare;
  double most = 1;
  void (*set)(StrategyFile&, double) = nullptr;
};

std::int64_t whole(double value) { return static_cast<std::int64_t>(value); }
Rate rate(double value) { return Rate::from_double(value).value_or(Rate()); }

constexpr std::array<Target, 15> kTargets{{
    {"max_bars", Kind::kCount, 1e6, [](StrategyFile& file, double value) { file.max_bars = whole(value); }},
    {"minimum_confidence", Kind::kShare, 1, [](StrategyFile& file, double value) { file.minimum_confidence = value; }},
    {"size.risk", Kind::kShare, 1, [](StrategyFile& file, double value) { file.size.fraction = rate(value); }},
    {"size.target", Kind::kShare, 1, [](StrategyFile& file, double value) { file.size.fraction = rate(value); }},
    {"size.until", Kind::kShare, 1, [](StrategyFile& file, double value) { file.size.fraction = rate(value); }},
    {"size.cap", Kind::kShare, 1, [](StrategyFile& file, double value) { file.size.cap = rate(value); }},
    {"size.trades", Kind::kCount, 1e6, [](StrategyFile& file, double value) { file.size.least_trades = whole(value); }},
    {"order.limit_offset", Kind::kOffset, 0.5,
     [](StrategyFile& file, double value) { file.order.limit_offset = rate(value); }},
    {"order.stop_offset", Kind::kOffset, 0.5,
     [](StrategyFile& file, double value) { file.order.stop_offset = rate(value); }},
    {"rebalance.every", Kind::kCount, 1e5,
     [](StrategyFile& file, double value) { file.rebalance->bars = whole(value); }},
    {"rebalance.hold", Kind::kCount, 1e4,
     [](StrategyFile& file, double value) { file.rebalance->hold = whole(value); }},
    {"rebalance.weight", Kind::kShare, 1,
     [](StrategyFile& file, double value) { file.rebalance->weight = rate(value); }},
    {"interest", Kind::kShare, 1, [](StrategyFile& file, double value) { file.interest = rate(value); }},
    {"borrow.rate", Kind::kShare, 1, [](StrategyFile& file, double value) { file.borrow.rate = rate(value); }},
    {"rebalance.drift", Kind::kShare, 1, [](StrategyFile& file, double value) { file.rebalance->drift = rate(value); }},
}};

// Why a value cannot be meant, or nothing.
std::string find_fault(const Target& target, std::string_view name, double value) {
  switch (target.kind) {
    case Kind::kCount:
      if (value >= 1 && value <= target.most && value == std::floor(value)) return {};
      return fmt::format("{} is {}: a whole number from 1 to {:.0f} is expected", name, core::format_double(value),
                         target.most);
    case Kind::kShare:
      if (value >= 0 && value <= 1) return {};
      return fmt::format("{} is {}: it must lie between 0 and 1", name, core::format_double(value));
    case Kind::kOffset:
      // What is smaller than the smallest rate would be none at all.
      if (std::abs(value) < target.most && !rate(value).is_zero()) return {};
      return fmt::format("{} is {}: it must lie between -50% and 50% of the close, and not be 0", name,
                         core::format_double(value));
  }
  return {};
}

}  // namespace

Result<void> set_numbers(StrategyFile& strategy) {
  if (strategy.numbers.empty()) return {};
  formula::CompileOptions options{.file = strategy.file};
  for (const Parameter& parameter : strategy.parameters)
    options.parameters.emplace_back(parameter.name, parameter.value);
  for (const auto& [key, text] : strategy.numbers) {
    const auto target = std::ranges::find(kTargets, key, &Target::key);
    ARGOSY_CHECK(target != kTargets.end(), "a number called {}", key);
    const std::string_view name = std::string_view(key).substr(key.rfind('.') + 1);
    auto value = formula::constant(text, options);
    if (!value) {
      Error error = std::move(value).error();
      if (key == "rebalance.every")
        error = Error(ErrorCode::kInvalidArgument, fmt::format("every is \"{}\"", text))
                    .with_hint("it is week, month, quarter, year or a number of bars");
      return fail(strategy.locate(key, std::move(error)));
    }
    if (std::string fault = find_fault(*target, name, *value); !fault.empty()) {
      Error error(ErrorCode::kInvalidArgument, std::move(fault));
      if (target->kind == Kind::kShare) error = std::move(error).with_hint("60% is 0.6");
      return fail(strategy.locate(key, std::move(error)));
    }
    target->set(strategy, *value);
  }
  return {};
}

Result<Rate> parse_percent(std::string_view text, std::string_view what) {
  auto percent = Rate::parse(text);
  if (!percent || percent->is_negative() || *percent > Rate::from_integer(50)) {
    return fail(
        Error(ErrorCode::kInvalidArgument, fmt::format("{} is \"{}\": a number from 0 to 50 is expected", what, text))
            .with_hint("0.1 means a tenth of a percent of the traded amount"));
  }
  return core::scale(*percent, 1, 100, core::Rounding::kHalfEven);
}

Result<void> set_parameter(StrategyFile& strategy, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" sets nothing", assignment))
                    .with_hint("write --set name=value, for example --set fast=20"));
  }
  const std::string_view name = core::trim(assignment.substr(0, equals));
  const std::string_view text = core::trim(assignment.substr(equals + 1));
  const auto found = std::ranges::find(strategy.parameters, name, &Parameter::name);
  if (found == strategy.parameters.end()) {
    std::vector<std::string_view> names;
    for (const Parameter& parameter : strategy.parameters) names.push_back(parameter.name);
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("{} has no parameter \"{}\".{}", strategy.name, name,
                                                               core::did_you_mean(name, names))));
  }
  auto value = formula::constant(text);
  if (!value)
    return fail(
        Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a number for the parameter {}", text, name)));
  found->value = *value;
  return set_numbers(strategy);
}

}  // namespace argosy::strategy
