// Requests that their sender may send again, with the same Idempotency-Key: they are done once, and each time answered
// as the first time. Keys are a user's own, and remembered for a day.
#pragma once

#include <functional>

#include "core/clock.hpp"
#include "ledger/pool.hpp"
#include "net/http.hpp"
#include "server/endpoint.hpp"

namespace argosy::server {

// Answers of errors of the machine (500 and above) are not kept: the request is done again. A request that was cut off
// by the end of the program is done again, too, so what it does must be safe to do twice with that key. From any
// thread.
class Idempotency {
 public:
  Idempotency(ledger::Pool& ledger, const core::Clock& clock) : ledger_(ledger), clock_(clock) {}

  // Without the header: run() alone. 409: the key was sent with something else (conflict), or is being
  // answered (in_progress).
  [[nodiscard]] net::HttpResponse once(const Incoming& incoming, const std::function<net::HttpResponse()>& run);

 private:
  ledger::Pool& ledger_;
  const core::Clock& clock_;
};

}  // namespace argosy::server
