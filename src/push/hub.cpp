#include "push/hub.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>
#include <variant>

#include "core/log.hpp"
#include "ledger/room_changes.hpp"
#include "server/endpoint.hpp"

namespace argosy::push {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr std::int64_t kRowsAtOnce = 500;

std::string login_of(const auth::Identity& who) { return who.session_id.empty() ? who.key_hash : who.session_id; }

bool is_live(RoomKind kind) { return kind == RoomKind::kPrices || kind == RoomKind::kHealth; }

}  // namespace

// Hands what one client says to the executor.
class Hub::Session final : public net::WebSocketListener {
 public:
  Session(Hub& hub, ClientId id) : hub_(hub), id_(id) {}
  void on_open(std::shared_ptr<net::WebSocket> socket) override {
    hub_.executor_.post([&hub = hub_, id = id_, socket = std::move(socket)] { hub.opened(id, socket); });
  }
  void on_text(std::string text) override {
    hub_.executor_.post([&hub = hub_, id = id_, text = std::move(text)] { hub.said(id, text); });
  }
  void on_closed() override {
    hub_.executor_.post([&hub = hub_, id = id_] { hub.closed(id); });
  }

 private:
  Hub& hub_;
  ClientId id_;
};

Hub::Hub(Ports ports, core::Executor& executor, HubSettings settings)
    : ports_(ports), executor_(executor), settings_(std::move(settings)), rooms_(ports.store) {}
Hub::~Hub() = default;

std::shared_ptr<net::WebSocketListener> Hub::admit() { return std::make_shared<Session>(*this, next_id_++); }

void Hub::start() {
  executor_.post([this] { turn(); });
}

void Hub::changes_stored() {
  if (is_told_.exchange(true)) return;
  executor_.post([this] { pump(); });
}

void Hub::tell_health(std::string json) {
  executor_.post([this, json = std::move(json)] {
    health_ = health_frame(json);
    for (const ClientId id : watching_) clients_.at(id).socket->send(health_);
  });
}

// --- Clients. ---

void Hub::opened(ClientId id, std::shared_ptr<net::WebSocket> socket) {
  clients_.insert_or_assign(id, Client{.socket = std::move(socket)});
  unknown_[id] = executor_.clock().monotonic() + settings_.auth_time;
}

void Hub::closed(ClientId id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  for (const auto& [name, stored] : found->second.rooms) leave(id, stored);
  if (const auto login = logins_.find(found->second.login); login != logins_.end()) {
    login->second.clients.erase(id);
    if (login->second.clients.empty()) logins_.erase(login);
  }
  unknown_.erase(id);
  clients_.erase(found);
}

// What it says after that is not heard, and nothing is sent to it.
void Hub::end(ClientId id, int code, const std::string& reason) {
  clients_.at(id).socket->close(code, reason);
  closed(id);
}

void Hub::said(ClientId id, const std::string& text) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  Client& client = found->second;
  const Result<Said> message = read_message(text);
  if (client.login.empty() && !(message && std::holds_alternative<AuthIn>(*message)))
    return end(id, kUnknown, "the first message says who it is: {\"type\":\"auth\",\"token\":...}");
  if (!message) {
    client.socket->send(error_frame(message.error(), {}));
    return;
  }
  std::visit([&](const auto& one) { take(id, client, one); }, *message);
}

void Hub::take(ClientId id, Client& client, const AuthIn& message) {
  if (!client.login.empty()) {
    client.socket->send(error_frame(Error(ErrorCode::kConflict, "who you are is known: open another socket"), {}));
    return;
  }
  Result<auth::Identity> who = identify(message);
  if (!who) {
    const bool is_refused = who.error().code == ErrorCode::kUnauthorized;
    return end(id, is_refused ? kUnknown : 1011, is_refused ? who.error().message : "not now: try again");
  }
  client.who = *std::move(who);
  client.login = login_of(client.who);
  Login& login = logins_.try_emplace(client.login, Login{.who = client.who, .clients = {}}).first->second;
  login.clients.insert(id);
  unknown_.erase(id);
  client.socket->send(frame(WelcomeOut{.username = client.who.username,
                                       .role = client.who.role,
                                       .ledger = settings_.ledger,
                                       .time = executor_.clock().now()}));
}

Result<auth::Identity> Hub::identify(const AuthIn& message) {
  if (message.token.empty() == message.ticket.empty())
    return fail(ErrorCode::kUnauthorized, "a token or a ticket is needed, one of the two");
  if (!message.token.empty()) {
    ARGOSY_TRY(auth::Identity who, ports_.access.identify(message.token.expose()));
    if (!server::may(who, server::Access::kViewer))
      return fail(ErrorCode::kUnauthorized, "a key of the feed of charts reads nothing else");
    return who;
  }
  const std::optional<auth::Identity> shown = ports_.tickets.take(message.ticket.expose());
  if (!shown) return fail(ErrorCode::kUnauthorized, "the ticket is not valid, or no longer");
  return ports_.access.recall(*shown);
}

void Hub::take(ClientId id, Client& client, const SubscribeIn& message) {
  if (auto joined = join(id, client, message); !joined) client.socket->send(error_frame(joined.error(), message.room));
}

Result<void> Hub::join(ClientId id, Client& client, const SubscribeIn& message) {
  const std::optional<RoomName> name = parse_room(message.room);
  if (!name) return fail(no_such_room(message.room));
  if (client.rooms.size() >= settings_.most_rooms && !client.rooms.contains(message.room))
    return fail(Error(ErrorCode::kLimit, fmt::format("a client hears at most {} rooms", settings_.most_rooms))
                    .with_hint("the list of all has what the rooms of single rows have"));
  if (!is_live(name->kind)) {
    ARGOSY_TRY(const std::string stored, rooms_.stored(client.who, *name));
    return follow(id, client, *name, stored, message);
  }
  client.rooms.insert_or_assign(message.room, message.room);
  client.socket->send(frame(SubscribedOut{.room = message.room}));
  if (name->kind == RoomKind::kPrices) {
    priced_.insert(id);
    newly_priced_.insert(id);
  } else {
    watching_.insert(id);
    if (health_ != nullptr) client.socket->send(health_);
  }
  return {};
}

// The room's number is read before its rows: what changes in between is told once more, and nothing is missed.
Result<void> Hub::follow(ClientId id, Client& client, const RoomName& name, const std::string& stored,
                         const SubscribeIn& message) {
  const bool goes_on =
      message.after && !message.snapshot && (message.ledger.empty() || message.ledger == settings_.ledger);
  std::int64_t tail = 0;
  ARGOSY_TRY(const ledger::Kept kept,
             ports_.store.ledger().read([&](ledger::Transaction& work) -> Result<ledger::Kept> {
               ARGOSY_TRY(tail, ledger::last_change(work));
               if (goes_on) return ledger::changes_after(work, stored, *message.after, settings_.most_replayed);
               ledger::Kept now;
               ARGOSY_TRY(now.last, ledger::last_of_room(work, stored));
               return now;
             }));
  const bool needs_rows = message.snapshot || (message.after && !kept.is_whole);
  RoomRows rows;
  if (needs_rows) {
    ARGOSY_TRY(rows, rooms_.rows(client.who, name));
  }
  if (heard_.empty()) tail_ = tail;
  heard_[stored][id] = kept.last;
  client.rooms.insert_or_assign(message.room, stored);
  const std::int64_t begins = needs_rows || !goes_on ? kept.last : *message.after;
  client.socket->send(frame(SubscribedOut{.room = message.room, .sequence = begins}));
  if (needs_rows) {
    client.socket->send(
        snapshot_frame({.room = message.room, .sequence = kept.last, .is_whole = rows.is_whole}, rows.rows));
  } else {
    for (const ledger::ChangeRow& row : kept.rows) client.socket->send(change_frame(row));
  }
  return {};
}

void Hub::take(ClientId id, Client& client, const UnsubscribeIn& message) {
  const auto found = client.rooms.find(message.room);
  if (found == client.rooms.end()) {
    client.socket->send(error_frame(no_such_room(message.room), message.room));
    return;
  }
  leave(id, found->second);
  client.rooms.erase(found);
  client.socket->send(frame(UnsubscribedOut{.room = message.room}));
}

void Hub::take(ClientId, Client& client, const PingIn&) { client.socket->send(frame(PongOut())); }

void Hub::leave(ClientId id, const std::string& stored) {
  if (stored == kRoomNames[static_cast<std::size_t>(RoomKind::kPrices)]) {
    priced_.erase(id);
    newly_priced_.erase(id);
  } else if (stored == kRoomNames[static_cast<std::size_t>(RoomKind::kHealth)]) {
    watching_.erase(id);
  } else if (const auto found = heard_.find(stored); found != heard_.end()) {
    found->second.erase(id);
    if (found->second.empty()) heard_.erase(found);
  }
}

// --- Now and then. ---

void Hub::turn() {
  end_late();
  look_at_logins();
  pump();
  tell_prices();
  executor_.call_at(executor_.clock().now() + settings_.turn, [this] { turn(); });
}

void Hub::end_late() {
  const core::Duration now = executor_.clock().monotonic();
  while (!unknown_.empty() && unknown_.begin()->second <= now)
    end(unknown_.begin()->first, kTooLate, "it did not say who it is");
}

// A ledger that cannot be read ends nobody.
void Hub::look_at_logins() {
  const core::Duration time = executor_.clock().monotonic();
  if (logins_.empty() || time < next_look_) return;
  next_look_ = time + settings_.look_at_logins;
  std::vector<const Login*> logins;
  std::vector<const auth::Identity*> all;
  for (const auto& [key, login] : logins_) {
    logins.push_back(&login);
    all.push_back(&login.who);
  }
  const auto roles = ports_.access.roles_now(all);
  if (!roles) return note_trouble(roles.error());
  std::vector<std::pair<ClientId, std::string>> ended;
  for (std::size_t i = 0; i < logins.size(); ++i) {
    const std::optional<ledger::Role>& role = (*roles)[i];
    if (role == logins[i]->who.role) continue;
    for (const ClientId id : logins[i]->clients)
      ended.emplace_back(id, role ? "the role is another one" : "the login has ended");
  }
  for (const auto& [id, why] : ended) end(id, kUnknown, why);
}

void Hub::pump() {
  is_told_ = false;
  while (!heard_.empty()) {
    const auto rows = ports_.store.ledger().read(
        [&](ledger::Transaction& work) { return ledger::all_changes_after(work, tail_, kRowsAtOnce); });
    if (!rows) return note_trouble(rows.error());
    in_trouble_ = false;
    for (const ledger::ChangeRow& row : *rows) {
      deliver(row);
      tail_ = row.change_id;
    }
    if (std::ssize(*rows) < kRowsAtOnce) return;
  }
}

void Hub::deliver(const ledger::ChangeRow& row) {
  const auto hearers = heard_.find(row.room);
  if (hearers == heard_.end()) return;
  Frame text;
  for (auto& [id, last] : hearers->second) {
    if (row.sequence <= last) continue;
    if (text == nullptr) text = change_frame(row);
    last = row.sequence;
    clients_.at(id).socket->send(text);
  }
}

void Hub::tell_prices() {
  const std::vector<PriceBoard::Price> changed = ports_.prices.take_changed();
  if (priced_.empty()) return;
  const std::set<ClientId> fresh = std::exchange(newly_priced_, {});
  if (!changed.empty() && fresh.size() < priced_.size()) {
    const Frame text = prices_frame(shown(changed));
    for (const ClientId id : priced_) {
      if (!fresh.contains(id)) clients_.at(id).socket->send(text);
    }
  }
  if (fresh.empty()) return;
  const Frame all = prices_frame(shown(ports_.prices.all()));
  for (const ClientId id : fresh) clients_.at(id).socket->send(all);
}

// With the symbols as the ledger has them.
std::vector<PriceOut> Hub::shown(const std::vector<PriceBoard::Price>& prices) {
  std::vector<PriceOut> out;
  for (const PriceBoard::Price& each : prices) {
    if (!symbols_.contains(each.instrument_id)) {
      constexpr std::array kTypes = {ledger::ColumnType::kInteger, ledger::ColumnType::kText};
      const auto known = ports_.store.ledger().read([&](ledger::Transaction& work) {
        return work.query("SELECT instrument_id, symbol FROM instruments", kTypes, {},
                          [&](const ledger::Row& row) -> Result<void> {
                            symbols_.insert_or_assign(row.integer(0), row.text(1));
                            return {};
                          });
      });
      if (!known) note_trouble(known.error());
    }
    const auto symbol = symbols_.find(each.instrument_id);
    if (symbol == symbols_.end()) continue;
    out.push_back({.symbol = symbol->second,
                   .bid = each.quote.bid,
                   .ask = each.quote.ask,
                   .last = each.quote.last,
                   .time = each.quote.time});
  }
  return out;
}

void Hub::note_trouble(const Error& error) {
  if (std::exchange(in_trouble_, true)) return;
  core::log_warning("clients cannot be told what changes", {{"why", error.message}});
}

}  // namespace argosy::push
