#include "feeds/demo_market.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/files.hpp"

namespace argosy::feeds {
namespace {

constexpr const char* kHead = "sell_curve: [{profit: 0, probability: 0.1}]\n";
constexpr const char* kDefault = "default: {base_price: 50, volatility: 30, buy: 0.2}\n";

std::string error_of(const std::string& text) {
  const auto market = parse_demo_market(text, "market.yaml");
  return market ? "none" : market.error().describe();
}

TEST(DemoMarket, TheSampleIsWhatTheDecisionsPromise) {
  const std::string path = std::string(ARGOSY_SOURCE_DIR) + "/samples/demo/market.yaml";
  const auto text = core::system_files().read(path);
  ASSERT_TRUE(text.has_value());
  const auto market = parse_demo_market(*text, path);
  ASSERT_TRUE(market.has_value()) << market.error().describe();
  EXPECT_GE(market->stocks.size(), 20U);
  for (const char* growth : {"AAPL", "NVDA", "MSFT"}) {
    EXPECT_GE(market->row(growth).buy, 0.4) << growth;
    EXPECT_LT(market->row(growth).sell_bias, 0.7) << growth;
    EXPECT_GT(market->row(growth).buy, market->row("IBM").buy + 0.1) << growth;
  }
  for (const char* nervous : {"TSLA", "META"}) EXPECT_GT(market->row(nervous).sell_bias, 1.3) << nervous;
  EXPECT_EQ(market->row("AAPL").name, "Apple Inc.");
  EXPECT_EQ(market->row("AAPL").base_price, core::Price::from_integer(190));
  EXPECT_EQ(&market->row("UNHEARD"), &market->other);
  // Small losses are sat out, severe ones and profits are not.
  const std::vector<SellPoint>& curve = market->sell_curve;
  EXPECT_GT(curve.front().probability, 0.5);
  EXPECT_GT(curve.back().probability, 0.5);
  double least = 1;
  double least_at = 0;
  for (const SellPoint& point : curve) {
    if (point.probability < least) std::tie(least, least_at) = std::pair(point.probability, point.profit);
  }
  EXPECT_LT(least, 0.05);
  EXPECT_LT(least_at, 0);
  EXPECT_GT(least_at, -5);
}

TEST(DemoMarket, ReadsADefaultAndRows) {
  const auto market = parse_demo_market(std::string("spread_basis_points: 5\ntick: 0.05\n") + kHead + kDefault +
                                            "stocks:\n  - {symbol: ABC, base_price: 12.5, volatility: 10, buy: 1}\n",
                                        "market.yaml");
  ASSERT_TRUE(market.has_value()) << market.error().describe();
  EXPECT_EQ(market->spread_basis_points, 5);
  EXPECT_EQ(market->tick, *core::Price::parse("0.05"));
  EXPECT_EQ(market->row("ABC").base_price, *core::Price::parse("12.5"));
  EXPECT_EQ(market->row("ABC").sell_bias, 1);
  EXPECT_EQ(market->row("abc").base_price, core::Price::from_integer(50));
}

TEST(DemoMarket, ErrorsNameTheirPlace) {
  const std::string head = std::string(kHead) + kDefault;
  const auto stock = [&](const std::string& row) { return error_of(head + "stocks:\n  - " + row + "\n"); };
  EXPECT_NE(stock("{symbol: A, base_price: 1, volatility: 10, buy: 1.5}").find("market.yaml:4:53"), std::string::npos)
      << stock("{symbol: A, base_price: 1, volatility: 10, buy: 1.5}");
  EXPECT_NE(stock("{symbol: A, base_price: x, volatility: 10, buy: 1}").find("market.yaml:4:29"), std::string::npos);
  EXPECT_NE(stock("{symbol: A, base_prise: 1, volatility: 10, buy: 1}").find("base_price"), std::string::npos);
  EXPECT_NE(stock("{symbol: A, base_price: 1, buy: 1}").find("\"volatility\""), std::string::npos);
  EXPECT_NE(stock("{symbol: A, base_price: [1], volatility: 10, buy: 1}").find("single value"), std::string::npos);
  EXPECT_NE(stock("{base_price: 1, volatility: 10, buy: 1}").find("symbol"), std::string::npos);
  EXPECT_NE(stock("{symbol: \"A B\", base_price: 1, volatility: 10, buy: 1}").find("market.yaml:4:14"),
            std::string::npos);
  EXPECT_NE(error_of(head + "stocks:\n  - {symbol: A, base_price: 1, volatility: 1, buy: 1}\n"
                            "  - {symbol: A, base_price: 1, volatility: 1, buy: 1}\n")
                .find("market.yaml:5"),
            std::string::npos);
  EXPECT_NE(error_of(std::string(kHead) + "stocks: []\n").find("\"default\" is missing"), std::string::npos);
  EXPECT_NE(error_of(std::string(kDefault) + "stocks: []\n").find("\"sell_curve\" is missing"), std::string::npos);
  EXPECT_NE(error_of(head).find("\"stocks\" is missing"), std::string::npos);
  EXPECT_NE(error_of(head + "stocks: []\nspred: 1\n").find("market.yaml:4:1"), std::string::npos);
  EXPECT_NE(error_of(std::string(kDefault) + "stocks: []\nsell_curve: [{profit: 1, probability: 0.1}, "
                                             "{profit: 1, probability: 0.2}]\n")
                .find("must ascend"),
            std::string::npos);
  EXPECT_NE(error_of(std::string(kDefault) + "stocks: []\nsell_curve: []\n").find("list of points"), std::string::npos);
  EXPECT_NE(error_of("[]").find("a mapping"), std::string::npos);
}

}  // namespace
}  // namespace argosy::feeds
