// The configuration of trading as texts: the file, JSON, the schema, the reference.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "core/json.hpp"
#include "live/trading_config.hpp"
#include "live/trading_sections.hpp"

namespace argosy::live {
namespace {

using core::ConfigSection;
using core::Field;
using core::FieldType;
using core::JsonWriter;

constexpr std::size_t kBrokersPlace = 4;  // brokers and hard limits stand after quotes

template <class Record>
std::string limit_lines(std::string_view name, const Record& record) {
  std::string out = fmt::format("  {}:\n", name);
  for (const auto& field : trading::limit_fields<Record>()) {
    const std::string text = trading::limit_text(record, field);
    out += fmt::format("    # {}\n    {}: {}\n", field.text, field.name, text == "not set" ? "" : text);
  }
  return out;
}

std::string render_limits(const trading::LimitProfile& limits) {
  std::string out = "\n# What no order may go beyond, for each broker account; no command raises it\nhard_limits:\n";
  out += fmt::format("  # when the day of the daily limits begins\n  day: {{zone: {}, starts: \"{}\"}}\n",
                     limits.day.zone, trading::clock_text(limits.day.at));
  out += limit_lines("limits", limits.limits) + limit_lines("circuit_breaker", limits.breaker);
  if (limits.prop) out += limit_lines("prop_firm", *limits.prop);
  return out;
}

template <class Record>
void write_limits(JsonWriter& json, std::string_view name, const Record& record) {
  json.key(name).begin_object();
  for (const auto& field : trading::limit_fields<Record>())
    json.key(field.name).value(trading::limit_text(record, field));
  json.end_object();
}

std::string_view schema_type(FieldType type) {
  switch (type) {
    case FieldType::kBoolean:
      return "boolean";
    case FieldType::kInteger:
      return "integer";
    case FieldType::kReal:
    case FieldType::kPrice:
    case FieldType::kQuantity:
    case FieldType::kMoney:
    case FieldType::kRate:
      return "number";
    case FieldType::kTextList:
      return "array";
    default:
      return "string";
  }
}

void write_field_schema(JsonWriter& json, const Field& field) {
  const core::FieldLimits& limits = field.notes.limits;
  const std::string_view type = schema_type(field.type);
  json.begin_object().key("type");
  if (field.optional) {
    json.begin_array().value(type).value("null").end_array();
  } else {
    json.value(type);
  }
  if (type == "array") json.key("items").begin_object().key("type").value("string").end_object();
  if (!limits.one_of.empty()) {
    json.key("enum").begin_array();
    for (const std::string_view each : limits.one_of) json.value(each);
    json.end_array();
  }
  if (std::isfinite(limits.minimum)) json.key("minimum").value(limits.minimum);
  if (std::isfinite(limits.maximum)) json.key("maximum").value(limits.maximum);
  if (limits.maximum_length != std::numeric_limits<std::size_t>::max())
    json.key("maxLength").value(limits.maximum_length);
  std::string text(field.notes.text);
  if (!field.notes.unit.empty()) text += fmt::format(", in {}", field.notes.unit);
  json.key("description").value(text).end_object();
}

void write_section_schema(JsonWriter& json, const ConfigSection& section) {
  json.begin_object().key("type").value("object").key("description").value(section.type->text);
  json.key("additionalProperties").value(false).key("required").begin_array();
  for (const Field& field : section.type->fields) {
    if (field.notes.required) json.value(field.name);
  }
  json.end_array().key("properties").begin_object();
  for (const Field& field : section.type->fields) {
    json.key(field.name);
    write_field_schema(json, field);
  }
  json.end_object().end_object();
}

// The forms of a limit besides the word unlimited: single values of these types, or a mapping with these keys.
struct LimitForm {
  std::vector<std::string_view> types;
  std::vector<std::string_view> keys = {};
};
LimitForm form(const std::int64_t&) { return {{"integer"}}; }
LimitForm form(const core::Duration&) { return {{"string"}}; }
LimitForm form(const Quantity&) { return {{"number"}}; }
LimitForm form(const Money&) { return {{"number"}}; }
LimitForm form(const Rate&) { return {{"string"}}; }
LimitForm form(const trading::Allowance&) { return {{"number", "string"}}; }
LimitForm form(const trading::Leverage&) { return {{"number"}}; }
LimitForm form(const trading::Burst&) { return {{}, {"most", "within"}}; }
LimitForm form(const trading::MessageRate&) { return {{}, {"per_second", "burst", "reserve"}}; }
LimitForm form(const trading::TradingHours&) { return {{}, {"after_open", "before_close"}}; }
LimitForm form(const trading::CorrelationLimit&) { return {{}, {"above", "share"}}; }
LimitForm form(const trading::LossVelocity&) { return {{}, {"loss", "within"}}; }
LimitForm form(const trading::FailureRate&) { return {{}, {"share", "within", "least"}}; }
LimitForm form(const trading::Refused&) { return {{"string"}}; }
LimitForm form(const trading::Symbols&) { return {{"array"}}; }
LimitForm form(const trading::DailyLoss&) { return {{}, {"loss", "ends"}}; }
LimitForm form(const trading::TrailingLoss&) { return {{}, {"loss", "from", "locks_at_start"}}; }
LimitForm form(const trading::FlattenRule&) { return {{"object"}}; }

void write_limit_schema(JsonWriter& json, std::string_view text, const LimitForm& form) {
  json.begin_object().key("description").value(text).key("anyOf").begin_array();
  json.begin_object().key("const").value("unlimited").end_object();
  for (const std::string_view type : form.types) json.begin_object().key("type").value(type).end_object();
  if (!form.keys.empty()) {
    json.begin_object().key("type").value("object").key("additionalProperties").value(false);
    json.key("required").begin_array();
    for (const std::string_view key : form.keys) json.value(key);
    json.end_array().key("properties").begin_object();
    for (const std::string_view key : form.keys) json.key(key).begin_object().end_object();
    json.end_object().end_object();
  }
  json.end_array().end_object();
}

// Limits may come from the file that `extends` names: none is required here.
template <class Record>
void write_limits_schema(JsonWriter& json, std::string_view name) {
  json.key(name).begin_object().key("type").value("object").key("additionalProperties").value(false);
  json.key("properties").begin_object();
  for (const auto& field : trading::limit_fields<Record>()) {
    json.key(field.name);
    std::visit(
        [&](auto member) {
          using T = std::remove_cvref_t<decltype((std::declval<Record&>().*member).value())>;
          write_limit_schema(json, field.text, form(T{}));
        },
        field.member);
  }
  json.end_object().end_object();
}

void write_hard_limits_schema(JsonWriter& json) {
  json.key("hard_limits").begin_object().key("type").value("object").key("additionalProperties").value(false);
  json.key("properties").begin_object();
  for (const char* name : {"name", "description", "extends"})
    json.key(name).begin_object().key("type").value("string").end_object();
  json.key("day").begin_object().key("type").value("object").key("additionalProperties").value(false);
  json.key("required").begin_array().value("zone").value("starts").end_array().key("properties").begin_object();
  for (const char* name : {"zone", "starts"}) json.key(name).begin_object().key("type").value("string").end_object();
  json.end_object().end_object();
  write_limits_schema<trading::RiskLimits>(json, "limits");
  write_limits_schema<trading::BreakerLimits>(json, "circuit_breaker");
  write_limits_schema<trading::PropLimits>(json, "prop_firm");
  json.end_object().end_object();
}

// Calls `write` for each section, within the objects of their groups, which `open` and `close` begin and end.
template <class Open, class Close, class Write>
void walk_groups(std::span<const ConfigSection> sections, Open open, Close close, Write write) {
  std::string_view group;
  for (const ConfigSection& section : sections) {
    const std::size_t dot = section.name.find('.');
    const std::string_view own = dot == std::string_view::npos ? std::string_view() : section.name.substr(0, dot);
    if (own != group && !group.empty()) close();
    if (own != group && !own.empty()) open(own);
    group = own;
    write(own.empty() ? section.name : section.name.substr(dot + 1), section);
  }
  if (!group.empty()) close();
}

// In the order of the file; hard limits stand before the place that is returned.
std::pair<std::vector<ConfigSection>, std::size_t> all_sections(TradingConfig& config,
                                                                std::span<const ConfigSection> brokers) {
  std::vector<ConfigSection> sections = trading_sections(config);
  sections.insert(sections.begin() + kBrokersPlace, brokers.begin(), brokers.end());
  return {std::move(sections), kBrokersPlace + brokers.size()};
}

}  // namespace

std::string render_trading_config(TradingConfig& config, std::span<const ConfigSection> brokers) {
  const auto [sections, place] = all_sections(config, brokers);
  const std::span<const ConfigSection> all(sections);
  return core::render_config(all.first(place)) + render_limits(config.hard_limits) + "\n" +
         core::render_config(all.subspan(place));
}

void write_trading_config(JsonWriter& json, TradingConfig& config, std::span<const ConfigSection> brokers) {
  const auto [sections, place] = all_sections(config, brokers);
  json.begin_object();
  walk_groups(
      sections, [&](std::string_view group) { json.key(group).begin_object(); }, [&] { json.end_object(); },
      [&](std::string_view name, const ConfigSection& section) {
        json.key(name);
        core::write_json(json, *section.type, section.record);
      });
  const trading::LimitProfile& limits = config.hard_limits;
  json.key("hard_limits").begin_object().key("day").begin_object().key("zone").value(limits.day.zone);
  json.key("starts").value(trading::clock_text(limits.day.at)).end_object();
  write_limits(json, "limits", limits.limits);
  write_limits(json, "circuit_breaker", limits.breaker);
  if (limits.prop) write_limits(json, "prop_firm", *limits.prop);
  json.end_object().end_object();
}

std::string trading_config_schema(std::span<const ConfigSection> brokers) {
  TradingConfig config;
  const auto [sections, place] = all_sections(config, brokers);
  JsonWriter json(2);
  json.begin_object().key("$schema").value("https://json-schema.org/draft/2020-12/schema");
  json.key("title").value("Argosy trading configuration").key("type").value("object");
  json.key("additionalProperties").value(false).key("required").begin_array();
  json.value("storage").value("environment").value("feed").value("hard_limits").end_array();
  json.key("properties").begin_object();
  walk_groups(
      sections,
      [&](std::string_view group) {
        json.key(group).begin_object().key("type").value("object").key("additionalProperties").value(false);
        json.key("properties").begin_object();
      },
      [&] { json.end_object().end_object(); },
      [&](std::string_view name, const ConfigSection& section) {
        json.key(name);
        write_section_schema(json, section);
      });
  write_hard_limits_schema(json);
  json.end_object().end_object();
  return std::move(json).take() + "\n";
}

std::string trading_config_reference(std::span<const ConfigSection> brokers) {
  TradingConfig config;
  const auto [sections, place] = all_sections(config, brokers);
  const std::span<const ConfigSection> all(sections);
  return core::config_reference(all.first(place), core::EnvironmentNames::kNone) +
         "\n## hard_limits\n\nWhat no order may go beyond, for each broker account; no command raises it. The keys "
         "`extends`, `day`, `limits`, `circuit_breaker` and `prop_firm` are those of a file of limits, each explained "
         "in [risk](../concepts/risk.md). Every limit must be set: a value, or the word `unlimited`.\n\n" +
         core::config_reference(all.subspan(place), core::EnvironmentNames::kNone);
}

}  // namespace argosy::live
