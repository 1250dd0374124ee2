// The columns of a formula that tell when a bar opens.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "market/calendar.hpp"
#include "market/timeframe.hpp"

namespace argosy::data {

// hour, minute, weekday (1 is Monday), day, month, quarter, session_minute, is_month_end (1 or 0), of the bars with
// these keys; nothing when `field` is none of them. Daily and longer bars open with the session of their key's date.
[[nodiscard]] std::optional<std::vector<double>> time_column(std::string_view field, std::span<const std::int64_t> keys,
                                                             market::Timeframe timeframe,
                                                             const market::Calendar& calendar);

}  // namespace argosy::data
