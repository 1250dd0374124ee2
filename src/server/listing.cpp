#include "server/listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "core/text.hpp"
#include "ledger/records.hpp"

namespace argosy::server {

using core::Error;
using core::ErrorCode;
using core::Field;
using core::FieldType;
using core::Result;
using ledger::Compare;

namespace {

constexpr std::array<std::pair<std::string_view, Compare>, 8> kSuffixes{{{"ne", Compare::kNotEqual},
                                                                         {"lt", Compare::kLess},
                                                                         {"lte", Compare::kLessOrEqual},
                                                                         {"gt", Compare::kMore},
                                                                         {"gte", Compare::kMoreOrEqual},
                                                                         {"in", Compare::kIn},
                                                                         {"contains", Compare::kContains},
                                                                         {"is_null", Compare::kNull}}};
constexpr std::size_t kMostValues = 100;  // of an __in
constexpr std::size_t kMostSorts = 5;

bool has_order(FieldType type) {
  return type != FieldType::kText && type != FieldType::kBoolean && type != FieldType::kChoice &&
         type != FieldType::kTextList;
}

// What may be said of a field besides that it is equal.
bool takes(const Field& field, Compare compare) {
  switch (compare) {
    case Compare::kEqual:
    case Compare::kNotEqual:
      return true;
    case Compare::kIn:
      return field.type != FieldType::kBoolean;
    case Compare::kContains:
      return field.type == FieldType::kText;
    case Compare::kNull:
      return field.optional;
    default:
      return has_order(field.type);
  }
}

std::vector<std::string_view> filterable_names(const core::RecordType& type) {
  std::vector<std::string_view> names;
  for (const Field& field : type.fields) {
    if (field.notes.filterable) names.push_back(field.name);
  }
  return names;
}

class Reader {
 public:
  Reader(const core::RecordType& type, void* scratch, ledger::ListRequest& request)
      : type_(type), scratch_(scratch), request_(request) {}

  void take(const std::string& name, const std::string& text) {
    if (!seen_.insert(name).second) return wrong(name, fmt::format("{} is there twice", name));
    if (name == "page") return take_number(name, text, kMostPages, request_.page);
    if (name == "per_page") return take_number(name, text, kMostPerPage, request_.per_page);
    if (name == "sort") return take_sort(text);
    take_filter(name, text);
  }
  std::vector<Error> errors;

 private:
  void wrong(const std::string& name, std::string why) {
    errors.push_back(Error(ErrorCode::kInvalidArgument, std::move(why)).in_field(name));
  }
  void take_number(const std::string& name, const std::string& text, std::int64_t most, std::int64_t& place) {
    const auto number = core::parse_integer(text);
    if (!number || *number < 1 || *number > most)
      return wrong(name, fmt::format("{} must be a number from 1 to {}", name, most));
    place = *number;
  }
  [[nodiscard]] const Field* find(std::string_view name) const {
    const Field* field = core::find_field(type_, name);
    return field != nullptr && field->notes.filterable ? field : nullptr;
  }
  [[nodiscard]] std::string unknown(std::string_view what, std::string_view name) const {
    const auto names = filterable_names(type_);
    return fmt::format("{} \"{}\".{}", what, name, core::did_you_mean(name, names));
  }
  void take_sort(const std::string& text) {
    for (std::string_view name : core::split(text, ',')) {
      const bool descending = name.starts_with('-');
      if (descending) name.remove_prefix(1);
      const Field* field = find(name);
      if (field == nullptr) return wrong("sort", unknown("it cannot be sorted by", name));
      if (request_.sort.size() == kMostSorts) return wrong("sort", "it is sorted by five fields at most");
      request_.sort.push_back({.field = field, .descending = descending});
    }
  }
  void take_filter(const std::string& name, const std::string& text) {
    const std::size_t split = name.rfind("__");
    std::string_view field_name = name;
    Compare compare = Compare::kEqual;
    if (split != std::string::npos && find(name) == nullptr) {
      field_name = std::string_view(name).substr(0, split);
      const std::string_view suffix = std::string_view(name).substr(split + 2);
      const auto* found = std::ranges::find(kSuffixes, suffix, [](const auto& each) { return each.first; });
      if (found == kSuffixes.end())
        return wrong(name, fmt::format("\"{}\" is none of ne, lt, lte, gt, gte, in, contains, is_null", suffix));
      compare = found->second;
    }
    const Field* field = find(field_name);
    if (field == nullptr) return wrong(name, unknown("there is no parameter", field_name));
    if (!takes(*field, compare)) return wrong(name, fmt::format("{} cannot be compared so", field_name));
    add(*field, compare, name, text);
  }
  void add(const Field& field, Compare compare, const std::string& name, const std::string& text) {
    ledger::ListFilter filter{.field = &field, .compare = compare, .values = {}};
    if (compare == Compare::kNull) {
      if (text != "true" && text != "false") return wrong(name, fmt::format("{} is true or false", name));
      filter.values.emplace_back(std::int64_t{text == "true" ? 1 : 0});
    } else {
      const auto parts = compare == Compare::kIn ? core::split(text, ',') : std::vector<std::string_view>{text};
      if (parts.size() > kMostValues) return wrong(name, fmt::format("{} takes {} values at most", name, kMostValues));
      for (const std::string_view part : parts) {
        if (part.empty() && field.optional)
          return wrong(name, fmt::format("for none write {}__is_null=true", field.name));
        if (auto done = core::set_field(type_, scratch_, field.name, part); !done) {
          errors.push_back(std::move(done).error().in_field(name));
          return;
        }
        filter.values.push_back(ledger::field_value(field, scratch_));
      }
    }
    request_.filters.push_back(std::move(filter));
  }

  const core::RecordType& type_;
  void* scratch_;
  ledger::ListRequest& request_;
  std::set<std::string, std::less<>> seen_;
};

void begin_parameter(core::JsonWriter& json, std::string_view name, std::string_view text) {
  json.begin_object().key("name").value(name).key("in").value("query").key("required").value(false);
  json.key("description").value(text).key("schema");
}

void write_number(core::JsonWriter& json, std::string_view name, std::string_view text, std::int64_t most,
                  std::int64_t usual) {
  begin_parameter(json, name, text);
  json.begin_object().key("type").value("integer").key("minimum").value(1).key("maximum").value(most);
  json.key("default").value(usual).end_object().end_object();
}

}  // namespace

std::vector<Error> read_listing(const std::vector<std::pair<std::string, std::string>>& texts,
                                const core::RecordType& type, void* scratch, ledger::ListRequest& request) {
  Reader reader(type, scratch, request);
  for (const auto& [name, text] : texts) reader.take(name, text);
  return std::move(reader.errors);
}

void write_listing_parameters(core::JsonWriter& json, const core::RecordType& type) {
  const ledger::ListRequest usual;
  write_number(json, "page", "which page, from 1", kMostPages, usual.page);
  write_number(json, "per_page", "items a page", kMostPerPage, usual.per_page);
  std::string names;
  for (const std::string_view name : filterable_names(type))
    names += fmt::format("{}{}", names.empty() ? "" : "|", name);
  begin_parameter(json, "sort", "fields, separated by commas; with - the largest come first");
  json.begin_object().key("type").value("string").key("pattern");
  json.value(fmt::format("^-?({0})(,-?({0})){{0,{1}}}$", names, kMostSorts - 1)).end_object().end_object();
  for (const Field& field : type.fields) {
    if (!field.notes.filterable) continue;
    Field required = field;
    required.optional = false;
    begin_parameter(json, field.name, field.notes.text);
    core::write_json_schema(json, required);
    json.end_object();
    for (const auto& [suffix, compare] : kSuffixes) {
      if (!takes(field, compare)) continue;
      begin_parameter(json, fmt::format("{}__{}", field.name, suffix), "");
      if (compare == Compare::kNull) {
        json.begin_object().key("type").value("boolean").end_object();
      } else if (compare == Compare::kIn) {
        json.begin_object().key("type").value("array").key("items");
        core::write_json_schema(json, required);
        json.key("maxItems").value(kMostValues).key("minItems").value(1).end_object();
        json.key("style").value("form").key("explode").value(false);
      } else {
        core::write_json_schema(json, required);
      }
      json.end_object();
    }
  }
}

}  // namespace argosy::server
