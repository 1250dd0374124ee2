#include "backtest/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>

#include "backtest/detail/report_math.hpp"
#include "chart/histogram.hpp"
#include "chart/markup.hpp"
#include "chart/number.hpp"
#include "chart/page.hpp"
#include "chart/table.hpp"
#include "chart/time_axis.hpp"
#include "chart/time_chart.hpp"
#include "core/check.hpp"

namespace argosy::backtest {
namespace {

using chart::format_number;
using chart::format_percent;
using chart::Markup;
using chart::Sign;
using chart::Tone;
using chart::tone_class;
using chart::tone_of;

constexpr std::size_t kKeyFigures = 6;
constexpr std::size_t kPriceCharts = 8;
constexpr std::size_t kMarkedTrades = 250;   // of one symbol; more would hide the price
constexpr std::size_t kListedTrades = 2000;  // of more, the first and the last half are listed
constexpr double kLogRange = 3;              // highest over lowest value from which a log scale reads better

constexpr std::string_view kStyle = R"css(
header{border-bottom:1px solid var(--rule);padding-bottom:22px}
.notice{border-left:4px solid var(--loss);background:var(--raised);padding:12px 16px;margin-bottom:22px;font-weight:600}
.eyebrow{color:var(--soft);font-size:13px}
h1{font-size:32px;line-height:1.2;font-weight:680;letter-spacing:-.01em;margin:4px 0 6px}
.about{color:var(--soft);max-width:72ch}
.verdict{font-size:19px;line-height:1.45;margin-top:14px;max-width:66ch}
h2{font-size:18px;font-weight:650;line-height:1.3;margin-bottom:2px}
h3{font-size:15px;font-weight:650}
section{margin-top:38px}
.hint{color:var(--soft);font-size:13px;margin-bottom:8px;max-width:90ch}
.figures{display:grid;grid-template-columns:repeat(6,1fr);gap:1px;margin-top:24px;background:var(--rule);border:1px solid var(--rule);border-radius:8px;overflow:hidden}
.figures div{background:var(--page);padding:12px 14px;min-width:0}
.figures dt{color:var(--soft);font-size:12.5px}
.figures dd{margin:0}
.figures .big{font-size:22px;font-weight:620;line-height:1.35;white-space:nowrap}
.figures .big i{font-style:normal;font-size:12px;margin-right:5px;vertical-align:3px}
.figures .than{color:var(--soft);font-size:12.5px}
.warnings{border-left:4px solid var(--accent);background:var(--raised);padding:12px 16px;margin-top:24px}
.warnings li{margin-top:4px}
.prices{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:26px 34px;margin-top:12px}
.prices.one{grid-template-columns:minmax(0,1fr)}
.pair{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:34px}
.pair section{min-width:0}
.plain{border-collapse:collapse;width:100%;font-size:14px;margin-top:6px}
.plain th,.plain td{text-align:right;padding:5px 0 5px 12px;border-bottom:1px solid var(--rule);font-weight:400}
.plain th:first-child{text-align:left;padding-left:0}.plain thead th{color:var(--soft);font-size:13px}
.plain td:nth-child(2){font-weight:600}
.marks{display:flex;flex-wrap:wrap;gap:2px 20px;color:var(--soft);font-size:13px}
.marks svg{vertical-align:-2px;margin-right:6px;overflow:visible}
.facts{display:grid;grid-template-columns:minmax(130px,220px) minmax(0,1fr);gap:5px 18px;font-size:14px;margin-top:6px}
.facts dt{color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
details{border:1px solid var(--rule);border-radius:6px;margin-top:12px}
summary{padding:9px 14px;cursor:pointer;font-weight:600}
pre{margin:0;padding:4px 14px 14px;overflow:auto;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
@media (max-width:980px){.figures{grid-template-columns:repeat(3,1fr)}.pair,.prices{grid-template-columns:minmax(0,1fr)}.pair{gap:0}}
@media screen and (max-width:520px){.figures{grid-template-columns:repeat(2,1fr)}.figures .big{font-size:19px}h1{font-size:26px}.verdict{font-size:17px}
.facts{grid-template-columns:minmax(0,1fr);gap:0}.facts dd{margin-bottom:8px}section{margin-top:30px}pre{white-space:pre-wrap;overflow-wrap:anywhere}}
@media print{section{margin-top:20pt}h2,h3,.hint,.legend{break-after:avoid;break-inside:avoid}.figures,.plain,.prices>div{break-inside:avoid}
header{padding-bottom:12px}h1{font-size:24px}.verdict{font-size:15px}.figures,.warnings{margin-top:14px}
.figures{grid-template-columns:repeat(6,1fr)}.figures div{padding:7px 8px}.figures dt,.figures .than{font-size:10px}.figures .big{font-size:15px}.figures .big i{font-size:9px}
.prices{grid-template-columns:repeat(2,minmax(0,1fr));gap:16px 24px}
.pair{grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:20pt}pre{white-space:pre-wrap}details::details-content{content-visibility:visible}}
)css";

bool is_number(double value) { return chart::is_drawable(value); }

std::string money(double value, const std::string& currency, Sign sign = Sign::kNegative) {
  return format_number(value, 2, sign) + (currency.empty() ? "" : " " + currency);
}

std::string points(double fraction) { return format_number(std::fabs(fraction) * 100, 1) + " points"; }

void open_section(Markup& html, std::string_view title, std::string_view hint) {
  html.open("section").element("h2", {}, title);
  if (!hint.empty()) html.open("p", {{"class", "hint"}}).prose(hint).close();
}

// One sentence: what came out, against what would have come out, at which price in nerves.
std::string verdict(const ReportInput& input) {
  const double gained = detail::total_return(input.equity.strategy);
  const auto fall = detail::deepest_drawdown(input.equity.strategy);
  if (!is_number(gained) || !fall) return "";
  std::string text = gained == 0
                         ? "Ended where it began"
                         : fmt::format("{} {}", gained > 0 ? "Gained" : "Lost", format_percent(std::fabs(gained), 1));
  text += fmt::format(" from {} to {}", input.from, input.to);
  const double held = detail::total_return(input.equity.benchmark);
  if (is_number(held)) {
    const double ahead = gained - held;
    text += std::fabs(ahead) < 0.0005
                ? ", level with buy and hold"
                : fmt::format(", {} {} buy and hold", points(ahead), ahead > 0 ? "ahead of" : "behind");
  }
  if (fall->depth == 0) return text + ", and was never below an earlier high.";
  text += fmt::format(", with a deepest fall of {}", format_percent(-fall->depth, 1));
  const auto held_fall = detail::deepest_drawdown(input.equity.benchmark);
  if (held_fall) text += fmt::format(" against {}", format_percent(-held_fall->depth, 1));
  return text + ".";
}

void write_header(Markup& html, const ReportInput& input) {
  std::string where;
  for (std::size_t at = 0; at < input.symbols.size() && at < kPriceCharts; ++at) {
    where += (at > 0 ? ", " : "") + input.symbols[at];
  }
  if (input.symbols.size() > kPriceCharts) where += fmt::format(" and {} more", input.symbols.size() - kPriceCharts);
  std::string eyebrow = "Backtest";
  for (const std::string& part : {where, input.timeframe, input.from.empty() ? "" : input.from + " to " + input.to}) {
    if (!part.empty()) eyebrow += " \xC2\xB7 " + part;
  }
  html.open("header").open("p", {{"class", "eyebrow"}}).prose(eyebrow).close();
  html.element("h1", {}, input.title);
  if (!input.description.empty()) html.open("p", {{"class", "about"}}).prose(input.description).close();
  if (const std::string text = verdict(input); !text.empty())
    html.open("p", {{"class", "verdict"}}).prose(text).close();
  html.raw(input.addition.badge);
  html.close();
}

void write_key_figures(Markup& html, const ReportInput& input) {
  if (input.figures.empty()) return;
  html.open("dl", {{"class", "figures"}});
  for (std::size_t at = 0; at < std::min(kKeyFigures, input.figures.size()); ++at) {
    const ReportFigure& figure = input.figures[at];
    html.open("div", {{"title", figure.tooltip}}).element("dt", {}, figure.label);
    html.open("dd", {{"class", fmt::format("big{}{}", figure.sign == 0 ? "" : " ",
                                           figure.sign == 0 ? "" : tone_class(tone_of(figure.sign)))}});
    if (figure.sign != 0) html.element("i", {}, figure.sign > 0 ? "\xE2\x96\xB2" : "\xE2\x96\xBC");
    html.text(figure.value).close();
    if (!figure.benchmark.empty()) html.element("dd", {{"class", "than"}}, "Buy and hold " + figure.benchmark);
    html.close();
  }
  html.close();
}

void write_warnings(Markup& html, const ReportInput& input) {
  if (input.warnings.empty()) return;
  html.open("div", {{"class", "warnings"}});
  html.element("h2", {},
               input.warnings.size() == 1 ? "One warning" : fmt::format("{} warnings", input.warnings.size()));
  html.open("ul");
  for (const std::string& warning : input.warnings) html.open("li").prose(warning).close();
  html.close().close();
}

bool wants_log(std::span<const double> values) {
  double low = std::numeric_limits<double>::infinity();
  double high = 0;
  for (const double value : values) {
    if (!is_number(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  return low > 0 && high > low * kLogRange;
}

void write_equity(Markup& html, const ReportInput& input) {
  const ReportEquity& equity = input.equity;
  chart::TimeChart chart{.label = "Equity over time: the strategy against buy and hold", .keys = equity.keys};
  chart.intraday = input.intraday;
  chart.height = 320;
  const bool log = wants_log(equity.strategy) || wants_log(equity.benchmark);
  if (log) chart.scale = chart::ScaleKind::kLog;
  chart.series.push_back({"Strategy", equity.strategy, chart::SeriesKind::kLine, Tone::kAccent});
  if (!equity.benchmark.empty()) {
    chart.series.push_back({"Buy and hold", equity.benchmark, chart::SeriesKind::kDashed, Tone::kMuted});
  }
  const std::string unit = input.currency.empty() ? "Money" : input.currency;
  open_section(html, "Equity",
               unit + (log ? " after each bar, on a logarithmic scale: equal steps are equal percentages."
                           : " after each bar."));
  html.raw(chart::render_legend(chart)).raw(chart::render_chart(chart)).close();
}

std::string drawdown_hint(const ReportInput& input) {
  const auto deepest = detail::deepest_drawdown(input.equity.strategy);
  if (!deepest || deepest->depth == 0) return "The account was never below its highest value so far.";
  const auto when = [&](std::size_t at) { return chart::format_time(input.equity.keys[at], input.intraday); };
  const std::string end = deepest->recovery ? fmt::format("recovered on {}, {} bars after the peak",
                                                          when(*deepest->recovery), *deepest->recovery - deepest->peak)
                                            : "not recovered by the end";
  return fmt::format("How far below its highest value so far. Deepest: {} on {}, from the peak of {}; {}.",
                     format_percent(deepest->depth, 1), when(deepest->trough), when(deepest->peak), end);
}

void write_drawdown(Markup& html, const ReportInput& input) {
  const std::vector<double> strategy = detail::drawdown_of(input.equity.strategy);
  const std::vector<double> benchmark = detail::drawdown_of(input.equity.benchmark);
  chart::TimeChart chart{.label = "Drawdown over time", .keys = input.equity.keys};
  chart.intraday = input.intraday;
  chart.format = chart::ValueFormat::kPercent;
  chart.baseline = 0;
  chart.height = 170;
  chart.series.push_back({"Strategy", strategy, chart::SeriesKind::kArea, Tone::kLoss});
  if (!benchmark.empty()) chart.series.push_back({"Buy and hold", benchmark, chart::SeriesKind::kDashed, Tone::kMuted});
  open_section(html, "Drawdown", drawdown_hint(input));
  html.raw(chart::render_legend(chart)).raw(chart::render_chart(chart)).close();
}

// The bar a key belongs to: the last one not after it.
std::size_t bar_of(const std::vector<std::int64_t>& keys, std::int64_t key) {
  const auto after = std::ranges::upper_bound(keys, key);
  return after == keys.begin() ? 0 : static_cast<std::size_t>(after - keys.begin()) - 1;
}

// Indexes of the trades to mark, in their order: all, or those with the largest profits and losses.
std::vector<std::size_t> marked_trades(const std::vector<ReportTrade>& trades) {
  std::vector<std::size_t> marked(trades.size());
  std::iota(marked.begin(), marked.end(), std::size_t{0});
  if (marked.size() <= kMarkedTrades) return marked;
  const auto size = [&](std::size_t at) { return is_number(trades[at].profit) ? std::fabs(trades[at].profit) : 0; };
  std::ranges::sort(marked,
                    [&](std::size_t a, std::size_t b) { return size(a) != size(b) ? size(a) > size(b) : a < b; });
  marked.resize(kMarkedTrades);
  std::ranges::sort(marked);
  return marked;
}

void add_trade(chart::TimeChart& chart, const ReportSymbol& symbol, const ReportTrade& trade,
               const ReportInput& input) {
  const std::size_t entry = bar_of(symbol.keys, trade.entry_key);
  const auto line = [](const std::string& text) { return text.empty() ? "" : "\n" + text; };
  // What is bought points up, what is sold down.
  const auto [enters, leaves] = trade.is_short ? std::pair{chart::MarkerShape::kDown, chart::MarkerShape::kUp}
                                               : std::pair{chart::MarkerShape::kUp, chart::MarkerShape::kDown};
  chart.markers.push_back({entry, trade.entry_price, enters, Tone::kAccent,
                           fmt::format("{} {}\n{} at {}{}", trade.is_short ? "Short entry" : "Entry",
                                       chart::format_time(trade.entry_key, input.intraday), trade.quantity,
                                       chart::format_price(trade.entry_price), line(trade.entry_reason))});
  const Tone tone = tone_of(trade.profit);
  if (!trade.exit_key) return;
  const std::size_t exit = bar_of(symbol.keys, *trade.exit_key);
  chart.links.push_back({entry, trade.entry_price, exit, trade.exit_price, tone});
  chart.markers.push_back(
      {exit, trade.exit_price, tone == Tone::kLoss ? chart::MarkerShape::kCross : leaves, tone,
       fmt::format("Exit {}\n{} at {}\nProfit {}{}", chart::format_time(*trade.exit_key, input.intraday),
                   trade.quantity, chart::format_price(trade.exit_price),
                   money(trade.profit, input.currency, Sign::kAlways), line(trade.exit_reason))});
}

std::string trades_sentence(const ReportSymbol& symbol, const std::string& currency) {
  if (symbol.trades.empty()) return "No trades.";
  const auto gains = std::ranges::count_if(symbol.trades, [](const ReportTrade& trade) { return trade.profit > 0; });
  double profit = 0;
  for (const ReportTrade& trade : symbol.trades) profit += trade.profit;
  const std::size_t count = symbol.trades.size();
  std::string text = fmt::format("{} trade{}, {} with a gain, {} in all.", count, count == 1 ? "" : "s", gains,
                                 money(profit, currency, Sign::kAlways));
  if (count > kMarkedTrades) text += fmt::format(" Marked are the {} with the largest profit or loss.", kMarkedTrades);
  return text;
}

void write_price(Markup& html, const ReportInput& input, const ReportSymbol& symbol) {
  ARGOSY_CHECK(symbol.keys.size() == symbol.close.size(), "{}", symbol.symbol);
  chart::TimeChart chart{.label = "Price of " + symbol.symbol + " with the trades", .keys = symbol.keys};
  chart.intraday = input.intraday;
  chart.height = input.prices.size() == 1 ? 300 : 220;
  if (wants_log(symbol.close)) chart.scale = chart::ScaleKind::kLog;
  chart.series.push_back({"Close", symbol.close, chart::SeriesKind::kLine, Tone::kMuted});
  for (const std::size_t at : marked_trades(symbol.trades)) add_trade(chart, symbol, symbol.trades[at], input);
  html.open("div").element("h3", {}, symbol.symbol);
  html.element("p", {{"class", "hint"}}, trades_sentence(symbol, input.currency));
  html.raw(chart::render_chart(chart)).close();
}

void write_mark_legend(Markup& html, bool shorts) {
  struct Entry {
    std::string_view shape;
    std::string_view y;
    Tone tone;
    std::string_view text;
  };
  static constexpr std::array<Entry, 3> kLong = {{{"#mark-up", "0", Tone::kAccent, "entry"},
                                                  {"#mark-down", "14", Tone::kGain, "exit with a gain"},
                                                  {"#mark-cross", "14", Tone::kLoss, "exit with a loss"}}};
  static constexpr std::array<Entry, 5> kBoth = {{{"#mark-up", "0", Tone::kAccent, "long entry"},
                                                  {"#mark-down", "14", Tone::kGain, "its exit with a gain"},
                                                  {"#mark-down", "14", Tone::kAccent, "short entry"},
                                                  {"#mark-up", "0", Tone::kGain, "its exit with a gain"},
                                                  {"#mark-cross", "14", Tone::kLoss, "exit with a loss"}}};
  html.open("ul", {{"class", "marks"}});
  for (const Entry& entry : shorts ? std::span<const Entry>(kBoth) : kLong) {
    html.open("li").open("svg", {{"width", "14"}, {"height", "14"}, {"aria-hidden", "true"}});
    html.leaf(
        "use",
        {{"class", fmt::format("mark {}", tone_class(entry.tone))}, {"href", entry.shape}, {"x", "7"}, {"y", entry.y}});
    html.close().text(entry.text).close();
  }
  html.close();
}

void write_prices(Markup& html, const ReportInput& input) {
  if (input.prices.empty()) return;
  open_section(html, input.prices.size() == 1 ? "Price and trades" : "Prices and trades", "");
  const bool traded =
      std::ranges::any_of(input.prices, [](const ReportSymbol& symbol) { return !symbol.trades.empty(); });
  const bool shorts = std::ranges::any_of(input.prices, [](const ReportSymbol& symbol) {
    return std::ranges::any_of(symbol.trades, &ReportTrade::is_short);
  });
  if (traded) write_mark_legend(html, shorts);
  html.open("div", {{"class", input.prices.size() == 1 ? "prices one" : "prices"}});
  const std::size_t shown = std::min(kPriceCharts, input.prices.size());
  for (std::size_t at = 0; at < shown; ++at) write_price(html, input, input.prices[at]);
  html.close();
  if (const std::size_t more = input.prices.size() - shown + input.more_symbols; more > 0) {
    html.element("p", {{"class", "hint"}},
                 fmt::format("{} more symbols are not drawn; the table of trades has them all.", more));
  }
  html.close();
}

void write_months(Markup& html, const ReportInput& input) {
  const ReportEquity& equity = input.equity;
  const std::vector<detail::YearReturns> years = detail::monthly_returns(equity.keys, equity.strategy);
  if (years.empty()) return;
  std::vector<detail::YearReturns> held;
  if (!equity.benchmark.empty()) held = detail::monthly_returns(equity.keys, equity.benchmark);
  chart::HeatMap map{.label = "Returns of each month and year, in percent", .corner = "Year"};
  map.columns = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  map.totals = {"Year"};
  if (!held.empty()) map.totals.emplace_back("Hold");
  for (const detail::YearReturns& year : years) {
    chart::HeatRow row{.label = fmt::format("{}", year.year)};
    for (std::size_t month = 0; month < year.months.size(); ++month) {
      const double value = year.months[month];
      row.cells.push_back({value, is_number(value) ? fmt::format("{} {}: {}", map.columns[month], year.year,
                                                                 format_percent(value, 2, Sign::kAlways))
                                                   : ""});
    }
    row.totals.push_back({year.total, fmt::format("{}: {}", year.year, format_percent(year.total, 2, Sign::kAlways))});
    if (!held.empty()) {
      const auto same = std::ranges::find(held, year.year, &detail::YearReturns::year);
      const double value = same == held.end() ? std::numeric_limits<double>::quiet_NaN() : same->total;
      row.totals.push_back(
          {value, fmt::format("{}, buy and hold: {}", year.year, format_percent(value, 2, Sign::kAlways))});
    }
    map.rows.push_back(std::move(row));
  }
  open_section(html, "Returns by month", "");
  html.open("p", {{"class", "hint"}}).text("In percent of the equity at the end of the month before.");
  if (!held.empty()) html.element("span", {{"class", "unless-narrow"}}, " Hold: the year of buy and hold.");
  html.close();
  html.raw(chart::render_heat_map(map)).close();
}

void write_statistics(Markup& html, const ReportInput& input) {
  const bool compared =
      std::ranges::any_of(input.figures, [](const ReportFigure& figure) { return !figure.benchmark.empty(); });
  open_section(html, "Statistics", "");
  html.open("table", {{"class", "plain"}}).open("thead").open("tr").element("th", {{"scope", "col"}}, "Figure");
  html.element("th", {{"scope", "col"}}, "Strategy");
  if (compared) html.element("th", {{"scope", "col"}}, "Buy and hold");
  html.close().close().open("tbody");
  for (const ReportFigure& figure : input.figures) {
    html.open("tr", {{"title", figure.tooltip}}).element("th", {{"scope", "row"}}, figure.label);
    html.element("td", {{"class", figure.sign == 0 ? "" : tone_class(tone_of(figure.sign))}}, figure.value);
    if (compared) html.element("td", {}, figure.benchmark);
    html.close();
  }
  html.close().close().close();
}

void write_distribution(Markup& html, const ReportInput& input) {
  std::vector<double> profits;
  for (const ReportTradeRow& trade : input.trades) {
    if (is_number(trade.profit)) profits.push_back(trade.profit);
  }
  if (profits.empty()) return;
  const double total = std::accumulate(profits.begin(), profits.end(), 0.0);
  std::vector<double> sorted = profits;
  std::ranges::sort(sorted);
  const std::size_t half = sorted.size() / 2;
  const double median = sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  chart::Histogram histogram{.label = "How many closed trades made which profit", .unit = "trades", .values = profits};
  histogram.height = 240;
  open_section(html, "Distribution of profits",
               fmt::format("{} closed trade{}, mean {}, median {}, best {}, worst {}.", profits.size(),
                           profits.size() == 1 ? "" : "s",
                           format_number(total / static_cast<double>(profits.size()), 2, Sign::kAlways),
                           format_number(median, 2, Sign::kAlways), format_number(sorted.back(), 2, Sign::kAlways),
                           money(sorted.front(), input.currency, Sign::kAlways)));
  html.raw(chart::render_histogram(histogram)).close();
}

void write_trades(Markup& html, const ReportInput& input) {
  if (input.trades.empty()) return;
  chart::Table table{.id = "trades", .label = "Trades"};
  for (const ReportColumn& column : input.trade_columns) {
    table.columns.push_back({column.label, column.numeric, column.is_profit});
  }
  const std::size_t count = input.trades.size();
  for (std::size_t at = 0; at < count; ++at) {
    if (count > kListedTrades && at == kListedTrades / 2) at = count - kListedTrades / 2;
    table.rows.push_back({input.trades[at].cells, tone_of(input.trades[at].profit)});
  }
  open_section(html, "Trades",
               count > kListedTrades ? fmt::format("The first and the last {} of {} trades.",
                                                   format_number(static_cast<double>(kListedTrades) / 2, 0),
                                                   format_number(static_cast<double>(count), 0))
                                     : "");
  html.raw(chart::render_table(table)).close();
}

void write_assumptions(Markup& html, const ReportInput& input) {
  if (!input.assumptions.empty()) {
    open_section(html, "Costs and assumptions", "");
    html.open("dl", {{"class", "facts"}});
    for (const ReportFact& fact : input.assumptions) html.element("dt", {}, fact.label).element("dd", {}, fact.value);
    html.close().close();
  }
  if (!input.strategy_text.empty()) {
    html.open("section").open("details").element("summary", {}, "Strategy file");
    html.element("pre", {}, input.strategy_text).close().close();
  }
}

}  // namespace

std::string render_report(const ReportInput& input) {
  const ReportEquity& equity = input.equity;
  ARGOSY_CHECK(equity.strategy.size() == equity.keys.size(), "{} values for {} keys", equity.strategy.size(),
               equity.keys.size());
  ARGOSY_CHECK(equity.benchmark.empty() || equity.benchmark.size() == equity.keys.size(), "{} values for {} keys",
               equity.benchmark.size(), equity.keys.size());
  Markup html;
  if (!input.empty_reason.empty())
    html.open("p", {{"class", "notice"}, {"role", "status"}}).prose(input.empty_reason).close();
  write_header(html, input);
  html.open("main");
  write_key_figures(html, input);
  write_warnings(html, input);
  if (!equity.keys.empty()) {
    write_equity(html, input);
    write_drawdown(html, input);
  }
  write_prices(html, input);
  write_months(html, input);
  if (!input.figures.empty()) {
    html.open("div", {{"class", "pair"}});
    write_statistics(html, input);
    write_distribution(html, input);
    html.close();
  }
  html.raw(input.addition.sections);
  write_trades(html, input);
  write_assumptions(html, input);
  html.close();
  return chart::render_page(
      {.title = input.title, .body = std::move(html).take(), .style = std::string(kStyle) + input.addition.style});
}

}  // namespace argosy::backtest
