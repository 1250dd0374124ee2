// One symbol of a simulated market, day by day.
//
//   SymbolPath path(model, index, core::Rng(seed));
//   const SymbolDay day = path.next(market_day);       // every day of the market, in order
//
// Prices are counted in ticks.
#pragma once

#include <cstdint>
#include <vector>

#include "core/rng.hpp"
#include "feeds/detail/market_path.hpp"
#include "market/corporate_actions.hpp"
#include "market/instrument.hpp"

namespace argosy::feeds::detail {

// Prices of a stretch of time in ticks, volume in shares.
struct TickBar {
  std::int64_t open = 0;
  std::int64_t high = 0;
  std::int64_t low = 0;
  std::int64_t close = 0;
  std::int64_t volume = 0;

  friend bool operator==(const TickBar&, const TickBar&) = default;
};

struct SymbolDay {
  TickBar bar;
  std::vector<market::CorporateAction> actions;  // whose ex-date is this day, as order_actions() sorts them
};

// What a symbol is like; drawn once.
struct SymbolTraits {
  std::size_t sector = 0;
  double loading = 0;    // of its daily move on the market's
  double own_share = 1;  // of its variance
  double daily_volatility = 0;
  double daily_drift = 0;     // of the logarithm of its price
  double first_price = 0;     // in ticks
  double volume = 0;          // shares of a typical day, before splits
  double dividend_yield = 0;  // a year; 0: it pays none
  std::uint64_t dividend_phase = 0;
  double spread = 0;  // ask - bid, as a share of the price
};

class SymbolPath {
 public:
  SymbolPath(const Model& model, std::size_t index, const core::Rng& market);
  [[nodiscard]] SymbolDay next(const MarketDay& market);
  [[nodiscard]] const SymbolTraits& traits() const { return traits_; }
  // The generator of what happens within the day that next() gave last.
  [[nodiscard]] core::Rng intraday_rng() const;

 private:
  struct Moves {  // logarithms of ratios
    double night = 0;
    double day = 0;
    double day_variance = 0;
    double size = 0;  // of the whole move, in its usual size
  };

  void split(core::Date date, double whim, std::vector<market::CorporateAction>& actions);
  void pay_dividend(core::Date date, std::vector<market::CorporateAction>& actions);
  [[nodiscard]] double own_jump();
  [[nodiscard]] Moves draw_moves(const MarketDay& market);
  [[nodiscard]] std::int64_t draw_volume(const MarketDay& market, double move_size);

  const Model& model_;
  core::Rng root_;
  core::Rng rng_;
  SymbolTraits traits_;
  std::uint64_t day_ = 0;  // how many days were given
  double price_ = 0;       // the last close, in ticks, not rounded
  double shares_ = 1;      // one share of the first day is now so many
  double log_volatility_ = 0;
  double log_activity_ = 0;  // of its volume
  double days_to_jump_ = 0;
  std::int64_t dividend_ = 0;  // in ticks
  int payments_ = 0;           // since the amount was set
};

[[nodiscard]] market::Instrument make_instrument(const Model& model, std::size_t index, const SymbolTraits& traits);

}  // namespace argosy::feeds::detail
