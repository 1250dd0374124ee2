// Tries the kill switch, on a copy of what trades: the same gate with its limits and its state, the same orders, and a
// broker that only counts. Nothing real is touched.
//
//   const std::string wrong = try_kill_switch(orders);      // empty: it works
//
// It works when, thrown, no order passes; when every order that works is asked to be cancelled; and when, lifted, it is
// no longer what refuses.
#pragma once

#include <string>

#include "trading/order_manager.hpp"

namespace argosy::trading {

// An account without instruments has nothing to try it with: empty.
[[nodiscard]] std::string try_kill_switch(const OrderManager& orders);

}  // namespace argosy::trading
