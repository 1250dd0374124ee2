// argosy data export: bars as CSV, JSON or Parquet.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/data_commands.hpp"
#include "cli/home.hpp"
#include "core/files.hpp"
#include "data/export.hpp"

namespace argosy::cli {

namespace {

struct Options {
  std::vector<std::string> symbols;
  std::string timeframe = "1d";
  std::string from;
  std::string to;
  std::string format;
  std::string out;
  bool adjusted = false;
};

core::Result<data::SymbolData> load(const lake::Snapshot& snapshot, const std::string& symbol,
                                    market::Timeframe timeframe, const data::KeyRange& range, bool adjusted) {
  ARGOSY_TRY(auto data, data::load_symbol(snapshot, symbol, timeframe, range));
  if (!adjusted) return data;
  // Adjusted prices are told from the last stored bar, whatever the range.
  ARGOSY_TRY(const auto rest,
             data::load_symbol(snapshot, symbol, timeframe, {.from = data.bars.key.back(), .to = std::nullopt}));
  data.bars = data::adjusted_bars(data, {rest.factors.price.back(), rest.factors.split.back()});
  return data;
}

core::Result<void> export_symbols(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto timeframe, market::Timeframe::parse(options.timeframe));
  ARGOSY_TRY(const auto range, parse_range(options.from, options.to, timeframe));
  data::ExportFormat format = data::ExportFormat::kCsv;
  if (!options.format.empty()) {
    ARGOSY_TRY(format, data::parse_export_format(options.format));
  } else if (!options.out.empty()) {
    ARGOSY_TRY(format, data::format_of_path(options.out));
  }
  if (options.out.empty() && format == data::ExportFormat::kParquet) {
    return core::fail(core::Error(core::ErrorCode::kInvalidArgument, "Parquet cannot be printed")
                          .with_hint("name a file: --out bars.parquet"));
  }
  ARGOSY_TRY(const auto snapshot, open_snapshot(globals));
  std::vector<std::string> symbols = options.symbols;
  if (symbols.size() == 1 && symbols.front() == "all") symbols = snapshot.symbols();
  std::vector<data::SymbolData> loaded;
  std::int64_t rows = 0;
  {
    ProgressBar bar("exporting");
    for (const std::string& symbol : symbols) {
      bar.update(static_cast<double>(loaded.size()) / static_cast<double>(symbols.size()));
      ARGOSY_TRY(loaded.emplace_back(), load(snapshot, symbol, timeframe, range, options.adjusted));
      rows += static_cast<std::int64_t>(loaded.back().bars.size());
    }
  }
  if (options.out.empty())
    return print(format == data::ExportFormat::kCsv ? data::bars_csv(loaded) : data::bars_json(loaded));
  ARGOSY_TRY_VOID(data::export_bars(core::system_files(), loaded, format, options.out));
  return print(fmt::format("{} written to {}\n", count_of(rows, "bar"), options.out));
}

}  // namespace

void add_data_export(CLI::App& parent, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand("export", "Write bars as CSV, JSON or Parquet");
  command->add_option("symbols", options->symbols, "symbols, or all")->required();
  command->add_option("--timeframe", options->timeframe, "length of the bars")->capture_default_str();
  command->add_option("--from", options->from, "first date or time");
  command->add_option("--to", options->to, "last date or time");
  command->add_option("--out", options->out, "the file; its suffix tells the format (default: standard output)");
  command->add_option("--format", options->format, "csv, json or parquet");
  command->add_flag("--adjusted", options->adjusted,
                    "prices adjusted for splits and dividends to the last bar (default: raw)");
  add_common_options(*command, globals, false);
  command->footer(
      "Examples:\n  argosy data export AAPL --from 2012-01-01 --out aapl.csv\n  argosy data export all --out "
      "all.parquet");
  command->callback([options, &globals] { run_command([&] { return export_symbols(*options, globals); }); });
}

}  // namespace argosy::cli
