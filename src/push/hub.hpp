// Everybody who listens over WebSocket: lets clients in, knows who hears which room, and tells each what changed, once
// and in order. The ledger is read after what it tells of is stored; nothing here is waited for by anybody who trades.
//
//   Hub hub({.access = access, .store = store, ...}, executor, settings);
//   hub.start();
//   HttpServer::start(settings, {.answer = ..., .accept = [&](const auto&) { return hub.admit(); }}, clock);
//   hub.changes_stored();     // from any thread, after something was written
//
// All work is done on the executor, whose thread must have ended before the server's sockets go, and those before the
// hub. A client is closed with a reason: 4401, it is not, or no longer, known; 4408, it did not say who it is in time.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "auth/access.hpp"
#include "core/executor.hpp"
#include "net/http_server.hpp"
#include "push/messages.hpp"
#include "push/price_board.hpp"
#include "push/rooms.hpp"
#include "push/tickets.hpp"

namespace argosy::push {

inline constexpr int kUnknown = 4401;
inline constexpr int kTooLate = 4408;

struct HubSettings {
  core::Duration turn = std::chrono::milliseconds(250);            // between two looks at prices and the ledger
  core::Duration look_at_logins = std::chrono::milliseconds(500);  // between two
  core::Duration auth_time = std::chrono::seconds(10);             // for the first message
  std::size_t most_rooms = 500;                                    // of a client
  std::int64_t most_replayed = 500;                                // changes; who missed more gets a snapshot
  std::string ledger;                                              // its instance
};

class Hub {
 public:
  // All outlive it.
  struct Ports {
    auth::Access& access;
    const rest::Store& store;
    Tickets& tickets;
    PriceBoard& prices;
  };
  Hub(Ports ports, core::Executor& executor, HubSettings settings);
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  void start();

  // --- From any thread. ---
  // Who listens to one more client.
  [[nodiscard]] std::shared_ptr<net::WebSocketListener> admit();
  void changes_stored();
  void tell_health(std::string json);

 private:
  class Session;
  using ClientId = std::uint64_t;
  struct Client {
    std::shared_ptr<net::WebSocket> socket;
    auth::Identity who = {};
    std::string login = {};  // the key in logins_; empty: not known yet
    core::Duration until = {};
    std::map<std::string, std::string, std::less<>> rooms = {};  // as the client names it: as the ledger does
  };
  // One login, or one key of a program: what ends it ends all its clients.
  struct Login {
    auth::Identity who;
    std::set<ClientId> clients;
  };

  void opened(ClientId id, std::shared_ptr<net::WebSocket> socket);
  void closed(ClientId id);
  void said(ClientId id, const std::string& text);
  void take(ClientId id, Client& client, const AuthIn& message);
  void take(ClientId id, Client& client, const SubscribeIn& message);
  void take(ClientId id, Client& client, const UnsubscribeIn& message);
  void take(ClientId id, Client& client, const PingIn& message);
  [[nodiscard]] core::Result<auth::Identity> identify(const AuthIn& message);
  [[nodiscard]] core::Result<void> join(ClientId id, Client& client, const SubscribeIn& message);
  [[nodiscard]] core::Result<void> follow(ClientId id, Client& client, const RoomName& name, const std::string& stored,
                                          const SubscribeIn& message);
  void leave(ClientId id, const std::string& stored);
  void end(ClientId id, int code, const std::string& reason);

  void turn();
  void end_late();
  void look_at_logins();
  void pump();
  void deliver(const ledger::ChangeRow& row);
  void tell_prices();
  [[nodiscard]] std::vector<PriceOut> shown(const std::vector<PriceBoard::Price>& prices);
  void note_trouble(const core::Error& error);

  Ports ports_;
  core::Executor& executor_;
  HubSettings settings_;
  Rooms rooms_;
  std::atomic<ClientId> next_id_ = 1;
  std::atomic<bool> is_told_ = false;  // the ledger will be looked at

  // Only on the executor.
  std::unordered_map<ClientId, Client> clients_;
  std::map<ClientId, core::Duration> unknown_;  // until when they may be; the oldest first
  std::map<std::string, Login> logins_;
  // By the ledger's name of the room: who hears it, and the last number that each was sent.
  std::unordered_map<std::string, std::map<ClientId, std::int64_t>> heard_;
  std::int64_t tail_ = 0;          // the last change that was handed out, while anybody hears a room
  core::Duration next_look_ = {};  // at logins
  std::set<ClientId> priced_;
  std::set<ClientId> newly_priced_;  // they get all prices
  std::set<ClientId> watching_;      // health
  Frame health_;
  std::unordered_map<std::int64_t, std::string> symbols_;
  bool in_trouble_ = false;
};

}  // namespace argosy::push
