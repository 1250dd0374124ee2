#include "strategy/signals.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "core/limits.hpp"

namespace argosy::strategy {
namespace {

void append_bits(std::vector<std::uint8_t>& bits, std::span<const double> buy, std::span<const double> sell) {
  for (std::size_t row = 0; row < buy.size(); ++row) {
    const bool sells = !sell.empty() && sell[row] == 1.0;
    bits.push_back(static_cast<std::uint8_t>((buy[row] == 1.0 ? kBuy : 0) | (sells ? kSell : 0)));
  }
}

}  // namespace

Signals evaluate_signals(const CompiledStrategy& strategy, const core::PanelSlice& slice) {
  constexpr std::size_t kChunk = core::limits::kChunkRows;
  const std::size_t rows = slice.keys.size();
  Signals signals;
  signals.bits.reserve(rows);
  signals.exit_columns.assign(strategy.plan().outputs().size() - strategy.first_exit_column(),
                              std::vector<double>(rows));
  formula::Evaluator evaluator(strategy.plan());
  std::array<double, kChunk> buy{};
  std::array<double, kChunk> sell{};
  std::vector<std::span<const double>> fields(slice.fields.size());
  std::vector<std::span<double>> outputs(strategy.plan().outputs().size());
  for (std::size_t from = 0; from < rows; from += kChunk) {
    const std::size_t count = std::min(kChunk, rows - from);
    for (std::size_t f = 0; f < fields.size(); ++f) fields[f] = slice.fields[f].subspan(from, count);
    outputs[0] = std::span(buy.data(), count);
    if (strategy.has_sell) outputs[1] = std::span(sell.data(), count);
    for (std::size_t k = 0; k < signals.exit_columns.size(); ++k)
      outputs[strategy.first_exit_column() + k] = std::span(signals.exit_columns[k]).subspan(from, count);
    evaluator.evaluate(fields, outputs, count);
    append_bits(signals.bits, outputs[0], std::span(sell.data(), strategy.has_sell ? count : 0));
  }
  return signals;
}

Signals to_signals(const CompiledStrategy& strategy, std::vector<std::vector<double>> outputs) {
  Signals signals;
  signals.bits.reserve(outputs[0].size());
  append_bits(signals.bits, outputs[0], strategy.has_sell ? std::span<const double>(outputs[1]) : std::span<double>());
  const auto first = outputs.begin() + static_cast<std::ptrdiff_t>(strategy.first_exit_column());
  signals.exit_columns.assign(std::make_move_iterator(first), std::make_move_iterator(outputs.end()));
  return signals;
}

}  // namespace argosy::strategy
