// How clients ask for a part of a list: ?page=2&per_page=100&sort=-created_at,name&state=ACTIVE&price__gte=10&
// symbol__in=AAPL,MSFT. A record's fields that are marked as filterable narrow and sort it.
//
//   endpoint<None, Listing<OrderRow>, None, Page<OrderRow>>(..., [&](const auto& call) {
//     return store.list(*call.caller, call.query);
//   });
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "core/record.hpp"
#include "core/result.hpp"
#include "ledger/list.hpp"

namespace argosy::server {

inline constexpr std::int64_t kMostPerPage = 500;
inline constexpr std::int64_t kMostPages = 1'000'000;

// The query of an endpoint whose rows are of this type.
template <class Row>
struct Listing {
  ledger::ListRequest request = {};
};

// All errors at once. `scratch`: a record of the type, used to read values with its limits.
[[nodiscard]] std::vector<core::Error> read_listing(const std::vector<std::pair<std::string, std::string>>& texts,
                                                    const core::RecordType& type, void* scratch,
                                                    ledger::ListRequest& request);

// What a client may write, as parameters of OpenAPI, into an open array.
void write_listing_parameters(core::JsonWriter& json, const core::RecordType& type);

}  // namespace argosy::server
