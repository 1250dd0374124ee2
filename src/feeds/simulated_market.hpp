// A market of random numbers that looks like one of stocks: for trying strategies on more than the past, and for tests
// that need much data or none of anybody's.
//
//   ARGOSY_TRY(const SimulatedMarket market, SimulatedMarket::make({.seed = 7, .symbols = 500, .days = 2520}));
//   const SimulatedHistory history = market.history(0);                  // all bars of S0001
//
//   SimulatedStream stream(market);                                      // all symbols in the order of time
//   while (const auto event = stream.next()) use(*event);
//
// What it has: a market, eleven sectors and each symbol's own moves (the loadings give the correlation that is asked
// for); calm, rising and falling regimes; volatility that comes in clusters; gaps over night and jumps; volume that
// remembers and grows with moves; days whose variance and volume are high at both ends; splits and dividends. What it
// has not: delistings, halts, trends of single symbols, an order book. Apart from the drift, the regimes are the only
// thing in it that a strategy could earn from: one that earns much more was lucky or looks ahead.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "core/result.hpp"
#include "feeds/event.hpp"
#include "feeds/simulated_settings.hpp"
#include "market/bar.hpp"
#include "market/corporate_actions.hpp"
#include "market/instrument.hpp"

namespace argosy::feeds {

struct SimulatedHistory {
  std::vector<market::CorporateAction> actions;  // as order_actions() sorts them
  market::BarColumns bars;                       // raw prices, of the settings' timeframe, source SIMULATED
};

class SimulatedMarket {
 public:
  struct State;

  // kInvalidArgument names the setting that is wrong; kNotFound an exchange without calendar.
  [[nodiscard]] static core::Result<SimulatedMarket> make(const SimulatedMarketSettings& settings);

  // As they were given, with the calendar's own name of the exchange.
  [[nodiscard]] const SimulatedMarketSettings& settings() const;
  [[nodiscard]] std::span<const market::Instrument> instruments() const;  // one a symbol, sorted
  [[nodiscard]] core::Date first_day() const;                             // the first session
  [[nodiscard]] std::int64_t bars_per_symbol() const;
  // Costs about a microsecond a session, or 50 ns a minute when the timeframe is shorter than a day.
  [[nodiscard]] SimulatedHistory history(std::size_t symbol) const;

 private:
  friend class SimulatedStream;
  explicit SimulatedMarket(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

// The same bars as history(), bit for bit, for all symbols at once and in the order of time; and for each bar four
// quotes whose last prices are its open, high, low and close. At one instant: a bar that closes, then corporate
// actions, then quotes; of equal ones the lower symbol first.
class SimulatedStream {
 public:
  explicit SimulatedStream(const SimulatedMarket& market);
  ~SimulatedStream();
  SimulatedStream(SimulatedStream&&) noexcept;
  SimulatedStream& operator=(SimulatedStream&&) noexcept;

  // Nothing when the last day is over.
  [[nodiscard]] std::optional<FeedEvent> next();

 private:
  struct Progress;
  std::unique_ptr<Progress> progress_;
};

}  // namespace argosy::feeds
