// The demo algorithm: it buys and sells by chance, each stock with its own. Profits and severe losses make a sale more
// likely, small losses less. It has no idea of the market; it is for trying services. docs/concepts/decisions.md
// explains it, samples/demo/market.yaml has its numbers.
//
//   ProbabilityDecisions decisions(market, 7);
//   const DecisionAnswer answer = decisions.decide({.service_id = 1, .symbol = "AAPL", .what = Question::kBuy, ...});
//
// A draw depends on the seed, the service, the question and its time alone: a restart, another service or a question in
// between changes no answer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/rng.hpp"
#include "feeds/demo_market.hpp"
#include "live/decision.hpp"

namespace argosy::live {

// How likely a sale is at a profit: straight lines between the points, level beyond them. One point at least.
[[nodiscard]] double sell_probability(std::span<const feeds::SellPoint> curve, double profit_percent);

class ProbabilityDecisions final : public DecisionMaker {
 public:
  ProbabilityDecisions(feeds::DemoMarket market, std::uint64_t seed);

  // None: it is asked each interval.
  [[nodiscard]] std::optional<market::Timeframe> timeframe() const override { return std::nullopt; }
  // Numbers: draw and probability, both 0 to 1; of a sale also profit_percent, of the last price over the purchase
  // price without fees.
  [[nodiscard]] DecisionAnswer decide(const DecisionQuestion& question) override { return peek(question); }
  [[nodiscard]] DecisionAnswer peek(const DecisionQuestion& question) const override;

 private:
  feeds::DemoMarket market_;
  core::Rng rng_;
};

}  // namespace argosy::live
