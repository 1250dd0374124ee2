// A strategy in C++, as a whole program: hold a share over the turn of the month, and nothing in between.
//
//   build/release/samples/cpp/turn_of_month HOME SYMBOL [CASH]
//
// Source: Josef Lakonishok and Seymour Smidt, Are Seasonal Anomalies Real? (Review of Financial Studies, 1988): from
// 1897 to 1986 the Dow Jones rose, on average, over the last session of a month and the first three of the next, and
// not in between. It is here because no formula counts the sessions that are left in a month: that takes the exchange's
// calendar.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "backtest/simulate.hpp"
#include "backtest/statistics.hpp"
#include "core/clock.hpp"
#include "core/files.hpp"
#include "data/symbol_data.hpp"
#include "engine/strategy.hpp"
#include "lake/lake.hpp"
#include "market/calendar.hpp"

namespace {

namespace backtest = argosy::backtest;
namespace core = argosy::core;
namespace data = argosy::data;
namespace engine = argosy::engine;
namespace lake = argosy::lake;
namespace market = argosy::market;
namespace trading = argosy::trading;
using trading::InstrumentIndex;

// Decides at closes; what it asks for is filled at the next open. So it buys at the close before the last session of a
// month, and leaves at the third close of the next.
class TurnOfMonth final : public engine::Strategy {
 public:
  explicit TurnOfMonth(const market::Calendar& calendar) : calendar_(calendar) {}

  void on_bar(engine::Engine& engine, InstrumentIndex i, const market::Bar& bar) override {
    const core::Date today = market::key_date(bar.key);
    const bool held = engine.account().position(i).is_open();
    if (!held && sessions_left(today) == 1) engine.enter(bar.key, i, trading::Side::kBuy);
    if (held && sessions_left(today) > 1 && sessions_so_far(today) >= 3)
      engine.leave(bar.key, i, trading::OrderReason::kSellSignal);
  }

 private:
  // Of the month, after this day.
  [[nodiscard]] int sessions_left(core::Date day) const {
    int count = 0;
    for (core::Date next = calendar_.next_session(day); next.month() == day.month();
         next = calendar_.next_session(next))
      ++count;
    return count;
  }
  // Of the month, this day included.
  [[nodiscard]] int sessions_so_far(core::Date day) const {
    int count = 1;
    for (core::Date past = calendar_.previous_session(day); past.month() == day.month();
         past = calendar_.previous_session(past))
      ++count;
    return count;
  }

  const market::Calendar& calendar_;
};

void print_result(const data::SymbolData& symbol, const backtest::Simulation& run, core::Money cash) {
  fmt::print("entry       price      exit        price      quantity  profit\n");
  for (const engine::Trade& trade : run.trades) {
    fmt::print("{}  {:<9}  {}  {:<9}  {:<8}  {:.2f}\n", market::format_key(trade.entry_key, symbol.timeframe),
               trade.entry_price.to_string(2), market::format_key(trade.exit_key, symbol.timeframe),
               trade.exit_price.to_string(2), trade.quantity.to_string(), trade.profit.to_double());
  }
  const bool every_day = symbol.instrument.exchange == "24/7";
  const auto equity = backtest::equity_statistics(run.keys, run.equity, cash, symbol.timeframe, every_day);
  const auto trades = backtest::trade_statistics(run.trades);
  const double exposure = static_cast<double>(run.invested) / static_cast<double>(run.keys.size());
  fmt::print(
      "\n{}: {} trades, {:.1f} % won, total return {:+.2f} %, max drawdown {:.2f} %, in the market {:.1f} % of days\n",
      symbol.instrument.symbol, trades.trades, 100 * trades.win_rate, 100 * equity.total_return,
      -100 * equity.max_drawdown, 100 * exposure);
  fmt::print("final equity {:.2f}, fees {:.2f}\n", run.equity.back().to_double(), run.fees.to_double());
}

core::Result<void> run(const std::string& home, const std::string& name, const std::string& cash_text) {
  ARGOSY_TRY(const core::Money cash, core::Money::parse(cash_text));
  const core::SystemClock clock;
  ARGOSY_TRY(const lake::Lake lake, lake::Lake::open({.folder = home + "/lake"}, core::system_files(), clock));
  ARGOSY_TRY(const lake::Snapshot snapshot, lake.snapshot());
  ARGOSY_TRY(const data::SymbolData symbol, data::load_symbol(snapshot, name, market::Timeframe(), {}));
  ARGOSY_TRY(const market::Calendar* calendar, market::find_calendar(symbol.instrument.exchange));

  TurnOfMonth strategy(*calendar);
  backtest::SimulationSettings settings;
  settings.engine.account.cash = cash;
  settings.engine.fees = trading::FeeSchedule::percent(*core::Rate::parse("0.001"));  // a tenth of a percent
  settings.engine.bracket.stop_loss.ratio = *core::Rate::parse("0.05");
  settings.strategy = &strategy;
  // The strategy decides, so no bar has a signal.
  const std::vector<std::uint8_t> signals(symbol.bars.size());
  const backtest::Feed feeds[] = {{.data = &symbol, .signals = signals}};
  print_result(symbol, backtest::simulate(settings, feeds), cash);
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3 || count > 4) {
    fmt::print(stderr, "usage: turn_of_month HOME SYMBOL [CASH]\n");
    return 2;
  }
  const auto done = run(arguments[1], arguments[2], count == 4 ? arguments[3] : "100000");
  if (done) return EXIT_SUCCESS;
  fmt::print(stderr, "error: {}\n", done.error().describe());
  return EXIT_FAILURE;
}
