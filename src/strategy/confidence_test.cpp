#include "strategy/confidence.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace argosy::strategy {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint8_t kAll = kBuy | kShort | kSell | kCover;

CompiledStrategy compiled(const char* confidence) {
  const std::string text =
      std::string("name: x\naccount: margin\nbuy: close > 1\nshort: close < 1\nmax_bars: 3\n") + confidence;
  const auto file = parse_strategy(text, "x.yaml");
  EXPECT_TRUE(file.has_value()) << file.error().describe();
  return *compile_strategy(*file);
}

// Believes what it is asked to, a side at a time.
class OneSided final : public ConfidenceModel {
 public:
  double confidence(const ConfidenceQuery& query) const override {
    asked.push_back(query);
    return query.side == trading::Side::kSell && query.key == 11 ? 1 : 0;
  }
  mutable std::vector<ConfidenceQuery> asked;
};

TEST(Confidence, EntriesBelowTheLeastOrUnknownAreLeftOutAndExitsStay) {
  const CompiledStrategy strategy = compiled("confidence: close\nminimum_confidence: 60%\n");
  Signals signals{.bits = {kAll, kAll, kAll, kBuy, kSell, kBuy}, .columns = {{0.59, 0.6, kUnknown, 0.2, 0.1, 0.7}}};
  const std::vector<std::int64_t> keys{10, 11, 12, 13, 14, 15};
  EXPECT_EQ(keep_confident(ConstantConfidence(), strategy, 0.6, "A", keys, signals), 5);
  EXPECT_EQ(signals.bits, (std::vector<std::uint8_t>{kSell | kCover, kAll, kSell | kCover, 0, kSell, kBuy}));
}

TEST(Confidence, WithoutALeastOnlyUnknownOnesAreLeftOut) {
  const CompiledStrategy strategy = compiled("confidence: close\n");
  Signals signals{.bits = {kBuy, kBuy}, .columns = {{0, kUnknown}}};
  EXPECT_EQ(keep_confident(ConstantConfidence(), strategy, 0, "A", std::vector<std::int64_t>{1, 2}, signals), 1);
  EXPECT_EQ(signals.bits, (std::vector<std::uint8_t>{kBuy, 0}));
}

TEST(Confidence, AStrategyWithoutAFormulaKeepsItsEntries) {
  const CompiledStrategy strategy = compiled("");
  Signals signals{.bits = {kBuy, kShort}, .columns = {}};
  EXPECT_EQ(keep_confident(OneSided(), strategy, 0.9, "A", std::vector<std::int64_t>{1, 2}, signals), 0);
  EXPECT_EQ(signals.bits, (std::vector<std::uint8_t>{kBuy, kShort}));
}

TEST(Confidence, TheModelDecidesBySideAndTime) {
  const CompiledStrategy strategy = compiled("confidence: close\nminimum_confidence: 0.5\n");
  Signals signals{.bits = {kBuy, kAll, kCover}, .columns = {{0.9, 0.8, 0.7}}};
  const OneSided model;
  EXPECT_EQ(keep_confident(model, strategy, 0.5, "A", std::vector<std::int64_t>{10, 11, 12}, signals), 2);
  EXPECT_EQ(signals.bits, (std::vector<std::uint8_t>{0, kShort | kSell | kCover, kCover}));
  ASSERT_EQ(model.asked.size(), 3U) << "only entries are asked about";
  EXPECT_EQ(model.asked[2].symbol, "A");
  EXPECT_EQ(model.asked[2].key, 11);
  EXPECT_EQ(model.asked[2].base, 0.8);
}

TEST(Confidence, AConstantScalesTheFormula) {
  EXPECT_EQ(ConstantConfidence().confidence({.symbol = "A", .base = 0.7}), 0.7);
  EXPECT_EQ(ConstantConfidence(0.5).confidence({.symbol = "A", .base = 0.5}), 0.25);
}

}  // namespace
}  // namespace argosy::strategy
