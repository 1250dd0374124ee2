// argosy data simulate: a market of random numbers, into the lake or as a stream.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/data_commands.hpp"
#include "cli/home.hpp"
#include "cli/instruments.hpp"
#include "core/executor.hpp"
#include "data/simulate.hpp"
#include "feeds/player.hpp"
#include "feeds/simulated_market.hpp"

namespace argosy::cli {

namespace {

using Market = feeds::SimulatedMarketSettings;

struct Options {
  std::vector<std::pair<std::string, std::string>> texts;  // of the settings' fields
  std::string timeframe = "1d";
  std::string universe;
  bool replace = false;
  bool stream = false;
  bool quotes = false;
  double speed = 0;
};

core::Result<Market> read_settings(const Options& options) {
  Market settings;
  for (const auto& [field, text] : options.texts) {
    ARGOSY_TRY_VOID(core::set_field(core::record_type<Market>(), &settings, field, text));
  }
  ARGOSY_TRY(settings.timeframe, market::Timeframe::parse(options.timeframe));
  return settings;
}

// One line of JSON.
std::string describe(const feeds::FeedEvent& event, const feeds::SimulatedMarket& market) {
  core::JsonWriter json;
  const auto begin = [&](std::string_view type) {
    json.begin_object().key("type").value(type).key("at").value(core::format_rfc3339(event.time));
    json.key("symbol").value(market.instruments()[event.symbol].symbol);
  };
  if (const auto* bar = std::get_if<market::Bar>(&event.what)) {
    begin("bar");
    json.key("time").value(market::format_key(bar->key, market.settings().timeframe));
    json.key("open").value(bar->open).key("high").value(bar->high).key("low").value(bar->low);
    json.key("close").value(bar->close).key("volume").value(bar->volume);
    json.key("source").value(market::to_string(bar->source));
  } else if (const auto* quote = std::get_if<market::Quote>(&event.what)) {
    begin("quote");
    json.key("bid").value(quote->bid).key("ask").value(quote->ask).key("last").value(quote->last);
    json.key("source").value(market::to_string(quote->source));
  } else {
    const auto& action = std::get<market::CorporateAction>(event.what);
    begin(market::to_string(action.kind));
    json.key("ex_date").value(action.ex_date.to_string());
    if (action.kind == market::ActionKind::kSplit) {
      json.key("numerator").value(action.numerator).key("denominator").value(action.denominator);
    } else {
      json.key("amount").value(action.amount);
    }
  }
  json.end_object();
  return std::move(json).take() + "\n";
}

core::Result<void> stream(const Options& options, const Market& settings) {
  if (!(options.speed >= 0)) {
    return core::fail(core::Error(core::ErrorCode::kInvalidArgument, "--speed must not be below 0")
                          .with_hint("0 waits for nothing, 1 is real time, 60 plays a minute in a second"));
  }
  ARGOSY_TRY(const feeds::SimulatedMarket market, feeds::SimulatedMarket::make(settings));
  feeds::SimulatedStream stream(market);
  core::Result<void> printed;
  const auto use = [&](const feeds::FeedEvent& event) {
    const bool wanted = options.quotes || !std::holds_alternative<market::Quote>(event.what);
    if (wanted && printed) printed = print(describe(event, market));
  };
  if (options.speed == 0) {
    while (printed) {
      const auto event = stream.next();
      if (!event) break;
      use(*event);
    }
    return printed;
  }
  static const core::SystemClock clock;
  const auto executor = core::make_real_executor(clock);
  // The longest wait while the exchange is open; longer ones are nights.
  const core::Duration longest =
      settings.timeframe.is_intraday() ? settings.timeframe.nominal() : core::Duration(std::chrono::hours(3));
  const auto use_or_stop = [&](const feeds::FeedEvent& event) {
    use(event);
    if (!printed) executor->stop();
  };
  feeds::Player player(
      *executor, [&] { return stream.next(); }, {.speed = options.speed, .longest_wait = longest}, use_or_stop,
      [&] { executor->stop(); });
  player.start();
  executor->run();
  return printed;
}

std::string describe(const data::SimulateReport& report) {
  std::string out = fmt::format("{}: {}, {} bars of {} from {} to {}: {} added, {} unchanged; {}, {}\n",
                                report.universe.empty() ? "simulated" : report.universe,
                                count_of(report.symbols, "symbol"), report.timeframe, count_of(report.days, "session"),
                                report.first, report.last, count_of(report.added, "bar"), report.unchanged,
                                count_of(report.splits, "split"), count_of(report.dividends, "dividend"));
  if (report.replaced > 0)
    out += fmt::format("{} had other data, which is gone\n", count_of(report.replaced, "symbol"));
  return out;
}

core::Result<void> simulate(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const Market settings, read_settings(options));
  if (options.stream) return stream(options, settings);
  ARGOSY_TRY(const lake::Lake lake, open_lake(globals));
  ARGOSY_TRY(const std::optional<HomeInstruments> home, HomeInstruments::find(globals));
  data::SimulateReport report;
  {
    ProgressBar bar("simulating");
    ARGOSY_TRY(report, data::simulate(
                           lake, {settings, options.universe, options.replace}, [&](double done) { bar.update(done); },
                           home ? home->before_commit() : lake::BeforeCommit()));
  }
  if (home) ARGOSY_TRY_VOID(home->owner().finish());
  if (!globals.json) return print(describe(report));
  core::JsonWriter json(2);
  core::write_json(json, report);
  return print_json(std::move(json));
}

}  // namespace

void add_data_simulate(CLI::App& parent, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      parent.add_subcommand("simulate", "Make a market of random numbers that looks like one of stocks");
  const Market defaults;
  const auto& type = core::record_type<Market>();
  for (const core::Field& field : type.fields)
    options->texts.emplace_back(field.name, core::field_text(field, &defaults));
  for (auto& [name, text] : options->texts) {
    const core::FieldNotes& notes = core::find_field(type, name)->notes;
    std::string option = "--" + name;
    std::ranges::replace(option, '_', '-');
    std::string help(notes.text);
    if (!notes.unit.empty()) help += fmt::format(" ({})", notes.unit);
    command->add_option(option, text, help)->capture_default_str();
  }
  command->add_option("--timeframe", options->timeframe, "length of the bars: 1d, 1h, 5m, 1m")->capture_default_str();
  command->add_option("--universe", options->universe, "universe that gets these symbols (default: none)");
  command->add_flag("--replace", options->replace, "other data of these symbols, or in this universe, gives way");
  auto* stream = command->add_flag("--stream", options->stream, "print bars as JSON lines instead of storing them");
  command->add_option("--speed", options->speed, "of the stream: 0 without waiting, 1 real time; nights are skipped")
      ->capture_default_str()
      ->needs(stream);
  command->add_flag("--quotes", options->quotes, "quotes in the stream, too")->needs(stream);
  add_common_options(*command, globals);
  command->footer(
      "The same options give the same bars on every machine; more days or symbols add to what is there.\n\nExamples:\n"
      "  argosy data simulate --universe U500 --symbols 500 --days 2520 --seed 7\n"
      "  argosy data simulate --symbols 3 --days 5 --timeframe 1m --stream --speed 60");
  command->callback([options, &globals] { run_command([&] { return simulate(*options, globals); }); });
}

}  // namespace argosy::cli
