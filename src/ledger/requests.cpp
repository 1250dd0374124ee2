#include "ledger/requests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/check.hpp"

namespace argosy::ledger {

using core::Result;

namespace detail {

Result<void> add_request(Transaction& work, const core::RecordType& type, RequestRow row) {
  ARGOSY_CHECK(!row.request_key.empty(), "a request without a key");
  constexpr std::array kInteger = {ColumnType::kInteger};
  ARGOSY_TRY_VOID(
      work.query("SELECT coalesce(max(request_id), 0) + 1 FROM (SELECT max(request_id) AS request_id FROM "
                 "order_requests UNION ALL SELECT max(request_id) FROM service_commands) AS requests",
                 kInteger, {}, [&](const Row& found) -> Result<void> {
                   row.request_id = found.integer(0);
                   return {};
                 }));
  std::vector<Value> values;
  for (const core::Field& field : type.fields) values.push_back(field_value(field, &row));
  ARGOSY_TRY_VOID(work.execute(insert_statement(type) + " ON CONFLICT (request_key) DO NOTHING", values));
  return {};
}

}  // namespace detail

Result<std::vector<Request>> new_requests(Transaction& work) {
  const std::string condition = "WHERE state = 'NEW' ORDER BY request_id";
  ARGOSY_TRY(std::vector<OrderRequestRow> orders, select<OrderRequestRow>(work, condition));
  ARGOSY_TRY(std::vector<ServiceCommandRow> commands, select<ServiceCommandRow>(work, condition));
  std::vector<Request> requests;
  for (OrderRequestRow& row : orders) requests.push_back({RequestRow(std::move(row)), true});
  for (ServiceCommandRow& row : commands) requests.push_back({RequestRow(std::move(row)), false});
  std::ranges::sort(requests, {}, &Request::request_id);
  return requests;
}

}  // namespace argosy::ledger
