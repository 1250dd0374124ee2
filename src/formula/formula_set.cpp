#include "formula/formula_set.hpp"

#include <fmt/format.h>

#include <array>

#include "core/text.hpp"
#include "core/yaml.hpp"

namespace argosy::formula {
namespace {

using core::YamlEntry;
using core::YamlNode;

std::unexpected<core::Error> refuse(const std::string& file, const YamlNode& node, std::string message) {
  return core::fail(
      core::Error(core::ErrorCode::kInvalidArgument, std::move(message)).at(file, node.line, node.column));
}

core::Result<std::vector<std::pair<std::string, std::string>>> read_formulas(const YamlEntry& entry,
                                                                             const std::string& file) {
  if (entry.value.kind != YamlNode::Kind::kMapping)
    return refuse(file, entry.value, fmt::format("{} must be a mapping of names to formulas", entry.key));
  std::vector<std::pair<std::string, std::string>> out;
  for (const YamlEntry& item : entry.value.entries) {
    if (item.value.kind != YamlNode::Kind::kScalar || item.value.scalar.empty())
      return refuse(file, item.value, fmt::format("{} must be a formula", item.key));
    out.emplace_back(item.key, item.value.scalar);
  }
  return out;
}

}  // namespace

core::Result<FormulaSet> parse_formula_set(std::string_view text, const std::string& file) {
  constexpr std::array<std::string_view, 4> kKeys = {"name", "description", "let", "formulas"};
  ARGOSY_TRY(const YamlNode root, core::parse_yaml(text, file));
  if (root.kind != YamlNode::Kind::kMapping)
    return refuse(file, root, "a mapping with the keys name, let and formulas is expected");
  FormulaSet set;
  for (const YamlEntry& entry : root.entries) {
    if (entry.key == "name" || entry.key == "description") {
      if (entry.value.kind != YamlNode::Kind::kScalar)
        return refuse(file, entry.value, fmt::format("{} must be a text", entry.key));
      (entry.key == "name" ? set.name : set.description) = entry.value.scalar;
    } else if (entry.key == "let") {
      ARGOSY_TRY(set.lets, read_formulas(entry, file));
    } else if (entry.key == "formulas") {
      ARGOSY_TRY(auto formulas, read_formulas(entry, file));
      for (auto& [name, formula] : formulas) set.formulas.push_back({std::move(name), std::move(formula)});
    } else {
      return core::fail(
          core::Error(core::ErrorCode::kInvalidArgument,
                      fmt::format("unknown key \"{}\".{}", entry.key, core::did_you_mean(entry.key, kKeys)))
              .at(file, entry.key_line, entry.key_column));
    }
  }
  return set;
}

}  // namespace argosy::formula
