// The part of a report that questions it, as plain data, and its markup.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backtest/report.hpp"

namespace argosy::honesty::detail {

// A statistic with the interval in which it may lie.
struct ReportInterval {
  std::string label;
  std::string value;
  std::string low;
  std::string high;
  double at = 0;
  double from = 0;  // the interval's ends; NaN: none
  double to = 0;
};

// A result at other costs.
struct ReportRung {
  std::string multiple;
  std::string total_return;
  std::string final_equity;
  std::string fees;
  double gain = 0;  // the total return
};

// What is shown of what was found out about a backtest.
struct ReportHonesty {
  bool clean = true;       // no look-ahead
  std::string look_ahead;  // in a sentence
  std::string intervals_hint;
  std::vector<ReportInterval> intervals;
  std::vector<backtest::ReportFact> judgements;  // of the Sharpe ratio and of the entries
  std::string drawdown_hint;
  std::vector<double> drawdowns;  // of shuffled trades
  std::string costs_hint;
  std::vector<ReportRung> costs;
  std::vector<backtest::ReportFact> memory;  // recursive formulas: how many bars they need
};

// One line under the title (no look-ahead, a leak, or not looked at), and sections on luck and on costs.
[[nodiscard]] backtest::ReportAddition render_honesty(const std::optional<ReportHonesty>& honesty);

}  // namespace argosy::honesty::detail
