// argosy api: the documents of the API, as `argosy serve` gives them, without a home or a server.
#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "core/files.hpp"
#include "ledger/pool.hpp"
#include "push/endpoints.hpp"
#include "push/tickets.hpp"
#include "rest/resources.hpp"
#include "server/api.hpp"

namespace argosy::cli {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;

constexpr std::string_view kWebSocketPath = "/api/v1/ws";

// Endpoints say what they take and give when they are added; none of them is called here.
Result<void> print_openapi(const Globals& globals) {
  constexpr std::size_t kKeyLength = 32;
  const core::SystemClock clock;
  ledger::Pool pool([]() -> Result<std::unique_ptr<ledger::Database>> {
    return fail(ErrorCode::kUnsupported, "there is no ledger here");
  });
  auth::Access access(pool, auth::Tokens(core::Secret(std::string(kKeyLength, 'k'))), clock);
  rest::Store store(pool);
  rest::Requests requests(pool, clock, {});
  push::Tickets tickets(clock);
  const rest::Resources resources{.store = store,
                                  .runs = store,
                                  .requests = requests,
                                  .access = access,
                                  .clock = clock,
                                  .instrument = {},
                                  .service_defaults = {},
                                  .strategy_reference = {},
                                  .snapshot = {},
                                  .import_bars = {},
                                  .change_instruments = {},
                                  .read_strategy = {},
                                  .health = {},
                                  .version = globals.version,
                                  .log_lines = {},
                                  .backups = {},
                                  .advise = {},
                                  .advise_service = {}};
  server::Api api({.authenticate = {}, .make_id = {}});
  rest::add_resources(api, resources);
  push::add_endpoints(api, tickets, {.path = std::string(kWebSocketPath)});
  return print(api.openapi() + "\n");
}

Result<void> print_asyncapi() { return print(push::asyncapi(std::string(kWebSocketPath)) + "\n"); }

}  // namespace

void add_api(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand("api", "Print the documents of the API, as argosy serve gives them");
  group->require_subcommand(1);
  CLI::App* openapi = group->add_subcommand("openapi", "Print /api/v1/openapi.json: every endpoint");
  openapi->footer("Example:\n  argosy api openapi > openapi.json");
  openapi->callback([&globals] { run_command([&] { return print_openapi(globals); }); });
  CLI::App* asyncapi = group->add_subcommand("asyncapi", "Print /api/v1/asyncapi.json: every message of the WebSocket");
  asyncapi->footer("Example:\n  argosy api asyncapi > asyncapi.json");
  asyncapi->callback([] { run_command(print_asyncapi); });
}

}  // namespace argosy::cli
