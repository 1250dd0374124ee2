// argosy formula eval: computes formulas over the bars of a symbol, of a universe or of a file.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>

#include "cli/commands.hpp"
#include "cli/formula_options.hpp"
#include "cli/home.hpp"
#include "core/csv.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "data/program_source.hpp"
#include "data/universe.hpp"
#include "formula/program_stream.hpp"

namespace argosy::cli {
namespace {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using formula::ValueType;

struct Options {
  FormulaOptions formulas;
  std::string symbol;
  std::string universe;
  std::string bars;  // a file instead of a symbol
  std::string timeframe = "1d";
  std::string from;
  std::string to;
  std::string prices = "adjusted";
  std::string out;
  bool stream = false;
};

struct Row {
  std::string time;
  std::size_t entity = 0;
  std::size_t row = 0;  // of the entity
};

struct Evaluated {
  std::vector<std::string> symbols;
  std::vector<formula::OutputColumn> columns;
  std::vector<std::vector<std::vector<double>>> values;  // entity, column, row
  std::vector<Row> rows;                                 // in the order in which they are written
};

// One plan over columns in the order of its fields.
std::vector<std::vector<double>> run_plan(const formula::Plan& plan, std::span<const std::vector<double>> fields,
                                          std::size_t rows, bool stream) {
  std::vector<std::vector<double>> values(plan.outputs().size(), std::vector<double>(rows));
  formula::Evaluator evaluator(plan);
  std::vector<std::span<const double>> in(fields.size());
  std::vector<std::span<double>> out(values.size());
  const std::size_t step = stream ? 1 : std::max<std::size_t>(rows, 1);
  for (std::size_t at = 0; at < rows; at += step) {
    for (std::size_t k = 0; k < in.size(); ++k) in[k] = std::span(fields[k]).subspan(at, step);
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = std::span(values[k]).subspan(at, step);
    evaluator.evaluate(in, out, step);
  }
  return values;
}

// The columns of a CSV file as they stand: its first is the time, the others are named by the header; "raw.close" reads
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
  Evaluated result{.symbols = {options.bars}, .columns = {}, .values = {}, .rows = {}};
  std::vector<std::vector<double>> columns(places.size());
  while (reader.next(cells)) {
    if (cells.size() != header.size())
      return refuse(fmt::format("{} cells where the header has {}", cells.size(), header.size()));
    result.rows.push_back({std::string(cells[0]), 0, result.rows.size()});
    for (std::size_t k = 0; k < places.size(); ++k) {
      const std::string_view cell = cells[places[k]];
      const auto value = core::parse_double(cell);
      if (!value && !cell.empty()) return refuse(fmt::format("\"{}\" is no number", cell));
      columns[k].push_back(value ? *value : std::numeric_limits<double>::quiet_NaN());
    }
  }
  result.columns.assign(plan.outputs().begin(), plan.outputs().end());
  result.values.push_back(run_plan(plan, columns, result.rows.size(), options.stream));
  return result;
}

Result<data::Universe> members_of(const lake::Snapshot& snapshot, const Options& options, market::Timeframe timeframe) {
  if (!options.symbol.empty()) return data::Universe{.symbols = {options.symbol}, .times = {}};
  return data::load_universe(snapshot, options.universe, timeframe);
}

void note_missing_vwap(std::string_view symbol, const formula::ProgramRows& rows, std::span<const std::string> fields) {
  for (std::size_t k = 0; k < fields.size(); ++k) {
    if (fields[k] != "vwap" || std::ranges::any_of(rows.columns[k], [](double x) { return !std::isnan(x); })) continue;
    fmt::print(stderr, "note: the bars of {} have no vwap: what needs it is empty\n", symbol);
  }
}

Result<Evaluated> evaluate(const Options& options, const formula::Program& program, const Globals& globals) {
  const int sources =
      (options.symbol.empty() ? 0 : 1) + (options.universe.empty() ? 0 : 1) + (options.bars.empty() ? 0 : 1);
  if (sources != 1) {
    return fail(Error(ErrorCode::kInvalidArgument, "formulas need the bars of a symbol, of a universe or of a file")
                    .with_hint("give one of --symbol, --universe and --bars"));
  }
  if (program.looks_across() && options.universe.empty()) {
    return fail(Error(ErrorCode::kInvalidArgument, "a cross-section needs several symbols")
                    .with_hint("give --universe all, or the name of a universe: argosy data universe list"));
  }
  if (program.steps.size() > 1 && !options.bars.empty())
    return fail(ErrorCode::kInvalidArgument, "--bars works on formulas over a symbol's own rows only");
  if (!options.bars.empty()) return evaluate_file(options, program.last());

  ARGOSY_TRY(const market::Timeframe timeframe, market::Timeframe::parse(options.timeframe));
  ARGOSY_TRY(const data::KeyRange range, parse_range(options.from, options.to, timeframe));
  ARGOSY_TRY(const lake::Snapshot snapshot, open_snapshot(globals));
  ARGOSY_TRY(const data::Universe members, members_of(snapshot, options, timeframe));
  const auto prices = options.prices == "raw" ? data::PriceMode::kRaw : data::PriceMode::kAdjusted;
  data::ProgramSource rows(snapshot, timeframe, range, prices);
  std::map<std::string, std::vector<bool>, std::less<>> left_out;
  std::mutex mutex;
  const formula::RowSource source = [&](const formula::RowContext& context, std::string_view entity,
                                        std::span<const std::string> fields) -> Result<formula::ProgramRows> {
    ARGOSY_TRY(formula::ProgramRows own, rows(context, entity, fields));
    if (const std::string symbol(entity); members.times.contains(symbol)) {
      for (const std::int64_t key : own.keys) own.left_out.push_back(!members.has(symbol, market::key_date(key)));
    }
    const std::scoped_lock lock(mutex);
    note_missing_vwap(entity, own, fields);
    if (context == formula::RowContext{}) left_out[std::string(entity)] = own.left_out;
    return own;
  };

  Evaluated result{.symbols = members.symbols, .columns = {}, .values = {}, .rows = {}};
  result.columns.assign(program.last().outputs().begin(), program.last().outputs().end());
  std::vector<formula::ProgramResult> results;
  if (options.stream) {
    ARGOSY_TRY(results, formula::stream_program(program, members.symbols, source));
  } else {
    ProgressBar bar("computing");
    ARGOSY_TRY(results, formula::run_program(program, members.symbols, source, [&](double done) { bar.update(done); }));
  }
  std::vector<std::pair<std::int64_t, Row>> order;
  for (std::size_t e = 0; e < results.size(); ++e) {
    const std::vector<bool>& skip = left_out[results[e].entity];
    for (std::size_t i = 0; i < results[e].keys.size(); ++i) {
      if (skip.empty() || !skip[i]) order.push_back({results[e].keys[i], {{}, e, i}});
    }
    result.values.push_back(std::move(results[e].outputs));
  }
  std::ranges::stable_sort(order, {}, [](const auto& row) { return std::pair(row.first, row.second.entity); });
  for (auto& [key, row] : order) {
    row.time = market::format_key(key, timeframe);
    result.rows.push_back(std::move(row));
  }
  return result;
}

void append_value(std::string& out, const formula::OutputColumn& column, double value) {
  if (std::isnan(value)) return;
  if (column.type == ValueType::kTruth) {
    out += value != 0 ? "true" : "false";
  } else {
    core::append_double(out, value);
  }
}

std::string to_csv(const Evaluated& result, bool with_symbol) {
  std::string out = with_symbol ? "time,symbol" : "time";
  for (const formula::OutputColumn& column : result.columns) {
    out += ',';
    core::append_csv_cell(out, column.name);
  }
  out += '\n';
  for (const Row& row : result.rows) {
    out += row.time;
    if (with_symbol) {
      out += ',';
      core::append_csv_cell(out, result.symbols[row.entity]);
    }
    for (std::size_t k = 0; k < result.columns.size(); ++k) {
      out += ',';
      append_value(out, result.columns[k], result.values[row.entity][k][row.row]);
    }
    out += '\n';
  }
  return out;
}

std::string to_json(const Options& options, const formula::Program& program, const Evaluated& result,
                    bool with_symbol) {
  core::JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const Row& row : result.rows) {
    json.begin_object().key("time").value(row.time);
    if (with_symbol) json.key("symbol").value(result.symbols[row.entity]);
    for (std::size_t k = 0; k < result.columns.size(); ++k) {
      const double value = result.values[row.entity][k][row.row];
      json.key(result.columns[k].name);
      if (result.columns[k].type == ValueType::kTruth && !std::isnan(value)) {
        json.value(value != 0);
      } else {
        json.value(value);
      }
    }
    json.end_object();
  }
  json.end_array().key("meta").begin_object();
  if (with_symbol) {
    json.key("universe").value(options.universe).key("symbols").value(result.symbols.size());
  } else {
    json.key("symbol").value(options.symbol);
  }
  json.key("timeframe").value(options.timeframe).key("rows").value(result.rows.size());
  json.key("warm_up").value(program.last().warm_up()).end_object().end_object();
  return std::move(json).take() + "\n";
}

Result<void> eval(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const formula::Program program, compile_formulas(options.formulas, globals, "value"));
  ARGOSY_TRY(const Evaluated result, evaluate(options, program, globals));
  const bool with_symbol = !options.universe.empty();
  const std::string text = globals.json ? to_json(options, program, result, with_symbol) : to_csv(result, with_symbol);
  if (options.out.empty()) return print(text);
  ARGOSY_TRY_VOID(core::system_files().write_atomic(options.out, text));
  return {};
}

}  // namespace

void add_formula_eval(CLI::App& group, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("eval", "Compute formulas over bars, as CSV");
  add_common_options(*command, globals);
  command->callback([options, &globals] { run_command([&] { return eval(*options, globals); }); });
  add_formula_options(*command, options->formulas);
  command->add_option("--symbol", options->symbol, "whose bars");
  command->add_option("--universe", options->universe, "the bars of a universe's symbols: all, or one of your own");
  command->add_option("--bars", options->bars, "a CSV file of bars instead; its numbers are taken as they stand");
  command->add_option("--timeframe", options->timeframe, "of the bars: 1m ... 1d, 1w, 1mo")->capture_default_str();
  command->add_option("--from", options->from, "first bar: a date or a time");
  command->add_option("--to", options->to, "last bar, included");
  command->add_option("--prices", options->prices, "adjusted, or raw: as quoted")
      ->check(CLI::IsMember({"adjusted", "raw"}))
      ->capture_default_str();
  command->add_option("--out", options->out, "file to write; standard output when not given");
  command->add_flag("--stream", options->stream, "compute bar by bar, as live trading does; the same bytes");
  command->footer(
      "Examples:\n  argosy formula eval 'rsi(close,14)' --symbol AAPL --out rsi.csv\n"
      "  argosy formula eval 'macd(close)' --all-outputs --symbol AAPL --from 2012-01-01\n"
      "  argosy formula eval 'cs_rank(mean(close,20)/close)' --universe all --out rank.csv\n"
      "  argosy formula eval 'atr(14) / close' --bars bars.csv");
}

}  // namespace argosy::cli
