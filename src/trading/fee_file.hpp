// A file of fees:
//
//   name: kis
//   description: Korea Investment & Securities, US stocks online
//   currency: USD
//   items:
//     - {name: commission, percent: 0.25}
//     - include: us_regulatory
//     - name: transaction tax
//       sides: sell
//       round: cent_up
//       dated:
//         - {from: 2025-01-01, percent: 0.15}
//         - {from: 2026-01-01, percent: 0.2}
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "trading/fees.hpp"

namespace argosy::trading {

struct FeeFile {
  FeeSchedule schedule;
  std::string description;
  std::string source;
};

// Gives the file of a name under `include`.
using FeeReader = std::function<core::Result<FeeFile>(const std::string& name)>;

// Unknown keys, rates out of order and negative amounts are errors with line and column.
[[nodiscard]] core::Result<FeeFile> parse_fee_file(std::string_view text, const std::string& file,
                                                   const FeeReader& include = {});

// "free", "percent:0.1" of the traded amount, "per_share:0.005", or what the reader gives for a name.
[[nodiscard]] core::Result<FeeSchedule> find_fees(const std::string& text, const FeeReader& read);

}  // namespace argosy::trading
