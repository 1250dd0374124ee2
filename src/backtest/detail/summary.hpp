// The headline of a result, and what a reader should know before believing it.
#pragma once

#include <string>
#include <vector>

#include "backtest/backtest.hpp"

namespace argosy::backtest {

// Of a result whose run and statistics are there; hashes and warnings are left to the caller.
[[nodiscard]] Summary summarise(const BacktestRequest& request, const BacktestResult& result);
// Why nothing was traded; empty when something was. `warm_up`: rows that the formulas need to start.
[[nodiscard]] std::string find_empty_reason(const BacktestResult& result, std::size_t warm_up);
[[nodiscard]] std::vector<std::string> find_warnings(const BacktestResult& result, std::size_t warm_up);

}  // namespace argosy::backtest
