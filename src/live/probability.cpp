#include "live/probability.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/check.hpp"

namespace argosy::live {
namespace {

// Of a YES: how far the draw was below the probability, as a share of it. So among the answers that are YES it is
// spread evenly from 0 to 100, and a threshold of 25 leaves three in four of them. Of a NO: how near the draw came to
// it, as a share of what was possible.
double confidence_of(double draw, double probability) {
  if (draw < probability) return 100 * (probability - draw) / probability;
  return probability < 1 ? 100 * (1 - draw) / (1 - probability) : 0;
}

DecisionAnswer refuse(std::string_view reason) { return {.reason = reason, .numbers = {}}; }

}  // namespace

double sell_probability(std::span<const feeds::SellPoint> curve, double profit_percent) {
  ARGOSY_CHECK(!curve.empty(), "a sell curve without a point");
  const auto above = std::ranges::upper_bound(curve, profit_percent, {}, &feeds::SellPoint::profit);
  if (above == curve.begin()) return curve.front().probability;
  if (above == curve.end()) return curve.back().probability;
  const feeds::SellPoint& below = *(above - 1);
  const double part = (profit_percent - below.profit) / (above->profit - below.profit);
  return below.probability + part * (above->probability - below.probability);
}

ProbabilityDecisions::ProbabilityDecisions(feeds::DemoMarket market, std::uint64_t seed)
    : market_(std::move(market)), rng_(seed) {}

DecisionAnswer ProbabilityDecisions::peek(const DecisionQuestion& question) const {
  const bool buys = question.what == Question::kBuy;
  const core::Price last = question.quote.last;
  if (!last.is_positive()) return refuse("there is no price above zero");
  if (!buys && !question.purchase_price.is_positive()) return refuse("nothing is held that was bought above zero");

  const feeds::DemoStock& stock = market_.row(question.symbol);
  DecisionAnswer answer;
  double probability = stock.buy;
  double profit_percent = 0;
  if (!buys) {
    profit_percent = (last - question.purchase_price).to_double() * 100 / question.purchase_price.to_double();
    probability = std::min(1.0, sell_probability(market_.sell_curve, profit_percent) * stock.sell_bias);
  }
  const double draw = rng_.fork(static_cast<std::uint64_t>(question.service_id))
                          .fork(static_cast<std::uint64_t>(question.what))
                          .fork(static_cast<std::uint64_t>(question.time.time_since_epoch().count()))
                          .uniform();
  answer.yes = draw < probability;
  answer.confidence = confidence_of(draw, probability);
  answer.numbers = {{"draw", draw}, {"probability", probability}};
  if (buys) {
    answer.reason = answer.yes ? "drawn to buy" : "not drawn to buy";
  } else {
    answer.numbers.emplace_back("profit_percent", profit_percent);
    answer.reason = !answer.yes          ? "not drawn to sell"
                    : profit_percent > 0 ? "drawn to take the profit"
                                         : "drawn to end the loss";
  }
  return answer;
}

}  // namespace argosy::live
