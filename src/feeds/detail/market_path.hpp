// What all symbols of a simulated market share: the sessions, the regimes, the moves of the market and of its sectors.
//
//   MarketPath path(model, core::Rng(seed));
//   const MarketDay day = path.next(session);       // sessions in their order
//
// Moves are in units: a day's move of the market or of a sector has mean 0 and variance 1 over many years.
#pragma once

#include <array>
#include <optional>

#include "core/rng.hpp"
#include "feeds/simulated_settings.hpp"
#include "market/calendar.hpp"

namespace argosy::feeds::detail {

inline constexpr std::array<std::string_view, 11> kSectors = {"Communication Services",
                                                              "Consumer Discretionary",
                                                              "Consumer Staples",
                                                              "Energy",
                                                              "Financials",
                                                              "Health Care",
                                                              "Industrials",
                                                              "Information Technology",
                                                              "Materials",
                                                              "Real Estate",
                                                              "Utilities"};

// The settings with what follows from them.
struct Model {
  SimulatedMarketSettings settings;
  const market::Calendar* calendar = nullptr;
  bool continuous = false;  // the exchange never closes, so nothing happens between sessions
  double days_a_year = 252;
  double night_share = 0;         // of a day's variance, between the close and the next open
  core::Duration full_session{};  // the length of most sessions
  double mean_loading = 0;        // of a symbol's daily move on the market's
  double loading_spread = 0;      // loadings lie within this share of the mean
  double sector_share = 0;        // of a symbol's variance
  double days_between_jumps = 0;  // of one symbol; 0: it has none
  double market_jump_chance = 0;  // a day
};

// kInvalidArgument with the setting that is wrong.
[[nodiscard]] core::Result<Model> make_model(const SimulatedMarketSettings& settings);

struct MarketDay {
  market::Session session;
  double length = 1;        // of the session, in full sessions
  double night = 0;         // the market's move between the last close and this open
  double day = 0;           // ... and within the session
  double day_variance = 0;  // that `day` had before it was drawn
  double activity = 1;      // the level of volatility; its square has mean 1
  std::array<double, kSectors.size()> sector_night{};
  std::array<double, kSectors.size()> sector_day{};
};

enum class Regime : std::uint8_t { kCalm, kRising, kFalling };

class MarketPath {
 public:
  MarketPath(const Model& model, const core::Rng& rng);
  [[nodiscard]] MarketDay next(const market::Session& session);
  [[nodiscard]] Regime regime() const { return regime_; }  // of the last day

 private:
  void move_regime();

  const Model& model_;
  core::Rng rng_;
  Regime regime_ = Regime::kCalm;
  double log_volatility_ = 0;
};

// A log volatility that returns to its mean: x <- persistence x + what keeps the standard deviation `deviation`.
struct SlowVolatility {
  double persistence;
  double deviation;

  // `shock` has variance 1.
  [[nodiscard]] double next(double x, double shock) const;
  // e^x over its root mean square.
  [[nodiscard]] double level(double x) const;
};

}  // namespace argosy::feeds::detail
