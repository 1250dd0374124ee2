// What a simulated market and its streams share.
#pragma once

#include <map>
#include <vector>

#include "feeds/detail/intraday_path.hpp"
#include "feeds/detail/market_path.hpp"
#include "feeds/detail/symbol_path.hpp"
#include "feeds/simulated_market.hpp"

namespace argosy::feeds {

struct SimulatedMarket::State {
  detail::Model model;
  std::vector<detail::MarketDay> days;
  std::map<std::size_t, detail::DayShape> shapes;  // by minutes of a session; none for daily bars
  std::vector<market::Instrument> instruments;
  std::int64_t bars_per_symbol = 0;
};

namespace detail {

// One symbol's bars, day by day.
class SymbolBars {
 public:
  SymbolBars(const SimulatedMarket::State& state, std::size_t symbol);
  struct Day {
    std::vector<market::CorporateAction> actions;
    std::vector<market::Bar> bars;
  };
  // Reuses the room of `out`.
  void next(Day& out);
  [[nodiscard]] const SymbolTraits& traits() const { return path_.traits(); }

 private:
  [[nodiscard]] market::Bar make_bar(std::int64_t key, const TickBar& ticks) const;

  const SimulatedMarket::State& state_;
  SymbolPath path_;
  std::size_t day_ = 0;
  std::vector<TickBar> minutes_;
};

}  // namespace detail
}  // namespace argosy::feeds
