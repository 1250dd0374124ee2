#include "chart/number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace argosy::chart {
namespace {

constexpr std::string_view kMinus = "\xE2\x88\x92";
constexpr std::string_view kNoNumber = "\xE2\x80\x94";

std::string trim_zeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::string format_number(double value, int decimals, Sign sign) {
  if (!std::isfinite(value)) return std::string(kNoNumber);
  const std::string digits = fmt::format("{:.{}f}", std::fabs(value), std::clamp(decimals, 0, 12));
  const std::size_t whole = std::min(digits.find('.'), digits.size());
  std::string out;
  if (digits.find_first_not_of("0.") != std::string::npos) {
    if (value < 0) out += kMinus;
    if (value > 0 && sign == Sign::kAlways) out += '+';
  }
  for (std::size_t at = 0; at < digits.size(); ++at) {
    if (at > 0 && at < whole && (whole - at) % 3 == 0) out += ',';
    out += digits[at];
  }
  return out;
}

std::string format_percent(double fraction, int decimals, Sign sign) {
  if (!std::isfinite(fraction)) return std::string(kNoNumber);
  return format_number(fraction * 100, decimals, sign) + "%";
}

std::string format_compact(double value) {
  if (!std::isfinite(value)) return std::string(kNoNumber);
  static constexpr std::array<std::string_view, 5> kSuffixes = {"", "k", "M", "B", "T"};
  double size = std::fabs(value);
  std::size_t suffix = 0;
  while (size >= 999.5 && suffix + 1 < kSuffixes.size()) {
    size /= 1000;
    ++suffix;
  }
  const int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return trim_zeros(format_number(value < 0 ? -size : size, decimals)) + std::string(kSuffixes[suffix]);
}

std::string format_price(double value) {
  const double size = std::fabs(value);
  const int decimals = size >= 1 || size == 0 ? 2 : size >= 0.01 ? 4 : 8;
  return format_number(value, decimals);
}

bool is_drawable(double value) { return std::isfinite(value) && std::fabs(value) <= 1e100; }

void append_coordinate(std::string& out, double value) {
  const long long tenths = std::llround(std::clamp(value, -1e6, 1e6) * 10);
  if (tenths < 0) out += '-';
  const long long size = tenths < 0 ? -tenths : tenths;
  out += fmt::format_int(size / 10).c_str();
  if (size % 10 != 0) {
    out += '.';
    out += static_cast<char>('0' + size % 10);
  }
}

std::string coordinate(double value) {
  std::string out;
  append_coordinate(out, value);
  return out;
}

std::string width_percent(double fraction) {
  return trim_zeros(fmt::format("{:.2f}", std::clamp(fraction, 0.0, 1.0) * 100)) + "%";
}

}  // namespace argosy::chart
