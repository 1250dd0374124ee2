// One run of signals over bars: the engine, the simulated exchange and corporate actions, bar by bar.
//
//   Feed feeds[] = {{&symbol_data, signals}};
//   Simulation run = simulate(settings, feeds);
//
// At each instant, in the order of the feeds: corporate actions take effect, then the exchange tries working orders
// against the bar; when all feeds have had their bar, each close is marked and its signals become orders.
#pragma once

#include <cstdint>
#include <span>
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
};

struct SimulationSettings {
  engine::EngineSettings engine;
  venue::ExchangeSettings exchange;      // how orders are filled; fees and account are the engine's
  bool corporate_actions = true;         // false: splits and dividends are ignored
  engine::Strategy* strategy = nullptr;  // decides instead of signals; lives as long as the run
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
  Money final_cash;
  Money fees;
  Money dividends;
  Money traded;                    // the sum of all fills' amounts
  std::size_t working_orders = 0;  // still waiting when the bars ended
};

[[nodiscard]] Simulation simulate(const SimulationSettings& settings, std::span<const Feed> feeds);

}  // namespace argosy::backtest
