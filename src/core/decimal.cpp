#include "core/decimal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace argosy::core::detail {

__int128 divide_rounded(__int128 numerator, __int128 denominator, Rounding rounding) {
  const __int128 quotient = numerator / denominator;
  const __int128 remainder = numerator % denominator;
  if (remainder == 0) return quotient;
  const int sign = numerator < 0 ? -1 : 1;
  const __int128 magnitude = remainder < 0 ? -remainder : remainder;
  switch (rounding) {
    case Rounding::kTowardZero:
      return quotient;
    case Rounding::kAwayFromZero:
      return quotient + sign;
    case Rounding::kFloor:
      return sign < 0 ? quotient - 1 : quotient;
    case Rounding::kCeiling:
      return sign > 0 ? quotient + 1 : quotient;
    case Rounding::kHalfEven: {
      const __int128 other = denominator - magnitude;
      const bool away = magnitude > other || (magnitude == other && quotient % 2 != 0);
      return away ? quotient + sign : quotient;
    }
    case Rounding::kHalfAwayFromZero:
      return magnitude >= denominator - magnitude ? quotient + sign : quotient;
  }
  return quotient;
}

std::int64_t narrow(__int128 value, const char* what) {
  ARGOSY_CHECK(value <= std::numeric_limits<std::int64_t>::max() && value >= std::numeric_limits<std::int64_t>::min(),
               "{} does not fit in 64 bits", what);
  return static_cast<std::int64_t>(value);
}

std::string decimal_to_string(std::int64_t units, int digits, int minimum_digits) {
  const bool negative = units < 0;
  std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(units) : static_cast<std::uint64_t>(units);
  std::array<char, 32> reversed{};
  std::size_t length = 0;
  int fraction_left = digits;
  bool significant = false;
  while (fraction_left > 0) {
    const char digit = static_cast<char>('0' + magnitude % 10);
    magnitude /= 10;
    significant = significant || digit != '0' || fraction_left <= minimum_digits;
    if (significant) reversed[length++] = digit;
    --fraction_left;
  }
  if (significant) reversed[length++] = '.';
  do {
    reversed[length++] = static_cast<char>('0' + magnitude % 10);
    magnitude /= 10;
  } while (magnitude != 0);
  if (negative) reversed[length++] = '-';
  std::string out(reversed.data(), length);
  std::reverse(out.begin(), out.end());
  return out;
}

namespace {

struct Digits {
  __int128 mantissa = 0;  // the digits that are kept
  int scale = 0;          // value = mantissa * 10^-scale
  bool negative = false;
  bool sticky = false;  // digits beyond the 37th were not all zero
  bool any = false;
};

// Reads sign, digits, point and exponent. False when the text is no decimal number.
bool read_digits(std::string_view text, Digits& out) {
  constexpr int kMostDigits = 37;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) out.negative = text[at++] == '-';
  int kept = 0;
  bool point = false;
  for (; at < text.size() && text[at] != 'e' && text[at] != 'E'; ++at) {
    if (text[at] == '.') {
      if (point) return false;
      point = true;
      continue;
    }
    if (text[at] < '0' || text[at] > '9') return false;
    out.any = true;
    if (kept < kMostDigits) {
      out.mantissa = out.mantissa * 10 + (text[at] - '0');
      if (out.mantissa != 0) ++kept;
      if (point) ++out.scale;
    } else {
      out.sticky = out.sticky || text[at] != '0';
      if (!point) --out.scale;
    }
  }
  if (!out.any) return false;
  if (at == text.size()) return true;
  ++at;  // the 'e'
  bool exponent_negative = false;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) exponent_negative = text[at++] == '-';
  if (at == text.size()) return false;
  int exponent = 0;
  for (; at < text.size(); ++at) {
    if (text[at] < '0' || text[at] > '9') return false;
    exponent = std::min(exponent * 10 + (text[at] - '0'), 100'000'000);
  }
  out.scale -= exponent_negative ? -exponent : exponent;
  return true;
}

}  // namespace

Result<std::int64_t> parse_decimal(std::string_view text, int digits, const Rounding* rounding, const char* what) {
  Digits parsed;
  if (!read_digits(text, parsed)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" is not a {}: a decimal number is expected", text, what));
  }
  const auto too_large = [&] {
    return fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" does not fit in a {}", text, what));
  };
  __int128 value = parsed.mantissa;
  int shift = digits - parsed.scale;
  if (shift >= 0) {
    if (value != 0 && parsed.sticky) return too_large();
    for (; shift > 0 && value != 0; --shift) {
      if (value > static_cast<__int128>(std::numeric_limits<std::int64_t>::max())) return too_large();
      value *= 10;
    }
  } else {
    bool sticky = parsed.sticky;
    for (; shift < -1 && value != 0; ++shift) {
      sticky = sticky || value % 10 != 0;
      value /= 10;
    }
    const bool exact = !sticky && value % 10 == 0;
    if (!exact && rounding == nullptr) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("\"{}\" has more than the {} fraction digits of a {}", text, digits, what));
    }
    if (shift < -1) value = 0;
    // Two extra digits keep ties and the sticky remainder apart.
    __int128 numerator = value * 10 + (sticky ? 1 : 0);
    if (parsed.negative) numerator = -numerator;
    value = divide_rounded(numerator, 100, exact ? Rounding::kTowardZero : *rounding);
    if (parsed.negative) value = -value;
  }
  if (parsed.negative) value = -value;
  if (value > std::numeric_limits<std::int64_t>::max() || value < std::numeric_limits<std::int64_t>::min()) {
    return too_large();
  }
  return static_cast<std::int64_t>(value);
}

Result<std::int64_t> decimal_from_double(double value, std::int64_t units_per_one, const char* what) {
  // 2^63 units are far below 2^64 whole ones, so the product below stays under 2^(53 + 30).
  if (std::abs(value) < 0x1p64) {
    int exponent = 0;
    const auto mantissa = static_cast<std::int64_t>(std::ldexp(std::frexp(value, &exponent), 53));
    exponent -= 53;
    __int128 units = static_cast<__int128>(mantissa) * units_per_one;
    if (exponent < -120) {
      units = 0;
    } else if (exponent < 0) {
      units = divide_rounded(units, static_cast<__int128>(1) << -exponent, Rounding::kHalfEven);
    } else {
      units *= static_cast<__int128>(1) << exponent;
    }
    if (units <= std::numeric_limits<std::int64_t>::max() && units >= std::numeric_limits<std::int64_t>::min()) {
      return static_cast<std::int64_t>(units);
    }
  }
  return fail(ErrorCode::kInvalidArgument, fmt::format("{} is not a {}", value, what));
}

}  // namespace argosy::core::detail
