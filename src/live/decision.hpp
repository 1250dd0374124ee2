// What says YES or NO to a service that looks for a chance to buy or to sell. Deterministic and without I/O: the same
// questions in the same order get the same answers.
//
//   const DecisionAnswer answer = maker.decide({.service_id = 7, .symbol = "AAPL", .what = Question::kBuy, ...});
//   if (answer.yes && answer.confidence >= service.buy_threshold) ...
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/decimal.hpp"
#include "core/time.hpp"
#include "market/quote.hpp"
#include "market/timeframe.hpp"
#include "trading/order.hpp"

namespace argosy::live {

enum class Question : std::uint8_t { kBuy, kSell };

struct DecisionQuestion {
  std::int64_t service_id = 0;
  std::string_view symbol;
  Question what = Question::kBuy;
  core::Timestamp time;
  market::Quote quote;  // the last one that may be believed
  // Of the open transaction; nothing is held: zero.
  core::Price purchase_price;
  core::Quantity shares;
  core::Timestamp purchased_at{};
};

// How it wants to be bought.
struct EntryWish {
  trading::OrderKind kind = trading::OrderKind::kMarket;
  core::Price limit;  // as quoted, not yet on a tick
  core::Price stop;
  core::Rate share = core::Rate::from_integer(1);  // of what the service may spend
};

struct DecisionAnswer {
  bool yes = false;
  double confidence = 0;    // 0 to 100: how sure of its YES, or, of a NO, how near to one
  std::string_view reason;  // static text
  // What it was computed from, for the journal; names are static text.
  std::vector<std::pair<std::string_view, double>> numbers;
  EntryWish entry;                                                // of a YES to buy
  trading::OrderReason exit = trading::OrderReason::kSellSignal;  // of a YES to sell
};

// Where what is held is sold without asking; prices as quoted, zero: nowhere.
struct ExitLevels {
  core::Price stop_loss;
  core::Price take_profit;
  core::Price trail;    // a stop so far below the best price since the purchase
  core::Price highest;  // the best price so far, as far as it is known
};

class DecisionMaker {
 public:
  virtual ~DecisionMaker() = default;
  // Nothing: it may be asked at any time, and is asked each interval. Otherwise it is asked once at each closed bar of
  // this timeframe.
  [[nodiscard]] virtual std::optional<market::Timeframe> timeframe() const = 0;
  [[nodiscard]] virtual DecisionAnswer decide(const DecisionQuestion& question) = 0;
  // What decide() would say; nothing is remembered of it.
  [[nodiscard]] virtual DecisionAnswer peek(const DecisionQuestion& question) const = 0;
  // When the last bar closed that it knows.
  [[nodiscard]] virtual std::optional<core::Timestamp> last_bar() const { return std::nullopt; }
  // Of what was bought, beside the service's own limits. Asked when shares or their price have changed.
  [[nodiscard]] virtual ExitLevels levels(const DecisionQuestion& /*question*/) { return {}; }
};

}  // namespace argosy::live
