#include <algorithm>
#include <limits>

#include "sweep/kernel.hpp"

namespace argosy::sweep {

using backtest::DatedAction;
using core::Price;

namespace {

// Below, and above, every price.
constexpr Price kLowest = Price::from_units(std::numeric_limits<std::int64_t>::min());
constexpr Price kHighest = Price::from_units(std::numeric_limits<std::int64_t>::max());

bool is_plain(const market::BarColumns& bars) {
  for (std::size_t row = 0; row < bars.size(); ++row) {
    const auto [low, high] = std::minmax(bars.open[row], bars.close[row]);
    if (!bars.low[row].is_positive() || bars.low[row] > low || bars.high[row] < high) return false;
  }
  return true;
}

}  // namespace

std::expected<KernelBars, std::string_view> KernelBars::make(const data::SymbolData& data, bool corporate_actions) {
  constexpr std::size_t kMostRows = std::numeric_limits<std::uint32_t>::max();
  if (data.instrument.may_be_negative) return std::unexpected("its prices may be negative");
  if (data.bars.size() >= kMostRows) return std::unexpected("it has more bars than the kernel counts");
  if (!is_plain(data.bars)) return std::unexpected("a bar has no prices above zero between its low and its high");
  const auto is_delisting = [](const market::CorporateAction& action) {
    return action.kind == market::ActionKind::kDelisting;
  };
  if (corporate_actions && std::ranges::any_of(data.actions, is_delisting)) return std::unexpected("it was delisted");
  KernelBars bars(data);
  if (corporate_actions) {
    for (const DatedAction& dated : backtest::date_actions(data)) {
      const auto at = std::ranges::lower_bound(data.bars.key, dated.key);
      if (at != data.bars.key.end())
        bars.actions_.push_back({static_cast<std::size_t>(at - data.bars.key.begin()), dated.action});
    }
  }
  if (!std::ranges::all_of(data.bars.volume, [](double volume) { return volume > 0; })) bars.add_gaps();
  bars.add_blocks();
  return bars;
}

std::size_t KernelBars::bytes(std::size_t rows) {
  return rows * (2 * sizeof(Price) + sizeof(std::uint32_t)) + 2 * (rows / kBlock + 1) * sizeof(Price);
}

void KernelBars::add_gaps() {
  const market::BarColumns& bars = data_->bars;
  low_ = bars.low;
  high_ = bars.high;
  next_trading_.resize(bars.size());
  auto next = static_cast<std::uint32_t>(bars.size());
  for (std::size_t row = bars.size(); row-- > 0;) {
    if (bars.volume[row] > 0) {
      next = static_cast<std::uint32_t>(row);
    } else {
      low_[row] = kHighest;
      high_[row] = kLowest;
    }
    next_trading_[row] = next;
  }
}

void KernelBars::add_blocks() {
  const std::size_t count = (size() + kBlock - 1) / kBlock;
  block_low_.assign(count, kHighest);
  block_high_.assign(count, kLowest);
  for (std::size_t row = 0; row < size(); ++row) {
    block_low_[row / kBlock] = std::min(block_low_[row / kBlock], lows()[row]);
    block_high_[row / kBlock] = std::max(block_high_[row / kBlock], highs()[row]);
  }
}

}  // namespace argosy::sweep
