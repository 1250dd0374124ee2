#include "search/study_store.hpp"

#include <utility>

namespace argosy::search {
namespace {

class MemoryStore final : public StudyStore {
 public:
  core::Result<std::optional<StoredStudy>> load(const Space& /*space*/) override { return study_; }
  core::Result<void> create(std::span<const Fact> facts, const Space& /*space*/) override {
    study_ = StoredStudy{.facts = {facts.begin(), facts.end()}, .trials = {}};
    return {};
  }
  core::Result<void> append(std::span<const Trial> trials, const Space& /*space*/) override {
    for (const Trial& trial : trials) {
      study_->trials.push_back(trial);
      study_->trials.back().returns.clear();
    }
    return {};
  }
  core::Result<void> finish(std::string_view /*result_hash*/) override { return {}; }

 private:
  std::optional<StoredStudy> study_;
};

}  // namespace

std::unique_ptr<StudyStore> make_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace argosy::search
