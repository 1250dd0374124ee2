// The table of the demo market: what its stocks are called and cost, how much they move, and how likely the
// `probability` decision (live/probability.hpp) is to buy and to sell each. A file, samples/demo/market.yaml, is where
// the numbers are written and explained.
//
//   ARGOSY_TRY(const DemoMarket market, parse_demo_market(text, "market.yaml"));
//   market.row("NVDA").buy                 // 0.5
//   market.row("UNHEARD").base_price       // the default row's
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/decimal.hpp"
#include "core/record.hpp"
#include "core/result.hpp"

namespace argosy::feeds {

struct DemoStock {
  std::string symbol;  // empty: the default row
  std::string name;
  std::string sector;
  std::string exchange = "XNAS";  // a calendar's name
  core::Price base_price;
  double daily_volume = 5'000'000;  // shares
  double volatility = 0;
  double buy = 0;
  double sell_bias = 1;
};

// How likely a sale is at a profit, before the stock's bias.
struct SellPoint {
  double profit = 0;
  double probability = 0;
};

struct DemoMarket {
  std::string name;
  std::string description;
  double spread_basis_points = 0;
  core::Price tick;
  std::vector<SellPoint> sell_curve;  // one at least; profits ascend strictly
  DemoStock other;                    // of any symbol that is not in `stocks`
  std::map<std::string, DemoStock, std::less<>> stocks;

  [[nodiscard]] const DemoStock& row(std::string_view symbol) const;
};

// Every error (kInvalidArgument) names the place in `file`.
[[nodiscard]] core::Result<DemoMarket> parse_demo_market(std::string_view text, const std::string& file);

}  // namespace argosy::feeds

template <>
struct argosy::core::RecordOf<argosy::feeds::DemoStock> {
  using DemoStock = argosy::feeds::DemoStock;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(DemoStock, symbol, .limits = {.maximum_length = 20}, .text = "ticker symbol"),
      ARGOSY_FIELD(DemoStock, name, .limits = {.maximum_length = 200}, .text = "the company's name"),
      ARGOSY_FIELD(DemoStock, sector, .limits = {.maximum_length = 100}, .text = "economic sector"),
      ARGOSY_FIELD(DemoStock, exchange, .limits = {.maximum_length = 20}, .text = "exchange calendar"),
      ARGOSY_FIELD(DemoStock, base_price, .limits = {.minimum = 0.01, .maximum = 1'000'000}, .text = "the first price",
                   .required = true),
      ARGOSY_FIELD(DemoStock, daily_volume, .unit = "shares", .limits = {.minimum = 0, .maximum = 1e12},
                   .text = "traded in a session, on average"),
      ARGOSY_FIELD(DemoStock, volatility, .unit = "percent a year", .limits = {.minimum = 0, .maximum = 300},
                   .text = "standard deviation of returns", .required = true),
      ARGOSY_FIELD(DemoStock, buy, .limits = {.minimum = 0, .maximum = 1}, .text = "how likely it is to be bought",
                   .required = true),
      ARGOSY_FIELD(DemoStock, sell_bias, .limits = {.minimum = 0, .maximum = 100},
                   .text = "below 1 it is held longer, above 1 sold sooner"),
  };
  static constexpr RecordType kType{"demo_stock", "One stock of the demo market", kFields};
};

template <>
struct argosy::core::RecordOf<argosy::feeds::SellPoint> {
  using SellPoint = argosy::feeds::SellPoint;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(SellPoint, profit, .unit = "percent", .limits = {.minimum = -100, .maximum = 1'000'000},
                   .text = "of the price over the purchase price", .required = true),
      ARGOSY_FIELD(SellPoint, probability, .limits = {.minimum = 0, .maximum = 1},
                   .text = "how likely it is to be sold there", .required = true),
  };
  static constexpr RecordType kType{"sell_point", "A point of the demo market's sell curve", kFields};
};
