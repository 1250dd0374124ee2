// What portfolios are worth, and what their days gave.
#include "data/performance.hpp"

#include <utility>

#include "ledger/equity.hpp"
#include "ledger/portfolio_value.hpp"
#include "ledger/records.hpp"
#include "market/bar.hpp"
#include "rest/formulas.hpp"

namespace argosy::rest {

using core::Result;
using ledger::PortfolioRow;
using server::Access;
using server::endpoint;
using server::None;

struct PerformanceQuery {
  std::optional<core::Date> from;
  std::optional<core::Date> to;
  std::string benchmark;
  std::int64_t page = 1;
  std::int64_t per_page = server::kMostPerPage;
};
struct ValueOut {
  std::int64_t portfolio_id = 0;
  std::string currency;
  core::Money cash;
  core::Money money_market;
  core::Money services_cash;
  core::Money investment;
  core::Money equity;
};

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::PerformanceQuery> {
  using Row = argosy::rest::PerformanceQuery;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, from, .text = "first day"),
      ARGOSY_FIELD(Row, to, .text = "last day"),
      ARGOSY_FIELD(Row, benchmark, .limits = {.maximum_length = 20}, .text = "symbol of a stock to compare with"),
      ARGOSY_FIELD(Row, page, .limits = {.minimum = 1, .maximum = argosy::server::kMostPages}),
      ARGOSY_FIELD(Row, per_page, .limits = {.minimum = 1, .maximum = argosy::server::kMostPerPage}),
  };
  static constexpr RecordType kType{"performance_query", "Which days", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::data::PerformanceDay> {
  using Row = argosy::data::PerformanceDay;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, date, .text = "of the session"),
      ARGOSY_FIELD(Row, equity, .text = "at its end"),
      ARGOSY_FIELD(Row, flow, .text = "deposits less withdrawals since the day before"),
      ARGOSY_FIELD(Row, day_return, .unit = "ratio", .text = "null: there was nothing to gain by"),
      ARGOSY_FIELD(Row, growth, .unit = "ratio", .text = "since the first day began, apart from flows"),
      ARGOSY_FIELD(Row, drawdown, .unit = "ratio", .text = "below the highest growth so far"),
      ARGOSY_FIELD(Row, benchmark, .unit = "ratio", .text = "growth of the benchmark; null: not known"),
      ARGOSY_FIELD(Row, benchmark_drawdown, .unit = "ratio", .text = "below its highest so far"),
  };
  static constexpr RecordType kType{"performance_day", "What a day gave", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::ValueOut> {
  using Row = argosy::rest::ValueOut;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, portfolio_id, .text = "number"),
      ARGOSY_FIELD(Row, currency, .text = "of all amounts"),
      ARGOSY_FIELD(Row, cash, .text = "its own, not given to services"),
      ARGOSY_FIELD(Row, money_market, .text = "parked"),
      ARGOSY_FIELD(Row, services_cash, .text = "the sum of its services' balances"),
      ARGOSY_FIELD(Row, investment, .text = "its shares at the last prices known"),
      ARGOSY_FIELD(Row, equity, .text = "all of it"),
  };
  static constexpr RecordType kType{"portfolio_value", "What a portfolio is worth", kFields};
};

namespace argosy::rest {
namespace {

Result<ValueOut> value(const Resources& resources, const server::Call<IdPath, None, None>& call) {
  ARGOSY_TRY(const auto row, resources.store.get<PortfolioRow>(*call.caller, call.path.id));
  ARGOSY_TRY(const ledger::PortfolioValue found,
             resources.store.ledger().read([&](ledger::Transaction& work) { return ledger::value_of(work, row); }));
  return ValueOut{.portfolio_id = row.portfolio_id,
                  .currency = row.currency,
                  .cash = row.cash,
                  .money_market = row.money_market,
                  .services_cash = found.services_cash,
                  .investment = found.investment,
                  .equity = found.equity};
}

struct Noted {
  std::vector<data::DayEquity> days;
  std::vector<data::Flow> flows;
};

Result<Noted> read_days(const Resources& resources, std::int64_t portfolio_id) {
  return resources.store.ledger().read([&](ledger::Transaction& work) -> Result<Noted> {
    Noted out;
    ARGOSY_TRY(const auto days,
               ledger::select<ledger::DailyPnlRow>(work, "WHERE scope = 'portfolio' AND subject_id = :id ORDER BY date",
                                                   {portfolio_id}));
    for (const ledger::DailyPnlRow& row : days) out.days.push_back({.date = row.date, .equity = row.equity});
    ARGOSY_TRY(const auto flows,
               ledger::select<ledger::FundingRow>(work, "WHERE portfolio_id = :id ORDER BY time", {portfolio_id}));
    for (const ledger::FundingRow& row : flows)
      out.flows.push_back({.date = core::utc_date(row.time), .amount = row.amount});
    return out;
  });
}

// Days before `from` count as what was there when it began.
void cut(Noted& noted, const std::optional<core::Date>& from, const std::optional<core::Date>& to) {
  if (to) std::erase_if(noted.days, [&](const data::DayEquity& day) { return day.date > *to; });
  if (!from) return;
  core::Money before;
  for (const data::DayEquity& day : noted.days) {
    if (day.date < *from) before = day.equity;
  }
  const bool is_begun = !noted.days.empty() && noted.days.front().date < *from;
  std::erase_if(noted.days, [&](const data::DayEquity& day) { return day.date < *from; });
  if (!is_begun) return;
  std::erase_if(noted.flows, [&](const data::Flow& flow) { return flow.date < *from; });
  noted.flows.push_back({.date = *from, .amount = before});
}

Result<server::Page<data::PerformanceDay>> performance(const Resources& resources,
                                                       const server::Call<IdPath, PerformanceQuery, None>& call) {
  const PerformanceQuery& query = call.query;
  ARGOSY_TRY(const auto row, resources.store.get<PortfolioRow>(*call.caller, call.path.id));
  ARGOSY_TRY(Noted noted, read_days(resources, row.portfolio_id));
  const bool has_before = query.from && !noted.days.empty() && noted.days.front().date < *query.from;
  cut(noted, query.from, query.to);
  std::vector<data::PerformanceDay> days = data::performance(noted.days, noted.flows);
  // What was there before is no deposit of the first day.
  if (has_before && !days.empty()) days.front().flow -= noted.flows.back().amount;
  if (!query.benchmark.empty() && !days.empty()) {
    ARGOSY_TRY(const data::Candles candles,
               read_candles(resources, {.symbol = query.benchmark, .to = days.back().date.to_string(), .limit = 50'000},
                            nullptr));
    data::add_benchmark(candles.keys, candles.close, days);
  }
  return part_of(std::move(days), query.page, query.per_page);
}

}  // namespace

void add_performance(server::Api& api, const Resources& resources) {
  api.add(endpoint<IdPath, None, None, ValueOut>({.path = "/portfolios/{id}/value",
                                                  .name = "get_portfolio_value",
                                                  .tag = "portfolios",
                                                  .summary = "What it is worth now",
                                                  .access = Access::kViewer},
                                                 [&](const auto& call) { return value(resources, call); }));
  api.add(endpoint<IdPath, PerformanceQuery, None, server::Page<data::PerformanceDay>>(
      {.path = "/portfolios/{id}/performance",
       .name = "list_performance",
       .tag = "portfolios",
       .summary = "What its days gave, apart from deposits and withdrawals, beside a benchmark",
       .access = Access::kViewer,
       .text = "Returns are time-weighted: money is taken to come in before the day's trading."},
      [&](const auto& call) { return performance(resources, call); }));
}

}  // namespace argosy::rest
