#include "strategy/position_exit.hpp"

#include <string>
#include <utility>

#include "core/check.hpp"
#include "core/text.hpp"
#include "strategy/signals.hpp"

namespace argosy::strategy {

PositionExit::PositionExit(const formula::Plan& plan)
    : evaluator_(plan), values_(plan.fields().size()), results_(plan.outputs().size()) {
  for (const formula::OutputColumn& output : plan.outputs()) {
    ARGOSY_CHECK(output.name == "sell" || output.name == "cover", "an exit called {}", output.name);
    signals_.push_back(output.name == "sell" ? kSell : kCover);
  }
  for (const std::string& field : plan.fields()) {
    if (field == "entry_price") {
      sources_.push_back(kEntryPrice);
    } else if (field == "bars_held") {
      sources_.push_back(kBarsHeld);
    } else if (field == "position_side") {
      sources_.push_back(kSide);
    } else {
      const auto index = field.starts_with('#') ? core::parse_integer(field.substr(1)) : std::nullopt;
      ARGOSY_CHECK(index.has_value(), "an exit reads {}", field);
      sources_.push_back(static_cast<std::size_t>(*index));
    }
  }
  for (const double& value : values_) fields_.emplace_back(&value, 1);
  for (double& result : results_) outputs_.emplace_back(&result, 1);
}

void PositionExit::change(const formula::Plan& plan) {
  PositionExit next(plan);
  next.held_ = held_;
  next.retake_ = retake_;
  next.entry_price_ = entry_price_;
  next.bars_held_ = bars_held_;
  // Moved, vectors keep their elements where they are, which fields_ and outputs_ refer to.
  *this = std::move(next);
}

std::uint8_t PositionExit::at_close(double entry_price, bool is_long, double factor,
                                    std::span<const std::vector<double>> columns, std::size_t row) {
  if (!held_ || retake_) entry_price_ = entry_price * factor;
  retake_ = false;
  if (!held_) {
    held_ = true;
    bars_held_ = 0;
    evaluator_.reset();
  } else {
    ++bars_held_;
  }
  for (std::size_t k = 0; k < sources_.size(); ++k) {
    const std::size_t source = sources_[k];
    values_[k] = source == kEntryPrice ? entry_price_
                 : source == kBarsHeld ? bars_held_
                 : source == kSide     ? (is_long ? 1.0 : -1.0)
                                       : columns[source][row];
  }
  evaluator_.evaluate(fields_, outputs_, 1);
  const std::uint8_t wanted = is_long ? kSell : kCover;
  std::uint8_t out = 0;
  for (std::size_t k = 0; k < signals_.size(); ++k) {
    if (signals_[k] == wanted && results_[k] == 1.0) out = wanted;
  }
  return out;
}

}  // namespace argosy::strategy
