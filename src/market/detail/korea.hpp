// The closures of the Korea Exchange by rule, for years outside its table and for the test that holds them against it.
#pragma once

#include <vector>

#include "core/time.hpp"

namespace argosy::market::detail {

// Holidays with their substitutes, elections in their turn and the last weekday of the year; in no order, weekends too.
[[nodiscard]] std::vector<core::Date> korean_closures_by_rule(int year);

}  // namespace argosy::market::detail
