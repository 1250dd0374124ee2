// What one turn of the trading thread has to write: events as they are booked, intents to be sent once that is durable,
// answers, notifications. Taken as one batch at the end of the turn.
//
//   const std::int64_t seq = recorder.record(DecisionMade{...});
//   recorder.intend({.order_id = 7, .ticket = {...}});
//   if (auto batch = recorder.take()) writer.write(std::move(*batch));
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "ledger/changes.hpp"
#include "live/book.hpp"
#include "live/event.hpp"
#include "trading/broker_connection.hpp"

namespace argosy::live {

// An order, or a movement of money, of which the broker may be told once it is written.
struct Intent {
  std::int64_t broker_account_id = 0;
  std::int64_t order_id = 0;
  std::int64_t funding_id = 0;  // 0: it is an order
  trading::OrderTicket ticket;
};

struct Batch {
  std::vector<Event> events;
  ledger::Changes changes;  // but for the journal, which is made from the events when they are written
  std::vector<Intent> intents;
};

enum class Severity : std::uint8_t { kInfo, kWarning, kError };
[[nodiscard]] std::string_view to_string(Severity severity);

class Recorder {
 public:
  // Both outlive it.
  Recorder(Book& book, const core::Clock& clock) : book_(book), clock_(clock) {}

  [[nodiscard]] Book& book() { return book_; }
  [[nodiscard]] const Book& book() const { return book_; }
  [[nodiscard]] core::Timestamp now() const { return clock_.now(); }
  // Called when there is something to write after there was nothing: a turn must end soon.
  void set_on_first(std::function<void()> told) { on_first_ = std::move(told); }
  // Books an event and returns its number. One that cannot be stops the program: what is recorded was checked.
  std::int64_t record(What what);
  void intend(Intent intent) { batch_.intents.push_back(std::move(intent)); }
  // The admins, and the user whom it concerns.
  void notify(Severity severity, std::string subject, std::string text,
              std::optional<std::int64_t> owner_id = std::nullopt);
  void audit(std::string actor, std::string action, std::string subject, std::string before, std::string after);
  [[nodiscard]] ledger::Changes& changes() { return batch_.changes; }
  // Nothing where the turn changed nothing.
  [[nodiscard]] std::optional<Batch> take();

 private:
  Book& book_;
  const core::Clock& clock_;
  Batch batch_;
  std::function<void()> on_first_;
};

}  // namespace argosy::live
