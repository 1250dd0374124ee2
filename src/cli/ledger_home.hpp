// The home's database of trading, home/ledger.db unless trading.yaml names another file or a server, and how commands
// change what is in it: by a request, done by the process that trades or, where none does, by the command itself under
// the ledger's lock.
//
//   ARGOSY_TRY(const auto database, open_ledger(globals));
//   ARGOSY_TRY(const core::JsonValue answer, ask(*database, globals, "service_stop", live::OneSubject{.id = 7}));
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "cli/command.hpp"
#include "core/json.hpp"
#include "core/record.hpp"
#include "core/result.hpp"
#include "ledger/database.hpp"
#include "ledger/holder.hpp"
#include "ledger/instruments.hpp"
#include "ledger/open.hpp"
#include "ledger/services.hpp"
#include "live/request.hpp"

namespace argosy::cli {

// Who a command asks as: the user that `argosy init` makes.
inline constexpr const char* kCommandUser = "admin";
// What the process that trades calls itself (ledger::process_name); others hold the ledger for moments only.
inline constexpr std::string_view kTradingProcess = "argosy serve";

// A command keeps the ledger no longer than this; serve keeps it.
inline constexpr core::Duration kLockPatience = std::chrono::seconds(2);

// kNotFound, with the way out, where `argosy init` has not made it. kCorrupt: the file is damaged; it was set aside,
// and the hint names the newest good backup (ledger/backups.hpp).
[[nodiscard]] core::Result<std::unique_ptr<ledger::Database>> open_ledger(const Globals& globals,
                                                                          ledger::OpenOptions options = {
                                                                              .missing = ledger::Missing::kFail});
// Takes the ledger's lock. `command` is what the holder is called.
[[nodiscard]] core::Result<ledger::HeldLedger> hold_ledger(ledger::Database& database, const Globals& globals,
                                                           const std::string& command, core::Duration wait = {});

// Asks for something by its kind (live/request.hpp) and returns the answer. kUnavailable: what needs an order or a
// cancel while nothing runs; or no answer within ten seconds, and then the request stays and will be done.
[[nodiscard]] core::Result<core::JsonValue> ask_text(ledger::Database& database, const Globals& globals,
                                                     std::string_view kind, const std::string& payload);
// Checked against the record's limits first.
template <class Asked>
[[nodiscard]] core::Result<core::JsonValue> ask(ledger::Database& database, const Globals& globals,
                                                std::string_view kind, const Asked& asked) {
  auto errors = core::validate(core::record_type<Asked>(), &asked);
  if (!errors.empty()) return core::fail(std::move(errors.front()));
  core::JsonWriter json;
  core::write_json(json, asked);
  return ask_text(database, globals, kind, std::move(json).take());
}
using live::answered_error;
using live::answered_number;

// What the lake and the demo market have and the ledger has not is added to its instruments. Returns how many.
[[nodiscard]] core::Result<std::int64_t> add_instruments(ledger::Database& database, const Globals& globals);
// The instrument of that symbol, taken over where the ledger does not have it yet. Unknown: kNotFound, with 'did you
// mean'.
[[nodiscard]] core::Result<ledger::InstrumentRow> ensure_instrument(ledger::Database& database, const Globals& globals,
                                                                    const std::string& symbol);

// By number or by name; kNotFound with 'did you mean'.
[[nodiscard]] core::Result<ledger::ServiceRow> find_service(ledger::Database& database, const std::string& wanted);
[[nodiscard]] core::Result<ledger::PortfolioRow> find_portfolio(ledger::Database& database, const std::string& wanted);

// An amount given as an option: kInvalidArgument names the option.
template <class Amount>
[[nodiscard]] core::Result<Amount> parse_amount(const std::string& text, const char* option) {
  auto amount = Amount::parse(text);
  if (!amount) return core::fail(std::move(amount).error().in_field(option, text));
  return *amount;
}

}  // namespace argosy::cli
