#include "notify/outbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/log.hpp"
#include "ledger/holder.hpp"
#include "ledger/records.hpp"

namespace argosy::notify {
namespace {

using core::Result;
using ledger::OutboxRow;
using ledger::Transaction;

// How bad: "info" is 0.
std::ptrdiff_t rank(std::string_view severity) {
  constexpr std::array<std::string_view, 3> kOrder{"info", "warning", "error"};
  return std::ranges::find(kOrder, severity) - kOrder.begin();
}

}  // namespace

Outbox::Outbox(ledger::Database& database, OutboxSettings settings, const std::vector<Notifier*>& channels,
               core::Executor& executor)
    : database_(database), settings_(std::move(settings)), executor_(executor) {
  for (Notifier* each : channels) channels_[std::string(each->channel())].notifier = each;
}

Outbox::~Outbox() { *alive_ = false; }

void Outbox::start() {
  executor_.post([this, alive = alive_] {
    if (*alive) run();
  });
}

void Outbox::run() {
  const auto turn = take_turn();
  // Told once, not each second.
  if (!turn && !had_error_)
    core::log_warning("notifications wait: the outbox cannot be used", {{"error", turn.error().describe()}});
  had_error_ = !turn.has_value();
  executor_.call_at(executor_.clock().now() + settings_.look_every, [this, alive = alive_] {
    if (*alive) run();
  });
}

Result<Outbox::Turn> Outbox::take_turn() {
  Turn turn;
  // What is delivered and could not be marked comes first: until then it still looks as if it waited.
  ARGOSY_TRY_VOID(mark());
  for (auto& [name, channel] : channels_) {
    if (executor_.clock().now() < channel.not_before) continue;
    ARGOSY_TRY(const std::vector<OutboxRow> rows, waiting(name));
    deliver(channel, rows, turn);
  }
  ARGOSY_TRY(const std::vector<OutboxRow> nobodys, waiting_for_nobody());
  for (const OutboxRow& row : nobodys) {
    leave_out(row, fmt::format("not delivered: the channel {} is off", row.channel));
    ++turn.left_out;
  }
  ARGOSY_TRY_VOID(mark());
  return turn;
}

void Outbox::deliver(Channel& channel, const std::vector<OutboxRow>& rows, Turn& turn) {
  for (OutboxRow row : rows) {
    if (rank(row.severity) < rank(settings_.least_severity)) {
      leave_out(std::move(row), fmt::format("not delivered: less than {}", settings_.least_severity));
      ++turn.left_out;
      continue;
    }
    ++row.attempts;
    const Result<void> done = channel.notifier->deliver(row);
    const core::Timestamp now = executor_.clock().now();
    if (done) {
      row.sent_at = now;
      row.error.clear();
      channel.failures = 0;
      ++turn.delivered;
      marks_[row.outbox_id] = std::move(row);
      continue;
    }
    ++turn.failed;
    row.error = done.error().describe();
    core::Duration wait = settings_.retry;
    for (std::int64_t i = 0; i < channel.failures && wait < settings_.retry_most; ++i) wait *= 2;
    channel.not_before = now + std::min(wait, settings_.retry_most);
    ++channel.failures;
    marks_[row.outbox_id] = std::move(row);
    return;  // those behind it wait: the order is kept
  }
}

void Outbox::leave_out(OutboxRow row, const std::string& why) {
  row.sent_at = executor_.clock().now();
  row.error = why;
  marks_[row.outbox_id] = std::move(row);
}

Result<std::vector<OutboxRow>> Outbox::waiting(const std::string& channel) {
  return database_.read([&](Transaction& work) {
    return ledger::select<OutboxRow>(
        work, "WHERE sent_at IS NULL AND attempts < :attempts AND channel = :channel ORDER BY outbox_id LIMIT :most",
        {settings_.attempts, channel, settings_.most_rows});
  });
}

Result<std::vector<OutboxRow>> Outbox::waiting_for_nobody() {
  std::string condition = "WHERE sent_at IS NULL AND attempts < :attempts";
  std::vector<ledger::Value> values{settings_.attempts};
  for (const auto& [name, channel] : channels_) {
    condition += fmt::format(" AND channel <> :channel{}", values.size());
    values.emplace_back(name);
  }
  values.emplace_back(settings_.most_rows);
  return database_.read([&](Transaction& work) {
    return ledger::select<OutboxRow>(work, condition + " ORDER BY outbox_id LIMIT :most", values);
  });
}

Result<void> Outbox::mark() {
  ARGOSY_TRY_VOID(database_.write([&](Transaction& work) -> Result<void> {
    ARGOSY_TRY(const auto holder, ledger::current_holder(work));
    if (holder && holder->fencing != settings_.fencing)
      return core::fail(core::ErrorCode::kConflict, "the ledger is held by another process: " + holder->process);
    for (const auto& [id, row] : marks_) {
      ledger::Value sent;
      if (row.sent_at) sent = row.sent_at->time_since_epoch().count();
      ARGOSY_TRY_VOID(
          work.execute("UPDATE outbox SET attempts = :attempts, sent_at = :sent, error = :error WHERE outbox_id = :id",
                       {row.attempts, sent, row.error, id}));
    }
    return {};
  }));
  marks_.clear();
  return {};
}

}  // namespace argosy::notify
