// What a run assumes of the market, from what the strategy file says.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "backtest/simulate.hpp"
#include "core/result.hpp"
#include "data/symbol_data.hpp"
#include "strategy/strategy_file.hpp"

namespace argosy::backtest {

// How orders are filled. Errors point into the file.
[[nodiscard]] core::Result<venue::ExchangeSettings> exchange_settings(const strategy::StrategyFile& strategy);

// Daily rates of every currency that is needed beside the account's: closes of a symbol such as EURUSD or USDEUR, or
// of the same with =X behind. kNotFound when the lake has none.
[[nodiscard]] core::Result<std::vector<RateSeries>> load_rates(const lake::Snapshot& snapshot,
                                                               const std::string& account_currency,
                                                               std::span<const std::string> currencies);

}  // namespace argosy::backtest
