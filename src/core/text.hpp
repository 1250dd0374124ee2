// Small text helpers used by every room: numbers that read back to the same bits, trimming, near names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace argosy::core {

// The decimal text with the fewest digits that reads back to the same double, plain from 1e-4 to below 1e16 and with an
// exponent beyond: "100000", "0.1", "1e+16"; "nan", "inf", "-inf" otherwise.
[[nodiscard]] std::string format_double(double value);
void append_double(std::string& out, double value);
// The whole text as a finite double (correctly rounded), with an optional sign; nothing when it is anything else, such
// as "nan", "0x1p3", " 1" or a number beyond the range of a double.
[[nodiscard]] std::optional<double> parse_double(std::string_view text);
// The whole text as a decimal integer with an optional sign; nothing when it is anything else or does not fit.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

// Without the blanks (space, tab, line ends) at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);
// At least one part; "a,,b" has three.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator);
// ASCII letters only: keys, codes and tickers.
[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] std::string to_upper(std::string_view text);
// Where the first byte stands that is not UTF-8 (overlong forms and surrogates are not); nothing when all is well.
[[nodiscard]] std::optional<std::size_t> find_invalid_utf8(std::string_view text);

// The candidate nearest to `name` by edit distance, when it is near enough to be meant; for 'did you mean'.
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view name,
                                                      std::span<const std::string_view> candidates);
// " Did you mean \"fast\"?" or the list of what is known when nothing is near; empty without candidates.
[[nodiscard]] std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace argosy::core
