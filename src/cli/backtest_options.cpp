#include "cli/backtest_options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/fee_options.hpp"
#include "cli/formula_options.hpp"
#include "cli/home.hpp"
#include "cli/limit_options.hpp"

namespace argosy::cli {

using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

Result<strategy::StrategyFile> read_strategy(const BacktestOptions& options, const Globals& globals) {
  ARGOSY_TRY(const std::string text, read_input(options.file, globals));
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

}  // namespace

Result<backtest::BacktestRequest> make_request(const BacktestOptions& options, const Globals& globals,
                                               const lake::Snapshot& snapshot) {
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
  if (!options.universe.empty()) {
    request.universe = options.universe;
    ARGOSY_TRY(request.members, data::load_universe(snapshot, options.universe, request.timeframe));
    request.symbols = request.members.symbols;
  }
  return request;
}

void add_backtest_options(CLI::App& command, BacktestOptions& options) {
  command.add_option("strategy", options.file, "strategy file (YAML)")->required();
  command
      .add_option("--symbol", options.symbols,
                  "symbols to trade, in the order in which they share the cash (default: the file's)")
      ->delimiter(',');
  command
      .add_option("--universe", options.universe, "trade the symbols of a universe while they are in it; all: every")
      ->excludes("--symbol");
  command.add_option("--set", options.set, "override a parameter: --set fast=20 (may be repeated)");
  command.add_option("--timeframe", options.timeframe, "length of a bar (default: the file's)");
  command.add_option("--from", options.from, "first bar: a date, or RFC 3339 for bars within a day");
  command.add_option("--to", options.to, "last bar");
  command.add_option("--cash", options.cash, "cash at the start")->capture_default_str();
  command.add_option("--currency", options.currency, "the account's currency (default: that of the first symbol)");
  command.add_option("--balance", options.balances, "more cash in another currency: EUR:5000 (may be repeated)");
  command
      .add_option("--account", options.account, "cash, or margin: may borrow money and shares (default: the file's)")
      ->check(CLI::IsMember({"cash", "margin"}));
  command.add_option("--commission-percent", options.commission_percent,
                     "percent of the traded amount, both sides (default: the file's)");
  command
      .add_option("--fees", options.fees,
                  "a preset (argosy fees list), a file, free, percent:X or per_share:X (default: the file's)")
      ->excludes("--commission-percent");
  command.add_option("--slippage", options.slippage,
                     "none, fixed:0.01, percent:0.05, volume:0.1 or range:0.1 (default: the file's)");
  command.add_option("--volume-cap", options.volume_cap,
                     "most of a bar's volume that orders may take: 10% (default: the file's)");
  command.add_option("--latency", options.latency, "how long orders travel: bars:1 or ms:250 (default: the file's)");
  command.add_option("--limit-fills", options.limit_fills, "touch, or through: only once a better price is traded")
      ->check(CLI::IsMember({"touch", "through"}));
  command.add_option("--limits", options.limits,
                     "risk limits: a profile (argosy limits list) or a file (default: the file's, or backtest: none)");
  command.add_option("--detail", options.detail, "fill orders in finer bars while signals stay on the strategy's: 1m");
  command.add_option("--size-shares", options.size_shares, "buy this number of shares (default: the file's size)");
  command.add_option("--prices", options.prices, "adjusted: with splits and dividends; raw: without")
      ->check(CLI::IsMember({"adjusted", "raw"}))
      ->capture_default_str();
}

}  // namespace argosy::cli
