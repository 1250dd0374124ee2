// What a rule compared: the value it found, the limit it holds it against, and what both are counted in. Kept with
// every decision, so that a refusal can be read without running anything again.
//
//   compared(loss, limit).to_string()      // "1200 of 1000"
#pragma once

#include <cstdint>
#include <string>

#include "core/decimal.hpp"
#include "core/time.hpp"

namespace argosy::trading {

struct Compared {
  enum class Unit : std::uint8_t { kNone, kMoney, kQuantity, kPrice, kShare, kTimes, kCount, kDuration };
  Unit unit = Unit::kNone;
  std::int64_t value = 0;  // in the units of the type: 1e-6 of money, 1e-9 of the other decimals, ns, or a count
  std::int64_t limit = 0;

  [[nodiscard]] std::string value_text() const;
  [[nodiscard]] std::string limit_text() const;
  [[nodiscard]] std::string to_string() const;  // empty when nothing was compared
  friend bool operator==(const Compared&, const Compared&) = default;
};

[[nodiscard]] inline Compared compared(core::Money value, core::Money limit) {
  return {Compared::Unit::kMoney, value.units(), limit.units()};
}
[[nodiscard]] inline Compared compared(core::Quantity value, core::Quantity limit) {
  return {Compared::Unit::kQuantity, value.units(), limit.units()};
}
[[nodiscard]] inline Compared compared(core::Price value, core::Price limit) {
  return {Compared::Unit::kPrice, value.units(), limit.units()};
}
[[nodiscard]] inline Compared compared(core::Rate value, core::Rate limit) {
  return {Compared::Unit::kShare, value.units(), limit.units()};
}
[[nodiscard]] inline Compared compared(core::Duration value, core::Duration limit) {
  return {Compared::Unit::kDuration, value.count(), limit.count()};
}
[[nodiscard]] inline Compared compared(std::int64_t value, std::int64_t limit) {
  return {Compared::Unit::kCount, value, limit};
}

}  // namespace argosy::trading
