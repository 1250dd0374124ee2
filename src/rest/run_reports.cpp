// Stored backtests as pages for people.
#include "ledger/runs.hpp"
#include "rest/resources.hpp"
#include "runs/stored_report.hpp"
#include "server/safe_headers.hpp"

namespace argosy::rest {

using core::Result;
using server::Access;
using server::endpoint;
using server::None;

void add_run_reports(server::Api& api, const Resources& resources) {
  api.add(endpoint<IdPath, None, None, net::HttpResponse>(
      {.path = "/runs/{id}/report",
       .name = "get_run_report",
       .tag = "runs",
       .summary = "One backtest as an HTML page without scripts",
       .access = Access::kViewer,
       .text = "Made of what is stored: the headline, the equity of closed trades, the first 2,000 trades. text/html, "
               "under a policy that lets it load nothing."},
      [&](const auto& call) -> Result<net::HttpResponse> {
        runs::StoredRun stored;
        ARGOSY_TRY(stored.run, resources.runs.get<ledger::RunRow>(*call.caller, call.path.id));
        ARGOSY_TRY(stored.trades, resources.runs.ledger().read([&](ledger::Transaction& work) {
          return ledger::load_run_trades(work, stored.run.run_id);
        }));
        ARGOSY_TRY(std::string page, runs::stored_report(stored));
        net::HttpResponse answer = net::text_response(200, "text/html; charset=utf-8", std::move(page));
        server::protect_report(answer);
        return answer;
      }));
}

}  // namespace argosy::rest
