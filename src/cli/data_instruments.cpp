// argosy data instrument: what is traded, as the ledger has it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/data_commands.hpp"
#include "cli/home.hpp"
#include "cli/instruments.hpp"
#include "cli/stock_commands.hpp"
#include "core/files.hpp"
#include "data/tables_import.hpp"

namespace argosy::cli {
namespace {

using core::Result;
using ledger::InstrumentRow;

Result<void> list(const Globals& globals) {
  ARGOSY_TRY(const HomeInstruments home, HomeInstruments::open(globals));
  ARGOSY_TRY(const data::Instruments known, home_instruments(home, globals));
  std::vector<InstrumentRow> all;
  std::vector<std::vector<std::string>> rows;
  for (const auto& [symbol, row] : known) {
    all.push_back(row);
    rows.push_back({symbol, row.exchange, row.currency, row.tick.to_string(), row.lot.to_string(),
                    row.fractional ? "yes" : "no", row.is_active ? "yes" : "no", row.name, row.sector});
  }
  if (globals.json) return print(core::json_list<InstrumentRow>(all) + "\n");
  return print(
      format_table({"symbol", "exchange", "currency", "tick", "lot", "fractional", "active", "name", "sector"}, rows));
}

Result<void> import(const std::string& path, const Globals& globals) {
  ARGOSY_TRY(const std::string csv, core::system_files().read(path));
  data::TableImport result;
  ARGOSY_TRY_VOID(change_instruments(globals, [&](data::Instruments& all) -> Result<void> {
    ARGOSY_TRY(result, data::import_instruments(csv, path, all));
    return {};
  }));
  return print(fmt::format("{} added, {} changed, {} unchanged\n", result.added, result.changed, result.unchanged));
}

Result<void> set(const InstrumentOptions& options, const Globals& globals) {
  ARGOSY_TRY_VOID(change_instruments(
      globals, [&](data::Instruments& all) { return set_instrument_fields(options.symbol, options.given(), all); }));
  return print(options.symbol + " is set\n");
}

}  // namespace

std::vector<std::pair<std::string, std::string>> InstrumentOptions::given() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [field, text, option] : fields) {
    if (option->count() > 0) out.emplace_back(field, text);
  }
  return out;
}

void InstrumentOptions::add_to(CLI::App& command, std::span<const std::string_view> names) {
  command.add_option("symbol", symbol, "the symbol")->required();
  fields.reserve(names.size());  // options keep the addresses of the texts
  for (const std::string_view name : names) {
    auto& field = fields.emplace_back(std::string(name), std::string(), nullptr);
    std::string option = "--" + std::string(name);
    std::ranges::replace(option, '_', '-');
    const core::Field* known = core::find_field(core::record_type<InstrumentRow>(), name);
    field.option = command.add_option(option, field.text, std::string(known->notes.text));
  }
}

void add_data_instrument(CLI::App& parent, Globals& globals) {
  CLI::App* group =
      parent.add_subcommand("instrument", "What is traded: exchange, currency, tick, lot, name, sector, ...");
  group->require_subcommand(1);
  CLI::App* lister = group->add_subcommand("list", "Show all instruments");
  add_common_options(*lister, globals);
  lister->footer("Example:\n  argosy data instrument list");
  lister->callback([&globals] { run_command([&] { return list(globals); }); });

  auto options = std::make_shared<InstrumentOptions>();
  CLI::App* setter = group->add_subcommand("set", "Add an instrument or change what is given");
  options->add_to(*setter, data::kInstrumentFields);
  add_common_options(*setter, globals, false);
  setter->footer(
      "The ledger's instrument and the lake's copy change together.\n\nExample:\n"
      "  argosy data instrument set AAPL --exchange XNAS --name \"Apple Inc.\"");
  setter->callback([options, &globals] { run_command([&] { return set(*options, globals); }); });

  auto path = std::make_shared<std::string>();
  CLI::App* importer = group->add_subcommand("import", "Import instruments from a CSV file");
  importer->add_option("file", *path, "the CSV file")->required();
  add_common_options(*importer, globals, false);
  importer->footer(
      fmt::format("Columns: symbol and any of {}.\n\nExample:\n"
                  "  argosy data instrument import samples/bars/instruments.csv",
                  fmt::join(data::kInstrumentFields, ", ")));
  importer->callback([path, &globals] { run_command([&] { return import(*path, globals); }); });
}

}  // namespace argosy::cli
