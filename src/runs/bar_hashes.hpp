// What the bars of a run were, month by month: short hashes by which two runs can tell up to when they saw the same.
//
//   const BarHashes hashes = hash_bars(market);
//   if (!a.equal_until(b, "AAPL", key)) ...   // some bar of AAPL up to the end of key's month was another one
//
// A hash is of all bars from the run's first on, with their adjustment factors; it is no protection against intent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backtest/market_data.hpp"
#include "core/result.hpp"

namespace argosy::runs {

class BarHashes {
 public:
  // The state after the last bar of a month, counted from January 1970.
  struct Mark {
    std::int32_t month = 0;
    std::uint64_t hash = 0;
  };
  struct Series {
    std::string symbol;
    std::string timeframe;
    std::vector<Mark> marks;  // ascending; months without bars have none
  };

  // With `yearly` only the last mark of each year is kept.
  void add(const data::SymbolData& symbol, bool yearly);

  // Whether both saw the same bars of the symbol up to the end of the month of `key`, or of its year where one of them
  // keeps no months. False where only one of them has bars of it.
  [[nodiscard]] bool equal_until(const BarHashes& other, std::string_view symbol, std::int64_t key) const;
  [[nodiscard]] bool has(std::string_view symbol) const;

  [[nodiscard]] std::string to_json() const;
  [[nodiscard]] static core::Result<BarHashes> parse(const std::string& text);

 private:
  bool yearly_ = false;
  std::vector<Series> series_;
};

// Of the symbols, and of the finer bars in which orders were filled. Of many symbols years are kept.
[[nodiscard]] BarHashes hash_bars(const backtest::MarketData& market);

}  // namespace argosy::runs
