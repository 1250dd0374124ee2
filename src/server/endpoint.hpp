// An endpoint of the API, declared once: from what is said here come its route, the reading and checking of what is
// sent, and its part of the OpenAPI document.
//
//   endpoint<StockPath, None, None, StockOut>(
//       {.method = Method::kGet, .path = "/stocks/{stock_id}", .name = "get_stock", .tag = "stocks",
//        .summary = "One stock", .access = Access::kViewer},
//       [&](const Call<StockPath, None, None>& call) -> Result<StockOut> { return find(call.path.stock_id); });
//
// Path, query and body are records (core/record.hpp). A handler gives a record, a Page of them, None, or an Answer that
// is ready.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "auth/access.hpp"
#include "core/record.hpp"
#include "core/result.hpp"
#include "net/http.hpp"
#include "server/listing.hpp"
#include "server/raw_schema.hpp"

namespace argosy::server {

enum class Method : std::uint8_t { kGet, kPost, kPut, kPatch, kDelete };
inline constexpr std::string_view kMethods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

// The least that a caller must be. Who owns what is not asked here. kFeed: a viewer, or a key of the feed of charts,
// which may nothing else.
enum class Access : std::uint8_t { kPublic, kViewer, kTrader, kAdmin, kFeed };

using Caller = auth::Identity;
[[nodiscard]] bool may(const Caller& caller, Access access);

// No path parameters, no query, no body, nothing to answer.
struct None {};

// Some of many.
template <class T>
struct Page {
  std::vector<T> items;
  std::int64_t page = 1;  // from 1
  std::int64_t per_page = 50;
  std::int64_t total = 0;  // of all pages
};

// What a handler says besides its answer.
struct Reply {
  int status = 0;              // 0: the endpoint's
  std::string_view code = {};  // of a problem, where the error's own says too little; empty: that one
  net::HttpHeaders headers = {};
};

// What a handler is called with.
template <class Path, class Query, class Body>
struct Call {
  const net::HttpRequest& http;
  std::string_view request_id;
  const Caller* caller = nullptr;  // null: nobody known, which a public endpoint allows
  Reply& reply;
  Path path = {};
  Query query = {};
  Body body = {};
};

struct EndpointNotes {
  Method method = Method::kGet;
  std::string_view path;  // "/stocks/{stock_id}", below the API's root
  std::string_view name;  // unique: "get_stock"
  std::string_view tag;
  std::string_view summary;
  Access access = Access::kAdmin;
  int status = 200;                       // when all is well; None is 204
  int other_status = 0;                   // that an answer of the same form may have, too; 0: none
  bool takes_key = false;                 // a POST that creates or trades: with an Idempotency-Key it is done once
  bool has_etag = false;                  // of GET: what the client has already is not sent again (etag.hpp)
  bool is_listed = true;                  // stands in the OpenAPI document
  std::string_view text = {};             // more about it, for people
  const RawSchema* raw_schema = nullptr;  // of a raw answer in JSON
  std::span<const RawSchema> parts_schemas = {};  // that it refers to
};

// What came, before it is read.
struct Incoming {
  const net::HttpRequest& http;
  std::string_view request_id;
  const Caller* caller = nullptr;
  std::vector<std::pair<std::string, std::string>> path;
  std::vector<std::pair<std::string, std::string>> query;
};

struct Endpoint {
  enum class Form : std::uint8_t { kNothing, kRecord, kPage, kRaw };

  EndpointNotes notes;
  const core::RecordType* path = nullptr;  // null: none
  const core::RecordType* query = nullptr;
  const core::RecordType* listed = nullptr;  // of a Listing: the rows
  const core::RecordType* body = nullptr;
  const core::RecordType* answer = nullptr;
  Form form = Form::kNothing;
  std::function<net::HttpResponse(const Incoming&)> run;
};

namespace detail {

// Reads texts into a record; all errors at once.
[[nodiscard]] std::vector<core::Error> read_parameters(const std::vector<std::pair<std::string, std::string>>& texts,
                                                       const core::RecordType& type, void* record);
// The body as a record, or what to answer instead.
[[nodiscard]] std::optional<net::HttpResponse> read_body(const Incoming& incoming, const core::RecordType& type,
                                                         void* record);
[[nodiscard]] std::optional<net::HttpResponse> refuse_unread(const Incoming& incoming,
                                                             const std::vector<core::Error>& errors);
// With the status and the code of `reply`, or those that the error's code says.
[[nodiscard]] net::HttpResponse to_response(const Incoming& incoming, const core::Error& error,
                                            const Reply& reply = {});
// Headers of one name replace what is there; cookies stand beside each other.
void add_headers(const Reply& reply, net::HttpResponse& response);
[[nodiscard]] net::HttpResponse json_response(int status, std::string json);
[[nodiscard]] net::HttpResponse page_response(const Incoming& incoming, int status, std::string items,
                                              std::int64_t page, std::int64_t per_page, std::int64_t total);

template <class T>
struct ListedRow {
  using Row = void;
};
template <class T>
struct ListedRow<Listing<T>> {
  using Row = T;
};
template <class T>
inline constexpr bool kIsListing = !std::is_void_v<typename ListedRow<T>::Row>;

template <class T>
constexpr const core::RecordType* type_of() {
  if constexpr (std::is_same_v<T, None> || kIsListing<T>) {
    return nullptr;
  } else {
    return &core::record_type<T>();
  }
}

template <class T>
struct AnswerOf {
  static constexpr Endpoint::Form kForm = Endpoint::Form::kRecord;
  static constexpr const core::RecordType* type() { return &core::record_type<T>(); }
  static net::HttpResponse write(const Incoming&, int status, const T& answer) {
    core::JsonWriter json;
    core::write_json(json, answer);
    return json_response(status, std::move(json).take());
  }
};
template <>
struct AnswerOf<None> {
  static constexpr Endpoint::Form kForm = Endpoint::Form::kNothing;
  static constexpr const core::RecordType* type() { return nullptr; }
  static net::HttpResponse write(const Incoming&, int, const None&) { return {.status = 204}; }
};
template <>
struct AnswerOf<net::HttpResponse> {
  static constexpr Endpoint::Form kForm = Endpoint::Form::kRaw;
  static constexpr const core::RecordType* type() { return nullptr; }
  static net::HttpResponse write(const Incoming&, int, net::HttpResponse answer) { return answer; }
};
template <class T>
struct AnswerOf<Page<T>> {
  static constexpr Endpoint::Form kForm = Endpoint::Form::kPage;
  static constexpr const core::RecordType* type() { return &core::record_type<T>(); }
  static net::HttpResponse write(const Incoming& incoming, int status, const Page<T>& page) {
    core::JsonWriter json;
    json.begin_array();
    for (const T& each : page.items) core::write_json(json, each);
    json.end_array();
    return page_response(incoming, status, std::move(json).take(), page.page, page.per_page, page.total);
  }
};

}  // namespace detail

// `usual`: what the body has where the client leaves something out.
template <class Path, class Query, class Body, class Answer, class Handler>
[[nodiscard]] Endpoint endpoint(EndpointNotes notes, Handler handler, Body usual = {}) {
  using Writer = detail::AnswerOf<Answer>;
  Endpoint made{.notes = notes,
                .path = detail::type_of<Path>(),
                .query = detail::type_of<Query>(),
                .listed = nullptr,
                .body = detail::type_of<Body>(),
                .answer = Writer::type(),
                .form = Writer::kForm};
  if constexpr (detail::kIsListing<Query>) made.listed = &core::record_type<typename detail::ListedRow<Query>::Row>();
  made.run = [status = notes.status, handler = std::move(handler),
              usual = std::move(usual)](const Incoming& incoming) -> net::HttpResponse {
    Reply reply;
    Call<Path, Query, Body> call{.http = incoming.http,
                                 .request_id = incoming.request_id,
                                 .caller = incoming.caller,
                                 .reply = reply,
                                 .body = usual};
    std::vector<core::Error> errors;
    if constexpr (!std::is_same_v<Path, None>)
      errors = detail::read_parameters(incoming.path, core::record_type<Path>(), &call.path);
    if constexpr (detail::kIsListing<Query>) {
      typename detail::ListedRow<Query>::Row scratch;
      for (core::Error& error :
           read_listing(incoming.query, core::record_type<typename detail::ListedRow<Query>::Row>(), &scratch,
                        call.query.request))
        errors.push_back(std::move(error));
    } else if constexpr (!std::is_same_v<Query, None>) {
      for (core::Error& error : detail::read_parameters(incoming.query, core::record_type<Query>(), &call.query))
        errors.push_back(std::move(error));
    }
    if (auto refused = detail::refuse_unread(incoming, errors)) return *std::move(refused);
    if constexpr (!std::is_same_v<Body, None>) {
      if (auto refused = detail::read_body(incoming, core::record_type<Body>(), &call.body)) return *std::move(refused);
    }
    core::Result<Answer> answer = handler(call);
    net::HttpResponse response =
        answer ? Writer::write(incoming, reply.status == 0 ? status : reply.status, *std::move(answer))
               : detail::to_response(incoming, answer.error(), reply);
    detail::add_headers(reply, response);
    return response;
  };
  return made;
}

}  // namespace argosy::server

template <>
struct argosy::core::RecordOf<argosy::server::None> {
  static constexpr RecordType kType{"none", "Nothing", {}};
};
