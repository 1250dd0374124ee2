// argosy backtest: runs a strategy file over stored bars and shows what it would have done.
#include "backtest/backtest.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>

#include "cli/commands.hpp"
#include "cli/fee_options.hpp"
#include "cli/formula_options.hpp"
#include "cli/home.hpp"
#include "cli/limit_options.hpp"
#include "core/files.hpp"
#include "core/text.hpp"

namespace argosy::cli {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;

struct Options {
  std::string file;
  std::vector<std::string> symbols;
  std::string universe;
  std::vector<std::string> set;
  std::string timeframe;
  std::string from;
  std::string to;
  std::string detail;
  std::string cash = "100000";
  std::string currency;
  std::vector<std::string> balances;
  std::string account;
  std::string slippage;
  std::string volume_cap;
  std::string latency;
  std::string limit_fills;
  std::string limits;
  std::string commission_percent;
  std::string fees;
  std::string size_shares;
  std::string prices = "adjusted";
  std::string trades;
  std::string orders;
  std::string equity;
  std::string report;
};

Result<strategy::StrategyFile> read_strategy(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const std::string text, core::system_files().read(options.file));
  ARGOSY_TRY(strategy::StrategyFile file,
             strategy::parse_strategy(text, options.file, strategy_readers(options.file, globals)));
  for (const std::string& assignment : options.set) ARGOSY_TRY_VOID(strategy::set_parameter(file, assignment));
  if (!options.commission_percent.empty()) {
    ARGOSY_TRY(const core::Rate rate, strategy::parse_percent(options.commission_percent, "--commission-percent"));
    file.fees = trading::FeeSchedule::percent(rate);
  }
  if (!options.fees.empty()) {
    ARGOSY_TRY(file.fees, trading::find_fees(options.fees, fee_reader(globals)));
  }
  // What stands on the command line has no place in the file.
  const auto override_text = [&](const std::string& text, std::string_view key, std::string& into) {
    if (text.empty()) return;
    into = text;
    std::erase_if(file.places, [&](const auto& place) { return place.key == key; });
  };
  override_text(options.slippage, "slippage", file.slippage);
  override_text(options.volume_cap, "volume_cap", file.volume_cap);
  override_text(options.latency, "latency", file.latency);
  override_text(options.limit_fills, "limit_fills", file.limit_fills);
  override_text(options.limits, "limits", file.limits);
  if (!options.account.empty()) {
    file.account = options.account == "margin" ? trading::AccountType::kMargin : trading::AccountType::kCash;
    if (file.account == trading::AccountType::kCash && !file.formula(strategy::Role::kShort).empty())
      return fail(ErrorCode::kInvalidArgument, "--account cash: the strategy sells short, which needs margin");
  }
  if (!options.size_shares.empty()) {
    const auto shares = core::Quantity::parse(options.size_shares);
    if (!shares || !shares->is_positive()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("--size-shares \"{}\" is not a number of shares above 0", options.size_shares));
    }
    file.size = {.kind = trading::SizeKind::kShares, .shares = *shares};
  }
  return file;
}

// "EUR:5000"
Result<std::pair<std::string, core::Money>> parse_balance(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == 3) {
    if (const auto amount = core::Money::parse(text.substr(4)); amount && !amount->is_negative())
      return std::pair{text.substr(0, 3), *amount};
  }
  return fail(core::Error(ErrorCode::kInvalidArgument, fmt::format("--balance \"{}\" is no currency and amount", text))
                  .with_hint("write --balance EUR:5000"));
}

Result<backtest::BacktestRequest> make_request(const Options& options, const Globals& globals) {
  ARGOSY_TRY(strategy::StrategyFile file, read_strategy(options, globals));
  backtest::BacktestRequest request;
  request.symbols = options.symbols.empty() ? file.symbols : options.symbols;
  request.timeframe = file.timeframe;
  if (!options.timeframe.empty()) {
    ARGOSY_TRY(request.timeframe, market::Timeframe::parse(options.timeframe));
  }
  ARGOSY_TRY(request.range, parse_range(options.from, options.to, request.timeframe));
  if (!options.detail.empty()) {
    ARGOSY_TRY(request.detail, market::Timeframe::parse(options.detail));
  }
  ARGOSY_TRY(request.cash, core::Money::parse(options.cash));
  if (!file.limits.empty()) {
    auto limits = load_limits(file.limits, globals);
    if (!limits) return fail(file.locate("limits", std::move(limits).error()));
    request.limits = *std::move(limits);
  }
  request.currency = options.currency;
  for (const std::string& text : options.balances) {
    ARGOSY_TRY(auto balance, parse_balance(text));
    request.balances.push_back(std::move(balance));
  }
  request.prices = options.prices == "raw" ? data::PriceMode::kRaw : data::PriceMode::kAdjusted;
  request.strategy = std::move(file);
  return request;
}

std::string percent(double ratio) { return std::isnan(ratio) ? "-" : fmt::format("{:+.2f} %", ratio * 100); }
std::string number(double value) { return std::isnan(value) ? "-" : fmt::format("{:.2f}", value); }

// All of them where they are few.
std::string symbols_text(const backtest::Summary& s) {
  constexpr std::size_t kMostNamed = 8;
  if (s.symbols.size() <= kMostNamed) return core::join(s.symbols, " ");
  return fmt::format("{} symbols{}", s.symbols.size(), s.universe ? " of " + *s.universe : "");
}

std::string for_people(const backtest::BacktestResult& result) {
  const backtest::Summary& s = result.summary;
  std::string out;
  if (!result.empty_reason.empty()) out += result.empty_reason + "\n";
  out +=
      fmt::format("{}  {}  {}  {} to {}, {} bars\n\n", s.strategy, symbols_text(s), s.timeframe, s.from, s.to, s.bars);
  out += format_table({"", "strategy", "buy and hold"},
                      {{"total return", percent(s.total_return), percent(s.buy_and_hold_return)},
                       {"CAGR", percent(s.cagr), percent(s.buy_and_hold_cagr)},
                       {"Sharpe", number(s.sharpe), number(s.buy_and_hold_sharpe)},
                       {"max drawdown", percent(-s.max_drawdown), percent(-s.buy_and_hold_max_drawdown)},
                       {"final equity", s.final_equity.to_string(2), result.buy_and_hold.equity.back().to_string(2)},
                       {"fees", s.fees.to_string(2), result.buy_and_hold.fees.to_string(2)},
                       {"interest", s.charges.to_string(2), result.buy_and_hold.charges.to_string(2)},
                       {"dividends", s.dividends.to_string(2), result.buy_and_hold.dividends.to_string(2)},
                       {"trades", fmt::format("{}", s.trades), ""},
                       {"win rate", std::isnan(s.win_rate) ? "-" : fmt::format("{:.1f} %", s.win_rate * 100), ""},
                       {"profit factor", number(s.profit_factor), ""},
                       {"expectancy", number(s.expectancy), ""},
                       {"exposure", fmt::format("{:.1f} %", s.exposure * 100), ""}});
  out += fmt::format("\ndata {}  result {}\n", s.data_hash.substr(0, 12), s.result_hash.substr(0, 12));
  for (const std::string& warning : s.warnings) {
    if (warning != result.empty_reason) out += "note: " + warning + "\n";
  }
  return out;
}

Result<void> write_files(const Options& options, const backtest::BacktestResult& result) {
  core::Files& files = core::system_files();
  if (!options.trades.empty()) ARGOSY_TRY_VOID(files.write_atomic(options.trades, backtest::trades_csv(result)));
  if (!options.orders.empty()) ARGOSY_TRY_VOID(files.write_atomic(options.orders, backtest::orders_csv(result)));
  if (!options.equity.empty()) ARGOSY_TRY_VOID(files.write_atomic(options.equity, backtest::equity_csv(result)));
  if (!options.report.empty()) ARGOSY_TRY_VOID(files.write_atomic(options.report, backtest::html_report(result)));
  return {};
}

Result<void> run(const Options& options, const Globals& globals) {
  ARGOSY_TRY(backtest::BacktestRequest request, make_request(options, globals));
  ARGOSY_TRY(const lake::Snapshot snapshot, open_snapshot(globals));
  if (!options.universe.empty()) {
    request.universe = options.universe;
    ARGOSY_TRY(request.members, data::load_universe(snapshot, options.universe, request.timeframe));
    request.symbols = request.members.symbols;
  }
  ARGOSY_TRY(const backtest::BacktestResult result, backtest::run_backtest(request, snapshot));
  ARGOSY_TRY_VOID(write_files(options, result));
  if (globals.json) return print(backtest::to_json(result));
  std::string text = for_people(result);
  if (!options.report.empty()) text += "report: " + options.report + "\n";
  return print(text);
}

}  // namespace

void add_backtest(CLI::App& parent, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand("backtest", "Trade a strategy file over stored bars");
  command->add_option("strategy", options->file, "strategy file (YAML)")->required();
  command
      ->add_option("--symbol", options->symbols,
                   "symbols to trade, in the order in which they share the cash (default: the file's)")
      ->delimiter(',');
  command
      ->add_option("--universe", options->universe, "trade the symbols of a universe while they are in it; all: every")
      ->excludes("--symbol");
  command->add_option("--set", options->set, "override a parameter: --set fast=20 (may be repeated)");
  command->add_option("--timeframe", options->timeframe, "length of a bar (default: the file's)");
  command->add_option("--from", options->from, "first bar: a date, or RFC 3339 for bars within a day");
  command->add_option("--to", options->to, "last bar");
  command->add_option("--cash", options->cash, "cash at the start")->capture_default_str();
  command->add_option("--currency", options->currency, "the account's currency (default: that of the first symbol)");
  command->add_option("--balance", options->balances, "more cash in another currency: EUR:5000 (may be repeated)");
  command
      ->add_option("--account", options->account, "cash, or margin: may borrow money and shares (default: the file's)")
      ->check(CLI::IsMember({"cash", "margin"}));
  command->add_option("--commission-percent", options->commission_percent,
                      "percent of the traded amount, both sides (default: the file's)");
  command
      ->add_option("--fees", options->fees,
                   "a preset (argosy fees list), a file, free, percent:X or per_share:X (default: the file's)")
      ->excludes("--commission-percent");
  command->add_option("--slippage", options->slippage,
                      "none, fixed:0.01, percent:0.05, volume:0.1 or range:0.1 (default: the file's)");
  command->add_option("--volume-cap", options->volume_cap,
                      "most of a bar's volume that orders may take: 10% (default: the file's)");
  command->add_option("--latency", options->latency, "how long orders travel: bars:1 or ms:250 (default: the file's)");
  command->add_option("--limit-fills", options->limit_fills, "touch, or through: only once a better price is traded")
      ->check(CLI::IsMember({"touch", "through"}));
  command->add_option("--limits", options->limits,
                      "risk limits: a profile (argosy limits list) or a file (default: the file's, or backtest: none)");
  command->add_option("--detail", options->detail,
                      "fill orders in finer bars while signals stay on the strategy's: 1m");
  command->add_option("--size-shares", options->size_shares, "buy this number of shares (default: the file's size)");
  command->add_option("--prices", options->prices, "adjusted: with splits and dividends; raw: without")
      ->check(CLI::IsMember({"adjusted", "raw"}))
      ->capture_default_str();
  command->add_option("--trades", options->trades, "write the trades to this CSV file");
  command->add_option("--orders", options->orders, "write the orders, with the rule of each fill, to this CSV file");
  command->add_option("--equity", options->equity, "write the equity of each bar to this CSV file");
  command->add_option("--report", options->report, "write the report to this HTML file");
  add_common_options(*command, globals);
  command->footer(
      "Examples:\n"
      "  argosy backtest samples/strategies/golden_cross.yaml --symbol AAPL --report r.html\n"
      "  argosy backtest samples/strategies/golden_cross.yaml --symbol IBM --set fast=20 --set slow=100 --json\n"
      "  argosy backtest samples/strategies/golden_cross.yaml --symbol AAPL --slippage percent:0.05 --fees ibkr_fixed\n"
      "  argosy backtest samples/strategies/trend_five.yaml --trades trades.csv --from 2005-01-01");
  command->callback([options, &globals] { run_command([&] { return run(*options, globals); }); });
}

}  // namespace argosy::cli
