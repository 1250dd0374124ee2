// The simulated exchange: takes approved orders and fills them from bars by the rules of docs/concepts/fills.md. It
// keeps its own books, apart from the account's; verify() compares the two.
//
//   SimulatedExchange exchange({.fees = fees, .slippage = *parse_slippage("percent:0.05"),
//                               .account = {.cash = cash}}, instruments);
//   exchange.set_listener(engine);
//   for each instant:
//     for each instrument with a bar:                        // in any order
//       if (exchange.is_waiting(i)) exchange.on_bar(i, bar);
//     exchange.match();                                      // fills; the listener may submit and cancel meanwhile
//     if (exchange.needs_marks()) exchange.on_close(i, close);
//   at the end of each day: exchange.end_of_day(day_key, days_to_the_next);
//
// match() goes through the bars of the instant in one order, whatever the order they came in:
//   1. requests that have arrived, orders whose session has ended
//   2. the openings: closing orders and sells, then buys, each by id; so that sales pay for buys
//   3. within the bars, instrument by instrument: stops, then limits; sales here pay for no buy here
//   4. the closings, as the openings
//   5. what had to be filled by now and was not
// What a listener submits for the instrument whose fill it is told of works in the rest of that bar; all else from the
// next bar on.
//
// Holds for: orders that are small against a bar's volume. Each model's header says where it lies.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "market/instrument.hpp"
#include "market/timeframe.hpp"
#include "trading/account.hpp"
#include "trading/broker.hpp"
#include "trading/fees.hpp"
#include "venue/bar_view.hpp"
#include "venue/books.hpp"
#include "venue/fill_model.hpp"
#include "venue/latency.hpp"
#include "venue/session_clock.hpp"
#include "venue/slippage.hpp"
#include "venue/working_order.hpp"

namespace argosy::venue {

// What selling short costs. It holds as long as the lists do: real rates and stocks of shares change by the hour.
struct BorrowTerms {
  Rate rate;                                        // a year, on the value of what is short
  std::vector<std::pair<std::string, Rate>> rates;  // of symbols that cost more or less
  std::vector<std::string> unavailable;             // symbols that nobody lends
};

struct ExchangeSettings {
  trading::FeeSchedule fees;
  Slippage slippage;
  LimitTouch limit_touch = LimitTouch::kTouch;
  Rate volume_cap;  // the share of a bar's volume that all orders of an instrument get; zero: any quantity trades
  Latency latency;
  trading::AccountSettings account;
  BorrowTerms borrow;
  Rate interest;  // a year, on cash that is borrowed
  market::Timeframe timeframe;
};

class SimulatedExchange final : public trading::Broker {
 public:
  SimulatedExchange(const ExchangeSettings& settings, std::vector<market::Instrument> instruments);
  // An instrument more; its index is the next one.
  InstrumentIndex add_instrument(const market::Instrument& instrument);
  // Must be called before the first order; the listener outlives the exchange's use.
  void set_listener(trading::BrokerListener& listener) { listener_ = &listener; }

  void submit(trading::Approved<trading::Order>&& approved) override;
  void cancel(OrderId id) override;
  void replace(trading::Approved<trading::OrderChange>&& approved) override;

  // An order that was let through elsewhere: the exchange stands on the other side of the customer's gate.
  void place(const trading::Order& order);
  // What is sent from now on leaves at this instant, not at the last bar's close.
  void set_time(core::Timestamp now) { now_ = now; }

  // Whether bars of the instrument matter now; on_bar() of others does nothing.
  [[nodiscard]] bool is_waiting(InstrumentIndex i) const { return !working_[i].empty() || watches_time_; }
  // Notes an instrument's bar of this instant.
  void on_bar(InstrumentIndex i, const BarView& bar) {
    if (is_waiting(i)) note(i, bar);
  }
  // Fills what the noted bars fill.
  void match() {
    if (!noted_.empty()) match_noted();
  }
  // A quote, matched at once: all sells, then all buys. The exchange's timeframe is then one minute: the last of a
  // session is its closing. Slippage that asks for volume, and the volume cap, have no meaning here.
  void on_quote(InstrumentIndex i, const QuoteView& quote);
  // The closes, for the value of what is held; only a margin account asks for them.
  [[nodiscard]] bool needs_marks() const { return books_.is_margin(); }
  void on_close(InstrumentIndex i, Price close) { books_.set_mark(i, close); }
  // Charges interest and borrow fees for `days` (to the next call), by actual days over 360, and judges the margin.
  void end_of_day(std::int64_t day_key, std::int64_t days);
  // The equity was below the maintenance margin at the last end of a day.
  [[nodiscard]] bool margin_call() const { return margin_call_; }

  // Corporate actions take effect before the bar of their ex-date trades. `last_close`: the close before the ex-date.
  // Orders are restated for splits; for dividends they are not: every order works as if marked "do not reduce".
  void split(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator, Price last_close);
  void dividend(InstrumentIndex i, Price amount) { books_.dividend(i, amount); }
  // The instrument is gone: its orders are cancelled and its holders get an amount a share, which shorts pay.
  void cash_out(InstrumentIndex i, std::int64_t key, Price amount);
  void set_rate(std::string_view currency, const market::ExchangeRate& rate) { books_.set_rate(currency, rate); }
  // Between the two nothing is filled.
  void halt(InstrumentIndex i) { states_[i].halted = true; }
  void resume(InstrumentIndex i) { states_[i].halted = false; }

  // For an exchange that goes on where another one of the same settings stopped, between two matches: what worked, what
  // was on its way, what was held, and the last bar. Nothing is told.
  void restore(InstrumentIndex i, const WorkingOrder& order);
  void restore(const Request& request) { requests_.push_back(request); }
  void restore(InstrumentIndex i, Quantity holding) { books_.set_holding(i, holding); }
  void restore_key(std::int64_t key) { last_key_ = std::max(last_key_, key); }
  void restore_delisting(InstrumentIndex i) { states_[i].gone = true; }
  // Nothing when it does not work any more. Valid until the next call.
  [[nodiscard]] const WorkingOrder* find_order(OrderId id) const;
  // The request to cancel it that is on its way, or nothing.
  [[nodiscard]] const Request* find_cancel(OrderId id) const;
  [[nodiscard]] const std::vector<WorkingOrder>& working(InstrumentIndex i) const { return working_[i]; }

  // The instant at which a bar's trading begins.
  [[nodiscard]] core::Timestamp opening(InstrumentIndex i, std::int64_t key) { return clock_.opening(i, key); }
  void fund(std::string_view currency, Money amount) { books_.fund(currency, amount); }
  [[nodiscard]] Money cash() const { return books_.cash(0); }  // of the account's own currency
  [[nodiscard]] const Books& books() const { return books_; }
  [[nodiscard]] Quantity holding(InstrumentIndex i) const { return books_.holding(i); }
  [[nodiscard]] std::size_t working_count() const;
  // Stops the program when these books and the account's differ, in cash, holdings or what orders have left: one of the
  // two has lost something.
  void verify(const trading::Account& account) const;

 private:
  // A bar of this instant.
  struct Noted {
    InstrumentIndex instrument = 0;
    bool trades = false;
    BarView bar;
    std::optional<SessionPlace> place;  // once it was asked for
    // Of the volume cap, or of the quote.
    Quantity room = Quantity::from_units(std::numeric_limits<std::int64_t>::max());
    std::optional<Side> only;  // of a quote: the side that trades at this price
  };
  struct Candidate {
    bool buys = false;
    OrderId id;
    std::size_t noted = 0;
    std::size_t at = 0;
    friend auto operator<=>(const Candidate&, const Candidate&) = default;
  };
  struct State {
    bool halted = false;
    bool gone = false;
    bool lendable = true;
    Rate borrow_rate;
  };
  // What of an order can be paid for.
  struct Fitting {
    Quantity quantity;
    Price price;
    Money cost;                     // of what it opens, fee included, in the currency it is paid in
    std::string_view refused = {};  // why it is less than asked for
  };

  // Lists keep their order and their orders until it ends: listeners may do anything meanwhile.
  class Busy {
   public:
    explicit Busy(SimulatedExchange& exchange) : exchange_(exchange) { exchange_.busy_ = true; }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;
    ~Busy();

   private:
    SimulatedExchange& exchange_;
  };

  // simulated_exchange.cpp: orders, requests, corporate actions, the end of a day.
  void add_state(const std::string& symbol);
  void list(OrderId id, InstrumentIndex i);
  [[nodiscard]] WorkingOrder* find(OrderId id);
  [[nodiscard]] Travel start_travel(InstrumentIndex i);
  // At the opening of a bar; counts it.
  [[nodiscard]] bool arrives(Travel& travel, InstrumentIndex i, std::int64_t key);
  void change(WorkingOrder& order, InstrumentIndex i, const trading::OrderChange& asked);
  // Takes part in the rest of the bar whose fill the listener is being told of, if it may.
  void join_match(WorkingOrder& order, InstrumentIndex i);
  // The order may be moved or gone afterwards.
  void end(WorkingOrder& order, trading::OrderEvent event, std::string_view note, std::int64_t key = 0);
  void send(const trading::BrokerEvent& event) { listener_->on_broker_event(event); }
  void remove_done();
  void restate(InstrumentIndex i, std::int64_t numerator, std::int64_t denominator);

  // matching.cpp: what a bar does to each order.
  void note(InstrumentIndex i, const BarView& bar);
  [[nodiscard]] bool can_trade(InstrumentIndex i, const BarView& bar) const;
  // Nothing can happen to any of the instrument's orders.
  [[nodiscard]] bool is_quiet(InstrumentIndex i, const BarView& bar, bool trades) const;
  void match_noted();
  void begin_bar(Noted& noted);
  void receive_requests(const Noted& noted);
  void begin_order(Noted& noted, std::size_t at);
  void auction(bool closing);
  void act_at_open(Noted& noted, std::size_t at);
  void act_at_close(Noted& noted, std::size_t at);
  void match_within(Noted& noted);
  bool try_all(Noted& noted, bool stops);
  void act_on_stop(Noted& noted, std::size_t at);
  void act_on_limit(Noted& noted, std::size_t at);
  void end_bar(Noted& noted);
  [[nodiscard]] std::optional<Fill> at_open(Noted& noted, const WorkingOrder& order);
  [[nodiscard]] std::optional<Fill> at_close(Noted& noted, const WorkingOrder& order);
  [[nodiscard]] const SessionPlace& place(Noted& noted);
  [[nodiscard]] WorkingOrder& order_at(const Noted& noted, std::size_t at) { return working_[noted.instrument][at]; }
  [[nodiscard]] bool takes_part(const WorkingOrder& order) const { return !order.done && order.match == match_; }
  [[nodiscard]] Price level_of(const Noted& noted, const WorkingOrder& order) const;
  // The stop is reached. False: the listener has ended the order.
  bool trigger(const Noted& noted, std::size_t at);

  // execution.cpp: how much of an order is filled, and what it costs.
  void execute(Noted& noted, std::size_t at, const Fill& fill);
  [[nodiscard]] Price slipped(const Noted& noted, const WorkingOrder& order, const Fill& fill, Quantity quantity) const;
  [[nodiscard]] Fitting fit(const Noted& noted, const WorkingOrder& order, const Fill& fill, Quantity quantity) const;
  [[nodiscard]] Money fee_of(const Noted& noted, Side side, Quantity quantity, Price price) const;
  [[nodiscard]] Money cost_of(const Noted& noted, Side side, Quantity quantity, Price price) const;
  [[nodiscard]] Money power(InstrumentIndex i) const;
  void book_and_tell(Noted& noted, std::size_t at, const Fill& fill, const Fitting& fitting);

  ExchangeSettings settings_;
  std::vector<market::Instrument> instruments_;
  Books books_;
  SessionClock clock_;
  std::vector<State> states_;                       // one an instrument
  std::vector<std::vector<WorkingOrder>> working_;  // one list an instrument, in order of arrival
  std::vector<InstrumentIndex> instrument_of_;      // by order id - 1
  std::vector<Request> requests_;                   // on their way, in the order in which they were made
  trading::BrokerListener* listener_ = nullptr;
  std::optional<core::Timestamp> now_;
  bool watches_time_ = false;  // every bar tells the time, for a latency in milliseconds
  std::int64_t last_key_ = std::numeric_limits<std::int64_t>::min();
  bool margin_call_ = false;

  // While an instant is matched.
  std::vector<Noted> noted_;
  std::vector<Candidate> candidates_;
  bool busy_ = false;
  std::vector<InstrumentIndex> with_done_;  // whose lists hold orders that are done
  std::int64_t match_ = 0;                  // counts the instants matched
  Moment moment_ = Moment::kOpening;
  std::int64_t joined_ = 0;                 // counts the orders that joined a match under way
  std::optional<InstrumentIndex> filling_;  // whose fill the listener is being told of
  Price filled_at_;                         // the price traded, before slippage
  std::vector<Money> spendable_;            // of each purse within the bars; empty: all there is
};

}  // namespace argosy::venue
