// Tickets: who is known over HTTP gets one, and shows it as the first message of a WebSocket, once and soon. So no
// token need be where scripts or logs could see it.
//
//   const std::string ticket = tickets.make(*call.caller);
//   const std::optional<auth::Identity> who = tickets.take(ticket);
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "auth/access.hpp"
#include "core/clock.hpp"

namespace argosy::push {

inline constexpr core::Duration kTicketTime = std::chrono::seconds(30);

// From any thread. They are kept in memory: after a restart clients ask for new ones.
class Tickets {
 public:
  explicit Tickets(const core::Clock& clock) : clock_(clock) {}

  // kLimit: too many have not been used.
  [[nodiscard]] core::Result<std::string> make(const auth::Identity& who);
  // Nothing: there is none, or it is too old. What became of its owner since then is not asked here.
  [[nodiscard]] std::optional<auth::Identity> take(std::string_view ticket);

 private:
  struct Kept {
    auth::Identity who;
    core::Duration until;
  };
  const core::Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Kept, std::less<>> tickets_;  // by their hash
};

}  // namespace argosy::push
