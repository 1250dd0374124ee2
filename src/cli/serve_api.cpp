#include "cli/serve_api.hpp"

#include <fmt/format.h>

#include <algorithm>
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
#include "core/files.hpp"
#include "ledger/pool.hpp"
#include "ledger/records.hpp"
#include "rest/resources.hpp"
#include "server/api.hpp"
#include "server/browser.hpp"
#include "server/cors.hpp"
#include "server/documents.hpp"
#include "server/idempotency.hpp"
#include "server/metrics.hpp"
#include "server/problem.hpp"
#include "server/proxies.hpp"
#include "server/rate_limit.hpp"

namespace argosy::cli {

using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

// A worker waits no longer than this for another process that writes to the lake.
Result<lake::Lake> open_lake_briefly(const Globals& globals) {
  ARGOSY_TRY(const Settings settings, load_settings(globals));
  lake::LakeOptions options = lake_options(globals, settings);
  options.lock_wait = std::chrono::seconds(2);
  static const core::SystemClock clock;
  return lake::Lake::open(options, core::system_files(), clock);
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
        requests_(pool_, clock, std::move(settings.request_stored)),
        once_(pool_, clock),
        cors_(std::move(cors)),
        resources_{.store = store_,
                   .runs = run_store_,
                   .requests = requests_,
                   .access = access_,
                   .clock = clock,
                   .instrument = [&globals](const std::string& symbol) -> Result<ledger::InstrumentRow> {
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
                         text, name,
                         strategy_readers(fmt::format("{}/strategies/x.yaml", home_folder(globals)), globals));
                   },
                   .health = [this] { return health(); },
                   .version = globals.version},
        api_({.authenticate = [this](const net::HttpRequest& request) { return authenticate(request); },
              .make_id = [] { return auth::random_id(); },
              .once = [this](const server::Incoming& incoming,
                             const std::function<net::HttpResponse()>& run) { return once_.once(incoming, run); },
              .clock = &clock,
              .metrics = &metrics_,
              .limits = limits_of(settings_),
              .proxies = std::move(proxies)}) {
    rest::add_resources(api_, resources_);
  }

  Result<void> listen(net::HttpServerSettings http, const core::Clock& clock) {
    ARGOSY_TRY_VOID(server::add_documents(
        api_, {.folder = server::swagger_ui_folder(), .is_public = settings_.public_docs}, core::system_files()));
    ARGOSY_TRY(server_,
               net::HttpServer::start(std::move(http),
                                      {.answer = [this](const auto& request) { return answer(request); }}, clock));
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
  }
  void requests_answered() override { requests_.answered(); }
  void stop(core::Duration patience) override {
    requests_.end();
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

  net::HttpResponse answer(const net::HttpRequest& request) {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (reads && request.path == "/healthz") return net::text_response(200, "text/plain; charset=utf-8", "ok\n");
    if (reads && request.path == "/readyz") {
      const std::lock_guard guard(mutex_);
      return net::text_response(is_ready_ ? 200 : 503, "text/plain; charset=utf-8",
                                is_ready_ ? "ready\n" : "not ready\n");
    }
    if (reads && request.path == "/metrics") return measured(request);
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
  rest::Resources resources_;
  server::Metrics metrics_{{.http = [this] { return server_->counts(); }, .process = [this] { return samples(); }}};
  server::Api api_;
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
  const std::string password = auth::random_token().substr(0, 20);
  ARGOSY_TRY(const std::string hash, auth::Passwords().hash(core::Secret(password)));
  ARGOSY_TRY(const bool made, database->write([&](ledger::Transaction& work) -> Result<bool> {
    ARGOSY_TRY(std::vector<ledger::UserRow> rows,
               ledger::select<ledger::UserRow>(work, "WHERE username = :username", {std::string(kCommandUser)}));
    if (rows.empty() || (!rows.front().password_hash.empty() && !rows.front().password_is_once)) return false;
    ARGOSY_TRY_VOID(auth::change_user(work, rows.front().user_id, {.password_hash = hash},
                                      {.actor = "argosy serve", .time = clock.now()}));
    ARGOSY_TRY_VOID(
        work.execute("UPDATE users SET password_is_once = 1 WHERE user_id = :user_id", {rows.front().user_id}));
    return true;
  }));
  return made ? password : std::string();
}

}  // namespace argosy::cli
