#include "push/tickets.hpp"

#include <utility>

#include "auth/random.hpp"
#include "core/hash.hpp"

namespace argosy::push {
namespace {
constexpr std::size_t kMostTickets = 20'000;
}  // namespace

core::Result<std::string> Tickets::make(const auth::Identity& who) {
  std::string ticket = auth::random_token();
  const core::Duration now = clock_.monotonic();
  const std::scoped_lock lock(mutex_);
  if (tickets_.size() >= kMostTickets)
    std::erase_if(tickets_, [&](const auto& each) { return each.second.until <= now; });
  if (tickets_.size() >= kMostTickets) return core::fail(core::ErrorCode::kLimit, "too many tickets are waiting");
  tickets_.insert_or_assign(core::sha256_hex(ticket), Kept{.who = who, .until = now + kTicketTime});
  return ticket;
}

std::optional<auth::Identity> Tickets::take(std::string_view ticket) {
  const std::string hash = core::sha256_hex(ticket);
  const std::scoped_lock lock(mutex_);
  const auto found = tickets_.find(hash);
  if (found == tickets_.end()) return std::nullopt;
  Kept kept = std::move(found->second);
  tickets_.erase(found);
  if (kept.until <= clock_.monotonic()) return std::nullopt;
  return std::move(kept.who);
}

}  // namespace argosy::push
