// The report of a backtest: one HTML file without scripts or requests, to be enjoyed, printed and sent on.
//
//   ReportInput input{.title = "Golden cross", .timeframe = "1d"};
//   input.equity = {.keys = keys, .strategy = equity, .benchmark = held};
//   const std::string html = render_report(input);
//
// ReportInput is plain data, so that anything that has an equity curve can be reported. The report computes only what
// follows from the curves: drawdown, returns of months and years, the distribution of profits, the verdict's sentence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace argosy::backtest {

// A statistic, formatted by whoever knows its unit ("+12.3%", "0.87").
struct ReportFigure {
  std::string label;
  std::string value;
  std::string benchmark;  // the same of buy-and-hold; empty where it has no meaning
  std::string tooltip;    // how it is computed
  double sign = 0;        // above zero: shown as a gain, below: as a loss, 0: neither
};

// Money after each bar. `benchmark` is empty or as long as `keys`; NaN leaves a gap.
struct ReportEquity {
  std::vector<std::int64_t> keys;  // nanoseconds since 1970, ascending; see market/bar.hpp
  std::vector<double> strategy;
  std::vector<double> benchmark;
};

// A trade as it is marked on its symbol's chart; prices in the units of the charted closes.
struct ReportTrade {
  bool is_short = false;
  std::int64_t entry_key = 0;
  double entry_price = 0;
  std::optional<std::int64_t> exit_key;  // nothing: still open at the end
  double exit_price = 0;
  std::string quantity;
  double profit = 0;  // after fees, in the report's currency; of an open trade: what it is worth so far
  std::string entry_reason;
  std::string exit_reason;
};

struct ReportSymbol {
  std::string symbol;
  std::vector<std::int64_t> keys;
  std::vector<double> close;
  std::vector<ReportTrade> trades;
};

struct ReportColumn {
  std::string label;
  bool numeric = false;
  bool is_profit = false;  // coloured and given an arrow by the row's profit
};

struct ReportTradeRow {
  std::vector<std::string> cells;  // one a column
  double profit = 0;               // after fees, in the report's currency
};

struct ReportFact {
  std::string label;
  std::string value;
};

// What others add to the page: whole markup (chart/markup.hpp), and its style.
struct ReportAddition {
  std::string style;
  std::string badge;     // a line below the verdict
  std::string sections;  // between the statistics and the trades
};

struct ReportInput {
  std::string title;
  std::string description;
  std::string strategy_text;  // the strategy file as it was run
  std::vector<std::string> symbols;
  std::string timeframe;  // "1d"
  bool intraday = false;  // keys are instants; otherwise civil dates
  std::string from;       // first and last bar, as they are to be shown
  std::string to;
  std::string currency = "USD";
  std::vector<ReportFigure> figures;  // the first six become the row of key figures; all stand in the table
  ReportEquity equity;
  std::vector<ReportSymbol> prices;
  std::size_t more_symbols = 0;  // traded, and not among those
  std::vector<ReportColumn> trade_columns;
  std::vector<ReportTradeRow> trades;
  std::vector<std::string> warnings;
  std::vector<ReportFact> assumptions;  // fees, fills, data hash, result hash, version
  ReportAddition addition;
  std::string empty_reason;  // set when there is no data or no trade: what, and why
};

// The whole page. The same input gives the same bytes. Lengths that do not fit each other stop the program.
[[nodiscard]] std::string render_report(const ReportInput& input);

}  // namespace argosy::backtest
