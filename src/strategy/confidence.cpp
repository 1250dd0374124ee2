#include "strategy/confidence.hpp"

#include <array>
#include <utility>

#include "core/check.hpp"

namespace argosy::strategy {

using trading::Side;

std::int64_t keep_confident(const ConfidenceModel& model, const CompiledStrategy& strategy, double minimum,
                            std::string_view symbol, std::span<const std::int64_t> keys, Signals& signals) {
  const auto column = strategy.columns[static_cast<std::size_t>(Role::kConfidence)];
  if (!column) return 0;
  ARGOSY_CHECK(keys.size() == signals.bits.size(), "{} keys for {} signals", keys.size(), signals.bits.size());
  constexpr std::array<std::pair<std::uint8_t, Side>, 2> kEntries{{{kBuy, Side::kBuy}, {kShort, Side::kSell}}};
  const std::vector<double>& base = signals.columns[*column];
  std::int64_t left_out = 0;
  for (std::size_t row = 0; row < keys.size(); ++row) {
    std::uint8_t& bits = signals.bits[row];
    for (const auto& [bit, side] : kEntries) {
      if ((bits & bit) == 0) continue;
      const double confidence = model.confidence({.symbol = symbol, .key = keys[row], .side = side, .base = base[row]});
      if (confidence >= minimum) continue;  // not so when it is NaN
      bits = static_cast<std::uint8_t>(bits & ~bit);
      ++left_out;
    }
  }
  return left_out;
}

}  // namespace argosy::strategy
