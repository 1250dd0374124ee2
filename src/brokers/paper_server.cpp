#include "brokers/paper_server.hpp"

#include <utility>

namespace argosy::brokers {

using core::Result;

// One stream.
class PaperServer::Client final : public net::StreamListener {
 public:
  Client(PaperServer& server, PaperSession session, std::unique_ptr<net::Stream> stream)
      : server_(server), session_(session), stream_(std::move(stream)) {
    server_.venue_.connect(session_);
    stream_->set_listener(*this);
  }
  ~Client() override { server_.venue_.disconnect(session_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void on_bytes(std::string_view bytes) override {
    server_.venue_.receive(session_, bytes);
    server_.flush_soon();
  }
  void on_writable() override { (void)outbox_.send(*stream_); }
  void on_closed(const core::Error&) override { server_.drop(session_); }

  // False: it does not take what it is told, and must go.
  [[nodiscard]] bool send(std::string_view bytes) {
    outbox_.push(bytes);
    return outbox_.send(*stream_) && outbox_.waiting() < kMostWaiting;
  }
  void close() { stream_->close(); }

 private:
  static constexpr std::size_t kMostWaiting = 16 * core::limits::kStreamUnsentBytes;

  PaperServer& server_;
  PaperSession session_;
  std::unique_ptr<net::Stream> stream_;
  Outbox outbox_;
};

PaperServer::PaperServer(core::Executor& executor, PaperVenue& venue, OnError on_error)
    : executor_(executor), venue_(venue), on_error_(std::move(on_error)), self_(std::make_shared<PaperServer*>(this)) {}

PaperServer::~PaperServer() {
  *self_ = nullptr;
  (void)executor_.cancel(timer_);
}

Result<void> PaperServer::listen(net::Network& network, const net::Address& address) {
  ARGOSY_TRY(acceptor_,
             network.listen(address, [this](std::unique_ptr<net::Stream> stream) { accept(std::move(stream)); }));
  return {};
}

void PaperServer::accept(std::unique_ptr<net::Stream> stream) {
  const PaperSession session(++last_session_);
  clients_.emplace(session, std::make_unique<Client>(*this, session, std::move(stream)));
}

void PaperServer::drop(PaperSession session) { clients_.erase(session); }

// --- Prices. ---

void PaperServer::post(std::function<Result<void>(PaperVenue& venue)> work) {
  executor_.post([self = self_, work = std::move(work)] {
    PaperServer* server = *self;
    if (server == nullptr) return;
    if (const auto done = work(server->venue_); !done && server->on_error_) server->on_error_(done.error());
    server->flush_soon();
  });
}

void PaperServer::on_quote(const std::string& symbol, const market::Quote& quote) {
  post([symbol, quote](PaperVenue& venue) { return venue.on_quote(symbol, quote); });
}

void PaperServer::on_bars(std::vector<std::pair<std::string, market::Bar>> bars) {
  post([bars = std::move(bars)](PaperVenue& venue) -> Result<void> {
    Result<void> done;
    for (const auto& [symbol, bar] : bars) {
      if (auto noted = venue.on_bar(symbol, bar); !noted) done = std::move(noted);
    }
    venue.match();
    return done;
  });
}

void PaperServer::on_rate(const std::string& currency, const market::ExchangeRate& rate) {
  post([currency, rate](PaperVenue& venue) -> Result<void> {
    venue.set_rate(currency, rate);
    return {};
  });
}

void PaperServer::on_action(const std::string& symbol, const market::CorporateAction& action, core::Price last_close,
                            std::function<void(core::Price last_close)> told) {
  post([=, told = std::move(told)](PaperVenue& venue) -> Result<void> {
    ARGOSY_TRY(const core::Price counts, venue.apply(symbol, action, last_close));
    if (told) told(counts);
    return {};
  });
}

// --- Committing and sending. ---

// Behind what waits already: that comes into the same unit of work.
void PaperServer::flush_soon() {
  if (flushes_) return;
  flushes_ = true;
  executor_.post([self = self_] {
    if (*self != nullptr) (*self)->flush();
  });
}

void PaperServer::flush() {
  flushes_ = false;
  if (const auto done = venue_.flush(); !done) {
    if (on_error_) on_error_(done.error());
    (void)executor_.cancel(timer_);
    timer_ = executor_.call_at(executor_.clock().now() + std::chrono::seconds(1), [this] { flush(); });
    return;
  }
  send();
}

void PaperServer::send() {
  for (const PaperOutput& output : venue_.take_output()) {
    const auto client = clients_.find(output.session);
    if (client == clients_.end()) continue;
    const bool taken = client->second->send(output.bytes);
    if (output.closes) client->second->close();
    if (!taken || output.closes) drop(output.session);
  }
  set_timer();
}

void PaperServer::set_timer() {
  (void)executor_.cancel(timer_);
  if (const auto due = venue_.next_due()) timer_ = executor_.call_at(*due, [this] { send(); });
}

}  // namespace argosy::brokers
