// How sure a strategy is of its entries, and which are left out for it. The port ConfidenceModel stands between the
// strategy's formula and the number that is compared with `minimum_confidence`: a model that learned from earlier
// trades may correct what the formula says.
//
//   const ConstantConfidence model;   // believes the formula
//   const std::int64_t left_out = keep_confident(model, strategy, 0.6, symbol, keys, signals);
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "strategy/compiled_strategy.hpp"
#include "strategy/signals.hpp"
#include "trading/order.hpp"

namespace argosy::strategy {

// An entry that the strategy would make.
struct ConfidenceQuery {
  std::string_view symbol;
  std::int64_t key = 0;  // of the bar at whose close it is decided
  trading::Side side = trading::Side::kBuy;
  double base = 0;  // what the formula says; NaN: not known
};

class ConfidenceModel {
 public:
  virtual ~ConfidenceModel() = default;
  // The confidence to use, 0 to 1; NaN: not known. It knows nothing later than the query's bar.
  [[nodiscard]] virtual double confidence(const ConfidenceQuery& query) const = 0;
};

// The formula's own number, times a constant.
class ConstantConfidence final : public ConfidenceModel {
 public:
  explicit ConstantConfidence(double factor = 1) : factor_(factor) {}
  [[nodiscard]] double confidence(const ConfidenceQuery& query) const override { return query.base * factor_; }

 private:
  double factor_;
};

// Takes from the signals of one symbol the entries whose confidence is not known or below the least, and returns how
// many those are. Signals to leave stay as they are. A strategy without a confidence keeps all of its entries. A size
// that names `confidence` reads the formula's, not the model's.
[[nodiscard]] std::int64_t keep_confident(const ConfidenceModel& model, const CompiledStrategy& strategy,
                                          double minimum, std::string_view symbol, std::span<const std::int64_t> keys,
                                          Signals& signals);

}  // namespace argosy::strategy
