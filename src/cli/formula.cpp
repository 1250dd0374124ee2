// argosy formula: lists and explains operators, shows a formula's plan, and computes formulas over stored bars.
#include "formula/formula.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "cli/commands.hpp"
#include "cli/formula_options.hpp"
#include "cli/home.hpp"
#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "formula/measure.hpp"

namespace argosy::cli {
namespace {

using core::Result;
using formula::ValueType;

// `explain` and `list`.
struct Options {
  std::string name;
  FormulaOptions formulas;
  bool markdown = false;
  std::vector<std::string> names;  // of `bench`
};

void write_plan(core::JsonWriter& json, const formula::Program& plan) {
  json.key("outputs").begin_array();
  for (const formula::OutputColumn& column : plan.last().outputs()) {
    json.begin_object().key("name").value(column.name);
    json.key("type").value(column.type == ValueType::kTruth ? "truth" : "number").end_object();
  }
  json.end_array().key("fields").begin_array();
  for (const std::string& field : plan.fields()) json.value(field);
  json.end_array().key("operators").begin_array();
  for (const std::string_view name : plan.operators()) json.value(name);
  json.end_array().key("warm_up").value(plan.last().warm_up()).key("plan").value(plan.describe());
}

Result<void> show_plan(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const formula::Program plan, compile_formulas(options.formulas, globals, "value"));
  if (!globals.json) return print(plan.describe());
  core::JsonWriter json(2);
  json.begin_object();
  write_plan(json, plan);
  json.end_object();
  return print(std::move(json).take() + "\n");
}

void write_doc(core::JsonWriter& json, const formula::OperatorDoc& doc) {
  json.begin_object().key("name").value(doc.name).key("family").value(doc.family).key("signature").value(doc.signature);
  json.key("meaning")
      .value(doc.meaning)
      .key("warm_up")
      .value(doc.warm_up)
      .key("source")
      .value(doc.source)
      .key("cost")
      .value(doc.cost);
  json.key("arguments").begin_array();
  for (const std::string& argument : doc.arguments) json.value(argument);
  json.end_array().key("outputs").begin_array();
  for (const std::string_view output : doc.outputs) json.value(output);
  json.end_array().key("fields").begin_array();
  for (const std::string_view field : doc.fields) json.value(field);
  json.end_array().end_object();
}

std::string joined(std::span<const std::string_view> parts) {
  return core::join(std::vector<std::string>(parts.begin(), parts.end()), ", ");
}

std::string doc_text(const formula::OperatorDoc& doc) {
  std::string out = fmt::format("{}\n  {}\n", doc.signature, doc.meaning);
  for (const std::string& argument : doc.arguments) out += fmt::format("  {}\n", argument);
  if (!doc.outputs.empty()) out += fmt::format("  outputs: {} (the first when none is named)\n", joined(doc.outputs));
  if (!doc.fields.empty()) out += fmt::format("  reads: {}\n", joined(doc.fields));
  return out + fmt::format("  warm-up: {}\n  cost a row: {}\n  source: {}\n", doc.warm_up, doc.cost, doc.source);
}

// What of a formula depends on the position held, and how it is computed.
std::string position_text(const formula::Plan& plan) {
  std::vector<std::string> columns;
  std::vector<std::string> known;
  for (const std::string& field : plan.fields()) (field.starts_with('#') ? columns : known).push_back(field);
  std::string out = "\nPosition part, at each close while a position is held:\n";
  out += fmt::format("reads {} of the position", core::join(known, ", "));
  if (!columns.empty()) out += fmt::format(", and {} of the data part", core::join(columns, ", "));
  return out + "\n" + plan.describe();
}

Result<void> explain_formula(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const formula::ExitProgram program, compile_exits(options.formulas, globals, "value"));
  const formula::Program& plan = program.data;
  const auto docs = formula::operator_docs();
  std::set<std::string_view> operators;
  for (const std::string_view name : plan.operators()) operators.insert(name);
  if (program.position) operators.insert(program.position->operators().begin(), program.position->operators().end());
  core::JsonWriter json(2);
  json.begin_object();
  write_plan(json, plan);
  json.key("part").value(program.position ? "position" : "data");
  if (program.position) json.key("position_plan").value(program.position->describe());
  json.key("explained").begin_array();
  const formula::Plan& result = program.position ? *program.position : plan.last();
  std::string text = result.outputs()[0].type == ValueType::kTruth ? "True or false" : "A number";
  text += program.position ? " at each close while a position is held" : " on every bar";
  text += fmt::format(", after a warm-up of {} bars.\n", plan.last().warm_up());
  text += program.position ? "Part: position. Only exits may use it.\n" : "Part: data.\n";
  const auto fields = plan.fields();
  text += fields.empty() ? "Reads no data.\n\n" : "Reads " + core::join(fields, ", ") + ".\n\n";
  for (const formula::OperatorDoc& doc : docs) {
    if (!operators.contains(doc.name)) continue;
    write_doc(json, doc);
    text += doc_text(doc);
  }
  json.end_array().end_object();
  if (globals.json) return print(std::move(json).take() + "\n");
  text += "\nSteps:\n" + plan.describe();
  if (program.position) text += position_text(*program.position);
  return print(text);
}

Result<void> explain(const Options& options, const Globals& globals) {
  const auto docs = formula::operator_docs();
  const auto doc = std::ranges::find(docs, options.name, &formula::OperatorDoc::name);
  if (doc != docs.end()) {
    if (!globals.json) return print(doc_text(*doc));
    core::JsonWriter json(2);
    write_doc(json, *doc);
    return print(std::move(json).take() + "\n");
  }
  for (const formula::FieldDoc& field : formula::field_docs()) {
    if (field.name == options.name && !globals.json) return print(fmt::format("{}\n  {}\n", field.name, field.meaning));
  }
  Options whole = options;
  whole.formulas.formulas = {options.name};
  return explain_formula(whole, globals);
}

// A cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string reference_page() {
  std::string out =
      "# Formula reference\n\n"
      "Written by `argosy formula list --markdown` from the operators themselves. The language and its rules: "
      "[formulas](../concepts/formulas.md).\n\n## Fields\n\n| field | meaning |\n|---|---|\n";
  for (const formula::FieldDoc& field : formula::field_docs())
    out += fmt::format("| `{}` | {} |\n", field.name, cell(field.meaning));
  auto docs = formula::operator_docs();
  std::ranges::stable_sort(docs, {}, &formula::OperatorDoc::family);
  std::string_view family;
  for (const formula::OperatorDoc& doc : docs) {
    if (doc.family != family) {
      family = doc.family;
      out += fmt::format(
          "\n## {}\n\n| operator | meaning | outputs | reads | warm-up | source |\n|---|---|---|---|---|---|\n",
          family);
    }
    out += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", cell(doc.signature), cell(doc.meaning),
                       joined(doc.outputs), joined(doc.fields), cell(doc.warm_up), cell(doc.source));
  }
  return out;
}

Result<void> list(const Options& options, const Globals& globals) {
  if (options.markdown) return print(reference_page());
  const auto docs = formula::operator_docs();
  if (globals.json) {
    core::JsonWriter json(2);
    json.begin_object().key("items").begin_array();
    for (const formula::OperatorDoc& doc : docs) write_doc(json, doc);
    json.end_array().key("meta").begin_object().key("count").value(docs.size()).end_object().end_object();
    return print(std::move(json).take() + "\n");
  }
  std::vector<std::vector<std::string>> rows;
  for (const formula::OperatorDoc& doc : docs) {
    const std::string_view meaning = doc.meaning.substr(0, doc.meaning.find_first_of(".;:"));
    rows.push_back({std::string(doc.signature), std::string(doc.family), joined(doc.outputs), std::string(meaning)});
  }
  return print(format_table({"operator", "family", "outputs", "meaning"}, rows));
}

Result<void> bench(const Options& options, const Globals& globals) {
  const core::SystemClock clock;
  std::vector<formula::OperatorCost> costs;
  {
    ProgressBar bar("measuring");
    ARGOSY_TRY(costs, formula::measure_operators(options.names, clock, [&](double done) { bar.update(done); }));
  }
  if (globals.json) {
    core::JsonWriter json(2);
    json.begin_object().key("items").begin_array();
    for (const formula::OperatorCost& cost : costs) {
      json.begin_object().key("name").value(cost.name).key("family").value(cost.family);
      json.key("batch_ns").value(cost.batch).key("streaming_ns").value(cost.streaming).end_object();
    }
    json.end_array().key("meta").begin_object().key("unit").value("nanoseconds a row").end_object().end_object();
    return print(std::move(json).take() + "\n");
  }
  std::vector<std::vector<std::string>> rows;
  for (const formula::OperatorCost& cost : costs) {
    rows.push_back({std::string(cost.name), std::string(cost.family), fmt::format("{:.2f}", cost.batch),
                    fmt::format("{:.1f}", cost.streaming)});
  }
  return print("Nanoseconds a row, all outputs together; the same bits in chunks and bar by bar.\n" +
               format_table({"operator", "family", "batch", "streaming"}, rows));
}

}  // namespace

void add_formula(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand("formula", "List and explain operators, compute formulas");
  group->require_subcommand(1);
  auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* text, Result<void> (*work)(const Options&, const Globals&)) {
    CLI::App* command = group->add_subcommand(name, text);
    add_common_options(*command, globals);
    command->callback([options, work, &globals] { run_command([&] { return work(*options, globals); }); });
    return command;
  };

  CLI::App* lister = add("list", "Show all operators", list);
  lister->add_flag("--markdown", options->markdown, "print the reference page");
  lister->footer("Example:\n  argosy formula list --json");

  CLI::App* explainer = add("explain", "Explain an operator or a whole formula", explain);
  explainer->add_option("what", options->name, "name of an operator or field, or a formula")->required();
  add_name_options(*explainer, options->formulas);
  explainer->footer(
      "Examples:\n  argosy formula explain rsi\n  argosy formula explain 'cross_above(sma(close,50), sma(close,200))'\n"
      "  argosy formula explain 'profit_pct < -8% or close < highest_since_entry - 3 * atr(14)'");

  CLI::App* planner = add("plan", "Show the steps formulas become", show_plan);
  add_formula_options(*planner, options->formulas);
  planner->footer("Example:\n  argosy formula plan 'macd(close).histogram > 0'");

  add_formula_eval(*group, globals);

  CLI::App* measurer = add("bench", "Measure what operators cost on this machine", bench);
  measurer->add_option("operators", options->names, "only these");
  measurer->footer("Examples:\n  argosy formula bench\n  argosy formula bench sma ema rsi --json");
}

}  // namespace argosy::cli
