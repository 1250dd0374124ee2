// Tells of corporate actions when their day comes: before the first price of an instrument on its exchange's ex-date, a
// delisting on the day after its last one. Who played the market tells the venue first and the process then, so that
// both do the same sum.
//
//   ActionTeller teller(executor, [&](const ActionTeller::Told& told) {
//     server.on_action(symbol, told.action, told.last_close, [=](Price counts) { process.push_action(...); });
//   });
//   teller.set_actions(snapshot.tables().actions);         // again when they have changed
//   if (teller.lets_through(traded, quote)) ...            // before anybody else sees the price
//   teller.on_time(now);                                   // now and then: where no prices come
//
// All that is known and due is told once after each start, and again when the actions have changed: who is told knows
// what it has booked. It belongs to one thread, the executor's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/executor.hpp"
#include "live/desk.hpp"
#include "market/calendar.hpp"
#include "market/corporate_actions.hpp"
#include "market/quote.hpp"

namespace argosy::live {

class ActionTeller {
 public:
  using Actions = std::map<std::string, std::vector<market::CorporateAction>>;  // by symbol
  struct Told {
    const TradedInstrument& traded;
    const market::CorporateAction& action;
    core::Price last_close;  // the last price that is known; before any that of the day, in shares of before a split
    bool is_new = false;     // prices of the days before it were let through
  };
  // What it posts to the executor is done before the next price gets through.
  using Tell = std::function<void(const Told& told)>;

  ActionTeller(core::Executor& executor, Tell tell)
      : executor_(executor), tell_(std::move(tell)), self_(std::make_shared<ActionTeller*>(this)) {}
  ~ActionTeller() { *self_ = nullptr; }
  ActionTeller(const ActionTeller&) = delete;
  ActionTeller& operator=(const ActionTeller&) = delete;

  void set_actions(Actions actions);
  // The last price before this program began.
  void believe(const std::string& symbol, core::Price last) { seen_[symbol].last = last; }
  // False: not yet, for an action is told first; the next price will do.
  [[nodiscard]] bool lets_through(const TradedInstrument& traded, const market::Quote& quote);
  // What is due of an instrument whose price is known, without a new one.
  void on_time(const TradedInstrument& traded, core::Timestamp now);

 private:
  struct Seen {
    const market::Calendar* calendar = nullptr;
    core::Timestamp next = core::Timestamp::min();  // the first instant of the next day
    core::Date told = core::Date::from_days(-1'000'000);
    std::int64_t version = -1;  // of the actions that were told
    core::Price last;
    core::Date quoted = core::Date::from_days(1'000'000);  // the first day of which a price was let through
    bool telling = false;
  };

  // Whether there was something to tell.
  bool tell_due(Seen& seen, const TradedInstrument& traded, core::Timestamp now, core::Price price);

  core::Executor& executor_;
  Tell tell_;
  Actions actions_;
  std::int64_t version_ = 0;
  std::map<std::string, Seen> seen_;
  std::shared_ptr<ActionTeller*> self_;
};

}  // namespace argosy::live
