#include "feeds/simulated_rates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>
#include <utility>

#include "feeds/detail/arithmetic.hpp"
#include "feeds/detail/name_number.hpp"

namespace argosy::feeds {
namespace {

using core::ErrorCode;
using core::Price;

constexpr double kYear = 365.25 * 24 * 3600;  // in seconds
// Walks stay between these, so that every rate keeps digits and fits.
constexpr double kLeastRate = 1e-6;
constexpr double kMostRate = 1e8;

// A rate with nine digits behind the point says more than anybody quotes: six digits that count are kept.
Price rounded(double value) {
  double unit = 1e-9;
  while (value >= unit * 1e6 && unit < 1) unit *= 10;
  const auto step = static_cast<std::int64_t>(std::llround(unit * 1e9));
  return Price::from_units(std::max<std::int64_t>(1, detail::nearest(value * 1e9 / static_cast<double>(step))) * step);
}

}  // namespace

std::vector<SimulatedRate> usual_rates() {
  const auto rate = [](const char* text) { return *Price::parse(text); };
  return {{.base = "EUR", .quote = "USD", .first = rate("1.08")},
          {.base = "GBP", .quote = "USD", .first = rate("1.27"), .volatility = 9},
          {.base = "USD", .quote = "CHF", .first = rate("0.88")},
          {.base = "USD", .quote = "JPY", .first = rate("151"), .volatility = 10},
          {.base = "USD", .quote = "KRW", .first = rate("1370"), .volatility = 9}};
}

core::Result<SimulatedRates> SimulatedRates::make(SimulatedRatesOptions options) {
  const auto refuse = [](std::string message) { return core::fail(ErrorCode::kInvalidArgument, std::move(message)); };
  if (options.pairs.empty()) return refuse("there are no exchange rates to simulate");
  if (options.interval < std::chrono::milliseconds{1}) return refuse("exchange rates come every millisecond at most");
  SimulatedRates rates;
  rates.interval_ = options.interval;
  rates.time_ = options.start;
  std::set<std::string> names;
  for (SimulatedRate& pair : options.pairs) {
    const std::string name = pair.base + pair.quote;
    market::RateQuote rate{.time = options.start,
                           .base = std::move(pair.base),
                           .quote = std::move(pair.quote),
                           .rate = pair.first,
                           .source = "simulated"};
    ARGOSY_TRY_VOID(market::check_rate(rate));
    if (!(pair.volatility >= 0 && pair.volatility <= 300))
      return refuse(
          fmt::format("the volatility of {} is {}: 0 to 300 percent a year are possible", name, pair.volatility));
    if (!names.insert(std::min(name, rate.quote + rate.base)).second)
      return refuse(fmt::format("{} is there twice", name));
    const double seconds = std::chrono::duration<double>(options.interval).count();
    const double value = pair.first.to_double();
    rates.walks_.push_back({.rng = core::Rng(options.seed).fork(detail::name_number(name)),
                            .rate = std::move(rate),
                            .value = value,
                            .step = pair.volatility / 100 * std::sqrt(seconds / kYear)});
  }
  return rates;
}

market::RateQuote SimulatedRates::next() {
  Walk& walk = walks_[next_];
  // The first rate is told as it was given.
  if (!first_) {
    walk.value *= 1 + std::clamp(walk.step * detail::quick_bell(walk.rng), -0.5, 0.5);
    walk.value = std::clamp(walk.value, kLeastRate, kMostRate);
    walk.rate.rate = rounded(walk.value);
  }
  walk.rate.time = time_;
  if (++next_ == walks_.size()) {
    next_ = 0;
    first_ = false;
    time_ += interval_;
  }
  return walk.rate;
}

}  // namespace argosy::feeds
