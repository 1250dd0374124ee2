// Where the trials of a study are kept. A store belongs to one study, by its name.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "ledger/database.hpp"
#include "ledger/studies.hpp"
#include "search/trial.hpp"

namespace argosy::search {

// Something that must be the same for a study to go on: {"strategy", <hash or text>}. `name` is said in errors.
struct Fact {
  std::string name;
  std::string value;

  friend bool operator==(const Fact&, const Fact&) = default;
};

struct StoredStudy {
  std::vector<Fact> facts;
  std::vector<Trial> trials;  // finished ones, in any order, without returns
};

class StudyStore {
 public:
  virtual ~StudyStore() = default;
  // Nothing when there is no such study yet. The space reads the settings.
  [[nodiscard]] virtual core::Result<std::optional<StoredStudy>> load(const Space& space) = 0;
  [[nodiscard]] virtual core::Result<void> create(std::span<const Fact> facts, const Space& space) = 0;
  // The study's id for people, once it was loaded or created; "" where the store gives none.
  [[nodiscard]] virtual std::string id() const { return {}; }
  // Finished trials that were not stored before, in one step: all of them or none.
  [[nodiscard]] virtual core::Result<void> append(std::span<const Trial> trials, const Space& space) = 0;
  // The study has come to its end; it may be opened again with a larger budget.
  [[nodiscard]] virtual core::Result<void> finish(std::string_view result_hash) = 0;
};

// In the database of runs. `study` names it and says what it is of (name, kind, strategy_text, data_hash,
// code_version); the store fills in the rest. The database and the clock must outlive it.
[[nodiscard]] std::unique_ptr<StudyStore> make_ledger_store(ledger::Database& database, ledger::StudyRow study,
                                                            const core::Clock& clock);

// In memory: for tests, and for studies that nobody keeps.
[[nodiscard]] std::unique_ptr<StudyStore> make_memory_store();

}  // namespace argosy::search
