#include "server/problem.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/json.hpp"

namespace argosy::server {

using core::ErrorCode;

namespace {

constexpr std::pair<int, std::string_view> kTitles[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kUnsupported:
    case ErrorCode::kLimit:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kUnauthorized:
      return 401;
    case ErrorCode::kForbidden:
      return 403;
    case ErrorCode::kCorrupt:
    case ErrorCode::kIo:
    case ErrorCode::kOutOfSpace:
    case ErrorCode::kReadOnly:
      return 500;
  }
  return 500;
}

// A member's name as a part of a pointer.
std::string escaped(std::string_view name) {
  std::string text;
  for (const char each : name) {
    if (each == '~') {
      text += "~0";
    } else if (each == '/') {
      text += "~1";
    } else {
      text += each;
    }
  }
  return text;
}

}  // namespace

std::string_view title_of(int status) {
  const auto* found = std::ranges::find(kTitles, status, &std::pair<int, std::string_view>::first);
  return found == std::end(kTitles) ? "Error" : found->second;
}

Problem to_problem(const core::Error& error) {
  Problem problem{.status = status_of(error.code), .code = std::string(core::to_string(error.code))};
  if (problem.status == 500) {
    problem.detail = "the server could not do it; its log says why, by the number of the request";
    return problem;
  }
  problem.detail = error.message;
  problem.hint = error.hint;
  if (problem.status == 401) problem.headers.add("WWW-Authenticate", "Bearer");
  if (problem.status == 503) problem.headers.add("Retry-After", "1");
  return problem;
}

Problem to_problem(const std::vector<core::Error>& errors, Place place) {
  Problem problem{.status = 400, .code = "invalid_argument", .detail = "the request has errors"};
  for (const core::Error& error : errors) {
    ProblemPart part{.detail = error.message, .hint = error.hint, .line = error.line, .column = error.column};
    if (place == Place::kBody) {
      part.pointer = error.field.empty() ? "" : "/" + escaped(error.field);
    } else {
      part.parameter = error.field;
    }
    problem.errors.push_back(std::move(part));
  }
  if (errors.size() == 1) problem.detail = errors.front().message;
  return problem;
}

namespace {

// What was sent is repeated as far as it helps. A letter that is cut becomes one that stands for it.
std::string clipped(std::string_view text) {
  constexpr std::size_t kMost = 300;
  return text.size() <= kMost ? std::string(text) : std::string(text.substr(0, kMost)) + "...";
}

}  // namespace

net::HttpResponse to_response(const Problem& problem, std::string_view request_id) {
  core::JsonWriter json;
  json.begin_object();
  json.key("type").value("about:blank");
  json.key("title").value(title_of(problem.status));
  json.key("status").value(problem.status);
  json.key("detail").value(clipped(problem.detail));
  if (!problem.hint.empty()) json.key("hint").value(clipped(problem.hint));
  json.key("code").value(problem.code);
  if (!problem.errors.empty()) {
    json.key("errors").begin_array();
    for (const ProblemPart& part : problem.errors) {
      json.begin_object();
      if (part.parameter.empty()) {
        json.key("pointer").value(clipped(part.pointer));
      } else {
        json.key("parameter").value(clipped(part.parameter));
      }
      json.key("detail").value(clipped(part.detail));
      if (!part.hint.empty()) json.key("hint").value(clipped(part.hint));
      if (part.line > 0) json.key("line").value(part.line);
      if (part.column > 0) json.key("column").value(part.column);
      json.end_object();
    }
    json.end_array();
  }
  json.key("request_id").value(request_id);
  json.end_object();
  net::HttpResponse response = net::text_response(problem.status, "application/problem+json", std::move(json).take());
  for (const auto& [name, value] : problem.headers) response.headers.add(name, value);
  return response;
}

}  // namespace argosy::server
