#include "rest/requests.hpp"

#include <fmt/format.h>

#include <optional>

#include "auth/random.hpp"
#include "core/hash.hpp"
#include "ledger/journal.hpp"
#include "ledger/requests.hpp"
#include "live/request.hpp"

namespace argosy::rest {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::Result;

namespace {

// Where nobody tells that there is an answer.
constexpr auto kLookEvery = std::chrono::milliseconds(50);

// Two callers' keys are never one.
std::string stored_key(const server::Caller& caller, std::string_view key) {
  if (key.empty()) return auth::random_id();
  return core::sha256_hex(fmt::format("{}\n{}", caller.user_id, key));
}

}  // namespace

Result<ledger::RequestRow> Requests::post_text(const server::Caller& caller, std::string_view kind, std::string payload,
                                               std::string_view key) {
  if (live::needs_orders(kind)) return post_and_wait<ledger::OrderRequestRow>(caller, kind, std::move(payload), key);
  return post_and_wait<ledger::ServiceCommandRow>(caller, kind, std::move(payload), key);
}

Result<JsonValue> Requests::ask_text(const server::Caller& caller, std::string_view kind, std::string payload,
                                     std::string_view key) {
  ARGOSY_TRY(const ledger::RequestRow row, post_text(caller, kind, std::move(payload), key));
  if (row.state == ledger::RequestState::kNew) {
    return fail(Error(ErrorCode::kUnavailable,
                      fmt::format("request {} is stored and will be done, but is not answered yet", row.request_id))
                    .with_hint(fmt::format("GET /api/v1/requests/{} tells what came of it", row.request_id)));
  }
  ARGOSY_TRY(JsonValue answer, core::parse_json(row.answer));
  if (row.state == ledger::RequestState::kFailed) return fail(live::answered_error(answer));
  return answer;
}

void Requests::answered() {
  {
    const std::lock_guard guard(mutex_);
    ++answers_;
  }
  changed_.notify_all();
}

void Requests::end() {
  {
    const std::lock_guard guard(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
}

Result<bool> Requests::wait(const std::function<Result<bool>()>& is_done) {
  const core::Duration until = clock_.monotonic() + patience_;
  std::uint64_t seen = 0;
  for (;;) {
    {
      const std::lock_guard guard(mutex_);
      seen = answers_;
    }
    ARGOSY_TRY(const bool done, is_done());
    if (done || clock_.monotonic() >= until) return done;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kLookEvery, [&] { return ended_ || answers_ != seen; });
    if (ended_) return false;
  }
}

template <class Row>
Result<ledger::RequestRow> Requests::post_and_wait(const server::Caller& caller, std::string_view kind,
                                                   std::string payload, std::string_view key) {
  ARGOSY_TRY(Row row, ledger_.write([&](ledger::Transaction& work) {
    return ledger::post_request<Row>(work, {.request_key = stored_key(caller, key),
                                            .kind = std::string(kind),
                                            .payload = payload,
                                            .requested_by = caller.username,
                                            .requested_at = clock_.now()});
  }));
  if (told_) told_();
  const auto is_answered = [&]() -> Result<bool> {
    if (row.state != ledger::RequestState::kNew) return true;
    ARGOSY_TRY(const std::optional<Row> now, ledger_.read([&](ledger::Transaction& work) {
      return ledger::find_request<Row>(work, row.request_key);
    }));
    if (!now) return fail(ErrorCode::kUnavailable, "the request was taken back while the program ended");
    row = *now;
    return row.state != ledger::RequestState::kNew;
  };
  ARGOSY_TRY_VOID(wait(is_answered));
  return ledger::RequestRow(std::move(row));
}

}  // namespace argosy::rest
