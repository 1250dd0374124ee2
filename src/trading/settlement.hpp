// When the money of a sale is there: so many sessions after the trade, by dated rules.
//
//   settlement_date("XNAS", Date::from_ymd(2024, 5, 24))   // T+2: 2024-05-29, for the 27th is a holiday
//
// Sources: SEC release 34-80295 (T+2 from 2017-09-05) and 34-96930 (T+1 from 2024-05-28) for the United States; EU
// regulation 909/2014 (T+2 from 2014-10-06, T+1 from 2027-10-11 by regulation 2025/2075) and the same days for the
// United Kingdom; KRX T+2. What trades around the clock settles at once.
#pragma once

#include <string_view>

#include "core/time.hpp"

namespace argosy::trading {

// Sessions from the trade to its settlement.
[[nodiscard]] int settlement_sessions(std::string_view exchange, core::Date trade_date);
// Whether that is never any.
[[nodiscard]] bool settles_at_once(std::string_view exchange);
// The day the money is there. An unknown exchange settles as 24/7 does.
[[nodiscard]] core::Date settlement_date(std::string_view exchange, core::Date trade_date);

}  // namespace argosy::trading
