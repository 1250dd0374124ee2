// The resources of the API: each file adds the endpoints of one.
//
//   Resources resources{.store = ..., ...};
//   add_resources(api, resources);
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "auth/access.hpp"
#include "core/clock.hpp"
#include "data/import.hpp"
#include "data/instruments.hpp"
#include "data/stock_prices.hpp"
#include "lake/lake.hpp"
#include "ledger/instruments.hpp"
#include "live/advice.hpp"
#include "live/request.hpp"
#include "rest/requests.hpp"
#include "rest/store.hpp"
#include "server/api.hpp"
#include "strategy/strategy_file.hpp"
#include "trading/limits.hpp"

namespace argosy::rest {

// What handlers use, from several threads. All outlive the Api.
struct Resources {
  Store& store;
  Store& runs;  // of the database of backtests and studies
  Requests& requests;
  auth::Access& access;
  const core::Clock& clock;
  // The instrument that a new service is to trade, taken over where the ledger does not have it yet.
  std::function<core::Result<ledger::InstrumentRow>(const std::string& symbol)> instrument;
  live::CreateService service_defaults;
  // How the ledger names a strategy that a caller names.
  std::function<std::string(const std::string& text)> strategy_reference;
  std::function<core::Result<lake::Snapshot>()> snapshot;
  // Bars into the lake, and what is said of instruments, for the user of that name. kUnavailable while another process
  // writes to the lake.
  std::function<core::Result<data::ImportReport>(data::ImportRequest request, const std::string& actor)> import_bars;
  std::function<core::Result<void>(const data::InstrumentOwner::Change& change, const std::string& actor)>
      change_instruments;
  // Reads a strategy's text as services and jobs do: `name` stands in errors.
  std::function<core::Result<strategy::StrategyFile>(const std::string& text, const std::string& name)> read_strategy;
  std::function<std::string()> health;  // JSON, as live::health_json writes it
  std::string version;
  // The newest lines of the program's log, the oldest first.
  std::function<core::Result<std::vector<std::string>>(std::size_t most)> log_lines;
  // Backups of the ledger that are made from time to time, the newest first.
  std::function<core::Result<std::vector<core::FileInfo>>()> backups;
  // What would be decided now, by the process that trades; nothing follows from it.
  std::function<core::Result<live::Advice>(const live::AdviceWish&)> advise;
  std::function<core::Result<live::Advice>(std::int64_t service_id)> advise_service;
  // Those that nobody can raise while it is served.
  trading::LimitProfile hard_limits = trading::LimitProfile::backtest();
};

void add_resources(server::Api& api, const Resources& resources);

void add_auth(server::Api& api, const Resources& resources);
void add_second_factor(server::Api& api, const Resources& resources);
void add_users(server::Api& api, const Resources& resources);
void add_stocks(server::Api& api, const Resources& resources);
void add_services(server::Api& api, const Resources& resources);
void add_orders(server::Api& api, const Resources& resources);
void add_portfolios(server::Api& api, const Resources& resources);
void add_own_orders(server::Api& api, const Resources& resources);
void add_requests(server::Api& api, const Resources& resources);
void add_decisions(server::Api& api, const Resources& resources);
void add_executions(server::Api& api, const Resources& resources);
void add_notes(server::Api& api, const Resources& resources);
void add_history(server::Api& api, const Resources& resources);
void add_risk(server::Api& api, const Resources& resources);
void add_approvals(server::Api& api, const Resources& resources);
void add_strategies(server::Api& api, const Resources& resources);
void add_jobs(server::Api& api, const Resources& resources);
void add_system(server::Api& api, const Resources& resources);
void add_formulas(server::Api& api, const Resources& resources);
void add_candles(server::Api& api, const Resources& resources);
void add_runs(server::Api& api, const Resources& resources);
void add_run_reports(server::Api& api, const Resources& resources);
void add_stock_changes(server::Api& api, const Resources& resources);
void add_price_uploads(server::Api& api, const Resources& resources);
void add_strategy_changes(server::Api& api, const Resources& resources);
void add_performance(server::Api& api, const Resources& resources);
void add_market_hours(server::Api& api, const Resources& resources);
void add_udf(server::Api& api, const Resources& resources);

// The stock of that symbol, with its number in the ledger; kNotFound.
[[nodiscard]] core::Result<data::Stock> find_stock(const Resources& resources, const std::string& symbol);

// What most endpoints have in their path.
struct IdPath {
  std::int64_t id = 0;
};

// The caller's key of a request that may come twice; empty: none.
[[nodiscard]] std::string_view key_of(const net::HttpRequest& request);

// The portfolio that is named, or, for 0, the caller's default one. kNotFound: it is another's, or there is none.
[[nodiscard]] core::Result<std::int64_t> own_portfolio(const Resources& resources, const server::Caller& caller,
                                                       std::int64_t named);

// The fields of a record but those with these names.
template <std::size_t kSize, class... Names>
constexpr auto fields_without(const core::Field (&fields)[kSize], Names... names) {
  std::array<core::Field, kSize - sizeof...(Names)> kept{};
  std::size_t at = 0;
  for (const core::Field& field : fields) {
    if (((field.name != names) && ...)) kept[at++] = field;
  }
  return kept;
}

// A page of rows as the API shows each.
template <class Row, class Show>
[[nodiscard]] auto shown_page(server::Page<Row>&& page, Show show) {
  server::Page<std::invoke_result_t<Show&, Row>> out{
      .items = {}, .page = page.page, .per_page = page.per_page, .total = page.total};
  for (Row& row : page.items) out.items.push_back(show(std::move(row)));
  return out;
}

// A page of rows that are all there.
template <class Row>
[[nodiscard]] server::Page<Row> part_of(std::vector<Row> all, std::int64_t page, std::int64_t per_page) {
  server::Page<Row> out{.items = {}, .page = page, .per_page = per_page, .total = std::ssize(all)};
  const std::int64_t first = std::min(out.total, (page - 1) * per_page);
  const std::int64_t end = std::min(out.total, first + per_page);
  out.items.assign(std::make_move_iterator(all.begin() + first), std::make_move_iterator(all.begin() + end));
  return out;
}

// A list of the caller's rows at `path`, and one of them below it.
template <class Row>
void add_list(server::Api& api, const Resources& resources, server::EndpointNotes notes) {
  api.add(server::endpoint<server::None, server::Listing<Row>, server::None, server::Page<Row>>(
      notes, [&store = resources.store](const auto& call) { return store.list(*call.caller, call.query); }));
}
template <class Row>
void add_get(server::Api& api, const Resources& resources, server::EndpointNotes notes) {
  api.add(server::endpoint<IdPath, server::None, server::None, Row>(
      notes, [&store = resources.store](const auto& call) { return store.get<Row>(*call.caller, call.path.id); }));
}

}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::IdPath> {
  using Row = argosy::rest::IdPath;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Row, id, .limits = {.minimum = 0}, .text = "number")};
  static constexpr RecordType kType{"id", "Which one", kFields};
};
