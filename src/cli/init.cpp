// argosy init: makes a home with its configuration, a lake with the sample bars, and a ledger with paper money.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/data_commands.hpp"
#include "cli/home.hpp"
#include "cli/ledger_init.hpp"
#include "cli/trading_home.hpp"
#include "core/files.hpp"
#include "data/samples.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/open.hpp"

namespace argosy::cli {

namespace {

struct Options {
  bool no_samples = false;
  std::string ledger;  // storage.ledger of a new trading.yaml
};

core::Result<std::string> make_config(const std::string& home) {
  core::Files& files = core::system_files();
  const std::string path = home + "/config.yaml";
  if (files.exists(path)) return fmt::format("{} was there already: kept\n", path);
  ARGOSY_TRY_VOID(files.make_folders(home));
  Settings settings;
  const auto sections = config_sections(settings);
  ARGOSY_TRY_VOID(files.write_atomic(path, core::render_config(sections)));
  return fmt::format("{} made\n", path);
}

// What trading may do; its comments are for whoever changes it.
core::Result<std::string> make_trading_config(const std::string& ledger, const Globals& globals) {
  core::Files& files = core::system_files();
  const std::string path = home_folder(globals) + "/trading.yaml";
  if (files.exists(path)) {
    if (ledger.empty()) return fmt::format("{} was there already: kept\n", path);
    ARGOSY_TRY(const TradingSetup setup, load_trading(globals));
    if (setup.config.storage.ledger == ledger) return fmt::format("{} was there already: kept\n", path);
    return core::fail(core::Error(core::ErrorCode::kAlreadyExists,
                                  "the home has a configuration, and its ledger is another one than --ledger names")
                          .with_hint("move the ledger as docs/guides/database.md says, and change storage.ledger there")
                          .at(path));
  }
  ARGOSY_TRY(std::string text, default_trading_config_text());
  if (!ledger.empty()) text = with_ledger(text, ledger);
  ARGOSY_TRY_VOID(files.write_atomic(path, text));
  return fmt::format("{} made\n", path);
}

core::Result<std::string> add_samples(const lake::Lake& lake) {
  const std::string folder = samples_folder("bars");
  if (folder.empty())
    return std::string("no sample bars were found beside the program: set ARGOSY_SAMPLES to their folder\n");
  std::vector<data::ImportReport> reports;
  {
    ProgressBar bar("importing samples");
    ARGOSY_TRY(reports,
               data::import_samples(lake, core::system_files(), folder, [&](double done) { bar.update(done); }));
  }
  std::string out;
  for (const auto& report : reports) {
    for (const auto& symbol : report.symbols) {
      out += fmt::format("sample {}: {} to {}, {}", symbol.symbol, symbol.first, symbol.last,
                         count_of(symbol.added, "bar"));
      if (symbol.unchanged > 0) out += fmt::format(", {} there already", symbol.unchanged);
      if (symbol.quarantined > 0) out += fmt::format(", {} quarantined", symbol.quarantined);
      if (symbol.odd > 0) out += fmt::format(", {}", count_of(symbol.odd, "odd finding"));
      out += '\n';
    }
  }
  return out;
}

core::Result<void> init(const Options& options, const Globals& globals) {
  const std::string home = home_folder(globals);
  // Before anything is made: a server that is not there, or does not let us in, leaves no half of a home.
  if (!options.ledger.empty())
    ARGOSY_TRY_VOID(ledger::database_exists(options.ledger, ledger::ledger_schema(), core::system_files()));
  ARGOSY_TRY(std::string out, make_config(home));
  ARGOSY_TRY(const Settings settings, load_settings(globals));
  const auto lake_folder = lake_options(globals, settings);
  ARGOSY_TRY(const bool made, lake::Lake::create(lake_folder, core::system_files()));
  out += fmt::format("{} {}\n", lake_folder.folder, made ? "made" : "was there already: kept");
  ARGOSY_TRY(const lake::Lake lake, open_lake(globals));
  // A symbol that was removed on purpose does not come back, unless the first init was cut off before its samples.
  ARGOSY_TRY(const lake::Snapshot before, lake.snapshot());
  if (!options.no_samples && before.symbols().empty()) {
    ARGOSY_TRY(const std::string samples, add_samples(lake));
    out += samples;
  }
  ARGOSY_TRY(const std::string trading, make_trading_config(options.ledger, globals));
  ARGOSY_TRY(const std::string ledger, make_ledger(globals));
  out += trading + ledger;
  out += fmt::format("Argosy's home is {}. Next: argosy data list{}\n", home,
                     globals.home.empty() ? "" : " --home " + globals.home);
  return print(out);
}

}  // namespace

void add_init(CLI::App& parent, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      parent.add_subcommand("init", "Make a home: configuration, lake with sample bars, ledger with a paper account");
  command->add_flag("--no-samples", options->no_samples, "leave the lake empty");
  command->add_option("--ledger", options->ledger,
                      "where the ledger is made: a file, or postgresql://user@host:port/database; default: ledger.db");
  add_common_options(*command, globals, false);
  command->footer(
      "Doing it again is harmless: what is there is kept.\n\nExamples:\n  argosy init --home ~/argosy\n  argosy init "
      "--ledger postgresql://argosy@localhost/argosy");
  command->callback([options, &globals] { run_command([&] { return init(*options, globals); }); });
}

}  // namespace argosy::cli
