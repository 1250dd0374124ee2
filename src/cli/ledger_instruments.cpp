// What may be traded: the ledger's instruments, and what the lake and the demo market add to them.
#include <fmt/format.h>

#include <map>
#include <vector>

#include "cli/decision_makers.hpp"
#include "cli/home.hpp"
#include "cli/instruments.hpp"
#include "cli/ledger_home.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "data/tables_import.hpp"
#include "feeds/demo_market.hpp"

namespace argosy::cli {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using data::Instruments;
using ledger::InstrumentRow;

namespace {

const core::SystemClock kClock;

std::string pending_path(const Globals& globals) { return home_folder(globals) + "/instruments.pending"; }

InstrumentRow row_of(const feeds::DemoStock& stock, core::Price tick) {
  return {.symbol = stock.symbol, .exchange = stock.exchange, .tick = tick, .name = stock.name, .sector = stock.sector};
}

std::vector<std::string_view> symbols_of(const Instruments& all) {
  std::vector<std::string_view> symbols;
  for (const auto& [symbol, row] : all) symbols.push_back(symbol);
  return symbols;
}

Error unknown_instrument(const std::string& symbol, const Instruments& known) {
  return Error(ErrorCode::kNotFound,
               fmt::format("there is no instrument \"{}\".{}", symbol, core::did_you_mean(symbol, symbols_of(known))))
      .with_hint("argosy stock list shows what there is; argosy data import adds more");
}

// Those of the demo market that are not there. Returns how many.
Result<std::int64_t> add_demo_stocks(Instruments& all, const Globals& globals) {
  ARGOSY_TRY(const feeds::DemoMarket market, load_demo_market(globals));
  std::int64_t added = 0;
  for (const auto& [symbol, stock] : market.stocks) {
    if (all.try_emplace(symbol, row_of(stock, market.tick)).second) ++added;
  }
  return added;
}

}  // namespace

Result<HomeInstruments> HomeInstruments::open(const Globals& globals) { return open(globals, kCommandUser); }

Result<HomeInstruments> HomeInstruments::open(const Globals& globals, const std::string& actor) {
  HomeInstruments home;
  ARGOSY_TRY(home.ledger_, open_ledger(globals));
  home.owner_ = std::make_unique<data::InstrumentOwner>(*home.ledger_, core::system_files(), pending_path(globals),
                                                        actor, kClock);
  return home;
}

Result<std::optional<HomeInstruments>> HomeInstruments::find(const Globals& globals) {
  auto home = open(globals);
  if (home) return std::optional<HomeInstruments>(*std::move(home));
  if (home.error().code == ErrorCode::kNotFound) return std::optional<HomeInstruments>();
  return fail(std::move(home).error());
}

Result<Instruments> home_instruments(const HomeInstruments& home, const Globals& globals) {
  ARGOSY_TRY(Instruments all, data::load_instruments(home.ledger()));
  ARGOSY_TRY(const lake::Snapshot snapshot, open_snapshot(globals));
  if (data::agree(snapshot.tables(), all)) return all;
  ARGOSY_TRY(const lake::Lake lake, open_lake(globals));
  ARGOSY_TRY_VOID(home.owner().settle(lake));
  return data::load_instruments(home.ledger());
}

Result<void> change_instruments(const Globals& globals, const data::InstrumentOwner::Change& change) {
  ARGOSY_TRY(const HomeInstruments home, HomeInstruments::open(globals));
  ARGOSY_TRY(const lake::Lake lake, open_lake(globals));
  return home.owner().change(lake, change);
}

Result<data::ImportReport> import_into(const lake::Lake& lake, data::ImportRequest request, const std::string& actor,
                                       const Globals& globals, const lake::Progress& progress) {
  std::optional<HomeInstruments> home;
  auto opened = HomeInstruments::open(globals, actor);
  if (opened) {
    home = *std::move(opened);
  } else if (opened.error().code != ErrorCode::kNotFound) {
    return fail(std::move(opened).error());
  }
  if (home) {
    ARGOSY_TRY(const Instruments all, data::load_instruments(home->ledger()));
    for (const auto& [symbol, row] : all) request.known.emplace(symbol, data::copy_of(row));
  }
  ARGOSY_TRY(data::ImportReport report, data::import_bars(lake, core::system_files(), request, progress,
                                                          home ? home->before_commit() : lake::BeforeCommit()));
  if (home) ARGOSY_TRY_VOID(home->owner().finish());
  return report;
}

Result<InstrumentRow> find_instrument(const Instruments& all, const std::string& symbol) {
  if (const auto found = all.find(symbol); found != all.end()) return found->second;
  return fail(unknown_instrument(symbol, all));
}

Result<void> set_instrument_fields(const std::string& symbol,
                                   const std::vector<std::pair<std::string, std::string>>& texts, Instruments& all) {
  const auto known = all.find(symbol);
  InstrumentRow row = known == all.end() ? data::new_instrument(symbol) : known->second;
  for (const auto& [field, text] : texts)
    ARGOSY_TRY_VOID(core::set_field(core::record_type<InstrumentRow>(), &row, field, text));
  return data::set_instrument(row, all);
}

bool instruments_are_pending(const Globals& globals) { return core::system_files().exists(pending_path(globals)); }

Result<void> mend_instruments(const lake::LakeOptions& options, const Globals& globals) {
  ARGOSY_TRY(const std::optional<HomeInstruments> home, HomeInstruments::find(globals));
  if (!home) return {};
  lake::LakeOptions at_once = options;
  at_once.lock_wait = {};
  ARGOSY_TRY(const lake::Lake lake, lake::Lake::open(at_once, core::system_files(), kClock));
  const auto settled = home->owner().settle(lake);
  if (settled) return {};
  if (settled.error().code != ErrorCode::kUnavailable && settled.error().code != ErrorCode::kReadOnly)
    return fail(settled.error());
  core::log_info("the lake's instruments are behind the ledger's", {{"why", settled.error().message}});
  return {};
}

Result<std::int64_t> add_instruments(ledger::Database& database, const Globals& globals) {
  const data::InstrumentOwner owner(database, core::system_files(), pending_path(globals), kCommandUser, kClock);
  ARGOSY_TRY(const lake::Lake lake, open_lake(globals));
  // The lake's first, which say more of a symbol that both have.
  ARGOSY_TRY_VOID(owner.settle(lake));
  ARGOSY_TRY(Instruments all, data::load_instruments(database));
  ARGOSY_TRY(const std::int64_t missing, add_demo_stocks(all, globals));
  if (missing == 0) return missing;
  ARGOSY_TRY_VOID(owner.add(all));
  return missing;
}

Result<std::optional<InstrumentRow>> ready_instrument(ledger::Transaction& work, const std::string& symbol) {
  ARGOSY_TRY(auto row, ledger::select_first<InstrumentRow>(
                           work, "WHERE symbol = :symbol ORDER BY instrument_id LIMIT 1", {symbol}));
  if (row && (row->updated_at == core::Timestamp() || !row->is_active)) row.reset();
  return row;
}

Result<InstrumentRow> ensure_instrument(ledger::Database& database, const Globals& globals, const std::string& symbol) {
  ARGOSY_TRY(Instruments all, data::load_instruments(database));
  if (const auto found = all.find(symbol); found == all.end() || found->second.updated_at == core::Timestamp()) {
    ARGOSY_TRY_VOID(add_instruments(database, globals));
    ARGOSY_TRY(all, data::load_instruments(database));
  }
  return find_instrument(all, symbol);
}

Result<InstrumentRow> instrument_for_service(ledger::Database& database, const Globals& globals,
                                             const std::string& symbol) {
  ARGOSY_TRY(InstrumentRow row, ensure_instrument(database, globals, symbol));
  if (row.is_active) return row;
  return fail(Error(ErrorCode::kConflict, fmt::format("{} is not active: no new service trades it", symbol))
                  .with_hint(fmt::format("argosy stock set {} --is-active true makes it so again", symbol)));
}

}  // namespace argosy::cli
