// A file of limits:
//
//   name: careful
//   description: a small account of shares
//   extends: backtest                       # what this file does not name is taken from there
//   day: {zone: America/New_York, starts: "00:00"}
//   limits:
//     max_order_value: 2500
//     price_collar: 5%
//     messages: {per_second: 2, burst: 10, reserve: 4}
//     max_working_orders: unlimited
//   circuit_breaker:
//     consecutive_losses: 4
//     cool_down: 1h
//   prop_firm:                              # only for the account of a prop firm
//     daily_loss: {loss: 1000, ends: day}
//
// Every limit is a value or the word unlimited; one that neither the file nor those it extends name is not set, and
// blocks. The keys are those of limit_fields(); docs/concepts/risk.md explains each.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/yaml.hpp"
#include "trading/limits.hpp"

namespace argosy::trading {

struct LimitText {
  std::string text;
  std::string file;  // for errors
};
// Gives the file of a name under `extends` of the file `from`.
using LimitReader = std::function<core::Result<LimitText>(const std::string& name, const std::string& from)>;

// Unknown keys, values out of range and files that extend each other in a circle are errors with line and column.
[[nodiscard]] core::Result<LimitProfile> parse_limit_file(std::string_view text, const std::string& file,
                                                          const LimitReader& read = {});

// The same of a part of a file that holds other things too: `node` has the keys of a file of limits, `name` and
// `description` need not be there. Everything that is wrong is added to `errors`.
[[nodiscard]] LimitProfile read_limits(const core::YamlNode& node, const std::string& file, const LimitReader& read,
                                       std::vector<core::Error>& errors);

// The limits of a profile that are not set: "limits.max_order_value", in the order of the records.
[[nodiscard]] std::vector<std::string> unset_limits(const LimitProfile& profile);

}  // namespace argosy::trading
