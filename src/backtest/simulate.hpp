// One run of signals over bars: the engine, the simulated exchange and corporate actions, bar by bar.
//
//   Feed feeds[] = {{&symbol_data, signals}};
//   Simulation run = simulate(settings, feeds);
//
// At each instant: rates and corporate actions take effect, then the exchange tries working orders against the bars (or
// against the finer bars within them); when all feeds have had their bar, all closes are marked and the signals become
// orders, in the order of the feeds. After the last instant of a day a margin account is charged and judged.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/decimal.hpp"
#include "data/symbol_data.hpp"
#include "engine/strategy.hpp"
#include "venue/simulated_exchange.hpp"

namespace argosy::backtest {

using core::Money;
using core::Price;
using core::Quantity;
using core::Rate;

// One symbol's bars and its signals, one byte a bar; and the values its decisions read.
struct Feed {
  const data::SymbolData* data;
  std::span<const std::uint8_t> signals;
  std::span<const std::vector<double>> columns = {};  // strategy::Signals::columns
  const data::SymbolData* detail = nullptr;           // finer bars, in which orders are filled
};

// What one unit of a currency was worth in the account's at the end of each of some days.
struct RateSeries {
  std::string currency;
  std::vector<std::int64_t> keys;  // of the days, ascending; a rate holds from the next day on
  std::vector<market::ExchangeRate> rates;
};

// Other settings of the same strategy, from an instant on (engine::Engine::change_strategy).
struct StrategyChange {
  std::int64_t key = 0;
  engine::EngineSettings engine;
  std::vector<Feed> feeds;  // signals and columns of all bars, by these settings; the bars are those of the run
};

struct SimulationSettings {
  engine::EngineSettings engine;
  venue::ExchangeSettings exchange;      // how orders are filled; fees and account are the engine's
  bool corporate_actions = true;         // false: splits and dividends are ignored
  std::vector<RateSeries> rates;         // of currencies other than the account's
  std::vector<StrategyChange> changes;   // by key
  engine::Strategy* strategy = nullptr;  // decides instead of signals; lives as long as the run
  // Told the key of each instant before any bar of it is looked at; no instant is passed over then.
  std::function<void(std::int64_t key)> on_instant = {};
};

struct Simulation {
  std::vector<std::int64_t> keys;  // every instant at which some feed has a bar, ascending
  std::vector<Money> equity;       // after that instant's closes
  std::int64_t invested = 0;       // instants with a position open
  std::vector<engine::Trade> trades;
  std::vector<trading::Order> orders;
  struct OpenPosition {
    trading::InstrumentIndex instrument = 0;
    Quantity quantity;  // of a short position: negative
    std::int64_t entry_key = 0;
    Price entry_price;
    Price price;   // the last close
    Money profit;  // unrealised, before fees
    trading::OrderReason entry_reason = trading::OrderReason::kBuySignal;
  };
  std::vector<OpenPosition> open_positions;
  Money initial_cash;  // of all balances, in the account's currency at the rates of the first day
  Money final_cash;
  Money fees;
  Money dividends;
  Money charges;  // interest and borrow fees; paid: negative
  Money traded;   // the sum of all fills' amounts
  std::int64_t margin_calls = 0;
  std::int64_t breaker_trips = 0;           // times the circuit breaker opened
  std::int64_t forced_flats = 0;            // times a rule of the account had everything closed
  std::optional<trading::PropStatus> prop;  // how the run stands by the rules of a prop firm at its end
  std::int64_t unsettled_uses = 0;          // buys paid with unsettled cash
  int most_day_trades = 0;                  // within five sessions
  std::size_t bars_without_detail = 0;      // that were asked for it while orders worked
  std::size_t working_orders = 0;           // still waiting when the bars ended
};

[[nodiscard]] Simulation simulate(const SimulationSettings& settings, std::span<const Feed> feeds);

}  // namespace argosy::backtest
