// What may be traded: the ledger's instruments, taken over from the lake and from the demo market.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "cli/decision_makers.hpp"
#include "cli/home.hpp"
#include "cli/ledger_home.hpp"
#include "core/text.hpp"
#include "feeds/demo_market.hpp"
#include "ledger/records.hpp"

namespace argosy::cli {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using ledger::InstrumentRow;

namespace {

InstrumentRow row_of(const market::Instrument& instrument) {
  return {.symbol = instrument.symbol,
          .exchange = instrument.exchange,
          .currency = instrument.currency,
          .tick = instrument.tick,
          .lot = instrument.lot,
          .fractional = instrument.fractional,
          .may_be_negative = instrument.may_be_negative,
          .name = instrument.name,
          .sector = instrument.sector};
}

InstrumentRow row_of(const feeds::DemoStock& stock, core::Price tick) {
  return {.symbol = stock.symbol, .exchange = stock.exchange, .tick = tick, .name = stock.name, .sector = stock.sector};
}

// By symbol; where both have one the lake's stands.
Result<std::map<std::string, InstrumentRow>> known_instruments(const Globals& globals) {
  std::map<std::string, InstrumentRow> known;
  ARGOSY_TRY(const lake::Snapshot snapshot, open_snapshot(globals));
  for (const auto& [symbol, instrument] : snapshot.tables().instruments) known.emplace(symbol, row_of(instrument));
  ARGOSY_TRY(const feeds::DemoMarket market, load_demo_market(globals));
  for (const auto& [symbol, stock] : market.stocks) known.emplace(symbol, row_of(stock, market.tick));
  return known;
}

// Adds those whose symbol is not there, in one unit of work. Returns how many.
Result<std::int64_t> add_missing(ledger::Database& database, const std::map<std::string, InstrumentRow>& wanted) {
  return database.write([&](ledger::Transaction& work) -> Result<std::int64_t> {
    ARGOSY_TRY(const std::vector<InstrumentRow> there, ledger::select<InstrumentRow>(work, "ORDER BY instrument_id"));
    std::int64_t last = there.empty() ? 0 : there.back().instrument_id;
    std::vector<InstrumentRow> missing;
    for (const auto& [symbol, row] : wanted) {
      if (std::ranges::any_of(there, [&](const InstrumentRow& each) { return each.symbol == row.symbol; })) continue;
      missing.push_back(row);
      missing.back().instrument_id = ++last;
    }
    ARGOSY_TRY_VOID(ledger::insert<InstrumentRow>(work, missing));
    return std::ssize(missing);
  });
}

Result<std::vector<InstrumentRow>> stored(ledger::Database& database, const std::string& symbol) {
  return database.read([&](ledger::Transaction& work) {
    return ledger::select<InstrumentRow>(work, "WHERE symbol = :symbol ORDER BY instrument_id LIMIT 1", {symbol});
  });
}

}  // namespace

Result<std::int64_t> add_instruments(ledger::Database& database, const Globals& globals) {
  ARGOSY_TRY(const auto known, known_instruments(globals));
  return add_missing(database, known);
}

Result<InstrumentRow> ensure_instrument(ledger::Database& database, const Globals& globals, const std::string& symbol) {
  ARGOSY_TRY(std::vector<InstrumentRow> found, stored(database, symbol));
  if (!found.empty()) return std::move(found.front());
  ARGOSY_TRY(const auto known, known_instruments(globals));
  const auto wanted = known.find(symbol);
  if (wanted == known.end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, row] : known) names.push_back(name);
    return fail(Error(ErrorCode::kNotFound,
                      fmt::format("there is no instrument \"{}\".{}", symbol, core::did_you_mean(symbol, names)))
                    .with_hint("argosy data list shows the symbols with bars; argosy data import adds more"));
  }
  ARGOSY_TRY_VOID(add_missing(database, {*wanted}));
  ARGOSY_TRY(found, stored(database, symbol));
  return std::move(found.front());
}

}  // namespace argosy::cli
