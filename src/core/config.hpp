// Typed configuration: each section is a described record (core/record.hpp), read from a YAML file and then from
// environment variables ARGOSY_<SECTION>_<FIELD>. Unknown keys are errors with line, column and 'did you mean'.
//
// A secret is never written into that file: it comes from its environment variable, or from the file that the key
// <field>_file names (without the line end at its end).
//
//   ConfigSection sections[] = {section("data", settings.data), section("log", settings.log)};
//   ARGOSY_TRY_VOID(load_config(text, "config.yaml", environment, sections));
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

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
// The file with every key at its value and its text as a comment: what `init` writes.
[[nodiscard]] std::string render_config(std::span<const ConfigSection> sections);
// Markdown tables of every key: name, type, default, limits, text.
[[nodiscard]] std::string config_reference(std::span<const ConfigSection> sections);

}  // namespace argosy::core
