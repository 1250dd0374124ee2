// Instruments belong to the ledger; the lake keeps, in each of its versions, the copies by which its bars are read
// (docs/adr/0050-instruments.md). This keeps the two the same.
//
//   InstrumentOwner owner(*ledger, core::system_files(), home + "/instruments.pending", "admin", clock);
//   ARGOSY_TRY_VOID(owner.change(lake, [](Instruments& all) -> core::Result<void> {
//     all.at("AAPL").sector = "Technology";
//     return {};
//   }));
//
// A change is written to the ledger first and to the lake after it, under the lake's writers' lock. Meanwhile a file
// with the symbols stands; where something was cut off it still does, the lake may be behind, and settle() brings it
// up.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/result.hpp"
#include "lake/lake.hpp"
#include "ledger/audit.hpp"
#include "ledger/database.hpp"
#include "ledger/instruments.hpp"

namespace argosy::data {

using Instruments = std::map<std::string, ledger::InstrumentRow>;  // by symbol

// What a person may say of an instrument besides its symbol.
inline constexpr std::array<std::string_view, 11> kInstrumentFields{
    "exchange",        "currency", "asset_type", "tick",        "lot",      "fractional",
    "may_be_negative", "name",     "sector",     "description", "is_active"};

// Of the 24/7 calendar, in USD.
[[nodiscard]] ledger::InstrumentRow new_instrument(const std::string& symbol);
// The fields that the lake keeps.
[[nodiscard]] market::Instrument copy_of(const ledger::InstrumentRow& row);
// The row with these fields as the copy has them.
[[nodiscard]] ledger::InstrumentRow with_copy(ledger::InstrumentRow row, const market::Instrument& copy);
// But for number and time.
[[nodiscard]] bool same_instrument(const ledger::InstrumentRow& a, const ledger::InstrumentRow& b);

// Where a symbol is traded on several exchanges, the one that came first.
[[nodiscard]] core::Result<Instruments> load_instruments(ledger::Database& ledger);

// Makes `owned` and the instruments of `tables` the same. A copy that `tables` changes from `base` goes to the ledger,
// as does one that the ledger does not know or has not taken over yet; otherwise the ledger's stands.
void merge_instruments(const lake::Tables& base, lake::Tables& tables, Instruments& owned);

// Whether every copy is that of an instrument which the ledger has taken over.
[[nodiscard]] bool agree(const lake::Tables& tables, const Instruments& owned);

class InstrumentOwner {
 public:
  // All of them outlive it. `pending_file` is in an existing folder, `actor` the user for whom it works: each
  // instrument that is added or changed is a row of the audit log.
  InstrumentOwner(ledger::Database& ledger, core::Files& files, std::string pending_file, std::string actor,
                  const core::Clock& clock)
      : ledger_(ledger),
        files_(files),
        pending_file_(std::move(pending_file)),
        actor_(std::move(actor)),
        clock_(clock) {}

  using Change = std::function<core::Result<void>(Instruments&)>;
  // Adds and changes instruments; none can be taken away. Those that `change` touches get a copy in the lake. kConflict
  // where the currency of one that was traded is another.
  [[nodiscard]] core::Result<void> change(const lake::Lake& lake, const Change& change) const;
  // Adds those whose symbol the ledger has not. They get a copy in the lake when they get bars.
  [[nodiscard]] core::Result<void> add(const Instruments& all) const;
  // Brings both to the same after something was cut off, or written by a program that knew only the lake. kUnavailable
  // where another process is writing.
  [[nodiscard]] core::Result<void> settle(const lake::Lake& lake) const;
  // For a transaction of the lake that changes copies (an import, a simulated market): the ledger's rows are written
  // here. Call it last before commit(), and finish() after it; without finish() the next settle() does no harm.
  [[nodiscard]] core::Result<void> before_commit(lake::Transaction& transaction) const;
  [[nodiscard]] core::Result<void> finish() const;
  [[nodiscard]] bool is_pending() const { return files_.exists(pending_file_); }

 private:
  // Notes that the lake may be behind, then writes. Nothing to write: neither.
  [[nodiscard]] core::Result<void> write(const Instruments& before, Instruments after) const;

  [[nodiscard]] ledger::AuditEntry audit_of(const ledger::InstrumentRow* before,
                                            const ledger::InstrumentRow& after) const;

  ledger::Database& ledger_;
  core::Files& files_;
  std::string pending_file_;
  std::string actor_;
  const core::Clock& clock_;
};

}  // namespace argosy::data
