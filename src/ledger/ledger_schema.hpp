// The database of trading, `<home>/ledger.db`: users, portfolios, services, orders, money, the journal. What each
// column is, the records of services.hpp, orders.hpp, journal.hpp, users.hpp, instruments.hpp, equity.hpp and audit.hpp
// say; views.hpp has what is a view.
//
//   ARGOSY_TRY(auto database, open_database({.path = home + "/ledger.db"}, ledger_schema(), files, clock));
//
// What the tables refuse themselves: a second row with a client order id, a fill, a request key or a username; a second
// open transaction of a service and a second default portfolio of a user; states that there are not; shares that are
// filled without an order, entries without a row in the journal.
#pragma once

#include "ledger/schema.hpp"

namespace argosy::ledger {

[[nodiscard]] const Schema& ledger_schema();

}  // namespace argosy::ledger
