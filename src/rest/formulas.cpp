// The formula language: its operators, what a formula means, and what it gives over stored bars.
#include "rest/formulas.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.hpp"
#include "formula/written.hpp"
#include "rest/answer_schemas.hpp"

namespace argosy::rest {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

struct OperatorsQuery {
  std::string family;
  std::string search;
  std::int64_t page = 1;
  std::int64_t per_page = 50;
};
struct OperatorOut {
  std::string name;
  std::string family;
  std::string signature;
  std::string meaning;
  std::vector<std::string> arguments;
  std::vector<std::string> outputs;
  std::vector<std::string> fields;
  std::string warm_up;
  std::string cost;
  std::string source;
};
struct FormulaFieldOut {
  std::string name;
  std::string meaning;
  bool of_position = false;
};
struct FormulaIn {
  std::string formula;
};
struct ExplainedOut {
  std::string type;
  std::string part;
  std::int64_t warm_up = 0;
  std::vector<std::string> outputs;
  std::vector<std::string> fields;
  std::vector<std::string> operators;
  std::string plan;
  std::string position_plan;
};
struct EvaluateIn {
  CandleRequest range;
  std::vector<std::string> formulas;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::OperatorsQuery> {
  using Row = argosy::rest::OperatorsQuery;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, family, .limits = {.maximum_length = 40}, .text = "of one family only"),
      ARGOSY_FIELD(Row, search, .limits = {.maximum_length = 40}, .text = "part of the name or of the meaning"),
      ARGOSY_FIELD(Row, page, .limits = {.minimum = 1, .maximum = argosy::server::kMostPages}),
      ARGOSY_FIELD(Row, per_page, .limits = {.minimum = 1, .maximum = argosy::server::kMostPerPage}),
  };
  static constexpr RecordType kType{"operators_query", "Which operators", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::OperatorOut> {
  using Row = argosy::rest::OperatorOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, name, .text = "as it is written"),
      ARGOSY_FIELD(Row, family, .text = "what it is like"),
      ARGOSY_FIELD(Row, signature, .text = "rsi(x, n = 14)"),
      ARGOSY_FIELD(Row, meaning, .text = "what it gives"),
      ARGOSY_FIELD(Row, arguments, .text = "each with its range"),
      ARGOSY_FIELD(Row, outputs, .text = "its columns; none: one without a name"),
      ARGOSY_FIELD(Row, fields, .text = "columns of bars that it reads without being given them"),
      ARGOSY_FIELD(Row, warm_up, .text = "rows before its first value"),
      ARGOSY_FIELD(Row, cost, .text = "work a row"),
      ARGOSY_FIELD(Row, source, .text = "where it is defined"),
  };
  static constexpr RecordType kType{"operator", "An operator of the formula language", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::FormulaFieldOut> {
  using Row = argosy::rest::FormulaFieldOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, name, .text = "as it is written"),
      ARGOSY_FIELD(Row, meaning, .text = "what it stands for"),
      ARGOSY_FIELD(Row, of_position, .text = "known of a position held: only exits of strategies may use it"),
  };
  static constexpr RecordType kType{"formula_field", "A name that stands for the data", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::FormulaIn> {
  using Row = argosy::rest::FormulaIn;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Row, formula,
                                                   .limits = {.maximum_length = argosy::rest::kMostFormulaLength},
                                                   .text = "its text", .required = true)};
  static constexpr RecordType kType{"formula", "A formula", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::ExplainedOut> {
  using Row = argosy::rest::ExplainedOut;
  static constexpr std::string_view kTypes[] = {"number", "truth"};
  static constexpr std::string_view kParts[] = {"data", "position"};
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, type, .limits = {.one_of = kTypes}, .text = "what it gives on each bar"),
      ARGOSY_FIELD(Row, part, .limits = {.one_of = kParts}, .text = "position: only exits of strategies may use it"),
      ARGOSY_FIELD(Row, warm_up, .unit = "bars", .text = "before its first value"),
      ARGOSY_FIELD(Row, outputs, .text = "its columns"),
      ARGOSY_FIELD(Row, fields, .text = "columns of bars that it reads"),
      ARGOSY_FIELD(Row, operators, .text = "that it uses"),
      ARGOSY_FIELD(Row, plan, .text = "the steps that it becomes, one a line"),
      ARGOSY_FIELD(Row, position_plan, .text = "those at each close while a position is held"),
  };
  static constexpr RecordType kType{"explained_formula", "What a formula means", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::EvaluateIn> {
  using Row = argosy::rest::EvaluateIn;
  static constexpr auto kFields =
      extended_fields(RecordOf<argosy::rest::CandleRequest>::kFields,
                      ARGOSY_FIELD(Row, formulas, .text = "each a text, or name=text", .required = true));
  static constexpr RecordType kType{"evaluate", "Formulas, and the bars to compute them over", kFields};
};

namespace argosy::rest {
namespace {

std::vector<std::string> texts_of(std::span<const std::string_view> parts) { return {parts.begin(), parts.end()}; }

OperatorOut to_out(const formula::OperatorDoc& doc) {
  return {.name = std::string(doc.name),
          .family = std::string(doc.family),
          .signature = std::string(doc.signature),
          .meaning = std::string(doc.meaning),
          .arguments = doc.arguments,
          .outputs = texts_of(doc.outputs),
          .fields = texts_of(doc.fields),
          .warm_up = std::string(doc.warm_up),
          .cost = std::string(doc.cost),
          .source = std::string(doc.source)};
}

Result<server::Page<OperatorOut>> operators(const OperatorsQuery& query) {
  std::vector<OperatorOut> found;
  const std::string wanted = core::to_lower(query.search);
  for (const formula::OperatorDoc& doc : formula::operator_docs()) {
    if (!query.family.empty() && doc.family != query.family) continue;
    if (!core::to_lower(doc.name).contains(wanted) && !core::to_lower(doc.meaning).contains(wanted)) continue;
    found.push_back(to_out(doc));
  }
  return part_of(std::move(found), query.page, query.per_page);
}

// Where an error stands in what the client wrote: behind the name, in the line of the formula.
Error placed(Error error, FormulaPlace place, std::size_t index, std::size_t before) {
  if (error.line <= 1 && error.column > 0) error.column += static_cast<std::int64_t>(before);
  error.field = place.is_list ? fmt::format("{}/{}", place.name, index) : std::string(place.name);
  return error;
}

Result<ExplainedOut> explain(const std::string& text) {
  const std::array outputs{formula::Output{.name = "value", .text = text}};
  auto program = formula::compile_exits({}, outputs);
  if (!program) return fail(placed(std::move(program).error(), {.name = "formula"}, 0, 0));
  const formula::Program& data = program->data;
  const formula::Plan& result = program->position ? *program->position : data.last();
  ExplainedOut out{.part = program->position ? "position" : "data",
                   .warm_up = static_cast<std::int64_t>(data.last().warm_up()),
                   .fields = data.fields(),
                   .operators = texts_of(data.operators()),
                   .plan = data.describe()};
  out.type = result.outputs()[0].type == formula::ValueType::kTruth ? "truth" : "number";
  for (const formula::OutputColumn& column : result.outputs()) out.outputs.push_back(column.name);
  if (program->position) {
    out.position_plan = program->position->describe();
    for (const std::string_view name : program->position->operators()) out.operators.emplace_back(name);
    std::ranges::sort(out.operators);
    out.operators.erase(std::ranges::unique(out.operators).begin(), out.operators.end());
  }
  return out;
}

net::HttpResponse check(const std::string& text) {
  core::JsonWriter json;
  const auto explained = explain(text);
  json.begin_object().key("is_valid").value(explained.has_value()).key("errors").begin_array();
  if (!explained) {
    const Error& error = explained.error();
    json.begin_object().key("detail").value(error.message).key("hint").value(error.hint);
    json.key("line").value(error.line).key("column").value(error.column).end_object();
  }
  json.end_array();
  if (explained) core::write_json(json.key("explanation"), *explained);
  return net::text_response(200, "application/json", std::move(json.end_object()).take());
}

}  // namespace

Result<formula::Program> read_formulas(const std::vector<std::string>& texts, FormulaPlace place) {
  const auto refuse = [&](std::string why, std::size_t index) {
    return fail(placed(Error(ErrorCode::kInvalidArgument, std::move(why)), place, index, 0));
  };
  if (texts.empty())
    return fail(Error(ErrorCode::kInvalidArgument, "no formula was given").in_field(std::string(place.name)));
  if (texts.size() > kMostFormulas) return refuse(fmt::format("at most {} formulas", kMostFormulas), kMostFormulas);
  const std::vector<formula::Output> outputs = formula::written_outputs(texts, {});
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (texts[i].size() > kMostFormulaLength)
      return refuse(fmt::format("a formula has at most {} letters", kMostFormulaLength), i);
    auto alone = formula::compile_program(std::span(outputs).subspan(i, 1));
    if (!alone) return fail(placed(std::move(alone).error(), place, i, texts[i].size() - outputs[i].text.size()));
  }
  ARGOSY_TRY(formula::Program program, formula::compile_program(outputs));
  if (auto named = formula::check_names(program); !named)
    return fail(std::move(named).error().in_field(std::string(place.name)));
  return program;
}

void add_formulas(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, OperatorsQuery, None, server::Page<OperatorOut>>(
      {.path = "/formulas",
       .name = "list_operators",
       .tag = "formulas",
       .summary = "The operators of the formula language",
       .access = Access::kViewer,
       .has_etag = true},
      [](const auto& call) { return operators(call.query); }));
  api.add(endpoint<None, None, None, server::Page<FormulaFieldOut>>(
      {.path = "/formulas/fields",
       .name = "list_formula_fields",
       .tag = "formulas",
       .summary = "The names that stand for the data",
       .access = Access::kViewer,
       .has_etag = true},
      [](const auto&) -> Result<server::Page<FormulaFieldOut>> {
        std::vector<FormulaFieldOut> all;
        for (const formula::FieldDoc& field : formula::field_docs())
          all.push_back({.name = std::string(field.name),
                         .meaning = std::string(field.meaning),
                         .of_position = field.of_position});
        return part_of(std::move(all), 1, server::kMostPerPage);
      }));
  api.add(endpoint<None, None, FormulaIn, ExplainedOut>({.method = Method::kPost,
                                                         .path = "/formulas/explain",
                                                         .name = "explain_formula",
                                                         .tag = "formulas",
                                                         .summary = "What a formula means, or what is wrong with it",
                                                         .access = Access::kViewer},
                                                        [](const auto& call) { return explain(call.body.formula); }));
  api.add(endpoint<None, None, FormulaIn, net::HttpResponse>(
      {.method = Method::kPost,
       .path = "/formulas/check",
       .name = "check_formula",
       .tag = "formulas",
       .summary = "Whether a formula is right, and what is not, as one types it",
       .access = Access::kViewer,
       .text = "Answers is_valid, errors (detail, hint, line, column), and of a valid one its explanation, as "
               "/formulas/explain gives it.",
       .raw_schema = &kCheckedFormulaSchema},
      [](const auto& call) -> Result<net::HttpResponse> { return check(call.body.formula); }));
  api.add(endpoint<None, None, EvaluateIn, net::HttpResponse>(
      {.method = Method::kPost,
       .path = "/formulas/evaluate",
       .name = "evaluate_formulas",
       .tag = "formulas",
       .summary = "Formulas over the bars of a stock",
       .access = Access::kViewer,
       .text =
           "Answers symbol, timeframe, times, columns (name, type, values: one a time, null where there is none) and "
           "warm_up, as /prices/candles does.",
       .raw_schema = &kEvaluatedSchema,
       .parts_schemas = {&kFormulaColumnSchema, 1}},
      [&](const auto& call) -> Result<net::HttpResponse> {
        ARGOSY_TRY(const formula::Program program,
                   read_formulas(call.body.formulas, {.name = "formulas", .is_list = true}));
        ARGOSY_TRY(const data::Candles candles, read_candles(resources, call.body.range, &program));
        core::JsonWriter json;
        write_columns(json.begin_object(), call.body.range, candles);
        json.key("times").begin_array();
        for (const std::int64_t key : candles.keys) json.value(market::format_key(key, candles.timeframe));
        return net::text_response(200, "application/json", std::move(json.end_array().end_object()).take());
      }));
}

}  // namespace argosy::rest
