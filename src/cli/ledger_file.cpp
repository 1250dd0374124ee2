#include "cli/ledger_file.hpp"

#include <fmt/format.h>

#include <optional>
#include <random>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "ledger/holder.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/open.hpp"

namespace argosy::cli {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

const core::SystemClock kClock;

Result<std::unique_ptr<ledger::Database>> open_as_it_is(const ledger::Location& location) {
  return ledger::open_database({.path = location.path,
                                .password = location.password,
                                .missing = ledger::Missing::kFail,
                                .outdated = ledger::Outdated::kFail},
                               ledger::ledger_schema(), core::system_files(), kClock);
}

// Who holds the ledger, or held it last; nothing of one that cannot be read.
std::optional<ledger::HolderRow> known_holder(const ledger::Location& location) {
  const auto database = open_as_it_is(location);
  if (!database) return std::nullopt;
  const auto holder = (*database)->read([](ledger::Transaction& work) { return ledger::current_holder(work); });
  return holder ? *holder : std::nullopt;
}

}  // namespace

Result<std::unique_ptr<ledger::HolderLock>> lock_ledger(const ledger::Location& location) {
  auto lock = ledger::take_holder_lock(location, ledger::ledger_schema(), core::system_files());
  if (lock || lock.error().code != ErrorCode::kUnavailable) return lock;
  const auto holder = known_holder(location);
  // A server that cannot be reached is no holder.
  if (location.is_server() && !holder) return lock;
  return fail(Error(ErrorCode::kUnavailable,
                    fmt::format("{} holds the ledger", holder ? holder->process : std::string("another process")))
                  .with_hint("end it first")
                  .at(location.text()));
}

Result<ledger::RestoreReport> restore_locked_ledger(const std::string& from, const ledger::Location& location) {
  const auto before = known_holder(location);
  ARGOSY_TRY(ledger::RestoreReport report,
             ledger::restore(from, location, ledger::ledger_schema(), core::system_files(), kClock));
  ARGOSY_TRY(const auto database, open_as_it_is(location));
  std::random_device random;
  ARGOSY_TRY_VOID(ledger::renew_ledger(*database,
                                       {.process = ledger::process_name("argosy restore"),
                                        .now = kClock.now(),
                                        .seed = (std::uint64_t{random()} << 32U) | random()},
                                       before ? before->fencing : 0));
  return report;
}

Result<ledger::RestoreReport> restore_ledger(const std::string& from, const ledger::Location& location) {
  ARGOSY_TRY(const auto lock, lock_ledger(location));
  return restore_locked_ledger(from, location);
}

}  // namespace argosy::cli
