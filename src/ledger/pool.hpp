// Databases for threads that each need one for a moment: opened when all that there are are in use, kept for the next.
//
//   Pool pool([&] { return open_ledger(globals); });
//   ARGOSY_TRY(const auto rows, pool.read([](Transaction& work) { return select<UserRow>(work, ""); }));
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "ledger/database.hpp"

namespace argosy::ledger {

class Pool {
 public:
  using Open = std::function<core::Result<std::unique_ptr<Database>>()>;
  explicit Pool(Open open) : open_(std::move(open)) {}

  // As Database's, from any thread. Errors of opening besides.
  template <class Function>
  auto read(Function function) -> std::invoke_result_t<Function&, Transaction&> {
    ARGOSY_TRY(const Lease lease, take());
    return lease.database->read(std::move(function));
  }
  template <class Function>
  auto write(Function function) -> std::invoke_result_t<Function&, Transaction&> {
    ARGOSY_TRY(const Lease lease, take());
    return lease.database->write(std::move(function));
  }

 private:
  struct Lease {
    Lease(Pool* from, std::unique_ptr<Database> taken) : pool(from), database(std::move(taken)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (database == nullptr) return;
      const std::lock_guard guard(pool->mutex_);
      pool->free_.push_back(std::move(database));
    }
    Pool* pool;
    std::unique_ptr<Database> database;
  };

  [[nodiscard]] core::Result<Lease> take() {
    {
      const std::lock_guard guard(mutex_);
      if (!free_.empty()) {
        std::unique_ptr<Database> last = std::move(free_.back());
        free_.pop_back();
        return Lease(this, std::move(last));
      }
    }
    ARGOSY_TRY(std::unique_ptr<Database> opened, open_());
    return Lease(this, std::move(opened));
  }

  Open open_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Database>> free_;
};

}  // namespace argosy::ledger
