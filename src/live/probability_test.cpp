#include "live/probability.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/files.hpp"

namespace argosy::live {
namespace {

using core::Price;
using std::chrono::seconds;

const feeds::DemoMarket& market() {
  static const feeds::DemoMarket kMarket = [] {
    const std::string path = std::string(ARGOSY_SOURCE_DIR) + "/samples/demo/market.yaml";
    return *feeds::parse_demo_market(*core::system_files().read(path), path);
  }();
  return kMarket;
}

DecisionQuestion buy(std::int64_t service, std::string_view symbol, std::int64_t second) {
  const core::Timestamp time{seconds{second}};
  return {.service_id = service,
          .symbol = symbol,
          .what = Question::kBuy,
          .time = time,
          .quote = {.time = time,
                    .bid = Price::from_integer(99),
                    .ask = Price::from_integer(101),
                    .last = Price::from_integer(100)},
          .purchase_price = {},
          .shares = {}};
}

// Bought at 100, now at 100 + `percent`.
DecisionQuestion sell(std::int64_t service, std::string_view symbol, std::int64_t second, const char* percent) {
  DecisionQuestion question = buy(service, symbol, second);
  question.what = Question::kSell;
  question.quote.last = Price::from_integer(100) + *Price::parse(percent);
  question.purchase_price = Price::from_integer(100);
  question.shares = core::Quantity::from_integer(5);
  return question;
}

double number(const DecisionAnswer& answer, std::string_view name) {
  for (const auto& [each, value] : answer.numbers) {
    if (each == name) return value;
  }
  return std::nan("");
}

// The share of YES with at least this confidence among 20,000 answers; its standard error is below 0.0036.
template <class Ask>
double share_of_yes(Ask ask, double least_confidence = 0) {
  ProbabilityDecisions decisions(market(), 3);
  constexpr int kQuestions = 20'000;
  int yes = 0;
  for (int i = 0; i < kQuestions; ++i) {
    const DecisionAnswer answer = decisions.decide(ask(i));
    yes += answer.yes && answer.confidence >= least_confidence ? 1 : 0;
  }
  return static_cast<double>(yes) / kQuestions;
}

TEST(SellProbability, IsStraightBetweenPointsAndLevelBeyond) {
  const std::vector<feeds::SellPoint> curve = {{-10, 0.5}, {0, 0.1}, {5, 0.6}};
  EXPECT_EQ(sell_probability(curve, -50), 0.5);
  EXPECT_EQ(sell_probability(curve, -10), 0.5);
  EXPECT_DOUBLE_EQ(sell_probability(curve, -5), 0.3);
  EXPECT_DOUBLE_EQ(sell_probability(curve, 0), 0.1);
  EXPECT_DOUBLE_EQ(sell_probability(curve, 2.5), 0.35);
  EXPECT_EQ(sell_probability(curve, 5), 0.6);
  EXPECT_EQ(sell_probability(curve, 500), 0.6);
}

TEST(ProbabilityDecisions, BuysEachStockAsOftenAsItsRowSays) {
  for (const char* symbol : {"AAPL", "NVDA", "IBM", "UNHEARD"}) {
    EXPECT_NEAR(share_of_yes([&](int i) { return buy(1, symbol, i); }), market().row(symbol).buy, 0.015) << symbol;
  }
  // A threshold of confidence keeps that part of them.
  EXPECT_NEAR(share_of_yes([](int i) { return buy(1, "AAPL", i); }, 60), 0.4 * market().row("AAPL").buy, 0.015);
}

TEST(ProbabilityDecisions, SellsByProfitAndBias) {
  const auto share = [](const char* symbol, const char* percent) {
    return share_of_yes([&](int i) { return sell(2, symbol, i, percent); });
  };
  EXPECT_NEAR(share("IBM", "5"), 0.45, 0.015);
  EXPECT_NEAR(share("IBM", "-1"), 0.0175, 0.005);
  EXPECT_NEAR(share("IBM", "-10"), 0.5, 0.015);
  EXPECT_NEAR(share("AAPL", "5"), 0.27, 0.015);  // held longer
  EXPECT_NEAR(share("TSLA", "5"), 0.81, 0.015);  // sold sooner
  EXPECT_EQ(share("TSLA", "30"), 1);             // above one is one
}

TEST(ProbabilityDecisions, SaysWhy) {
  ProbabilityDecisions decisions(market(), 3);
  EXPECT_FALSE(decisions.timeframe().has_value());
  int yes = 0;
  for (int i = 0; i < 100; ++i) {
    const DecisionAnswer answer = decisions.decide(sell(1, "IBM", i, "5"));
    EXPECT_EQ(answer.yes, number(answer, "draw") < number(answer, "probability"));
    EXPECT_DOUBLE_EQ(number(answer, "probability"), 0.45);
    EXPECT_DOUBLE_EQ(number(answer, "profit_percent"), 5);
    EXPECT_GE(answer.confidence, 0);
    EXPECT_LE(answer.confidence, 100);
    EXPECT_EQ(answer.reason, answer.yes ? "drawn to take the profit" : "not drawn to sell");
    yes += answer.yes ? 1 : 0;
  }
  EXPECT_GT(yes, 20);
  DecisionQuestion nothing_held = sell(1, "IBM", 1, "5");
  nothing_held.purchase_price = {};
  EXPECT_FALSE(decisions.decide(nothing_held).yes);
  EXPECT_EQ(decisions.decide(nothing_held).reason, "nothing is held that was bought above zero");
  DecisionQuestion no_price = buy(1, "NVDA", 1);
  no_price.quote = {};
  EXPECT_FALSE(decisions.decide(no_price).yes);
  EXPECT_EQ(decisions.decide(no_price).reason, "there is no price above zero");
}

bool same(const DecisionAnswer& a, const DecisionAnswer& b) {
  return a.yes == b.yes && a.confidence == b.confidence && a.reason == b.reason && a.numbers == b.numbers;
}

RC_GTEST_PROP(ProbabilityProperties, OnlyTheQuestionDecides, (std::uint32_t seed)) {
  struct Asked {
    std::int64_t service;
    std::int64_t second;
    bool buys;
  };
  const auto questions = *rc::gen::container<std::vector<Asked>>(rc::gen::construct<Asked>(
      rc::gen::inRange<std::int64_t>(1, 20), rc::gen::inRange<std::int64_t>(0, 1'000), rc::gen::arbitrary<bool>()));
  const auto ask = [](ProbabilityDecisions& decisions, const Asked& asked) {
    return decisions.decide(asked.buys ? buy(asked.service, "AAPL", asked.second)
                                       : sell(asked.service, "AAPL", asked.second, "3"));
  };
  ProbabilityDecisions one(market(), seed);
  std::vector<DecisionAnswer> answers;
  for (const Asked& asked : questions) answers.push_back(ask(one, asked));
  // In another order, by one that was just started.
  ProbabilityDecisions other(market(), seed);
  for (std::size_t i = questions.size(); i-- > 0;) RC_ASSERT(same(ask(other, questions[i]), answers[i]));
}

TEST(ProbabilityDecisions, DrawsDifferByEverythingThatCounts) {
  ProbabilityDecisions decisions(market(), 3);
  ProbabilityDecisions reseeded(market(), 4);
  const auto draw = [](ProbabilityDecisions& maker, const DecisionQuestion& question) {
    return number(maker.decide(question), "draw");
  };
  const double base = draw(decisions, buy(1, "AAPL", 100));
  EXPECT_NE(base, draw(decisions, buy(2, "AAPL", 100)));
  EXPECT_NE(base, draw(decisions, buy(1, "AAPL", 101)));
  EXPECT_NE(base, draw(decisions, sell(1, "AAPL", 100, "0")));
  EXPECT_NE(base, draw(reseeded, buy(1, "AAPL", 100)));
  EXPECT_EQ(base, draw(decisions, buy(1, "IBM", 100)));  // the service's luck, whatever it trades
}

}  // namespace
}  // namespace argosy::live
