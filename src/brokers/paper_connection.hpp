// The paper broker behind the port of distant brokers: PaperClient on a stream that is made again when it breaks.
//
//   PaperConnection connection(executor, network, {"paper", 1}, {});
//   connection.set_listener(desk);
//   connection.open();
//
// It belongs to the executor's thread, and calls the listener from there, never from inside one of its own functions.
// Executor and network outlive it. A listener must not destroy it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "brokers/outbox.hpp"
#include "brokers/paper_client.hpp"
#include "core/executor.hpp"
#include "net/stream.hpp"
#include "trading/broker_connection.hpp"

namespace argosy::brokers {

struct PaperConnectionSettings {
  std::string account = "paper";
  core::Duration answers_within = std::chrono::seconds(5);
  // Between attempts to connect: twice as long each time, up to the longest; from the first again after a login.
  core::Duration first_wait = std::chrono::milliseconds(100);
  core::Duration longest_wait = std::chrono::seconds(30);
};

class PaperConnection final : public trading::BrokerConnection, private net::StreamListener {
 public:
  PaperConnection(core::Executor& executor, net::Network& network, net::Address address,
                  const PaperConnectionSettings& settings);
  ~PaperConnection() override;
  PaperConnection(const PaperConnection&) = delete;
  PaperConnection& operator=(const PaperConnection&) = delete;

  void set_listener(trading::BrokerConnectionListener& listener) override { client_.set_listener(listener); }
  [[nodiscard]] const trading::BrokerCapabilities& capabilities() const override { return client_.capabilities(); }
  void open() override;
  // on_disconnected() is not called for it.
  void close() override;
  [[nodiscard]] bool is_connected() const override { return client_.is_ready(); }

  [[nodiscard]] core::Result<void> submit(trading::Committed<trading::OrderTicket>&& ticket) override;
  [[nodiscard]] core::Result<void> cancel(const std::string& client_order_id,
                                          const std::string& broker_order_id) override;
  [[nodiscard]] core::Result<void> ask_order(const std::string& client_order_id,
                                             const std::string& broker_order_id) override;
  [[nodiscard]] core::Result<void> ask_open_orders() override;
  [[nodiscard]] core::Result<void> ask_history(core::Timestamp since) override;
  [[nodiscard]] core::Result<void> ask_account() override;
  [[nodiscard]] core::Result<void> fund(std::int64_t funding_id, const std::string& currency,
                                        core::Money amount) override;

 private:
  void on_connected() override;
  void on_bytes(std::string_view bytes) override;
  void on_writable() override { send(); }
  void on_closed(const core::Error& why) override;

  [[nodiscard]] core::Timestamp now() const { return executor_.clock().now(); }
  [[nodiscard]] core::Result<void> ask(const Question& question);
  [[nodiscard]] core::Result<void> check_room() const;
  void connect();
  void send();
  void fail(const core::Error& why);  // gives the stream up, and tries again later
  void set_timer(core::Timestamp time);
  void on_timer();

  core::Executor& executor_;
  net::Network& network_;
  net::Address address_;
  PaperConnectionSettings settings_;
  PaperClient client_;
  Outbox outbox_;
  std::unique_ptr<net::Stream> stream_;
  bool is_open_ = false;  // open() was called, and close() was not
  core::Duration wait_;
  core::Timestamp gives_up_at_;  // while there is no login: when the attempt has lasted too long, or the next begins
  core::TimerId timer_;
};

}  // namespace argosy::brokers
