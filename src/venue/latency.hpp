// How long an order, a cancel or a change travels before the exchange knows of it.
//
//   ARGOSY_TRY(const Latency latency, parse_latency("ms:250"));
//
// none    what is decided at a close is there at the next open. Holds for bars of a day; flatters bars of a minute.
// bars:1  so many bars of the instrument later than without. Coarse, and therefore on the safe side.
// ms:250  at the first bar that opens at or after the decision and so many milliseconds. As a close and the next open
//         are one instant within a session, that skips the next bar: bars do not tell the prices in between.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"

namespace argosy::venue {

struct Latency {
  std::int64_t bars = 0;
  std::int64_t milliseconds = 0;  // one of the two is zero

  [[nodiscard]] bool is_none() const { return bars == 0 && milliseconds == 0; }
  [[nodiscard]] core::Duration time() const { return std::chrono::milliseconds(milliseconds); }

  friend bool operator==(const Latency&, const Latency&) = default;
};

// "none", "bars:1" (at most 1000), "ms:250" (at most an hour).
[[nodiscard]] core::Result<Latency> parse_latency(std::string_view text);
[[nodiscard]] std::string to_string(const Latency& latency);

}  // namespace argosy::venue
