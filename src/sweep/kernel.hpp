// The one fast path of backtests: runs of one class of strategy whose work grows with its trades, not with its bars.
//
//   const auto bars = KernelBars::make(symbol, true);                   // once for all settings; says why not
//   KernelRun run;
//   if (!run_kernel(*bars, settings, {.enter = buys, .leave = sells}, false, run)) ...    // run the core instead
//   run.trades, run.final_equity
//
// What it admits: one symbol in the account's currency, long only, market orders good till cancelled, a fixed or a
// percent size that is constant, any fees, a stop loss, a take profit and a trailing stop at constant ratios, a longest
// time; a cash account without limits; splits and dividends. No slippage, latency, volume cap, finer bars or
// delistings. Whatever else there is goes to simulate().
//
// It must give what simulate() gives, to the last unit: trades, fees, dividends, equity. kernel_test.cpp compares the
// two on random settings and series; a change of the engine, the exchange or the books that changes a result fails
// there until this file says the same. docs/concepts/sweeps.md tells its rules.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "backtest/dated_actions.hpp"
#include "core/decimal.hpp"
#include "data/symbol_data.hpp"
#include "engine/engine.hpp"
#include "trading/fees.hpp"
#include "trading/order_manager.hpp"
#include "trading/sizing.hpp"

namespace argosy::sweep {

// A symbol's bars, prepared to be searched. Refers to the data, which outlives it.
class KernelBars {
 public:
  // Rows whose lowest and highest prices are kept together.
  static constexpr std::size_t kBlock = 16;
  static constexpr std::size_t kNever = static_cast<std::size_t>(-1);

  // Or why the kernel cannot run over these bars; static text.
  [[nodiscard]] static std::expected<KernelBars, std::string_view> make(const data::SymbolData& data,
                                                                        bool corporate_actions);
  // What it holds beside the data, in bytes, at most.
  [[nodiscard]] static std::size_t bytes(std::size_t rows);

  [[nodiscard]] const data::SymbolData& data() const { return *data_; }
  [[nodiscard]] std::size_t size() const { return data_->bars.size(); }
  // The first row from `row` on in which something trades; size() when there is none.
  [[nodiscard]] std::size_t next_trading(std::size_t row) const {
    return next_trading_.empty() || row >= size() ? row : next_trading_[row];
  }
  // What takes effect before the bar of a row trades, by row.
  struct Action {
    std::size_t row = 0;
    market::CorporateAction action;
  };
  [[nodiscard]] std::span<const Action> actions() const { return actions_; }

  // Of rows that do not trade: beyond every price.
  [[nodiscard]] const core::Price* lows() const { return low_.empty() ? data_->bars.low.data() : low_.data(); }
  [[nodiscard]] const core::Price* highs() const { return high_.empty() ? data_->bars.high.data() : high_.data(); }
  [[nodiscard]] core::Price block_low(std::size_t block) const { return block_low_[block]; }
  [[nodiscard]] core::Price block_high(std::size_t block) const { return block_high_[block]; }

 private:
  explicit KernelBars(const data::SymbolData& data) : data_(&data) {}
  void add_gaps();
  void add_blocks();

  const data::SymbolData* data_;
  std::vector<core::Price> low_;  // empty: every row trades
  std::vector<core::Price> high_;
  std::vector<std::uint32_t> next_trading_;
  std::vector<core::Price> block_low_;
  std::vector<core::Price> block_high_;
  std::vector<Action> actions_;
};

// One bit a row, the first in the lowest bit of the first word; what stands behind the last row is zero.
using Bits = std::span<const std::uint64_t>;
[[nodiscard]] constexpr std::size_t words_of(std::size_t rows) { return (rows + 63) / 64; }

struct KernelSignals {
  Bits enter;  // a buy signal and no sell signal
  Bits leave;  // a sell signal
};

struct KernelSettings {
  core::Money cash;
  const trading::FeeSchedule* fees = nullptr;
  trading::Sizing size;       // shares, cash or percent
  double size_value = 0;      // of a size by formula: the constant it is
  trading::Bracket bracket;   // ratios
  std::int64_t max_bars = 0;  // 0: as long as it takes
};

struct KernelRun {
  std::vector<engine::Trade> trades;
  std::vector<core::Money> equity;  // after each close, where it is wanted
  core::Money final_equity;
  core::Money final_cash;
  core::Money fees;
  core::Money dividends;
  std::int64_t invested = 0;  // closes with a position
  bool is_open = false;       // at the end
};

// What a run met with: proof that tests reach every branch.
enum class KernelEvent : std::uint8_t {
  kDeniedQuantity,    // not even one lot
  kDeniedCash,        // the risk gate expects it to cost more than there is
  kRejected,          // the open costs more than there is
  kShrunk,            // the same, of a size in money
  kCancelledBySell,   // while it waited for a bar that trades
  kCancelledBySplit,  // the same: less than one lot was left
  kWaits,             // the next bar does not trade
  kNoStop,            // its level is not above zero
  kStopAtOpen,
  kStopWithin,
  kTrailAtOpen,
  kTrailWithin,
  kTargetAtOpen,
  kTargetWithin,
  kStoppedAtEntry,  // in the bar of the entry, by any of the three
  kBlockPassed,     // many bars in one step
  kSold,
  kMaxBars,
  kExitOvertaken,  // an exit at the open found the position closed by a stop, a target or a split
  kSplit,          // of a position
  kSplitFraction,  // of it a part was paid out
  kSplitToNothing,
  kDividend,
  kOpenAtEnd,
  kPendingAtEnd,
  kTooLarge,  // left to the core
};
inline constexpr std::size_t kKernelEventCount = static_cast<std::size_t>(KernelEvent::kTooLarge) + 1;
using KernelCounts = std::array<std::int64_t, kKernelEventCount>;

// Overwrites `run`, whose vectors keep their memory. False: amounts come near the limits of the risk gate, and the core
// must run it. `counts`, where it is given, is added to.
[[nodiscard]] bool run_kernel(const KernelBars& bars, const KernelSettings& settings, const KernelSignals& signals,
                              bool wants_equity, KernelRun& run, KernelCounts* counts = nullptr);

}  // namespace argosy::sweep
