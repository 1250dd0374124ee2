// Channels and levels that are made of other operators.
#include "formula/operators/registry.hpp"

namespace argosy::formula {

std::vector<Operator> channel_operators() {
  using enum ParameterKind;
  return {
      {.name = "chandelier",
       .family = "volatility",
       .parameters = {{"n", kInteger, 22}, {"width", kNumber, 3, 0, 1e6}},
       .fields = {"high", "low", "close"},
       .outputs = {"long", "short"},
       .meaning =
           "Chandelier exits: `width` average true ranges below the highest high of n bars, for who is long, and "
           "above the lowest low, for who is short.",
       .warm_up = "n rows",
       .source = "StockCharts ChartSchool, Chandelier Exit (Charles Le Beau)",
       .formulas = {"max(high, n) - width * atr(n)", "min(low, n) + width * atr(n)"}},
      {.name = "ichimoku",
       .family = "trend",
       .parameters = {{"conversion", kInteger, 9},
                      {"base", kInteger, 26},
                      {"span", kInteger, 52},
                      {"displacement", kInteger, 26, 0}},
       .fields = {"high", "low"},
       .outputs = {"tenkan", "kijun", "senkou_a", "senkou_b"},
       .meaning = "The Ichimoku cloud: the middles of the last `conversion` and `base` bars (tenkan, kijun), and the "
                  "cloud as it is drawn over this bar: their mean, and the middle of `span` bars, `displacement` bars "
                  "ago. The lagging line is close > close[26].",
       .warm_up = "base - 1 rows; displacement more for the cloud",
       .source = "StockCharts ChartSchool, Ichimoku Cloud",
       .formulas = {"donchian(conversion).middle", "donchian(base).middle",
                    "((donchian(conversion).middle + donchian(base).middle) / 2)[displacement]",
                    "donchian(span).middle[displacement]"}},
  };
}

}  // namespace argosy::formula
