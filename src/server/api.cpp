#include "server/api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "core/check.hpp"
#include "core/log.hpp"
#include "ledger/acting.hpp"
#include "server/browser.hpp"
#include "server/etag.hpp"
#include "server/problem.hpp"
#include "server/safe_headers.hpp"

namespace argosy::server {

// A part of paths: what may follow it, and what is there.
struct Api::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> fixed;
  std::unique_ptr<Node> parameter;
  std::array<const Endpoint*, std::size(kMethods)> here{};

  [[nodiscard]] bool is_route() const {
    return std::ranges::any_of(here, [](const Endpoint* each) { return each != nullptr; });
  }
};

namespace {

// "{stock_id}" is "stock_id".
std::optional<std::string_view> parameter_of(std::string_view part) {
  if (!part.starts_with('{') || !part.ends_with('}')) return std::nullopt;
  return part.substr(1, part.size() - 2);
}

std::vector<std::string> parameters_of(std::string_view path) {
  std::vector<std::string> names;
  for (const std::string& part : *net::split_path(path)) {
    if (const auto name = parameter_of(part)) names.emplace_back(*name);
  }
  return names;
}

// One of a few words.
std::string_view method_of(const net::HttpRequest& request) {
  if (request.method == "HEAD") return "HEAD";
  const auto* found = std::ranges::find(kMethods, request.method);
  return found == std::end(kMethods) ? "other" : *found;
}

// An exception is a mistake of ours: the request ends, not the program, and the log says what it was.
template <class Run>
net::HttpResponse guarded(std::string_view id, Run run) {
  std::string why = "something that is no std::exception";
  try {
    return run();
  } catch (const std::exception& error) {
    why = error.what();
  } catch (...) {  // NOLINT(bugprone-empty-catch): what it was cannot be said
  }
  core::log_error("a request threw", {{"request_id", id}, {"why", why}});
  return to_response(to_problem(core::Error(core::ErrorCode::kIo, why)), id);
}

}  // namespace

Api::Api(ApiSettings settings) : settings_(std::move(settings)), root_(std::make_unique<Node>()) {
  if (settings_.clock == nullptr || !settings_.limits) return;
  known_ = std::make_unique<RateLimiter>(settings_.limits->known, settings_.limits->most_keys);
  unknown_ = std::make_unique<RateLimiter>(settings_.limits->unknown, settings_.limits->most_keys);
}
Api::~Api() = default;

void Api::add(Endpoint endpoint) {
  const EndpointNotes& notes = endpoint.notes;
  const auto parts = net::split_path(notes.path);
  ARGOSY_CHECK(parts.has_value(), "{} is no path", notes.path);
  const std::vector<std::string> names = parameters_of(notes.path);
  const std::size_t fields = endpoint.path == nullptr ? 0 : endpoint.path->fields.size();
  const bool is_whole = names.size() == fields && std::ranges::all_of(names, [&](const std::string& name) {
                          return core::find_field(*endpoint.path, name) != nullptr;
                        });
  ARGOSY_CHECK(is_whole, "{}: its parameters are not the fields of its record", notes.path);
  ARGOSY_CHECK(std::ranges::none_of(endpoints_, [&](const auto& each) { return each->notes.name == notes.name; }),
               "two endpoints are called {}", notes.name);
  Node* node = root_.get();
  for (const std::string& part : *parts) {
    std::unique_ptr<Node>& next = parameter_of(part) ? node->parameter : node->fixed[part];
    if (next == nullptr) next = std::make_unique<Node>();
    node = next.get();
  }
  const Endpoint*& place = node->here[static_cast<std::size_t>(notes.method)];
  ARGOSY_CHECK(place == nullptr, "{} {} is there twice", kMethods[static_cast<std::size_t>(notes.method)], notes.path);
  endpoints_.push_back(std::make_unique<Endpoint>(std::move(endpoint)));
  place = endpoints_.back().get();
}

net::HttpResponse Api::answer(const net::HttpRequest& request) const {
  if (!settings_.proxies.trusts(request.peer)) return answer_client(request);
  net::HttpRequest of_client = request;
  settings_.proxies.apply(of_client);
  return answer_client(of_client);
}

net::HttpResponse Api::answer_client(const net::HttpRequest& request) const {
  const core::Duration begun = settings_.clock == nullptr ? core::Duration() : settings_.clock->monotonic();
  Exchange exchange{.request = request, .id = settings_.make_id(), .caller = std::optional<Caller>()};
  // Until somebody is known, no row is anybody's.
  const ledger::ActingFor nobody(ledger::ActingFor::kNobody);
  net::HttpResponse response = guarded(exchange.id, [&] {
    exchange.caller = settings_.authenticate(request);
    return answer(exchange);
  });
  response.headers.set("X-Request-Id", exchange.id);
  add_safe_headers(response, request.is_secure);
  note(exchange, response.status, begun);
  return response;
}

// Nothing that a client wrote is kept: not the path, but the route that it has.
void Api::note(const Exchange& exchange, int status, core::Duration begun) const {
  if (settings_.clock == nullptr) return;
  const core::Duration took = settings_.clock->monotonic() - begun;
  const std::string_view method = method_of(exchange.request);
  const std::string_view route = exchange.endpoint == nullptr ? "none" : exchange.endpoint->notes.path;
  if (settings_.metrics != nullptr) settings_.metrics->count_request(method, route, status, took);
  const Caller* caller = exchange.caller && *exchange.caller ? &**exchange.caller : nullptr;
  core::log_info("request", {{"request_id", exchange.id},
                             {"user_id", caller == nullptr ? std::int64_t{0} : caller->user_id},
                             {"method", method},
                             {"route", route},
                             {"status", status},
                             {"ms", std::chrono::duration<double, std::milli>(took).count()}});
}

std::optional<net::HttpResponse> Api::refuse_too_many(const Exchange& exchange) const {
  if (known_ == nullptr) return std::nullopt;
  const Caller* caller = exchange.caller && *exchange.caller ? &**exchange.caller : nullptr;
  const core::Duration now = settings_.clock->monotonic();
  const core::Duration wait = caller == nullptr ? unknown_->take(address_key(exchange.request.peer), now)
                                                : known_->take(std::to_string(caller->user_id), now);
  if (wait == core::Duration::zero()) return std::nullopt;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  return to_response({.status = 429,
                      .code = "too_many_requests",
                      .detail = "you ask too often",
                      .hint = fmt::format("ask again in {} s", seconds),
                      .headers = {{"Retry-After", std::to_string(seconds)}}},
                     exchange.id);
}

net::HttpResponse Api::answer(Exchange& exchange) const {
  const net::HttpRequest& request = exchange.request;
  const std::string& id = exchange.id;
  if (auto refused = refuse_too_many(exchange)) return *std::move(refused);
  const auto nothing = [&] {
    return to_response({.status = 404,
                        .code = "not_found",
                        .detail = fmt::format("there is nothing at {}", request.path),
                        .hint = fmt::format("{}/openapi.json says what there is", settings_.root)},
                       id);
  };
  if (!request.path.starts_with(settings_.root)) return nothing();
  const std::string_view below = std::string_view(request.path).substr(settings_.root.size());
  const auto parts = net::split_path(below.empty() ? "/" : below);
  if (!parts) return nothing();
  const Node* node = root_.get();
  std::vector<std::string> values;
  for (const std::string& part : *parts) {
    if (const auto fixed = node->fixed.find(part); fixed != node->fixed.end()) {
      node = fixed->second.get();
    } else if (node->parameter != nullptr) {
      node = node->parameter.get();
      values.push_back(part);
    } else {
      return nothing();
    }
  }
  if (!node->is_route()) return nothing();
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  for (std::size_t i = 0; i < std::size(kMethods); ++i) {
    if (kMethods[i] != method || node->here[i] == nullptr) continue;
    exchange.endpoint = node->here[i];
    return call(exchange, std::move(values));
  }
  std::string allowed;
  for (std::size_t i = 0; i < std::size(kMethods); ++i) {
    if (node->here[i] != nullptr) allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", kMethods[i]);
  }
  return to_response({.status = 405,
                      .code = "method_not_allowed",
                      .detail = fmt::format("{} is not done to {}", request.method, request.path),
                      .headers = {{"Allow", allowed}}},
                     id);
}

std::optional<net::HttpResponse> Api::refuse_caller(const Exchange& exchange) const {
  const auto& [request, id, caller, found] = exchange;
  if (found->notes.access == Access::kPublic) return std::nullopt;
  if (!caller || !*caller) {
    return to_response({.status = 401,
                        .code = "unauthorized",
                        .detail = caller ? "this is for those who have logged in" : caller.error().message,
                        .hint = fmt::format("POST {}/auth/login, then send Authorization: Bearer", settings_.root),
                        .headers = {{"WWW-Authenticate", "Bearer"}}},
                       id);
  }
  if (!has_csrf_token(**caller, request)) {
    return to_response({.status = 403,
                        .code = "csrf",
                        .detail = fmt::format("the {} is missing, or not this session's", kCsrfHeader),
                        .hint = "send what the login gave; the cookie argosy_csrf holds it, too"},
                       id);
  }
  if (!may(**caller, found->notes.access))
    return to_response({.status = 403, .code = "forbidden", .detail = "your role does not allow this"}, id);
  return std::nullopt;
}

net::HttpResponse Api::call(const Exchange& exchange, std::vector<std::string> values) const {
  const auto& [request, id, caller, found] = exchange;
  const Endpoint& endpoint = *found;
  if (auto refused = refuse_caller(exchange)) return *std::move(refused);
  // A public endpoint is for whoever has a token that is no longer good, too.
  const Caller* known = caller && *caller ? &**caller : nullptr;
  auto query = net::parse_query(request.query);
  if (!query) {
    return to_response(
        {.status = 400, .code = "invalid_argument", .detail = query.error().message, .hint = query.error().hint}, id);
  }
  Incoming incoming{.http = request, .request_id = id, .caller = known, .query = *std::move(query)};
  const std::vector<std::string> names = parameters_of(endpoint.notes.path);
  for (std::size_t i = 0; i < names.size(); ++i) incoming.path.emplace_back(names[i], std::move(values[i]));
  if (endpoint.query == nullptr && endpoint.listed == nullptr && !incoming.query.empty()) {
    return to_response(to_problem({core::Error(core::ErrorCode::kInvalidArgument,
                                               fmt::format("there is no parameter {}", incoming.query.front().first))
                                       .in_field(incoming.query.front().first)},
                                  Place::kParameter),
                       id);
  }
  const ledger::ActingFor acting(known == nullptr                      ? ledger::ActingFor::kNobody
                                 : known->role == ledger::Role::kAdmin ? ledger::ActingFor::kEverybody
                                                                       : known->user_id);
  const auto run = [&] { return guarded(id, [&] { return endpoint.run(incoming); }); };
  const bool is_once = endpoint.notes.takes_key && settings_.once != nullptr && known != nullptr;
  net::HttpResponse response = is_once ? settings_.once(incoming, run) : run();
  if (endpoint.notes.has_etag) apply_etag(request, response);
  return response;
}

}  // namespace argosy::server
