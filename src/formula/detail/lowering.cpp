#include "formula/detail/lowering.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/check.hpp"
#include "core/limits.hpp"
#include "core/text.hpp"
#include "formula/operators/barrier.hpp"
#include "formula/operators/registry.hpp"
#include "market/timeframe.hpp"

namespace argosy::formula {
namespace {

// Columns of the data; those with parts are means of other columns. And what is known of the position held: some of it
// is a formula over the rest.
struct FieldEntry {
  FieldDoc doc;
  std::vector<std::string_view> mean_of;
  ValueType type = ValueType::kNumber;
  std::string_view formula{};
};
const std::vector<FieldEntry>& fields() {
  static const std::vector<FieldEntry> kFields = {
      {{"open", "the first price of the bar, adjusted for splits and dividends"}, {}},
      {{"high", "the highest price, adjusted"}, {}},
      {{"low", "the lowest price, adjusted"}, {}},
      {{"close", "the last price, adjusted"}, {}},
      {{"volume", "the shares traded, adjusted for splits"}, {}},
      {{"vwap", "the volume-weighted average price, adjusted; NaN where the source gives none"}, {}},
      {{"raw.open", "the first price as quoted"}, {}},
      {{"raw.high", "the highest price as quoted"}, {}},
      {{"raw.low", "the lowest price as quoted"}, {}},
      {{"raw.close", "the last price as quoted"}, {}},
      {{"hl2", "(high + low) / 2"}, {"high", "low"}},
      {{"hlc3", "(high + low + close) / 3"}, {"high", "low", "close"}},
      {{"ohlc4", "(open + high + low + close) / 4"}, {"open", "high", "low", "close"}},
      {{"hour", "the hour, 0 to 23, when the bar opens, on the exchange's clock"}, {}},
      {{"minute", "the minute, 0 to 59, when the bar opens"}, {}},
      {{"weekday", "the day of the week when the bar opens, 1 (Monday) to 7"}, {}},
      {{"day", "the day of the month when the bar opens, 1 to 31"}, {}},
      {{"month", "the month when the bar opens, 1 to 12"}, {}},
      {{"quarter", "the quarter when the bar opens, 1 to 4"}, {}},
      {{"session_minute", "minutes from the session's opening to the bar's; 0 for daily and longer bars"}, {}},
      {{"is_month_end", "whether the bar holds the month's last session"}, {}, ValueType::kTruth},
      {{"entry_price", "in exits only: the average price the position was opened at, adjusted as close is", true},
       {},
       ValueType::kNumber},
      {{"bars_held", "in exits only: bars since the one the position was opened in, 0 at that bar's close", true},
       {},
       ValueType::kNumber},
      {{"position_side", "in exits only: 1 of a long position, -1 of a short one", true}, {}, ValueType::kNumber},
      {{"profit_pct",
        "in exits only: close / entry_price - 1, of a short position its negative, so that profit_pct > 8% means what "
        "it says",
        true},
       {},
       ValueType::kNumber,
       "(close / entry_price - 1) * position_side"},
      {{"highest_since_entry", "in exits only: the highest high since the position was opened, that bar included",
        true},
       {},
       ValueType::kNumber,
       "highest_since(bars_held == 0, high)"},
      {{"lowest_since_entry", "in exits only: the lowest low since the position was opened, that bar included", true},
       {},
       ValueType::kNumber,
       "lowest_since(bars_held == 0, low)"},
  };
  return kFields;
}
const FieldEntry* find_field(std::string_view name) {
  const auto found = std::ranges::find(fields(), name, [](const FieldEntry& entry) { return entry.doc.name; });
  return found == fields().end() ? nullptr : &*found;
}

std::string_view type_name(ValueType type) { return type == ValueType::kTruth ? "a truth value" : "a number"; }

class Lowering {
 public:
  Lowering(const Source& source, const Tree& tree, Scope& scope, Graph& graph, const LoweringOptions& options)
      : source_(source), tree_(tree), scope_(scope), graph_(graph), options_(options) {}

  core::Result<Meaning> run() {
    ARGOSY_TRY_VOID(find_contexts());
    // Children stand before their parents: no recursion, however long a chain is.
    for (std::size_t i = 0; i < tree_.nodes.size(); ++i) {
      const Expression& expression = tree_.nodes[i];
      if (not_a_value_[i]) {
        meanings_.emplace_back();
        continue;
      }
      context_ = contexts_[i];
      ARGOSY_TRY(const Meaning meaning, visit(expression));
      meanings_.push_back(meaning);
      if (graph_.nodes().size() > core::limits::kPlanNodes) {
        return fail(expression.span, fmt::format("the formulas need more than {} operators", core::limits::kPlanNodes));
      }
      if (graph_.history_rows() > core::limits::kWindowRows) {
        return fail(expression.span, fmt::format("the windows of the formulas hold more than {} rows together",
                                                 core::limits::kWindowRows));
      }
    }
    return meanings_.back();
  }

 private:
  [[nodiscard]] std::unexpected<core::Error> fail(Span span, std::string message, std::string_view advice = {}) const {
    return core::fail(error_at(source_, span, std::move(message), advice));
  }
  [[nodiscard]] const Node& node(std::uint32_t child) const { return graph_.at(meanings_[child].value); }
  [[nodiscard]] bool is_constant(std::uint32_t child) const { return node(child).kind == NodeKind::kConstant; }

  // Whose rows each part of the tree is of, from the root down, and which parts are words rather than values.
  core::Result<void> find_contexts() {
    contexts_.assign(tree_.nodes.size(), options_.context);
    not_a_value_.assign(tree_.nodes.size(), false);
    for (std::size_t i = tree_.nodes.size(); i-- > 0;) {
      const Expression& expression = tree_.nodes[i];
      for (const std::uint32_t child : expression.children) contexts_[child] = contexts_[i];
      const BarrierOperator* op = expression.kind == ExpressionKind::kCall ? find_barrier(expression.text) : nullptr;
      if (op == nullptr) continue;
      for (std::size_t k = 0; k < expression.children.size(); ++k) {
        if (expression.child_names[k] == "by") not_a_value_[expression.children[k]] = true;
      }
      if (op->kind != BarrierKind::kOther) continue;
      if (expression.children.size() != 2 || tree_.nodes[expression.children[0]].kind != ExpressionKind::kText) {
        return fail(expression.name_span, fmt::format("{} takes a text and a formula", op->name), op->signature);
      }
      const Expression& text = tree_.nodes[expression.children[0]];
      not_a_value_[expression.children[0]] = true;
      RowContext rows = graph_.contexts()[contexts_[i]];
      if (op->name == "of") {
        if (text.text.empty()) return fail(text.span, "a symbol is expected", op->signature);
        rows.symbol = text.text;
      } else {
        const auto timeframe = market::Timeframe::parse(text.text);
        if (!timeframe) return fail(text.span, timeframe.error().message, timeframe.error().hint);
        rows.timeframe = timeframe->to_string();
      }
      contexts_[expression.children[1]] = graph_.context(rows);
      if (graph_.contexts().size() > core::limits::kFormulaContexts + 1) {
        return fail(text.span, fmt::format("the formulas read the rows of more than {} other symbols and timeframes",
                                           core::limits::kFormulaContexts));
      }
    }
    return {};
  }

  core::Result<Meaning> visit(const Expression& expression) {
    switch (expression.kind) {
      case ExpressionKind::kNumber:
        return Meaning{graph_.constant(clean(expression.number), ValueType::kNumber)};
      case ExpressionKind::kTruth:
        return Meaning{graph_.constant(expression.number, ValueType::kTruth)};
      case ExpressionKind::kText:
        return fail(expression.span, "a text stands where a value is expected",
                    "texts are the first argument of on and of: on(\"1w\", close)");
      case ExpressionKind::kName:
        return name(expression);
      case ExpressionKind::kOutput:
        return output(expression);
      case ExpressionKind::kCall:
        return call(expression);
      case ExpressionKind::kOperator:
      case ExpressionKind::kIndex:
        break;
    }
    const Operator* op = find_operator(expression.text);
    ARGOSY_CHECK(op != nullptr, "operator {} is not registered", expression.text);
    std::vector<std::optional<std::uint32_t>> given(expression.children.begin(), expression.children.end());
    return apply(expression, *op, given);
  }

  core::Result<Meaning> name(const Expression& expression) {
    const std::string_view text = expression.text;
    if (const auto found = scope_.find(text); found != scope_.end()) return named(expression, found->second);
    if (const FieldEntry* field = find_field(text)) {
      if (field->doc.of_position) return of_position(expression, *field);
      return Meaning{field->mean_of.empty() ? graph_.field(text, context_, field->type) : mean(field->mean_of)};
    }
    if (find_barrier(text) != nullptr) {
      return fail(expression.span, fmt::format("{} is an operator: its arguments are missing", text),
                  find_barrier(text)->signature);
    }
    if (const Operator* op = find_operator(text)) {
      return fail(expression.span, fmt::format("{} is an operator: its arguments are missing", text),
                  "write " + op->signature);
    }
    std::vector<std::string_view> known = field_names();
    for (const auto& [key, meaning] : scope_) known.push_back(key);
    return fail(expression.span, fmt::format("unknown name \"{}\".{}", text, core::did_you_mean(text, known)));
  }

  core::Result<Meaning> of_position(const Expression& expression, const FieldEntry& field) {
    if (!options_.position) {
      return fail(expression.span, fmt::format("{} is known of a position held: only exits may use it", field.doc.name),
                  "exits are the sell conditions of strategies");
    }
    if (context_ != 0)
      return fail(expression.span, fmt::format("{} is not known on the rows of other bars", field.doc.name));
    if (field.formula.empty()) return Meaning{graph_.position_field(field.doc.name)};
    const Source source{"formula", std::string(field.doc.name), field.formula};
    ARGOSY_TRY(const Tree tree, parse(source));
    return lower(source, tree, scope_, graph_, options_);
  }

  core::Result<Meaning> named(const Expression& expression, Named& found) {
    if (graph_.at(found.meaning.value).of_position && !options_.position) {
      return fail(expression.span,
                  fmt::format("{} depends on the position held: only exits may use it", expression.text),
                  "exits are the sell conditions of strategies");
    }
    if (context_ == 0 || found.text.empty()) return found.meaning;
    if (const auto known = found.elsewhere.find(context_); known != found.elsewhere.end()) return known->second;
    if (options_.depth == core::limits::kFormulaDepth)
      return fail(expression.span, "formulas use each other's names too deeply");
    const Source source{found.file, expression.text, found.text};
    ARGOSY_TRY(const Tree tree, parse(source));
    ARGOSY_TRY(Meaning meaning,
               lower(source, tree, scope_, graph_, {options_.labels, options_.position, context_, options_.depth + 1}));
    found.elsewhere[context_] = meaning;
    return meaning;
  }

  Value mean(const std::vector<std::string_view>& of) {
    Value sum = graph_.field(of[0], context_);
    for (std::size_t i = 1; i < of.size(); ++i)
      sum = graph_.apply(*find_operator("+"), {sum, graph_.field(of[i], context_)}, {});
    return graph_.apply(*find_operator("/"), {sum, graph_.constant(static_cast<double>(of.size()), ValueType::kNumber)},
                        {});
  }

  core::Result<Meaning> output(const Expression& expression) {
    const Meaning base = meanings_[expression.children[0]];
    if (base.several == nullptr)
      return fail(expression.name_span, fmt::format("\".{}\" follows something with a single output", expression.text));
    const auto& outputs = base.several->outputs;
    const auto found = std::ranges::find(outputs, expression.text);
    if (found == outputs.end()) {
      return fail(expression.name_span, fmt::format("{} has no output \"{}\".{}", base.several->name, expression.text,
                                                    core::did_you_mean(expression.text, outputs)));
    }
    return Meaning{base.outputs[static_cast<std::size_t>(found - outputs.begin())]};
  }

  core::Result<Meaning> call(const Expression& expression) {
    if (const BarrierOperator* op = find_barrier(expression.text)) return barrier(expression, *op);
    const Operator* op = find_operator(expression.text);
    if (op == nullptr) {
      if (scope_.contains(expression.text) || find_field(expression.text) != nullptr) {
        return fail(expression.name_span, fmt::format("{} is a value, not an operator", expression.text),
                    fmt::format("{}[1] is its value one row ago", expression.text));
      }
      std::vector<std::string_view> known;
      for (const Operator& each : all_operators()) {
        if (each.name[0] >= 'a' && each.name != "negate" && !is_keyword(each.name)) known.push_back(each.name);
      }
      for (const BarrierOperator& each : barrier_operators()) known.push_back(each.name);
      return fail(
          expression.name_span,
          fmt::format("unknown operator \"{}\".{}", expression.text, core::did_you_mean(expression.text, known)),
          "`argosy formula list` shows them all");
    }
    ARGOSY_TRY(const auto given, match(expression, *op));
    return apply(expression, *op, given);
  }

  core::Result<Meaning> barrier(const Expression& expression, const BarrierOperator& op) {
    GraphBarrier barrier{.op = &op, .context = context_};
    for (const std::uint32_t child : expression.children) {
      if (not_a_value_[child] || !node(child).of_position) continue;
      return fail(tree_.nodes[child].span,
                  fmt::format("{} looks beyond the bars at hand, where no position is known", op.name));
    }
    if (op.kind == BarrierKind::kCrossSection && !graph_.contexts()[context_].symbol.empty()) {
      return fail(expression.name_span, fmt::format("{} compares symbols, and there is one within `of`", op.name),
                  "of(\"SPY\", close) gives another symbol's value; compare outside of it");
    }
    if (op.kind == BarrierKind::kAhead && !options_.labels) {
      return fail(expression.name_span, "ahead looks into the future: only the label of a model may use it",
                  "x[n] is the value n rows ago");
    }
    if (op.kind == BarrierKind::kOther) {
      const std::uint32_t child = expression.children[1];
      barrier.input = meanings_[child].value;
      barrier.input_context = contexts_[child];
      return Meaning{graph_.barrier(std::move(barrier))};
    }
    // The input, then constants; `by: sector` may stand anywhere behind the input.
    std::vector<std::optional<std::uint32_t>> given(op.parameters.size());
    std::size_t next = 0;
    std::optional<std::uint32_t> input;
    for (std::size_t i = 0; i < expression.children.size(); ++i) {
      const std::uint32_t child = expression.children[i];
      const Expression& argument = tree_.nodes[child];
      const std::string& label = expression.child_names[i];
      if (label == "by") {
        if (op.kind != BarrierKind::kCrossSection || argument.text != "sector")
          return fail(argument.span, "only a cross-section has `by`, and only `by: sector`", op.signature);
        barrier.by_sector = true;
      } else if (!input && label.empty()) {
        input = child;
      } else {
        const auto found = std::ranges::find(op.parameters, label, &Parameter::name);
        if (!label.empty()) next = static_cast<std::size_t>(found - op.parameters.begin());
        if (next >= given.size() || given[next]) return fail(argument.span, "one argument too many", op.signature);
        given[next++] = child;
      }
    }
    if (!input) return fail(expression.span, fmt::format("{} of what?", op.name), op.signature);
    if (node(*input).type != ValueType::kNumber) {
      return fail(tree_.nodes[*input].span, fmt::format("{} takes a number, not a truth value", op.name),
                  "write c ? 1 : 0 to count a truth value");
    }
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (!given[i] && !op.parameters[i].standard) {
        return fail(expression.span, fmt::format("argument {} of {} is missing", op.parameters[i].name, op.name),
                    op.signature);
      }
      ARGOSY_TRY(const double value, argument(op.parameters[i], given[i]));
      barrier.arguments.push_back(value);
    }
    barrier.input = meanings_[*input].value;
    barrier.input_context = context_;
    return Meaning{graph_.barrier(std::move(barrier))};
  }

  // The child given for each parameter; nothing where the standard value is meant.
  core::Result<std::vector<std::optional<std::uint32_t>>> match(const Expression& expression, const Operator& op) {
    std::vector<std::optional<std::uint32_t>> given(op.parameters.size());
    std::size_t next = 0;
    bool named = false;
    for (std::size_t i = 0; i < expression.children.size(); ++i) {
      const std::uint32_t child = expression.children[i];
      const Span span = tree_.nodes[child].span;
      std::size_t index = next;
      if (const std::string& label = expression.child_names[i]; !label.empty()) {
        named = true;
        const auto found = std::ranges::find(op.parameters, label, &Parameter::name);
        if (found == op.parameters.end()) {
          std::vector<std::string_view> known;
          known.reserve(op.parameters.size());
          for (const Parameter& parameter : op.parameters) known.push_back(parameter.name);
          return fail(span,
                      fmt::format("{} has no argument \"{}\".{}", op.name, label, core::did_you_mean(label, known)),
                      op.signature);
        }
        index = static_cast<std::size_t>(found - op.parameters.begin());
      } else if (named) {
        return fail(span, "an argument without a name follows one with a name", op.signature);
      } else if (next == op.parameters.size()) {
        return fail(span, fmt::format("{} takes {} argument{}", op.name, next, next == 1 ? "" : "s"), op.signature);
      }
      if (given[index])
        return fail(span, fmt::format("argument {} is given twice", op.parameters[index].name), op.signature);
      given[index] = child;
      next = index + 1;
    }
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (given[i] || op.parameters[i].standard) continue;
      const Span close{expression.span.end - 1, expression.span.end};
      return fail(close, fmt::format("argument {} of {} is missing", op.parameters[i].name, op.name), op.signature);
    }
    return given;
  }

  core::Result<Meaning> apply(const Expression& expression, const Operator& op,
                              const std::vector<std::optional<std::uint32_t>>& given) {
    std::vector<Value> inputs;
    std::vector<double> arguments;
    std::optional<ValueType> shared;  // of the kAnySeries parameters
    for (std::size_t i = 0; i < op.parameters.size(); ++i) {
      const Parameter& parameter = op.parameters[i];
      if (!is_series(parameter.kind)) {
        ARGOSY_TRY(const double value, argument(parameter, given[i]));
        arguments.push_back(value);
        continue;
      }
      if (counts_truth(op, parameter, *given[i])) {
        inputs.push_back(graph_.apply(*find_operator("is_true"), {meanings_[*given[i]].value}, {}));
        continue;
      }
      ARGOSY_TRY_VOID(check_type(op, parameter, *given[i], shared));
      inputs.push_back(meanings_[*given[i]].value);
    }
    if (!op.formulas.empty()) return by_formula(op, inputs, arguments);
    for (const std::string_view field : op.fields) inputs.push_back(graph_.field(field, context_));

    const Operator& computed = op.base.empty() ? op : *find_operator(op.base);
    if (computed.name == "/" && graph_.at(inputs[1]).kind == NodeKind::kConstant &&
        graph_.at(inputs[1]).constant == 0) {
      return fail(tree_.nodes[*given[1]].span, "division by zero");
    }
    Value value = graph_.apply(computed, std::move(inputs), std::move(arguments));
    if (!op.base_output.empty()) value.output = output_index(computed, op.base_output);
    const Node& made = graph_.at(value);
    if (made.kind == NodeKind::kConstant && is_nan(made.constant)) {
      return fail(expression.span, "this has no value: it is outside the range of numbers");
    }
    Meaning meaning{value};
    if (made.kind != NodeKind::kOperator || made.op != &op || op.outputs.empty()) return meaning;
    meaning.several = &op;
    for (std::uint32_t k = 0; k < op.outputs.size(); ++k) meaning.outputs.push_back({value.node, k});
    return meaning;
  }

  // An operator that is made of others.
  core::Result<Meaning> by_formula(const Operator& op, const std::vector<Value>& inputs,
                                   const std::vector<double>& arguments) {
    Scope names;
    std::size_t series = 0;
    std::size_t constants = 0;
    for (const Parameter& parameter : op.parameters) {
      const Value value =
          is_series(parameter.kind) ? inputs[series++] : graph_.constant(arguments[constants++], ValueType::kNumber);
      names[std::string(parameter.name)] = {.meaning = {value}};
    }
    Meaning meaning{.value = {}, .several = op.outputs.empty() ? nullptr : &op};
    for (const std::string_view formula : op.formulas) {
      const Source source{"formula", std::string(op.name), formula};
      ARGOSY_TRY(const Tree tree, parse(source));
      ARGOSY_TRY(const Meaning output,
                 lower(source, tree, names, graph_, {options_.labels, options_.position, context_, options_.depth}));
      meaning.outputs.push_back(output.value);
    }
    meaning.value = meaning.outputs.front();
    return meaning;
  }

  // Qlib's operators take a comparison for 1 or 0, and 0 where it is unknown: Mean($close > Ref($close, 1), 5).
  [[nodiscard]] bool counts_truth(const Operator& op, const Parameter& parameter, std::uint32_t child) const {
    return op.name[0] >= 'A' && op.name[0] <= 'Z' && parameter.kind == ParameterKind::kNumberSeries &&
           node(child).type == ValueType::kTruth;
  }

  [[nodiscard]] core::Result<void> check_type(const Operator& op, const Parameter& parameter, std::uint32_t child,
                                              std::optional<ValueType>& shared) const {
    const ValueType type = node(child).type;
    ValueType wanted = parameter.kind == ParameterKind::kTruthSeries ? ValueType::kTruth : ValueType::kNumber;
    if (parameter.kind == ParameterKind::kAnySeries) wanted = shared.value_or(type);
    if (parameter.kind == ParameterKind::kAnySeries && !shared) shared = type;
    if (type == wanted) return {};
    const bool symbol = op.name[0] < 'a' || op.name == "negate" || is_keyword(op.name);
    const std::string where = symbol ? fmt::format("{} in {}", parameter.name, op.signature)
                                     : fmt::format("argument {} of {}", parameter.name, op.name);
    return fail(tree_.nodes[child].span,
                fmt::format("{} must be {}, not {}", where, type_name(wanted), type_name(type)),
                wanted == ValueType::kTruth ? "compare it with something, for example x > 0"
                                            : "write c ? 1 : 0 to count a truth value");
  }

  [[nodiscard]] core::Result<double> argument(const Parameter& parameter,
                                              const std::optional<std::uint32_t>& child) const {
    if (!child) return *parameter.standard;
    const Span span = tree_.nodes[*child].span;
    const bool whole = parameter.kind == ParameterKind::kInteger;
    const std::string wanted =
        fmt::format("{} must be a {}number from {} to {}", parameter.name, whole ? "whole " : "",
                    core::format_double(parameter.minimum), core::format_double(parameter.maximum));
    if (!is_constant(*child) || node(*child).type != ValueType::kNumber) {
      return fail(span, wanted + " that is the same in every row",
                  parameter.name == "n" ? "an operator's window is constant" : "");
    }
    const double value = node(*child).constant;
    if (!(value >= parameter.minimum && value <= parameter.maximum) || (whole && value != std::floor(value))) {
      return fail(span, fmt::format("{}, not {}", wanted, core::format_double(value)));
    }
    return value;
  }

  const Source& source_;
  const Tree& tree_;
  Scope& scope_;
  Graph& graph_;
  const LoweringOptions& options_;
  std::vector<std::uint32_t> contexts_;  // of the tree's nodes
  std::vector<bool> not_a_value_;        // nodes that are words of their parent: a symbol, a timeframe, sector
  std::uint32_t context_ = 0;            // of the node at hand
  std::vector<Meaning> meanings_;        // of the tree's nodes so far
};

}  // namespace

core::Result<Meaning> lower(const Source& source, const Tree& tree, Scope& scope, Graph& graph,
                            const LoweringOptions& options) {
  return Lowering(source, tree, scope, graph, options).run();
}

std::vector<std::string_view> field_names() {
  std::vector<std::string_view> names;
  for (const FieldEntry& entry : fields()) names.push_back(entry.doc.name);
  return names;
}

std::vector<FieldDoc> field_docs() {
  std::vector<FieldDoc> docs;
  for (const FieldEntry& entry : fields()) docs.push_back(entry.doc);
  return docs;
}

}  // namespace argosy::formula
