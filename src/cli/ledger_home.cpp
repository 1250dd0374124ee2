#include "cli/ledger_home.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <random>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "cli/decision_makers.hpp"
#include "cli/home.hpp"
#include "cli/limit_options.hpp"
#include "cli/trading_home.hpp"
#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "ledger/backups.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/records.hpp"
#include "ledger/requests.hpp"
#include "live/direct.hpp"
#include "live/request.hpp"

namespace argosy::cli {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::Result;

namespace {

constexpr auto kPollEvery = std::chrono::milliseconds(10);
constexpr auto kPatience = std::chrono::seconds(10);
const core::SystemClock& system_clock() {
  static const core::SystemClock clock;
  return clock;
}

std::uint64_t random_number() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

// --- Opening and holding. ---

// A file that is damaged is set aside, but not while somebody has it.
Result<std::unique_ptr<ledger::Database>> open_or_set_aside(const ledger::Location& location,
                                                            const ledger::OpenOptions& options,
                                                            const std::string& backups) {
  core::Files& files = core::system_files();
  const ledger::Schema& schema = ledger::ledger_schema();
  if (!location.is_server() && files.exists(location.path)) {
    auto opened = ledger::open_database(options, schema, files, system_clock());
    if (opened || opened.error().code != ErrorCode::kCorrupt) return opened;
    const auto lock = ledger::take_holder_lock(location, schema, files, kLockPatience);
    if (!lock && lock.error().code != ErrorCode::kUnavailable) return fail(lock.error());
    if (!lock) {
      return fail(std::move(opened).error().with_hint(
          "a process has this ledger open: end it first; then argosy serve sets the file aside and names a backup"));
    }
    return ledger::open_or_set_aside(options, schema, backups, files, system_clock());
  }
  return ledger::open_or_set_aside(options, schema, backups, files, system_clock());
}

Result<ledger::HeldLedger> hold_at(ledger::Database& database, const ledger::Location& location,
                                   const std::string& command, core::Duration wait = {}) {
  return ledger::lock_ledger(
      database, core::system_files(), location,
      {.process = ledger::process_name(command), .now = system_clock().now(), .seed = random_number()}, wait);
}

// --- Asking. ---

Result<std::string> ask_directly(ledger::Database& database, const ledger::HeldLedger& held, const Globals& globals,
                                 std::string_view kind, const std::string& payload) {
  ARGOSY_TRY(const trading::LimitProfile limits, hard_limits(globals));
  return live::apply_directly(database, held.holder, system_clock(), checked_makers(globals),
                              {.kind = std::string(kind), .payload = payload, .requested_by = kCommandUser}, limits);
}

// The ledger, if it is free or soon will be; nothing: a process that trades has it.
Result<std::optional<ledger::HeldLedger>> try_to_hold(ledger::Database& database, const Globals& globals,
                                                      std::string_view kind) {
  ARGOSY_TRY(const ledger::Location location, ledger_location(globals));
  const core::Duration until = system_clock().monotonic() + kLockPatience;
  while (true) {
    auto held = hold_at(database, location, fmt::format("argosy {}", kind));
    if (held) return std::optional<ledger::HeldLedger>(*std::move(held));
    if (held.error().code != ErrorCode::kUnavailable) return fail(std::move(held).error());
    ARGOSY_TRY(const auto holder, database.read([](ledger::Transaction& work) { return current_holder(work); }));
    if (holder && holder->process.starts_with(kTradingProcess)) return std::optional<ledger::HeldLedger>();
    if (system_clock().monotonic() > until) return std::optional<ledger::HeldLedger>();
    std::this_thread::sleep_for(kPollEvery);
  }
}

template <class Row>
Result<std::string> ask_by_request(ledger::Database& database, const Globals& globals, std::string_view kind,
                                   const std::string& payload) {
  const std::string key = fmt::format("{:016x}{:016x}", random_number(), random_number());
  ARGOSY_TRY(const Row posted, ledger::post_request<Row>(database, {.request_key = key,
                                                                    .kind = std::string(kind),
                                                                    .payload = payload,
                                                                    .requested_by = kCommandUser,
                                                                    .requested_at = system_clock().now()}));
  const core::Duration until = system_clock().monotonic() + kPatience;
  for (int turn = 1; system_clock().monotonic() < until; ++turn) {
    std::this_thread::sleep_for(kPollEvery);
    ARGOSY_TRY(const std::optional<Row> row,
               database.read([&](ledger::Transaction& work) { return ledger::find_request<Row>(work, key); }));
    if (row && row->state == ledger::RequestState::kDone) return row->answer;
    if (row && row->state == ledger::RequestState::kFailed) {
      ARGOSY_TRY(const JsonValue answer, core::parse_json(row->answer));
      return fail(answered_error(answer));
    }
    // The process may have ended meanwhile: then the request is taken back and done here.
    if (turn % 25 != 0) continue;
    auto held = hold_ledger(database, globals, fmt::format("argosy {}", kind));
    if (!held) continue;
    ARGOSY_TRY(const std::int64_t removed, database.write([&](ledger::Transaction& work) {
      return work.execute(fmt::format("DELETE FROM {} WHERE request_key = :request_key AND state = 'NEW'",
                                      core::record_type<Row>().name),
                          {key});
    }));
    if (removed == 1) return ask_directly(database, *held, globals, kind, payload);
  }
  return fail(Error(ErrorCode::kUnavailable,
                    fmt::format("request {} is stored and will be done, but nobody answered within {} s",
                                posted.request_id, kPatience.count()))
                  .with_hint("argosy health tells whether the process that trades is well"));
}

}  // namespace

Result<std::unique_ptr<ledger::Database>> open_ledger(const Globals& globals, ledger::OpenOptions options) {
  ARGOSY_TRY_VOID(load_settings(globals));
  ARGOSY_TRY(const TradingSetup setup, load_trading(globals));
  const ledger::Location location = ledger_location(setup, globals);
  options.path = location.path;
  options.missing_hint = "make it: argosy init" + (globals.home.empty() ? std::string() : " --home " + globals.home);
  return open_or_set_aside(location, options, in_home(setup.config.storage.backups, globals));
}

Result<ledger::HeldLedger> hold_ledger(ledger::Database& database, const Globals& globals, const std::string& command,
                                       core::Duration wait) {
  ARGOSY_TRY(const ledger::Location location, ledger_location(globals));
  return hold_at(database, location, command, wait);
}

Result<JsonValue> ask_text(ledger::Database& database, const Globals& globals, std::string_view kind,
                           const std::string& payload) {
  ARGOSY_TRY(const std::optional<ledger::HeldLedger> held, try_to_hold(database, globals, kind));
  const auto answer = [&]() -> Result<std::string> {
    if (held) return ask_directly(database, *held, globals, kind, payload);
    if (live::needs_orders(kind)) return ask_by_request<ledger::OrderRequestRow>(database, globals, kind, payload);
    return ask_by_request<ledger::ServiceCommandRow>(database, globals, kind, payload);
  }();
  if (!answer) return fail(answer.error());
  return core::parse_json(*answer);
}

// --- Finding. ---

namespace {

template <class Row, class NumberOf>
Result<Row> find_row(ledger::Database& database, const std::string& wanted, const char* what, const char* hint,
                     NumberOf number_of, const char* which = "") {
  ARGOSY_TRY(const std::vector<Row> rows,
             database.read([&](ledger::Transaction& work) { return ledger::select<Row>(work, which); }));
  const auto number = core::parse_integer(wanted);
  std::vector<std::string_view> names;
  for (const Row& row : rows) {
    if (number ? number_of(row) == *number : row.name == wanted) return row;
    names.push_back(row.name);
  }
  return fail(Error(ErrorCode::kNotFound,
                    number ? fmt::format("there is no {} {}", what, wanted)
                           : fmt::format("there is no {} \"{}\".{}", what, wanted, core::did_you_mean(wanted, names)))
                  .with_hint(hint));
}

}  // namespace

Result<ledger::ServiceRow> find_service(ledger::Database& database, const std::string& wanted) {
  return find_row<ledger::ServiceRow>(
      database, wanted, "service", "argosy service list shows what there is",
      [](const ledger::ServiceRow& row) { return row.service_id; }, "WHERE removed_at IS NULL");
}

Result<ledger::PortfolioRow> find_portfolio(ledger::Database& database, const std::string& wanted) {
  if (!wanted.empty())
    return find_row<ledger::PortfolioRow>(
        database, wanted, "portfolio", "argosy portfolio list shows what there is",
        [](const ledger::PortfolioRow& row) { return row.portfolio_id; }, "WHERE removed_at IS NULL");
  ARGOSY_TRY(std::vector<ledger::PortfolioRow> rows, database.read([](ledger::Transaction& work) {
    return ledger::select<ledger::PortfolioRow>(work, "WHERE is_default = 1 ORDER BY portfolio_id LIMIT 1");
  }));
  if (rows.empty())
    return fail(Error(ErrorCode::kNotFound, "there is no default portfolio")
                    .with_hint("argosy init makes one; argosy portfolio list shows what there is"));
  return std::move(rows.front());
}

}  // namespace argosy::cli
