// argosy backtest: runs a strategy file over stored bars and shows what it would have done.
#include "backtest/backtest.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>

#include "cli/backtest_options.hpp"
#include "cli/commands.hpp"
#include "cli/home.hpp"
#include "cli/run_store.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "honesty/honesty.hpp"

namespace argosy::cli {
namespace {

using core::Result;

struct Options {
  BacktestOptions request;
  std::string trades;
  std::string orders;
  std::string equity;
  std::string report;
  bool prove = false;
  bool quick = false;
  std::uint64_t seed = 1;
  bool no_store = false;
};

// All of them where they are few.
std::string symbols_text(const backtest::Summary& s) {
  constexpr std::size_t kMostNamed = 8;
  if (s.symbols.size() <= kMostNamed) return core::join(s.symbols, " ");
  return fmt::format("{} symbols{}", s.symbols.size(), s.universe ? " of " + *s.universe : "");
}

std::string for_people(const backtest::BacktestResult& result, const std::optional<honesty::Honesty>& honesty) {
  const backtest::Summary& s = result.summary;
  std::string out;
  if (!result.empty_reason.empty()) out += result.empty_reason + "\n";
  out +=
      fmt::format("{}  {}  {}  {} to {}, {} bars\n\n", s.strategy, symbols_text(s), s.timeframe, s.from, s.to, s.bars);
  out += format_table({"", "strategy", "buy and hold"},
                      {{"total return", format_ratio(s.total_return), format_ratio(s.buy_and_hold_return)},
                       {"CAGR", format_ratio(s.cagr), format_ratio(s.buy_and_hold_cagr)},
                       {"Sharpe", format_statistic(s.sharpe), format_statistic(s.buy_and_hold_sharpe)},
                       {"max drawdown", format_ratio(-s.max_drawdown), format_ratio(-s.buy_and_hold_max_drawdown)},
                       {"final equity", s.final_equity.to_string(2), result.buy_and_hold.equity.back().to_string(2)},
                       {"fees", s.fees.to_string(2), result.buy_and_hold.fees.to_string(2)},
                       {"interest", s.charges.to_string(2), result.buy_and_hold.charges.to_string(2)},
                       {"dividends", s.dividends.to_string(2), result.buy_and_hold.dividends.to_string(2)},
                       {"trades", fmt::format("{}", s.trades), ""},
                       {"win rate", std::isnan(s.win_rate) ? "-" : fmt::format("{:.1f} %", s.win_rate * 100), ""},
                       {"profit factor", format_statistic(s.profit_factor), ""},
                       {"expectancy", format_statistic(s.expectancy), ""},
                       {"exposure", fmt::format("{:.1f} %", s.exposure * 100), ""}});
  out += "\n";
  for (const std::string& line : honesty::honesty_lines(result, honesty)) out += line + "\n";
  out += fmt::format("\n{}data {}  result {}\n", s.run ? "run " + *s.run + "  " : "", s.data_hash.substr(0, 12),
                     s.result_hash.substr(0, 12));
  for (const std::string& warning : s.warnings) {
    if (warning != result.empty_reason) out += "note: " + warning + "\n";
  }
  return out;
}

Result<void> write_files(const Options& options, const backtest::BacktestResult& result,
                         const std::optional<honesty::Honesty>& honesty) {
  core::Files& files = core::system_files();
  if (!options.trades.empty()) ARGOSY_TRY_VOID(files.write_atomic(options.trades, backtest::trades_csv(result)));
  if (!options.orders.empty()) ARGOSY_TRY_VOID(files.write_atomic(options.orders, backtest::orders_csv(result)));
  if (!options.equity.empty()) ARGOSY_TRY_VOID(files.write_atomic(options.equity, backtest::equity_csv(result)));
  if (options.report.empty()) return {};
  return files.write_atomic(options.report, backtest::html_report(result, honesty::report_addition(result, honesty)));
}

Result<void> run(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const lake::Snapshot snapshot, open_snapshot(globals));
  const Globals noting = noting_inputs(globals);
  ARGOSY_TRY(const backtest::BacktestRequest request, make_request(options.request, noting, snapshot));
  tell_progress(0, "trading");
  ARGOSY_TRY(backtest::BacktestResult result, backtest::run_backtest(request, snapshot));
  std::optional<honesty::Honesty> honesty;
  if (!options.quick) {
    tell_progress(0.3, "telling luck from skill");
    ARGOSY_TRY(honesty,
               honesty::check_honesty(request, result, snapshot, {.prove = options.prove, .seed = options.seed}));
  }
  ARGOSY_TRY_VOID(write_files(options, result, honesty));
  tell_progress(0.9, "storing");
  if (!options.no_store) result.summary.run = store_backtest(result, options.request, noting);
  if (globals.json) return print(honesty::to_json(result, honesty));
  std::string text = for_people(result, honesty);
  if (!options.report.empty()) text += "report: " + options.report + "\n";
  return print(text);
}

}  // namespace

void add_backtest(CLI::App& parent, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand("backtest", "Trade a strategy file over stored bars");
  add_backtest_options(*command, options->request);
  command->add_option("--trades", options->trades, "write the trades to this CSV file");
  command->add_option("--orders", options->orders, "write the orders, with the rule of each fill, to this CSV file");
  command->add_option("--equity", options->equity, "write the equity of each bar to this CSV file");
  command->add_option("--report", options->report, "write the report to this HTML file");
  command->add_flag("--prove", options->prove, "look for look-ahead at every bar, however many there are");
  command->add_flag("--quick", options->quick, "leave out what tells luck from skill: look-ahead, intervals, costs")
      ->excludes("--prove");
  command->add_option("--seed", options->seed, "of all that is drawn at random")->capture_default_str();
  command->add_flag("--no-store", options->no_store, "do not keep the run (argosy run list)");
  add_common_options(*command, globals);
  command->footer(
      "Examples:\n"
      "  argosy backtest samples/strategies/golden_cross.yaml --symbol AAPL --report r.html\n"
      "  argosy backtest samples/strategies/golden_cross.yaml --symbol IBM --set fast=20 --set slow=100 --json\n"
      "  argosy backtest samples/strategies/golden_cross.yaml --symbol AAPL --slippage percent:0.05 --fees ibkr_fixed\n"
      "  argosy backtest samples/strategies/golden_cross.yaml --symbol AAPL --prove\n"
      "  argosy backtest samples/strategies/trend_five.yaml --trades trades.csv --from 2005-01-01");
  command->callback([options, &globals] { run_command([&] { return run(*options, globals); }); });
}

}  // namespace argosy::cli
