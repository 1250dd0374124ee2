// The instruments of a home, which its ledger owns (data/instruments.hpp), and the one way in which commands change
// them.
//
//   ARGOSY_TRY_VOID(change_instruments(globals, [](data::Instruments& all) { return ...; }));
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "core/result.hpp"
#include "data/import.hpp"
#include "data/instruments.hpp"
#include "lake/lake.hpp"
#include "ledger/database.hpp"

namespace argosy::cli {

// A home's ledger with what keeps its instruments and the lake's copies the same.
class HomeInstruments {
 public:
  // kNotFound, with the way out, where the home has no ledger.
  [[nodiscard]] static core::Result<HomeInstruments> open(const Globals& globals);
  // For a user of the API, whom the audit log names.
  [[nodiscard]] static core::Result<HomeInstruments> open(const Globals& globals, const std::string& actor);
  // Nothing where the home has no ledger: then the lake's copies are all there is.
  [[nodiscard]] static core::Result<std::optional<HomeInstruments>> find(const Globals& globals);

  [[nodiscard]] ledger::Database& ledger() const { return *ledger_; }
  [[nodiscard]] const data::InstrumentOwner& owner() const { return *owner_; }
  // For a transaction that changes copies.
  [[nodiscard]] lake::BeforeCommit before_commit() const {
    return [this](lake::Transaction& transaction) { return owner_->before_commit(transaction); };
  }

 private:
  std::unique_ptr<ledger::Database> ledger_;
  std::unique_ptr<data::InstrumentOwner> owner_;
};

// All of them, those of a lake that was filled by an earlier program taken over first.
[[nodiscard]] core::Result<data::Instruments> home_instruments(const HomeInstruments& home, const Globals& globals);
[[nodiscard]] core::Result<void> change_instruments(const Globals& globals,
                                                    const data::InstrumentOwner::Change& change);
// Bars into the lake, with what is known of their symbols; `actor` is who has it done.
[[nodiscard]] core::Result<data::ImportReport> import_into(const lake::Lake& lake, data::ImportRequest request,
                                                           const std::string& actor, const Globals& globals,
                                                           const lake::Progress& progress = {});
// kNotFound with 'did you mean'.
[[nodiscard]] core::Result<ledger::InstrumentRow> find_instrument(const data::Instruments& all,
                                                                  const std::string& symbol);
// The instrument that a new service is to trade: taken over where the ledger does not have it yet. kNotFound; kConflict
// where it is not active.
[[nodiscard]] core::Result<ledger::InstrumentRow> instrument_for_service(ledger::Database& database,
                                                                         const Globals& globals,
                                                                         const std::string& symbol);
// The same for one that needs nothing to be taken over, which is found by one read; none: ask the other.
[[nodiscard]] core::Result<std::optional<ledger::InstrumentRow>> ready_instrument(ledger::Transaction& work,
                                                                                  const std::string& symbol);
// Sets fields by their texts, as options give them: an exchange that has no calendar is an error that names it.
[[nodiscard]] core::Result<void> set_instrument_fields(const std::string& symbol,
                                                       const std::vector<std::pair<std::string, std::string>>& texts,
                                                       data::Instruments& all);

// Whether a change was cut off between the ledger and the lake.
[[nodiscard]] bool instruments_are_pending(const Globals& globals);
// Brings the lake up; while another process writes to it, or the home cannot be written to, it is left as it is.
[[nodiscard]] core::Result<void> mend_instruments(const lake::LakeOptions& options, const Globals& globals);

}  // namespace argosy::cli
