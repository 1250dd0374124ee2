#include "brokers/paper_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/check.hpp"
#include "core/planted.hpp"

namespace argosy::brokers {

using core::ErrorCode;
using core::Result;
using core::Timestamp;
using trading::OrderReport;
using trading::OrderTicket;

PaperClient::PaperClient(std::string account, core::Duration answers_within)
    : account_(std::move(account)), answers_within_(answers_within) {
  capabilities_.answers_within = answers_within;
}

void PaperClient::start(Timestamp now) {
  ARGOSY_CHECK(listener_ != nullptr && state_ == State::kStopped, "a client that runs is started");
  ++starts_;
  state_ = State::kStarted;
  reader_ = net::FrameReader();
  output_.clear();
  last_line_ = now;
  send(Login{.account = account_}, now);
}

void PaperClient::stop(const core::Error& why) {
  const bool was_ready = is_ready();
  leave();
  if (was_ready) listener_->on_disconnected(why);
}

void PaperClient::leave() {
  state_ = State::kStopped;
  ++starts_;
  if (!ARGOSY_PLANTED(kResendsAfterReconnect)) open_.clear();
  parts_.clear();
  output_.clear();
}

std::string PaperClient::take_output() { return std::exchange(output_, {}); }

std::optional<Timestamp> PaperClient::deadline() const {
  if (open_.empty()) return std::nullopt;
  return last_line_ + 3 * answers_within_;
}

// --- Questions. ---

void PaperClient::send(const Question& question, Timestamp now) {
  if (open_.empty()) last_line_ = now;
  open_.emplace(++last_question_, question);
  output_ += to_line(last_question_, question);
}

Result<void> PaperClient::ask(const Question& question, Timestamp now) {
  if (!is_ready()) {
    core::Error error(ErrorCode::kUnavailable, "there is no connection to the paper broker");
    error.retryable = true;
    return core::fail(std::move(error).with_hint("it connects again by itself"));
  }
  send(question, now);
  return {};
}

Result<void> PaperClient::submit(trading::Committed<OrderTicket>&& ticket, Timestamp now) {
  const OrderTicket& order = ticket.value();
  if (!is_client_order_id(order.client_order_id)) {
    return core::fail(
        core::Error(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is no id of an order", order.client_order_id))
            .with_hint("an id has at most 40 letters, digits and dashes"));
  }
  return ask(order, now);
}

// --- Answers. ---

Result<void> PaperClient::receive(std::string_view bytes, Timestamp now) {
  if (state_ == State::kStopped) return {};
  const std::int64_t start = starts_;
  reader_.feed(bytes);
  while (true) {
    ARGOSY_TRY(const auto line, reader_.next());
    if (!line) return {};
    last_line_ = now;  // bytes of a line that never ends are no word
    ARGOSY_TRY_VOID(handle(*line));
    if (starts_ != start) return {};  // the listener closed the stream
  }
}

Result<void> PaperClient::handle(std::string_view line) {
  ARGOSY_TRY(AnsweredLine answered, parse_answer(line));
  ARGOSY_TRY(Answer answer, std::move(answered.answer));
  if (const auto* hello = std::get_if<Welcome>(&answer)) return welcome(*hello);
  if (state_ == State::kStarted) {
    if (const auto* refused = std::get_if<Refused>(&answer))
      return core::fail(ErrorCode::kUnsupported, fmt::format("the login was refused: {}", refused->message));
    return core::fail(ErrorCode::kCorrupt, "an answer before the login was");
  }
  return tell(answered.id, std::move(answer));
}

Result<void> PaperClient::welcome(const Welcome& welcome) {
  if (state_ != State::kStarted) return core::fail(ErrorCode::kCorrupt, "a second welcome");
  if (welcome.version != kPaperVersion || welcome.account != account_) {
    return core::fail(ErrorCode::kUnsupported,
                      fmt::format("the venue speaks version {} for the account {}, not {} for {}", welcome.version,
                                  welcome.account, kPaperVersion, account_));
  }
  capabilities_.client_ids = welcome.client_ids;
  capabilities_.fractional = welcome.fractional;
  const auto unanswered = std::exchange(open_, {});
  state_ = State::kReady;
  if (ARGOSY_PLANTED(kResendsAfterReconnect)) {
    for (const auto& [id, question] : unanswered) {
      if (std::holds_alternative<OrderTicket>(question)) send(question, last_line_);
    }
  }
  listener_->on_connected();
  return {};
}

// Lists come in parts, and only to who asked: what nobody waits for would be kept for ever.
Result<std::optional<std::vector<OrderReport>>> PaperClient::gather(std::int64_t id, std::vector<OrderReport>&& orders,
                                                                    bool is_last) {
  const auto asked = open_.find(id);
  if (asked == open_.end() ||
      !(std::holds_alternative<AskOpenOrders>(asked->second) || std::holds_alternative<AskHistory>(asked->second)))
    return core::fail(ErrorCode::kCorrupt, fmt::format("a list of orders that nobody asked for, as answer {}", id));
  std::vector<OrderReport>& all = parts_[id];
  if (all.size() + orders.size() > kMostListed)
    return core::fail(ErrorCode::kLimit, fmt::format("a list of more than {} orders", kMostListed));
  std::ranges::move(orders, std::back_inserter(all));
  if (!is_last) return std::optional<std::vector<OrderReport>>();
  open_.erase(asked);
  auto node = parts_.extract(id);
  return std::optional(std::move(node.mapped()));
}

Result<void> PaperClient::tell(std::int64_t id, Answer&& answer) {
  if (auto* part = std::get_if<OpenOrders>(&answer)) {
    ARGOSY_TRY(const auto all, gather(id, std::move(part->orders), part->is_last));
    if (all) listener_->on_open_orders(*all);
  } else if (auto* past = std::get_if<History>(&answer)) {
    ARGOSY_TRY(const auto all, gather(id, std::move(past->orders), past->is_last));
    if (all) listener_->on_history(*all);
  } else if (auto* report = std::get_if<OrderReport>(&answer)) {
    tell_order(id, std::move(*report));
  } else if (const auto* refused = std::get_if<Refused>(&answer)) {
    tell_refused(id, *refused);
  } else {
    tell_one(id, answer);
  }
  return {};
}

void PaperClient::tell_one(std::int64_t id, const Answer& answer) {
  open_.erase(id);
  if (const auto* none = std::get_if<NoOrder>(&answer)) return listener_->on_no_order(none->client_order_id);
  if (const auto* report = std::get_if<trading::AccountReport>(&answer)) return listener_->on_account(*report);
  if (const auto* funded = std::get_if<Funded>(&answer)) return listener_->on_funded(funded->funding_id);
  if (const auto* refused = std::get_if<CancelRefused>(&answer))
    listener_->on_cancel_refused(refused->client_order_id, refused->reason);
}

void PaperClient::tell_order(std::int64_t id, OrderReport&& report) {
  const auto asked = open_.find(id);
  if (asked != open_.end()) {
    if (const auto* ticket = std::get_if<OrderTicket>(&asked->second)) report.client_order_id = ticket->client_order_id;
    open_.erase(asked);
  }
  listener_->on_order(report);
}

void PaperClient::tell_refused(std::int64_t id, const Refused& refused) {
  const auto asked = open_.find(id);
  if (asked == open_.end()) return;
  const Question question = std::move(asked->second);
  open_.erase(asked);
  if (const auto* ticket = std::get_if<OrderTicket>(&question)) {
    listener_->on_order({.client_order_id = ticket->client_order_id,
                         .symbol = ticket->symbol,
                         .side = ticket->side,
                         .state = trading::ReportedState::kRejected,
                         .quantity = ticket->quantity,
                         .note = refused.message,
                         .time = last_line_});
  }
  if (const auto* cancel = std::get_if<CancelOrder>(&question))
    listener_->on_cancel_refused(cancel->client_order_id, refused.message);
  if (const auto* fund = std::get_if<Fund>(&question)) listener_->on_funding_refused(fund->funding_id, refused.message);
}

}  // namespace argosy::brokers
