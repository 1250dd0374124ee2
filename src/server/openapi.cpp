#include <fmt/format.h>

#include <map>
#include <set>

#include "core/check.hpp"
#include "core/json.hpp"
#include "core/json_value.hpp"
#include "server/api.hpp"
#include "server/problem.hpp"

namespace argosy::server {

using core::JsonWriter;
using core::RecordType;

namespace {

constexpr std::string_view kProblemSchema = "problem";

std::string reference(std::string_view schema) { return fmt::format("#/components/schemas/{}", schema); }

void write_reference(JsonWriter& json, std::string_view schema) {
  json.begin_object().key("$ref").value(reference(schema)).end_object();
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& each : lowered) {
    if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
  }
  return lowered;
}

void write_parameters(JsonWriter& json, const RecordType* type, std::string_view place) {
  if (type == nullptr) return;
  for (const core::Field& field : type->fields) {
    json.begin_object().key("name").value(field.name).key("in").value(place);
    json.key("required").value(place == "path" || field.notes.required);
    json.key("schema");
    core::write_json_schema(json, field);
    json.end_object();
  }
}

void write_content(JsonWriter& json, std::string_view media, std::string_view schema) {
  json.key("content").begin_object().key(media).begin_object().key("schema");
  write_reference(json, schema);
  json.end_object().end_object();
}

void write_page(JsonWriter& json, std::string_view schema) {
  json.key("content").begin_object().key("application/json").begin_object().key("schema").begin_object();
  json.key("type").value("object").key("required").begin_array().value("items").value("meta").end_array();
  json.key("properties").begin_object();
  json.key("items").begin_object().key("type").value("array").key("items");
  write_reference(json, schema);
  json.end_object().key("meta").begin_object().key("type").value("object").key("required").begin_array();
  for (const char* name : {"page", "per_page", "total", "pages"}) json.value(name);
  json.end_array().key("properties").begin_object();
  for (const char* name : {"page", "per_page", "total", "pages"})
    json.key(name).begin_object().key("type").value("integer").end_object();
  json.end_object().end_object().end_object().end_object().end_object().end_object();
}

void write_responses(JsonWriter& json, const Endpoint& endpoint) {
  const bool is_empty = endpoint.form == Endpoint::Form::kNothing;
  const int status = is_empty ? 204 : endpoint.notes.status;
  json.key("responses").begin_object().key(std::to_string(status)).begin_object();
  json.key("description").value(title_of(status));
  if (endpoint.form == Endpoint::Form::kRecord) write_content(json, "application/json", endpoint.answer->name);
  if (endpoint.form == Endpoint::Form::kPage) write_page(json, endpoint.answer->name);
  if (endpoint.notes.raw_schema != nullptr) write_content(json, "application/json", endpoint.notes.raw_schema->name);
  json.end_object();
  if (endpoint.notes.other_status != 0) {
    json.key(std::to_string(endpoint.notes.other_status)).begin_object();
    json.key("description").value(title_of(endpoint.notes.other_status));
    if (endpoint.form == Endpoint::Form::kRecord) write_content(json, "application/json", endpoint.answer->name);
    json.end_object();
  }
  if (endpoint.notes.has_etag)
    json.key("304").begin_object().key("description").value("What If-None-Match names is what there is").end_object();
  json.key("default").begin_object().key("description").value("What went wrong");
  write_content(json, "application/problem+json", kProblemSchema);
  json.end_object().end_object();
}

void write_operation(JsonWriter& json, const Endpoint& endpoint) {
  const EndpointNotes& notes = endpoint.notes;
  json.begin_object().key("operationId").value(notes.name).key("summary").value(notes.summary);
  if (!notes.text.empty()) json.key("description").value(notes.text);
  json.key("tags").begin_array().value(notes.tag).end_array();
  json.key("parameters").begin_array();
  write_parameters(json, endpoint.path, "path");
  write_parameters(json, endpoint.query, "query");
  if (endpoint.listed != nullptr) write_listing_parameters(json, *endpoint.listed);
  if (notes.takes_key) {
    json.begin_object().key("name").value("Idempotency-Key").key("in").value("header").key("required").value(false);
    json.key("description").value("the same key and body again: the first answer; another body: 409");
    json.key("schema").begin_object().key("type").value("string").key("minLength").value(1).key("maxLength").value(255);
    json.key("pattern").value("^[!-~]+$").end_object().end_object();
  }
  json.end_array();
  if (endpoint.body != nullptr) {
    json.key("requestBody").begin_object().key("required").value(true);
    write_content(json, "application/json", endpoint.body->name);
    json.end_object();
  }
  write_responses(json, endpoint);
  json.key("security").begin_array();
  if (notes.access != Access::kPublic) {
    for (const char* scheme : {"bearer", "cookie"})
      json.begin_object().key(scheme).begin_array().end_array().end_object();
  }
  json.end_array();
  constexpr std::string_view kAccess[] = {"public", "viewer", "trader", "admin", "feed"};
  json.key("x-access").value(kAccess[static_cast<std::size_t>(notes.access)]);
  json.end_object();
}

// An answer has all its fields; of a body some may be left out.
void write_answer_schema(JsonWriter& json, const RecordType& type) {
  json.begin_object().key("title").value(type.name);
  if (!type.text.empty()) json.key("description").value(type.text);
  json.key("type").value("object").key("additionalProperties").value(false).key("required").begin_array();
  for (const core::Field& field : type.fields) json.value(field.name);
  json.end_array().key("properties").begin_object();
  for (const core::Field& field : type.fields) {
    json.key(field.name);
    core::write_json_schema(json, field);
  }
  json.end_object().end_object();
}

void write_problem_schema(JsonWriter& json) {
  json.begin_object().key("type").value("object").key("description").value("RFC 9457");
  json.key("required").begin_array();
  // What is refused before it is a request has no request_id.
  for (const char* name : {"type", "title", "status", "detail", "code"}) json.value(name);
  json.end_array().key("properties").begin_object();
  for (const char* name : {"type", "title", "detail", "hint", "code", "request_id"})
    json.key(name).begin_object().key("type").value("string").end_object();
  json.key("status").begin_object().key("type").value("integer").end_object();
  json.key("errors").begin_object().key("type").value("array").key("items").begin_object();
  json.key("type").value("object").key("properties").begin_object();
  for (const char* name : {"pointer", "parameter", "detail", "hint"})
    json.key(name).begin_object().key("type").value("string").end_object();
  for (const char* name : {"line", "column"}) json.key(name).begin_object().key("type").value("integer").end_object();
  json.end_object().end_object().end_object().end_object().end_object();
}

}  // namespace

std::string Api::openapi() const {
  std::map<std::string_view, std::map<std::size_t, const Endpoint*>> paths;
  std::map<std::string_view, const RecordType*> schemas;
  std::set<std::string_view> bodies;
  std::map<std::string_view, std::string_view> raw_schemas;
  for (const auto& each : endpoints_) {
    if (!each->notes.is_listed) continue;
    paths[each->notes.path][static_cast<std::size_t>(each->notes.method)] = each.get();
    for (const RecordType* type : {each->body, each->answer}) {
      if (type == nullptr) continue;
      const auto [there, is_new] = schemas.emplace(type->name, type);
      ARGOSY_CHECK(is_new || there->second == type, "two records are called {}", type->name);
    }
    if (each->body != nullptr) bodies.insert(each->body->name);
    if (each->notes.raw_schema != nullptr) raw_schemas[each->notes.raw_schema->name] = each->notes.raw_schema->json;
    for (const RawSchema& part : each->notes.parts_schemas) raw_schemas[part.name] = part.json;
  }
  JsonWriter json;
  json.begin_object().key("openapi").value("3.1.0");
  json.key("info").begin_object().key("title").value(settings_.title).key("version").value(settings_.version);
  json.end_object();
  json.key("servers").begin_array().begin_object().key("url").value(settings_.root).end_object().end_array();
  json.key("paths").begin_object();
  for (const auto& [path, methods] : paths) {
    json.key(path).begin_object();
    for (const auto& [method, each] : methods) {
      json.key(lower(kMethods[method]));
      write_operation(json, *each);
    }
    json.end_object();
  }
  json.end_object().key("components").begin_object();
  json.key("securitySchemes").begin_object().key("bearer").begin_object();
  json.key("type").value("http").key("scheme").value("bearer").end_object();
  json.key("cookie").begin_object().key("type").value("apiKey").key("in").value("cookie");
  json.key("name").value("argosy_session").key("description");
  json.value("__Host-argosy_session over TLS; what changes something needs the header X-CSRF-Token besides");
  json.end_object().end_object();
  json.key("schemas").begin_object();
  for (const auto& [name, type] : schemas) {
    json.key(name);
    if (bodies.contains(name))
      core::write_json_schema(json, *type);
    else
      write_answer_schema(json, *type);
  }
  for (const auto& [name, text] : raw_schemas) {
    ARGOSY_CHECK(!schemas.contains(name) && core::write_document(json.key(name), std::string(text)), "the schema {}",
                 name);
  }
  json.key(kProblemSchema);
  write_problem_schema(json);
  json.end_object().end_object().end_object();
  return std::move(json).take();
}

}  // namespace argosy::server
