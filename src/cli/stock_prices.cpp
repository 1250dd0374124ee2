// argosy stock prices: stored bars as rows of stock_daily_prices and stock_intraday_prices.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/home.hpp"
#include "cli/instruments.hpp"
#include "cli/stock_commands.hpp"
#include "core/json.hpp"
#include "data/stock_prices.hpp"

namespace argosy::cli {
namespace {

using core::Result;

constexpr std::int64_t kMostRows = 100'000;

struct Options {
  std::string symbol;
  std::int64_t interval = 0;  // minutes; 0: daily
  std::string from;
  std::string to;
  std::int64_t limit = 1'000;
  std::int64_t last = 0;
  bool csv = false;
};

template <class Row>
Result<void> print_page(const data::PricePage<Row>& page, const Options& options, const Globals& globals) {
  const core::RecordType& type = core::record_type<Row>();
  if (options.csv) {
    std::string out = core::csv_header(type) + "\n";
    for (const Row& row : page.items) out += core::csv_row(type, &row) + "\n";
    return print(out);
  }
  if (globals.json) {
    core::JsonWriter json(2);
    json.begin_object().key("items").begin_array();
    for (const Row& row : page.items) core::write_json(json, row);
    json.end_array().key("meta").begin_object().key("symbol").value(options.symbol);
    json.key("count").value(page.items.size()).key("total").value(page.total);
    // Where a next page begins.
    if (!page.next.empty()) json.key("next").value(page.next);
    return print(std::move(json.end_object().end_object()).take() + "\n");
  }
  std::vector<std::string> header;
  for (const core::Field& field : type.fields.subspan(1)) header.emplace_back(field.name);
  std::vector<std::vector<std::string>> rows;
  for (const Row& row : page.items) {
    auto& cells = rows.emplace_back();
    for (const core::Field& field : type.fields.subspan(1)) cells.push_back(core::field_text(field, &row));
  }
  std::string out = format_table(header, rows);
  if (!page.next.empty())
    out += fmt::format("{} of {}; the next begin at --from {}\n", page.items.size(), page.total, page.next);
  return print(out);
}

Result<void> prices(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const HomeInstruments home, HomeInstruments::open(globals));
  ARGOSY_TRY(const data::Instruments known, home_instruments(home, globals));
  ARGOSY_TRY(const ledger::InstrumentRow row, find_instrument(known, options.symbol));
  const data::Stock stock{.stock_id = row.instrument_id, .symbol = row.symbol};
  data::PriceQuestion question{.limit = static_cast<std::size_t>(options.last > 0 ? options.last : options.limit),
                               .newest = options.last > 0};
  const market::Timeframe timeframe =
      options.interval == 0 ? market::Timeframe() : market::Timeframe(1, market::TimeframeUnit::kMinute);
  ARGOSY_TRY(question.range, parse_range(options.from, options.to, timeframe));
  ARGOSY_TRY(const lake::Snapshot snapshot, open_snapshot(globals));
  if (options.interval == 0) {
    ARGOSY_TRY(const auto page, data::daily_prices(snapshot, stock, question));
    return print_page(page, options, globals);
  }
  ARGOSY_TRY(const auto page, data::intraday_prices(snapshot, stock, options.interval, question));
  return print_page(page, options, globals);
}

}  // namespace

void add_stock_prices(CLI::App& parent, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand("prices", "Show stored prices, by days or by minutes");
  command->add_option("symbol", options->symbol, "the symbol")->required();
  command->add_option("--interval", options->interval, "in minutes: 1, 5, 15, 30 or 60 (default: days)");
  command->add_option("--from", options->from, "first date, or time");
  command->add_option("--to", options->to, "last date, or time");
  auto* limit = command->add_option("--limit", options->limit, "rows of a page")
                    ->capture_default_str()
                    ->check(CLI::Range(std::int64_t{1}, kMostRows));
  command->add_option("--last", options->last, "the last so many rows")
      ->check(CLI::Range(std::int64_t{1}, kMostRows))
      ->excludes(limit);
  command->add_flag("--csv", options->csv, "print CSV");
  add_common_options(*command, globals);
  command->footer(
      "Prices are as they were quoted; adj_close is adjusted for splits and dividends to the newest one. Bars within "
      "a\n"
      "day that are not stored are made of shorter ones.\n\nExamples:\n  argosy stock prices AAPL --last 5\n"
      "  argosy stock prices AAPL --from 2012-08-01 --to 2012-08-31 --csv\n"
      "  argosy stock prices S0001 --interval 15 --json");
  command->callback([options, &globals] { run_command([&] { return prices(*options, globals); }); });
}

}  // namespace argosy::cli
