#include "core/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>
#include <utility>
#include <vector>

#include "core/files.hpp"
#include "core/text.hpp"

namespace argosy::core {
namespace {

constexpr std::string_view kFileSuffix = "_file";  // behind a secret's name: the file that holds it

std::string environment_name(std::string_view section, std::string_view field) {
  return fmt::format("ARGOSY_{}_{}", to_upper(section), to_upper(field));
}

// One section while it is read.
struct Reader {
  const ConfigSection& section;
  std::string_view file;
  std::vector<Error>& errors;
  bool has_environment = true;
  std::set<std::string_view> seen = {};  // fields that the file or the environment set

  void add(Error error, std::int64_t line, std::int64_t column) {
    if (!error.field.empty()) error.field = fmt::format("{}.{}", section.name, error.field);
    errors.push_back(std::move(error).at(std::string(file), line, column));
  }

  void read_section(const YamlNode& node);
  void read_entry(const YamlEntry& entry);
  void read_secret_file(const Field& field, const YamlEntry& entry);
  Result<void> read_field(const Field& field, const YamlNode& value);
  void read_environment(const Environment& environment);
  void check_required();
};

void Reader::read_section(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kNull) return;
  if (node.kind != YamlNode::Kind::kMapping) {
    add(Error(ErrorCode::kInvalidArgument, fmt::format("the section {} must hold lines of key: value", section.name)),
        node.line, node.column);
    return;
  }
  for (const YamlEntry& entry : node.entries) read_entry(entry);
}

void Reader::read_entry(const YamlEntry& entry) {
  if (entry.key.ends_with(kFileSuffix)) {
    const std::string_view name = std::string_view(entry.key).substr(0, entry.key.size() - kFileSuffix.size());
    const Field* secret = find_field(*section.type, name);
    if (secret != nullptr && secret->type == FieldType::kSecret) return read_secret_file(*secret, entry);
  }
  const Field* field = find_field(*section.type, entry.key);
  if (field == nullptr) {
    std::vector<std::string_view> names;
    for (const Field& known : section.type->fields) names.push_back(known.name);
    add(Error(ErrorCode::kInvalidArgument, fmt::format("the section {} has no key \"{}\".{}", section.name, entry.key,
                                                       did_you_mean(entry.key, names))),
        entry.key_line, entry.key_column);
    return;
  }
  seen.insert(field->name);
  if (auto done = read_field(*field, entry.value); !done) {
    // A value that is not there has no place of its own.
    const bool none = entry.value.kind == YamlNode::Kind::kNull;
    add(std::move(done).error(), none ? entry.key_line : entry.value.line,
        none ? entry.key_column : entry.value.column);
  }
}

Result<void> Reader::read_field(const Field& field, const YamlNode& value) {
  const auto refuse = [&](std::string message) {
    return fail(Error(ErrorCode::kInvalidArgument, std::move(message)).in_field(std::string(field.name)));
  };
  if (field.type == FieldType::kSecret) {
    auto error = refuse("a secret must not stand in this file");
    error.error().hint = fmt::format("set {}, or name a file that holds it: {}{}: PATH",
                                     environment_name(section.name, field.name), field.name, kFileSuffix);
    return error;
  }
  switch (value.kind) {
    case YamlNode::Kind::kScalar:
      return set_field(*section.type, section.record, field.name, value.scalar);
    case YamlNode::Kind::kNull:
      if (field.optional) return set_field(*section.type, section.record, field.name, "");
      return refuse(fmt::format("{}: expected {}, found nothing", field.name, type_name(field.type)));
    case YamlNode::Kind::kMapping:
      return refuse(fmt::format("{}: expected {}, found further keys", field.name, type_name(field.type)));
    case YamlNode::Kind::kSequence:
      break;
  }
  std::vector<std::string> items;
  for (const YamlNode& item : value.items) {
    if (item.kind != YamlNode::Kind::kScalar) return refuse(fmt::format("{}: expected texts only", field.name));
    items.push_back(item.scalar);
  }
  return set_list_field(*section.type, section.record, field.name, std::move(items));
}

void Reader::read_secret_file(const Field& field, const YamlEntry& entry) {
  seen.insert(field.name);
  auto text = system_files().read(entry.value.scalar);
  if (!text) {
    Error error = std::move(text).error();
    add(std::move(error).in_field(entry.key), entry.value.line, entry.value.column);
    return;
  }
  while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
  if (auto done = set_field(*section.type, section.record, field.name, *text); !done) {
    add(std::move(done).error(), entry.value.line, entry.value.column);
  }
}

void Reader::read_environment(const Environment& environment) {
  for (const Field& field : section.type->fields) {
    const std::string name = environment_name(section.name, field.name);
    const auto text = environment(name);
    if (!text) continue;
    seen.insert(field.name);
    if (auto done = set_field(*section.type, section.record, field.name, *text); !done) {
      errors.push_back(std::move(done).error().at("environment variable " + name));
    }
  }
}

void Reader::check_required() {
  for (const Field& field : section.type->fields) {
    if (!field.notes.required || seen.contains(field.name)) continue;
    Error error(ErrorCode::kInvalidArgument,
                fmt::format("{}.{} is missing; expected: {}", section.name, field.name, type_name(field.type)));
    error.hint = has_environment
                     ? fmt::format("add it to the file or set {}", environment_name(section.name, field.name))
                     : std::string("add it to the file");
    errors.push_back(std::move(error).at(std::string(file)));
  }
}

// "at least 1, at most 9; one of: a, b", or nothing.
std::string limits_text(const Field& field) {
  const FieldLimits& limits = field.notes.limits;
  std::vector<std::string> parts;
  if (std::isfinite(limits.minimum)) parts.push_back("at least " + format_double(limits.minimum));
  if (std::isfinite(limits.maximum)) parts.push_back("at most " + format_double(limits.maximum));
  if (limits.maximum_length != std::numeric_limits<std::size_t>::max()) {
    parts.push_back(fmt::format("at most {} bytes", limits.maximum_length));
  }
  if (!limits.one_of.empty()) parts.push_back(fmt::format("one of: {}", fmt::join(limits.one_of, ", ")));
  return join(parts, "; ");
}

// "number of workers, in threads (at least 1)"
std::string notes_text(const Field& field) {
  std::string out(field.notes.text.empty() ? field.name : field.notes.text);
  if (!field.notes.unit.empty()) out += fmt::format(", in {}", field.notes.unit);
  if (const std::string limits = limits_text(field); !limits.empty()) out += fmt::format(" ({})", limits);
  return out;
}

// A text in double quotes; JSON's escapes are YAML's too.
std::string yaml_text(std::string_view text) {
  JsonWriter json;
  json.value(text);
  return std::move(json).take();
}

std::string yaml_value(const Field& field, const void* record) {
  const std::string text = field_text(field, record);
  if (field.type == FieldType::kText) return field.optional && text.empty() ? "" : " " + yaml_text(text);
  if (field.type != FieldType::kTextList) return text.empty() ? "" : " " + text;
  std::string out = " [";
  if (!text.empty()) {
    for (const std::string_view item : split(text, ',')) out += (out.size() > 2 ? ", " : "") + yaml_text(item);
  }
  return out + "]";
}

// A cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '|') out += '\\';
    out += letter == '\n' ? ' ' : letter;
  }
  return out;
}

}  // namespace

Environment system_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

Error join_errors(std::vector<Error> errors) {
  if (errors.size() == 1) return std::move(errors.front());
  std::string text = fmt::format("{} errors in the configuration:", errors.size());
  for (const Error& error : errors) {
    text += "\n  " + error.describe();
    if (!error.hint.empty()) text += " (" + error.hint + ")";
  }
  return Error(ErrorCode::kInvalidArgument, std::move(text));
}

void read_config_section(const YamlNode& node, std::string_view file, const ConfigSection& section,
                         std::vector<Error>& errors) {
  Reader reader{.section = section, .file = file, .errors = errors, .has_environment = false};
  reader.read_section(node);
  reader.check_required();
}

Result<void> load_config(std::string_view yaml, std::string_view file, const Environment& environment,
                         std::span<const ConfigSection> sections) {
  ARGOSY_TRY(const YamlNode root, parse_yaml(yaml, file));
  std::vector<Error> errors;
  if (root.kind != YamlNode::Kind::kMapping && root.kind != YamlNode::Kind::kNull) {
    return fail(Error(ErrorCode::kInvalidArgument, "a configuration holds sections of key: value")
                    .at(std::string(file), root.line, root.column));
  }
  std::vector<std::string_view> names;
  for (const ConfigSection& known : sections) names.push_back(known.name);
  for (const YamlEntry& entry : root.entries) {
    if (std::ranges::find(names, entry.key) != names.end()) continue;
    errors.push_back(Error(ErrorCode::kInvalidArgument,
                           fmt::format("there is no section \"{}\".{}", entry.key, did_you_mean(entry.key, names)))
                         .at(std::string(file), entry.key_line, entry.key_column));
  }
  for (const ConfigSection& known : sections) {
    Reader reader{.section = known, .file = file, .errors = errors};
    if (const YamlNode* node = root.find(known.name)) reader.read_section(*node);
    reader.read_environment(environment);
    reader.check_required();
  }
  if (!errors.empty()) return fail(join_errors(std::move(errors)));
  return {};
}

std::string render_config(std::span<const ConfigSection> sections) {
  std::string out;
  std::string_view group;
  for (const ConfigSection& section : sections) {
    if (!out.empty()) out += '\n';
    const std::size_t dot = section.name.find('.');
    const bool is_grouped = dot != std::string_view::npos;
    if (is_grouped && section.name.substr(0, dot) != group) out += fmt::format("{}:\n", section.name.substr(0, dot));
    group = is_grouped ? section.name.substr(0, dot) : std::string_view();
    const std::string_view indent = is_grouped ? "  " : "";
    if (!section.type->text.empty()) out += fmt::format("{}# {}\n", indent, section.type->text);
    out += fmt::format("{}{}:\n", indent, is_grouped ? section.name.substr(dot + 1) : section.name);
    for (const Field& field : section.type->fields) {
      out += fmt::format("{}  # {}\n", indent, notes_text(field));
      if (field.type == FieldType::kSecret) {
        out += fmt::format("{}  # a secret: set {}, or {}{}: PATH\n", indent,
                           environment_name(section.name, field.name), field.name, kFileSuffix);
      } else {
        out += fmt::format("{}  {}:{}\n", indent, field.name, yaml_value(field, section.record));
      }
    }
  }
  return out;
}

std::string config_reference(std::span<const ConfigSection> sections, EnvironmentNames names) {
  const bool has_names = names == EnvironmentNames::kShown;
  std::string out;
  for (const ConfigSection& section : sections) {
    if (!out.empty()) out += '\n';
    out += fmt::format("## {}\n\n", section.name);
    if (!section.type->text.empty()) out += fmt::format("{}.\n\n", section.type->text);
    out += fmt::format("| key | type | default | limits | what it is |{}\n|---|---|---|---|---|{}\n",
                       has_names ? " environment |" : "", has_names ? "---|" : "");
    for (const Field& field : section.type->fields) {
      const bool no_default = field.notes.required || field.type == FieldType::kSecret;
      const std::string value = no_default ? "" : field_text(field, section.record);
      const std::string text =
          fmt::format("{}{}{}", field.notes.text, field.notes.unit.empty() ? "" : ", in ", field.notes.unit);
      out += fmt::format("| `{}` | {} | {} | {} | {} |", field.name, type_name(field.type),
                         value.empty() ? (field.notes.required ? "required" : "") : fmt::format("`{}`", cell(value)),
                         cell(limits_text(field)), cell(text));
      out += has_names ? fmt::format(" `{}` |\n", environment_name(section.name, field.name)) : "\n";
    }
  }
  return out;
}

}  // namespace argosy::core
