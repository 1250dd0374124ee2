// Exchange rates from CSV text: a column date or time, and base, quote, rate, in any order.
//
//   ARGOSY_TRY(const std::vector<market::RateQuote> rates, read_rates(csv, "rates.csv"));
//   for (const auto& rate : rates) {
//     if (rate.time <= clock.now()) table.set(rate);
//   }
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "market/rate_table.hpp"

namespace argosy::data {

// In the order of time; those of one time in the order of the file. A rate of a date is known when that date is over,
// in UTC; `time` is RFC 3339 with a zone. The source is the file's name. A line that cannot be used is an error that
// names it, as is a pair that has two rates at one time: such files are small and are corrected by hand.
[[nodiscard]] core::Result<std::vector<market::RateQuote>> read_rates(std::string_view csv, const std::string& file);

}  // namespace argosy::data
