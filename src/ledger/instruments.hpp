// Rows of what is traded, and of what currencies are worth, in the database `ledger`.
#pragma once

#include <cstdint>
#include <string>

#include "core/record.hpp"

namespace argosy::ledger {

struct InstrumentRow {
  std::int64_t instrument_id = 0;
  std::string symbol;
  std::string exchange;  // a calendar's name
  std::string currency = "USD";
  std::string asset_type = "stock";
  core::Price tick = core::Price::from_units(10'000'000);          // 0.01
  core::Quantity lot = core::Quantity::from_units(1'000'000'000);  // 1
  bool fractional = false;
  bool may_be_negative = false;
  std::string name;
  std::string sector;
  std::string description;
  bool is_active = true;
  core::Timestamp updated_at;  // 1970: a copy of the lake's, made before the ledger owned it
};

// What one unit of `base` costs in `quote`.
struct ExchangeRateRow {
  std::string base;
  std::string quote;
  core::Price rate;
  core::Timestamp time;  // since when it holds
  std::string source;
};

}  // namespace argosy::ledger

template <>
struct argosy::core::RecordOf<argosy::ledger::InstrumentRow> {
  using Row = argosy::ledger::InstrumentRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, instrument_id, .text = "number"),
      ARGOSY_FIELD(Row, symbol, .limits = {.maximum_length = 20}, .text = "ticker symbol, once an exchange"),
      ARGOSY_FIELD(Row, exchange, .limits = {.maximum_length = 20}, .text = "exchange calendar"),
      ARGOSY_FIELD(Row, currency, .limits = {.maximum_length = 3}, .text = "ISO 4217 code of the price"),
      ARGOSY_FIELD(Row, asset_type, .limits = {.maximum_length = 20}, .text = "stock, ..."),
      ARGOSY_FIELD(Row, tick, .text = "smallest step of a price"),
      ARGOSY_FIELD(Row, lot, .text = "smallest step of a quantity"),
      ARGOSY_FIELD(Row, fractional, .text = "quantities may be fractions of a lot"),
      ARGOSY_FIELD(Row, may_be_negative, .text = "prices of zero and below are possible"),
      ARGOSY_FIELD(Row, name, .limits = {.maximum_length = 200}, .text = "company or product name"),
      ARGOSY_FIELD(Row, sector, .limits = {.maximum_length = 100}, .text = "economic sector"),
      ARGOSY_FIELD(Row, description, .limits = {.maximum_length = 1000}, .text = "in words"),
      ARGOSY_FIELD(Row, is_active, .text = "may get new services"),
      ARGOSY_FIELD(Row, updated_at, .text = "when it was last changed"),
  };
  static constexpr RecordType kType{"instruments", "What is traded", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::ledger::ExchangeRateRow> {
  using Row = argosy::ledger::ExchangeRateRow;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, base, .limits = {.maximum_length = 3}, .text = "ISO 4217"),
      ARGOSY_FIELD(Row, quote, .limits = {.maximum_length = 3}, .text = "ISO 4217"),
      ARGOSY_FIELD(Row, rate, .text = "what one unit of base costs in quote"),
      ARGOSY_FIELD(Row, time, .text = "since when"),
      ARGOSY_FIELD(Row, source, .limits = {.maximum_length = 40}, .text = "who says so"),
  };
  static constexpr RecordType kType{"exchange_rates", "What currencies are worth", kFields};
};
