// One symbol's rows bar by bar, as live data comes in: the same bits as make_rows() over all the bars.
//
//   RowStream rows(symbol, {"close", "volume"}, PriceMode::kAdjusted);
//   rows.add(bar, {.price = 1, .split = 1}, out);                        // one row each
//   RowStream weeks(symbol, {"close"}, PriceMode::kAdjusted, week);
//   weeks.add(bar, factors, out);                                        // a row with the bar that ends its week
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/symbol_data.hpp"

namespace argosy::data {

// What one bar's prices are adjusted by (market/corporate_actions.hpp).
struct BarFactors {
  double price = 1;
  double split = 1;
};

struct StreamedRow {
  std::int64_t key = 0;
  std::int64_t closing = 0;    // nanoseconds since 1970
  std::vector<double> values;  // of the fields, in their order
};

class RowStream {
 public:
  // Of `symbol` only the instrument and the timeframe of the bars count. `longer`: rows are bars of it made of these;
  // it must be longer.
  RowStream(const SymbolData& symbol, std::vector<std::string> fields, PriceMode mode,
            std::optional<market::Timeframe> longer = std::nullopt);

  // The next bar; keys ascend strictly. Appends to `out` the rows that are complete with it. A longer bar whose last
  // part never came is complete with the first bar after it, and its row has the closing instant that it should have.
  void add(const market::Bar& bar, const BarFactors& factors, std::vector<StreamedRow>& out);

 private:
  void take(std::vector<StreamedRow>& out);

  std::vector<std::string> fields_;
  PriceMode mode_;
  std::optional<market::Timeframe> longer_;
  const market::Calendar* calendar_;
  SymbolData part_;  // the bars of the row that is not complete yet
  std::int64_t key_ = 0;
};

}  // namespace argosy::data
