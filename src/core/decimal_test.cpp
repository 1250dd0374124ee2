#include "core/decimal.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace argosy::core {
namespace {

using boost::multiprecision::cpp_int;

constexpr Rounding kRoundings[] = {Rounding::kTowardZero, Rounding::kAwayFromZero, Rounding::kFloor,
                                   Rounding::kCeiling,    Rounding::kHalfEven,     Rounding::kHalfAwayFromZero};

// numerator / denominator (> 0) by the rule's definition: the floor, then up by one or not.
cpp_int round_exactly(const cpp_int& numerator, const cpp_int& denominator, Rounding rounding) {
  cpp_int floor = numerator / denominator;
  if (floor * denominator > numerator) floor -= 1;
  const cpp_int rest = numerator - floor * denominator;  // 0 <= rest < denominator
  if (rest == 0) return floor;
  const bool negative = numerator < 0;
  const cpp_int twice = rest * 2;
  cpp_int up = floor + 1;
  switch (rounding) {
    case Rounding::kFloor:
      return floor;
    case Rounding::kCeiling:
      return up;
    case Rounding::kTowardZero:
      return negative ? up : floor;
    case Rounding::kAwayFromZero:
      return negative ? floor : up;
    case Rounding::kHalfEven:
      if (twice == denominator) return floor % 2 == 0 ? floor : up;
      return twice < denominator ? floor : up;
    case Rounding::kHalfAwayFromZero:
      if (twice == denominator) return negative ? floor : up;
      return twice < denominator ? floor : up;
  }
  return floor;
}

bool fits(const cpp_int& units) {
  return units <= std::numeric_limits<std::int64_t>::max() && units >= std::numeric_limits<std::int64_t>::min();
}

cpp_int power_of_ten(int exponent) { return boost::multiprecision::pow(cpp_int(10), static_cast<unsigned>(exponent)); }

// Integers of every magnitude, with the edges.
rc::Gen<std::int64_t> any_units() {
  const auto scaled = rc::gen::map(
      rc::gen::pair(rc::gen::arbitrary<std::uint64_t>(), rc::gen::inRange(0, 64)),
      [](auto pair) { return static_cast<std::int64_t>(pair.first * 0x9E3779B97F4A7C15U) >> pair.second; });
  return rc::gen::weightedOneOf<std::int64_t>(
      {{8, scaled},
       {2, rc::gen::map(scaled, [](std::int64_t units) { return units / 1'000'000'000 * 1'000'000'000; })},
       {1, rc::gen::element(std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min(),
                            std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{500'000'000},
                            std::int64_t{1'000'000'000})}});
}
rc::Gen<std::int64_t> positive_units() {
  return rc::gen::map(any_units(), [](std::int64_t units) {
    return units > 0 ? units : units == std::numeric_limits<std::int64_t>::min() ? 1 : 1 - units;
  });
}
rc::Gen<Rounding> any_rounding() {
  return rc::gen::elementOf(std::vector<Rounding>(std::begin(kRoundings), std::end(kRoundings)));
}

// Expects `call()` to give `units` when they fit; what does not fit stops the program (tested by name below).
template <class Call>
void expect_units(const cpp_int& units, Call call) {
  RC_PRE(fits(units));
  RC_ASSERT(cpp_int(call().units()) == units);
}

RC_GTEST_PROP(DecimalProperty, PrintedTextReadsBack, ()) {
  const std::int64_t units = *any_units();
  const int digits = *rc::gen::inRange(0, 9);
  RC_ASSERT(Price::parse(Price::from_units(units).to_string(digits))->units() == units);
  RC_ASSERT(Money::parse(Money::from_units(units).to_string())->units() == units);
}

RC_GTEST_PROP(DecimalProperty, TextIsTheValue, ()) {
  const std::int64_t units = *any_units();
  const std::string text = Price::from_units(units).to_string(9);
  std::string digits = text;
  std::erase(digits, '.');
  RC_ASSERT(text[text.size() - 10] == '.');
  RC_ASSERT(cpp_int(units).str() == [&] {
    const bool negative = digits.starts_with('-');
    const std::string magnitude =
        cpp_int(digits.substr(digits.find_first_not_of("-0") == std::string::npos ? digits.size() - 1
                                                                                  : digits.find_first_not_of("-0")))
            .str();
    return (negative ? "-" : "") + magnitude;
  }());
}

// Text of up to 60 digits with a point and an exponent anywhere, against exact arithmetic.
RC_GTEST_PROP(DecimalProperty, ParsesLikeArbitraryPrecision, ()) {
  const auto digits = *rc::gen::container<std::string>(rc::gen::inRange('0', static_cast<char>('9' + 1)));
  RC_PRE(!digits.empty());
  const auto tail = *rc::gen::elementOf(std::vector<std::string>{
      "", "5", "50000000000", "49999999999999999999999999999999999999", "500000000000000000000000000000000000001"});
  const std::string all = digits + tail;
  const int point = *rc::gen::inRange(0, static_cast<int>(all.size()) + 1);
  const int exponent = *rc::gen::inRange(-30, 31);
  const bool negative = *rc::gen::arbitrary<bool>();
  const Rounding rounding = *any_rounding();
  std::string text = (negative ? "-" : "") + all.substr(0, static_cast<std::size_t>(point)) + "." +
                     all.substr(static_cast<std::size_t>(point));
  if (exponent != 0) text += "e" + std::to_string(exponent);
  const std::size_t first = std::min(all.find_first_not_of('0'), all.size() - 1);
  cpp_int numerator = cpp_int(all.substr(first));
  if (negative) numerator = -numerator;
  const int shift = 9 + exponent - (static_cast<int>(all.size()) - point);
  cpp_int denominator = 1;
  if (shift >= 0) {
    numerator *= power_of_ten(shift);
  } else {
    denominator = power_of_ten(-shift);
  }
  const cpp_int expected = round_exactly(numerator, denominator, rounding);
  const auto rounded = Price::parse_rounded(text, rounding);
  RC_ASSERT(rounded.has_value() == fits(expected));
  if (rounded) RC_ASSERT(cpp_int(rounded->units()) == expected);
  const bool exact = numerator % denominator == 0;
  const auto strict = Price::parse(text);
  RC_ASSERT(strict.has_value() == (exact && fits(expected)));
  if (strict) RC_ASSERT(cpp_int(strict->units()) == expected);
}

RC_GTEST_PROP(DecimalProperty, Notional, ()) {
  const std::int64_t price = *any_units();
  const std::int64_t quantity = *any_units();
  const Rounding rounding = *any_rounding();
  expect_units(round_exactly(cpp_int(price) * quantity, power_of_ten(12), rounding),
               [&] { return notional(Price::from_units(price), Quantity::from_units(quantity), rounding); });
}

RC_GTEST_PROP(DecimalProperty, MultiplyByRate, ()) {
  const std::int64_t amount = *any_units();
  const std::int64_t rate = *any_units();
  const Rounding rounding = *any_rounding();
  const cpp_int expected = round_exactly(cpp_int(amount) * rate, power_of_ten(9), rounding);
  expect_units(expected, [&] { return multiply(Money::from_units(amount), Rate::from_units(rate), rounding); });
  expect_units(expected, [&] { return multiply(Price::from_units(amount), Rate::from_units(rate), rounding); });
}

RC_GTEST_PROP(DecimalProperty, Divide, ()) {
  const std::int64_t amount = *any_units();
  const std::int64_t by = *positive_units();
  const Rounding rounding = *any_rounding();
  const cpp_int expected = round_exactly(cpp_int(amount) * power_of_ten(12), by, rounding);
  expect_units(expected, [&] { return divide(Money::from_units(amount), Price::from_units(by), rounding); });
  expect_units(expected, [&] { return divide(Money::from_units(amount), Quantity::from_units(by), rounding); });
}

RC_GTEST_PROP(DecimalProperty, Scale, ()) {
  const std::int64_t units = *any_units();
  const std::int64_t numerator = *any_units();
  const std::int64_t denominator = *positive_units();
  const Rounding rounding = *any_rounding();
  expect_units(round_exactly(cpp_int(units) * numerator, denominator, rounding),
               [&] { return scale(Price::from_units(units), numerator, denominator, rounding); });
}

RC_GTEST_PROP(DecimalProperty, SumsAndComparison, ()) {
  const std::int64_t a = *any_units();
  const std::int64_t b = *any_units();
  RC_ASSERT((Price::from_units(a) < Price::from_units(b)) == (a < b));
  RC_ASSERT((Price::from_units(a) == Price::from_units(b)) == (a == b));
  if (fits(cpp_int(a) + b)) RC_ASSERT((Price::from_units(a) + Price::from_units(b)).units() == a + b);
  if (fits(cpp_int(a) - b)) RC_ASSERT((Price::from_units(a) - Price::from_units(b)).units() == a - b);
  if (fits(cpp_int(a) * b)) RC_ASSERT((Price::from_units(a) * b).units() == a * b);
}

// A double is an integer times a power of two, so its nearest decimal can be had exactly.
RC_GTEST_PROP(DecimalProperty, FromDoubleIsTheNearest, ()) {
  const std::int64_t mantissa = *any_units() >> 11;
  const int exponent = *rc::gen::inRange(-140, 20);
  const double value = std::ldexp(static_cast<double>(mantissa), exponent);
  cpp_int numerator = cpp_int(mantissa) * power_of_ten(9);
  cpp_int denominator = 1;
  if (exponent >= 0) {
    numerator <<= static_cast<unsigned>(exponent);
  } else {
    denominator <<= static_cast<unsigned>(-exponent);
  }
  const cpp_int expected = round_exactly(numerator, denominator, Rounding::kHalfEven);
  const auto price = Price::from_double(value);
  RC_ASSERT(price.has_value() == fits(expected));
  if (price) RC_ASSERT(cpp_int(price->units()) == expected);
}

RC_GTEST_PROP(DecimalProperty, ToDoubleIsWhatTheTextReads, ()) {
  const std::int64_t units = *any_units();
  RC_PRE(std::abs(static_cast<double>(units)) < 0x1p53);
  const Price price = Price::from_units(units);
  RC_ASSERT(price.to_double() == std::stod(price.to_string()));
}

TEST(Decimal, ReadsWhatSourcesWrite) {
  EXPECT_EQ(Price::parse("12.5")->units(), 12'500'000'000);
  EXPECT_EQ(Price::parse("-3")->units(), -3'000'000'000);
  EXPECT_EQ(Price::parse("+.5")->units(), 500'000'000);
  EXPECT_EQ(Price::parse("1.")->units(), 1'000'000'000);
  EXPECT_EQ(Price::parse("1e3")->units(), 1'000'000'000'000);
  EXPECT_EQ(Price::parse("1.50E-8")->units(), 15);
  EXPECT_EQ(Price::parse("0.0000000010000")->units(), 1);
  EXPECT_EQ(Price::parse("0e-999999999999")->units(), 0);
  EXPECT_EQ(Price::parse("-0")->units(), 0);
  EXPECT_EQ(Price::parse("9223372036.854775807")->units(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(Price::parse("-9223372036.854775808")->units(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(Price::parse(std::string(20'000, '0') + "1")->units(), 1'000'000'000);
  EXPECT_EQ(Price::parse("0." + std::string(20'000, '0') + "1e20001")->units(), 1'000'000'000);
}

TEST(Decimal, RefusesWhatIsNoNumber) {
  for (const char* text : {"", "-", "+", ".", "e5", "1e", "1e+", "1.2.3", "1,5", " 1", "1 ", "0x10", "nan", "inf",
                           "--1", "1e5.0", "1_000", "\xD9\xA1"}) {
    const auto price = Price::parse(text);
    ASSERT_FALSE(price.has_value()) << text;
    EXPECT_EQ(price.error().code, ErrorCode::kInvalidArgument) << text;
    EXPECT_NE(price.error().message.find("is not a price"), std::string::npos) << price.error().message;
  }
}

TEST(Decimal, RefusesWhatDoesNotFit) {
  for (const char* text : {"9223372036.854775808", "-9223372036.854775809", "1e10", "1e999999999999",
                           "99999999999999999999999999999999999999999999"}) {
    const auto price = Price::parse(text);
    ASSERT_FALSE(price.has_value()) << text;
    EXPECT_NE(price.error().message.find("does not fit"), std::string::npos) << price.error().message;
  }
  const auto price = Price::parse("0.1234567891");
  ASSERT_FALSE(price.has_value());
  EXPECT_NE(price.error().message.find("more than the 9 fraction digits"), std::string::npos);
}

TEST(Decimal, PrintsTheShortestText) {
  EXPECT_EQ(Price::parse("118.5")->to_string(), "118.5");
  EXPECT_EQ(Price::parse("118.5")->to_string(2), "118.50");
  EXPECT_EQ(Price::parse("118")->to_string(), "118");
  EXPECT_EQ(Money::parse("-0.000001")->to_string(2), "-0.000001");
  EXPECT_EQ(Money().to_string(2), "0.00");
  EXPECT_EQ(Money::from_units(std::numeric_limits<std::int64_t>::min()).to_string(), "-9223372036854.775808");
}

TEST(Decimal, RefusesDoublesThatAreNoAmount) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {std::nan(""), infinity, -infinity, 1e10, -1e300})
    EXPECT_FALSE(Price::from_double(value)) << value;
  EXPECT_EQ(Price::from_double(0.1)->units(), 100'000'000);
  EXPECT_EQ(Price::from_double(1e-300)->units(), 0);
  EXPECT_EQ(Money::from_double(0.0000005)->units(), 0);  // the double lies just below the tie
}

TEST(DecimalDeathTest, OverflowStopsTheProgram) {
  const Price most = Price::from_units(std::numeric_limits<std::int64_t>::max());
  const Price least = Price::from_units(std::numeric_limits<std::int64_t>::min());
  const Quantity million = Quantity::from_integer(1'000'000);
  EXPECT_DEATH((void)(most + Price::from_units(1)), "price overflow");
  EXPECT_DEATH((void)(least - Price::from_units(1)), "price overflow");
  EXPECT_DEATH((void)-least, "price overflow");
  EXPECT_DEATH((void)(most * 2), "price overflow");
  EXPECT_DEATH((void)Price::from_integer(10'000'000'000), "price does not fit");
  EXPECT_DEATH((void)notional(most, million, Rounding::kFloor), "money amount does not fit");
  EXPECT_DEATH((void)divide(Money::from_integer(1'000'000'000), Price::from_units(1), Rounding::kFloor),
               "quantity does not fit");
  EXPECT_DEATH((void)divide(Money::from_integer(1), Price(), Rounding::kFloor), "division by price 0");
  EXPECT_DEATH((void)divide(Money::from_integer(1), Quantity(), Rounding::kFloor), "division by quantity 0");
  EXPECT_DEATH((void)scale(most, 2, 1, Rounding::kFloor), "price does not fit");
  EXPECT_DEATH((void)scale(most, 1, 0, Rounding::kFloor), "scale by 1/0");
  EXPECT_DEATH((void)multiply(Money::from_units(std::numeric_limits<std::int64_t>::max()), Rate::from_integer(2),
                              Rounding::kFloor),
               "money amount does not fit");
}

}  // namespace
}  // namespace argosy::core
