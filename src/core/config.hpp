// Typed configuration: each section is a described record (core/record.hpp), read from a YAML file and then from
// environment variables ARGOSY_<SECTION>_<FIELD>. Unknown keys are errors with line, column and 'did you mean'.
//
// A secret is never written into that file: it comes from its environment variable, or from the file that the key
// <field>_file names (without the line end at its end).
//
//   ConfigSection sections[] = {section("data", settings.data), section("log", settings.log)};
//   ARGOSY_TRY_VOID(load_config(text, "config.yaml", environment, sections));
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "core/result.hpp"
#include "core/yaml.hpp"

namespace argosy::core {

struct ConfigSection {
  std::string_view name;
  const RecordType* type;
  void* record;  // keeps its defaults where neither the file nor the environment speak
};

template <class T>
[[nodiscard]] ConfigSection section(std::string_view name, T& record) {
  return {name, &record_type<T>(), &record};
}

// The value of an environment variable, or nothing. The real one lives in core/; tests pass their own.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
[[nodiscard]] Environment system_environment();

// Fills the sections. Errors carry file, line, column, field and value; several are joined, one a line.
[[nodiscard]] Result<void> load_config(std::string_view yaml, std::string_view file, const Environment& environment,
                                       std::span<const ConfigSection> sections);
// The parts of load_config(), for files that hold more than sections: one section's node, without the environment.
// What is wrong is added to `errors`.
void read_config_section(const YamlNode& node, std::string_view file, const ConfigSection& section,
                         std::vector<Error>& errors);
// One error as it is; of several a list, one a line, with the hints behind. At least one.
[[nodiscard]] Error join_errors(std::vector<Error> errors);
// The file with every key at its value and its text as a comment: what `init` writes. A section "brokers.paper" stands
// below a line "brokers:"; those of one group follow each other.
[[nodiscard]] std::string render_config(std::span<const ConfigSection> sections);
// Whether keys may be set by environment variables, too.
enum class EnvironmentNames : std::uint8_t { kShown, kNone };
// Markdown tables of every key: name, type, default, limits, text.
[[nodiscard]] std::string config_reference(std::span<const ConfigSection> sections,
                                           EnvironmentNames names = EnvironmentNames::kShown);

}  // namespace argosy::core
