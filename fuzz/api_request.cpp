// Bytes as a whole request to an API of two endpoints: a line with method, path and query, then a body. Each gets an
// answer that a client can read; what a handler is called with keeps every limit of its record, and its answer is read
// again into the same.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "core/json.hpp"
#include "harness.hpp"
#include "server/api.hpp"

namespace argosy::fuzz {

inline constexpr std::array<std::string_view, 2> kSides{"BUY", "SELL"};

struct ThingPath {
  std::int64_t thing_id = 0;
};
struct ThingQuery {
  std::string search;
  std::string side = "BUY";
  std::optional<core::Date> since;
};
struct Thing {
  std::string name;
  std::int64_t shares = 1;
  std::optional<core::Price> price;
  double ratio = 0;
  core::Timestamp at;
  std::vector<std::string> tags;
  bool is_new = false;
};

}  // namespace argosy::fuzz

template <>
struct argosy::core::RecordOf<argosy::fuzz::ThingPath> {
  using Record = argosy::fuzz::ThingPath;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Record, thing_id, .limits = {.minimum = 1})};
  static constexpr RecordType kType{"thing_path", "", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::fuzz::ThingQuery> {
  using Record = argosy::fuzz::ThingQuery;
  static constexpr Field kFields[] = {ARGOSY_FIELD(Record, search, .limits = {.maximum_length = 20}),
                                      ARGOSY_FIELD(Record, side, .limits = {.one_of = argosy::fuzz::kSides}),
                                      ARGOSY_FIELD(Record, since)};
  static constexpr RecordType kType{"thing_query", "", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::fuzz::Thing> {
  using Record = argosy::fuzz::Thing;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Record, name, .limits = {.maximum_length = 20}, .required = true),
      ARGOSY_FIELD(Record, shares, .limits = {.minimum = 1, .maximum = 1'000'000}, .required = true),
      ARGOSY_FIELD(Record, price, .limits = {.minimum = 0.0001}),
      ARGOSY_FIELD(Record, ratio, .limits = {.minimum = 0, .maximum = 1}),
      ARGOSY_FIELD(Record, at),
      ARGOSY_FIELD(Record, tags, .limits = {.maximum_length = 10}),
      ARGOSY_FIELD(Record, is_new)};
  static constexpr RecordType kType{"thing", "", kFields};
};

namespace argosy::fuzz {
namespace {

using core::Result;
using server::endpoint;
using server::None;

// Stops where a handler is called with what its record does not allow.
template <class T>
void require_limits(const T& record) {
  for (const core::Error& error : core::validate(core::record_type<T>(), &record))
    require("a handler is called with: " + error.describe());
}

std::string written(const Thing& thing) {
  core::JsonWriter json;
  core::write_json(json, thing);
  return std::move(json).take();
}

server::Api& api() {
  static server::Api made(
      {.authenticate = [](const net::HttpRequest&) -> Result<std::optional<server::Caller>> { return std::nullopt; },
       .make_id = [] { return std::string("id"); }});
  static const bool is_ready = [] {
    made.add(endpoint<ThingPath, ThingQuery, None, Thing>(
        {.path = "/things/{thing_id}", .name = "get_thing", .access = server::Access::kPublic, .has_etag = true},
        [](const auto& call) -> Result<Thing> {
          require_limits(call.path);
          require_limits(call.query);
          return Thing{.name = call.query.search, .shares = call.path.thing_id};
        }));
    made.add(endpoint<None, None, Thing, Thing>(
        {.method = server::Method::kPost, .path = "/things", .name = "make_thing", .access = server::Access::kPublic},
        [](const auto& call) -> Result<Thing> {
          require_limits(call.body);
          Thing again;
          const std::string once = written(call.body);
          const auto json = core::parse_json(once);
          if (!json || !core::read_json(*json, core::record_type<Thing>(), &again).empty() || written(again) != once)
            require("what is answered is not what it can read: " + once);
          return call.body;
        }));
    return true;
  }();
  (void)is_ready;
  return made;
}

net::HttpRequest to_request(std::string_view text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  const std::size_t space = std::min(line.find(' '), line.size());
  const std::string_view target = line.substr(std::min(space + 1, line.size()));
  const std::size_t query = std::min(target.find('?'), target.size());
  return {.method = std::string(line.substr(0, space)),
          .path = fmt::format("/api/v1{}", target.substr(0, query)),
          .query = std::string(target.substr(std::min(query + 1, target.size()))),
          .headers = {{"Content-Type", "application/json"}},
          .body = std::string(text.substr(std::min(end + 1, text.size()))),
          .peer = "192.0.2.1"};
}

}  // namespace

void run(std::span<const std::uint8_t> bytes) {
  const std::string text(bytes.begin(), bytes.end());
  const net::HttpRequest request = to_request(text);
  const net::HttpResponse response = api().answer(request);
  constexpr std::size_t kMost = 100'000;
  const auto is_one_of = [&](std::initializer_list<int> statuses) {
    return std::ranges::find(statuses, response.status) != statuses.end();
  };
  if (!is_one_of({200, 304, 400, 404, 405})) require(fmt::format("the answer is {}", response.status));
  if (response.body.size() > kMost) require(fmt::format("the answer has {} bytes", response.body.size()));
  if (!response.body.empty() && !core::parse_json(response.body)) require("the answer is no JSON: " + response.body);
  for (const auto& [name, value] : response.headers) {
    if (std::ranges::any_of(value, [](char each) { return each == '\r' || each == '\n' || each == '\0'; }))
      require("a header that ends its line: " + name);
  }
}

}  // namespace argosy::fuzz
