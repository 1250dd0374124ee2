// argosy data list and show: what the lake holds, and what it knows of one symbol.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/data_commands.hpp"
#include "cli/home.hpp"
#include "core/text.hpp"

namespace argosy::cli {

namespace {

constexpr std::size_t kLastBars = 5;
constexpr std::size_t kShownHash = 12;

market::Instrument instrument_of(const lake::Snapshot& snapshot, const std::string& symbol) {
  const auto it = snapshot.tables().instruments.find(symbol);
  market::Instrument unknown;
  unknown.symbol = symbol;
  return it == snapshot.tables().instruments.end() ? unknown : it->second;
}

void write_series(core::JsonWriter& json, const lake::Snapshot& snapshot, const lake::Series& series) {
  json.begin_object().key("symbol").value(series.symbol).key("timeframe").value(series.timeframe.to_string());
  json.key("rows").value(series.rows);
  json.key("first").value(market::format_key(series.first, series.timeframe));
  json.key("last").value(market::format_key(series.last, series.timeframe));
  json.key("hash").value(series.hash);
  const auto instrument = instrument_of(snapshot, series.symbol);
  json.key("exchange")
      .value(instrument.exchange)
      .key("currency")
      .value(instrument.currency)
      .key("name")
      .value(instrument.name);
  json.end_object();
}

std::vector<std::string> series_cells(const lake::Snapshot& snapshot, const lake::Series& series) {
  return {series.symbol,
          series.timeframe.to_string(),
          std::to_string(series.rows),
          market::format_key(series.first, series.timeframe),
          market::format_key(series.last, series.timeframe),
          instrument_of(snapshot, series.symbol).exchange,
          series.hash.substr(0, kShownHash)};
}

const std::vector<std::string>& series_header() {
  static const std::vector<std::string> kHeader{"symbol", "timeframe", "rows", "first", "last", "exchange", "hash"};
  return kHeader;
}

core::Result<void> list(const Globals& globals) {
  ARGOSY_TRY(const auto snapshot, open_snapshot(globals));
  ARGOSY_TRY(const auto all, snapshot.series());
  if (globals.json) {
    core::JsonWriter json(2);
    json.begin_object().key("items").begin_array();
    for (const auto& series : all) write_series(json, snapshot, series);
    json.end_array().key("meta").begin_object().key("count").value(all.size());
    json.key("generation").value(snapshot.manifest().generation).end_object().end_object();
    return print_json(std::move(json));
  }
  if (all.empty())
    return print("The lake is empty. Import bars with: argosy data import FILE --symbol S --timeframe 1d\n");
  std::vector<std::vector<std::string>> rows;
  for (const auto& series : all) rows.push_back(series_cells(snapshot, series));
  return print(format_table(series_header(), rows));
}

// All that is known of one symbol.
struct SymbolView {
  market::Instrument instrument;
  std::vector<lake::Series> series;
  std::vector<market::CorporateAction> actions;
  std::vector<lake::QualityRow> quality;
  std::vector<std::pair<market::Timeframe, market::Bar>> last_bars;
};

core::Result<SymbolView> view(const lake::Snapshot& snapshot, const std::string& symbol) {
  SymbolView out;
  const lake::Tables& tables = snapshot.tables();
  out.instrument = instrument_of(snapshot, symbol);
  ARGOSY_TRY(const auto all, snapshot.series());
  for (const auto& series : all) {
    if (series.symbol == symbol) out.series.push_back(series);
  }
  if (out.series.empty() && !tables.instruments.contains(symbol)) {
    const auto symbols = snapshot.symbols();
    const std::vector<std::string_view> names(symbols.begin(), symbols.end());
    return core::fail(core::Error(core::ErrorCode::kNotFound, fmt::format("the lake does not know \"{}\"", symbol))
                          .with_hint(std::string(core::trim(core::did_you_mean(symbol, names)))));
  }
  if (const auto it = tables.actions.find(symbol); it != tables.actions.end()) out.actions = it->second;
  for (const auto& row : tables.quality) {
    if (row.symbol == symbol) out.quality.push_back(row);
  }
  for (const auto& series : out.series) {
    ARGOSY_TRY(const auto bars, snapshot.load(symbol, series.timeframe, std::nullopt, std::nullopt));
    for (std::size_t i = bars.size() - std::min(kLastBars, bars.size()); i < bars.size(); ++i) {
      out.last_bars.emplace_back(series.timeframe, bars.at(i));
    }
  }
  return out;
}

void write_action(core::JsonWriter& json, const market::CorporateAction& action) {
  json.begin_object()
      .key("ex_date")
      .value(action.ex_date.to_string())
      .key("kind")
      .value(market::to_string(action.kind));
  json.key("numerator")
      .value(action.numerator)
      .key("denominator")
      .value(action.denominator)
      .key("amount")
      .value(action.amount);
  json.end_object();
}

core::Result<void> show_json(const lake::Snapshot& snapshot, const SymbolView& symbol) {
  core::JsonWriter json(2);
  json.begin_object().key("instrument");
  core::write_json(json, symbol.instrument);
  json.key("series").begin_array();
  for (const auto& series : symbol.series) write_series(json, snapshot, series);
  json.end_array().key("actions").begin_array();
  for (const auto& action : symbol.actions) write_action(json, action);
  json.end_array().key("quality").begin_array();
  for (const auto& row : symbol.quality) core::write_json(json, row);
  json.end_array().key("last_bars").begin_array();
  for (const auto& [timeframe, bar] : symbol.last_bars) {
    json.begin_object()
        .key("timeframe")
        .value(timeframe.to_string())
        .key("time")
        .value(market::format_key(bar.key, timeframe));
    json.key("open").value(bar.open).key("high").value(bar.high).key("low").value(bar.low).key("close").value(
        bar.close);
    json.key("volume").value(bar.volume).key("source").value(market::to_string(bar.source)).end_object();
  }
  json.end_array().end_object();
  return print_json(std::move(json));
}

core::Result<void> show(const std::string& name, const Globals& globals) {
  ARGOSY_TRY(const auto snapshot, open_snapshot(globals));
  ARGOSY_TRY(const SymbolView symbol, view(snapshot, name));
  if (globals.json) return show_json(snapshot, symbol);
  const auto& instrument = symbol.instrument;
  std::string out = fmt::format("{}{}{}\nexchange {}, currency {}, tick {}, lot {}{}\n", instrument.symbol,
                                instrument.name.empty() ? "" : "  ", instrument.name, instrument.exchange,
                                instrument.currency, instrument.tick.to_string(), instrument.lot.to_string(),
                                instrument.sector.empty() ? "" : ", sector " + instrument.sector);
  std::vector<std::vector<std::string>> rows;
  for (const auto& series : symbol.series) rows.push_back(series_cells(snapshot, series));
  if (!rows.empty()) out += "\nBars\n" + format_table(series_header(), rows);
  rows.clear();
  for (const auto& [timeframe, bar] : symbol.last_bars) {
    rows.push_back({timeframe.to_string(), market::format_key(bar.key, timeframe), bar.open.to_string(),
                    bar.high.to_string(), bar.low.to_string(), bar.close.to_string(), core::format_double(bar.volume)});
  }
  if (!rows.empty())
    out += "\nLast bars\n" + format_table({"timeframe", "time", "open", "high", "low", "close", "volume"}, rows);
  rows.clear();
  for (const auto& action : symbol.actions) {
    const bool split = action.kind == market::ActionKind::kSplit;
    rows.push_back(
        {action.ex_date.to_string(), std::string(market::to_string(action.kind)),
         split ? fmt::format("{} for {}", action.numerator, action.denominator) : action.amount.to_string(2)});
  }
  if (!rows.empty()) out += "\nCorporate actions\n" + format_table({"ex_date", "kind", "value"}, rows);
  rows.clear();
  for (const auto& row : symbol.quality)
    rows.push_back({row.timeframe, row.time, row.action, row.rule, row.detail, row.origin});
  if (!rows.empty())
    out += "\nQuarantined and odd rows\n" +
           format_table({"timeframe", "time", "action", "rule", "detail", "origin"}, rows);
  return print(out);
}

}  // namespace

void add_data_list(CLI::App& parent, Globals& globals) {
  CLI::App* command = parent.add_subcommand("list", "Show what the lake holds");
  add_common_options(*command, globals);
  command->footer(
      "The hash is of the bars alone: equal hashes mean equal bars, however they came.\n\nExample:\n  argosy data list "
      "--json");
  command->callback([&globals] { run_command([&] { return list(globals); }); });
}

void add_data_show(CLI::App& parent, Globals& globals) {
  auto symbol = std::make_shared<std::string>();
  CLI::App* command = parent.add_subcommand("show", "Show what is known of one symbol");
  command->add_option("symbol", *symbol, "the symbol")->required();
  add_common_options(*command, globals);
  command->footer("Example:\n  argosy data show AAPL");
  command->callback([symbol, &globals] { run_command([&] { return show(*symbol, globals); }); });
}

}  // namespace argosy::cli
