#include "cli/portfolio_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "chart/markup.hpp"
#include "chart/number.hpp"
#include "chart/page.hpp"
#include "chart/table.hpp"
#include "chart/time_bars.hpp"
#include "chart/time_chart.hpp"
#include "cli/command.hpp"
#include "ledger/records.hpp"

namespace argosy::cli {

using chart::Markup;
using chart::Sign;
using chart::Tone;
using core::Money;
using core::Result;

namespace {

constexpr std::string_view kStyle = R"css(
header{border-bottom:1px solid var(--rule);padding-bottom:20px}
.eyebrow{color:var(--soft);font-size:13px}
h1{font-size:32px;line-height:1.2;font-weight:680;margin:4px 0 6px}
.verdict{font-size:19px;line-height:1.45;margin-top:12px;max-width:66ch}
h2{font-size:18px;font-weight:650;line-height:1.3;margin-bottom:2px}
section{margin-top:36px}
.hint{color:var(--soft);font-size:13px;margin-bottom:8px;max-width:90ch}
.figures{display:grid;grid-template-columns:repeat(6,1fr);gap:1px;margin-top:24px;background:var(--rule);border:1px solid var(--rule);border-radius:8px;overflow:hidden}
.figures div{background:var(--page);padding:12px 14px;min-width:0}
.figures dt{color:var(--soft);font-size:12.5px}
.figures dd{margin:0;font-size:20px;font-weight:620;line-height:1.35;white-space:nowrap}
.figures i{font-style:normal;font-size:11px;margin-right:5px;vertical-align:3px}
@media (max-width:980px){.figures{grid-template-columns:repeat(3,1fr)}}
@media screen and (max-width:520px){.figures{grid-template-columns:repeat(2,1fr)}.figures dd{font-size:17px}h1{font-size:26px}.verdict{font-size:17px}}
@media print{section{margin-top:20pt}h2,.hint,.legend{break-after:avoid}.figures{break-inside:avoid}.figures dd{font-size:14px}}
)css";

double number_of(Money amount) { return amount.to_double(); }
std::string amount(Money money) { return chart::format_number(number_of(money), 2); }
std::string gain(Money money) { return chart::format_number(number_of(money), 2, Sign::kAlways); }
Tone tone_of(Money money) { return chart::tone_of(number_of(money)); }

Money gain_of(const PortfolioValue& value) {
  Money sum;
  for (const ledger::ServiceRow& service : value.services) sum += service.total_gain_loss;
  return sum;
}

Money unrealised_of(const PortfolioValue& value) {
  Money sum;
  for (const HoldingValue& each : value.holdings) sum += each.value - each.row.cost;
  return sum;
}

void open_section(Markup& html, std::string_view title, std::string_view hint) {
  html.open("section").element("h2", {}, title);
  if (!hint.empty()) html.open("p", {{"class", "hint"}}).prose(hint).close();
}

void write_figure(Markup& html, std::string_view label, const std::string& text, std::string_view title,
                  std::optional<Tone> tone = std::nullopt) {
  html.open("div", {{"title", title}}).element("dt", {}, label);
  const bool marked = tone && *tone != Tone::kMuted;
  html.open("dd", {{"class", marked ? chart::tone_class(*tone) : ""}});
  if (marked) html.element("i", {}, *tone == Tone::kGain ? "\xE2\x96\xB2" : "\xE2\x96\xBC");
  html.text(text).close().close();
}

void write_head(Markup& html, const PortfolioValue& value, const PortfolioHistory& history, core::Timestamp now) {
  const ledger::PortfolioRow& row = value.row;
  html.open("header").open("p", {{"class", "eyebrow"}});
  html.prose(fmt::format("Portfolio {} \xC2\xB7 in {} \xC2\xB7 made {}", row.portfolio_id, row.currency,
                         format_seconds(now)))
      .close();
  html.element("h1", {}, row.name);
  const auto running = std::ranges::count(value.services, ledger::ServiceState::kActive, &ledger::ServiceRow::state);
  std::string verdict = fmt::format("Worth {} {}, with {} of {} service{} active", amount(value.equity), row.currency,
                                    running, value.services.size(), value.services.size() == 1 ? "" : "s");
  if (!history.days.empty())
    verdict +=
        fmt::format("; {} brought {}", history.days.back().date.to_string(), gain(daily_profits(history.days).back()));
  html.open("p", {{"class", "verdict"}}).prose(verdict + ".").close().close();
}

void write_figures(Markup& html, const PortfolioValue& value) {
  const Money sold = gain_of(value);
  const Money paper = unrealised_of(value);
  html.open("dl", {{"class", "figures"}});
  write_figure(html, "Cash", amount(value.row.cash), "its own, not given to services");
  write_figure(html, "Money market", amount(value.row.money_market), "parked");
  write_figure(html, "Cash of services", amount(value.services_cash), "the sum of their balances");
  write_figure(html, "Investment", amount(value.investment), "what is held, at the last prices known");
  write_figure(html, "Gained on paper", gain(paper), "of what is held: its value less its cost", tone_of(paper));
  write_figure(html, "Gained by sales", gain(sold), "of all services, after fees", tone_of(sold));
  html.close();
}

void write_equity(Markup& html, const std::vector<ledger::EquitySnapshotRow>& snapshots, const std::string& currency) {
  std::vector<std::int64_t> keys;
  std::vector<double> equity;
  std::vector<double> cash;
  for (const ledger::EquitySnapshotRow& row : snapshots) {
    keys.push_back(row.time.time_since_epoch().count());
    equity.push_back(number_of(row.equity));
    cash.push_back(number_of(row.cash));
  }
  chart::TimeChart chart{.label = "What the portfolio was worth over time", .keys = keys};
  chart.intraday = true;
  chart.height = 300;
  chart.series.push_back({"Equity", equity, chart::SeriesKind::kLine, Tone::kAccent});
  open_section(html, "Equity",
               fmt::format("{}, cash and what is held, each time it was noted; money put in or taken out shows as a "
                           "step. Times are UTC.",
                           currency));
  html.raw(chart::render_legend(chart)).raw(chart::render_chart(chart)).close();
  if (snapshots.empty()) return;
  // On an axis of its own: beside much cash the equity would be a flat line.
  chart::TimeChart of_cash{.label = "Cash of the portfolio and its services over time", .keys = keys};
  of_cash.intraday = true;
  of_cash.height = 130;
  of_cash.series.push_back({"Cash, services' included", cash, chart::SeriesKind::kArea, Tone::kMuted});
  html.open("section").raw(chart::render_legend(of_cash)).raw(chart::render_chart(of_cash)).close();
}

void write_days(Markup& html, const std::vector<ledger::DailyPnlRow>& days, const std::string& currency) {
  if (days.empty()) return;
  std::vector<std::int64_t> keys;
  std::vector<double> values;
  Money total;
  for (const Money profit : daily_profits(days)) {
    values.push_back(number_of(profit));
    total += profit;
  }
  for (const ledger::DailyPnlRow& row : days) keys.push_back(core::utc_midnight(row.date).time_since_epoch().count());
  open_section(html, "Profit and loss of each day",
               fmt::format("{} of sales after fees, and what holdings gained or lost on paper since the day before: {} "
                           "in {} day{}.",
                           currency, gain(total), days.size(), days.size() == 1 ? "" : "s"));
  html.raw(chart::render_time_bars(
               {.label = "Profit and loss of each day", .name = "Profit", .keys = keys, .values = values}))
      .close();
}

void write_holdings(Markup& html, const PortfolioValue& value) {
  open_section(html, "Holdings", value.holdings.empty() ? "Nothing is held." : "At the last prices known.");
  if (!value.holdings.empty()) {
    chart::Table table{.id = "holdings", .label = "Holdings"};
    table.columns = {{"Symbol"},      {"Shares", true}, {"Of no service", true}, {"Cost", true},
                     {"Price", true}, {"Value", true},  {"Gain", true, true}};
    for (const HoldingValue& each : value.holdings) {
      const Money more = each.value - each.row.cost;
      table.rows.push_back(
          {{each.row.symbol, each.row.quantity.to_string(), each.row.unassigned.to_string(), amount(each.row.cost),
            each.price ? each.price->to_string(2) : "-", amount(each.value), gain(more)},
           tone_of(more)});
    }
    html.raw(chart::render_table(table));
  }
  html.close();
}

void write_services(Markup& html, const PortfolioValue& value) {
  open_section(html, "Services",
               value.services.empty() ? "There is none." : "Gains are those of their sales, after fees.");
  if (!value.services.empty()) {
    chart::Table table{.id = "services", .label = "Services"};
    table.columns = {{"Service"},       {"Symbol"},       {"State"},      {"Mode"},        {"Strategy"},
                     {"Balance", true}, {"Shares", true}, {"Buys", true}, {"Sales", true}, {"Gain", true, true}};
    for (const ledger::ServiceRow& each : value.services)
      table.rows.push_back(
          {{fmt::format("{} {}", each.service_id, each.name), each.stock_symbol, std::string(to_string(each.state)),
            std::string(to_string(each.mode)), each.strategy, amount(each.current_balance),
            each.current_shares.to_string(), fmt::to_string(each.buy_count), fmt::to_string(each.sell_count),
            gain(each.total_gain_loss)},
           tone_of(each.total_gain_loss)});
    html.raw(chart::render_table(table));
  }
  html.close();
}

void write_transactions(Markup& html, const PortfolioValue& value,
                        const std::vector<ledger::TransactionRow>& transactions) {
  const bool cut = std::ssize(transactions) == kListedTransactions;
  open_section(html, "Last transactions",
               transactions.empty() ? "None yet."
                                    : fmt::format("{}the newest first; gains after the fees of both sides.",
                                                  cut ? fmt::format("The last {}, ", kListedTransactions) : ""));
  if (!transactions.empty()) {
    std::map<std::int64_t, std::string_view> names;
    for (const ledger::ServiceRow& each : value.services) names[each.service_id] = each.name;
    chart::Table table{.id = "transactions", .label = "Last transactions"};
    table.columns = {{"Bought"}, {"Service"},     {"Symbol"},     {"Shares", true},     {"Price", true},
                     {"Sold"},   {"Price", true}, {"Fees", true}, {"Gain", true, true}, {"State"}};
    for (const ledger::TransactionRow& each : transactions) {
      const bool open = each.state == ledger::TransactionState::kOpen;
      const auto name = names.find(each.service_id);
      table.rows.push_back({{format_seconds(each.purchase_date), name == names.end() ? "-" : std::string(name->second),
                             each.stock_symbol, each.shares.to_string(), each.purchase_price.to_string(2),
                             each.sale_date ? format_seconds(*each.sale_date) : "-",
                             each.sale_price ? each.sale_price->to_string(2) : "-", amount(each.fees),
                             open ? "-" : gain(each.net_gain_loss),
                             std::string(ledger::kTransactionStates[static_cast<std::size_t>(each.state)])},
                            open ? Tone::kMuted : tone_of(each.net_gain_loss)});
    }
    html.raw(chart::render_table(table));
  }
  html.close();
}

}  // namespace

Result<PortfolioHistory> read_history(ledger::Database& database, const ledger::PortfolioRow& row) {
  return database.read([&](ledger::Transaction& work) -> Result<PortfolioHistory> {
    PortfolioHistory out;
    ARGOSY_TRY(out.snapshots,
               ledger::select<ledger::EquitySnapshotRow>(
                   work, "WHERE scope = 'portfolio' AND subject_id = :subject_id ORDER BY time", {row.portfolio_id}));
    ARGOSY_TRY(out.days,
               ledger::select<ledger::DailyPnlRow>(
                   work, "WHERE scope = 'portfolio' AND subject_id = :subject_id ORDER BY date", {row.portfolio_id}));
    ARGOSY_TRY(out.transactions,
               ledger::select<ledger::TransactionRow>(
                   work,
                   fmt::format("WHERE service_id IN (SELECT service_id FROM trading_services WHERE portfolio_id = "
                               ":portfolio_id) ORDER BY transaction_id DESC LIMIT {}",
                               kListedTransactions),
                   {row.portfolio_id}));
    return out;
  });
}

std::vector<Money> daily_profits(const std::vector<ledger::DailyPnlRow>& days) {
  std::vector<Money> out;
  Money before;
  for (const ledger::DailyPnlRow& day : days) {
    out.push_back(day.realised - day.fees + day.unrealised - before);
    before = day.unrealised;
  }
  return out;
}

std::string portfolio_report(const PortfolioValue& value, const PortfolioHistory& history, core::Timestamp now) {
  Markup html;
  write_head(html, value, history, now);
  html.open("main");
  write_figures(html, value);
  write_equity(html, history.snapshots, value.row.currency);
  write_days(html, history.days, value.row.currency);
  write_holdings(html, value);
  write_services(html, value);
  write_transactions(html, value, history.transactions);
  html.close();
  return chart::render_page(
      {.title = "Portfolio " + value.row.name, .body = std::move(html).take(), .style = std::string(kStyle)});
}

}  // namespace argosy::cli
