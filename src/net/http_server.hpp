// A server of HTTP/1.1 and WebSocket, over TLS or plain. One thread of its own moves bytes; handlers are ordinary
// functions, called on a few others, so that none of them keeps a connection waiting that does not wait for it.
//
//   ARGOSY_TRY(const auto server, HttpServer::start({.address = {"127.0.0.1", 8'080}},
//                                                   {.answer = [](const HttpRequest& request) { return ...; }},
//                                                   clock));
//   server->address().port                       // the one that it got, where 0 was asked for
//   server->stop(std::chrono::seconds(5));       // what is being answered is answered; then all is closed
//
// What comes from outside is bounded in size, number and time. A request that is too large or no HTTP is refused with a
// status, and the connection closed; so is one that is too slow, without a word. When too many wait for a thread the
// answer is 503 with Retry-After. Bodies of text are compressed for clients that take gzip.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "net/http.hpp"
#include "net/stream.hpp"

namespace argosy::net {

// PEM files; the certificate with those that vouch for it.
struct TlsFiles {
  std::string certificate;
  std::string key;
};

struct HttpServerSettings {
  Address address = {.host = "127.0.0.1", .port = 0};
  std::optional<TlsFiles> tls = {};  // TLS 1.2 and 1.3 alone
  int workers = 4;                   // handlers that run at once; those that wait for others (core/waits.hpp) besides
  std::size_t most_waiting = 128;    // requests beyond `workers` that are answered or wait for a place
  std::size_t most_connections = 20'000;
  std::size_t most_header_bytes = 16 * 1024;
  std::size_t most_body_bytes = 8 * 1024 * 1024;
  core::Duration header_time = std::chrono::seconds(10);  // for the whole header, from its first byte; and for TLS
  core::Duration body_time = std::chrono::seconds(30);
  core::Duration idle_time = std::chrono::seconds(75);  // between requests
  core::Duration write_time = std::chrono::seconds(30);
  std::size_t compressed_from = 1024;  // bytes
  // WebSocket.
  std::size_t most_message_bytes = 64 * 1024;  // received
  std::size_t most_messages = 200;             // received in `messages_time`, with pings: who says more is closed
  core::Duration messages_time = std::chrono::seconds(10);
  std::size_t most_unsent_bytes = 1024 * 1024;  // of one client, that were sent and not taken by it: it is closed
  core::Duration close_time = std::chrono::seconds(5);   // for a client to take the reason why it is closed
  core::Duration ping_every = std::chrono::seconds(20);  // of silence; as long again without an answer: it is closed
};

// One client that speaks WebSocket. From any thread; when it is gone nothing happens.
class WebSocket {
 public:
  WebSocket() = default;
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;
  virtual ~WebSocket() = default;
  // A message of text. One text may go to many clients.
  virtual void send(std::shared_ptr<const std::string> text) = 0;
  void send(std::string text) { send(std::make_shared<const std::string>(std::move(text))); }
  // RFC 6455, 7.4.1: 1000, 1001, 1008, 1011, 4000 to 4999. What was sent before goes out first.
  virtual void close(int code, std::string reason) = 0;
  [[nodiscard]] virtual const std::string& peer() const = 0;
};

// Who is told what a client says: on the server's own thread, which it must not keep.
class WebSocketListener {
 public:
  virtual ~WebSocketListener() = default;
  virtual void on_open(std::shared_ptr<WebSocket> socket) = 0;
  virtual void on_text(std::string text) = 0;
  // The last call.
  virtual void on_closed() = 0;
};

struct HttpHandlers {
  // Any request. What it throws is a mistake of the program: answered with 500, logged.
  std::function<HttpResponse(const HttpRequest&)> answer;
  // A request to speak WebSocket: who listens, or what to answer instead. Null: nobody speaks it.
  std::function<std::expected<std::shared_ptr<WebSocketListener>, HttpResponse>(const HttpRequest&)> accept = {};
};

struct HttpServerCounts {
  std::uint64_t connections = 0;  // so far
  std::uint64_t open = 0;         // now
  std::uint64_t requests = 0;
  std::uint64_t refused = 0;      // no HTTP, too large or too slow
  std::uint64_t busy = 0;         // answered with 503
  std::uint64_t waiting = 0;      // now, for a worker or by one
  std::uint64_t web_sockets = 0;  // now
};

class HttpServer {
 public:
  // It listens when this returns. Errors: kAlreadyExists, somebody listens there; kInvalidArgument, no address of this
  // machine, or files of TLS that cannot be used. The clock outlives it.
  [[nodiscard]] static core::Result<std::unique_ptr<HttpServer>> start(HttpServerSettings settings,
                                                                       HttpHandlers handlers, const core::Clock& clock);
  HttpServer() = default;
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  virtual ~HttpServer() = default;  // stops at once

  [[nodiscard]] virtual const Address& address() const = 0;
  [[nodiscard]] virtual HttpServerCounts counts() const = 0;
  // Takes no new connections, closes idle ones, tells WebSocket clients that it goes away (1001), and waits so long for
  // those that are being answered. Once; not from a handler.
  virtual void stop(core::Duration time) = 0;
};

}  // namespace argosy::net
