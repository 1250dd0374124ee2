// argosy formula: lists and explains operators, shows a formula's plan, and computes formulas over stored bars.
#include "formula/formula.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "cli/commands.hpp"
#include "cli/home.hpp"
#include "core/csv.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace argosy::cli {
namespace {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using formula::ValueType;

struct Options {
  std::vector<std::string> formulas;  // "text" or "name=text"
  std::vector<std::string> parameters;
  std::vector<std::string> lets;
  bool all_outputs = false;
  std::string symbol;
  std::string bars;  // a file instead of a symbol
  std::string timeframe = "1d";
  std::string from;
  std::string to;
  std::string prices = "adjusted";
  std::string out;
  bool stream = false;
  std::string name;  // of `explain`
  bool markdown = false;
};

// "name=text" cut at its "="; an empty name when there is none. "a == b" has none.
std::pair<std::string, std::string> split_assignment(const std::string& text) {
  const std::size_t at = text.find('=');
  const bool comparison = at == std::string::npos || text.substr(at, 2) == "==";
  const std::string left(core::trim(text.substr(0, comparison ? 0 : at)));
  const bool name =
      !left.empty() && std::ranges::all_of(left, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  return name ? std::pair(left, text.substr(at + 1)) : std::pair(std::string(), text);
}

Result<formula::CompileOptions> compile_options(const Options& options) {
  formula::CompileOptions compile;
  for (const std::string& text : options.parameters) {
    const auto [name, value] = split_assignment(text);
    if (name.empty()) return fail(ErrorCode::kInvalidArgument, fmt::format("--param \"{}\" is not name=value", text));
    ARGOSY_TRY(const double number, formula::constant(value, {.file = "--param " + name}));
    compile.parameters.emplace_back(name, number);
  }
  for (const std::string& text : options.lets) {
    const auto [name, value] = split_assignment(text);
    if (name.empty()) return fail(ErrorCode::kInvalidArgument, fmt::format("--let \"{}\" is not name=formula", text));
    compile.lets.emplace_back(name, value);
  }
  return compile;
}

// A single formula without a name is called `single`; of several each is called by its text.
Result<formula::Plan> compile_formulas(const Options& options, const std::string& single) {
  std::vector<formula::Output> outputs;
  for (const std::string& each : options.formulas) {
    auto [name, text] = split_assignment(each);
    if (name.empty()) name = options.formulas.size() > 1 ? text : (options.all_outputs ? "" : single);
    outputs.push_back({.name = name, .text = text, .all_outputs = options.all_outputs});
  }
  ARGOSY_TRY(const formula::CompileOptions compile, compile_options(options));
  ARGOSY_TRY(formula::Plan plan, formula::compile(outputs, compile));
  std::set<std::string_view> names;
  for (const formula::OutputColumn& column : plan.outputs()) {
    if (names.insert(column.name).second) continue;
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("two columns are called \"{}\"", column.name))
                    .with_hint("name them: 'fast=sma(close,10)' 'slow=sma(close,20)'"));
  }
  return plan;
}

struct Evaluated {
  std::vector<std::string> times;
  std::vector<formula::OutputColumn> columns;
  std::vector<std::vector<double>> values;  // one a column
};

// Runs a plan over columns in the order of its fields.
Evaluated run(const formula::Plan& plan, std::span<const std::span<const double>> fields,
              std::vector<std::string> times, bool stream) {
  const std::size_t rows = times.size();
  Evaluated result;
  result.times = std::move(times);
  result.columns.assign(plan.outputs().begin(), plan.outputs().end());
  result.values.assign(result.columns.size(), std::vector<double>(rows));
  formula::Evaluator evaluator(plan);
  std::vector<std::span<const double>> in(fields.size());
  std::vector<std::span<double>> out(result.values.size());
  const std::size_t step = stream ? 1 : std::max<std::size_t>(rows, 1);
  for (std::size_t at = 0; at < rows; at += step) {
    for (std::size_t k = 0; k < in.size(); ++k) in[k] = fields[k].subspan(at, step);
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = std::span(result.values[k]).subspan(at, step);
    evaluator.evaluate(in, out, step);
  }
  return result;
}

// The columns of a CSV file as they stand: its first is the time, the others are named by the header. "raw.close" reads
// the column close. Empty cells are NaN.
Result<Evaluated> evaluate_file(const Options& options, const formula::Plan& plan) {
  ARGOSY_TRY(const std::string text, core::system_files().read(options.bars));
  core::CsvReader reader(text);
  std::vector<std::string_view> cells;
  const auto refuse = [&](std::string message) {
    return fail(Error(ErrorCode::kInvalidArgument, std::move(message))
                    .at(fmt::format("{}:{}", options.bars, reader.line()))
                    .with_hint("a header such as time,open,high,low,close,volume, then a row a bar"));
  };
  if (!reader.next(cells) || cells.size() < 2) return refuse("the file has no header");
  const std::vector<std::string> header(cells.begin(), cells.end());
  std::vector<std::size_t> places;
  for (std::string_view field : plan.fields()) {
    if (field.starts_with("raw.")) field.remove_prefix(4);
    const auto found = std::ranges::find(header, field);
    if (found == header.end()) return refuse(fmt::format("there is no column \"{}\"", field));
    places.push_back(static_cast<std::size_t>(found - header.begin()));
  }
  std::vector<std::string> times;
  std::vector<std::vector<double>> columns(places.size());
  while (reader.next(cells)) {
    if (cells.size() != header.size())
      return refuse(fmt::format("{} cells where the header has {}", cells.size(), header.size()));
    times.emplace_back(cells[0]);
    for (std::size_t k = 0; k < places.size(); ++k) {
      const std::string_view cell = cells[places[k]];
      const auto value = core::parse_double(cell);
      if (!value && !cell.empty()) return refuse(fmt::format("\"{}\" is no number", cell));
      columns[k].push_back(value ? *value : std::numeric_limits<double>::quiet_NaN());
    }
  }
  const std::vector<std::span<const double>> fields(columns.begin(), columns.end());
  return run(plan, fields, std::move(times), options.stream);
}

Result<Evaluated> evaluate(const Options& options, const formula::Plan& plan, const Globals& globals) {
  if (options.symbol.empty() == options.bars.empty()) {
    return fail(Error(ErrorCode::kInvalidArgument, "formulas need the bars of a symbol or of a file")
                    .with_hint("give either --symbol or --bars"));
  }
  if (!options.bars.empty()) return evaluate_file(options, plan);
  ARGOSY_TRY(const market::Timeframe timeframe, market::Timeframe::parse(options.timeframe));
  ARGOSY_TRY(const data::KeyRange range, parse_range(options.from, options.to, timeframe));
  ARGOSY_TRY(const lake::Snapshot snapshot, open_snapshot(globals));
  ARGOSY_TRY(const data::SymbolData symbol, data::load_symbol(snapshot, options.symbol, timeframe, range));
  const auto mode = options.prices == "raw" ? data::PriceMode::kRaw : data::PriceMode::kAdjusted;
  const core::Panel panel = data::make_panel({&symbol, 1}, plan.fields(), mode);
  const core::PanelSlice slice = panel.entity(0);

  std::vector<std::string> times;
  times.reserve(slice.keys.size());
  for (const std::int64_t key : slice.keys) times.push_back(market::format_key(key, timeframe));
  Evaluated result = run(plan, slice.fields, std::move(times), options.stream);
  for (std::size_t k = 0; k < slice.fields.size(); ++k) {
    if (plan.fields()[k] != "vwap" || std::ranges::any_of(slice.fields[k], [](double x) { return !std::isnan(x); }))
      continue;
    fmt::print(stderr, "note: the bars of {} have no vwap: what needs it is empty\n", options.symbol);
  }
  return result;
}

std::string to_csv(const Evaluated& result) {
  std::string out = "time";
  for (const formula::OutputColumn& column : result.columns) {
    out += ',';
    core::append_csv_cell(out, column.name);
  }
  out += '\n';
  for (std::size_t i = 0; i < result.times.size(); ++i) {
    out += result.times[i];
    for (std::size_t k = 0; k < result.columns.size(); ++k) {
      const double value = result.values[k][i];
      out += ',';
      if (std::isnan(value)) continue;
      if (result.columns[k].type == ValueType::kTruth) {
        out += value != 0 ? "true" : "false";
      } else {
        core::append_double(out, value);
      }
    }
    out += '\n';
  }
  return out;
}

std::string to_json(const Options& options, const formula::Plan& plan, const Evaluated& result) {
  core::JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (std::size_t i = 0; i < result.times.size(); ++i) {
    json.begin_object().key("time").value(result.times[i]);
    for (std::size_t k = 0; k < result.columns.size(); ++k) {
      const double value = result.values[k][i];
      json.key(result.columns[k].name);
      if (result.columns[k].type == ValueType::kTruth && !std::isnan(value)) {
        json.value(value != 0);
      } else {
        json.value(value);
      }
    }
    json.end_object();
  }
  json.end_array().key("meta").begin_object().key("symbol").value(options.symbol);
  json.key("timeframe").value(options.timeframe).key("rows").value(result.times.size());
  json.key("warm_up").value(plan.warm_up()).end_object().end_object();
  return std::move(json).take() + "\n";
}

Result<void> eval(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const formula::Plan plan, compile_formulas(options, "value"));
  ARGOSY_TRY(const Evaluated result, evaluate(options, plan, globals));
  const std::string text = globals.json ? to_json(options, plan, result) : to_csv(result);
  if (options.out.empty()) return print(text);
  ARGOSY_TRY_VOID(core::system_files().write_atomic(options.out, text));
  return {};
}

void write_plan(core::JsonWriter& json, const formula::Plan& plan) {
  json.key("outputs").begin_array();
  for (const formula::OutputColumn& column : plan.outputs()) {
    json.begin_object().key("name").value(column.name);
    json.key("type").value(column.type == ValueType::kTruth ? "truth" : "number").end_object();
  }
  json.end_array().key("fields").begin_array();
  for (const std::string& field : plan.fields()) json.value(field);
  json.end_array().key("operators").begin_array();
  for (const std::string_view name : plan.operators()) json.value(name);
  json.end_array().key("warm_up").value(plan.warm_up()).key("plan").value(plan.describe());
}

Result<void> show_plan(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const formula::Plan plan, compile_formulas(options, "value"));
  if (!globals.json) return print(plan.describe());
  core::JsonWriter json(2);
  json.begin_object();
  write_plan(json, plan);
  json.end_object();
  return print(std::move(json).take() + "\n");
}

void write_doc(core::JsonWriter& json, const formula::OperatorDoc& doc) {
  json.begin_object().key("name").value(doc.name).key("family").value(doc.family).key("signature").value(doc.signature);
  json.key("meaning").value(doc.meaning).key("warm_up").value(doc.warm_up).key("source").value(doc.source);
  json.key("outputs").begin_array();
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
  if (!doc.outputs.empty()) out += fmt::format("  outputs: {} (the first when none is named)\n", joined(doc.outputs));
  if (!doc.fields.empty()) out += fmt::format("  reads: {}\n", joined(doc.fields));
  return out + fmt::format("  warm-up: {}\n  source: {}\n", doc.warm_up, doc.source);
}

Result<void> explain_formula(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const formula::Plan plan, compile_formulas(options, "value"));
  const auto docs = formula::operator_docs();
  core::JsonWriter json(2);
  json.begin_object();
  write_plan(json, plan);
  json.key("explained").begin_array();
  std::string text =
      plan.outputs()[0].type == ValueType::kTruth ? "True or false on every bar" : "A number on every bar";
  text += fmt::format(", after a warm-up of {} bars.\n", plan.warm_up());
  text += plan.fields().empty() ? "Reads no data.\n\n" : "Reads " + core::join(plan.fields(), ", ") + ".\n\n";
  for (const formula::OperatorDoc& doc : docs) {
    if (std::ranges::find(plan.operators(), doc.name) == plan.operators().end()) continue;
    write_doc(json, doc);
    text += doc_text(doc);
  }
  json.end_array().end_object();
  return print(globals.json ? std::move(json).take() + "\n" : text + "\nSteps:\n" + plan.describe());
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
  whole.formulas = {options.name};
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

void add_formula_options(CLI::App& command, const std::shared_ptr<Options>& options) {
  command.add_option("--param", options->parameters, "a parameter, name=value; may be repeated");
  command.add_option("--let", options->lets, "a name for a formula, name=formula; may be repeated");
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
  add_formula_options(*explainer, options);
  explainer->footer(
      "Examples:\n  argosy formula explain rsi\n  argosy formula explain 'cross_above(sma(close,50), sma(close,200))'");

  CLI::App* planner = add("plan", "Show the steps formulas become", show_plan);
  planner->add_option("formulas", options->formulas, "formulas, each 'text' or 'name=text'")->required();
  planner->add_flag("--all-outputs", options->all_outputs, "all outputs of an operator, not its first");
  add_formula_options(*planner, options);
  planner->footer("Example:\n  argosy formula plan 'macd(close).histogram > 0'");

  CLI::App* evaluator = add("eval", "Compute formulas over a symbol's bars, as CSV", eval);
  evaluator->add_option("formulas", options->formulas, "formulas, each 'text' or 'name=text'; a column each")
      ->required();
  evaluator->add_option("--symbol", options->symbol, "whose bars");
  evaluator->add_option("--bars", options->bars, "a CSV file of bars instead; its numbers are taken as they stand");
  evaluator->add_option("--timeframe", options->timeframe, "of the bars: 1m ... 1d, 1w, 1mo")->capture_default_str();
  evaluator->add_option("--from", options->from, "first bar: a date or a time");
  evaluator->add_option("--to", options->to, "last bar, included");
  evaluator->add_option("--prices", options->prices, "adjusted, or raw: as quoted")
      ->check(CLI::IsMember({"adjusted", "raw"}))
      ->capture_default_str();
  evaluator->add_option("--out", options->out, "file to write; standard output when not given");
  evaluator->add_flag("--stream", options->stream, "compute bar by bar, as live trading does; the same bytes");
  evaluator->add_flag("--all-outputs", options->all_outputs, "all outputs of an operator, not its first");
  add_formula_options(*evaluator, options);
  evaluator->footer(
      "Examples:\n  argosy formula eval 'rsi(close,14)' --symbol AAPL --out rsi.csv\n"
      "  argosy formula eval 'macd(close)' --all-outputs --symbol AAPL --from 2012-01-01\n"
      "  argosy formula eval 'atr(14) / close' --bars bars.csv");
}

}  // namespace argosy::cli
