// A part of the market's bars, as a run that loaded no others would have it.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "backtest/market_data.hpp"
#include "backtest/steps.hpp"
#include "data/symbol_data.hpp"

namespace argosy::backtest {

struct RowRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

struct MarketPart {
  std::shared_ptr<const MarketData> market;  // with the bars of the part only; the whole where that is the part
  std::vector<RowRange> rows;                // of each symbol, where its bars stand in the whole
  bool whole = true;
};

// Errors: no bars in the part.
[[nodiscard]] core::Result<MarketPart> take_part(const std::shared_ptr<const MarketData>& market,
                                                 const data::KeyRange& keys);

// The signals of the part out of those of the whole.
void keep_part(const MarketPart& part, RunSignals& signals);

}  // namespace argosy::backtest
