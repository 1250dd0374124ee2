// Requests to the process that trades: whoever wants something changed inserts a row, the process takes it, does it and
// writes the answer in the same unit of work (changes.hpp).
//
//   ARGOSY_TRY(const OrderRequestRow asked, post_request<OrderRequestRow>(*database, {.request_key = key, ...}));
//   ... until find_request gives a row whose state is no longer NEW ...
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <vector>

#include "ledger/database.hpp"
#include "ledger/journal.hpp"
#include "ledger/records.hpp"

namespace argosy::ledger {

template <class T>
concept RequestTable = std::same_as<T, OrderRequestRow> || std::same_as<T, ServiceCommandRow>;

// A request of either table. Numbers are given to both from one series, so that they tell who came first.
struct Request : RequestRow {
  bool is_order_request = false;
};

namespace detail {
// Stores the row unless its key is there already.
[[nodiscard]] core::Result<void> add_request(Transaction& work, const core::RecordType& type, RequestRow row);
}  // namespace detail

template <RequestTable T>
[[nodiscard]] core::Result<std::optional<T>> find_request(Transaction& work, const std::string& key) {
  ARGOSY_TRY(std::vector<T> found, select<T>(work, "WHERE request_key = :request_key", {key}));
  if (found.empty()) return std::optional<T>();
  return std::optional<T>(std::move(found.front()));
}

// Stores a request, and returns it with its number. One whose key is there already is not stored again: the row that is
// there is returned, with its answer once there is one.
template <RequestTable T>
[[nodiscard]] core::Result<T> post_request(Transaction& work, const RequestRow& row) {
  ARGOSY_TRY_VOID(detail::add_request(work, core::record_type<T>(), row));
  ARGOSY_TRY(std::optional<T> stored, find_request<T>(work, row.request_key));
  return *std::move(stored);
}
template <RequestTable T>
[[nodiscard]] core::Result<T> post_request(Database& database, const RequestRow& row) {
  return database.write([&](Transaction& work) { return post_request<T>(work, row); });
}

// Those that wait, of both tables, in the order in which they came. Cheap where there are none: two look-ups in indexes
// that hold only what waits.
[[nodiscard]] core::Result<std::vector<Request>> new_requests(Transaction& work);

}  // namespace argosy::ledger
