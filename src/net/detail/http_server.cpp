#include "net/http_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/asio.hpp>
#include <boost/asio/experimental/as_tuple.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast.hpp>
#include <boost/beast/ssl.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "core/log.hpp"
#include "core/thread_priority.hpp"
#include "net/detail/http_message.hpp"
#include "net/detail/workers.hpp"

namespace argosy::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
namespace websocket = beast::websocket;
using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;
using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using detail::has_control;

constexpr auto kResult = asio::experimental::as_tuple(asio::use_awaitable);
// How long nothing is accepted when the system has no descriptors left.
constexpr std::chrono::milliseconds kAcceptPause{100};
// How long a connection that is refused may go on sending: it would not read the answer otherwise.
constexpr std::chrono::seconds kLinger{1};

constexpr int kBadRequest = 400;
constexpr int kTooLarge = 413;
constexpr int kHeaderTooLarge = 431;
constexpr int kInternal = 500;
constexpr int kBusy = 503;
constexpr int kVersion11 = 11;
constexpr int kNoContent = 204;
constexpr int kNotModified = 304;

// --- What is said of each. ---

constexpr std::string_view code_of(int status) {
  switch (status) {
    case kTooLarge:
    case kHeaderTooLarge:
      return "too_large";
    case kInternal:
      return "internal";
    case kBusy:
      return "unavailable";
    default:
      return "invalid_argument";
  }
}

// A refusal before anybody was asked; it has no number of a request.
HttpResponse refusal(int status, std::string_view why) {
  HttpResponse response = text_response(
      status, "application/problem+json",
      fmt::format(R"({{"type":"about:blank","title":"{}","status":{},"detail":"{}","code":"{}"}})",
                  std::string_view(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)))), status,
                  why, code_of(status)));
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  return response;
}

// --- Requests. ---

using Parser = http::request_parser<http::string_body>;

// Why a request is none that is answered, though it could be read. Two lengths, or a length that somebody between here
// and the client may read otherwise, are how requests are smuggled (RFC 9112, 6.3 and 11.2).
std::optional<std::string_view> find_wrong(const Parser::value_type& request) {
  if (request.version() != kVersion11 && request.version() != kVersion11 - 1) return "this is not HTTP/1.1";
  if (request.version() == kVersion11 && request.count(http::field::host) != 1) return "one Host is needed";
  if (!request.target().starts_with('/')) return "the target of a request begins with '/'";
  if (has_control(request.target())) return "the target of a request has no control characters";
  const auto encodings = request.count(http::field::transfer_encoding);
  if (encodings > 0 && request.count(http::field::content_length) > 0) return "two ways to tell a length";
  if (encodings > 1 || (encodings == 1 && !beast::iequals(request[http::field::transfer_encoding], "chunked")))
    return "no Transfer-Encoding but chunked";
  return std::nullopt;
}

int status_of(error_code error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) return kHeaderTooLarge;
  if (error == http::error::body_limit) return kTooLarge;
  return kBadRequest;
}

std::string_view words_of(int status) {
  switch (status) {
    case kHeaderTooLarge:
      return "the header of the request is too large";
    case kTooLarge:
      return "the body of the request is too large";
    default:
      return "this is no request that can be read";
  }
}

// The other side is gone, or says no more: there is nobody to answer.
bool is_gone(error_code error) {
  return error.category() != http::make_error_code(http::error::bad_version).category();
}

HttpRequest to_request(Parser::value_type& message, const std::string& peer, bool is_secure) {
  HttpRequest request{.method = std::string(message.method_string()), .peer = peer, .is_secure = is_secure};
  const std::string_view target = message.target();
  const std::size_t query = std::min(target.find('?'), target.size());
  request.path = target.substr(0, query);
  request.query = target.substr(std::min(query + 1, target.size()));
  for (const auto& field : message) request.headers.add(std::string(field.name_string()), std::string(field.value()));
  request.body = std::move(message.body());
  return request;
}

// --- The server. ---

class Server;

// A connection: somebody at stop() must find it.
class Open {
 public:
  Open() = default;
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;
  virtual ~Open() = default;
  // The server goes away: it ends when nothing is being answered.
  virtual void go_away() = 0;
};

class Server final : public HttpServer {
 public:
  Server(HttpServerSettings settings, HttpHandlers handlers, const core::Clock& clock)
      : settings_(std::move(settings)),
        handlers_(std::move(handlers)),
        clock_(clock),
        workers_(static_cast<std::size_t>(settings_.workers),
                 static_cast<std::size_t>(settings_.workers) + settings_.most_waiting) {}

  Result<void> listen();
  void begin() {
    asio::co_spawn(context_, accept_all(), asio::detached);
    thread_ = std::thread([this] {
      core::let_others_first();
      context_.run();
    });
  }
  ~Server() override {
    workers_.stop();
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] const Address& address() const override { return address_; }
  [[nodiscard]] HttpServerCounts counts() const override {
    return {.connections = connections_,
            .open = open_,
            .requests = requests_,
            .refused = refused_,
            .busy = busy_,
            .waiting = waiting_,
            .web_sockets = web_sockets_};
  }
  void stop(core::Duration time) override;

  // On its thread, by connections.
  [[nodiscard]] const HttpServerSettings& settings() const { return settings_; }
  [[nodiscard]] const HttpHandlers& handlers() const { return handlers_; }
  [[nodiscard]] bool stops() const { return stops_; }
  void add(Open& one) { opened_.insert(&one); }
  void remove(Open& one) { opened_.erase(&one); }
  void count_refused() { ++refused_; }
  void count_web_sockets(int change) { web_sockets_ += static_cast<std::uint64_t>(change); }
  awaitable<HttpResponse> answer(HttpRequest request);
  [[nodiscard]] std::string date() const { return detail::http_date(clock_.now()); }

 private:
  awaitable<void> accept_all();
  awaitable<void> serve(tcp::socket socket);
  [[nodiscard]] HttpResponse ask(const HttpRequest& request) const;

  HttpServerSettings settings_;
  HttpHandlers handlers_;
  const core::Clock& clock_;
  Address address_;
  std::atomic<std::uint64_t> connections_ = 0;
  std::atomic<std::uint64_t> open_ = 0;
  std::atomic<std::uint64_t> requests_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  std::atomic<std::uint64_t> busy_ = 0;
  std::atomic<std::uint64_t> waiting_ = 0;
  std::atomic<std::uint64_t> web_sockets_ = 0;
  std::set<Open*> opened_;
  bool stops_ = false;
  std::mutex mutex_;
  std::condition_variable ended_;
  // What is being answered holds a connection of the context, so that the workers must be gone first.
  asio::io_context context_{1};
  std::optional<ssl::context> tls_;
  tcp::acceptor acceptor_{context_};
  detail::Workers workers_;
  std::thread thread_;
};

// --- WebSocket. ---

// What listeners hold. The connection may be gone; then nothing happens.
template <class Stream>
class Talk final : public WebSocket, public std::enable_shared_from_this<Talk<Stream>> {
 public:
  using Socket = websocket::stream<Stream>;
  using Code = websocket::close_code;

  Talk(const HttpServerSettings& settings, Socket& socket, std::string peer)
      : most_unsent_(settings.most_unsent_bytes),
        close_time_(settings.close_time),
        executor_(socket.get_executor()),
        socket_(&socket),
        peer_(std::move(peer)) {}

  void send(std::shared_ptr<const std::string> text) override {
    asio::post(executor_, [self = this->shared_from_this(), text = std::move(text)] { self->queue(text); });
  }
  void close(int code, std::string reason) override {
    asio::post(executor_, [self = this->shared_from_this(), code, reason = std::move(reason)]() mutable {
      self->close_soon(code, std::move(reason));
    });
  }
  [[nodiscard]] const std::string& peer() const override { return peer_; }

  void detach() { socket_ = nullptr; }
  [[nodiscard]] bool is_closing() const { return closing_.has_value(); }
  void close_soon(int code, std::string reason) {
    if (closing_ || socket_ == nullptr) return;
    constexpr std::size_t kMostReason = 120;  // of 123 in a frame
    reason.resize(std::min(reason.size(), kMostReason));
    closing_ = websocket::close_reason(static_cast<Code>(code), reason);
    asio::co_spawn(executor_, end_by_force(this->shared_from_this()), asio::detached);
    write_next();
  }

 private:
  // Who takes nothing does not take the reason either. The timer is not the talk's, which others hold for longer than
  // there is a server.
  static awaitable<void> end_by_force(std::shared_ptr<Talk> self) {
    asio::steady_timer timer(self->executor_, self->close_time_);
    co_await timer.async_wait(kResult);
    if (self->socket_ != nullptr) beast::get_lowest_layer(*self->socket_).close();
  }

  void queue(const std::shared_ptr<const std::string>& text) {
    if (socket_ == nullptr || closing_) return;
    unsent_ += text->size();
    if (unsent_ > most_unsent_) {
      // The one that is being written stays.
      while (waiting_.size() > (is_writing_ ? 1U : 0U)) waiting_.pop_back();
      return close_soon(Code::policy_error, "it takes too slowly what it is sent");
    }
    waiting_.push_back(text);
    write_next();
  }
  void write_next() {
    if (socket_ == nullptr || is_writing_) return;
    if (!waiting_.empty()) {
      is_writing_ = true;
      socket_->text(true);
      socket_->async_write(asio::buffer(*waiting_.front()),
                           [self = this->shared_from_this()](error_code error, std::size_t) {
                             self->is_writing_ = false;
                             self->unsent_ -= std::min(self->unsent_, self->waiting_.front()->size());
                             self->waiting_.pop_front();
                             if (!error) self->write_next();
                           });
    } else if (closing_ && !is_closed_) {
      is_closed_ = true;
      socket_->async_close(*closing_, [self = this->shared_from_this()](error_code) {});
    }
  }

  std::size_t most_unsent_;
  core::Duration close_time_;
  asio::any_io_executor executor_;
  Socket* socket_;
  std::string peer_;
  std::deque<std::shared_ptr<const std::string>> waiting_;
  std::size_t unsent_ = 0;  // bytes of those
  bool is_writing_ = false;
  bool is_closed_ = false;
  std::optional<websocket::close_reason> closing_;
};

// How often a client may say something: so many in each stretch of time.
class SaidCount {
 public:
  explicit SaidCount(const HttpServerSettings& settings)
      : most_(settings.most_messages), time_(settings.messages_time), since_(Clock::now()) {}
  // False: that was one too many.
  bool take() {
    const Clock::time_point now = Clock::now();
    if (now - since_ >= time_) {
      since_ = now;
      said_ = 0;
    }
    return ++said_ <= most_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::size_t most_;
  core::Duration time_;
  Clock::time_point since_;
  std::size_t said_ = 0;
};

// Hands on what a client says until it is gone.
template <class Stream>
awaitable<void> hear(websocket::stream<Stream>& socket, Talk<Stream>& talk, WebSocketListener& listener,
                     const HttpServerSettings& settings) {
  SaidCount count(settings);
  const auto is_too_much = [&] {
    if (count.take()) return false;
    talk.close_soon(websocket::close_code::policy_error, "it says too much in too short a time");
    return true;
  };
  // A ping is answered, which is work too.
  socket.control_callback([&](websocket::frame_type type, auto) {
    if (type == websocket::frame_type::ping) (void)is_too_much();
  });
  while (true) {
    beast::flat_buffer message;
    const auto [error, size] = co_await socket.async_read(message, kResult);
    if (error) break;
    if (talk.is_closing() || is_too_much()) continue;
    if (!socket.got_text()) {
      talk.close_soon(websocket::close_code::unknown_data, "messages are text");
      continue;
    }
    listener.on_text(beast::buffers_to_string(message.data()));
  }
  socket.control_callback();
}

// --- Connections. ---

template <class Stream>
class Connection final : public Open {
 public:
  Connection(Server& server, Stream stream, std::string peer, bool is_secure)
      : server_(server), stream_(std::move(stream)), peer_(std::move(peer)), is_secure_(is_secure) {
    server_.add(*this);
  }
  ~Connection() override { server_.remove(*this); }

  [[nodiscard]] Stream& stream() { return stream_; }
  void expire_after(core::Duration time) { beast::get_lowest_layer(stream_).expires_after(time); }

  void go_away() override {
    if (talk_) {
      talk_->close_soon(websocket::close_code::going_away, "the server ends");
    } else if (is_idle_) {
      error_code ignored;
      (void)beast::get_lowest_layer(stream_).socket().shutdown(tcp::socket::shutdown_both, ignored);
      beast::get_lowest_layer(stream_).cancel();
    }
  }

  // Request after request.
  awaitable<void> run() {
    while (co_await wait_for_request()) {
      Parser parser;
      parser.header_limit(static_cast<std::uint32_t>(server_.settings().most_header_bytes));
      parser.body_limit(server_.settings().most_body_bytes);
      if (!co_await read(parser)) co_return;
      if (is_upgrade_) {
        co_await upgrade(parser.release());
        co_return;
      }
      auto message = parser.release();
      const bool keep_alive = message.keep_alive();
      const bool is_head = message.method() == http::verb::head;
      HttpResponse response = co_await server_.answer(to_request(message, peer_, is_secure_));
      if (!co_await write(std::move(response), is_head, keep_alive && !server_.stops())) co_return;
    }
    co_await end();
  }

 private:
  awaitable<bool> wait_for_request() {
    if (server_.stops()) co_return false;
    if (buffer_.size() > 0) co_return true;
    constexpr std::size_t kChunk = 4096;
    is_idle_ = true;
    expire_after(server_.settings().idle_time);
    const auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(kChunk), kResult);
    is_idle_ = false;
    buffer_.commit(size);
    co_return !error;
  }

  // False: it was refused, or its sender is gone.
  awaitable<bool> read(Parser& parser) {
    expire_after(server_.settings().header_time);
    const auto [header_error, header_size] = co_await http::async_read_header(stream_, buffer_, parser, kResult);
    if (header_error) co_return co_await refuse(header_error);
    if (const auto wrong = find_wrong(parser.get())) {
      server_.count_refused();
      (void)co_await write(refusal(kBadRequest, *wrong), false, false);
      co_await linger();
      co_return false;
    }
    is_upgrade_ = websocket::is_upgrade(parser.get()) && server_.handlers().accept != nullptr;
    if (is_upgrade_) co_return true;
    expire_after(server_.settings().body_time);
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      http::response<http::empty_body> go_on(http::status::continue_, kVersion11);
      const auto [error, size] = co_await http::async_write(stream_, go_on, kResult);
      if (error) co_return false;
    }
    const auto [error, size] = co_await http::async_read(stream_, buffer_, parser, kResult);
    if (error) co_return co_await refuse(error);
    co_return true;
  }

  awaitable<bool> refuse(error_code error) {
    // The stream closes what is too slow by itself.
    if (error == beast::error::timeout) server_.count_refused();
    if (is_gone(error) || error == http::error::end_of_stream || error == http::error::partial_message) co_return false;
    server_.count_refused();
    const int status = status_of(error);
    (void)co_await write(refusal(status, words_of(status)), false, false);
    co_await linger();
    co_return false;
  }

  awaitable<bool> write(HttpResponse response, bool is_head, bool keep_alive) {
    http::response<http::string_body> out(http::int_to_status(static_cast<unsigned>(response.status)), kVersion11);
    out.result(static_cast<unsigned>(response.status));
    for (const auto& [name, value] : response.headers) out.insert(name, value);
    out.set(http::field::date, server_.date());
    out.keep_alive(keep_alive);
    const bool has_body = response.status != kNoContent && response.status != kNotModified;
    if (has_body) out.content_length(response.body.size());
    if (has_body && !is_head) out.body() = std::move(response.body);
    http::response_serializer<http::string_body> serializer(out);
    expire_after(server_.settings().write_time);
    if (is_head || !has_body) {
      serializer.split(true);
      const auto [error, size] = co_await http::async_write_header(stream_, serializer, kResult);
      co_return !error && keep_alive;
    }
    const auto [error, size] = co_await http::async_write(stream_, serializer, kResult);
    co_return !error && keep_alive;
  }

  // What is still on its way is taken for a moment, lest a reset takes the answer away.
  awaitable<void> linger() {
    error_code ignored;
    (void)beast::get_lowest_layer(stream_).socket().shutdown(tcp::socket::shutdown_send, ignored);
    expire_after(kLinger);
    constexpr std::size_t kMost = 64;  // reads
    buffer_.clear();
    for (std::size_t i = 0; i < kMost; ++i) {
      const auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(buffer_.max_size()), kResult);
      if (error) break;
    }
  }

  awaitable<void> end() {
    expire_after(kLinger);
    if constexpr (!std::is_same_v<Stream, beast::tcp_stream>) {
      (void)co_await stream_.async_shutdown(kResult);
    }
    error_code ignored;
    (void)beast::get_lowest_layer(stream_).socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  awaitable<void> upgrade(Parser::value_type message) {
    const auto accepted = server_.handlers().accept(to_request(message, peer_, is_secure_));
    if (!accepted) {
      (void)co_await write(accepted.error(), false, false);
      co_await linger();
      co_return;
    }
    beast::get_lowest_layer(stream_).expires_never();
    websocket::stream<Stream> socket(std::move(stream_));
    socket.set_option(websocket::stream_base::timeout{.handshake_timeout = server_.settings().header_time,
                                                      .idle_timeout = 2 * server_.settings().ping_every,
                                                      .keep_alive_pings = true});
    socket.read_message_max(server_.settings().most_message_bytes);
    // One write a message: in pieces of 4 KiB, each would be copied and sent on its own.
    socket.auto_fragment(false);
    if (const auto [error] = co_await socket.async_accept(message, kResult); error) co_return;
    talk_ = std::make_shared<Talk<Stream>>(server_.settings(), socket, peer_);
    server_.count_web_sockets(1);
    (*accepted)->on_open(talk_);
    if (server_.stops()) go_away();
    co_await hear(socket, *talk_, **accepted, server_.settings());
    talk_->detach();
    server_.count_web_sockets(-1);
    (*accepted)->on_closed();
  }

  Server& server_;
  Stream stream_;
  std::string peer_;
  bool is_secure_;
  bool is_idle_ = true;
  bool is_upgrade_ = false;
  std::shared_ptr<Talk<Stream>> talk_;
  beast::flat_buffer buffer_{kMostBuffered};
  static constexpr std::size_t kMostBuffered = 64 * 1024;
};

Result<void> Server::listen() {
  if (settings_.tls) {
    tls_.emplace(ssl::context::tls_server);
    tls_->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                      ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
    error_code error;
    (void)tls_->use_certificate_chain_file(settings_.tls->certificate, error);
    if (error) {
      return fail(Error(ErrorCode::kInvalidArgument,
                        fmt::format("{} is no certificate: {}", settings_.tls->certificate, error.message())));
    }
    (void)tls_->use_private_key_file(settings_.tls->key, ssl::context::pem, error);
    if (error) {
      return fail(Error(ErrorCode::kInvalidArgument,
                        fmt::format("{} is not the certificate's key: {}", settings_.tls->key, error.message())));
    }
  }
  error_code error;
  const std::string& host = settings_.address.host;
  const auto ip = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error)
    return fail(
        Error(ErrorCode::kInvalidArgument, fmt::format("{} is no address", host)).with_hint("such as 127.0.0.1"));
  const tcp::endpoint endpoint(ip, settings_.address.port);
  (void)acceptor_.open(endpoint.protocol(), error);
  if (!error) (void)acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) (void)acceptor_.bind(endpoint, error);
  if (!error) (void)acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use) {
    return fail(Error(ErrorCode::kAlreadyExists, fmt::format("somebody listens at {}", settings_.address.to_string()))
                    .with_hint("choose another port, or end the other program"));
  }
  if (error) {
    return fail(Error(ErrorCode::kInvalidArgument,
                      fmt::format("cannot listen at {}: {}", settings_.address.to_string(), error.message())));
  }
  address_ = {.host = host, .port = acceptor_.local_endpoint().port()};
  return {};
}

awaitable<void> Server::accept_all() {
  while (!stops_) {
    auto [error, socket] = co_await acceptor_.async_accept(kResult);
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      asio::steady_timer pause(context_, kAcceptPause);
      co_await pause.async_wait(kResult);
      continue;
    }
    if (open_ >= settings_.most_connections) {
      ++refused_;
      continue;
    }
    ++connections_;
    ++open_;
    asio::co_spawn(context_, serve(std::move(socket)), [this](const std::exception_ptr& problem) {
      --open_;
      if (problem) core::log_error("a connection ended with an error of the program", {});
      const std::scoped_lock lock(mutex_);
      ended_.notify_all();
    });
  }
}

awaitable<void> Server::serve(tcp::socket socket) {
  error_code error;
  (void)socket.set_option(tcp::no_delay(true), error);
  const auto remote = socket.remote_endpoint(error);
  if (error) co_return;
  std::string peer = remote.address().to_string();
  if (!tls_) {
    Connection connection(*this, beast::tcp_stream(std::move(socket)), std::move(peer), false);
    co_return co_await connection.run();
  }
  Connection connection(*this, beast::ssl_stream<beast::tcp_stream>(std::move(socket), *tls_), std::move(peer), true);
  connection.expire_after(settings_.header_time);
  const auto [failed] = co_await connection.stream().async_handshake(ssl::stream_base::server, kResult);
  if (failed) {
    ++refused_;
    co_return;
  }
  co_await connection.run();
}

// On a worker.
HttpResponse Server::ask(const HttpRequest& request) const {
  HttpResponse response;
  try {
    response = handlers_.answer(request);
  } catch (const std::exception& problem) {
    core::log_error("a request was not answered", {{"path", request.path}, {"why", problem.what()}});
    return refusal(kInternal, "this is a mistake of the program");
  }
  for (const auto& [name, value] : response.headers) {
    if (!has_control(name) && !has_control(value)) continue;
    core::log_error("an answer has control characters in its header", {{"path", request.path}, {"header", name}});
    return refusal(kInternal, "this is a mistake of the program");
  }
  detail::compress(request, response, settings_.compressed_from);
  return response;
}

awaitable<HttpResponse> Server::answer(HttpRequest request) {
  ++requests_;
  if (waiting_ >= static_cast<std::size_t>(settings_.workers) + settings_.most_waiting) {
    ++busy_;
    HttpResponse response = refusal(kBusy, "too much is being asked");
    response.headers.add("Retry-After", "1");
    co_return response;
  }
  ++waiting_;
  HttpResponse response = co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(HttpResponse)>(
      [&](auto handler) {
        workers_.post([this, &request, done = std::move(handler)]() mutable {
          HttpResponse answered = ask(request);
          asio::post(context_, [done = std::move(done), answered = std::move(answered)]() mutable {
            std::move(done)(std::move(answered));
          });
        });
      },
      asio::use_awaitable);
  --waiting_;
  co_return response;
}

void Server::stop(core::Duration time) {
  asio::post(context_, [this] {
    stops_ = true;
    error_code ignored;
    (void)acceptor_.close(ignored);
    for (Open* each : std::set<Open*>(opened_)) each->go_away();
  });
  std::unique_lock lock(mutex_);
  ended_.wait_for(lock, time, [this] { return open_ == 0; });
  lock.unlock();
  workers_.stop();
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerSettings settings, HttpHandlers handlers,
                                                      const core::Clock& clock) {
  auto server = std::make_unique<Server>(std::move(settings), std::move(handlers), clock);
  ARGOSY_TRY_VOID(server->listen());
  server->begin();
  return server;
}

}  // namespace argosy::net
