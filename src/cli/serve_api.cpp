#include "cli/serve_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <mutex>
#include <utility>

#include "auth/access.hpp"
#include "auth/random.hpp"
#include "auth/tokens.hpp"
#include "auth/users.hpp"
#include "auth/vault.hpp"
#include "cli/decision_makers.hpp"
#include "cli/formula_options.hpp"
#include "cli/home.hpp"
#include "cli/instruments.hpp"
#include "cli/ledger_home.hpp"
#include "cli/trading_home.hpp"
#include "core/executor_thread.hpp"
#include "core/files.hpp"
#include "core/log.hpp"
#include "core/log_files.hpp"
#include "core/thread_priority.hpp"
#include "ledger/backups.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/pool.hpp"
#include "ledger/records.hpp"
#include "push/endpoints.hpp"
#include "push/hub.hpp"
#include "push/tickets.hpp"
#include "rest/resources.hpp"
#include "server/api.hpp"
#include "server/browser.hpp"
#include "server/cors.hpp"
#include "server/dashboard.hpp"
#include "server/documents.hpp"
#include "server/idempotency.hpp"
#include "server/metrics.hpp"
#include "server/policy_reports.hpp"
#include "server/problem.hpp"
#include "server/proxies.hpp"
#include "server/rate_limit.hpp"

namespace argosy::cli {

using core::fail;
using core::Result;

namespace {

constexpr std::string_view kWebSocketPath = "/api/v1/ws";
// What a client of the WebSocket has to say is short; what it is told when it comes back may be much.
constexpr std::size_t kMostMessageBytes = 8 * 1024;
constexpr std::size_t kMostUnsentBytes = 4 * 1024 * 1024;

// A worker waits no longer than this for another process that writes to the lake.
Result<lake::Lake> open_lake_briefly(const Globals& globals) {
  ARGOSY_TRY(const Settings settings, load_settings(globals));
  lake::LakeOptions options = lake_options(globals, settings);
  options.lock_wait = std::chrono::seconds(2);
  static const core::SystemClock clock;
  return lake::Lake::open(options, core::system_files(), clock);
}

Result<std::vector<core::FileInfo>> backups_in(const std::string& folder) {
  core::Files& files = core::system_files();
  std::vector<core::FileInfo> out;
  ARGOSY_TRY(const auto paths, ledger::list_backups(folder, ledger::ledger_schema(), files));
  for (const std::string& path : paths) {
    // One may have been removed meanwhile.
    if (auto info = files.info(path)) out.push_back(*std::move(info));
  }
  return out;
}

class Served final : public ServedApi {
 public:
  Served(ServedApiSettings settings, const Globals& globals, const core::Clock& clock, auth::Tokens tokens,
         auth::Vault vault, server::Proxies proxies, server::Cors cors)
      : settings_(std::move(settings.api)),
        pool_([&globals] { return open_ledger(globals, {.missing = ledger::Missing::kFail, .checked_bytes = 0}); }),
        access_(pool_, std::move(tokens), clock, {.vault = std::move(vault)}),
        store_(pool_),
        run_pool_([&globals] { return open_runs(globals, {.checked_bytes = 0}); }),
        run_store_(run_pool_),
        requests_(pool_, clock, std::move(settings.store_request)),
        once_(pool_, clock),
        cors_(std::move(cors)),
        dashboard_(settings_.dashboard.empty() ? server::dashboard_folder() : in_home(settings_.dashboard, globals),
                   core::system_files()),
        policy_reports_(clock),
        resources_{
            .store = store_,
            .runs = run_store_,
            .requests = requests_,
            .access = access_,
            .clock = clock,
            .instrument = [this, &globals](const std::string& symbol) -> Result<ledger::InstrumentRow> {
              ARGOSY_TRY(auto ready, pool_.read([&](auto& work) { return ready_instrument(work, symbol); }));
              if (ready) return *std::move(ready);
              ARGOSY_TRY(const auto database,
                         open_ledger(globals, {.missing = ledger::Missing::kFail, .checked_bytes = 0}));
              return instrument_for_service(*database, globals, symbol);
            },
            .service_defaults = std::move(settings.service_defaults),
            .strategy_reference = [](const std::string& text) { return strategy_reference(text); },
            .snapshot = [&globals] { return open_snapshot(globals); },
            .import_bars = [&globals](data::ImportRequest request,
                                      const std::string& actor) -> Result<data::ImportReport> {
              ARGOSY_TRY(const lake::Lake lake, open_lake_briefly(globals));
              return import_into(lake, std::move(request), actor, globals);
            },
            .change_instruments = [&globals](const data::InstrumentOwner::Change& change,
                                             const std::string& actor) -> Result<void> {
              ARGOSY_TRY(const HomeInstruments home, HomeInstruments::open(globals, actor));
              ARGOSY_TRY(const lake::Lake lake, open_lake_briefly(globals));
              return home.owner().change(lake, change);
            },
            .read_strategy = [&globals](const std::string& text,
                                        const std::string& name) -> Result<strategy::StrategyFile> {
              return strategy::parse_strategy(
                  text, name, strategy_readers(fmt::format("{}/strategies/x.yaml", home_folder(globals)), globals));
            },
            .health = [this] { return health(); },
            .version = globals.version,
            .log_lines = [folder = std::move(settings.log_folder)](
                             std::size_t most) { return core::last_log_lines(folder, most, core::system_files()); },
            .backups = [folder = std::move(settings.backups_folder)] { return backups_in(folder); },
            .advise = std::move(settings.advise),
            .advise_service = std::move(settings.advise_service),
            .hard_limits = std::move(settings.hard_limits)},
        api_({.authenticate = [this](const net::HttpRequest& request) { return authenticate(request); },
              .make_id = [] { return auth::random_id(); },
              .once = [this](const server::Incoming& incoming,
                             const std::function<net::HttpResponse()>& run) { return once_.once(incoming, run); },
              .clock = &clock,
              .metrics = &metrics_,
              .limits = limits_of(settings_),
              .proxies = std::move(proxies)}),
        tickets_(clock),
        push_thread_(clock, "push"),
        hub_({.access = access_, .store = store_, .tickets = tickets_, .prices = settings.prices},
             push_thread_.executor(), {.ledger = std::move(settings.ledger)}) {
    rest::add_resources(api_, resources_);
    push::add_endpoints(api_, tickets_, {.is_public = settings_.public_docs, .path = std::string(kWebSocketPath)});
    server::add_policy_reports(api_, policy_reports_);
    if (const auto& trouble = dashboard_.trouble())
      core::log_warning("there is no dashboard", {{"why", trouble->describe()}, {"hint", trouble->hint}});
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  // It sends through sockets that end with the server.
  ~Served() override { push_thread_.stop(); }

  Result<void> listen(net::HttpServerSettings http, const core::Clock& clock) {
    ARGOSY_TRY_VOID(server::add_documents(
        api_, {.folder = server::swagger_ui_folder(), .is_public = settings_.public_docs}, core::system_files()));
    http.most_message_bytes = kMostMessageBytes;
    http.most_unsent_bytes = kMostUnsentBytes;
    ARGOSY_TRY(server_,
               net::HttpServer::start(std::move(http),
                                      {.answer = [this](const auto& request) { return answer_and_tell(request); },
                                       .accept = [this](const auto& request) { return accept(request); }},
                                      clock));
    push_thread_.executor().post([] { core::let_others_first(); });
    hub_.start();
    return {};
  }

  std::string url() const override {
    const net::Address& address = server_->address();
    return fmt::format("http://{}:{}", address.host, address.port);
  }
  void tell_health(std::string json, bool is_ready, server::ProcessSamples samples) override {
    const std::lock_guard guard(mutex_);
    health_ = std::move(json);
    is_ready_ = is_ready;
    samples_ = std::move(samples);
    hub_.tell_health(health_);
  }
  void requests_answered(std::span<const ledger::RequestAnswer> answers) override { requests_.answered(answers); }
  void changes_stored() override { hub_.changes_stored(); }
  void stop(core::Duration patience) override {
    requests_.end();
    push_thread_.stop();
    server_->stop(patience);
  }

 private:
  std::string health() const {
    const std::lock_guard guard(mutex_);
    return health_;
  }

  Result<std::optional<server::Caller>> authenticate(const net::HttpRequest& request) {
    return server::identify(access_, request);
  }

  // On the server's own thread: nothing is looked up here. Who it is the first message says, never the URL.
  using Accepted = std::expected<std::shared_ptr<net::WebSocketListener>, net::HttpResponse>;
  Accepted accept(const net::HttpRequest& request) {
    const auto refuse = [](int status, std::string code, std::string detail) {
      return std::unexpected(server::to_response(
          {.status = status, .code = std::move(code), .detail = std::move(detail)}, auth::random_id()));
    };
    if (request.path != kWebSocketPath) return refuse(404, "not_found", "WebSocket is spoken at /api/v1/ws");
    if (!request.query.empty())
      return refuse(400, "invalid_argument", "nothing is said in the URL: tokens stand in the first message");
    if (push::is_foreign(request)) return refuse(403, "forbidden", "this page is another site's");
    return hub_.admit();
  }

  // What a request changed in the ledger, clients hear of at once.
  net::HttpResponse answer_and_tell(const net::HttpRequest& request) {
    net::HttpResponse response = answer(request);
    if (request.method != "GET" && request.method != "HEAD") hub_.changes_stored();
    return response;
  }

  net::HttpResponse answer(const net::HttpRequest& request) {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (reads && request.path == "/healthz") return net::text_response(200, "text/plain; charset=utf-8", "ok\n");
    if (reads && request.path == "/readyz") {
      const std::lock_guard guard(mutex_);
      return net::text_response(is_ready_ ? 200 : 503, "text/plain; charset=utf-8",
                                is_ready_ ? "ready\n" : "not ready\n");
    }
    if (reads && request.path == "/metrics") return measured(request);
    if (auto page = dashboard_.answer(request)) return *std::move(page);
    if (auto asked = cors_.preflight(request)) return *std::move(asked);
    net::HttpResponse response = api_.answer(request);
    cors_.allow(request, response);
    return response;
  }

  static std::optional<server::RateLimits> limits_of(const live::ApiSettings& api) {
    if (api.requests_per_minute == 0) return std::nullopt;
    const auto of = [](std::int64_t per_minute) {
      return server::RateLimit{.per_minute = static_cast<int>(std::max<std::int64_t>(per_minute, 1)),
                               .burst = static_cast<int>(std::max<std::int64_t>(per_minute / 6, 10))};
    };
    return server::RateLimits{.known = of(api.requests_per_minute), .unknown = of(api.requests_per_minute / 10)};
  }

  // For whoever can reach a port of this machine alone; otherwise for admins: it has the equity of every account.
  net::HttpResponse measured(const net::HttpRequest& request) {
    if (!live::is_loopback(settings_.address) || !settings_.proxies.empty()) {
      const auto caller = authenticate(request);
      if (!caller || !*caller || !server::may(**caller, server::Access::kAdmin))
        return server::to_response(
            {.status = 401, .code = "unauthorized", .detail = "the metrics of all accounts are for an admin's token"},
            auth::random_id());
    }
    return server::answer_metrics(metrics_, request);
  }
  server::ProcessSamples samples() const {
    const std::lock_guard guard(mutex_);
    return samples_;
  }

  live::ApiSettings settings_;
  ledger::Pool pool_;
  auth::Access access_;
  rest::Store store_;
  ledger::Pool run_pool_;
  rest::Store run_store_;
  rest::Requests requests_;
  server::Idempotency once_;
  server::Cors cors_;
  server::Dashboard dashboard_;
  server::PolicyReports policy_reports_;
  rest::Resources resources_;
  server::Metrics metrics_{{.http = [this] { return server_->counts(); }, .process = [this] { return samples(); }}};
  server::Api api_;
  push::Tickets tickets_;
  core::ExecutorThread push_thread_;
  push::Hub hub_;
  mutable std::mutex mutex_;
  std::string health_ = "{}";
  bool is_ready_ = false;
  server::ProcessSamples samples_;
  std::unique_ptr<net::HttpServer> server_;  // last: it ends first
};

}  // namespace

Result<std::unique_ptr<ServedApi>> ServedApi::start(ServedApiSettings settings, const Globals& globals,
                                                    const core::Clock& clock) {
  ARGOSY_TRY(auth::Tokens tokens, auth::Tokens::open(home_folder(globals) + "/api.key", core::system_files()));
  ARGOSY_TRY(auth::Vault vault, auth::Vault::open(home_folder(globals) + "/secrets.key", core::system_files()));
  net::HttpServerSettings http = settings.http;
  ARGOSY_TRY(server::Proxies proxies, server::Proxies::parse(settings.api.proxies));
  ARGOSY_TRY(server::Cors cors, server::Cors::parse("/api/v1/udf/", settings.api.udf_origins));
  auto served = std::make_unique<Served>(std::move(settings), globals, clock, std::move(tokens), std::move(vault),
                                         std::move(proxies), std::move(cors));
  if (auto listening = served->listen(std::move(http), clock); !listening) {
    return fail(
        std::move(listening).error().with_hint("--port N names another port, --port 0 any free one, --no-api none"));
  }
  return served;
}

Result<std::string> make_once_password(const Globals& globals, const core::Clock& clock) {
  ARGOSY_TRY(const auto database, open_ledger(globals, {.missing = ledger::Missing::kFail, .checked_bytes = 0}));
  const auto needs_one = [](ledger::Transaction& work) -> Result<std::optional<std::int64_t>> {
    ARGOSY_TRY(const auto user,
               ledger::select_first<ledger::UserRow>(work, "WHERE username = :username", {std::string(kCommandUser)}));
    if (!user || (!user->password_hash.empty() && !user->password_is_once)) return std::optional<std::int64_t>();
    return std::optional(user->user_id);
  };
  ARGOSY_TRY(const auto needed, database->read(needs_one));
  if (!needed) return std::string();
  // A hash takes long: while it is made nobody waits for the ledger.
  const std::string password = auth::random_token().substr(0, 20);
  ARGOSY_TRY(const std::string hash, auth::Passwords().hash(core::Secret(password)));
  ARGOSY_TRY(const bool made, database->write([&](ledger::Transaction& work) -> Result<bool> {
    ARGOSY_TRY(const auto user_id, needs_one(work));
    if (!user_id) return false;
    ARGOSY_TRY_VOID(
        auth::change_user(work, *user_id, {.password_hash = hash}, {.actor = "argosy serve", .time = clock.now()}));
    ARGOSY_TRY_VOID(work.execute("UPDATE users SET password_is_once = 1 WHERE user_id = :user_id", {*user_id}));
    return true;
  }));
  return made ? password : std::string();
}

}  // namespace argosy::cli
