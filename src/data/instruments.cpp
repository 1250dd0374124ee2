#include "data/instruments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "core/text.hpp"
#include "ledger/records.hpp"
#include "ledger/room_changes.hpp"

namespace argosy::data {

using core::Error;
using core::ErrorCode;
using core::Result;
using ledger::InstrumentRow;

namespace {

// Whether money or shares of it are in the books, whose currency cannot become another.
Result<bool> is_booked(ledger::Transaction& work, std::int64_t instrument_id) {
  constexpr ledger::ColumnType kTypes[] = {ledger::ColumnType::kInteger};
  std::int64_t found = 0;
  for (const char* table : {"trading_services", "orders", "positions"}) {
    ARGOSY_TRY_VOID(work.query(fmt::format("SELECT count(*) FROM {} WHERE instrument_id = :instrument_id", table),
                               kTypes, {instrument_id}, [&](const ledger::Row& row) -> Result<void> {
                                 found += row.integer(0);
                                 return {};
                               }));
  }
  return found > 0;
}

Result<std::int64_t> last_number(ledger::Transaction& work) {
  constexpr ledger::ColumnType kTypes[] = {ledger::ColumnType::kInteger};
  std::int64_t last = 0;
  ARGOSY_TRY_VOID(work.query("SELECT coalesce(max(instrument_id), 0) FROM instruments", kTypes, {},
                             [&](const ledger::Row& row) -> Result<void> {
                               last = row.integer(0);
                               return {};
                             }));
  return last;
}

bool is_taken_over(const InstrumentRow& row) { return row.updated_at != core::Timestamp(); }

bool same_copy(const market::Instrument& a, const market::Instrument& b) {
  const auto& type = core::record_type<market::Instrument>();
  return core::csv_row(type, &a) == core::csv_row(type, &b);
}

}  // namespace

InstrumentRow new_instrument(const std::string& symbol) {
  market::Instrument unknown;
  unknown.symbol = symbol;
  return with_copy({}, unknown);
}

market::Instrument copy_of(const InstrumentRow& row) {
  return {.symbol = row.symbol,
          .exchange = row.exchange,
          .currency = row.currency,
          .tick = row.tick,
          .lot = row.lot,
          .fractional = row.fractional,
          .may_be_negative = row.may_be_negative,
          .name = row.name,
          .sector = row.sector};
}

InstrumentRow with_copy(InstrumentRow row, const market::Instrument& copy) {
  row.symbol = copy.symbol;
  row.exchange = copy.exchange;
  row.currency = copy.currency;
  row.tick = copy.tick;
  row.lot = copy.lot;
  row.fractional = copy.fractional;
  row.may_be_negative = copy.may_be_negative;
  row.name = copy.name;
  row.sector = copy.sector;
  return row;
}

bool same_instrument(const InstrumentRow& a, const InstrumentRow& b) {
  return same_copy(copy_of(a), copy_of(b)) && a.asset_type == b.asset_type && a.description == b.description &&
         a.is_active == b.is_active;
}

Result<Instruments> load_instruments(ledger::Database& ledger) {
  ARGOSY_TRY(std::vector<InstrumentRow> rows, ledger.read([](ledger::Transaction& work) {
    return ledger::select<InstrumentRow>(work, "ORDER BY instrument_id");
  }));
  Instruments all;
  for (InstrumentRow& row : rows) all.try_emplace(row.symbol, std::move(row));
  return all;
}

void merge_instruments(const lake::Tables& base, lake::Tables& tables, Instruments& owned) {
  for (auto& [symbol, copy] : tables.instruments) {
    const auto before = base.instruments.find(symbol);
    const bool is_changed = before == base.instruments.end() || !same_copy(before->second, copy);
    const auto [row, is_new] = owned.try_emplace(symbol, new_instrument(symbol));
    if (is_new || is_changed || !is_taken_over(row->second)) {
      row->second = with_copy(std::move(row->second), copy);
    } else {
      copy = copy_of(row->second);
    }
  }
}

bool agree(const lake::Tables& tables, const Instruments& owned) {
  return std::ranges::all_of(tables.instruments, [&](const auto& item) {
    const auto row = owned.find(item.first);
    return row != owned.end() && is_taken_over(row->second) && same_copy(copy_of(row->second), item.second);
  });
}

ledger::AuditEntry InstrumentOwner::audit_of(const InstrumentRow* before, const InstrumentRow& after) const {
  return {.time = clock_.now(),
          .actor = actor_,
          .action = before == nullptr ? "instrument.add" : "instrument.set",
          .subject = after.symbol,
          .before = before == nullptr ? std::string() : ledger::audit_text(*before),
          .after = ledger::audit_text(after)};
}

Result<void> InstrumentOwner::write(const Instruments& before, Instruments after) const {
  std::vector<InstrumentRow> changed;
  for (auto& [symbol, row] : after) {
    const auto found = before.find(symbol);
    if (found != before.end() && is_taken_over(found->second) && same_instrument(found->second, row)) continue;
    row.updated_at = clock_.now();
    changed.push_back(std::move(row));
  }
  if (changed.empty()) return {};
  std::string symbols;
  for (const InstrumentRow& row : changed) symbols += row.symbol + "\n";
  ARGOSY_TRY_VOID(files_.write_atomic(pending_file_, symbols));
  return ledger_.write([&](ledger::Transaction& work) -> Result<void> {
    ARGOSY_TRY(std::int64_t last, last_number(work));
    std::vector<InstrumentRow> rows = changed;
    std::vector<ledger::AuditEntry> audit;
    for (InstrumentRow& row : rows) {
      const auto found = before.find(row.symbol);
      if (row.instrument_id == 0) row.instrument_id = ++last;
      const InstrumentRow* was = found == before.end() ? nullptr : &found->second;
      // Taking over a copy that stays as it was changes nothing that a person said.
      if (was == nullptr || !same_instrument(*was, row)) audit.push_back(audit_of(was, row));
      if (found == before.end() || found->second.currency == row.currency) continue;
      ARGOSY_TRY(const bool booked, is_booked(work, row.instrument_id));
      if (!booked) continue;
      return core::fail(
          Error(ErrorCode::kConflict, fmt::format("{} is in the books in {}: its currency cannot become {}", row.symbol,
                                                  found->second.currency, row.currency))
              .with_hint("give what trades in the other currency a symbol of its own"));
    }
    ARGOSY_TRY_VOID(ledger::upsert<InstrumentRow>(work, rows, {"instrument_id"}));
    ARGOSY_TRY_VOID(ledger::tell_rooms(work, rows, clock_.now()));
    return ledger::append_audit(work, audit);
  });
}

Result<void> InstrumentOwner::change(const lake::Lake& lake, const Change& change) const {
  ARGOSY_TRY(lake::Transaction transaction, lake.begin());
  ARGOSY_TRY(const Instruments before, load_instruments(ledger_));
  lake::Tables tables = transaction.tables();
  Instruments settled = before;
  merge_instruments(transaction.tables(), tables, settled);
  Instruments after = settled;
  ARGOSY_TRY_VOID(change(after));
  if (is_pending()) {
    // What was cut off may have been new to the lake.
    ARGOSY_TRY(const std::string symbols, files_.read(pending_file_));
    for (const std::string_view symbol : core::split(symbols, '\n')) {
      const auto found = after.find(std::string(symbol));
      if (found != after.end()) tables.instruments[found->first] = copy_of(found->second);
    }
  }
  for (const auto& [symbol, row] : after) {
    const auto found = settled.find(symbol);
    if (found == settled.end() || !same_instrument(found->second, row)) tables.instruments[symbol] = copy_of(row);
  }
  ARGOSY_TRY_VOID(write(before, std::move(after)));
  if (lake::format_table("instruments", tables) != lake::format_table("instruments", transaction.tables())) {
    transaction.set_tables(std::move(tables));
    ARGOSY_TRY_VOID(transaction.commit());
  }
  return finish();
}

Result<void> InstrumentOwner::add(const Instruments& all) const {
  return ledger_.write([&](ledger::Transaction& work) -> Result<void> {
    ARGOSY_TRY(const std::vector<InstrumentRow> there, ledger::select<InstrumentRow>(work, ""));
    std::set<std::string_view> symbols;
    for (const InstrumentRow& row : there) symbols.insert(row.symbol);
    ARGOSY_TRY(std::int64_t last, last_number(work));
    std::vector<InstrumentRow> missing;
    std::vector<ledger::AuditEntry> audit;
    for (const auto& [symbol, row] : all) {
      if (symbols.contains(symbol)) continue;
      missing.push_back(row);
      missing.back().instrument_id = ++last;
      missing.back().updated_at = clock_.now();
      audit.push_back(audit_of(nullptr, missing.back()));
    }
    ARGOSY_TRY_VOID(ledger::insert<InstrumentRow>(work, missing));
    ARGOSY_TRY_VOID(ledger::tell_rooms(work, missing, clock_.now()));
    return ledger::append_audit(work, audit);
  });
}

Result<void> InstrumentOwner::settle(const lake::Lake& lake) const {
  return change(lake, [](Instruments&) -> Result<void> { return {}; });
}

Result<void> InstrumentOwner::before_commit(lake::Transaction& transaction) const {
  ARGOSY_TRY(const Instruments before, load_instruments(ledger_));
  lake::Tables tables = transaction.tables();
  Instruments after = before;
  merge_instruments(transaction.base().tables(), tables, after);
  ARGOSY_TRY_VOID(write(before, std::move(after)));
  transaction.set_tables(std::move(tables));
  return {};
}

Result<void> InstrumentOwner::finish() const { return is_pending() ? files_.remove(pending_file_) : Result<void>(); }

}  // namespace argosy::data
