// How much to buy or sell short.
//
//   kind          quantity, before it is cut to what is available and rounded down to what can be traded
//   shares        so many
//   cash          what an amount pays, fees included
//   percent       what a share of the equity pays
//   risk          fraction x equity / distance: at `distance` from the price that fraction of the equity is lost
//   volatility    what min(target / volatility, cap) of the equity pays
//   half_kelly    what min(kelly / 2, cap) of the equity pays, kelly = w - (1 - w) / r of the trades closed so far, w
//                 the share that won, r the mean won over the mean lost (J. L. Kelly, 1956)
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "core/decimal.hpp"
#include "core/time.hpp"
#include "market/instrument.hpp"
#include "trading/fees.hpp"

namespace argosy::trading {

enum class SizeKind : std::uint8_t { kShares, kCash, kPercent, kRisk, kVolatility, kHalfKelly };
[[nodiscard]] std::string_view to_string(SizeKind kind);

struct Sizing {
  SizeKind kind = SizeKind::kPercent;
  core::Quantity shares;  // of kShares
  core::Money cash;       // of kCash
  // Of the equity: what is spent (kPercent), what may be lost (kRisk), the volatility a year that is wanted
  // (kVolatility), what is spent until enough trades are closed (kHalfKelly).
  core::Rate fraction = core::Rate::from_integer(1);
  core::Rate cap = core::Rate::from_integer(1);  // the most of the equity, of kVolatility and kHalfKelly
  std::int64_t least_trades = 30;                // of kHalfKelly
  // The number of shares, cash or percent comes with each decision.
  bool by_formula = false;

  // A size in money may shrink to what the cash pays; a number of shares is bought whole or not at all.
  [[nodiscard]] bool may_shrink() const { return kind != SizeKind::kShares; }
};

// Trades closed so far: returns on their cost, added up.
struct TradeRecord {
  std::int64_t wins = 0;
  std::int64_t losses = 0;
  double won = 0;
  double lost = 0;  // positive

  void add(double trade_return);
  // The Kelly fraction, not below 0; 0 without trades.
  [[nodiscard]] double kelly() const;
};

// What is bought, at what price, when, and what that costs beside the price.
struct BuyTerms {
  const market::Instrument& instrument;
  core::Price price;
  core::Date date;
  const FeeSchedule& fees;
  Side side = Side::kBuy;  // a sell opens a short position
  bool converted = false;  // paid in another currency

  // What a quantity costs, fees included.
  [[nodiscard]] core::Money cost(core::Quantity quantity) const;
};

// What a size depends on besides its settings; amounts in the instrument's currency.
struct SizeInput {
  BuyTerms terms;  // the price is the last close
  core::Money equity;
  core::Money available;  // not yet promised to other orders
  // Of this decision: the shares, cash or percent of a formula, the distance a share of kRisk, the volatility a year of
  // kVolatility.
  double value = std::numeric_limits<double>::quiet_NaN();
  TradeRecord record = {};
};

// Zero when it buys not even one lot; nothing when the value it needs is no number, or one that cannot be.
[[nodiscard]] std::optional<core::Quantity> size_order(const Sizing& sizing, const SizeInput& input);

// The largest tradable quantity whose cost with fees is at most `cash`.
[[nodiscard]] core::Quantity affordable(const BuyTerms& terms, core::Money cash);

}  // namespace argosy::trading
