#include "strategy/strategy_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "core/yaml.hpp"
#include "market/instrument.hpp"

namespace argosy::strategy {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using core::YamlEntry;
using core::YamlNode;

namespace {

constexpr std::array<std::string_view, 14> kKeys{
    "name", "description", "timeframe", "symbols",   "params",      "let_files",          "let",
    "buy",  "sell",        "size",      "stop_loss", "take_profit", "commission_percent", "fees"};

// Reads one file; every error knows where it stands.
class Reader {
 public:
  Reader(std::string_view text, std::string_view file, const StrategyReaders& readers) : readers_(readers) {
    strategy_.file = file;
    strategy_.text = text;
  }

  Result<StrategyFile> read() {
    ARGOSY_TRY(const YamlNode root, core::parse_yaml(strategy_.text, strategy_.file));
    if (root.kind != YamlNode::Kind::kMapping) {
      return fail(Error(ErrorCode::kInvalidArgument, "a strategy file is a mapping of keys such as name, buy and sell")
                      .at(strategy_.file, 1, 1)
                      .with_hint("see samples/strategies/golden_cross.yaml"));
    }
    for (const YamlEntry& entry : root.entries) ARGOSY_TRY_VOID(read_key(entry));
    if (strategy_.name.empty()) return missing("name");
    if (strategy_.buy.empty()) return missing("buy");
    if (strategy_.sell.empty() && strategy_.stop_loss.empty() && strategy_.take_profit.empty()) {
      return fail(
          Error(ErrorCode::kInvalidArgument, "nothing ever sells: sell, stop_loss and take_profit are all missing")
              .at(strategy_.file)
              .with_hint("add a sell formula, for example `sell: cross_below(close, sma(close, 50))`"));
    }
    ARGOSY_TRY_VOID(compile_strategy(strategy_));
    return std::move(strategy_);
  }

 private:
  std::unexpected<Error> missing(std::string_view key) const {
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("the key \"{}\" is missing", key)).at(strategy_.file));
  }
  std::unexpected<Error> at(const YamlNode& node, std::string message, std::string hint = {}) const {
    return fail(Error(ErrorCode::kInvalidArgument, std::move(message))
                    .at(strategy_.file, node.line, node.column)
                    .with_hint(std::move(hint)));
  }

  Result<std::string> scalar(const YamlEntry& entry) const {
    if (entry.value.kind != YamlNode::Kind::kScalar || entry.value.scalar.empty()) {
      return at(entry.value, fmt::format("{} must be a single value", entry.key));
    }
    return entry.value.scalar;
  }

  Result<void> read_formula(const YamlEntry& entry, std::string& into) {
    ARGOSY_TRY(into, scalar(entry));
    strategy_.places.push_back({entry.key, entry.value.line, entry.value.column});
    return {};
  }

  Result<void> read_key(const YamlEntry& entry) {
    const std::string& key = entry.key;
    if (key == "name") return assign(strategy_.name, scalar(entry));
    if (key == "description") return assign(strategy_.description, scalar(entry));
    if (key == "timeframe") return read_timeframe(entry);
    if (key == "symbols") return read_symbols(entry);
    if (key == "params") return read_parameters(entry);
    if (key == "let_files") return read_let_files(entry);
    if (key == "let") return read_lets(entry);
    if (key == "buy") return read_formula(entry, strategy_.buy);
    if (key == "sell") return read_formula(entry, strategy_.sell);
    if (key == "size") return read_size(entry);
    if (key == "stop_loss") return read_formula(entry, strategy_.stop_loss);
    if (key == "take_profit") return read_formula(entry, strategy_.take_profit);
    if (key == "commission_percent") return read_commission(entry);
    if (key == "fees") return read_fees(entry);
    return fail(
        Error(ErrorCode::kInvalidArgument, fmt::format("unknown key \"{}\".{}", key, core::did_you_mean(key, kKeys)))
            .at(strategy_.file, entry.key_line, entry.key_column));
  }

  static Result<void> assign(std::string& into, Result<std::string> from) {
    ARGOSY_TRY(into, std::move(from));
    return {};
  }

  Result<void> read_timeframe(const YamlEntry& entry) {
    ARGOSY_TRY(const std::string text, scalar(entry));
    auto timeframe = market::Timeframe::parse(text);
    if (!timeframe) return at(entry.value, timeframe.error().message, timeframe.error().hint);
    strategy_.timeframe = *timeframe;
    return {};
  }

  Result<void> read_symbols(const YamlEntry& entry) {
    if (entry.value.kind != YamlNode::Kind::kSequence)
      return at(entry.value, "symbols must be a list, for example [AAPL, MSFT]");
    for (const YamlNode& item : entry.value.items) {
      auto symbol = market::check_symbol(item.scalar);
      if (!symbol) return at(item, symbol.error().message, symbol.error().hint);
      if (std::ranges::find(strategy_.symbols, *symbol) != strategy_.symbols.end())
        return at(item, fmt::format("{} is listed twice", *symbol));
      strategy_.symbols.push_back(*symbol);
    }
    return {};
  }

  Result<double> number(const YamlNode& node, std::string_view what) const {
    if (node.kind != YamlNode::Kind::kScalar) return at(node, fmt::format("{} must be a number", what));
    auto value = formula::constant(node.scalar);
    if (!value) return at(node, fmt::format("{} must be a number, not \"{}\"", what, node.scalar));
    return *value;
  }

  Result<void> read_parameters(const YamlEntry& entry) {
    if (entry.value.kind != YamlNode::Kind::kMapping)
      return at(entry.value, "params must be a mapping of names to numbers");
    for (const YamlEntry& item : entry.value.entries) {
      Parameter parameter{.name = item.key};
      if (item.value.kind == YamlNode::Kind::kMapping) {
        ARGOSY_TRY_VOID(read_range(item, parameter));
      } else {
        ARGOSY_TRY(parameter.value, number(item.value, item.key));
      }
      strategy_.parameters.push_back(std::move(parameter));
    }
    return {};
  }

  Result<void> read_range(const YamlEntry& item, Parameter& parameter) {
    constexpr std::array<std::string_view, 3> kRangeKeys{"default", "range", "step"};
    for (const YamlEntry& part : item.value.entries) {
      if (std::ranges::find(kRangeKeys, part.key) == kRangeKeys.end()) {
        return fail(Error(ErrorCode::kInvalidArgument,
                          fmt::format("unknown key \"{}\".{}", part.key, core::did_you_mean(part.key, kRangeKeys)))
                        .at(strategy_.file, part.key_line, part.key_column));
      }
    }
    const YamlNode* standard = item.value.find("default");
    const YamlNode* range = item.value.find("range");
    const YamlNode* step = item.value.find("step");
    if (standard == nullptr) return at(item.value, fmt::format("the parameter {} has no default", item.key));
    ARGOSY_TRY(parameter.value, number(*standard, "default"));
    if (range == nullptr) return {};
    if (range->kind != YamlNode::Kind::kSequence || range->items.size() != 2)
      return at(*range, "range must be two numbers, for example [5, 100]");
    Parameter::Range limits;
    ARGOSY_TRY(limits.from, number(range->items[0], "range"));
    ARGOSY_TRY(limits.to, number(range->items[1], "range"));
    if (step != nullptr) {
      ARGOSY_TRY(limits.step, number(*step, "step"));
    }
    if (!(limits.from < limits.to)) return at(*range, "the range must ascend");
    if (limits.step < 0) return at(*step, "the step must not be negative");
    if (parameter.value < limits.from || parameter.value > limits.to)
      return at(*standard, "the default lies outside the range");
    parameter.range = limits;
    return {};
  }

  Result<void> read_let_files(const YamlEntry& entry) {
    if (entry.value.kind != YamlNode::Kind::kSequence)
      return at(entry.value, "let_files must be a list of files, for example [common.yaml]");
    if (!readers_.lets) return at(entry.value, "files of names cannot be read here");
    for (const YamlNode& item : entry.value.items) {
      auto set = readers_.lets(item.scalar);
      if (!set) {
        // A file that is missing is an error of this line; what is wrong within a file has its own place.
        if (!set.error().file.empty()) return fail(std::move(set).error());
        return at(item, set.error().message, set.error().hint);
      }
      strategy_.let_files.push_back(item.scalar);
      std::ranges::move(set->lets, std::back_inserter(strategy_.shared_lets));
    }
    return {};
  }

  Result<void> read_lets(const YamlEntry& entry) {
    if (entry.value.kind != YamlNode::Kind::kMapping)
      return at(entry.value, "let must be a mapping of names to formulas");
    for (const YamlEntry& item : entry.value.entries) {
      ARGOSY_TRY(std::string text, scalar(item));
      strategy_.places.push_back({"let." + item.key, item.value.line, item.value.column});
      strategy_.lets.emplace_back(item.key, std::move(text));
    }
    return {};
  }

  Result<void> read_size(const YamlEntry& entry) {
    constexpr std::array<std::string_view, 3> kKinds{"shares", "cash", "percent"};
    const char* hint = "write one of {shares: 100}, {cash: 10000}, {percent: 20}";
    if (entry.value.kind != YamlNode::Kind::kMapping || entry.value.entries.size() != 1)
      return at(entry.value, "size must name one kind and its number", hint);
    const YamlEntry& item = entry.value.entries.front();
    if (std::ranges::find(kKinds, item.key) == kKinds.end()) {
      return fail(Error(ErrorCode::kInvalidArgument,
                        fmt::format("unknown size \"{}\".{}", item.key, core::did_you_mean(item.key, kKinds)))
                      .at(strategy_.file, item.key_line, item.key_column)
                      .with_hint(hint));
    }
    ARGOSY_TRY(const std::string text, scalar(item));
    const auto positive = [&](auto amount) -> bool { return amount && amount->is_positive(); };
    if (item.key == "shares") {
      const auto shares = core::Quantity::parse(text);
      if (!positive(shares)) return at(item.value, fmt::format("\"{}\" is not a number of shares above 0", text));
      strategy_.size = {.kind = trading::SizeKind::kShares, .shares = *shares};
    } else if (item.key == "cash") {
      const auto cash = core::Money::parse(text);
      if (!positive(cash)) return at(item.value, fmt::format("\"{}\" is not an amount of cash above 0", text));
      strategy_.size = {.kind = trading::SizeKind::kCash, .cash = *cash};
    } else {
      const auto percent = core::Rate::parse(text);
      if (!positive(percent) || *percent > core::Rate::from_integer(100)) {
        return at(item.value, fmt::format("\"{}\" is not a percentage of the equity between 0 and 100", text));
      }
      strategy_.size = {.kind = trading::SizeKind::kPercent,
                        .fraction = core::scale(*percent, 1, 100, core::Rounding::kHalfEven)};
    }
    return {};
  }

  Result<void> read_commission(const YamlEntry& entry) {
    ARGOSY_TRY(const std::string text, scalar(entry));
    auto rate = parse_percent(text, "commission_percent");
    if (!rate) return at(entry.value, rate.error().message, rate.error().hint);
    strategy_.fees = trading::FeeSchedule::percent(*rate);
    return costs_once(entry);
  }

  Result<void> read_fees(const YamlEntry& entry) {
    ARGOSY_TRY(const std::string text, scalar(entry));
    const bool named = text != "free" && text.find(':') == std::string::npos;
    if (named && !readers_.fees) return at(entry.value, "files of fees cannot be read here");
    auto fees = trading::find_fees(text, readers_.fees);
    if (!fees) return at(entry.value, fees.error().message, fees.error().hint);
    strategy_.fees = *std::move(fees);
    return costs_once(entry);
  }

  Result<void> costs_once(const YamlEntry& entry) {
    if (has_costs_) return at(entry.value, "write fees or commission_percent, not both");
    has_costs_ = true;
    return {};
  }

  const StrategyReaders& readers_;
  bool has_costs_ = false;  // fees or commission_percent were read
  StrategyFile strategy_;
};

formula::CompileOptions compile_options(const StrategyFile& strategy) {
  formula::CompileOptions options{.lets = strategy.shared_lets, .file = strategy.file};
  options.lets.insert(options.lets.end(), strategy.lets.begin(), strategy.lets.end());
  for (const Parameter& parameter : strategy.parameters)
    options.parameters.emplace_back(parameter.name, parameter.value);
  return options;
}

// A formula's error, moved to where the formula stands in the strategy file.
Error in_file(const StrategyFile& strategy, std::string_view key, Error error) {
  for (const StrategyFile::Place& place : strategy.places) {
    if (place.key == key) {
      return std::move(error).at(strategy.file, place.line, place.column).in_field(std::string(key));
    }
  }
  return error;
}

Result<core::Rate> level(const StrategyFile& strategy, std::string_view key, const std::string& text, double most) {
  if (text.empty()) return core::Rate();
  auto value = formula::constant(text, compile_options(strategy));
  if (!value) return fail(in_file(strategy, key, std::move(value).error()));
  if (!(*value > 0 && *value < most)) {
    return fail(in_file(
        strategy, key,
        Error(ErrorCode::kInvalidArgument, fmt::format("{} is {} of the entry price", key, core::format_double(*value)))
            .with_hint(fmt::format("write a percentage such as {}: 8%", key))));
  }
  return core::Rate::from_double(*value);
}

}  // namespace

Result<core::Rate> parse_percent(std::string_view text, std::string_view what) {
  auto percent = core::Rate::parse(text);
  if (!percent || percent->is_negative() || *percent > core::Rate::from_integer(50)) {
    return fail(
        Error(ErrorCode::kInvalidArgument, fmt::format("{} is \"{}\": a number from 0 to 50 is expected", what, text))
            .with_hint("0.1 means a tenth of a percent of the traded amount"));
  }
  return core::scale(*percent, 1, 100, core::Rounding::kHalfEven);
}

Result<StrategyFile> parse_strategy(std::string_view text, std::string_view file, const StrategyReaders& readers) {
  return Reader(text, file, readers).read();
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
  return {};
}

namespace {

// Which formula is wrong is found by compiling them one by one: errors are rare, so this may be slow.
Error first_error(const StrategyFile& strategy, std::span<const formula::Output> buy,
                  std::span<const formula::Output> sell, Error error) {
  const formula::CompileOptions options = compile_options(strategy);
  formula::CompileOptions partial{.parameters = options.parameters, .file = options.file};
  for (const auto& let : options.lets) {
    if (auto one = formula::compile_exits({}, std::array{formula::Output{let.first, let.second}}, partial); !one)
      return in_file(strategy, "let." + let.first, std::move(one).error());
    partial.lets.push_back(let);
  }
  if (auto one = formula::compile_exits(buy, {}, options); !one)
    return in_file(strategy, "buy", std::move(one).error());
  if (auto one = formula::compile_exits({}, sell, options); !one)
    return in_file(strategy, "sell", std::move(one).error());
  return error;
}

Result<void> check_condition(const StrategyFile& strategy, const formula::OutputColumn& column) {
  if (column.type == formula::ValueType::kTruth) return {};
  return fail(in_file(strategy, column.name,
                      Error(ErrorCode::kInvalidArgument,
                            fmt::format("{} is a number; a condition that is true or false is expected", column.name))
                          .with_hint("compare it with something, for example `rsi(close, 14) < 30`")));
}

}  // namespace

Result<CompiledStrategy> compile_strategy(const StrategyFile& strategy) {
  const std::vector<formula::Output> buy{{.name = "buy", .text = strategy.buy}};
  std::vector<formula::Output> sell;
  if (!strategy.sell.empty()) sell.push_back({.name = "sell", .text = strategy.sell});
  auto program = formula::compile_exits(buy, sell, compile_options(strategy));
  if (!program) return fail(first_error(strategy, buy, sell, std::move(program).error()));
  CompiledStrategy compiled{.program = std::move(program->data),
                            .has_sell = !sell.empty() && !program->position,
                            .exit = std::move(program->position)};
  for (std::size_t i = 0; i < compiled.first_exit_column(); ++i)
    ARGOSY_TRY_VOID(check_condition(strategy, compiled.plan().outputs()[i]));
  if (compiled.exit) ARGOSY_TRY_VOID(check_condition(strategy, compiled.exit->outputs()[0]));
  ARGOSY_TRY(compiled.stop_loss, level(strategy, "stop_loss", strategy.stop_loss, 1.0));
  ARGOSY_TRY(compiled.take_profit, level(strategy, "take_profit", strategy.take_profit, 100.0));
  return compiled;
}

}  // namespace argosy::strategy
