// Stocks, and their stored prices.
#include <algorithm>
#include <limits>

#include "data/stock_prices.hpp"
#include "market/bar.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::ErrorCode;
using core::fail;
using core::Result;
using server::Access;
using server::endpoint;
using server::None;

struct DailyQuery {
  std::string symbol;
  std::optional<core::Date> from;
  std::optional<core::Date> to;
  std::int64_t page = 1;
  std::int64_t per_page = 50;
};
struct IntradayQuery {
  std::string symbol;
  std::int64_t interval = 1;
  std::optional<core::Timestamp> from;
  std::optional<core::Timestamp> to;
  std::int64_t page = 1;
  std::int64_t per_page = 50;
};
struct SymbolQuery {
  std::string symbol;
};

namespace {
constexpr std::int64_t kMostPricePages = 10'000;
}  // namespace

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::DailyQuery> {
  using Row = argosy::rest::DailyQuery;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, symbol, .limits = {.maximum_length = 20}, .text = "of the stock", .required = true),
      {"price_date__gte", FieldType::kDate, true, offsetof(Row, from), {.text = "first day"}},
      {"price_date__lte", FieldType::kDate, true, offsetof(Row, to), {.text = "last day"}},
      ARGOSY_FIELD(Row, page, .limits = {.minimum = 1, .maximum = argosy::rest::kMostPricePages}),
      ARGOSY_FIELD(Row, per_page, .limits = {.minimum = 1, .maximum = argosy::server::kMostPerPage}),
  };
  static constexpr RecordType kType{"daily_prices_query", "Which days", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::IntradayQuery> {
  using Row = argosy::rest::IntradayQuery;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, symbol, .limits = {.maximum_length = 20}, .text = "of the stock", .required = true),
      ARGOSY_FIELD(Row, interval, .unit = "minutes", .text = "1, 5, 15, 30 or 60"),
      {"timestamp__gte", FieldType::kTimestamp, true, offsetof(Row, from), {.text = "first bar"}},
      {"timestamp__lte", FieldType::kTimestamp, true, offsetof(Row, to), {.text = "last bar"}},
      ARGOSY_FIELD(Row, page, .limits = {.minimum = 1, .maximum = argosy::rest::kMostPricePages}),
      ARGOSY_FIELD(Row, per_page, .limits = {.minimum = 1, .maximum = argosy::server::kMostPerPage}),
  };
  static constexpr RecordType kType{"intraday_prices_query", "Which bars", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::SymbolQuery> {
  using Row = argosy::rest::SymbolQuery;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, symbol, .limits = {.maximum_length = 20}, .text = "of the stock", .required = true)};
  static constexpr RecordType kType{"symbol_query", "Which stock", kFields};
};

namespace argosy::rest {

Result<data::Stock> find_stock(const Resources& resources, const std::string& symbol) {
  ARGOSY_TRY(const auto rows, resources.store.ledger().read([&](ledger::Transaction& work) {
    return ledger::select<ledger::StockRow>(work, "WHERE symbol = :symbol ORDER BY id LIMIT 1", {symbol});
  }));
  if (rows.empty()) return fail(ErrorCode::kNotFound, "there is no stock " + symbol);
  return data::Stock{.stock_id = rows.front().id, .symbol = symbol};
}

namespace {

// A page of what `ask` gives for the first rows of a range.
template <class Row, class Ask>
Result<server::Page<Row>> page_of(std::int64_t page, std::int64_t per_page, Ask ask) {
  data::PriceQuestion question{.limit = static_cast<std::size_t>(page * per_page)};
  auto found = ask(question);
  server::Page<Row> out{.items = {}, .page = page, .per_page = per_page};
  if (!found && found.error().code == ErrorCode::kNotFound) return out;
  if (!found) return fail(std::move(found).error());
  const std::size_t first = std::min(static_cast<std::size_t>((page - 1) * per_page), found->items.size());
  out.items.assign(std::make_move_iterator(found->items.begin() + static_cast<std::ptrdiff_t>(first)),
                   std::make_move_iterator(found->items.end()));
  out.total = found->total;
  return out;
}

Result<server::Page<data::StockDailyPrice>> daily(const Resources& resources, const DailyQuery& query) {
  ARGOSY_TRY(const data::Stock stock, find_stock(resources, query.symbol));
  ARGOSY_TRY(const lake::Snapshot snapshot, resources.snapshot());
  return page_of<data::StockDailyPrice>(query.page, query.per_page, [&](data::PriceQuestion& question) {
    if (query.from) question.range.from = market::date_key(*query.from);
    if (query.to) question.range.to = market::date_key(*query.to);
    return data::daily_prices(snapshot, stock, question);
  });
}

Result<server::Page<data::StockIntradayPrice>> intraday(const Resources& resources, const IntradayQuery& query) {
  ARGOSY_TRY(const data::Stock stock, find_stock(resources, query.symbol));
  ARGOSY_TRY(const lake::Snapshot snapshot, resources.snapshot());
  return page_of<data::StockIntradayPrice>(query.page, query.per_page, [&](data::PriceQuestion& question) {
    if (query.from) question.range.from = query.from->time_since_epoch().count();
    if (query.to) question.range.to = query.to->time_since_epoch().count();
    return data::intraday_prices(snapshot, stock, query.interval, question);
  });
}

Result<data::StockDailyPrice> latest(const Resources& resources, const std::string& symbol) {
  ARGOSY_TRY(const data::Stock stock, find_stock(resources, symbol));
  ARGOSY_TRY(const lake::Snapshot snapshot, resources.snapshot());
  ARGOSY_TRY(auto page, data::daily_prices(snapshot, stock, {.range = {}, .limit = 1, .newest = true}));
  if (page.items.empty()) return fail(ErrorCode::kNotFound, "there are no prices of " + symbol);
  return page.items.back();
}

}  // namespace

void add_stocks(server::Api& api, const Resources& resources) {
  add_list<ledger::StockRow>(
      api, resources,
      {.path = "/stocks", .name = "list_stocks", .tag = "stocks", .summary = "Stocks", .access = Access::kViewer});
  add_get<ledger::StockRow>(api, resources,
                            {.path = "/stocks/{id}",
                             .name = "get_stock",
                             .tag = "stocks",
                             .summary = "One stock",
                             .access = Access::kViewer});
  api.add(endpoint<None, DailyQuery, None, server::Page<data::StockDailyPrice>>(
      {.path = "/prices/daily",
       .name = "list_daily_prices",
       .tag = "prices",
       .summary = "Stored prices by days",
       .access = Access::kViewer},
      [&](const auto& call) { return daily(resources, call.query); }));
  api.add(endpoint<None, IntradayQuery, None, server::Page<data::StockIntradayPrice>>(
      {.path = "/prices/intraday",
       .name = "list_intraday_prices",
       .tag = "prices",
       .summary = "Stored prices within days",
       .access = Access::kViewer},
      [&](const auto& call) { return intraday(resources, call.query); }));
  api.add(endpoint<None, SymbolQuery, None, data::StockDailyPrice>(
      {.path = "/prices/latest",
       .name = "get_latest_price",
       .tag = "prices",
       .summary = "The last stored day",
       .access = Access::kViewer},
      [&](const auto& call) { return latest(resources, call.query.symbol); }));
}

}  // namespace argosy::rest
