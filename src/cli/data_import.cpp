// argosy data import: bars from a CSV or Parquet file.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "cli/data_commands.hpp"
#include "cli/home.hpp"
#include "cli/instruments.hpp"
#include "cli/ledger_home.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "data/import.hpp"
#include "market/calendar.hpp"

namespace argosy::cli {

namespace {

struct Options {
  data::ImportRequest request;
  std::string timeframe;
  std::string source = "HISTORICAL";
  std::vector<std::string> columns;
};

core::Result<void> parse_columns(const std::vector<std::string>& texts, std::map<std::string, std::string>& columns) {
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
      return core::fail(core::Error(core::ErrorCode::kInvalidArgument,
                                    fmt::format("--columns: \"{}\" is not of the form open=Header", text)));
    }
    columns[core::to_lower(text.substr(0, equals))] = text.substr(equals + 1);
  }
  return {};
}

std::string describe(const data::ImportReport& report) {
  std::string out;
  for (const std::string& note : report.notes) out += fmt::format("note: {}\n", note);
  constexpr std::size_t kShown = 10;
  std::size_t findings = 0;
  for (const data::SymbolImport& symbol : report.symbols) {
    for (const lake::QualityRow& row : symbol.findings) {
      if (findings++ < kShown) {
        out += fmt::format("{}: {} {} {}: {}\n", row.origin, row.action, row.time.empty() ? "line" : row.time, row.rule,
                           row.detail);
      }
    }
  }
  if (findings > kShown) out += fmt::format("... and {} more: argosy data show SYMBOL lists them\n", findings - kShown);
  for (const data::SymbolImport& symbol : report.symbols) {
    out += fmt::format("{} {}: {} of the file: {} added, {} changed, {} unchanged, {} quarantined", symbol.symbol,
                       symbol.timeframe, count_of(symbol.rows, "line"), symbol.added, symbol.changed, symbol.unchanged,
                       symbol.quarantined);
    if (symbol.repeated > 0) out += fmt::format(", {} repeated", symbol.repeated);
    out += fmt::format("; {}\n", count_of(symbol.odd, "odd finding"));
  }
  return out;
}

core::Result<void> import(Options options, const Globals& globals) {
  ARGOSY_TRY(const Settings settings, load_settings(globals));
  data::ImportRequest& request = options.request;
  if (!request.symbol.empty()) {
    ARGOSY_TRY_VOID(market::check_symbol(request.symbol));
  }
  ARGOSY_TRY(request.timeframe, market::Timeframe::parse(options.timeframe));
  ARGOSY_TRY(request.source, market::parse_price_source(options.source));
  ARGOSY_TRY_VOID(parse_columns(options.columns, request.columns));
  request.default_exchange = settings.data.default_exchange;
  ARGOSY_TRY(const lake::Lake lake, open_lake(globals));
  data::ImportReport report;
  {
    ProgressBar bar("importing");
    ARGOSY_TRY(report,
               import_into(lake, std::move(request), kCommandUser, globals, [&](double done) { bar.update(done); }));
  }
  if (!globals.json) return print(describe(report));
  core::JsonWriter json(2);
  data::write_report(json, report);
  return print_json(std::move(json));
}

}  // namespace

void add_data_import(CLI::App& parent, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand("import", "Import bars from a CSV or Parquet file");
  command->add_option("file", options->request.path, "the file; .parquet, or anything else for CSV")->required();
  command->add_option("--symbol", options->request.symbol, "symbol of all its bars (default: its symbol column)");
  command->add_option("--timeframe", options->timeframe, "length of its bars: 1m, 5m, 1h, 1d, 1w, 1mo")->required();
  command->add_option("--exchange", options->request.exchange,
                      fmt::format("whose calendar the symbol follows: {}", fmt::join(market::calendar_names(), ", ")));
  command->add_option("--timezone", options->request.time_zone,
                      "zone of times written without one, e.g. America/New_York");
  command->add_option("--columns", options->columns, "which column is which: time=When,open=o")->delimiter(',');
  command->add_option("--source", options->source, "REAL_TIME, DELAYED, SIMULATED or HISTORICAL")
      ->capture_default_str();
  command->add_flag("--strict", options->request.strict, "quarantine odd rows too");
  add_common_options(*command, globals);
  command->footer(
      "Impossible lines go to quarantine with the reason; odd ones are kept and reported.\n\nExamples:\n"
      "  argosy data import F.csv --symbol F --timeframe 1d --exchange XNYS\n"
      "  argosy data import ticks.csv --symbol ES --timeframe 1m --timezone America/New_York --columns "
      "time=When,close=Last");
  command->callback([options, &globals] { run_command([&] { return import(*options, globals); }); });
}

}  // namespace argosy::cli
