#include "ledger/holder.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "core/planted.hpp"
#include "core/rng.hpp"
#include "ledger/detail/postgres_lock.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/records.hpp"

namespace argosy::ledger {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

class LockOfFile final : public HolderLock {
 public:
  explicit LockOfFile(std::unique_ptr<core::FileLock> lock) : lock_(std::move(lock)) {}

 private:
  std::unique_ptr<core::FileLock> lock_;
};

// The holder that follows `next`.
Result<HolderRow> write_holder(Transaction& work, HolderRow next, const HolderWanted& wanted) {
  if (next.instance.empty()) next.instance = fmt::format("{:06x}", core::Rng(wanted.seed).next() & 0xff'ff'ff);
  ++next.fencing;
  if (ARGOSY_PLANTED(kForgetsItsName)) next.instance = fmt::format("{:06x}", next.fencing);
  next.process = wanted.process;
  next.since = wanted.now;
  ARGOSY_TRY_VOID(upsert<HolderRow>(work, {&next, 1}, {"holder_id"}));
  return next;
}

}  // namespace

std::string process_name(const std::string& command) {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
  return fmt::format("{} (host {}, process {})", command, host.data(), ::getpid());
}

Result<std::optional<HolderRow>> current_holder(Transaction& work) {
  ARGOSY_TRY(std::vector<HolderRow> rows, select<HolderRow>(work, "WHERE holder_id = 1"));
  if (rows.empty()) return std::optional<HolderRow>();
  return std::optional<HolderRow>(std::move(rows.front()));
}

Result<HolderRow> take_ledger(Database& database, const HolderWanted& wanted) {
  if (!ARGOSY_PLANTED(kTrustsTheCache)) {
    ARGOSY_TRY_VOID(database.make_durable());
  }
  return database.write([&](Transaction& work) -> Result<HolderRow> {
    ARGOSY_TRY(const std::optional<HolderRow> last, current_holder(work));
    return write_holder(work, last.value_or(HolderRow()), wanted);
  });
}

Result<HolderRow> renew_ledger(Database& database, const HolderWanted& wanted, std::int64_t fencing) {
  return database.write([&](Transaction& work) -> Result<HolderRow> {
    ARGOSY_TRY(const std::optional<HolderRow> last, current_holder(work));
    HolderRow next = last.value_or(HolderRow());
    next.instance.clear();
    next.fencing = std::max(next.fencing, fencing);
    return write_holder(work, std::move(next), wanted);
  });
}

Result<std::unique_ptr<HolderLock>> take_holder_lock(const Location& location, const Schema& schema, core::Files& files,
                                                     core::Duration wait) {
  if (location.is_server())
    return detail::take_postgres_lock(location.path, std::string(schema.name), location.password, wait);
  const std::string path = std::filesystem::path(location.path).replace_extension(".lock").string();
  ARGOSY_TRY(auto lock, files.lock(path, wait));
  return std::unique_ptr<HolderLock>(std::make_unique<LockOfFile>(std::move(lock)));
}

Result<HeldLedger> lock_ledger(Database& database, core::Files& files, const Location& location,
                               const HolderWanted& wanted, core::Duration wait) {
  auto lock = take_holder_lock(location, ledger_schema(), files, wait);
  if (!lock) {
    if (lock.error().code != ErrorCode::kUnavailable) return fail(std::move(lock).error());
    ARGOSY_TRY(const auto holder, database.read([](Transaction& work) { return current_holder(work); }));
    Error error(ErrorCode::kUnavailable,
                holder ? fmt::format("{} holds the ledger since {}", holder->process,
                                     core::format_rfc3339(std::chrono::floor<std::chrono::seconds>(holder->since)))
                       : std::string("another process holds the ledger"));
    error.retryable = true;
    return fail(std::move(error).with_hint("end it first, or ask it by a request").at(database.name()));
  }
  ARGOSY_TRY(HolderRow holder, take_ledger(database, wanted));
  return HeldLedger{.lock = *std::move(lock), .holder = std::move(holder)};
}

}  // namespace argosy::ledger
