#include "feeds/detail/symbol_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "feeds/detail/arithmetic.hpp"

namespace argosy::feeds::detail {
namespace {

// Names of the generators a symbol has.
constexpr std::uint64_t kDaily = 1;
constexpr std::uint64_t kTraits = 2;
constexpr std::uint64_t kIntraday = 3;

constexpr SlowVolatility kOwnVolatility{.persistence = 0.97, .deviation = 0.5};
constexpr double kJumpDeviation = 3.5;  // of an own jump, in daily moves of the symbol alone

constexpr double kActivityPersistence = 0.8;
constexpr double kActivityDeviation = 0.4;
constexpr double kActivityOfMoves = 0.3;  // what a move of one usual size adds to the logarithm of the volume
constexpr double kLargestMove = 6;        // larger ones count as this

constexpr double kSplitAbove = 6;           // times the first price
constexpr double kReverseSplitBelow = 100;  // ticks
constexpr double kSplitChance = 1.0 / 100;  // a day, while it is due
constexpr std::int64_t kReverseSplit = 10;

constexpr double kPayers = 0.45;
constexpr int kPaymentsAYear = 4;
constexpr double kLargestTicks = 1e12;
constexpr double kLargestPrice = 1e8;
constexpr double kLargestVolume = 1e15;

SymbolTraits draw_traits(const Model& model, core::Rng rng) {
  const SimulatedMarketSettings& settings = model.settings;
  SymbolTraits traits;
  traits.sector = rng.below(kSectors.size());
  traits.loading = model.mean_loading * (1 + model.loading_spread * (2 * rng.uniform() - 1));
  traits.own_share = 1 - traits.loading * traits.loading - model.sector_share;
  constexpr double kVolatilitySpread = 0.3;
  const double volatility =
      settings.volatility * exponential(kVolatilitySpread * rng.normal() - kVolatilitySpread * kVolatilitySpread / 2);
  traits.daily_volatility = volatility / std::sqrt(model.days_a_year);
  constexpr double kDriftSpread = 0.1;  // in volatilities
  const double drift = settings.drift + kDriftSpread * settings.volatility * rng.normal();
  traits.daily_drift = (drift - volatility * volatility / 2) / model.days_a_year;
  const auto base = static_cast<double>(settings.base_price.units()) / static_cast<double>(settings.tick.units());
  traits.first_price = std::max(1.0, base * exponential(0.6 * rng.normal()));
  traits.volume = settings.volume * exponential(rng.normal());
  const bool pays = rng.uniform() < kPayers;
  const double yield = 0.005 + 0.035 * rng.uniform();
  traits.dividend_yield = pays ? yield : 0;
  traits.dividend_phase = rng.below(static_cast<std::uint64_t>(model.days_a_year) / kPaymentsAYear);
  traits.spread = 0.0001 + 0.0009 * rng.uniform();
  return traits;
}

}  // namespace

SymbolPath::SymbolPath(const Model& model, std::size_t index, const core::Rng& market)
    : model_(model),
      root_(market.fork(index + 1)),
      rng_(root_.fork(kDaily)),
      traits_(draw_traits(model, root_.fork(kTraits))),
      price_(traits_.first_price) {
  log_volatility_ = kOwnVolatility.deviation * rng_.normal();
  log_activity_ = kActivityDeviation * rng_.normal();
  days_to_jump_ = 1 + std::floor(rng_.uniform() * model.days_between_jumps);
}

core::Rng SymbolPath::intraday_rng() const { return root_.fork(kIntraday).fork(day_); }

// Companies bring a price that has grown far back to about twice where it began, and one of cents to ten times as much.
void SymbolPath::split(core::Date date, double whim, std::vector<market::CorporateAction>& actions) {
  const bool high = price_ > kSplitAbove * traits_.first_price;
  const bool low = price_ < kReverseSplitBelow && traits_.first_price > kReverseSplitBelow;
  if (whim >= kSplitChance || !(high || low)) return;
  market::CorporateAction action{.ex_date = date, .kind = market::ActionKind::kSplit};
  if (high) {
    action.numerator = std::clamp<std::int64_t>(nearest(price_ / (2 * traits_.first_price)), 2, 20);
  } else {
    action.denominator = kReverseSplit;
  }
  const double ratio = static_cast<double>(action.numerator) / static_cast<double>(action.denominator);
  price_ /= ratio;
  shares_ *= ratio;
  dividend_ = nearest(static_cast<double>(dividend_) / ratio);
  actions.push_back(action);
}

// Four times a year; the amount is set anew once a year.
void SymbolPath::pay_dividend(core::Date date, std::vector<market::CorporateAction>& actions) {
  const auto quarter = static_cast<std::uint64_t>(model_.days_a_year) / kPaymentsAYear;
  if (traits_.dividend_yield <= 0 || day_ % quarter != traits_.dividend_phase) return;
  if (payments_++ % kPaymentsAYear == 0) dividend_ = nearest(traits_.dividend_yield / kPaymentsAYear * price_);
  const auto amount = std::min(dividend_, static_cast<std::int64_t>(price_ / 4));
  if (amount <= 0) return;
  price_ -= static_cast<double>(amount);
  actions.push_back({.ex_date = date, .kind = market::ActionKind::kDividend, .amount = model_.settings.tick * amount});
}

// As at earnings: about so many days after the last one, up or down.
double SymbolPath::own_jump() {
  const double when = rng_.uniform();
  const double size = rng_.normal();
  if (model_.days_between_jumps <= 0 || --days_to_jump_ > 0) return 0;
  const double leeway = std::floor(model_.days_between_jumps / 8);
  days_to_jump_ = model_.days_between_jumps - leeway + std::floor(when * (2 * leeway + 1));
  return kJumpDeviation * size;
}

SymbolPath::Moves SymbolPath::draw_moves(const MarketDay& market) {
  const double night_share = model_.night_share;
  const double jump_share =
      model_.days_between_jumps > 0 ? kJumpDeviation * kJumpDeviation / model_.days_between_jumps : 0;
  const double level = std::sqrt(1 - jump_share) * kOwnVolatility.level(log_volatility_);
  const double own_variance = level * level * (1 - night_share) * market.length;
  double own_night = level * std::sqrt(night_share) * rng_.normal();
  double own_day = std::sqrt(own_variance) * rng_.normal();
  (model_.continuous ? own_day : own_night) += own_jump();
  log_volatility_ = kOwnVolatility.next(log_volatility_, quick_bell(rng_));

  const double sector = std::sqrt(model_.sector_share);
  const double own = std::sqrt(traits_.own_share);
  const double night = traits_.loading * market.night + sector * market.sector_night[traits_.sector] + own * own_night;
  const double day = traits_.loading * market.day + sector * market.sector_day[traits_.sector] + own * own_day;
  const double variance = traits_.loading * traits_.loading * market.day_variance +
                          model_.sector_share * (1 - night_share) * market.length + traits_.own_share * own_variance;
  Moves moves;
  moves.night = traits_.daily_volatility * night;
  moves.day = traits_.daily_volatility * day + traits_.daily_drift;
  moves.day_variance = traits_.daily_volatility * traits_.daily_volatility * variance;
  moves.size = std::abs(night + day);
  return moves;
}

// Whole shares; a full session's minutes have at least two each, so that none is empty.
std::int64_t SymbolPath::draw_volume(const MarketDay& market, double move_size) {
  log_activity_ = kActivityPersistence * log_activity_ +
                  kActivityDeviation * std::sqrt(1 - kActivityPersistence * kActivityPersistence) * quick_bell(rng_);
  const double log_volume = log_activity_ + kActivityOfMoves * (std::min(move_size, kLargestMove) - 1);
  const double volume = traits_.volume * shares_ * market.length * exponential(log_volume);
  const double minutes = static_cast<double>((market.session.close - market.session.open) / std::chrono::minutes(1));
  return nearest(std::clamp(volume, 2 * minutes, kLargestVolume));
}

SymbolDay SymbolPath::next(const MarketDay& market) {
  SymbolDay out;
  const bool first = day_ == 0;
  const double whim = rng_.uniform();
  if (model_.settings.actions && !first) {
    split(market.session.date, whim, out.actions);
    pay_dividend(market.session.date, out.actions);
  }
  const Moves moves = draw_moves(market);
  const double largest = std::min(kLargestTicks, kLargestPrice / model_.settings.tick.to_double());
  const auto bound = [&](double price) { return std::clamp(price, 1.0, largest); };
  // Nothing came before the first open that it could differ from.
  const double open = bound(first ? price_ : price_ * exponential(moves.night));
  price_ = bound(open * exponential(moves.day));
  const double rise = highest_of_bridge(moves.day, moves.day_variance, quick_square_sum(rng_));
  const double fall = highest_of_bridge(-moves.day, moves.day_variance, quick_square_sum(rng_));
  out.bar.open = nearest(open);
  out.bar.close = nearest(price_);
  out.bar.high = std::max({nearest(bound(open * exponential(rise))), out.bar.open, out.bar.close});
  out.bar.low = std::min({nearest(bound(open * exponential(-fall))), out.bar.open, out.bar.close});
  out.bar.volume = draw_volume(market, moves.size);
  ++day_;
  return out;
}

market::Instrument make_instrument(const Model& model, std::size_t index, const SymbolTraits& traits) {
  market::Instrument instrument;
  instrument.symbol = fmt::format("{}{:04}", model.settings.prefix, index + 1);
  instrument.exchange = model.settings.exchange;
  instrument.currency = model.settings.currency;
  instrument.tick = model.settings.tick;
  instrument.name = fmt::format("Simulated company {}, seed {}", index + 1, model.settings.seed);
  instrument.sector = kSectors[traits.sector];
  return instrument;
}

}  // namespace argosy::feeds::detail
