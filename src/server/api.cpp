#include "server/api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/check.hpp"
#include "server/problem.hpp"

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

}  // namespace

Api::Api(ApiSettings settings) : settings_(std::move(settings)), root_(std::make_unique<Node>()) {}
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
  const std::string id = settings_.make_id();
  net::HttpResponse response = answer(request, id);
  response.headers.set("X-Request-Id", id);
  return response;
}

net::HttpResponse Api::answer(const net::HttpRequest& request, std::string_view id) const {
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
    if (kMethods[i] == method && node->here[i] != nullptr) return call(*node->here[i], request, id, std::move(values));
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

net::HttpResponse Api::call(const Endpoint& endpoint, const net::HttpRequest& request, std::string_view id,
                            std::vector<std::string> values) const {
  const auto caller = settings_.authenticate(request);
  const bool is_public = endpoint.notes.access == Access::kPublic;
  if (!is_public && (!caller || !*caller)) {
    return to_response({.status = 401,
                        .code = "unauthorized",
                        .detail = caller ? "this is for those who have logged in" : caller.error().message,
                        .hint = fmt::format("POST {}/auth/login, then send Authorization: Bearer", settings_.root),
                        .headers = {{"WWW-Authenticate", "Bearer"}}},
                       id);
  }
  const Caller* known = caller && *caller ? &**caller : nullptr;
  if (!is_public && !may(*known, endpoint.notes.access))
    return to_response({.status = 403, .code = "forbidden", .detail = "your role does not allow this"}, id);
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
  if (!endpoint.notes.takes_key || settings_.once == nullptr || known == nullptr) return endpoint.run(incoming);
  return settings_.once(incoming, [&] { return endpoint.run(incoming); });
}

}  // namespace argosy::server
