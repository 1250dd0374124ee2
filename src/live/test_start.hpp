// For tests and benches: what `argosy init` makes of an empty ledger.
//
//   const ledger::HolderRow holder = make_start(*database, clock, makers, limits,
//                                            {.symbols = {"AAPL", "MSFT"}, .amount = "100000"});
#pragma once

#include <iterator>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "ledger/holder.hpp"
#include "ledger/instruments.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"
#include "live/direct.hpp"

namespace argosy::live {

// What cannot fail here.
template <class T>
T must(core::Result<T> result) {
  if (!result) throw core::ErrorException(std::move(result).error());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

struct Start {
  std::vector<std::string> symbols;  // of the New York Stock Exchange, numbered from 1
  std::string amount;                // in the default portfolio
  std::string broker = "paper";
  std::string currency = "USD";  // of the instruments
};

// The user admin, an account at the broker, its default portfolio, and instruments. The ledger is held by who is
// returned.
inline ledger::HolderRow make_start(ledger::Database& database, const core::Clock& clock, const MakerSource& makers,
                                    const trading::LimitProfile& limits, const Start& start) {
  must(database.write([&](ledger::Transaction& work) -> core::Result<void> {
    const ledger::UserRow user{.user_id = 1, .username = "admin", .email = "admin@localhost"};
    ARGOSY_TRY_VOID(ledger::insert<ledger::UserRow>(work, {&user, 1}));
    const ledger::BrokerAccountRow account{.broker_account_id = 1, .broker = start.broker, .owner_id = 1};
    ARGOSY_TRY_VOID(ledger::insert<ledger::BrokerAccountRow>(work, {&account, 1}));
    std::vector<ledger::InstrumentRow> rows;
    for (const std::string& symbol : start.symbols) {
      rows.push_back(
          {.instrument_id = std::ssize(rows) + 1, .symbol = symbol, .exchange = "XNYS", .currency = start.currency});
    }
    return ledger::insert<ledger::InstrumentRow>(work, rows);
  }));
  ledger::HolderRow holder = must(ledger::take_ledger(database, {.process = "test", .now = clock.now(), .seed = 1}));
  const auto ask = [&](const char* kind, const std::string& payload) {
    must(apply_directly(database, holder, clock, makers, {.kind = kind, .payload = payload, .requested_by = "admin"},
                        limits));
  };
  ask("portfolio_create", R"({"name": "default", "owner_id": 1, "broker_account_id": 1, "is_default": true})");
  ask("portfolio_fund", R"({"amount": ")" + start.amount + R"("})");
  return holder;
}

}  // namespace argosy::live
