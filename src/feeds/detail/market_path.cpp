#include "feeds/detail/market_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/limits.hpp"
#include "feeds/detail/arithmetic.hpp"
#include "market/instrument.hpp"

namespace argosy::feeds::detail {
namespace {

using core::ErrorCode;

struct RegimeLaw {
  double leave;                       // chance a day that the regime ends
  std::array<double, 3> followed_by;  // chances of what comes then
  double volatility;                  // before it is brought to a mean square of 1
  double drift;                       // a year, in the market's yearly volatility; before it is brought to a mean of 0
};

// Lengths and sizes as of stock indices: years of rise, quarters of fall, and in a fall twice the volatility.
constexpr std::array<RegimeLaw, 3> kRegimes = {{
    {1.0 / 80, {0, 0.7, 0.3}, 0.75, 0},
    {1.0 / 100, {0.75, 0, 0.25}, 0.85, 1.2},
    {1.0 / 35, {0.5, 0.5, 0}, 1.7, -2.5},
}};

constexpr double chance(std::size_t from, std::size_t to) {
  return kRegimes[from].leave * kRegimes[from].followed_by[to];
}

// The share of days in each regime, in the long run: in proportion to the weights of the trees that lead to it.
constexpr std::array<double, 3> regime_shares() {
  std::array<double, 3> shares{};
  double sum = 0;
  for (std::size_t to = 0; to < 3; ++to) {
    const std::size_t a = (to + 1) % 3;
    const std::size_t b = (to + 2) % 3;
    shares[to] = chance(a, to) * chance(b, to) + chance(a, b) * chance(b, to) + chance(b, a) * chance(a, to);
    sum += shares[to];
  }
  for (double& share : shares) share /= sum;
  return shares;
}

constexpr std::array<double, 3> kShares = regime_shares();

constexpr double mean_drift() {
  double mean = 0;
  for (std::size_t i = 0; i < 3; ++i) mean += kShares[i] * kRegimes[i].drift;
  return mean;
}

constexpr double mean_square_volatility() {
  double mean = 0;
  for (std::size_t i = 0; i < 3; ++i) mean += kShares[i] * kRegimes[i].volatility * kRegimes[i].volatility;
  return mean;
}

constexpr SlowVolatility kMarketVolatility{.persistence = 0.98, .deviation = 0.4};
// Volatility rises as prices fall: the correlation of the two shocks.
constexpr double kLeverage = -0.6;

// A jump of the whole market, in daily moves: more often down than up.
constexpr double kJumpMean = -4;
constexpr double kJumpDeviation = 3;
constexpr double kJumpSquare = kJumpMean * kJumpMean + kJumpDeviation * kJumpDeviation;
constexpr double kSymbolJumpsForOneOfTheMarket = 16;

constexpr double kNightShare = 0.25;

core::Error wrong(const char* field, std::string value, std::string message, std::string hint) {
  return core::Error(ErrorCode::kInvalidArgument, std::move(message))
      .with_hint(std::move(hint))
      .in_field(field, std::move(value));
}

core::Result<void> check_prices(const SimulatedMarketSettings& settings) {
  if (!settings.tick.is_positive()) {
    return core::fail(wrong("tick", settings.tick.to_string(), "a tick must be above 0", "write 0.01"));
  }
  // Prices are counted in ticks by doubles, and have room to grow.
  constexpr std::int64_t kMostTicks = 1'000'000'000;
  if (settings.base_price < settings.tick || settings.base_price.units() / settings.tick.units() > kMostTicks ||
      settings.base_price > core::Price::from_integer(1'000'000)) {
    return core::fail(wrong("base_price", settings.base_price.to_string(),
                            "the base price lies outside what can be simulated",
                            "it must be between a tick and 1,000,000, and at most 1,000,000,000 ticks"));
  }
  return {};
}

core::Result<void> check_symbols(const SimulatedMarketSettings& settings) {
  market::Instrument last;
  last.symbol = fmt::format("{}{:04}", settings.prefix, settings.symbols);
  last.currency = settings.currency;
  if (auto symbol = market::check_symbol(last.symbol); !symbol)
    return core::fail(std::move(symbol).error().in_field("prefix", settings.prefix));
  ARGOSY_TRY_VOID(market::check_instrument(last));
  const auto timeframe = settings.timeframe;
  if (!timeframe.is_intraday() && timeframe != market::Timeframe()) {
    return core::fail(wrong("timeframe", timeframe.to_string(), "simulated bars are of a day or shorter",
                            "ask for 1d; formulas make longer bars of it: on(\"1w\", close)"));
  }
  return {};
}

core::Result<void> check_dates(const SimulatedMarketSettings& settings) {
  constexpr int kFirstYear = 1970;  // calendars know little of what was before
  constexpr int kLastYear = 2200;
  const int last = settings.start.year() + static_cast<int>(settings.days / 240) + 1;
  if (settings.start.year() >= kFirstYear && last <= kLastYear) return {};
  return core::fail(wrong("start", settings.start.to_string(),
                          fmt::format("the sessions would not lie between {} and {}", kFirstYear, kLastYear),
                          "choose a later or an earlier start, or fewer days"));
}

// The share of variance that sectors have is at most half the correlation, and leaves room for the symbols' own moves.
void share_out_variance(Model& model) {
  const double correlation = model.settings.correlation;
  model.sector_share = 0.5 * std::min(correlation, 1 - correlation);
  const auto sectors = static_cast<double>(kSectors.size());
  model.mean_loading = std::sqrt(correlation - model.sector_share / sectors);
  if (model.mean_loading <= 0) return;
  const double largest = std::sqrt(1 - model.sector_share) / model.mean_loading;
  model.loading_spread = std::min(0.25, 0.5 * (largest - 1));
}

}  // namespace

core::Result<Model> make_model(const SimulatedMarketSettings& settings) {
  const auto errors = core::validate(core::record_type<SimulatedMarketSettings>(), &settings);
  if (!errors.empty()) return core::fail(errors.front());
  ARGOSY_TRY_VOID(check_prices(settings));
  ARGOSY_TRY_VOID(check_symbols(settings));
  ARGOSY_TRY_VOID(check_dates(settings));
  Model model;
  model.settings = settings;
  ARGOSY_TRY(model.calendar, market::find_calendar(settings.exchange));
  model.settings.exchange = model.calendar->name();
  const core::Date saturday = core::Date::from_ymd(2022, 1, 8);
  model.continuous = model.calendar->is_session(saturday) && model.calendar->is_session(saturday.plus_days(1));
  model.days_a_year = model.continuous ? 365 : 252;
  model.night_share = model.continuous ? 0 : kNightShare;
  // Early closes never fill two weeks.
  core::Date date = settings.start.plus_days(-1);
  for (int i = 0; i < 10; ++i) {
    date = model.calendar->next_session(date);
    const auto session = model.calendar->session(date);
    model.full_session = std::max(model.full_session, session->close - session->open);
  }
  share_out_variance(model);
  if (settings.jump_rate > 0) {
    model.days_between_jumps = std::max(1.0, std::floor(model.days_a_year / settings.jump_rate + 0.5));
    model.market_jump_chance = settings.jump_rate / kSymbolJumpsForOneOfTheMarket / model.days_a_year;
  }
  return model;
}

double SlowVolatility::next(double x, double shock) const {
  return persistence * x + deviation * std::sqrt(1 - persistence * persistence) * shock;
}

// For a normal x of this deviation the mean of e^2x is e^(2 deviation^2).
double SlowVolatility::level(double x) const { return exponential(x - deviation * deviation); }

MarketPath::MarketPath(const Model& model, const core::Rng& rng) : model_(model), rng_(rng) {
  const double place = rng_.uniform();
  if (place >= kShares[0]) regime_ = place < kShares[0] + kShares[1] ? Regime::kRising : Regime::kFalling;
  log_volatility_ = kMarketVolatility.deviation * rng_.normal();
}

void MarketPath::move_regime() {
  const RegimeLaw& law = kRegimes[static_cast<std::size_t>(regime_)];
  const double leaves = rng_.uniform();
  const double place = rng_.uniform();
  if (leaves >= law.leave) return;
  std::size_t next = 0;
  for (double sum = law.followed_by[0]; sum <= place && next < 2; sum += law.followed_by[next]) ++next;
  regime_ = static_cast<Regime>(next);
}

MarketDay MarketPath::next(const market::Session& session) {
  move_regime();
  const RegimeLaw& law = kRegimes[static_cast<std::size_t>(regime_)];
  MarketDay day;
  day.session = session;
  const auto full = static_cast<double>(model_.full_session.count());
  day.length = static_cast<double>((session.close - session.open).count()) / full;
  day.activity = law.volatility / std::sqrt(mean_square_volatility()) * kMarketVolatility.level(log_volatility_);

  const double night_share = model_.night_share;
  const double shock_night = rng_.normal();
  const double shock_day = rng_.normal();
  // Jumps take their part of the variance from the rest.
  const double smooth = std::sqrt(1 - model_.market_jump_chance * kJumpSquare) * day.activity;
  day.night = smooth * std::sqrt(night_share) * shock_night;
  day.day_variance = smooth * smooth * (1 - night_share) * day.length;
  day.day = std::sqrt(day.day_variance) * shock_day;
  day.day += (law.drift - mean_drift()) / std::sqrt(model_.days_a_year) - model_.market_jump_chance * kJumpMean;
  const bool jumps = rng_.uniform() < model_.market_jump_chance;
  const double jump = kJumpMean + kJumpDeviation * rng_.normal();
  if (jumps) (model_.continuous ? day.day : day.night) += jump;

  for (std::size_t i = 0; i < kSectors.size(); ++i) {
    day.sector_night[i] = std::sqrt(night_share) * quick_bell(rng_);
    day.sector_day[i] = std::sqrt((1 - night_share) * day.length) * quick_bell(rng_);
  }
  const double shock = std::sqrt(night_share) * shock_night + std::sqrt(1 - night_share) * shock_day;
  log_volatility_ =
      kMarketVolatility.next(log_volatility_, kLeverage * shock + std::sqrt(1 - kLeverage * kLeverage) * rng_.normal());
  return day;
}

}  // namespace argosy::feeds::detail
