#include "market/quote_validator.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/check.hpp"
#include "core/limits.hpp"
#include "core/planted.hpp"

namespace argosy::market {
namespace {

constexpr std::array<std::string_view, kQuoteProblems> kNames = {
    "stale",       "future",    "out_of_order", "outside_session", "not_positive", "crossed",
    "wide_spread", "unit_flip", "jump",         "no_volume"};
constexpr double kUnitTolerance = 0.05;
constexpr std::size_t kMostExchanges = 1'000;

double units(Price price) { return static_cast<double>(price.units()); }

core::Duration seconds(double count) { return core::Duration{static_cast<std::int64_t>(count * 1e9)}; }

// `ratio`: 1 or more.
bool is_near_factor(double ratio, double factor) { return std::abs(ratio / factor - 1) <= kUnitTolerance; }

}  // namespace

std::string_view to_string(QuoteProblem problem) { return kNames[static_cast<std::size_t>(problem)]; }

std::int64_t QuoteCounts::quarantined() const {
  std::int64_t sum = 0;
  for (const std::int64_t count : problems) sum += count;
  return sum;
}

core::Result<std::uint32_t> QuoteValidator::add(const Instrument& instrument) {
  ARGOSY_TRY(const Calendar* calendar, find_calendar(instrument.exchange));
  auto found = std::ranges::find(exchanges_, calendar, [](const SessionFinder& each) { return &each.calendar(); });
  if (found == exchanges_.end()) {
    exchanges_.emplace_back(*calendar, std::chrono::minutes{rules_.pre_market_minutes},
                            std::chrono::minutes{rules_.post_market_minutes});
    found = exchanges_.end() - 1;
  }
  State state;
  ARGOSY_CHECK(exchanges_.size() < kMostExchanges, "{} exchanges", exchanges_.size());
  state.exchange = static_cast<std::uint16_t>(found - exchanges_.begin());
  state.may_be_negative = instrument.may_be_negative;
  states_.push_back(state);
  return static_cast<std::uint32_t>(states_.size() - 1);
}

void QuoteValidator::believe(std::uint32_t instrument, Price last) {
  State& state = states_[instrument];
  state.believed = units(last);
  state.has_belief = true;
  state.moved_quotes = 0;
}

std::optional<QuoteProblem> QuoteValidator::judge(std::uint32_t instrument, const Quote& quote, core::Timestamp now) {
  State& state = states_[instrument];
  const auto problem = find_problem(state, quote, now);
  if (!problem) {
    ++counts_.believed;
    return problem;
  }
  ++counts_.problems[static_cast<std::size_t>(*problem)];
  ++state.quarantined;
  if (quarantine_.size() == kKept) quarantine_.pop_front();
  quarantine_.push_back({.instrument = instrument, .problem = *problem, .quote = quote});
  return problem;
}

std::optional<QuoteProblem> QuoteValidator::find_problem(State& state, const Quote& quote, core::Timestamp now) {
  const bool is_old = quote.time < now - seconds(rules_.max_age_seconds) && !ARGOSY_PLANTED(kBelievesOldQuotes);
  if (is_old) return QuoteProblem::kStale;
  if (quote.time > now + seconds(rules_.max_ahead_seconds)) return QuoteProblem::kFuture;
  if (quote.time <= state.seen && !ARGOSY_PLANTED(kBelievesOldQuotes)) return QuoteProblem::kOutOfOrder;
  state.seen = quote.time;
  if (exchanges_[state.exchange].at(quote.time) == nullptr) return QuoteProblem::kOutsideSession;

  if (!std::isfinite(quote.volume) || quote.volume < 0) return QuoteProblem::kNoVolume;
  const bool positive = quote.bid.is_positive() && quote.ask.is_positive() && quote.last.is_positive();
  if (ARGOSY_PLANTED(kBelievesZeroPrices) && !positive) return std::nullopt;
  if (!positive && !state.may_be_negative) return QuoteProblem::kNotPositive;
  if (quote.bid > quote.ask && !ARGOSY_PLANTED(kBelievesCrossedQuotes)) return QuoteProblem::kCrossed;
  const double bid = units(quote.bid);
  const double ask = units(quote.ask);
  // Near zero a part of the price says nothing, so one unit of the currency is the least it is measured by.
  double middle = std::abs(0.5 * (bid + ask));
  if (state.may_be_negative) middle = std::max(middle, static_cast<double>(Price::kUnitsPerOne));
  if (ask - bid > rules_.max_spread_percent / 100 * middle) return QuoteProblem::kWideSpread;
  return compare_with_belief(state, quote);
}

bool QuoteValidator::is_near(const State& state, const Quote& quote, double price) const {
  double measure = std::abs(price);
  if (state.may_be_negative) measure = std::max(measure, static_cast<double>(Price::kUnitsPerOne));
  const double leave = rules_.max_jump_percent / 100 * measure;
  const double low = std::min(units(quote.bid), units(quote.last));
  const double high = std::max(units(quote.ask), units(quote.last));
  return price - low <= leave && high - price <= leave;
}

std::optional<QuoteProblem> QuoteValidator::compare_with_belief(State& state, const Quote& quote) {
  const double last = units(quote.last);
  if (!state.has_belief || is_near(state, quote, state.believed)) {
    state.believed = last;
    state.has_belief = true;
    state.moved_quotes = 0;
    return std::nullopt;
  }
  const bool positive = state.believed > 0 && last > 0;
  const double ratio = positive ? std::max(last / state.believed, state.believed / last) : 1;
  if (is_near_factor(ratio, 100) || is_near_factor(ratio, 1000)) {
    state.moved_quotes = 0;
    return QuoteProblem::kUnitFlip;
  }
  if (is_confirmed(state, quote)) {
    state.believed = last;
    state.moved_quotes = 0;
    ++counts_.confirmed_moves;
    return std::nullopt;
  }
  return is_near_factor(ratio, 10) ? QuoteProblem::kUnitFlip : QuoteProblem::kJump;
}

// Notes that a quote is where no one believes the price to be; true when it has been there for long enough.
bool QuoteValidator::is_confirmed(State& state, const Quote& quote) const {
  const bool agrees = state.moved_quotes > 0 && is_near(state, quote, state.moved_to);
  if (!agrees) {
    state.moved_quotes = 0;
    // What contradicts itself begins nothing.
    if (!is_near(state, quote, units(quote.last))) return false;
    state.moved_since = quote.time;
  }
  state.moved_to = units(quote.last);
  ++state.moved_quotes;
  return state.moved_quotes >= rules_.confirm_quotes &&
         quote.time - state.moved_since >= seconds(rules_.confirm_seconds);
}

}  // namespace argosy::market
