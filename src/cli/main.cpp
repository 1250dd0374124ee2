// The program: parses the command line and runs one command. Exit codes: 0 fine, 1 the work failed, 2 the call was
// wrong.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "cli/commands.hpp"
#include "core/result.hpp"

namespace {

int run(int argc, char** argv) {
  CLI::App app("Argosy takes a trading idea from market data to orders with one set of formulas.", "argosy");
  app.set_version_flag("--version", "argosy " ARGOSY_VERSION);
  app.require_subcommand(1);
  app.footer("Start with: argosy init && argosy backtest samples/strategies/golden_cross.yaml --symbol AAPL");
  argosy::cli::Globals globals;
  globals.version = ARGOSY_VERSION;
  argosy::cli::add_init(app, globals);
  argosy::cli::add_data(app, globals);
  argosy::cli::add_formula(app, globals);
  argosy::cli::add_strategy(app, globals);
  argosy::cli::add_backtest(app, globals);
  argosy::cli::add_run(app, globals);
  argosy::cli::add_optimize(app, globals);
  argosy::cli::add_study(app, globals);
  argosy::cli::add_stock(app, globals);
  argosy::cli::add_rate(app, globals);
  argosy::cli::add_user(app, globals);
  argosy::cli::add_service(app, globals);
  argosy::cli::add_order(app, globals);
  argosy::cli::add_portfolio(app, globals);
  argosy::cli::add_risk(app, globals);
  argosy::cli::add_health(app, globals);
  argosy::cli::add_fees(app, globals);
  argosy::cli::add_limits(app, globals);
  argosy::cli::add_job(app, globals);
  argosy::cli::add_serve(app, globals);
  argosy::cli::add_api(app, globals);
  argosy::cli::add_simulate(app, globals);
  argosy::cli::add_db(app, globals);
  argosy::cli::add_backup(app, globals);
  argosy::cli::add_config(app, globals);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  // A file over the size limit is an error to be told (EFBIG), not a reason to be killed.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const argosy::cli::Exit& exit) {
    return exit.code;
  } catch (const argosy::core::ErrorException& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return argosy::cli::exit_code(error.error().code);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
}
