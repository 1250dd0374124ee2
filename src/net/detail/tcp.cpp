#include "net/tcp.hpp"

#include <atomic>
#include <boost/asio.hpp>
#include <chrono>
#include <cstddef>
#include <future>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/limits.hpp"
#include "net/detail/accept_queue.hpp"
#include "net/detail/errors.hpp"
#include "net/detail/inbox.hpp"

namespace argosy::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using core::Error;
using core::ErrorCode;
using core::Result;
using detail::AcceptQueue;
using detail::Inbox;

// How long a closed stream waits for progress: to send what was written, and for the other side to close, too.
constexpr std::chrono::seconds kCloseLinger{2};
// How long nothing is accepted when the system has no descriptors left.
constexpr std::chrono::milliseconds kAcceptPause{100};

// What lives on the I/O thread and ends with the network.
class Closable {
 public:
  Closable() = default;
  Closable(const Closable&) = delete;
  Closable& operator=(const Closable&) = delete;
  virtual void on_network_gone() = 0;

 protected:
  ~Closable() = default;
};

// The I/O thread. Streams and acceptors share it, for they may outlive their network.
class Io {
 public:
  Io() : thread_([this] { context_.run(); }) {}

  [[nodiscard]] asio::io_context& context() { return context_; }

  // Nothing is posted any more once the thread goes: it would lie in a queue that nobody empties.
  template <class Work>
  void post(Work work) {
    if (!gone_) asio::post(context_, std::move(work));
  }
  // Returns when the work is done. From the owner's thread.
  template <class Work>
  void run(Work work) {
    if (gone_) return;
    std::promise<void> done;
    const std::future<void> waiting = done.get_future();
    asio::post(context_, [work = std::move(work), done = std::move(done)]() mutable {
      work();
      done.set_value();
    });
    waiting.wait();
  }

  // From the owner's thread: breaks what is open, and waits for what is being closed.
  void shut_down() {
    run([this] {
      for (Closable* one : std::exchange(open_, {})) one->on_network_gone();
    });
    gone_ = true;
    guard_.reset();
    thread_.join();
  }

  // On the I/O thread.
  void add(Closable& one) { open_.insert(&one); }
  void remove(Closable& one) { open_.erase(&one); }

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_{context_.get_executor()};
  std::set<Closable*> open_;
  std::atomic<bool> gone_ = false;
  std::thread thread_;
};

// One socket. What is not said to be otherwise is touched on the I/O thread alone; handlers keep the connection alive.
class Connection final : public std::enable_shared_from_this<Connection>, public Closable {
 public:
  Connection(std::shared_ptr<Io> io, tcp::socket socket, core::Executor& executor, std::string peer)
      : io_(std::move(io)),
        socket_(std::move(socket)),
        resolver_(io_->context()),
        linger_(io_->context()),
        inbox_(std::make_shared<Inbox>(executor)),
        peer_(std::move(peer)) {}

  // From the owner's thread, before anything else: keeps only what dies with the connection.
  void start() {
    inbox_->when_room([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->io_->post([self] { self->pass_on(); });
    });
  }

  // From the owner's thread, through TcpStream.
  [[nodiscard]] Inbox& inbox() { return *inbox_; }
  Result<void> write(std::string bytes);
  void close() {
    inbox_->stop();
    io_->post([self = shared_from_this()] { self->begin_close(); });
  }

  void connect(const Address& address);
  void connected();
  void on_network_gone() override {
    if (!closing_) end(detail::broken(peer_, "this program closed its network"));
  }

 private:
  void connect_to(const std::vector<tcp::endpoint>& endpoints);
  void send();
  void on_sent(error_code code, std::size_t size);
  void read();
  void on_read(error_code code, std::size_t size);
  void pass_on();
  void begin_close();
  void wait_for_progress();
  void end(Error why);
  [[nodiscard]] Error to_error(error_code code) const;

  std::shared_ptr<Io> io_;  // first, so that it goes last
  tcp::socket socket_;
  tcp::resolver resolver_;
  asio::steady_timer linger_;
  const std::shared_ptr<Inbox> inbox_;
  const std::string peer_;
  bool connected_ = false;
  bool closing_ = false;    // by the owner
  bool shut_down_ = false;  // the peer was told
  bool ended_ = false;
  bool reading_ = false;
  std::vector<char> buffer_ = std::vector<char>(core::limits::kStreamReadBytes);
  std::string unread_;   // read, but the inbox was full
  std::string sending_;  // on its way to the system, from sent_
  std::size_t sent_ = 0;
  error_code write_error_;

  std::mutex mutex_;        // guards what follows, from any thread
  std::string outbox_;      // behind sending_
  std::size_t unsent_ = 0;  // bytes of both
  bool send_posted_ = false;
  bool refused_ = false;  // on_writable is owed
};

Result<void> Connection::write(std::string bytes) {
  if (!inbox_->is_open()) return core::fail(detail::write_after_close());
  const std::scoped_lock lock(mutex_);
  if (!detail::fits(bytes.size(), unsent_)) {
    refused_ = true;
    return core::fail(detail::too_much(bytes.size(), unsent_));
  }
  unsent_ += bytes.size();
  if (outbox_.empty()) {
    outbox_ = std::move(bytes);
  } else {
    outbox_ += bytes;
  }
  if (!std::exchange(send_posted_, true)) io_->post([self = shared_from_this()] { self->send(); });
  return {};
}

void Connection::connect(const Address& address) {
  if (ended_) return;
  io_->add(*this);
  error_code code;
  const asio::ip::address number = asio::ip::make_address(address.host, code);
  if (!code) return connect_to({tcp::endpoint(number, address.port)});
  resolver_.async_resolve(address.host, std::to_string(address.port), tcp::resolver::numeric_service,
                          [self = shared_from_this()](error_code failed, const tcp::resolver::results_type& results) {
                            if (self->ended_) return;
                            if (failed) return self->end(self->to_error(failed));
                            self->connect_to({results.begin(), results.end()});
                          });
}

void Connection::connect_to(const std::vector<tcp::endpoint>& endpoints) {
  asio::async_connect(socket_, endpoints, [self = shared_from_this()](error_code code, const tcp::endpoint&) {
    if (self->ended_) return;
    if (code) return self->end(self->to_error(code));
    self->connected();
  });
}

void Connection::connected() {
  io_->add(*this);
  error_code ignored;  // a socket that will not have it works, only later
  (void)socket_.set_option(tcp::no_delay(true), ignored);
  connected_ = true;
  inbox_->connected();
  read();
  send();
}

// Sends what waits; at the end of a closed stream tells the peer.
void Connection::send() {
  {
    const std::scoped_lock lock(mutex_);
    send_posted_ = false;
    if (!connected_ || ended_ || write_error_ || sent_ < sending_.size()) return;
    sending_.swap(outbox_);
    outbox_.clear();
    sent_ = 0;
  }
  if (!sending_.empty()) {
    socket_.async_write_some(asio::buffer(sending_), [self = shared_from_this()](error_code code, std::size_t size) {
      self->on_sent(code, size);
    });
  } else if (closing_ && !std::exchange(shut_down_, true)) {
    error_code ignored;  // a peer that is gone needs no telling
    (void)socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }
}

void Connection::on_sent(error_code code, std::size_t size) {
  if (ended_) return;
  if (code) {
    // What the peer sent before it went can still be read; reading ends the stream then.
    write_error_ = code;
    error_code ignored;  // broken already
    (void)socket_.shutdown(tcp::socket::shutdown_both, ignored);
    if (closing_) end(to_error(code));
    return;
  }
  sent_ += size;
  bool room = false;
  {
    const std::scoped_lock lock(mutex_);
    unsent_ -= size;
    room = refused_ && detail::has_room_again(unsent_);
    if (room) refused_ = false;
  }
  if (room) inbox_->writable();
  if (closing_) wait_for_progress();
  if (sent_ == sending_.size()) {
    sending_.clear();
    sent_ = 0;
    return send();
  }
  socket_.async_write_some(
      asio::buffer(sending_.data() + sent_, sending_.size() - sent_),
      [self = shared_from_this()](error_code failed, std::size_t more) { self->on_sent(failed, more); });
}

void Connection::read() {
  if (!connected_ || ended_ || std::exchange(reading_, true)) return;
  socket_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](error_code code, std::size_t size) {
    self->on_read(code, size);
  });
}

void Connection::on_read(error_code code, std::size_t size) {
  reading_ = false;
  if (ended_) return;
  if (code) return end(to_error(write_error_ ? write_error_ : code));
  if (!closing_) unread_.assign(buffer_.data(), size);
  pass_on();
}

// Goes on reading when the inbox takes what was read; otherwise when it has room again.
void Connection::pass_on() {
  if (!unread_.empty() && !inbox_->offer(unread_)) return;
  unread_.clear();
  read();
}

// What arrives is read and dropped until the peer closes, too: a socket closed with bytes unread would tell the peer to
// forget those that it has not read yet.
void Connection::begin_close() {
  if (ended_ || std::exchange(closing_, true)) return;
  wait_for_progress();
  send();
  pass_on();  // a stopped inbox takes everything
}

void Connection::wait_for_progress() {
  linger_.expires_after(kCloseLinger);
  linger_.async_wait([self = shared_from_this()](error_code code) {
    if (!code && !self->ended_) self->end(detail::broken(self->peer_, "it did not close in time"));
  });
}

void Connection::end(Error why) {
  ended_ = true;
  io_->remove(*this);
  error_code ignored;  // closed either way
  (void)socket_.close(ignored);
  resolver_.cancel();
  linger_.cancel();
  inbox_->end(std::move(why));
}

Error Connection::to_error(error_code code) const {
  if (code == asio::error::host_not_found || code == asio::error::no_data) {
    return Error(ErrorCode::kNotFound, "no machine has the name in " + peer_)
        .with_hint("check the name, and that this machine is connected");
  }
  if (!connected_) return detail::refused(peer_, code.message());
  if (code == asio::error::eof) return detail::closed_by_peer(peer_);
  return detail::broken(peer_, code.message());
}

class TcpStream final : public Stream {
 public:
  explicit TcpStream(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  ~TcpStream() override { TcpStream::close(); }
  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;

  void set_listener(StreamListener& listener) override { connection_->inbox().set_listener(listener); }
  Result<void> write(std::string bytes) override { return connection_->write(std::move(bytes)); }
  void close() override {
    if (is_open()) connection_->close();
  }
  [[nodiscard]] bool is_open() const override { return connection_->inbox().is_open(); }

 private:
  std::shared_ptr<Connection> connection_;
};

// A listening socket, on the I/O thread but for its beginning.
class Door final : public std::enable_shared_from_this<Door>, public Closable {
 public:
  Door(std::shared_ptr<Io> io, tcp::acceptor acceptor, std::shared_ptr<AcceptQueue> queue)
      : io_(std::move(io)), acceptor_(std::move(acceptor)), pause_(io_->context()), queue_(std::move(queue)) {}

  void open() {
    io_->add(*this);
    accept();
  }
  void close() {
    io_->remove(*this);
    on_network_gone();
  }
  void on_network_gone() override {
    closed_ = true;
    error_code ignored;  // closed either way
    (void)acceptor_.close(ignored);
    pause_.cancel();
  }

 private:
  void accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code code, tcp::socket socket) {
      if (self->closed_) return;
      if (!code) self->greet(std::move(socket));
      const bool out_of_descriptors =
          code == asio::error::no_descriptors || code == boost::system::errc::too_many_files_open_in_system;
      if (!out_of_descriptors) return self->accept();
      self->pause_.expires_after(kAcceptPause);
      self->pause_.async_wait([self](error_code /*cancelled*/) {
        if (!self->closed_) self->accept();
      });
    });
  }

  void greet(tcp::socket socket) {
    error_code gone;
    const tcp::endpoint peer = socket.remote_endpoint(gone);
    if (gone) return;
    const Address address{.host = peer.address().to_string(), .port = peer.port()};
    const auto connection =
        std::make_shared<Connection>(io_, std::move(socket), queue_->executor(), address.to_string());
    connection->start();
    connection->connected();
    (void)queue_->push(std::make_unique<TcpStream>(connection));  // one too many is closed
  }

  std::shared_ptr<Io> io_;  // first, so that it goes last
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::shared_ptr<AcceptQueue> queue_;
  bool closed_ = false;
};

class TcpAcceptor final : public Acceptor {
 public:
  TcpAcceptor(std::shared_ptr<Io> io, std::shared_ptr<Door> door, std::shared_ptr<AcceptQueue> queue, Address address)
      : io_(std::move(io)), door_(std::move(door)), queue_(std::move(queue)), address_(std::move(address)) {}
  ~TcpAcceptor() override {
    io_->run([this] { door_->close(); });
    queue_->stop();
  }
  TcpAcceptor(const TcpAcceptor&) = delete;
  TcpAcceptor& operator=(const TcpAcceptor&) = delete;
  [[nodiscard]] const Address& address() const override { return address_; }

 private:
  std::shared_ptr<Io> io_;
  std::shared_ptr<Door> door_;
  std::shared_ptr<AcceptQueue> queue_;
  Address address_;
};

Error cannot_listen(const Address& address, error_code code) {
  if (code == asio::error::address_in_use) return detail::address_taken(address);
  if (code == asio::error::access_denied) {
    return Error(ErrorCode::kIo, "may not listen at " + address.to_string())
        .with_hint("choose a port above 1023, or give the program the right to use it");
  }
  return Error(ErrorCode::kInvalidArgument, "cannot listen at " + address.to_string() + ": " + code.message())
      .with_hint("write an address of this machine in numbers, such as 127.0.0.1");
}

class TcpNetwork final : public Network {
 public:
  explicit TcpNetwork(core::Executor& executor) : executor_(executor) {}
  ~TcpNetwork() override { io_->shut_down(); }
  TcpNetwork(const TcpNetwork&) = delete;
  TcpNetwork& operator=(const TcpNetwork&) = delete;

  Result<std::unique_ptr<Acceptor>> listen(const Address& address, OnStream on_stream) override {
    error_code code;
    const asio::ip::address number =
        asio::ip::make_address(address.host == "localhost" ? "127.0.0.1" : address.host, code);
    const tcp::endpoint endpoint(number, address.port);
    tcp::acceptor acceptor(io_->context());
    if (!code) (void)acceptor.open(endpoint.protocol(), code);
    if (!code) (void)acceptor.set_option(tcp::acceptor::reuse_address(true), code);
    if (!code) (void)acceptor.bind(endpoint, code);
    if (!code) (void)acceptor.listen(static_cast<int>(core::limits::kStreamsNotAccepted), code);
    const std::uint16_t port = code ? address.port : acceptor.local_endpoint(code).port();
    if (code) return core::fail(cannot_listen(address, code));
    const auto queue = std::make_shared<AcceptQueue>(executor_, std::move(on_stream));
    const auto door = std::make_shared<Door>(io_, std::move(acceptor), queue);
    io_->post([door] { door->open(); });
    return std::make_unique<TcpAcceptor>(io_, door, queue, Address{.host = address.host, .port = port});
  }

  std::unique_ptr<Stream> connect(const Address& address) override {
    const auto connection =
        std::make_shared<Connection>(io_, tcp::socket(io_->context()), executor_, address.to_string());
    connection->start();
    io_->post([connection, address] { connection->connect(address); });
    return std::make_unique<TcpStream>(connection);
  }

 private:
  core::Executor& executor_;
  std::shared_ptr<Io> io_ = std::make_shared<Io>();
};

}  // namespace

std::unique_ptr<Network> make_tcp_network(core::Executor& executor) { return std::make_unique<TcpNetwork>(executor); }

}  // namespace argosy::net
