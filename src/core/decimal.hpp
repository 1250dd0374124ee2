// Exact decimal amounts: Price, Quantity and Rate in 1e-9, Money in 1e-6 of its currency, all in 64 bits.
//
//   operation                                result
//   Price +- Price, Quantity +- Quantity     the same type (overflow stops the program)
//   Price * integer                          Price
//   notional(Price, Quantity, Rounding)      Money       rounded once
//   multiply(Money, Rate, Rounding)          Money
//   multiply(Price, Rate, Rounding)          Price
//   scale(X, numerator, denominator, ...)    X           for splits
//   divide(Money, Price, Rounding)           Quantity    what an amount buys
//   divide(Money, Quantity, Rounding)        Price       the average price
//
// Amounts are parsed from decimal text, never by way of double. Products go through 128 bits.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "core/check.hpp"
#include "core/result.hpp"

namespace argosy::core {

// How a quotient that is not exact becomes an integer. Each call names its rule.
enum class Rounding : std::uint8_t {
  kTowardZero,
  kAwayFromZero,
  kFloor,
  kCeiling,
  kHalfEven,
  kHalfAwayFromZero,
};

namespace detail {

// numerator / denominator as an integer; denominator > 0.
[[nodiscard]] __int128 divide_rounded(__int128 numerator, __int128 denominator, Rounding rounding);
[[nodiscard]] std::int64_t narrow(__int128 value, const char* what);  // stops the program when it does not fit
[[nodiscard]] std::string decimal_to_string(std::int64_t units, int digits, int minimum_digits);
// Decimal text with optional sign, fraction and exponent to units of 10^-digits. Without `rounding` more digits are an
// error.
[[nodiscard]] Result<std::int64_t> parse_decimal(std::string_view text, int digits, const Rounding* rounding,
                                                 const char* what);
[[nodiscard]] Result<std::int64_t> decimal_from_double(double value, std::int64_t units_per_one, const char* what);

}  // namespace detail

// A signed decimal number with a fixed number of fraction digits. Tag makes each amount a type of its own.
template <class Tag, int kFractionDigits>
class Decimal {
 public:
  static constexpr int kDigits = kFractionDigits;
  static constexpr std::int64_t kUnitsPerOne = kFractionDigits == 9 ? 1'000'000'000 : 1'000'000;
  static_assert(kFractionDigits == 9 || kFractionDigits == 6);

  constexpr Decimal() = default;
  [[nodiscard]] static constexpr Decimal from_units(std::int64_t units) { return Decimal(units); }
  // whole * 1; stops on overflow.
  [[nodiscard]] static Decimal from_integer(std::int64_t whole) {
    return Decimal(detail::narrow(static_cast<__int128>(whole) * kUnitsPerOne, Tag::kName));
  }
  // "12.5", "-3", "1e3". An error when the text is no number, does not fit, or has more digits than are kept.
  [[nodiscard]] static Result<Decimal> parse(std::string_view text) {
    return wrap(detail::parse_decimal(text, kDigits, nullptr, Tag::kName));
  }
  // The same, with digits that are not kept rounded away: for sources that print binary fractions.
  [[nodiscard]] static Result<Decimal> parse_rounded(std::string_view text, Rounding rounding) {
    return wrap(detail::parse_decimal(text, kDigits, &rounding, Tag::kName));
  }
  // The decimal nearest to the exact value of a double (ties to even); an error for NaN, infinities and values that do
  // not fit.
  [[nodiscard]] static Result<Decimal> from_double(double value) {
    return wrap(detail::decimal_from_double(value, kUnitsPerOne, Tag::kName));
  }

  [[nodiscard]] constexpr std::int64_t units() const { return units_; }
  // The nearest double; equal to what parsing the decimal text as a double gives while |units| < 2^53.
  [[nodiscard]] constexpr double to_double() const {
    return static_cast<double>(units_) / static_cast<double>(kUnitsPerOne);
  }
  // Shortest decimal text, with at least `minimum_digits` fraction digits: "118.5", or "118.50" for 2.
  [[nodiscard]] std::string to_string(int minimum_digits = 0) const {
    return detail::decimal_to_string(units_, kDigits, minimum_digits);
  }

  [[nodiscard]] constexpr bool is_zero() const { return units_ == 0; }
  [[nodiscard]] constexpr bool is_positive() const { return units_ > 0; }
  [[nodiscard]] constexpr bool is_negative() const { return units_ < 0; }

  friend constexpr auto operator<=>(Decimal, Decimal) = default;
  friend Decimal operator+(Decimal a, Decimal b) {
    std::int64_t out = 0;
    ARGOSY_CHECK(!__builtin_add_overflow(a.units_, b.units_, &out), "{} overflow: {} + {}", Tag::kName, a.units_,
                 b.units_);
    return Decimal(out);
  }
  friend Decimal operator-(Decimal a, Decimal b) {
    std::int64_t out = 0;
    ARGOSY_CHECK(!__builtin_sub_overflow(a.units_, b.units_, &out), "{} overflow: {} - {}", Tag::kName, a.units_,
                 b.units_);
    return Decimal(out);
  }
  friend Decimal operator-(Decimal a) { return Decimal() - a; }
  friend Decimal operator*(Decimal a, std::int64_t factor) {
    std::int64_t out = 0;
    ARGOSY_CHECK(!__builtin_mul_overflow(a.units_, factor, &out), "{} overflow: {} * {}", Tag::kName, a.units_, factor);
    return Decimal(out);
  }
  Decimal& operator+=(Decimal other) { return *this = *this + other; }
  Decimal& operator-=(Decimal other) { return *this = *this - other; }

 private:
  constexpr explicit Decimal(std::int64_t units) : units_(units) {}
  static Result<Decimal> wrap(Result<std::int64_t> units) {
    if (!units) return std::unexpected(std::move(units).error());
    return Decimal(*units);
  }

  std::int64_t units_ = 0;
};

struct PriceTag {
  static constexpr const char* kName = "price";
};
struct QuantityTag {
  static constexpr const char* kName = "quantity";
};
struct MoneyTag {
  static constexpr const char* kName = "money amount";
};
struct RateTag {
  static constexpr const char* kName = "rate";
};

using Price = Decimal<PriceTag, 9>;        // currency units for one share, |x| < 9.2e9
using Quantity = Decimal<QuantityTag, 9>;  // shares
using Money = Decimal<MoneyTag, 6>;        // of one currency, |x| < 9.2e12
using Rate = Decimal<RateTag, 9>;          // a plain ratio: 0.001 is a tenth of a percent

// price x quantity, rounded once.
[[nodiscard]] inline Money notional(Price price, Quantity quantity, Rounding rounding) {
  constexpr std::int64_t kDivisor = 1'000'000'000'000;  // 1e-9 * 1e-9 -> 1e-6
  const __int128 product = static_cast<__int128>(price.units()) * quantity.units();
  // Whole shares are the common case and need no 128-bit division.
  if (const std::int64_t whole = quantity.units() / Quantity::kUnitsPerOne;
      whole * Quantity::kUnitsPerOne == quantity.units()) {
    std::int64_t nano = 0;
    if (!__builtin_mul_overflow(price.units(), whole, &nano) && nano % 1000 == 0) return Money::from_units(nano / 1000);
  }
  return Money::from_units(detail::narrow(detail::divide_rounded(product, kDivisor, rounding), "money amount"));
}

[[nodiscard]] inline Money multiply(Money amount, Rate rate, Rounding rounding) {
  return Money::from_units(detail::narrow(
      detail::divide_rounded(static_cast<__int128>(amount.units()) * rate.units(), Rate::kUnitsPerOne, rounding),
      "money amount"));
}

[[nodiscard]] inline Price multiply(Price price, Rate rate, Rounding rounding) {
  return Price::from_units(detail::narrow(
      detail::divide_rounded(static_cast<__int128>(price.units()) * rate.units(), Rate::kUnitsPerOne, rounding),
      "price"));
}

// value x numerator / denominator, rounded once; denominator > 0.
template <class Tag, int kDigits>
[[nodiscard]] Decimal<Tag, kDigits> scale(Decimal<Tag, kDigits> value, std::int64_t numerator, std::int64_t denominator,
                                          Rounding rounding) {
  ARGOSY_CHECK(denominator > 0, "scale by {}/{}", numerator, denominator);
  return Decimal<Tag, kDigits>::from_units(detail::narrow(
      detail::divide_rounded(static_cast<__int128>(value.units()) * numerator, denominator, rounding), Tag::kName));
}

// The quantity an amount buys at a price > 0. Values that do not fit in a Quantity stop the program.
[[nodiscard]] inline Quantity divide(Money amount, Price price, Rounding rounding) {
  ARGOSY_CHECK(price.is_positive(), "division by price {}", price.units());
  return Quantity::from_units(detail::narrow(
      detail::divide_rounded(static_cast<__int128>(amount.units()) * 1'000'000'000'000, price.units(), rounding),
      "quantity"));
}

// The average price of a quantity > 0 that cost an amount.
[[nodiscard]] inline Price divide(Money amount, Quantity quantity, Rounding rounding) {
  ARGOSY_CHECK(quantity.is_positive(), "division by quantity {}", quantity.units());
  return Price::from_units(detail::narrow(
      detail::divide_rounded(static_cast<__int128>(amount.units()) * 1'000'000'000'000, quantity.units(), rounding),
      "price"));
}

}  // namespace argosy::core
