#include "strategy/signals.hpp"

#include <algorithm>
#include <array>

#include "core/limits.hpp"

namespace argosy::strategy {

std::vector<std::uint8_t> evaluate_signals(const CompiledStrategy& strategy, const core::PanelSlice& slice) {
  constexpr std::size_t kChunk = core::limits::kChunkRows;
  const std::size_t rows = slice.keys.size();
  std::vector<std::uint8_t> signals(rows);
  formula::Evaluator evaluator(strategy.plan);
  std::array<double, kChunk> buy{};
  std::array<double, kChunk> sell{};
  std::vector<std::span<const double>> fields(slice.fields.size());
  for (std::size_t from = 0; from < rows; from += kChunk) {
    const std::size_t count = std::min(kChunk, rows - from);
    for (std::size_t f = 0; f < fields.size(); ++f) fields[f] = slice.fields[f].subspan(from, count);
    const std::array<std::span<double>, 2> outputs{std::span(buy.data(), count), std::span(sell.data(), count)};
    evaluator.evaluate(fields, std::span(outputs.data(), strategy.has_sell ? 2U : 1U), count);
    for (std::size_t row = 0; row < count; ++row) {
      signals[from + row] = static_cast<std::uint8_t>((buy[row] == 1.0 ? kBuy : 0) | (sell[row] == 1.0 ? kSell : 0));
    }
  }
  return signals;
}

}  // namespace argosy::strategy
