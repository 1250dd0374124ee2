#include "strategy/signals.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/limits.hpp"

namespace argosy::strategy {
namespace {

// Sets the bit of a role where its condition holds.
void set_bits(std::span<std::uint8_t> bits, std::span<const double> condition, std::size_t role) {
  const auto bit = static_cast<std::uint8_t>(1U << role);
  for (std::size_t row = 0; row < bits.size(); ++row)
    bits[row] = static_cast<std::uint8_t>(bits[row] | (condition[row] == 1.0 ? bit : 0));
}

// The place of an output among the columns; nothing for a condition.
std::vector<std::optional<std::size_t>> places_of(const CompiledStrategy& strategy) {
  const std::size_t count = strategy.plan().outputs().size();
  std::vector<std::optional<std::size_t>> places(count);
  for (std::size_t k = strategy.first_exit_output; k < count; ++k) places[k] = k - strategy.first_exit_output;
  std::size_t next = count - strategy.first_exit_output;
  for (std::size_t k = 0; k < strategy.first_exit_output; ++k) {
    const bool condition = std::ranges::find(strategy.conditions, std::optional(k)) != strategy.conditions.end();
    if (!condition) places[k] = next++;
  }
  return places;
}

}  // namespace

Signals evaluate_signals(const CompiledStrategy& strategy, const core::PanelSlice& slice) {
  constexpr std::size_t kChunk = core::limits::kChunkRows;
  const std::size_t rows = slice.keys.size();
  const auto places = places_of(strategy);
  const auto columns =
      static_cast<std::size_t>(std::ranges::count_if(places, [](const auto& place) { return place.has_value(); }));
  Signals signals{.bits = std::vector<std::uint8_t>(rows), .columns = std::vector(columns, std::vector<double>(rows))};
  formula::Evaluator evaluator(strategy.plan());
  std::array<std::array<double, kChunk>, kConditionCount> conditions{};
  std::vector<std::span<const double>> fields(slice.fields.size());
  std::vector<std::span<double>> outputs(places.size());
  for (std::size_t from = 0; from < rows; from += kChunk) {
    const std::size_t count = std::min(kChunk, rows - from);
    for (std::size_t f = 0; f < fields.size(); ++f) fields[f] = slice.fields[f].subspan(from, count);
    for (std::size_t k = 0; k < places.size(); ++k) {
      if (places[k]) outputs[k] = std::span(signals.columns[*places[k]]).subspan(from, count);
    }
    for (std::size_t r = 0; r < kConditionCount; ++r) {
      if (strategy.conditions[r]) outputs[*strategy.conditions[r]] = std::span(conditions[r]).first(count);
    }
    evaluator.evaluate(fields, outputs, count);
    for (std::size_t r = 0; r < kConditionCount; ++r) {
      if (strategy.conditions[r]) set_bits(std::span(signals.bits).subspan(from, count), conditions[r], r);
    }
  }
  return signals;
}

Signals to_signals(const CompiledStrategy& strategy, std::vector<std::vector<double>> outputs) {
  Signals signals{.bits = std::vector<std::uint8_t>(outputs[0].size()), .columns = {}};
  for (std::size_t r = 0; r < kConditionCount; ++r) {
    if (strategy.conditions[r]) set_bits(signals.bits, outputs[*strategy.conditions[r]], r);
  }
  const auto places = places_of(strategy);
  signals.columns.resize(places.size());
  std::size_t used = 0;
  for (std::size_t k = 0; k < places.size(); ++k) {
    if (!places[k]) continue;
    signals.columns[*places[k]] = std::move(outputs[k]);
    ++used;
  }
  signals.columns.resize(used);
  return signals;
}

}  // namespace argosy::strategy
