// Spaces and settings as text: the space file, and JSON.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "core/json.hpp"
#include "core/text.hpp"
#include "core/yaml.hpp"
#include "search/space.hpp"

namespace argosy::search {
namespace {

using core::ErrorCode;
using core::Result;
using core::YamlEntry;
using core::YamlNode;

constexpr std::array<std::string_view, 7> kKeys{"type", "range", "step", "log", "choices", "default", "when"};

class SpaceReader {
 public:
  explicit SpaceReader(std::string_view file) : file_(file) {}

  Result<Parameter> read(const YamlEntry& entry);

 private:
  [[nodiscard]] std::unexpected<core::Error> bad(const YamlNode& node, std::string message, std::string hint) const {
    return core::fail(core::Error(ErrorCode::kInvalidArgument, fmt::format("parameter {}: {}", name_, message))
                          .with_hint(std::move(hint))
                          .at(file_, node.line, node.column));
  }
  Result<double> number(const YamlNode& node, std::string_view what) const;
  Result<void> read_type(const YamlNode& node, Parameter& parameter);
  Result<void> read_range(const YamlNode& node, Parameter& parameter);
  Result<void> read_choices(const YamlNode& node, Parameter& parameter) const;
  Result<void> read_default(const YamlNode& node, Parameter& parameter) const;
  Result<void> read_when(const YamlNode& node, Parameter& parameter) const;

  std::string file_;
  std::string name_;
  bool whole_ = true;  // every number so far is written without a fraction
};

Result<double> SpaceReader::number(const YamlNode& node, std::string_view what) const {
  const auto value =
      node.kind == YamlNode::Kind::kScalar && !node.quoted ? core::parse_double(node.scalar) : std::nullopt;
  if (!value) return bad(node, fmt::format("{} is not a number", what), "write it plainly, such as 5 or 0.25");
  return *value;
}

Result<void> SpaceReader::read_type(const YamlNode& node, Parameter& parameter) {
  for (const ParameterKind kind : {ParameterKind::kInteger, ParameterKind::kFloat, ParameterKind::kCategorical}) {
    if (node.kind != YamlNode::Kind::kScalar || node.scalar != to_string(kind)) continue;
    parameter.kind = kind;
    return {};
  }
  return bad(node, fmt::format("unknown type \"{}\"", node.scalar), "it is integer, float or categorical");
}

Result<void> SpaceReader::read_range(const YamlNode& node, Parameter& parameter) {
  if (node.kind != YamlNode::Kind::kSequence || node.items.size() != 2) {
    return bad(node, "its range is not two numbers", "write it as range: [5, 100]");
  }
  ARGOSY_TRY(parameter.from, number(node.items[0], "the start of its range"));
  ARGOSY_TRY(parameter.to, number(node.items[1], "the end of its range"));
  whole_ = whole_ && core::parse_integer(node.items[0].scalar) && core::parse_integer(node.items[1].scalar);
  return {};
}

Result<void> SpaceReader::read_choices(const YamlNode& node, Parameter& parameter) const {
  if (node.kind != YamlNode::Kind::kSequence) return bad(node, "its choices are no list", "write choices: [sma, ema]");
  for (const YamlNode& item : node.items) {
    if (item.kind != YamlNode::Kind::kScalar)
      return bad(item, "a choice is a text or a number", "as in [sma, ema, 20]");
    parameter.choices.push_back({item.scalar, item.quoted ? std::nullopt : core::parse_double(item.scalar)});
  }
  return {};
}

Result<void> SpaceReader::read_default(const YamlNode& node, Parameter& parameter) const {
  if (parameter.kind != ParameterKind::kCategorical) {
    ARGOSY_TRY(parameter.initial, number(node, "its default"));
    return {};
  }
  const auto found = std::ranges::find(parameter.choices, node.scalar, &Choice::text);
  if (found == parameter.choices.end()) {
    return bad(node, fmt::format("the default {} is none of its choices", node.scalar), "name one of the choices");
  }
  parameter.initial = static_cast<double>(found - parameter.choices.begin());
  return {};
}

Result<void> SpaceReader::read_when(const YamlNode& node, Parameter& parameter) const {
  if (node.kind != YamlNode::Kind::kMapping || node.entries.empty()) {
    return bad(node, "its condition is no mapping", "write it as when: {kind: [ema, sma]}");
  }
  for (const YamlEntry& entry : node.entries) {
    Condition condition{.parameter = entry.key, .values = {}};
    const std::span<const YamlNode> items =
        entry.value.kind == YamlNode::Kind::kSequence ? std::span(entry.value.items) : std::span(&entry.value, 1);
    for (const YamlNode& item : items) {
      if (item.kind != YamlNode::Kind::kScalar) return bad(item, "a condition names values", "as in when: {kind: ema}");
      condition.values.push_back(item.scalar);
    }
    parameter.when.push_back(std::move(condition));
  }
  return {};
}

Result<Parameter> SpaceReader::read(const YamlEntry& entry) {
  name_ = entry.key;
  whole_ = true;
  Parameter parameter{.name = entry.key, .choices = {}, .when = {}, .line = entry.key_line};
  const YamlNode& node = entry.value;
  if (node.kind != YamlNode::Kind::kMapping) {
    return bad(node, "it is no mapping", "write it as {range: [5, 100], step: 5} or {choices: [sma, ema]}");
  }
  for (const YamlEntry& item : node.entries) {
    if (std::ranges::find(kKeys, item.key) != kKeys.end()) continue;
    return bad(item.value, fmt::format("unknown key \"{}\"", item.key),
               "known are type, range, step, log, choices, default and when." + core::did_you_mean(item.key, kKeys));
  }
  const YamlNode* range = node.find("range");
  const YamlNode* choices = node.find("choices");
  if ((range == nullptr) == (choices == nullptr)) {
    return bad(node, "it needs a range or choices, and not both", "write {range: [5, 100]} or {choices: [sma, ema]}");
  }
  if (range != nullptr) ARGOSY_TRY_VOID(read_range(*range, parameter));
  if (choices != nullptr) ARGOSY_TRY_VOID(read_choices(*choices, parameter));
  if (const YamlNode* step = node.find("step"); step != nullptr) {
    if (choices != nullptr) return bad(*step, "choices have no step", "leave it out");
    ARGOSY_TRY(parameter.step, number(*step, "its step"));
    if (parameter.step <= 0) return bad(*step, "its step is not above zero", "leave it out for a continuous parameter");
    whole_ = whole_ && core::parse_integer(step->scalar);
  }
  parameter.kind = choices != nullptr ? ParameterKind::kCategorical
                   : whole_           ? ParameterKind::kInteger
                                      : ParameterKind::kFloat;
  if (const YamlNode* type = node.find("type"); type != nullptr) {
    ARGOSY_TRY_VOID(read_type(*type, parameter));
    if ((parameter.kind == ParameterKind::kCategorical) != (choices != nullptr)) {
      return bad(*type, "its type does not fit its values", "choices are categorical, ranges integer or float");
    }
  }
  if (const YamlNode* log = node.find("log"); log != nullptr) {
    if (log->scalar != "true" && log->scalar != "false") return bad(*log, "log is true or false", "write log: true");
    parameter.log = log->scalar == "true";
    if (parameter.log && choices != nullptr) return bad(*log, "choices have no logarithm", "leave it out");
  }
  if (const YamlNode* initial = node.find("default"); initial != nullptr) {
    ARGOSY_TRY_VOID(read_default(*initial, parameter));
  }
  if (const YamlNode* when = node.find("when"); when != nullptr) ARGOSY_TRY_VOID(read_when(*when, parameter));
  return parameter;
}

void write_choice(core::JsonWriter& json, const Choice& choice) {
  choice.number ? json.value(*choice.number) : json.value(std::string_view(choice.text));
}

}  // namespace

Result<Space> parse_space(std::string_view text, std::string_view file) {
  ARGOSY_TRY(const YamlNode root, core::parse_yaml(text, file));
  if (root.kind != YamlNode::Kind::kMapping && root.kind != YamlNode::Kind::kNull) {
    return core::fail(core::Error(ErrorCode::kInvalidArgument, "a space is a mapping of names to parameters")
                          .with_hint("as in: fast: {range: [5, 100], step: 5}")
                          .at(std::string(file), root.line, root.column));
  }
  SpaceReader reader(file);
  std::vector<Parameter> parameters;
  for (const YamlEntry& entry : root.entries) {
    ARGOSY_TRY(Parameter parameter, reader.read(entry));
    parameters.push_back(std::move(parameter));
  }
  return Space::make(std::move(parameters), file);
}

std::string Space::to_json(const Setting& setting) const {
  core::JsonWriter json;
  json.begin_object();
  for (std::size_t at = 0; at < size(); ++at) {
    json.key(parameters_[at].name);
    const double value = setting.values.at(at);
    if (std::isnan(value)) {
      json.null();
    } else if (parameters_[at].kind == ParameterKind::kCategorical) {
      write_choice(json, parameters_[at].choices.at(static_cast<std::size_t>(value)));
    } else {
      json.value(value);
    }
  }
  return std::move(json.end_object()).take();
}

Result<Setting> Space::from_json(std::string_view text) const {
  ARGOSY_TRY(const core::JsonValue root, core::parse_json(text));
  const auto bad = [&](std::string message) {
    return core::fail(core::Error(ErrorCode::kInvalidArgument, fmt::format("the setting {}: {}", text, message))
                          .with_hint("write one value a parameter of the space, null for what does not count"));
  };
  if (root.object() == nullptr) return bad("it is no object");
  for (const auto& [name, value] : *root.object()) {
    if (!find(name)) return bad(fmt::format("the space has no parameter {}", name));
  }
  Setting setting{std::vector<double>(size(), std::numeric_limits<double>::quiet_NaN())};
  for (const std::size_t at : order_) {
    const Parameter& parameter = parameters_[at];
    const core::JsonValue* value = root.find(parameter.name);
    const bool given = value != nullptr && !value->is_null();
    if (given != may_be_active(at, setting)) {
      return bad(fmt::format("{} {}", parameter.name, given ? "does not count here" : "is missing"));
    }
    if (!given) continue;
    const auto number = value->number() != nullptr ? core::parse_double(value->number()->text) : std::nullopt;
    double known = std::numeric_limits<double>::quiet_NaN();
    if (parameter.kind != ParameterKind::kCategorical) {
      // Exactly a value of the parameter: a logarithm and back would lose the last bits of continuous ones.
      if (number && *number >= parameter.from && *number <= parameter.to &&
          (!points(at) || from_internal(at, to_internal(at, *number)) == *number)) {
        known = *number;
      }
    }
    for (std::size_t k = 0; k < parameter.choices.size(); ++k) {
      const Choice& choice = parameter.choices[k];
      const bool same =
          choice.number ? number == choice.number : value->string() != nullptr && *value->string() == choice.text;
      if (same) known = static_cast<double>(k);
    }
    if (std::isnan(known)) return bad(fmt::format("{} has no such value", parameter.name));
    setting.values[at] = known;
  }
  return setting;
}

std::string Space::describe() const {
  core::JsonWriter json;
  json.begin_object();
  for (const Parameter& parameter : parameters_) {
    json.key(parameter.name).begin_object().key("type").value(to_string(parameter.kind));
    if (parameter.kind == ParameterKind::kCategorical) {
      json.key("choices").begin_array();
      for (const Choice& choice : parameter.choices) write_choice(json, choice);
      json.end_array();
    } else {
      json.key("range").begin_array().value(parameter.from).value(parameter.to).end_array();
      if (parameter.step > 0) json.key("step").value(parameter.step);
      if (parameter.log) json.key("log").value(true);
    }
    if (!parameter.when.empty()) {
      json.key("when").begin_object();
      for (const Condition& condition : parameter.when) {
        json.key(condition.parameter).begin_array();
        for (const std::string& value : condition.values) json.value(std::string_view(value));
        json.end_array();
      }
      json.end_object();
    }
    json.end_object();
  }
  return std::move(json.end_object()).take();
}

}  // namespace argosy::search
