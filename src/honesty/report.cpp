#include "honesty/detail/report.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "chart/histogram.hpp"
#include "chart/markup.hpp"
#include "chart/number.hpp"
#include "chart/time_chart.hpp"

namespace argosy::honesty::detail {
namespace {

using chart::Markup;

constexpr std::string_view kStyle = R"css(
.badge{display:inline-block;margin-top:14px;padding:3px 12px;border:1px solid currentColor;border-radius:99px;font-size:13px;font-weight:600}
.forest td.plot{width:38%;padding-left:20px}.forest svg{display:block;overflow:visible}
.forest svg .span{stroke:var(--accent);stroke-width:3}.forest svg .dot{fill:var(--text);stroke:var(--page);stroke-width:1.5}
.forest svg .zero{stroke:var(--muted);stroke-width:1;stroke-dasharray:2 2}.forest svg rect{fill:currentColor;fill-opacity:.75}
@media screen and (max-width:520px){.forest td.plot{display:none}.forest th:last-child{display:none}}
)css";

void open_section(Markup& html, std::string_view title, const std::string& hint) {
  html.open("section").element("h2", {}, title);
  if (!hint.empty()) html.open("p", {{"class", "hint"}}).prose(hint).close();
}

void open_table(Markup& html, std::initializer_list<std::string_view> columns) {
  html.open("table", {{"class", "plain forest"}}).open("thead").open("tr");
  for (const std::string_view column : columns) html.element("th", {{"scope", "col"}}, column);
  html.close().close().open("tbody");
}

// A row's own scale, with zero on it.
class RowScale {
 public:
  RowScale(double low, double high) : low_(std::min(low, 0.0)), high_(std::max(high, 0.0)) {
    if (!(high_ > low_)) high_ = low_ + 1;
  }
  [[nodiscard]] std::string x(double value) const {
    return chart::width_percent(std::clamp((value - low_) / (high_ - low_), 0.0, 1.0));
  }

 private:
  double low_;
  double high_;
};

void open_row_chart(Markup& html, const std::string& label) {
  html.open("svg", {{"role", "img"}, {"aria-label", label}, {"width", "100%"}, {"height", "16"}});
}

void write_interval(Markup& html, const ReportInterval& interval) {
  const bool drawn = chart::is_drawable(interval.from) && chart::is_drawable(interval.at);
  // An interval without an upper end goes on to the edge.
  const double to = chart::is_drawable(interval.to) ? interval.to : interval.at + (interval.at - interval.from);
  html.open("tr").element("th", {{"scope", "row"}}, interval.label).element("td", {}, interval.value);
  html.element("td", {}, drawn ? interval.low + " to " + interval.high : "\xE2\x80\x94");
  html.open("td", {{"class", "plot"}});
  if (drawn) {
    const RowScale scale(std::min(interval.from, interval.at), std::max(to, interval.at));
    open_row_chart(html, interval.label + " " + interval.low + " to " + interval.high);
    html.leaf("line", {{"class", "zero"}, {"x1", scale.x(0)}, {"x2", scale.x(0)}, {"y1", "0"}, {"y2", "16"}});
    html.leaf("line",
              {{"class", "span"}, {"x1", scale.x(interval.from)}, {"x2", scale.x(to)}, {"y1", "8"}, {"y2", "8"}});
    html.leaf("circle", {{"class", "dot"}, {"cx", scale.x(interval.at)}, {"cy", "8"}, {"r", "4.5"}});
    html.close();
  }
  html.close().close();
}

void write_facts(Markup& html, const std::vector<backtest::ReportFact>& facts) {
  if (facts.empty()) return;
  html.open("dl", {{"class", "facts"}});
  for (const backtest::ReportFact& fact : facts) html.element("dt", {}, fact.label).element("dd", {}, fact.value);
  html.close();
}

void write_luck(Markup& html, const ReportHonesty& honesty) {
  open_section(html, "Luck or skill", honesty.intervals_hint);
  if (!honesty.intervals.empty()) {
    open_table(html, {"Statistic", "Value", "95 % interval", "Around zero"});
    for (const ReportInterval& interval : honesty.intervals) write_interval(html, interval);
    html.close().close();
  }
  write_facts(html, honesty.judgements);
  html.close();
}

void write_drawdowns(Markup& html, const ReportHonesty& honesty) {
  if (honesty.drawdowns.empty()) return;
  open_section(html, "Drawdown by luck", honesty.drawdown_hint);
  chart::Histogram histogram{.label = "The deepest drawdown of the same trades in other orders",
                             .unit = "orders",
                             .values = honesty.drawdowns,
                             .format = chart::ValueFormat::kPercent};
  histogram.height = 200;
  html.raw(chart::render_histogram(histogram)).close();
}

void write_costs(Markup& html, const ReportHonesty& honesty) {
  open_section(html, "Other costs", honesty.costs_hint);
  open_table(html, {"Costs", "Total return", "Final equity", "Fees", "Around zero"});
  double low = 0;
  double high = 0;
  for (const ReportRung& rung : honesty.costs) {
    low = std::min(low, rung.gain);
    high = std::max(high, rung.gain);
  }
  const RowScale scale(low, high);
  for (const ReportRung& rung : honesty.costs) {
    html.open("tr").element("th", {{"scope", "row"}}, rung.multiple).element("td", {}, rung.total_return);
    html.element("td", {}, rung.final_equity).element("td", {}, rung.fees).open("td", {{"class", "plot"}});
    open_row_chart(html, rung.total_return);
    const double width = std::abs(rung.gain) / (high > low ? high - low : 1);
    html.leaf("rect", {{"class", rung.gain < 0 ? "loss" : "gain"},
                       {"x", scale.x(std::min(rung.gain, 0.0))},
                       {"width", chart::width_percent(std::min(width, 1.0))},
                       {"y", "2"},
                       {"height", "12"}});
    html.leaf("line", {{"class", "zero"}, {"x1", scale.x(0)}, {"x2", scale.x(0)}, {"y1", "0"}, {"y2", "16"}});
    html.close().close().close();
  }
  html.close().close().close();
}

void write_memory(Markup& html, const ReportHonesty& honesty) {
  if (honesty.memory.empty()) return;
  open_section(
      html, "Bars that formulas need",
      "These never forget a bar. With so many behind them they differ by no more than 0.1 % from what they say "
      "here: begin with as many before the first live bar.");
  write_facts(html, honesty.memory);
  html.close();
}

std::string render_badge(const std::optional<ReportHonesty>& honesty) {
  Markup html;
  if (!honesty) {
    html.element("p", {{"class", "badge muted"}}, "Quick: look-ahead, luck and costs were not looked at");
    return std::move(html).take();
  }
  html.open("p", {{"class", honesty->clean ? "badge gain" : "badge loss"}});
  html.prose((honesty->clean ? "\xE2\x9C\x93 Look-ahead: " : "\xE2\x9C\x97 Look-ahead: ") + honesty->look_ahead)
      .close();
  return std::move(html).take();
}

std::string render_sections(const ReportHonesty& honesty) {
  Markup html;
  write_luck(html, honesty);
  html.open("div", {{"class", "pair"}});
  write_costs(html, honesty);
  write_drawdowns(html, honesty);
  html.close();
  write_memory(html, honesty);
  return std::move(html).take();
}

}  // namespace

backtest::ReportAddition render_honesty(const std::optional<ReportHonesty>& honesty) {
  return {.style = std::string(kStyle),
          .badge = render_badge(honesty),
          .sections = honesty ? render_sections(*honesty) : std::string()};
}

}  // namespace argosy::honesty::detail
