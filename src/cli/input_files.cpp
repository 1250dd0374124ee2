#include "cli/input_files.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/files.hpp"

namespace argosy::cli {

using core::ErrorCode;
using core::fail;
using core::JsonValue;
using core::Result;

namespace {

Result<std::map<std::string, std::string>> parse_map(const JsonValue& json, std::string_view name) {
  const JsonValue* found = json.find(name);
  if (found == nullptr || found->object() == nullptr)
    return fail(ErrorCode::kCorrupt, fmt::format("what was stored has no \"{}\"", name));
  std::map<std::string, std::string> map;
  for (const auto& [key, value] : *found->object()) {
    if (value.string() == nullptr) return fail(ErrorCode::kCorrupt, fmt::format("\"{}\" is no text", key));
    map.emplace(key, *value.string());
  }
  return map;
}

void write_map(core::JsonWriter& json, const std::map<std::string, std::string>& map) {
  json.begin_object();
  for (const auto& [key, value] : map) json.key(key).value(value);
  json.end_object();
}

}  // namespace

Result<InputFiles> InputFiles::parse(const JsonValue& json) {
  InputFiles files;
  files.is_stored_ = true;
  ARGOSY_TRY(files.names_, parse_map(json, "names"));
  ARGOSY_TRY(files.texts_, parse_map(json, "texts"));
  return files;
}

Result<std::string> InputFiles::read(const std::string& path) {
  if (is_stored_) {
    const auto found = texts_.find(path);
    if (found != texts_.end()) return found->second;
    return fail(ErrorCode::kCorrupt, fmt::format("the text of {} was not stored", path));
  }
  ARGOSY_TRY(std::string text, core::system_files().read(path));
  texts_.insert_or_assign(path, text);
  return text;
}

std::optional<std::string> InputFiles::find_name(const std::string& name) const {
  const auto found = names_.find(name);
  if (found == names_.end()) return std::nullopt;
  return found->second;
}

void InputFiles::note_name(const std::string& name, const std::string& path) { names_.insert_or_assign(name, path); }

void InputFiles::write(core::JsonWriter& json) const {
  json.begin_object().key("names");
  write_map(json, names_);
  json.key("texts");
  write_map(json, texts_);
  json.end_object();
}

}  // namespace argosy::cli
