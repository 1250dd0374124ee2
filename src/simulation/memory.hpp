// The memory that SQLite takes for the process of a simulated world, and that can run out. What others of that world
// take (the broker, the oracle) does not count.
//
//   SimulatedMemory memory;
//   memory.run_out(100, 0);                           // of the process's next allocations the 101st fails, and no
//   other { const SimulatedMemory::Use use(&memory); ... }    // what the process does memory.failed() // 1, if it came
//   to that many
#pragma once

#include <cstdint>

namespace argosy::simulation {

class SimulatedMemory {
 public:
  // After `passing` allocations one fails, and then each `every`-th: 0 none, 1 all. In place of what was told before.
  void run_out(std::int64_t passing, std::int64_t every) {
    left_ = passing;
    every_ = every;
  }
  // There is enough again.
  void end() { left_ = -1; }
  // Allocations, since it was made.
  [[nodiscard]] std::int64_t failed() const { return failed_; }

  // While it lives, what SQLite allocates on this thread is of this memory; nullptr: of nobody's.
  class Use {
   public:
    explicit Use(SimulatedMemory* memory) : before_(current) { current = memory; }
    ~Use() { current = before_; }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    SimulatedMemory* before_;
  };

  // SQLite's question at each allocation.
  [[nodiscard]] static bool allows_one() { return current == nullptr || current->left_ < 0 || current->counts_one(); }

 private:
  [[nodiscard]] bool counts_one() {
    if (left_ > 0) return --left_, true;
    left_ = every_ - 1;
    ++failed_;
    return false;
  }

  static inline thread_local SimulatedMemory* current = nullptr;

  std::int64_t left_ = -1;  // before the next that fails; negative: none does
  std::int64_t every_ = 0;
  std::int64_t failed_ = 0;
};

}  // namespace argosy::simulation
