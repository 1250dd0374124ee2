// The paper venue on a network: listens, joins streams to PaperVenue, commits what came together in one unit of work,
// and sends what is due.
//
//   PaperServer server(executor, *venue);
//   ARGOSY_TRY_VOID(server.listen(network, {"paper", 1}));
//   server.on_quote("AAPL", quote);        // and bars; from any thread
//
// It belongs to the executor's thread, which may be one of its own: what has to be told from elsewhere is posted.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "brokers/outbox.hpp"
#include "brokers/paper_venue.hpp"
#include "core/executor.hpp"
#include "net/stream.hpp"

namespace argosy::brokers {

class PaperServer {
 public:
  // `on_error` is told when the books cannot be written, each time; it is tried again after a second.
  using OnError = std::function<void(const core::Error& why)>;
  PaperServer(core::Executor& executor, PaperVenue& venue, OnError on_error = {});
  ~PaperServer();
  PaperServer(const PaperServer&) = delete;
  PaperServer& operator=(const PaperServer&) = delete;

  [[nodiscard]] core::Result<void> listen(net::Network& network, const net::Address& address);
  [[nodiscard]] const net::Address& address() const { return acceptor_->address(); }

  // From any thread, in the order of the calls; wrong prices are told to `on_error`.
  void on_quote(const std::string& symbol, const market::Quote& quote);
  // The bars of one instant.
  void on_bars(std::vector<std::pair<std::string, market::Bar>> bars);
  // What one unit of a currency is worth in that of the account.
  void on_rate(const std::string& currency, const market::ExchangeRate& rate);
  // `told`, on the venue's thread, gets the close that counts (PaperVenue::apply); not where that fails.
  void on_action(const std::string& symbol, const market::CorporateAction& action, core::Price last_close,
                 std::function<void(core::Price last_close)> told = {});

 private:
  class Client;

  void accept(std::unique_ptr<net::Stream> stream);
  void post(std::function<core::Result<void>(PaperVenue& venue)> work);
  void flush_soon();
  void flush();
  void send();
  void set_timer();
  void drop(PaperSession session);

  core::Executor& executor_;
  PaperVenue& venue_;
  OnError on_error_;
  std::unique_ptr<net::Acceptor> acceptor_;
  std::map<PaperSession, std::unique_ptr<Client>> clients_;
  std::int64_t last_session_ = 0;
  bool flushes_ = false;  // soon
  core::TimerId timer_;
  std::shared_ptr<PaperServer*> self_;  // what was posted finds nothing when the server is gone
};

}  // namespace argosy::brokers
