// HTTP server, hub and price board as `argosy serve` has them, for benches.
//
//   PushServer server([&] { return open(...); }, clock);
//   server.prices().set(instrument, quote);
//   server.port();
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/executor_thread.hpp"
#include "core/hash.hpp"
#include "core/thread_priority.hpp"
#include "ledger/access.hpp"
#include "ledger/pool.hpp"
#include "ledger/records.hpp"
#include "net/http_server.hpp"
#include "push/hub.hpp"

namespace argosy {

inline constexpr std::size_t kPushSymbols = 100;
inline constexpr std::string_view kPushKey = "argosy_the-key-of-the-bench";

template <class T>
T push_must(core::Result<T> result) {
  if (!result) {
    fmt::print(stderr, "{}\n", result.error().describe());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// By which the clients come in, as user 1.
inline core::Result<void> add_push_key(ledger::Transaction& work, core::Timestamp now) {
  const ledger::ApiKeyRow key{.key_id = 1,
                              .user_id = 1,
                              .name = "bench",
                              .hint = "ench",
                              .key_hash = core::sha256_hex(kPushKey),
                              .created_at = now};
  return ledger::insert<ledger::ApiKeyRow>(work, {&key, 1});
}

class PushServer {
 public:
  PushServer(ledger::Pool::Open open, const core::Clock& clock)
      : pool_(std::move(open)),
        store_(pool_),
        access_(pool_, auth::Tokens(core::Secret(std::string(32, 'k'))), clock),
        tickets_(clock),
        thread_(clock, "push"),
        hub_({.access = access_, .store = store_, .tickets = tickets_, .prices = prices_}, thread_.executor(), {}),
        server_(
            push_must(net::HttpServer::start({},
                                             {.answer = [](const auto&) { return net::HttpResponse{.status = 404}; },
                                              .accept = [this](const auto&) { return hub_.admit(); }},
                                             clock))) {
    thread_.executor().post([] { core::let_others_first(); });
    hub_.start();
  }
  PushServer(const PushServer&) = delete;
  PushServer& operator=(const PushServer&) = delete;
  ~PushServer() {
    thread_.stop();
    server_->stop(std::chrono::seconds(1));
  }

  push::PriceBoard& prices() { return prices_; }
  void changes_stored() { hub_.changes_stored(); }
  [[nodiscard]] std::uint16_t port() const { return server_->address().port; }

 private:
  ledger::Pool pool_;
  rest::Store store_;
  auth::Access access_;
  push::Tickets tickets_;
  push::PriceBoard prices_;
  core::ExecutorThread thread_;
  push::Hub hub_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace argosy
