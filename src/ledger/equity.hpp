// Rows of what accounts, portfolios and services were worth, in the database `ledger`.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/record.hpp"

namespace argosy::ledger {

enum class EquityScope : std::uint8_t { kAccount, kPortfolio, kService };
inline constexpr std::array<std::string_view, 3> kEquityScopes{"account", "portfolio", "service"};

struct DailyPnlRow {
  EquityScope scope = EquityScope::kPortfolio;
  std::int64_t subject_id = 0;  // which one
  core::Date date;              // of the session
  std::string currency = "USD";
  core::Money realised;    // of sales of the day, before fees
  core::Money unrealised;  // of what is held at the end of it
  core::Money fees;
  core::Money equity;  // at the end of it
};

struct EquitySnapshotRow {
  EquityScope scope = EquityScope::kPortfolio;
  std::int64_t subject_id = 0;
  core::Timestamp time;
  std::string currency = "USD";
  core::Money equity;  // cash + market_value
  core::Money cash;
  core::Money market_value;
};

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::DailyPnlRow> {
  using Row = argosy::ledger::DailyPnlRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, scope, .limits = {.one_of = argosy::ledger::kEquityScopes}, .text = "of what kind of holder"),
      ARGOSY_FIELD(Row, subject_id, .text = "of which one"),
      ARGOSY_FIELD(Row, date, .text = "of the session"),
      ARGOSY_FIELD(Row, currency, .limits = {.maximum_length = 3}, .text = "of its amounts"),
      ARGOSY_FIELD(Row, realised, .text = "of the day's sales, before fees"),
      ARGOSY_FIELD(Row, unrealised, .text = "of what is held at its end"),
      ARGOSY_FIELD(Row, fees, .text = "of the day"),
      ARGOSY_FIELD(Row, equity, .text = "at its end"),
  };
  static constexpr RecordType kType{"daily_pnl", "Profit and loss a day", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::EquitySnapshotRow> {
  using Row = argosy::ledger::EquitySnapshotRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, scope, .limits = {.one_of = argosy::ledger::kEquityScopes}, .text = "of what kind of holder"),
      ARGOSY_FIELD(Row, subject_id, .text = "of which one"),
      ARGOSY_FIELD(Row, time, .text = "when"),
      ARGOSY_FIELD(Row, currency, .limits = {.maximum_length = 3}, .text = "of its amounts"),
      ARGOSY_FIELD(Row, equity, .text = "cash and what is held"),
      ARGOSY_FIELD(Row, cash, .text = "without what is held"),
      ARGOSY_FIELD(Row, market_value, .text = "of what is held, at the last prices known"),
  };
  static constexpr RecordType kType{"equity_snapshots", "What was owned, from time to time", kFields};
};
