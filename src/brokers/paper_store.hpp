// The paper venue's books in a database of their own: `paper.db`.
//
//   ARGOSY_TRY(auto database, ledger::open_database({.path = home + "/paper.db"}, paper_schema(), files, clock));
//   ARGOSY_TRY(PaperState state, load_paper_state(*database));
//   ARGOSY_TRY_VOID(save_paper_changes(*database, changes));     // one unit of work
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "brokers/paper_protocol.hpp"
#include "core/record.hpp"
#include "ledger/database.hpp"
#include "ledger/schema.hpp"

namespace argosy::brokers {

[[nodiscard]] const ledger::Schema& paper_schema();

struct PaperOrderRow {
  std::int64_t order_number = 0;  // the broker's id is "P" and this
  std::string client_order_id;    // as it came
  bool client_ids = true;         // the venue kept to it: then it is unique
  std::string symbol;
  trading::Side side = trading::Side::kBuy;
  trading::OrderKind kind = trading::OrderKind::kMarket;
  trading::TimeInForce time_in_force = trading::TimeInForce::kDay;
  core::Quantity quantity;
  core::Price limit_price;
  core::Price stop_price;
  bool closes = false;
  bool shrink_to_cash = false;
  trading::ReportedState state = trading::ReportedState::kPending;
  core::Quantity filled;
  bool triggered = false;
  std::string note;
  core::Timestamp received_at;
  core::Timestamp updated_at;
  // What is left of the order's way, and of a cancel's.
  std::int64_t travel_bars = 0;
  std::optional<core::Timestamp> arrives_at;
  std::optional<core::Date> session;  // its first
  bool cancel_asked = false;
  std::int64_t cancel_bars = 0;
  std::optional<core::Timestamp> cancel_arrives_at;
};

struct PaperFillRow {
  std::int64_t fill_number = 0;  // the broker's id is "F" and this
  std::int64_t order_number = 0;
  std::string symbol;
  core::Price price;
  core::Quantity quantity;  // sold: negative
  core::Money fee;
  std::string currency;  // of the balance that paid
  core::Money cash;      // what it got, fee included; paid: negative
  std::int64_t bar_key = 0;
  std::string rule;
  core::Timestamp time;
  std::optional<core::Price> rate = {};  // where the balance is in another currency than the instrument
  bool rate_inverse = false;             // divided by the rate
};

struct PaperAccountRow {
  std::string currency;
  core::Money cash;
};

struct PaperHoldingRow {
  std::string symbol;
  core::Quantity quantity;
  core::Price average_price;
  std::int64_t last_key = 0;  // of the last bar or quote that came before what is stored
  std::int64_t place = 0;     // in the list of instruments, by which those of one instant are matched
  bool delisted = false;
  std::optional<core::Timestamp> filled_at;  // the last fill
};

struct PaperFundingRow {
  std::int64_t funding_id = 0;
  std::string currency;
  core::Money amount;
  core::Timestamp time;
};

// A corporate action and what it did to the account.
struct PaperActionRow {
  std::string symbol;
  core::Date ex_date;
  std::string kind;
  core::Quantity quantity;
  std::string currency;
  core::Money cash;
  core::Timestamp time;
  core::Price price;  // of a split: the close before it
};

struct PaperState {
  std::int64_t last_order = 0;
  std::int64_t last_fill = 0;
  std::vector<PaperOrderRow> orders;  // that work
  std::vector<PaperFillRow> fills;    // theirs
  std::vector<PaperAccountRow> accounts;
  std::vector<PaperHoldingRow> holdings;
};

// Rows that are new or have changed.
struct PaperChanges {
  std::vector<PaperOrderRow> orders;
  std::vector<PaperFillRow> fills;
  std::vector<PaperAccountRow> accounts;
  std::vector<PaperHoldingRow> holdings;
  std::vector<PaperFundingRow> fundings;
  std::vector<PaperActionRow> actions;

  [[nodiscard]] bool empty() const {
    return orders.empty() && fills.empty() && accounts.empty() && holdings.empty() && fundings.empty() &&
           actions.empty();
  }
};

[[nodiscard]] core::Result<PaperState> load_paper_state(ledger::Database& database);
[[nodiscard]] core::Result<void> save_paper_changes(ledger::Database& database, const PaperChanges& changes);

// An order by its number or by the client's id, of those whose ids are kept; nothing: there is none.
[[nodiscard]] core::Result<std::optional<trading::OrderReport>> find_paper_order(ledger::Database& database,
                                                                                 std::int64_t number);
[[nodiscard]] core::Result<std::optional<trading::OrderReport>> find_paper_order(ledger::Database& database,
                                                                                 const std::string& client_order_id);
// Orders that were filled or have ended at a time or later, by the time of their last change.
[[nodiscard]] core::Result<std::vector<trading::OrderReport>> find_paper_history(ledger::Database& database,
                                                                                 core::Timestamp since);
[[nodiscard]] core::Result<std::optional<PaperFundingRow>> find_paper_funding(ledger::Database& database,
                                                                              std::int64_t funding_id);
// The row of an action that is booked, by symbol, ex-date and kind.
[[nodiscard]] core::Result<std::optional<PaperActionRow>> find_paper_action(ledger::Database& database,
                                                                            const PaperActionRow& action);

[[nodiscard]] std::string broker_order_id(std::int64_t number);
[[nodiscard]] std::string broker_fill_id(std::int64_t number);
// Nothing where the text is none of ours.
[[nodiscard]] std::optional<std::int64_t> order_number(const std::string& broker_order_id);

[[nodiscard]] trading::ReportedFill to_report(const PaperFillRow& row);
// Everything about the order but its fills.
[[nodiscard]] trading::OrderReport to_report(const PaperOrderRow& row);

}  // namespace argosy::brokers

template <>
struct argosy::core::RecordOf<argosy::brokers::PaperOrderRow> {
  using Row = argosy::brokers::PaperOrderRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, order_number, .text = "number"),
      ARGOSY_FIELD(Row, client_order_id, .limits = {.maximum_length = 40}, .text = "as it came"),
      ARGOSY_FIELD(Row, client_ids, .text = "the client's id was kept to"),
      ARGOSY_FIELD(Row, symbol, .text = "what is traded"),
      ARGOSY_FIELD(Row, side, .limits = {.one_of = argosy::brokers::kSideNames}, .text = "buy or sell"),
      ARGOSY_FIELD(Row, kind, .limits = {.one_of = argosy::brokers::kKindNames}, .text = "of order"),
      ARGOSY_FIELD(Row, time_in_force, .limits = {.one_of = argosy::brokers::kTimeInForceNames},
                   .text = "how long it works"),
      ARGOSY_FIELD(Row, quantity, .text = "how much"),
      ARGOSY_FIELD(Row, limit_price, .text = "0: none"),
      ARGOSY_FIELD(Row, stop_price, .text = "0: none"),
      ARGOSY_FIELD(Row, closes, .text = "may only make a position smaller"),
      ARGOSY_FIELD(Row, shrink_to_cash, .text = "fills what the cash pays"),
      ARGOSY_FIELD(Row, state, .limits = {.one_of = argosy::brokers::kReportedStateNames}, .text = "what it is now"),
      ARGOSY_FIELD(Row, filled, .text = "in all"),
      ARGOSY_FIELD(Row, triggered, .text = "its stop was reached"),
      ARGOSY_FIELD(Row, note, .text = "why it was rejected or cancelled"),
      ARGOSY_FIELD(Row, received_at, .text = "when it came"),
      ARGOSY_FIELD(Row, updated_at, .text = "when it changed last"),
      ARGOSY_FIELD(Row, travel_bars, .text = "until it arrives"),
      ARGOSY_FIELD(Row, arrives_at, .text = "not before"),
      ARGOSY_FIELD(Row, session, .text = "its first"),
      ARGOSY_FIELD(Row, cancel_asked, .text = "a cancel is on its way"),
      ARGOSY_FIELD(Row, cancel_bars, .text = "until that arrives"),
      ARGOSY_FIELD(Row, cancel_arrives_at, .text = "not before"),
  };
  static constexpr RecordType kType{"paper_orders", "Orders at the paper venue", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::brokers::PaperFillRow> {
  using Row = argosy::brokers::PaperFillRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, fill_number, .text = "number"),
      ARGOSY_FIELD(Row, order_number, .text = "whose"),
      ARGOSY_FIELD(Row, symbol, .text = "what was traded"),
      ARGOSY_FIELD(Row, price, .text = "paid"),
      ARGOSY_FIELD(Row, quantity, .text = "sold: negative"),
      ARGOSY_FIELD(Row, fee, .text = "in the instrument's currency"),
      ARGOSY_FIELD(Row, currency, .text = "of the balance that paid"),
      ARGOSY_FIELD(Row, cash, .text = "what the balance got"),
      ARGOSY_FIELD(Row, bar_key, .text = "of the bar or quote"),
      ARGOSY_FIELD(Row, rule, .text = "that decided the price"),
      ARGOSY_FIELD(Row, time, .text = "of the trade"),
      ARGOSY_FIELD(Row, rate, .text = "into the balance's currency"),
      ARGOSY_FIELD(Row, rate_inverse, .text = "divided by the rate"),
  };
  static constexpr RecordType kType{"paper_fills", "What the paper venue filled", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::brokers::PaperAccountRow> {
  using Row = argosy::brokers::PaperAccountRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, currency, .text = "ISO 4217"),
      ARGOSY_FIELD(Row, cash, .text = "that is there"),
  };
  static constexpr RecordType kType{"paper_accounts", "Cash at the paper venue", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::brokers::PaperHoldingRow> {
  using Row = argosy::brokers::PaperHoldingRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, symbol, .text = "what is held"),
      ARGOSY_FIELD(Row, quantity, .text = "how much"),
      ARGOSY_FIELD(Row, average_price, .text = "that was paid"),
      ARGOSY_FIELD(Row, last_key, .text = "of the last bar or quote"),
      ARGOSY_FIELD(Row, place, .text = "in the list of instruments"),
      ARGOSY_FIELD(Row, delisted, .text = "it trades no more"),
      ARGOSY_FIELD(Row, filled_at, .text = "time of the last fill"),
  };
  static constexpr RecordType kType{"paper_holdings", "Holdings at the paper venue", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::brokers::PaperFundingRow> {
  using Row = argosy::brokers::PaperFundingRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, funding_id, .text = "the client's"),
      ARGOSY_FIELD(Row, currency, .text = "ISO 4217"),
      ARGOSY_FIELD(Row, amount, .text = "negative: taken out"),
      ARGOSY_FIELD(Row, time, .text = "when it was booked"),
  };
  static constexpr RecordType kType{"paper_fundings", "Money moved into and out of the paper account", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::brokers::PaperActionRow> {
  using Row = argosy::brokers::PaperActionRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, symbol, .text = "of the instrument"),
      ARGOSY_FIELD(Row, ex_date, .text = "from this day on"),
      ARGOSY_FIELD(Row, kind, .text = "split, dividend or delisting"),
      ARGOSY_FIELD(Row, quantity, .text = "what the holding got"),
      ARGOSY_FIELD(Row, currency, .text = "of the balance"),
      ARGOSY_FIELD(Row, cash, .text = "what the balance got"),
      ARGOSY_FIELD(Row, time, .text = "when it was booked"),
      ARGOSY_FIELD(Row, price, .text = "of a split: the close before it, which pays for fractions"),
  };
  static constexpr RecordType kType{"paper_actions", "Corporate actions at the paper venue", kFields};
};
