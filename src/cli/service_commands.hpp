// The commands of `argosy service`, each with a file of its own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "core/decimal.hpp"
#include "core/record.hpp"
#include "core/result.hpp"
#include "ledger/services.hpp"
#include "live/request.hpp"
#include "live/trading_config.hpp"

namespace argosy::cli {

// What of a request's fields was given as options, as text, in the order in which it was.
using GivenFields = std::vector<std::pair<std::string, std::string>>;
// Adds "--minimum-balance" for the field minimum_balance of CreateService or SetService, and so on; what is given goes
// to `given`, which outlives the command.
void add_service_options(CLI::App& command, const core::RecordType& request, GivenFields& given);
// Sets the fields of a request; an error names the option.
[[nodiscard]] core::Result<void> set_given(const core::RecordType& request, void* record, const GivenFields& given);

// With the configuration's defaults for new services.
[[nodiscard]] core::Result<live::CreateService> new_service(const Globals& globals);
[[nodiscard]] live::CreateService service_defaults(const live::TradingConfig& config);

// "service 1 (AAPL 1): AAPL, ACTIVE, BUY, 10000.00 USD"
[[nodiscard]] std::string service_line(const ledger::ServiceRow& row);
// The row, and what follows from it, as the members of an object that is open.
void write_service(core::JsonWriter& json, const ledger::ServiceRow& row);
// Amounts for people, with the decimals of a currency: two.
[[nodiscard]] std::string money_text(core::Money amount);
// A gain with its sign; "-" for none.
[[nodiscard]] std::string gain_text(core::Money amount);

void add_service_show(CLI::App& parent, Globals& globals);   // service_show.cpp
void add_service_apply(CLI::App& parent, Globals& globals);  // service_apply.cpp

}  // namespace argosy::cli
