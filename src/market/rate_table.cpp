#include "market/rate_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

namespace argosy::market {
namespace {

using core::Error;
using core::ErrorCode;
using core::Price;
using core::Rounding;

constexpr std::string_view kMiddle = "USD";

bool is_currency(std::string_view text) {
  return text.size() == 3 && std::ranges::all_of(text, [](char letter) { return letter >= 'A' && letter <= 'Z'; });
}

std::pair<std::string_view, std::string_view> key_of(std::string_view a, std::string_view b) {
  return a < b ? std::pair(a, b) : std::pair(b, a);
}

// numerator / denominator as a rate, written so that its quote is above one and keeps nine digits.
std::optional<ExchangeRate> ratio(std::int64_t numerator, std::int64_t denominator) {
  const bool inverse = numerator < denominator;
  if (inverse) std::swap(numerator, denominator);
  const __int128 units = core::detail::divide_rounded(static_cast<__int128>(numerator) * Price::kUnitsPerOne,
                                                      denominator, Rounding::kHalfEven);
  if (units > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return ExchangeRate{.quote = Price::from_units(static_cast<std::int64_t>(units)), .inverse = inverse};
}

// One after the other; nothing when it is too large or too small to be written.
std::optional<ExchangeRate> chain(const ExchangeRate& first, const ExchangeRate& second) {
  const std::int64_t a = first.quote.units();
  const std::int64_t b = second.quote.units();
  if (first.inverse != second.inverse) return first.inverse ? ratio(b, a) : ratio(a, b);
  const __int128 units =
      core::detail::divide_rounded(static_cast<__int128>(a) * b, Price::kUnitsPerOne, Rounding::kHalfEven);
  if (units <= 0 || units > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return ExchangeRate{.quote = Price::from_units(static_cast<std::int64_t>(units)), .inverse = first.inverse};
}

}  // namespace

std::string age_text(core::Duration age) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(age).count();
  if (minutes < 120) return fmt::format("{} minutes", minutes);
  return minutes < 72 * 60 ? fmt::format("{} hours", minutes / 60) : fmt::format("{} days", minutes / (24 * 60));
}

core::Result<void> check_rate(const RateQuote& rate) {
  for (const std::string& currency : {rate.base, rate.quote}) {
    if (is_currency(currency)) continue;
    return core::fail(Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is no currency", currency))
                          .with_hint("write three capital letters, for example EUR"));
  }
  if (rate.base == rate.quote)
    return core::fail(ErrorCode::kInvalidArgument, fmt::format("a rate of {} in itself", rate.base));
  if (!rate.rate.is_positive())
    return core::fail(ErrorCode::kInvalidArgument, fmt::format("the rate {} is not above zero", rate.rate.to_string()));
  return {};
}

bool RateTable::set(const RateQuote& rate) {
  ARGOSY_CHECK(check_rate(rate).has_value(), "{}{} {}", rate.base, rate.quote, rate.rate.to_string());
  const auto [first, second] = key_of(rate.base, rate.quote);
  auto [found, is_new] = rates_.try_emplace({std::string(first), std::string(second)}, rate);
  if (is_new) return true;
  if (rate.time < found->second.time) return false;
  found->second = rate;
  return true;
}

std::vector<RateQuote> RateTable::rates() const {
  std::vector<RateQuote> out;
  for (const auto& [pair, rate] : rates_) out.push_back(rate);
  return out;
}

core::Result<KnownRate> RateTable::find_direct(std::string_view from, std::string_view to, core::Timestamp now,
                                               core::Duration max_age) const {
  const auto [first, second] = key_of(from, to);
  const auto found = rates_.find(std::pair(std::string(first), std::string(second)));
  if (found == rates_.end()) {
    return core::fail(Error(ErrorCode::kNotFound, fmt::format("there is no rate of {} in {}", from, to))
                          .with_hint("import one, or turn on a feed that has it"));
  }
  const RateQuote& rate = found->second;
  if (rate.time > now || now - rate.time > max_age) {
    const std::string age = rate.time > now ? "not known yet" : age_text(now - rate.time) + " old";
    return core::fail(
        Error(ErrorCode::kNotFound, fmt::format("the rate of {} in {} from {} is {} ({})", rate.base, rate.quote,
                                                rate.source, age, core::format_rfc3339(rate.time)))
            .with_hint("import a newer one"));
  }
  return KnownRate{
      .rate = {.quote = rate.rate, .inverse = rate.base != from}, .time = rate.time, .source = rate.source};
}

core::Result<KnownRate> RateTable::find(std::string_view from, std::string_view to, core::Timestamp now,
                                        core::Duration max_age) const {
  if (from == to) return KnownRate{.rate = {}, .time = now, .source = {}};
  auto direct = find_direct(from, to, now, max_age);
  if (direct || from == kMiddle || to == kMiddle) return direct;
  auto first = find_direct(from, kMiddle, now, max_age);
  auto second = find_direct(kMiddle, to, now, max_age);
  if (!first || !second) {
    // A pair that is there but too old says more than that the way by USD is not there either.
    if (rates_.contains(std::pair(std::string(key_of(from, to).first), std::string(key_of(from, to).second))))
      return direct;
    return first ? second : first;
  }
  const auto rate = chain(first->rate, second->rate);
  if (!rate) {
    return core::fail(
        ErrorCode::kNotFound,
        fmt::format("the rate of {} in {} by way of {} is beyond what can be written", from, to, kMiddle));
  }
  std::string source = first->source == second->source ? first->source : first->source + ", " + second->source;
  return KnownRate{.rate = *rate, .time = std::min(first->time, second->time), .source = std::move(source)};
}

}  // namespace argosy::market
