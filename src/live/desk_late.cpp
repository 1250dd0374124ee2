// Orders that had ended for us, and work at the broker after all: bytes that were on their way arrive late, and a
// broker does not always stand by its word.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/planted.hpp"
#include "live/desk.hpp"

namespace argosy::live {

using core::Timestamp;
using trading::Order;
using trading::OrderId;
using trading::OrderReport;
using trading::OrderState;
using trading::ReportedState;

namespace {

// What was sent is looked for so long after it was given up.
constexpr auto kLateArrival = std::chrono::hours(6);
constexpr std::string_view kGivenUp = "the broker never got it";
constexpr std::string_view kCameLate = "it came to the broker after it was given up";

bool lives(ReportedState state) { return state == ReportedState::kWorking || state == ReportedState::kPending; }

}  // namespace

std::string Desk::given_up_note() { return std::string(kGivenUp); }

bool Desk::was_given_up(const ledger::OrderRow& row) {
  return row.state == to_string(OrderState::kRejected) && (row.note == kGivenUp || row.note == kCameLate);
}

// `row` may be of before the program began.
void Desk::note_given_up(const ledger::OrderRow& row) {
  if (row.note == kGivenUp && recorder_.now() - row.created_at < kLateArrival) given_up_.push_back(row.order_id);
}

void Desk::forget_given_up() {
  std::erase_if(given_up_, [&](std::int64_t order_id) {
    const ledger::OrderRow* row = recorder_.book().order(order_id);
    return row == nullptr || row->note != kGivenUp || recorder_.now() - row->created_at >= kLateArrival;
  });
}

// Words about an order that had ended.
void Desk::take_late(OrderId id, const OrderReport& report) {
  const ledger::OrderRow& row = row_of(id);
  const OrderState state = account().order(id).state;
  const bool given_up = was_given_up(row);
  if (given_up && report.state != ReportedState::kRejected) find_again(id, report);
  if (!lives(report.state)) {
    strays_.erase(row.order_id);
    return;
  }
  if (state == OrderState::kFilled) return;  // words out of order
  // The same: it is asked whether that is so.
  if (!given_up && !report.is_snapshot) return ask(id);
  const bool is_new = strays_.insert(row.order_id).second;
  // The answer to a cancel may be that it works still: it is asked for again, but not as fast as it is answered.
  Followed& each = followed(id);
  const core::Duration since = recorder_.now() - each.sent;
  if (!is_new && since >= core::Duration::zero() && since < settings_.in_flight_check) return;
  each.sent = recorder_.now();
  if (is_new && !given_up && tells_first("late " + row.client_order_id)) {
    recorder_.notify(Severity::kWarning,
                     fmt::format("order {} works at {} after it has ended", row.order_id, settings_.broker),
                     fmt::format("it is {} here, and is cancelled there; what is filled of it is booked", row.state));
  }
  static_cast<void>(connection_.cancel(row.client_order_id, row_of(id).broker_order_id));
}

void Desk::find_again(OrderId id, const OrderReport& report) {
  const ledger::OrderRow& row = row_of(id);
  if (row.note != kGivenUp) return;
  recorder_.record(
      OrderFound{.order_id = row.order_id, .broker_order_id = report.broker_order_id, .note = std::string(kCameLate)});
  if (!report.broker_order_id.empty()) by_broker_id_[report.broker_order_id] = row.order_id;
  std::erase(given_up_, row.order_id);
  recorder_.notify(Severity::kWarning,
                   fmt::format("order {} came to {} after it was given up", row.order_id, settings_.broker),
                   "what works of it is cancelled there, and what is filled of it is booked");
}

// Strays are asked to end again and again: they are looked at with the open orders.
void Desk::follow_strays(std::span<const OrderId> seen) {
  for (const std::int64_t order_id : std::vector(strays_.begin(), strays_.end())) {
    const auto id = local(order_id);
    if (!id) {
      strays_.erase(order_id);
    } else if (!std::ranges::binary_search(seen, *id)) {
      ask(*id);
    }
  }
}

bool Desk::fits(OrderId id, const OrderReport& report) {
  const Order& order = account().order(id);
  return report.symbol == account().instruments()[order.instrument].symbol && report.side == order.side &&
         report.quantity == order.quantity && report.time >= followed(id).first_sent - settings_.clock_tolerance;
}

// Nobody's yet.
bool Desk::is_unclaimed(const OrderReport& report) const {
  if (ARGOSY_PLANTED(kTakesAnothersOrder)) return report.client_order_id.empty() && !report.broker_order_id.empty();
  return report.client_order_id.empty() && !report.broker_order_id.empty() &&
         !by_broker_id_.contains(report.broker_order_id) && !foreign_.contains(report.broker_order_id) &&
         std::ranges::none_of(report.fills, [&](const trading::ReportedFill& fill) {
           return recorder_.book().fill(settings_.broker_account_id, fill.broker_fill_id) != nullptr;
         });
}

std::vector<OrderId> Desk::given_up_like(const OrderReport& report) {
  std::vector<OrderId> out;
  for (const std::int64_t order_id : given_up_) {
    if (const auto id = local(order_id); id && fits(*id, report)) out.push_back(*id);
  }
  return out;
}

// With a broker that knows no client ids: what nobody else waits for may be an order that was given up. Which of two
// that are alike and of one owner makes no difference; of two owners a person must say.
void Desk::match_given_up(std::span<const OrderReport> reports) {
  if (given_up_.empty()) return;
  for (const OrderReport& report : reports) {
    if (!is_unclaimed(report)) continue;
    const bool awaited = std::ranges::any_of(working(), [&](OrderId id) {
      const OrderState state = account().order(id).state;
      return (state == OrderState::kUnknown || state == OrderState::kSubmitted) && row_of(id).broker_order_id.empty() &&
             fits(id, report);
    });
    const std::vector<OrderId> like = given_up_like(report);
    if (awaited || like.empty()) continue;
    const auto owner = [&](OrderId id) { return std::pair(row_of(id).service_id, row_of(id).portfolio_id); };
    if (std::ranges::any_of(like, [&](OrderId id) { return owner(id) != owner(like.front()); })) {
      block(
          account().order(like.front()).instrument,
          fmt::format("order {} at {} could be one of {} that were given up: look there, and cancel what should not be",
                      report.broker_order_id, settings_.broker, like.size()));
      continue;
    }
    take_report(like.front(), report);
  }
}

// Shares differ: what was given up, or has ended before it was filled, may have been filled unheard. The oldest first.
void Desk::look_for_late(trading::InstrumentIndex i) {
  if (!capabilities().order_history || ARGOSY_PLANTED(kIgnoresGaps)) return;
  const auto may_be_filled = [&](const Followed& each) {
    const auto id = local(each.order_id);
    if (!id || each.first_sent == Timestamp{} || recorder_.now() - each.first_sent >= kLateArrival) return false;
    const Order& order = account().order(*id);
    return order.instrument == i && trading::is_final(order.state) && order.state != OrderState::kFilled;
  };
  const auto oldest = std::ranges::find_if(followed_, may_be_filled);
  if (oldest != followed_.end())
    static_cast<void>(connection_.ask_history(oldest->first_sent - settings_.clock_tolerance));
}

}  // namespace argosy::live
