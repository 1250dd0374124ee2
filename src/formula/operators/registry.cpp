#include "formula/operators/registry.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/check.hpp"
#include "core/text.hpp"
#include "formula/operators/barrier.hpp"

namespace argosy::formula {
namespace {

std::string make_signature(const Operator& op) {
  std::string text = std::string(op.name) + "(";
  for (std::size_t i = 0; i < op.parameters.size(); ++i) {
    if (i > 0) text += ", ";
    text += op.parameters[i].name;
    if (op.parameters[i].standard) text += " = " + core::format_double(*op.parameters[i].standard);
  }
  return text + ")";
}

std::vector<Operator> build() {
  std::vector<Operator> all;
  for (const auto& family :
       {account_operators, average_operators, candle_operators, channel_operators, crossing_operators, logic_operators,
        math_operators, momentum_operators, oscillator_operators, qlib_operators, rank_operators, regression_operators,
        trend_operators, trend_stop_operators, volatility_operators, volume_operators, window_operators}) {
    for (Operator& op : family()) {
      if (op.signature.empty()) op.signature = make_signature(op);
      all.push_back(std::move(op));
    }
  }
  std::ranges::sort(all, {}, &Operator::name);
  const auto twice = std::ranges::adjacent_find(all, {}, &Operator::name);
  ARGOSY_CHECK(twice == all.end(), "operator {} is registered twice", twice->name);
  return all;
}

}  // namespace

std::span<const Operator> all_operators() {
  static const std::vector<Operator> kAll = build();
  return kAll;
}

const Operator* find_operator(std::string_view name) {
  const auto all = all_operators();
  const auto found = std::ranges::lower_bound(all, name, {}, &Operator::name);
  return found != all.end() && found->name == name ? &*found : nullptr;
}

std::unique_ptr<Kernel> Operator::kernel(Arguments arguments) const {
  if (share == nullptr) return make(arguments);
  std::vector<Part> parts;
  for (std::uint32_t k = 0; k < output_count(); ++k)
    parts.push_back({first_part + k, {arguments.begin(), arguments.end()}});
  return share(parts);
}

std::uint32_t output_index(const Operator& op, std::string_view output) {
  const auto found = std::ranges::find(op.outputs, output);
  ARGOSY_CHECK(found != op.outputs.end(), "{} has no output {}", op.name, output);
  return static_cast<std::uint32_t>(found - op.outputs.begin());
}

std::string_view cost_text(Cost cost) {
  switch (cost) {
    case Cost::kConstant:
      return "the same for any window";
    case Cost::kLogarithmic:
      return "grows with the logarithm of the window";
    case Cost::kWindow:
      break;
  }
  return "grows with the window";
}

namespace {

std::string argument_text(const Parameter& parameter) {
  std::string_view kind = "a number in each row";
  if (parameter.kind == ParameterKind::kTruthSeries) kind = "true or false in each row";
  if (parameter.kind == ParameterKind::kAnySeries) kind = "a number, or true or false, in each row";
  std::string text = fmt::format("{}: {}", parameter.name, kind);
  if (is_series(parameter.kind)) return text;
  text = fmt::format("{}: a {}number from {} to {}", parameter.name,
                     parameter.kind == ParameterKind::kInteger ? "whole " : "", core::format_double(parameter.minimum),
                     core::format_double(parameter.maximum));
  if (parameter.standard) text += fmt::format(", {} when left out", core::format_double(*parameter.standard));
  return text;
}

std::vector<std::string> argument_texts(const std::vector<Parameter>& parameters) {
  std::vector<std::string> out;
  out.reserve(parameters.size());
  for (const Parameter& parameter : parameters) out.push_back(argument_text(parameter));
  return out;
}

}  // namespace

std::vector<OperatorDoc> operator_docs() {
  std::vector<OperatorDoc> docs;
  for (const Operator& op : all_operators()) {
    const Operator& computed = op.base.empty() ? op : *find_operator(op.base);
    docs.push_back({op.name, op.family, op.signature, op.meaning, op.warm_up, op.source, op.outputs, op.fields,
                    cost_text(computed.cost), argument_texts(op.parameters)});
  }
  for (const BarrierOperator& op : barrier_operators()) {
    docs.push_back({op.name,
                    op.kind == BarrierKind::kCrossSection ? "cross-section" : "other rows",
                    op.signature,
                    op.meaning,
                    op.kind == BarrierKind::kAhead ? "the last n rows are empty" : "none",
                    op.source,
                    {},
                    {},
                    op.kind == BarrierKind::kCrossSection ? "a look at all symbols of the row's time" : "one look-up",
                    argument_texts(op.parameters)});
  }
  std::ranges::sort(docs, {}, &OperatorDoc::name);
  return docs;
}

}  // namespace argosy::formula
