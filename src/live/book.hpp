// The books of trading services: portfolios, services, transactions, orders, positions and every movement of money, as
// the fold of the journal's events (live/event.hpp). Deterministic and without I/O. The rows that an event changed are
// collected and written with it, in one unit of work; a book that is folded anew from the whole journal has the same
// rows (live/verify.hpp).
//
//   Book book;
//   book.load(std::move(rows));                          // at start-up: what does not end with the past
//   ARGOSY_TRY_VOID(book.apply(event));
//   ledger::Changes changes;
//   book.collect(changes);                               // since the last call
//
// A service is a sub-account of its portfolio. Every group of entries adds up to zero in each currency.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "ledger/changes.hpp"
#include "ledger/equity.hpp"
#include "ledger/load.hpp"
#include "live/event.hpp"
#include "market/exchange_rate.hpp"
#include "trading/order.hpp"

namespace argosy::live {

class Book {
 public:
  // Rows that may still change, and the highest numbers ever given.
  void load(ledger::TradingRows rows);
  // Numbers of the next rows; the event that makes one must carry it.
  [[nodiscard]] const ledger::LastNumbers& last() const { return last_; }

  // kCorrupt, and nothing is changed, where the event cannot follow what is there.
  [[nodiscard]] core::Result<void> apply(const Event& event);
  // Adds the rows that changed since the last call, and the entries, fills and fundings made.
  void collect(ledger::Changes& changes);
  // Forgets orders that have ended but for the newest `keep`, once they are collected and there are a tenth more.
  // Returns those that were forgotten.
  std::vector<std::int64_t> forget(std::size_t keep);

  [[nodiscard]] const ledger::PortfolioRow* portfolio(std::int64_t id) const { return look_up(portfolios_, id); }
  [[nodiscard]] const ledger::ServiceRow* service(std::int64_t id) const { return look_up(services_, id); }
  [[nodiscard]] const ledger::OrderRow* order(std::int64_t id) const { return look_up(orders_, id); }
  [[nodiscard]] const ledger::TransactionRow* transaction(std::int64_t id) const { return look_up(transactions_, id); }
  // The open transaction of a service, or null.
  [[nodiscard]] const ledger::TransactionRow* open_transaction(std::int64_t service) const;
  [[nodiscard]] const ledger::PositionRow* position(std::int64_t account, std::int64_t instrument) const;
  // Splits, dividends and delistings of an account's instrument that are booked, by ex-date.
  [[nodiscard]] std::vector<const ledger::BookedActionRow*> actions(std::int64_t account,
                                                                    std::int64_t instrument) const;
  // Whether the broker's fill is booked already; only of orders that are in memory.
  // A fill of an order in memory, as it was booked; null: there is none.
  struct BookedFill {
    Price price;
    Quantity quantity;
  };
  [[nodiscard]] const BookedFill* fill(std::int64_t account, const std::string& broker_fill_id) const;
  // With those that are removed.
  [[nodiscard]] const std::map<std::int64_t, ledger::PortfolioRow>& portfolios() const { return portfolios_; }
  // Whether a portfolio of the owner, be it removed, has the name.
  [[nodiscard]] bool has_portfolio(std::int64_t owner, const std::string& name) const;
  // Why a portfolio cannot be removed, in words; empty: it can, as far as rows tell.
  [[nodiscard]] std::string what_is_in(const ledger::PortfolioRow& row) const;
  [[nodiscard]] const std::map<std::int64_t, ledger::ServiceRow>& services() const { return services_; }
  [[nodiscard]] const std::map<std::int64_t, ledger::OrderRow>& orders() const { return orders_; }
  using Key = std::pair<std::int64_t, std::int64_t>;  // account or portfolio, instrument
  [[nodiscard]] const std::map<Key, ledger::PositionRow>& positions() const { return positions_; }
  [[nodiscard]] const std::map<Key, ledger::HoldingRow>& holdings() const { return holdings_; }
  [[nodiscard]] const std::map<std::int64_t, ledger::KillSwitchRow>& switches() const { return switches_; }
  [[nodiscard]] const ledger::GuardRow* guard(std::int64_t account) const { return look_up(guards_, account); }
  // The day of trading, from the last event that began one; 1970-01-01 before any.
  [[nodiscard]] core::Date day() const { return day_; }
  [[nodiscard]] const ledger::DailyPnlRow* pnl(ledger::EquityScope scope, std::int64_t subject) const;
  // Limits that users have set, by name; beside the journal, whose requests have them.
  [[nodiscard]] const std::map<std::string, ledger::RiskLimitRow>& soft_limits() const { return soft_limits_; }
  void set_soft_limit(ledger::RiskLimitRow row);
  [[nodiscard]] std::int64_t next_outbox() { return ++last_.outbox; }
  // Cash of all portfolios and services of a broker account; in all currencies, or in one.
  [[nodiscard]] Money cash_of(std::int64_t broker_account) const;
  [[nodiscard]] Money cash_of(std::int64_t broker_account, const std::string& currency) const;
  // The last price known of a position; kept beside the journal, for it can be asked for again.
  void set_price(std::int64_t account, std::int64_t instrument, Price price, const market::ExchangeRate& rate,
                 core::Timestamp time);
  // What an account or a portfolio is worth, at these prices; of the day that runs.
  void set_worth(ledger::EquityScope scope, std::int64_t subject, Money unrealised, Money equity);

 private:
  template <class Row>
  static const Row* look_up(const std::map<std::int64_t, Row>& rows, std::int64_t id) {
    const auto found = rows.find(id);
    return found == rows.end() ? nullptr : &found->second;
  }
  struct Part {  // of a fill: what moves
    ledger::OrderRow& order;
    Money amount;  // price x quantity, in the instrument's currency
    Money paid;    // the same in the holder's currency
    Money fee;     // in the holder's currency
    Quantity quantity;
    bool buys = false;
    core::Timestamp time{};  // of the fill
  };

  static std::unexpected<core::Error> corrupt(const Event& event, const std::string& what);
  core::Result<void> on(const RequestTaken&, const Event&) { return {}; }
  core::Result<void> on(const TimerFired& timer, const Event& event);
  core::Result<void> on(const SwitchTried&, const Event&) { return {}; }
  core::Result<void> on(const GuardKept& kept, const Event& event);
  core::Result<void> on(const PortfolioMade& made, const Event& event);
  core::Result<void> on(const PortfolioFunded& funded, const Event& event);
  core::Result<void> on(const PortfolioSet& set, const Event& event);
  core::Result<void> on(const PortfolioRemoved& removed, const Event& event);
  core::Result<void> on(const ServiceMade& made, const Event& event);
  core::Result<void> on(const ServiceSet& set, const Event& event);
  core::Result<void> on(const ServiceMoved& moved, const Event& event);
  core::Result<void> on(const ServiceFailed& failed, const Event& event);
  core::Result<void> on(const ServiceRemoved& removed, const Event& event);
  core::Result<void> on(const DecisionMade&, const Event&) { return {}; }
  core::Result<void> on(const OrderMade& made, const Event& event);
  core::Result<void> on(const OrderMoved& moved, const Event& event);
  core::Result<void> on(const OrderFound& found, const Event& event);
  core::Result<void> on(const OrderChangeAsked& asked, const Event& event);
  core::Result<void> on(const FillBooked& fill, const Event& event);
  core::Result<void> on(const TransactionCompleted& completed, const Event& event);
  core::Result<void> on(const PositionAdopted& adopted, const Event& event);
  core::Result<void> on(const CashAdopted& adopted, const Event& event);
  core::Result<void> on(const SwitchChanged& changed, const Event& event);
  core::Result<void> on(const ActionBooked& booked, const Event& event);

  struct Holder {
    ledger::CashHolder kind = ledger::CashHolder::kPortfolio;
    std::int64_t id = 0;
  };
  // Somebody whose shares an account holds, and what an action gives (book_actions.cpp).
  struct Sharer {
    ledger::CashHolder kind = ledger::CashHolder::kService;  // kExternal: nobody's here
    std::int64_t id = 0;
    Holder purse;                // whose money it is
    std::int64_t portfolio = 0;  // whose holding it is part of; 0: none
    std::string currency;        // of the purse
    Quantity before;
    Quantity entitled;  // to the smallest unit
    Quantity after;
    Money amount;  // of cash, in the instrument's currency
    Money cash;    // the same in the purse's
  };
  void enter(const Event& event, std::int64_t account, Holder holder, const std::string& currency, Money amount,
             const char* reason, std::optional<std::int64_t> fill = {});
  void take_default(std::int64_t owner);
  static ledger::PortfolioRow& come_back(ledger::PortfolioRow& row);
  [[nodiscard]] std::string removed_name(const ledger::PortfolioRow& row) const;
  // Both sides of a movement of money.
  void move(const Event& event, std::int64_t account, Holder from, Holder to, const std::string& currency, Money amount,
            const char* reason, std::optional<std::int64_t> fill = {});
  void set_wanted(ledger::OrderRow& order, const OrderChangeAsked& asked, const Event& event);
  core::Result<void> step(ledger::OrderRow& order, trading::OrderEvent what, const Event& event);
  void book_money(const Part& part, const FillBooked& fill, const Event& event, const std::string& currency);
  void book_shares(const Part& part, const Event& event);
  void book_transaction(const Part& part, const Event& event);
  void open_transaction_for(const Part& part, ledger::ServiceRow& service, const Event& event);
  void close_if_sold(ledger::TransactionRow& row, ledger::ServiceRow& service, const Event& event);
  std::vector<Sharer> sharers_of(std::int64_t account, std::int64_t instrument) const;
  void book_split(const ActionBooked& booked, const Event& event, std::vector<Sharer>& sharers,
                  ledger::BookedActionRow& row);
  void book_dividend(const ActionBooked& booked, const Event& event, std::vector<Sharer>& sharers,
                     ledger::BookedActionRow& row);
  void book_delisting(const ActionBooked& booked, const Event& event, std::vector<Sharer>& sharers,
                      ledger::BookedActionRow& row);
  void allot(const ActionBooked& booked, std::vector<Sharer>& sharers, Quantity held, Quantity kept, Price price) const;
  void pay(const ActionBooked& booked, const Event& event, std::vector<Sharer>& sharers);
  void restate_orders(const ActionBooked& booked, const Event& event);
  void restate_holdings(const ActionBooked& booked, const Event& event, std::span<const Sharer> sharers);
  void restate_transaction(const ActionBooked& booked, const Event& event, const Sharer& sharer);
  // Adds to the day's profit or fees of a portfolio and its account. Before the first day nothing is counted.
  void add_to_day(const ledger::PortfolioRow& portfolio, Money realised, Money fees);
  void count_from(ledger::EquityScope scope, std::int64_t subject, const std::string& currency);
  ledger::PositionRow& position_at(std::int64_t account, std::int64_t instrument, const std::string& symbol);
  ledger::HoldingRow& holding_at(std::int64_t portfolio, std::int64_t instrument, const std::string& symbol);

  std::map<std::int64_t, ledger::PortfolioRow> portfolios_;
  std::map<std::int64_t, ledger::ServiceRow> services_;
  std::map<std::int64_t, ledger::TransactionRow> transactions_;
  std::map<std::int64_t, ledger::OrderRow> orders_;
  std::map<Key, ledger::PositionRow> positions_;
  std::map<Key, ledger::HoldingRow> holdings_;
  std::map<std::int64_t, ledger::KillSwitchRow> switches_;
  std::map<std::int64_t, ledger::GuardRow> guards_;
  std::map<std::tuple<std::int64_t, std::int64_t, core::Date, std::string>, ledger::BookedActionRow>
      actions_;  // by account, instrument, ex-date and kind
  using PnlKey = std::tuple<core::Date, ledger::EquityScope, std::int64_t>;
  std::map<PnlKey, ledger::DailyPnlRow> pnl_;  // of the day that runs
  core::Date day_;
  std::map<std::string, ledger::RiskLimitRow> soft_limits_;
  std::unordered_map<std::int64_t, std::int64_t> open_;                         // service -> its open transaction
  std::unordered_map<std::int64_t, std::vector<std::string>> fill_ids_;         // order -> the broker's
  std::map<std::int64_t, std::unordered_map<std::string, BookedFill>> booked_;  // account -> the broker's fills
  std::map<std::pair<std::int64_t, std::string>, Money> cash_;  // account and currency -> of its holders
  ledger::LastNumbers last_;

  // Since the last collect().
  std::vector<std::int64_t> changed_portfolios_;
  std::vector<std::int64_t> renamed_portfolios_;  // or no longer the default ones, or the default ones now
  std::vector<std::int64_t> changed_services_;
  std::vector<std::int64_t> changed_transactions_;
  std::vector<std::int64_t> changed_orders_;
  std::vector<Key> changed_positions_;
  std::vector<Key> changed_holdings_;
  std::vector<std::int64_t> changed_switches_;
  std::vector<std::int64_t> changed_guards_;
  std::vector<PnlKey> changed_pnl_;
  std::vector<std::string> changed_limits_;
  std::vector<ledger::CashEntryRow> entries_;
  std::vector<ledger::FillRow> fills_;
  std::vector<ledger::FundingRow> fundings_;
  std::vector<ledger::BookedActionRow> booked_actions_;
  std::vector<ledger::ActionShareRow> action_shares_;
};

}  // namespace argosy::live
