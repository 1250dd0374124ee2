#include "trading/compared.hpp"

#include "trading/limits.hpp"

namespace argosy::trading {
namespace {

std::string text_of(Compared::Unit unit, std::int64_t units) {
  switch (unit) {
    case Compared::Unit::kNone:
      return {};
    case Compared::Unit::kMoney:
      return Money::from_units(units).to_string();
    case Compared::Unit::kQuantity:
      return Quantity::from_units(units).to_string();
    case Compared::Unit::kPrice:
      return Price::from_units(units).to_string();
    case Compared::Unit::kShare:
      return trading::limit_text(Rate::from_units(units));
    case Compared::Unit::kTimes:
      return Rate::from_units(units).to_string();
    case Compared::Unit::kCount:
      return trading::limit_text(units);
    case Compared::Unit::kDuration:
      return trading::limit_text(core::Duration(units));
  }
  return {};
}

}  // namespace

std::string Compared::value_text() const { return text_of(unit, value); }
std::string Compared::limit_text() const { return text_of(unit, limit); }
std::string Compared::to_string() const {
  return unit == Unit::kNone ? std::string() : value_text() + " of " + limit_text();
}

}  // namespace argosy::trading
