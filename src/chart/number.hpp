// Numbers as people read them: thousands in groups, a true minus sign (U+2212), an em dash where there is no number.
// The same value gives the same bytes on every machine.
//
//   format_number(-1234.5, 2)              // "−1,234.50"
//   format_percent(0.1234, 1, Sign::kAlways)  // "+12.3%"
//   format_compact(1'250'000)              // "1.25M"
#pragma once

#include <cstdint>
#include <string>

namespace argosy::chart {

enum class Sign : std::uint8_t { kNegative, kAlways };  // show a minus only, or also a plus (zero has neither)

// `decimals` 0 to 12. A value that rounds to zero has no sign.
[[nodiscard]] std::string format_number(double value, int decimals, Sign sign = Sign::kNegative);
// `fraction` 0.05 is 5%.
[[nodiscard]] std::string format_percent(double fraction, int decimals, Sign sign = Sign::kNegative);
// Three significant digits with k, M, B, T.
[[nodiscard]] std::string format_compact(double value);
// Two decimals from 1 on, more for smaller prices (at most eight).
[[nodiscard]] std::string format_price(double value);

// A finite number that a chart can draw; beyond 1e100 arithmetic on ranges could overflow.
[[nodiscard]] bool is_drawable(double value);
// A position in an SVG, to a tenth: "12.3", "12".
void append_coordinate(std::string& out, double value);
[[nodiscard]] std::string coordinate(double value);
// A share of the width, `fraction` 0 to 1, to a hundredth of a percent: "12.34%".
[[nodiscard]] std::string width_percent(double fraction);

}  // namespace argosy::chart
