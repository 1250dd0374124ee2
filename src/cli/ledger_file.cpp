#include "cli/ledger_file.hpp"

#include <fmt/format.h>

#include <optional>
#include <random>

#include "cli/home.hpp"
#include "core/clock.hpp"
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

Result<std::unique_ptr<ledger::Database>> open_file(const Globals& globals) {
  return ledger::open_database(
      {.path = ledger_path(globals), .missing = ledger::Missing::kFail, .outdated = ledger::Outdated::kFail},
      ledger::ledger_schema(), core::system_files(), kClock);
}

// Who holds the ledger, or held it last; nothing of one that cannot be read.
std::optional<ledger::HolderRow> known_holder(const Globals& globals) {
  const auto database = open_file(globals);
  if (!database) return std::nullopt;
  const auto holder = (*database)->read([](ledger::Transaction& work) { return ledger::current_holder(work); });
  return holder ? *holder : std::nullopt;
}

}  // namespace

Result<std::unique_ptr<core::FileLock>> lock_ledger_file(const Globals& globals) {
  auto lock = core::system_files().lock(home_folder(globals) + "/ledger.lock", {});
  if (lock || lock.error().code != ErrorCode::kUnavailable) return lock;
  const auto holder = known_holder(globals);
  return fail(Error(ErrorCode::kUnavailable,
                    fmt::format("{} holds the ledger", holder ? holder->process : std::string("another process")))
                  .with_hint("end it first")
                  .at(ledger_path(globals)));
}

Result<ledger::RestoreReport> restore_locked_ledger(const std::string& from, const Globals& globals) {
  const auto before = known_holder(globals);
  ARGOSY_TRY(ledger::RestoreReport report,
             ledger::restore(from, ledger_path(globals), ledger::ledger_schema(), core::system_files(), kClock));
  ARGOSY_TRY(const auto database, open_file(globals));
  std::random_device random;
  ARGOSY_TRY_VOID(ledger::renew_ledger(*database,
                                       {.process = ledger::process_name("argosy restore"),
                                        .now = kClock.now(),
                                        .seed = (std::uint64_t{random()} << 32U) | random()},
                                       before ? before->fencing : 0));
  return report;
}

Result<ledger::RestoreReport> restore_ledger(const std::string& from, const Globals& globals) {
  ARGOSY_TRY(const auto lock, lock_ledger_file(globals));
  return restore_locked_ledger(from, globals);
}

}  // namespace argosy::cli
