#include "server/idempotency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/hash.hpp"
#include "core/log.hpp"
#include "ledger/access.hpp"
#include "ledger/records.hpp"
#include "server/problem.hpp"

namespace argosy::server {

using core::Result;
using ledger::IdempotencyKeyRow;
using ledger::Transaction;

namespace {

constexpr std::size_t kLongestKey = 255;
constexpr core::Duration kKept = std::chrono::hours(24);
// Longer than any handler takes: who began it does not run any more.
constexpr core::Duration kLongestAnswer = std::chrono::seconds(60);

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= kLongestKey &&
         std::ranges::all_of(key, [](char each) { return each > ' ' && each < 0x7F; });
}

}  // namespace

net::HttpResponse Idempotency::once(const Incoming& incoming, const std::function<net::HttpResponse()>& run) {
  const auto key = incoming.http.headers.find("Idempotency-Key");
  if (!key) return run();
  if (!is_key(*key)) {
    return to_response({.status = 400,
                        .code = "invalid_argument",
                        .detail = "the Idempotency-Key is 1 to 255 characters of ASCII without blanks"},
                       incoming.request_id);
  }
  const core::Timestamp now = clock_.now();
  const IdempotencyKeyRow row{
      .user_id = incoming.caller->user_id,
      .idempotency_key = std::string(*key),
      .request_hash = core::sha256_hex(incoming.http.method + "\n" + incoming.http.path + "\n" + incoming.http.body),
      .created_at = now};
  const auto there = ledger_.write([&](Transaction& work) -> Result<std::optional<IdempotencyKeyRow>> {
    ARGOSY_TRY_VOID(work.execute("DELETE FROM idempotency_keys WHERE created_at < :old",
                                 {std::int64_t{(now - kKept).time_since_epoch().count()}}));
    ARGOSY_TRY(
        std::optional<IdempotencyKeyRow> found,
        ledger::select_first<IdempotencyKeyRow>(work, "WHERE user_id = :user_id AND idempotency_key = :idempotency_key",
                                                {row.user_id, row.idempotency_key}));
    const bool is_stale = found && found->status == 0 && now - found->created_at > kLongestAnswer &&
                          found->request_hash == row.request_hash;
    if (found && !is_stale) return found;
    ARGOSY_TRY_VOID(ledger::upsert<IdempotencyKeyRow>(work, {&row, 1}, {"user_id", "idempotency_key"}));
    return std::optional<IdempotencyKeyRow>();
  });
  if (!there) return detail::to_response(incoming, there.error());
  if (*there) {
    const auto refuse = [&](std::string code, std::string detail, net::HttpHeaders headers = {}) {
      return to_response(
          {.status = 409, .code = std::move(code), .detail = std::move(detail), .headers = std::move(headers)},
          incoming.request_id);
    };
    if ((*there)->request_hash != row.request_hash)
      return refuse("conflict", "this Idempotency-Key came before with another request");
    if ((*there)->status == 0) return refuse("in_progress", "this request is being answered", {{"Retry-After", "1"}});
    net::HttpResponse response = detail::json_response(static_cast<int>((*there)->status), (*there)->body);
    if (response.status >= 400) response.headers.set("Content-Type", "application/problem+json");
    response.headers.add("Idempotent-Replayed", "true");
    return response;
  }
  net::HttpResponse response = run();
  const auto kept = ledger_.write([&](Transaction& work) -> Result<void> {
    const std::vector<ledger::Value> which{row.user_id, row.idempotency_key};
    if (response.status >= 500) {
      ARGOSY_TRY_VOID(work.execute(
          "DELETE FROM idempotency_keys WHERE user_id = :user_id AND idempotency_key = :idempotency_key", which));
      return {};
    }
    ARGOSY_TRY_VOID(
        work.execute("UPDATE idempotency_keys SET status = :status, body = :body WHERE user_id = :user_id AND "
                     "idempotency_key = :idempotency_key",
                     {std::int64_t{response.status}, response.body, which[0], which[1]}));
    return {};
  });
  if (!kept) core::log_error("an answer cannot be kept for its key", {{"why", kept.error().describe()}});
  return response;
}

}  // namespace argosy::server
