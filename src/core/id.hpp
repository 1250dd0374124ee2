// Ids that cannot be mixed up: an OrderId is not a TradeId, though both are 64-bit integers.
//
//   using OrderId = Id<struct OrderIdTag>;
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace argosy::core {

template <class Tag>
class Id {
 public:
  constexpr Id() = default;  // 0: none
  constexpr explicit Id(std::int64_t value) : value_(value) {}
  [[nodiscard]] constexpr std::int64_t value() const { return value_; }
  [[nodiscard]] constexpr bool is_none() const { return value_ == 0; }
  friend constexpr auto operator<=>(Id, Id) = default;

 private:
  std::int64_t value_ = 0;
};

}  // namespace argosy::core

template <class Tag>
struct std::hash<argosy::core::Id<Tag>> {
  std::size_t operator()(argosy::core::Id<Tag> id) const noexcept { return std::hash<std::int64_t>{}(id.value()); }
};
