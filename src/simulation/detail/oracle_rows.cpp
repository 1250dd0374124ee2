#include "simulation/detail/oracle_rows.hpp"

#include <fmt/format.h>

#include <variant>

#include "core/text.hpp"

namespace argosy::simulation::detail {

namespace {

constexpr __int128 kMoneyOfShares = 1'000'000'000'000;  // price x quantity, to money's units
constexpr int kMostAtOnce = 20;

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) hash = (hash ^ ((value >> (8 * i)) & 0xff)) * RowHash::kPrime;
  return hash;
}

std::uint64_t mix(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * RowHash::kPrime;
  return mix(hash, text.size());
}

}  // namespace

void Findings::add(int invariant, std::string what) {
  if (!said_.emplace(invariant, what).second) return;
  if (++counts_[invariant] <= kMostAtOnce) fresh_.push_back({.invariant = invariant, .what = std::move(what)});
}

std::vector<Violation> Findings::take() {
  for (const auto& [invariant, count] : std::exchange(counts_, {})) {
    if (count > kMostAtOnce)
      fresh_.push_back({.invariant = invariant, .what = fmt::format("and {} more", count - kMostAtOnce)});
  }
  return std::exchange(fresh_, {});
}

std::uint64_t RowHash::of(const ledger::Row& row) {
  std::uint64_t hash = kStart;
  for (const ledger::Value& value : row.values()) {
    hash = mix(hash, value.index());
    if (const auto* number = std::get_if<std::int64_t>(&value)) hash = mix(hash, static_cast<std::uint64_t>(*number));
    if (const auto* text = std::get_if<std::string>(&value)) hash = mix(hash, *text);
  }
  return hash;
}

std::int64_t half_even(__int128 numerator, __int128 denominator) {
  const bool negative = numerator < 0;
  const __int128 size = negative ? -numerator : numerator;
  __int128 quotient = size / denominator;
  const __int128 twice = (size % denominator) * 2;
  if (twice > denominator || (twice == denominator && quotient % 2 != 0)) ++quotient;
  return static_cast<std::int64_t>(negative ? -quotient : quotient);
}

std::int64_t worth(std::int64_t price, std::int64_t quantity) {
  return half_even(static_cast<__int128>(price) * quantity, kMoneyOfShares);
}

std::int64_t worth_rounded_up(std::int64_t price, std::int64_t quantity) {
  const __int128 exact = static_cast<__int128>(price) * quantity;
  return static_cast<std::int64_t>(exact / kMoneyOfShares + (exact % kMoneyOfShares > 0 ? 1 : 0));
}

std::int64_t converted(std::int64_t money, std::int64_t rate, bool inverse) {
  const __int128 amount = money;
  return inverse ? half_even(amount * kOne, rate) : half_even(amount * rate, kOne);
}

std::int64_t amount_of(const trading::Allowance& allowed, std::int64_t base) {
  if (!allowed.is_share) return allowed.amount.units();
  return static_cast<std::int64_t>(static_cast<__int128>(base) * allowed.share.units() / kOne);
}

std::string shares(std::int64_t units) { return core::Quantity::from_units(units).to_string(); }
std::string money(std::int64_t units) { return core::Money::from_units(units).to_string(); }
std::string price_text(std::int64_t units) { return core::Price::from_units(units).to_string(); }

namespace {

std::string_view written(const core::JsonValue& object, std::string_view name) {
  const core::JsonValue* member = object.find(name);
  if (member == nullptr) return {};
  if (const std::string* text = member->string()) return *text;
  if (const auto* number = member->number()) return number->text;
  return {};
}

}  // namespace

std::int64_t whole(const core::JsonValue& object, std::string_view name) {
  return core::parse_integer(written(object, name)).value_or(0);
}

std::int64_t nine_digits(const core::JsonValue& object, std::string_view name) {
  const auto parsed = core::Quantity::parse(written(object, name));
  return parsed ? parsed->units() : 0;
}

std::int64_t six_digits(const core::JsonValue& object, std::string_view name) {
  const auto parsed = core::Money::parse(written(object, name));
  return parsed ? parsed->units() : 0;
}

std::string text_of(const core::JsonValue& object, std::string_view name) { return std::string(written(object, name)); }

bool truth(const core::JsonValue& object, std::string_view name, bool otherwise) {
  const core::JsonValue* member = object.find(name);
  return member == nullptr || member->boolean() == nullptr ? otherwise : *member->boolean();
}

}  // namespace argosy::simulation::detail
