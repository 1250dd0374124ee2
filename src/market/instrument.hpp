// What is traded: a symbol on an exchange, in a currency, in steps of price (tick) and quantity (lot).
//
//   const Instrument apple{.symbol = "AAPL", .exchange = "XNAS", .currency = "USD"};
//   round_to_lot(apple, *Quantity::parse("12.7"))      // 12
#pragma once

#include <string>
#include <string_view>

#include "core/decimal.hpp"
#include "core/record.hpp"

namespace argosy::market {

struct Instrument {
  std::string symbol;                                              // unique; at most limits::kSymbolLength
  std::string exchange = "24/7";                                   // a calendar's name: market/calendar.hpp
  std::string currency = "USD";                                    // ISO 4217
  core::Price tick = core::Price::from_units(10'000'000);          // 0.01; smallest step of a price
  core::Quantity lot = core::Quantity::from_units(1'000'000'000);  // 1; smallest step of a quantity
  bool fractional = false;       // true: quantities may have 1e-9 steps, lot is ignored
  bool may_be_negative = false;  // prices of zero and below are possible
  std::string name;
  std::string sector;
};

// "AAPL", "BRK.B", "^GSPC", "EURUSD=X", "005930.KS": letters, digits and .-_^=/ ; at least one letter or digit, at most
// limits::kSymbolLength. Returns the symbol as it was given.
[[nodiscard]] core::Result<std::string> check_symbol(std::string_view symbol);
// The first thing wrong with an instrument: its symbol, an unknown exchange, a currency that is not three capital
// letters, a tick or lot that is not above zero.
[[nodiscard]] core::Result<void> check_instrument(const Instrument& instrument);

// The quantity rounded towards zero to what can be traded.
[[nodiscard]] core::Quantity round_to_lot(const Instrument& instrument, core::Quantity quantity);

}  // namespace argosy::market

template <>
struct argosy::core::RecordOf<argosy::market::Instrument> {
  using Instrument = argosy::market::Instrument;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Instrument, symbol, .limits = {.maximum_length = 20}, .text = "ticker symbol", .required = true),
      ARGOSY_FIELD(Instrument, exchange, .text = "exchange calendar"),
      ARGOSY_FIELD(Instrument, currency, .limits = {.maximum_length = 3}, .text = "ISO 4217 code of the price"),
      ARGOSY_FIELD(Instrument, tick, .text = "smallest step of a price"),
      ARGOSY_FIELD(Instrument, lot, .text = "smallest step of a quantity"),
      ARGOSY_FIELD(Instrument, fractional, .text = "quantities may be fractions of a lot"),
      ARGOSY_FIELD(Instrument, may_be_negative, .text = "prices of zero and below are possible"),
      ARGOSY_FIELD(Instrument, name, .limits = {.maximum_length = 200}, .text = "company or product name"),
      ARGOSY_FIELD(Instrument, sector, .limits = {.maximum_length = 100}, .text = "economic sector"),
  };
  static constexpr RecordType kType{"instrument", "What is traded", kFields};
};
