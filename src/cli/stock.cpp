// argosy stock: instruments as users of stocks know them, and their stored prices.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <memory>

#include "cli/commands.hpp"
#include "cli/instruments.hpp"
#include "cli/stock_commands.hpp"
#include "core/json.hpp"
#include "ledger/records.hpp"
#include "ledger/views.hpp"

namespace argosy::cli {
namespace {

using core::Result;
using ledger::InstrumentRow;
using ledger::StockRow;

constexpr std::array<std::string_view, 4> kStockFields{"name", "sector", "description", "is_active"};

struct ListOptions {
  std::string sector;
  bool active = false;
};

StockRow stock_of(const InstrumentRow& row) {
  return {.id = row.instrument_id,
          .symbol = row.symbol,
          .name = row.name,
          .is_active = row.is_active,
          .sector = row.sector,
          .description = row.description};
}

Result<void> list(const ListOptions& options, const Globals& globals) {
  ARGOSY_TRY(const HomeInstruments home, HomeInstruments::open(globals));
  ARGOSY_TRY(const data::Instruments known, home_instruments(home, globals));
  std::vector<StockRow> stocks;
  std::vector<std::vector<std::string>> rows;
  for (const auto& [symbol, row] : known) {
    if ((options.active && !row.is_active) || (!options.sector.empty() && row.sector != options.sector)) continue;
    stocks.push_back(stock_of(row));
    rows.push_back({fmt::to_string(row.instrument_id), symbol, row.name, row.sector, row.is_active ? "yes" : "no"});
  }
  if (globals.json) return print(core::json_list<StockRow>(stocks) + "\n");
  return print(format_table({"id", "symbol", "name", "sector", "active"}, rows));
}

Result<void> print_stock(const std::string& symbol, const Globals& globals) {
  ARGOSY_TRY(const HomeInstruments home, HomeInstruments::open(globals));
  ARGOSY_TRY(const data::Instruments known, home_instruments(home, globals));
  ARGOSY_TRY(const InstrumentRow row, find_instrument(known, symbol));
  if (globals.json) {
    core::JsonWriter json(2);
    const StockRow stock = stock_of(row);
    core::write_json_fields(json.begin_object(), core::record_type<StockRow>(), &stock);
    json.key("exchange").value(row.exchange).key("currency").value(row.currency);
    json.key("asset_type").value(row.asset_type).key("tick").value(row.tick).key("lot").value(row.lot);
    json.key("fractional").value(row.fractional).key("updated_at").value(core::format_rfc3339(row.updated_at));
    return print(std::move(json.end_object()).take() + "\n");
  }
  std::string out = fmt::format("{}{}{}{}\n", row.symbol, row.name.empty() ? "" : "  ", row.name,
                                row.is_active ? "" : "  (not active: no new service trades it)");
  out += fmt::format("exchange {}, currency {}, tick {}, lot {}{}\n", row.exchange, row.currency, row.tick.to_string(),
                     row.lot.to_string(), row.sector.empty() ? "" : ", sector " + row.sector);
  if (!row.description.empty()) out += row.description + "\n";
  return print(out);
}

Result<void> set(const InstrumentOptions& options, const Globals& globals) {
  const auto given = options.given();
  if (given.empty())
    return core::fail(core::Error(core::ErrorCode::kInvalidArgument, "nothing to set")
                          .with_hint("argosy stock set --help lists what can be set"));
  ARGOSY_TRY_VOID(change_instruments(globals, [&](data::Instruments& all) -> Result<void> {
    ARGOSY_TRY_VOID(find_instrument(all, options.symbol));
    return set_instrument_fields(options.symbol, given, all);
  }));
  return print_stock(options.symbol, globals);
}

}  // namespace

void add_stock(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand("stock", "Stocks: names, sectors, whether they may be traded, prices");
  group->require_subcommand(1);

  auto listed = std::make_shared<ListOptions>();
  CLI::App* lister = group->add_subcommand("list", "Show the stocks");
  lister->add_option("--sector", listed->sector, "of one sector only");
  lister->add_flag("--active", listed->active, "only those that may get new services");
  add_common_options(*lister, globals);
  lister->footer("Examples:\n  argosy stock list --json\n  argosy stock list --sector Technology --active");
  lister->callback([listed, &globals] { run_command([&] { return list(*listed, globals); }); });

  auto symbol = std::make_shared<std::string>();
  CLI::App* shower = group->add_subcommand("show", "Show one stock");
  shower->add_option("symbol", *symbol, "the symbol")->required();
  add_common_options(*shower, globals);
  shower->footer("Example:\n  argosy stock show AAPL");
  shower->callback([symbol, &globals] { run_command([&] { return print_stock(*symbol, globals); }); });

  auto options = std::make_shared<InstrumentOptions>();
  CLI::App* setter = group->add_subcommand("set", "Change what is said of a stock");
  options->add_to(*setter, kStockFields);
  add_common_options(*setter, globals);
  setter->footer(
      "argosy data instrument set changes exchange, currency, tick and lot.\n\nExamples:\n"
      "  argosy stock set AAPL --sector Technology --description \"Telephones and computers\"\n"
      "  argosy stock set META --is-active false");
  setter->callback([options, &globals] { run_command([&] { return set(*options, globals); }); });

  add_stock_prices(*group, globals);
}

}  // namespace argosy::cli
