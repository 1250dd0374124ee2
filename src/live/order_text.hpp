// Orders as rows of texts and back (ledger/orders.hpp, trading/order.hpp).
#pragma once

#include <string_view>

#include "core/result.hpp"
#include "ledger/orders.hpp"
#include "trading/order.hpp"

namespace argosy::live {

// kCorrupt where a text of the row is nothing that an order has: a journal may be damaged.
[[nodiscard]] core::Result<void> check_order_texts(const ledger::OrderRow& row);
// A text that is none stops the program: it was checked.
[[nodiscard]] trading::OrderState parse_order_state(std::string_view text);
[[nodiscard]] core::Result<trading::OrderEvent> parse_order_event(std::string_view text);

// What the account needs to go on with an order that has not ended.
[[nodiscard]] trading::Order to_order(const ledger::OrderRow& row, trading::InstrumentIndex instrument);

}  // namespace argosy::live
