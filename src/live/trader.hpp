// The trading cycle: every service looks for a chance to buy, buys, looks for a chance to sell, sells, and begins
// again. One thread owns it, and ten thousand services share it. What happens comes as calls; what has to be written is
// in the recorder at the end of the turn.
//
//   Trader trader(settings, recorder, makers);
//   trader.add_desk(desk);
//   trader.begin();
//   trader.on_quote(slot, quote);                    // asks the services that are due, watches stops
//   const std::string answer = trader.take_request(request);
//   trader.on_time();                                // checks, snapshots
//   if (auto batch = recorder.take()) writer.write(std::move(*batch));
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "ledger/requests.hpp"
#include "live/advice.hpp"
#include "live/decision.hpp"
#include "live/desk.hpp"
#include "live/market_hours.hpp"
#include "live/order_request.hpp"
#include "live/recorder.hpp"
#include "live/request.hpp"
#include "trading/limits.hpp"
#include "trading/sizing.hpp"

namespace argosy::live {

struct TraderSettings {
  MarketHoursSettings hours;
  // The hard limits of every account: soft ones that are looser are refused.
  trading::LimitProfile limits;
  // A purchase is sized as if the price were so much higher: the market moves while an order is on its way.
  core::Rate price_buffer = core::Rate::from_units(5'000'000);
  std::int64_t failures_to_error = 5;                         // orders of a service that fail in a row
  core::Duration quote_age = std::chrono::seconds(60);        // a price older than this decides nothing
  core::Duration protective_retry = std::chrono::seconds(1);  // after an exit was refused
  core::Duration snapshot_every = std::chrono::seconds(60);   // of equity, and of positions' prices
};

// Makes what decides for a strategy and a symbol; it outlives the trader. An error says what is wrong with the
// strategy.
using MakerSource = std::function<core::Result<DecisionMaker*>(const std::string& strategy, const std::string& symbol)>;

using Slot = std::uint32_t;  // of an instrument that is watched

// The decision's numbers as a text: "draw=0.31 probability=0.4".
[[nodiscard]] std::string numbers_text(const DecisionAnswer& answer);

class Trader final : private DeskListener {
 public:
  // The fees estimate what a purchase costs. Recorder and makers outlive it.
  Trader(TraderSettings settings, trading::FeeSchedule fees, Recorder& recorder, MakerSource makers);
  ~Trader() override;
  Trader(const Trader&) = delete;
  Trader& operator=(const Trader&) = delete;

  void add_desk(Desk& desk);
  // The slot of an instrument, made at the first call. Of one that is watched already only `is_active` is looked at:
  // all else is as it was when the process began.
  Slot watch(const TradedInstrument& traded);
  [[nodiscard]] std::optional<Slot> find(std::int64_t instrument_id) const;
  [[nodiscard]] const TradedInstrument& instrument(Slot slot) const { return slots_[slot].traded; }
  [[nodiscard]] std::size_t slots() const { return slots_.size(); }
  // Takes up every service and switch of the book, and opens the desks.
  void begin();

  // A price that was believed.
  void on_quote(Slot slot, const market::Quote& quote);
  // An action whose day has come, before the first price of that day.
  void on_action(Slot slot, const market::CorporateAction& action, Price last_close);
  // A bar is complete, and the makers of its timeframe know it.
  void on_bar_closed(Slot slot, market::Timeframe timeframe);
  void on_time();
  // The last turn of a process that ends: what is worth how much now, and what guards remember.
  void finish();
  void on_written(std::vector<CommittedIntent> intents);
  // The ledger cannot be written (error), or can be again.
  void on_ledger(const core::Error* error);
  // No new orders from now on; what works goes on.
  void stop_entries(const std::string& reason);

  // Does what is asked and returns the answer, JSON; an error changes nothing.
  [[nodiscard]] core::Result<std::string> take_request(std::string_view kind, std::string_view payload,
                                                       const std::string& requested_by);

  // What would be decided now; nothing follows from it (trader_advice.cpp).
  [[nodiscard]] core::Result<Advice> advise(const AdviceWish& wish);
  [[nodiscard]] core::Result<Advice> advise(std::int64_t service_id);

  // --- Looking. ---
  [[nodiscard]] const Book& book() const { return recorder_.book(); }
  [[nodiscard]] std::size_t in_flight() const;  // orders that are sent and not answered
  [[nodiscard]] const std::string& stopped() const { return stopped_; }
  [[nodiscard]] const std::string& ledger_down() const { return ledger_down_; }
  [[nodiscard]] bool is_open(Slot slot) { return slots_[slot].hours.is_open(recorder_.now()); }
  [[nodiscard]] std::optional<core::Timestamp> last_quote(Slot slot) const;
  [[nodiscard]] std::size_t services_of(Slot slot) const { return slots_[slot].services.size(); }
  struct Counts {
    std::int64_t quotes = 0;
    std::int64_t decisions = 0;
    std::int64_t orders = 0;
    std::int64_t denied = 0;
    std::int64_t fills = 0;
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  // Levels of a service, and what they were made of.
  struct Exits {
    ExitLevels levels;
    Quantity shares;
    Rate stop_loss_percent;
    Rate take_profit_percent;
  };
  struct Runtime {
    const ledger::ServiceRow* row = nullptr;
    Slot slot = 0;
    Desk* desk = nullptr;
    trading::InstrumentIndex index = 0;
    DecisionMaker* maker = nullptr;
    bool timed = true;          // asked each interval, rather than at bars
    core::Timestamp next{};     // asked from then on
    core::Timestamp protect{};  // an exit is tried from then on
    std::int64_t order = 0;     // that works; 0: none
    bool selling = false;       // that order sells
    bool wants_sale = false;    // sells as soon as that purchase is cancelled
    Exits exits;
    trading::Halt halt = trading::Halt::kNone;
  };
  struct Watched {
    TradedInstrument traded;
    MarketHours hours;
    market::Quote quote;
    bool quoted = false;
    std::vector<std::pair<Desk*, trading::InstrumentIndex>> desks;
    std::vector<std::uint32_t> services;  // places in runtimes_
  };

  void on_order_changed(const ledger::OrderRow& order, bool filled) override;
  void on_desk_ready() override;
  void on_action(Desk& desk, trading::InstrumentIndex i, const market::CorporateAction& action) override;

  core::Result<void> take_up(const ledger::ServiceRow& row);
  [[nodiscard]] Desk* desk_of(std::int64_t broker_account) const;
  [[nodiscard]] Runtime* runtime_of(std::int64_t service);
  void consider(Runtime& service);
  void protect(Runtime& service, core::Timestamp now);
  void refresh_levels(Runtime& service, core::Timestamp now);
  [[nodiscard]] std::optional<trading::OrderReason> reason_to_leave(Runtime& service, core::Timestamp now);
  void ask(Runtime& service, core::Timestamp now);
  void buy(Runtime& service, DecisionMade& made, const EntryWish& wish);
  [[nodiscard]] trading::Order entry_order(const Runtime& service, const EntryWish& wish);
  // The nearer of these levels and those of percents of what was paid.
  static void narrow(ExitLevels& levels, Price paid, Rate stop_loss_percent, Rate take_profit_percent);
  [[nodiscard]] static Advice begin_advice(const Watched& watched, Question what, std::string source);
  [[nodiscard]] std::string why_no_price(Slot slot);
  [[nodiscard]] std::string why_not_considered(const Runtime& service);
  [[nodiscard]] std::string why_not_asked(const Runtime& service);
  [[nodiscard]] DecisionQuestion question(const Runtime& service, core::Timestamp now) const;
  [[nodiscard]] Desk::Placed sell(Runtime& service, trading::OrderReason reason, DecisionMade& made);
  [[nodiscard]] DecisionMade describe(const Runtime& service, Question what, std::string source) const;
  [[nodiscard]] Quantity size(const Runtime& service, Price price, Rate share);
  Desk::Placed place(Runtime& service, const trading::Order& order, std::int64_t decision);
  void note_failure(Runtime& service, const std::string& why);
  void release_rest(Runtime& service);
  void move_state(const Runtime& service, ledger::ServiceState state, const std::string& reason, Money amount);
  void tell_desks_to_send();
  void apply_switches();
  void act_on_switch(const ledger::KillSwitchRow& row);
  void snapshot(core::Timestamp now);
  void begin_day(core::Timestamp now);
  void follow_clock(core::Timestamp now);
  void retire(Runtime& service, const market::CorporateAction& action);

  using Answer = core::Result<std::string>;
  // trader_orders.cpp: orders of people, for a portfolio.
  struct Place {
    Slot slot = 0;
    Desk* desk = nullptr;
    trading::InstrumentIndex index = 0;
  };
  Answer place_order(const PlaceOrder& asked, const std::string& by);
  Answer replace_order(const ReplaceOrder& asked, const std::string& by);
  void each_own_order(const ledger::PortfolioRow& portfolio,
                      const std::function<void(const ledger::OrderRow&, Money promised)>& use) const;
  [[nodiscard]] Money free_cash(const ledger::PortfolioRow& portfolio) const;
  [[nodiscard]] Quantity free_shares(const ledger::PortfolioRow& portfolio, std::int64_t instrument_id) const;
  [[nodiscard]] core::Result<Place> find_place(const ledger::PortfolioRow& portfolio, std::int64_t instrument_id,
                                               const std::string& symbol);
  [[nodiscard]] bool is_fresh(Slot slot) const;
  [[nodiscard]] Price most_paid(const Place& place, const trading::Order& order) const;
  [[nodiscard]] trading::BuyTerms own_terms(const Place& place, const market::Instrument& instrument, Price price);
  [[nodiscard]] core::Result<void> check_means(const ledger::PortfolioRow& portfolio, const Place& place,
                                               const trading::Order& order, Money released, Quantity given_back);
  [[nodiscard]] core::Result<trading::Order> own_order(const PlaceOrder& asked, const ledger::PortfolioRow& portfolio,
                                                       const Place& place);
  Desk::Placed place_own(const ledger::PortfolioRow& portfolio, const Place& place, const trading::Order& order,
                         std::string reason, std::optional<std::int64_t> replaces);
  // It shall not be changed any more; people are told why, where there is a reason.
  void keep_order(const ledger::OrderRow& row, const std::string& why);
  void follow_own(const ledger::OrderRow& row);
  void put_in_its_place(const ledger::OrderRow& row);
  void follow_all_own(Desk& desk);
  void follow_waiting();
  void cancel_own(Desk& desk, const std::function<bool(const ledger::OrderRow&)>& is_meant);

  // trader_requests.cpp: each kind of request. Returns the answer.
  Answer dispatch(std::string_view kind, const core::JsonValue& payload, const std::string& by);
  Answer create_service(const CreateService& asked, const std::string& by);
  Answer set_service(const SetService& asked, const std::string& by);
  Answer start_service(std::int64_t id, const std::string& by);
  Answer pause_service(std::int64_t id, const std::string& by);
  Answer stop_service(std::int64_t id, const std::string& by);
  Answer close_position(std::int64_t id, const std::string& by);
  Answer remove_service(std::int64_t id, const std::string& by);
  Answer complete(const CompleteTransaction& asked, const std::string& by);
  Answer cancel_order(std::int64_t id);
  Answer cancel_all();
  Answer create_portfolio(const CreatePortfolio& asked, const std::string& by);
  Answer set_portfolio(const SetPortfolio& asked, const std::string& by);
  Answer remove_portfolio(std::int64_t id, const std::string& by);
  Answer tell_user(const TellUser& asked);
  Answer move_money(const MovePortfolioMoney& asked, bool out, const std::string& by);
  Answer throw_switch(const ThrowSwitch& asked, const std::string& by);
  Answer release_switch(const ReleaseSwitch& asked, const std::string& by);
  Answer set_limit(const SetLimit& asked, const std::string& by);
  Answer try_switches(std::int64_t account);
  Answer reset_breakers(std::int64_t account, const std::string& by);
  [[nodiscard]] core::Result<const ledger::PortfolioRow*> find_portfolio(std::int64_t id) const;
  // Whether another portfolio of the owner may be called so.
  [[nodiscard]] core::Result<void> check_name(std::int64_t owner, const std::string& name) const;
  [[nodiscard]] const ledger::ServiceRow* find_row(std::int64_t service) const;
  [[nodiscard]] core::Result<Runtime*> find_service(std::int64_t id);
  [[nodiscard]] Money free_balance(const Runtime& service) const;

  TraderSettings settings_;
  trading::FeeSchedule fees_;
  Recorder& recorder_;
  MakerSource makers_;
  std::vector<Desk*> desks_;
  std::vector<Watched> slots_;
  std::unordered_map<std::int64_t, Slot> slot_of_;
  std::vector<std::unique_ptr<Runtime>> runtimes_;
  std::unordered_map<std::int64_t, std::uint32_t> runtime_of_;
  std::string stopped_;       // why nothing is bought; empty: it may be
  std::string ledger_down_;   // why nothing is decided
  core::Timestamp looked_{};  // at the clock, last
  core::Timestamp next_snapshot_{};
  core::Date day_{};
  trading::TradingDays days_;
  core::Date looked_at_day_{};
  std::set<std::int64_t> waiting_;  // orders that have ended, whose successors wait for a desk or a price
  Counts counts_;
};

}  // namespace argosy::live
