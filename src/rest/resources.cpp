#include "rest/resources.hpp"

namespace argosy::rest {

std::string_view key_of(const net::HttpRequest& request) {
  return request.headers.find("Idempotency-Key").value_or(std::string_view());
}

void add_resources(server::Api& api, const Resources& resources) {
  add_auth(api, resources);
  add_second_factor(api, resources);
  add_users(api, resources);
  add_stocks(api, resources);
  add_services(api, resources);
  add_orders(api, resources);
  add_own_orders(api, resources);
  add_requests(api, resources);
  add_decisions(api, resources);
  add_executions(api, resources);
  add_notes(api, resources);
  add_history(api, resources);
  add_portfolios(api, resources);
  add_risk(api, resources);
  add_approvals(api, resources);
  add_strategies(api, resources);
  add_jobs(api, resources);
  add_system(api, resources);
  add_formulas(api, resources);
  add_candles(api, resources);
  add_run_reports(api, resources);
  add_runs(api, resources);
  add_stock_changes(api, resources);
  add_price_uploads(api, resources);
  add_strategy_changes(api, resources);
  add_performance(api, resources);
  add_market_hours(api, resources);
  add_udf(api, resources);
}

}  // namespace argosy::rest
