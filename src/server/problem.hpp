// What went wrong, as clients read it: application/problem+json (RFC 9457), with all that is wrong with a request at
// once.
//
//   return to_response(to_problem(error), request_id);
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "net/http.hpp"

namespace argosy::server {

// One thing that is wrong with what was sent. Of `pointer` and `parameter` one is set.
struct ProblemPart {
  std::string pointer = {};    // RFC 6901: "/limit_price", a member of the body
  std::string parameter = {};  // of the path or the query
  std::string detail;
  std::string hint = {};
  std::int64_t line = 0;  // within a text that was sent, from 1; 0: nowhere in particular
  std::int64_t column = 0;
};

struct Problem {
  int status = 500;
  std::string code;    // stable, for programs: "not_found"
  std::string detail;  // for people
  std::string hint = {};
  std::vector<ProblemPart> errors = {};
  net::HttpHeaders headers = {};  // that the answer has besides
};

// What a core::Error means to a client. What is wrong with the machine is not told in words: they may name files.
[[nodiscard]] Problem to_problem(const core::Error& error);
// The errors of a body or of parameters, each with its place.
enum class Place : std::uint8_t { kBody, kParameter };
[[nodiscard]] Problem to_problem(const std::vector<core::Error>& errors, Place place);
[[nodiscard]] net::HttpResponse to_response(const Problem& problem, std::string_view request_id);
// "Not Found".
[[nodiscard]] std::string_view title_of(int status);

}  // namespace argosy::server
