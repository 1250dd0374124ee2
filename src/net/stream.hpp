// Byte streams as ports: what TCP promises, without saying what carries the bytes. Bytes arrive whole and in the order
// they were written, in chunks that mean nothing (net/frames.hpp finds messages in them), or the stream is closed.
//
//   class Session final : public net::StreamListener {
//    public:
//     explicit Session(net::Network& network) : stream_(network.connect({"127.0.0.1", 7'500})) {
//       stream_->set_listener(*this);
//     }
//     void on_connected() override { (void)stream_->write("hello\n"); }
//     void on_bytes(std::string_view bytes) override { ... }
//     void on_closed(const core::Error& why) override { ... }
//
//    private:
//     std::unique_ptr<net::Stream> stream_;
//   };
//
// Makes: net/memory.hpp, net/tcp.hpp, net/simulated.hpp. A network, its streams and its acceptors belong to one
// executor: they are used on the thread that runs it, and call back from there, never from inside one of their own
// functions. The executor outlives them. Any of them may be destroyed at any time, in its own callback too; after that
// nothing is called.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/executor.hpp"
#include "core/result.hpp"

namespace argosy::net {

struct Address {
  std::string host;
  std::uint16_t port = 0;

  [[nodiscard]] std::string to_string() const;  // "host:port", "[::1]:port"
  friend auto operator<=>(const Address&, const Address&) = default;
};

// What a stream tells its owner.
class StreamListener {
 public:
  virtual ~StreamListener() = default;
  // Once, before any bytes: the other side has the stream, too.
  virtual void on_connected() {}
  virtual void on_bytes(std::string_view bytes) = 0;
  // A write was refused because too much waited; now half of that is gone.
  virtual void on_writable() {}
  // Once, and the last call: the other side closed the stream, it broke, or it never came to stand. What was written
  // and not answered may or may not have arrived. Not called for our own close().
  virtual void on_closed(const core::Error& why) = 0;
};

class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;  // closes

  // Until there is a listener, everything waits. May be called again; outlives the stream or the next call.
  virtual void set_listener(StreamListener& listener) = 0;
  // Takes all of the bytes or none; also before on_connected(), they wait. Taken does not mean arrived.
  // Errors: kUnavailable, the stream is closed; kLimit, retryable: more than limits::kStreamUnsentBytes would wait, try
  // again in on_writable(); kLimit, not retryable: these bytes alone are more than that.
  virtual core::Result<void> write(std::string bytes) = 0;
  // What was written still goes out, then the other side is told. What arrives is not looked at any more.
  virtual void close() = 0;
  // Until close() or on_closed().
  [[nodiscard]] virtual bool is_open() const = 0;
};

// Listens at an address until it is destroyed.
class Acceptor {
 public:
  Acceptor() = default;
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  virtual ~Acceptor() = default;
  // Where others connect to: the port that was given when port 0 was asked for.
  [[nodiscard]] virtual const Address& address() const = 0;
};

// Whom one program can reach.
class Network {
 public:
  using OnStream = std::function<void(std::unique_ptr<Stream>)>;

  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  virtual ~Network() = default;

  // `on_stream` is handed each stream that others open to the address. Errors: kAlreadyExists, somebody listens there;
  // kInvalidArgument, no address of this program.
  virtual core::Result<std::unique_ptr<Acceptor>> listen(const Address& address, OnStream on_stream) = 0;
  // A stream that is not connected yet: on_connected() or on_closed() follows. There is no limit of time: who will not
  // wait sets a timer and destroys the stream.
  [[nodiscard]] virtual std::unique_ptr<Stream> connect(const Address& address) = 0;
};

}  // namespace argosy::net
