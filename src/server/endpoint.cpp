#include "server/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/limits.hpp"
#include "core/log.hpp"
#include "server/problem.hpp"

namespace argosy::server {

using core::Error;
using core::ErrorCode;

bool may(const Caller& caller, Access access) {
  if (caller.is_feed) return access == Access::kPublic || access == Access::kFeed;
  switch (access) {
    case Access::kPublic:
    case Access::kFeed:
    case Access::kViewer:
      return true;
    case Access::kTrader:
      return caller.role != ledger::Role::kViewer;
    case Access::kAdmin:
      return caller.role == ledger::Role::kAdmin;
  }
  return false;
}

namespace {

// A text with a NUL is two texts to those who read it to its end.
bool has_nul(const core::JsonValue& value) {
  if (const std::string* text = value.string()) return text->contains('\0');
  if (const auto* array = value.array()) return std::ranges::any_of(*array, has_nul);
  if (const auto* object = value.object()) {
    return std::ranges::any_of(
        *object, [](const auto& member) { return member.first.contains('\0') || has_nul(member.second); });
  }
  return false;
}

}  // namespace

namespace detail {

std::vector<Error> read_parameters(const std::vector<std::pair<std::string, std::string>>& texts,
                                   const core::RecordType& type, void* record) {
  std::vector<Error> errors;
  std::set<std::string_view> seen;
  for (const auto& [name, text] : texts) {
    if (errors.size() == core::limits::kErrorsAtOnce) return errors;
    if (!seen.insert(name).second) {
      errors.push_back(Error(ErrorCode::kInvalidArgument, fmt::format("{} is there twice", name)).in_field(name));
    } else if (auto done = core::set_field(type, record, name, text); !done) {
      errors.push_back(std::move(done).error().in_field(name));
    }
  }
  for (const core::Field& field : type.fields) {
    if (!field.notes.required || seen.contains(field.name)) continue;
    errors.push_back(
        Error(ErrorCode::kInvalidArgument, fmt::format("{} is missing", field.name)).in_field(std::string(field.name)));
  }
  return errors;
}

std::optional<net::HttpResponse> refuse_unread(const Incoming& incoming, const std::vector<Error>& errors) {
  if (errors.empty()) return std::nullopt;
  return server::to_response(to_problem(errors, Place::kParameter), incoming.request_id);
}

std::optional<net::HttpResponse> read_body(const Incoming& incoming, const core::RecordType& type, void* record) {
  const auto refuse = [&](const Problem& problem) { return server::to_response(problem, incoming.request_id); };
  const std::string_view media = incoming.http.headers.find("Content-Type").value_or("");
  if (!media.starts_with("application/json")) {
    return refuse({.status = 415,
                   .code = "unsupported_media_type",
                   .detail = "the body must be JSON",
                   .hint = "send Content-Type: application/json"});
  }
  const auto json = core::parse_json(incoming.http.body);
  if (!json) {
    return refuse(
        {.status = 400, .code = "invalid_argument", .detail = json.error().describe(), .hint = json.error().hint});
  }
  if (has_nul(*json))
    return refuse({.status = 400, .code = "invalid_argument", .detail = "a text of the body has a NUL character"});
  const std::vector<Error> errors = core::read_json(*json, type, record);
  if (errors.empty()) return std::nullopt;
  return refuse(to_problem(errors, Place::kBody));
}

net::HttpResponse to_response(const Incoming& incoming, const Error& error, const Reply& reply) {
  Problem problem = to_problem(error);
  // What a handler finds wrong has a place, too. A name with a dash in front is an option of the command line.
  if (problem.status == 400 && !error.field.empty() && !error.field.starts_with('-')) {
    ProblemPart part{.detail = error.message, .hint = error.hint, .line = error.line, .column = error.column};
    (incoming.http.method == "GET" ? part.parameter : part.pointer) =
        incoming.http.method == "GET" ? error.field : "/" + error.field;
    problem.errors.push_back(std::move(part));
  }
  if (reply.status != 0) problem.status = reply.status;
  if (!reply.code.empty()) problem.code = reply.code;
  if (problem.status == 500) {
    core::log_error("a request failed", {{"request_id", incoming.request_id}, {"why", error.describe()}});
  }
  return server::to_response(problem, incoming.request_id);
}

void add_headers(const Reply& reply, net::HttpResponse& response) {
  for (const auto& [name, value] : reply.headers) {
    if (name == "Set-Cookie") {
      response.headers.add(name, value);
    } else {
      response.headers.set(name, value);
    }
  }
}

net::HttpResponse json_response(int status, std::string json) {
  return net::text_response(status, "application/json", std::move(json));
}

net::HttpResponse page_response(const Incoming& incoming, int status, std::string items, std::int64_t page,
                                std::int64_t per_page, std::int64_t total) {
  const std::int64_t pages = std::max<std::int64_t>(1, (total + per_page - 1) / per_page);
  net::HttpResponse response =
      json_response(status, fmt::format(R"({{"items":{},"meta":{{"page":{},"per_page":{},"total":{},"pages":{}}}}})",
                                        items, page, per_page, total, pages));
  // RFC 8288: where the other pages are, with all else that was asked for.
  std::string links;
  const auto add = [&](std::string_view relation, std::int64_t number) {
    std::string query;
    for (const auto& [name, value] : incoming.query) {
      if (name == "page") continue;
      query += fmt::format("{}={}&", net::percent_encode(name), net::percent_encode(value));
    }
    links += fmt::format("{}<{}?{}page={}>; rel=\"{}\"", links.empty() ? "" : ", ", incoming.http.path, query, number,
                         relation);
  };
  add("first", 1);
  if (page > 1) add("prev", std::min(page - 1, pages));
  if (page < pages) add("next", page + 1);
  add("last", pages);
  response.headers.add("Link", std::move(links));
  return response;
}

}  // namespace detail

}  // namespace argosy::server
