// Rows of splits, dividends and delistings as they were booked in broker accounts, in the database `ledger`.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/record.hpp"
#include "ledger/orders.hpp"

namespace argosy::ledger {

inline constexpr std::array<std::string_view, 3> kBookedActions{"split", "dividend", "delisting"};

// Once for each account, instrument, ex-date and kind.
struct BookedActionRow {
  std::int64_t broker_account_id = 0;
  std::int64_t instrument_id = 0;
  std::string symbol;
  core::Date ex_date;
  std::string kind;
  std::int64_t numerator = 1;    // of a split: new shares ...
  std::int64_t denominator = 1;  // ... for so many old ones
  core::Price amount;            // cash a share
  core::Price price;             // of a split: the close before it, in old shares, which pays for fractions
  core::Quantity before;         // held by the account, and after it
  core::Quantity after;
  core::Money cash;                                 // that the broker paid, in the instrument's currency
  std::string currency;                             // the instrument's
  core::Price rate = core::Price::from_integer(1);  // that its money was converted at
  bool rate_inverse = false;                        // divided by the rate
  std::string skipped;                              // why nothing was booked; empty: it was
  std::int64_t journal_seq = 0;
  core::Timestamp time;
};

// What one holder of the account's shares got of it.
struct ActionShareRow {
  std::int64_t broker_account_id = 0;
  std::int64_t instrument_id = 0;
  core::Date ex_date;
  std::string kind;
  CashHolder holder = CashHolder::kPortfolio;  // a service, a portfolio, or, for shares of neither, "external"
  std::int64_t holder_id = 0;
  core::Quantity before;
  core::Quantity after;
  core::Money cash;      // negative: it paid for a larger part of a share
  std::string currency;  // of the cash: the holder's
};

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::BookedActionRow> {
  using Row = argosy::ledger::BookedActionRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, broker_account_id, .text = "where the shares lie"),
      ARGOSY_FIELD(Row, instrument_id, .text = "of what"),
      ARGOSY_FIELD(Row, symbol, .text = "of what"),
      ARGOSY_FIELD(Row, ex_date, .text = "the first day that trades without it"),
      ARGOSY_FIELD(Row, kind, .text = "split, dividend or delisting"),
      ARGOSY_FIELD(Row, numerator, .text = "of a split: new shares ..."),
      ARGOSY_FIELD(Row, denominator, .text = "... for so many old ones"),
      ARGOSY_FIELD(Row, amount, .text = "cash a share"),
      ARGOSY_FIELD(Row, price, .text = "close before a split, which pays for fractions"),
      ARGOSY_FIELD(Row, before, .text = "shares that the account held"),
      ARGOSY_FIELD(Row, after, .text = "and holds after it"),
      ARGOSY_FIELD(Row, cash, .text = "that the broker paid, in the instrument's currency"),
      ARGOSY_FIELD(Row, currency, .limits = {.maximum_length = 3}, .text = "the instrument's"),
      ARGOSY_FIELD(Row, rate, .text = "that its money was converted at"),
      ARGOSY_FIELD(Row, rate_inverse, .text = "divided by the rate rather than multiplied"),
      ARGOSY_FIELD(Row, skipped, .text = "why nothing was booked; empty: it was"),
      ARGOSY_FIELD(Row, journal_seq, .text = "the journal's number"),
      ARGOSY_FIELD(Row, time, .text = "when it was booked"),
  };
  static constexpr RecordType kType{"booked_actions", "Splits, dividends and delistings of what accounts hold",
                                    kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::ActionShareRow> {
  using Row = argosy::ledger::ActionShareRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, broker_account_id, .text = "where the shares lie"),
      ARGOSY_FIELD(Row, instrument_id, .text = "of what"),
      ARGOSY_FIELD(Row, ex_date, .text = "of the action"),
      ARGOSY_FIELD(Row, kind, .text = "split, dividend or delisting"),
      ARGOSY_FIELD(Row, holder, .limits = {.one_of = argosy::ledger::kCashHolders},
                   .text = "service or portfolio; external: shares that belong to neither"),
      ARGOSY_FIELD(Row, holder_id, .text = "which one"),
      ARGOSY_FIELD(Row, before, .text = "shares that it held"),
      ARGOSY_FIELD(Row, after, .text = "and holds after it"),
      ARGOSY_FIELD(Row, cash, .text = "that it got; negative: paid for a larger part of a share"),
      ARGOSY_FIELD(Row, currency, .limits = {.maximum_length = 3}, .text = "of the cash"),
  };
  static constexpr RecordType kType{"action_shares", "What each holder got of an action", kFields};
};
