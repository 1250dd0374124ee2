#include "strategy/position_exit.hpp"

#include <array>
#include <string>

#include "core/check.hpp"
#include "core/text.hpp"

namespace argosy::strategy {

PositionExit::PositionExit(const formula::Plan& plan) : evaluator_(plan), values_(plan.fields().size()) {
  ARGOSY_CHECK(plan.outputs().size() == 1, "{} exits instead of one", plan.outputs().size());
  for (const std::string& field : plan.fields()) {
    if (field == "entry_price") {
      sources_.push_back(kEntryPrice);
    } else if (field == "bars_held") {
      sources_.push_back(kBarsHeld);
    } else {
      const auto index = field.starts_with('#') ? core::parse_integer(field.substr(1)) : std::nullopt;
      ARGOSY_CHECK(index.has_value(), "an exit reads {}", field);
      sources_.push_back(static_cast<std::size_t>(*index));
    }
  }
  for (const double& value : values_) fields_.emplace_back(&value, 1);
}

bool PositionExit::at_close(double entry_price, double factor, std::span<const std::vector<double>> columns,
                            std::size_t row) {
  if (!held_) {
    held_ = true;
    entry_price_ = entry_price * factor;
    bars_held_ = 0;
    evaluator_.reset();
  } else {
    ++bars_held_;
  }
  for (std::size_t k = 0; k < sources_.size(); ++k) {
    const std::size_t source = sources_[k];
    values_[k] = source == kEntryPrice ? entry_price_ : source == kBarsHeld ? bars_held_ : columns[source][row];
  }
  double sell = 0;
  const std::array<std::span<double>, 1> outputs{std::span(&sell, 1)};
  evaluator_.evaluate(fields_, outputs, 1);
  return sell == 1.0;
}

}  // namespace argosy::strategy
