// Rooms: what a client may hear of, under which name the ledger numbers it, and the rows as they are.
//
//   const std::optional<RoomName> name = parse_room("service_7");
//   ARGOSY_TRY(const std::string stored, rooms.stored(caller, *name));   // kNotFound: none, or another's
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "rest/store.hpp"

namespace argosy::push {

enum class RoomKind : std::uint8_t {
  kServices,
  kService,
  kStocks,
  kStock,
  kTransactions,
  kPrices,
  kOrders,
  kPortfolio,
  kJobs,
  kJob,
  kHealth,
  kNotifications
};
// As clients write them, in the order of the kinds.
inline constexpr std::array<std::string_view, 12> kRoomNames{
    "services", "service_{id}",   "stocks", "stock_{symbol}", "transactions", "price_updates",
    "orders",   "portfolio_{id}", "jobs",   "job_{id}",       "health",       "notifications"};

struct RoomName {
  RoomKind kind = RoomKind::kServices;
  std::int64_t id = 0;
  std::string symbol = {};

  friend bool operator==(const RoomName&, const RoomName&) = default;
};

[[nodiscard]] std::optional<RoomName> parse_room(std::string_view text);
[[nodiscard]] std::string to_string(const RoomName& name);
// The same for what is not there and what is another's.
[[nodiscard]] core::Error no_such_room(std::string_view name);

struct RoomRows {
  std::vector<std::string> rows;  // JSON: {"what": ..., "row": {...}}
  bool is_whole = true;           // false: these are the newest
};

class Rooms {
 public:
  explicit Rooms(const rest::Store& store) : store_(store) {}

  // The room whose changes the ledger numbers for this caller: of lists, an admin's has everybody's rows. kNotFound.
  // Prices and health are not numbered: none.
  [[nodiscard]] core::Result<std::string> stored(const server::Caller& caller, const RoomName& name) const;
  [[nodiscard]] core::Result<RoomRows> rows(const server::Caller& caller, const RoomName& name) const;

 private:
  const rest::Store& store_;
};

}  // namespace argosy::push
