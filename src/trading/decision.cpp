#include "trading/decision.hpp"

#include <array>

namespace argosy::trading {

std::string_view to_string(Outcome outcome) {
  constexpr std::array<std::string_view, kOutcomeCount> kNames{"approved",
                                                               "the size does not reach one lot",
                                                               "a formula gives no number for its size or prices",
                                                               "off lot",
                                                               "off tick",
                                                               "contradictory order",
                                                               "nothing to close",
                                                               "against the position that is held",
                                                               "a cash account cannot sell short",
                                                               "too large to be counted",
                                                               "a limit is not set",
                                                               "the kill switch is on",
                                                               "the kill switch of the instrument is on",
                                                               "too many fills of the instrument",
                                                               "circuit breaker",
                                                               "rules of the prop firm",
                                                               "restricted",
                                                               "not on the list of what is allowed",
                                                               "outside the trading hours",
                                                               "too many messages",
                                                               "the same order again",
                                                               "too many working orders",
                                                               "no price",
                                                               "no rate for its currency",
                                                               "the reference price is too old",
                                                               "too far from the reference price",
                                                               "could trade with an own order",
                                                               "order quantity",
                                                               "order value",
                                                               "a number that a limit needs is missing",
                                                               "position quantity",
                                                               "position value",
                                                               "too many open positions",
                                                               "gross exposure",
                                                               "net exposure",
                                                               "leverage",
                                                               "contracts of the prop firm",
                                                               "correlated exposure",
                                                               "daily loss",
                                                               "drawdown",
                                                               "a pattern day trader without the minimum equity",
                                                               "insufficient cash"};
  return kNames[static_cast<std::size_t>(outcome)];
}

}  // namespace argosy::trading
