// What the parts of World share.
#pragma once

#include "core/check.hpp"
#include "core/result.hpp"
#include "market/instrument.hpp"
#include "net/stream.hpp"

namespace argosy::simulation {

inline const net::Address kBroker{"broker", 1};
inline const net::Address kVenue{"venue", 1};
inline constexpr const char* kLedger = "/ledger.db";
inline constexpr const char* kLake = "/seen";
inline constexpr const char* kSymbols[] = {"AAPL", "MSFT", "NVDA"};  // those of kMarket
inline constexpr std::int64_t kFunded = 100'000;                     // USD, at the beginning
inline constexpr const char* kMarket =
    "spread_basis_points: 2\n"
    "sell_curve: [{profit: -5, probability: 0.5}, {profit: 0, probability: 0.1}, {profit: 1, probability: 0.5}]\n"
    "default: {base_price: 50, volatility: 30, buy: 0.3}\n"
    "stocks:\n"
    "  - {symbol: AAPL, base_price: 190, volatility: 28, buy: 0.4}\n"
    "  - {symbol: MSFT, base_price: 400, volatility: 25, buy: 0.4}\n"
    "  - {symbol: NVDA, base_price: 120, volatility: 50, buy: 0.5}\n";

// What cannot fail where no fault is.
template <class T>
T must(core::Result<T> result) {
  ARGOSY_CHECK(result.has_value(), "the world cannot be made: {}", result.error().describe());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

inline market::Instrument instrument_of(const std::string& symbol) { return {.symbol = symbol, .exchange = "XNYS"}; }

}  // namespace argosy::simulation
