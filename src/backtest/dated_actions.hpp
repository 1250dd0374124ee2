// When a symbol's splits and dividends take effect among its bars.
#pragma once

#include <cstdint>
#include <vector>

#include "data/symbol_data.hpp"

namespace argosy::backtest {

struct DatedAction {
  std::int64_t key = 0;  // the first bar with this key or a later one is the first to trade after it
  market::CorporateAction action;
};

// Those after the first bar, in their order; no delistings.
[[nodiscard]] std::vector<DatedAction> date_actions(const data::SymbolData& data);

}  // namespace argosy::backtest
