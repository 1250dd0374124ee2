// argosy rate: what currencies are worth, with source and age.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "cli/commands.hpp"
#include "cli/home.hpp"
#include "cli/ledger_home.hpp"
#include "cli/rates.hpp"
#include "cli/trading_home.hpp"
#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "data/rate_text.hpp"
#include "data/stored_rates.hpp"

namespace argosy::cli {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using market::RateQuote;

namespace {

const core::SystemClock kClock;
constexpr std::size_t kSourceLength = 40;

struct Options {
  std::string file;
  std::string pair;
  std::string rate;
  std::string time;
  std::string source;
  bool all = false;
};

std::string age_of(const data::RateView& view) {
  if (view.age_seconds < 0) return "not known yet";
  return market::age_text(std::chrono::seconds(view.age_seconds)) + (view.is_stale ? ", stale" : "");
}

// "EUR/USD", or "EURUSD".
Result<std::pair<std::string, std::string>> parse_pair(const std::string& text) {
  const std::size_t cut = text.find('/');
  std::pair<std::string, std::string> pair{
      text.substr(0, cut == std::string::npos ? 3 : cut),
      cut == std::string::npos ? (text.size() > 3 ? text.substr(3) : "") : text.substr(cut + 1)};
  const RateQuote rate{
      .time = {}, .base = pair.first, .quote = pair.second, .rate = core::Price::from_integer(1), .source = {}};
  const auto checked = market::check_rate(rate);
  if (checked) return pair;
  return fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is no pair: {}", text, checked.error().message))
                  .with_hint("write two currencies, for example EUR/USD"));
}

Result<void> import(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const std::string csv, core::system_files().read(options.file));
  ARGOSY_TRY(std::vector<RateQuote> rates, data::read_rates(csv, options.file));
  const std::string source = options.source.empty() ? options.file.substr(options.file.rfind('/') + 1) : options.source;
  if (source.size() > kSourceLength)
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is too long for the name of a source", source))
                    .with_hint(fmt::format("give one of up to {} letters: --source ecb", kSourceLength)));
  for (RateQuote& rate : rates) rate.source = source;
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const data::RateImport done,
             data::store_rates(*database, rates, {.actor = kCommandUser, .time = kClock.now()}));
  if (globals.json) {
    core::JsonWriter json(2);
    json.begin_object().key("source").value(source).key("added").value(done.added);
    json.key("changed").value(done.changed).key("unchanged").value(done.unchanged).end_object();
    return print(std::move(json).take() + "\n");
  }
  return print(
      fmt::format("{}: {} added, {} changed, {} unchanged\n", source, done.added, done.changed, done.unchanged));
}

Result<void> list(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const core::Duration max_age, rate_age_limit(globals));
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(std::vector<RateQuote> rates, data::load_rates(*database));
  const core::Timestamp now = kClock.now();
  if (!options.all) rates = data::make_rate_table(rates, max_age, now).rates();
  std::vector<data::RateView> views;
  std::vector<std::vector<std::string>> rows;
  for (const RateQuote& rate : rates) {
    const data::RateView& view = views.emplace_back(data::view_of(rate, now, max_age));
    rows.push_back(
        {view.base, view.quote, view.rate.to_string(), format_seconds(view.time), view.source, age_of(view)});
  }
  if (globals.json) return print(core::json_list<data::RateView>(views) + "\n");
  if (rows.empty()) return print("There are no exchange rates. Add some with: argosy rate set EUR/USD 1.08\n");
  return print(format_table({"base", "quote", "rate", "time", "source", "age"}, rows));
}

Error no_rate(Error error, const std::pair<std::string, std::string>& pair, const market::RateTable& table) {
  std::set<std::string> currencies;
  for (const RateQuote& rate : table.rates()) currencies.insert({rate.base, rate.quote});
  const std::vector<std::string_view> words(currencies.begin(), currencies.end());
  for (const std::string& wanted : {pair.first, pair.second}) {
    if (!currencies.contains(wanted)) error.message += "." + core::did_you_mean(wanted, words);
  }
  return std::move(error).with_hint("argosy rate list shows what there is; argosy rate import or set adds more");
}

Result<void> show(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto pair, parse_pair(options.pair));
  ARGOSY_TRY(const core::Duration max_age, rate_age_limit(globals));
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const std::vector<RateQuote> rates, data::load_rates(*database));
  const core::Timestamp now = kClock.now();
  // Also one that is too old: it is shown with its age.
  auto found = data::make_rate_table(rates, max_age, now).find(pair.first, pair.second, now);
  if (!found) {
    const market::RateTable any_age = data::make_rate_table(rates, core::Duration::max(), now);
    found = any_age.find(pair.first, pair.second, now);
    if (!found) return fail(no_rate(std::move(found).error(), pair, any_age));
  }
  RateQuote rate{.time = found->time,
                 .base = pair.first,
                 .quote = pair.second,
                 .rate = found->rate.quote,
                 .source = found->source};
  if (found->rate.inverse) std::swap(rate.base, rate.quote);
  const data::RateView view = data::view_of(rate, now, max_age);
  if (globals.json) {
    core::JsonWriter json(2);
    core::write_json(json, view);
    return print(std::move(json).take() + "\n");
  }
  std::string out = fmt::format("1 {} is {} {}, from {} at {} ({})\n", view.base, view.rate.to_string(), view.quote,
                                view.source, format_seconds(view.time), age_of(view));
  if (view.is_stale)
    out += fmt::format("It converts nothing: it is older than {} (rate_age_hours of trading.yaml).\n",
                       market::age_text(max_age));
  return print(out);
}

Result<void> set(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const auto pair, parse_pair(options.pair));
  RateQuote rate{.time = kClock.now(),
                 .base = pair.first,
                 .quote = pair.second,
                 .rate = {},
                 .source = options.source.empty() ? "by hand" : options.source};
  ARGOSY_TRY(rate.rate, parse_amount<core::Price>(options.rate, "rate"));
  if (!options.time.empty()) {
    ARGOSY_TRY(rate.time, core::parse_rfc3339(options.time));
  }
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY_VOID(data::store_rates(*database, {&rate, 1}, {.actor = kCommandUser, .time = kClock.now()}));
  return show(options, globals);
}

}  // namespace

Result<core::Duration> rate_age_limit(const Globals& globals) {
  ARGOSY_TRY(const TradingSetup setup, load_trading(globals));
  return live::rate_age(setup.config);
}

Result<market::RateTable> load_rates(const Globals& globals) {
  ARGOSY_TRY(const core::Duration max_age, rate_age_limit(globals));
  ARGOSY_TRY(const auto database, open_ledger(globals));
  ARGOSY_TRY(const std::vector<RateQuote> rates, data::load_rates(*database));
  return data::make_rate_table(rates, max_age, kClock.now());
}

Result<std::vector<feeds::SimulatedRate>> first_simulated_rates(const Globals& globals) {
  ARGOSY_TRY(const market::RateTable stored, load_rates(globals));
  return data::first_rates(feeds::usual_rates(), stored);
}

void add_rate(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand("rate", "Exchange rates: import, look at, set");
  group->require_subcommand(1);
  auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* text, const char* footer,
                       Result<void> (*work)(const Options&, const Globals&)) {
    CLI::App* command = group->add_subcommand(name, text);
    add_common_options(*command, globals);
    command->footer(footer);
    command->callback([options, work, &globals] { run_command([&] { return work(*options, globals); }); });
    return command;
  };
  CLI::App* importer =
      add("import", "Import rates from a CSV file",
          "Columns: date or time, base, quote, rate. A rate of a date is known when that date is over, "
          "in UTC.\n\nExample:\n  argosy rate import rates.csv --source ecb",
          import);
  importer->add_option("file", options->file, "the CSV file")->required();
  CLI::App* lister = add("list", "Show the latest rate of each pair",
                         "A rate that is older than rate_age_hours of trading.yaml is stale: it converts nothing.\n\n"
                         "Examples:\n  argosy rate list\n  argosy rate list --all --json",
                         list);
  lister->add_flag("--all", options->all, "all that are stored, in the order of time");
  CLI::App* shower = add("show", "Show what one currency is worth in another",
                         "The rate may be stored the other way round, or by way of USD.\n\nExample:\n"
                         "  argosy rate show EUR/USD",
                         show);
  CLI::App* setter = add("set", "Store a rate",
                         "Examples:\n  argosy rate set EUR/USD 1.0825\n"
                         "  argosy rate set USD/KRW 1385.25 --time 2024-11-29T18:00:00Z --source bank",
                         set);
  for (CLI::App* command : {shower, setter})
    command->add_option("pair", options->pair, "two currencies: EUR/USD")->required();
  setter->add_option("rate", options->rate, "what one unit of the first costs in the second")->required();
  setter->add_option("--time", options->time, "since when it is known (default: now)");
  for (CLI::App* command : {importer, setter})
    command->add_option("--source", options->source, "who says so (default: the file's name, or \"by hand\")");
}

}  // namespace argosy::cli
