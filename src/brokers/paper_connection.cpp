#include "brokers/paper_connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/planted.hpp"

namespace argosy::brokers {

using core::Error;
using core::ErrorCode;
using core::Result;
using core::Timestamp;

PaperConnection::PaperConnection(core::Executor& executor, net::Network& network, net::Address address,
                                 const PaperConnectionSettings& settings)
    : executor_(executor),
      network_(network),
      address_(std::move(address)),
      settings_(settings),
      client_(settings.account, settings.answers_within),
      wait_(settings.first_wait) {}

PaperConnection::~PaperConnection() { (void)executor_.cancel(timer_); }

// --- The stream. ---

void PaperConnection::open() {
  if (is_open_) return;
  is_open_ = true;
  wait_ = settings_.first_wait;
  set_timer(now());
}

void PaperConnection::close() {
  is_open_ = false;
  (void)executor_.cancel(timer_);
  client_.leave();
  outbox_.clear();
  stream_.reset();
}

void PaperConnection::connect() {
  outbox_.clear();
  stream_ = network_.connect(address_);
  stream_->set_listener(*this);
  set_timer(now() + 3 * settings_.answers_within);
}

void PaperConnection::on_connected() {
  client_.start(now());
  send();
}

void PaperConnection::on_bytes(std::string_view bytes) {
  const bool was_ready = client_.is_ready();
  if (auto done = client_.receive(bytes, now()); !done) return fail(done.error());
  if (!was_ready && client_.is_ready()) wait_ = settings_.first_wait;
  if (is_open_) send();
}

void PaperConnection::on_closed(const Error& why) { fail(why); }

void PaperConnection::send() {
  if (!stream_) return;
  outbox_.push(client_.take_output());
  // A stream that takes nothing says so in on_closed().
  (void)outbox_.send(*stream_);
}

void PaperConnection::fail(const Error& why) {
  stream_.reset();
  outbox_.clear();
  set_timer(now() + wait_);
  if (ARGOSY_PLANTED(kNeverReconnects)) (void)executor_.cancel(timer_);
  wait_ = std::min(wait_ * 2, settings_.longest_wait);
  client_.stop(why);
}

void PaperConnection::set_timer(Timestamp time) {
  (void)executor_.cancel(timer_);
  gives_up_at_ = time;
  timer_ = executor_.call_at(time, [this] { on_timer(); });
}

// With a stream: looks whether it is dead. Without one: it is time for the next.
void PaperConnection::on_timer() {
  if (!stream_) return connect();
  const Timestamp end = client_.is_ready() ? client_.deadline().value_or(Timestamp::max()) : gives_up_at_;
  if (end <= now()) {
    return fail(Error(ErrorCode::kUnavailable, fmt::format("{} does not answer", address_.to_string()))
                    .with_hint("is the paper broker's venue running?"));
  }
  set_timer(std::min(end, now() + settings_.answers_within));
}

// --- Questions. ---

// What was not taken yet would only wait.
Result<void> PaperConnection::check_room() const {
  if (outbox_.waiting() < core::limits::kStreamUnsentBytes) return {};
  Error error(ErrorCode::kLimit, fmt::format("{} bytes wait for {}", outbox_.waiting(), address_.to_string()));
  error.retryable = true;
  return core::fail(std::move(error).with_hint("ask again later"));
}

Result<void> PaperConnection::ask(const Question& question) {
  ARGOSY_TRY_VOID(check_room());
  ARGOSY_TRY_VOID(client_.ask(question, now()));
  send();
  return {};
}

Result<void> PaperConnection::submit(trading::Committed<trading::OrderTicket>&& ticket) {
  ARGOSY_TRY_VOID(check_room());
  ARGOSY_TRY_VOID(client_.submit(std::move(ticket), now()));
  send();
  return {};
}

Result<void> PaperConnection::cancel(const std::string& client_order_id, const std::string& broker_order_id) {
  return ask(CancelOrder{.client_order_id = client_order_id, .broker_order_id = broker_order_id});
}

Result<void> PaperConnection::ask_order(const std::string& client_order_id, const std::string& broker_order_id) {
  return ask(AskOrder{.client_order_id = client_order_id, .broker_order_id = broker_order_id});
}

Result<void> PaperConnection::ask_open_orders() { return ask(AskOpenOrders()); }
Result<void> PaperConnection::ask_history(Timestamp since) { return ask(AskHistory{.since = since}); }
Result<void> PaperConnection::ask_account() { return ask(AskAccount()); }

Result<void> PaperConnection::fund(std::int64_t funding_id, const std::string& currency, core::Money amount) {
  return ask(Fund{.funding_id = funding_id, .currency = currency, .amount = amount});
}

}  // namespace argosy::brokers
