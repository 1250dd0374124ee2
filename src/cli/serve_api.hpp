// The API as `argosy serve` offers it: HTTP server, resources, logins, over databases of its own.
//
//   ARGOSY_TRY(const auto api, ServedApi::start(settings, globals));
//   api->url()                      // http://127.0.0.1:8080
//   api->stop(std::chrono::seconds(2));
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "cli/command.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "ledger/changes.hpp"
#include "live/advice.hpp"
#include "live/request.hpp"
#include "live/trading_config.hpp"
#include "net/http_server.hpp"
#include "push/price_board.hpp"
#include "rest/requests.hpp"
#include "server/metrics.hpp"
#include "trading/limits.hpp"

namespace argosy::cli {

struct ServedApiSettings {
  net::HttpServerSettings http;
  live::ApiSettings api;
  live::CreateService service_defaults;
  rest::Requests::StoreRequest store_request;
  push::PriceBoard& prices;  // outlives it
  std::string ledger;        // its instance
  std::string log_folder;
  std::string backups_folder;
  std::function<core::Result<live::Advice>(const live::AdviceWish&)> advise;
  std::function<core::Result<live::Advice>(std::int64_t service_id)> advise_service;
  trading::LimitProfile hard_limits;
};

class ServedApi {
 public:
  [[nodiscard]] static core::Result<std::unique_ptr<ServedApi>> start(ServedApiSettings settings,
                                                                      const Globals& globals, const core::Clock& clock);
  virtual ~ServedApi() = default;
  [[nodiscard]] virtual std::string url() const = 0;
  // What the health endpoint says, as live::health_json writes it; from any thread.
  virtual void tell_health(std::string json, bool is_ready, server::ProcessSamples samples) = 0;
  // Requests have been answered; from any thread.
  virtual void requests_answered(std::span<const ledger::RequestAnswer> answers) = 0;
  // Something is stored that clients may be told; from any thread.
  virtual void changes_stored() = 0;
  virtual void stop(core::Duration patience) = 0;
};

// The password by which the first admin can log in until it is changed, made anew; empty: the admin has one of its own.
[[nodiscard]] core::Result<std::string> make_once_password(const Globals& globals, const core::Clock& clock);

}  // namespace argosy::cli
