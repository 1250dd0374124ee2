#include "rest/requests.hpp"

#include <fmt/format.h>

#include <optional>

#include "auth/random.hpp"
#include "core/hash.hpp"
#include "core/waits.hpp"
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

// What is waited for by looking.
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

// Where the answer of one request is put, on the stack of who waits for it.
class Requests::Place {
 public:
  explicit Place(Requests& of) : of_(of) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    const std::lock_guard guard(of_.mutex_);
    leave();
  }

  // Before the request is stored for good, so that no answer is missed; again, where that is tried again.
  void take(std::int64_t request_id) {
    const std::lock_guard guard(of_.mutex_);
    leave();
    of_.places_.emplace(request_id, this);
  }
  std::optional<ledger::RequestAnswer> wait(core::Duration patience) {
    const core::Waits waits;
    std::unique_lock lock(of_.mutex_);
    changed_.wait_for(lock, patience, [&] { return of_.ended_ || answer_; });
    return std::move(answer_);
  }

 private:
  friend Requests;
  void leave() {
    std::erase_if(of_.places_, [&](const auto& each) { return each.second == this; });
  }

  Requests& of_;
  std::condition_variable changed_;
  std::optional<ledger::RequestAnswer> answer_;
};

void Requests::answered(std::span<const ledger::RequestAnswer> answers) {
  const std::lock_guard guard(mutex_);
  for (const ledger::RequestAnswer& each : answers) {
    const auto [first, last] = places_.equal_range(each.request_id);
    for (auto place = first; place != last; ++place) {
      place->second->answer_ = each;
      place->second->changed_.notify_one();
    }
  }
}

void Requests::end() {
  const std::lock_guard guard(mutex_);
  ended_ = true;
  ending_.notify_all();
  for (const auto& [request_id, place] : places_) place->changed_.notify_one();
}

Result<bool> Requests::wait(const std::function<Result<bool>()>& is_done) {
  const core::Duration until = clock_.monotonic() + patience_;
  for (;;) {
    ARGOSY_TRY(const bool done, is_done());
    if (done || clock_.monotonic() >= until) return done;
    const core::Waits waits;
    std::unique_lock lock(mutex_);
    if (ending_.wait_for(lock, kLookEvery, [&] { return ended_; })) return false;
  }
}

template <class Row>
Result<ledger::RequestRow> Requests::post_and_wait(const server::Caller& caller, std::string_view kind,
                                                   std::string payload, std::string_view key) {
  const ledger::RequestRow asked{.request_key = stored_key(caller, key),
                                 .kind = std::string(kind),
                                 .payload = std::move(payload),
                                 .requested_by = caller.username,
                                 .requested_at = clock_.now()};
  Row row;
  Place place(*this);
  ARGOSY_TRY_VOID(store_([&](ledger::Transaction& work) -> Result<void> {
    ARGOSY_TRY(row, ledger::post_request<Row>(work, asked));
    place.take(row.request_id);
    return {};
  }));
  if (row.state != ledger::RequestState::kNew) return ledger::RequestRow(std::move(row));
  if (auto answer = place.wait(patience_)) {
    row.state = answer->state;
    row.answered_at = answer->time;
    row.answer = std::move(answer->answer);
    return ledger::RequestRow(std::move(row));
  }
  ARGOSY_TRY(std::optional<Row> left,
             ledger_.read([&](ledger::Transaction& work) { return ledger::find_request<Row>(work, row.request_key); }));
  if (!left) return fail(ErrorCode::kUnavailable, "the request was taken back while the program ended");
  return ledger::RequestRow(*std::move(left));
}

}  // namespace argosy::rest
