// The files that a command's options name, directly or through other files: noted while they are read, so that the same
// can be done again from what was noted, wherever the files are by then.
//
//   Globals noting = globals;
//   noting.inputs = std::make_shared<InputFiles>();
//   ARGOSY_TRY(const auto request, make_request(options, noting, snapshot));
//   store(noting.inputs->to_json());
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/json.hpp"
#include "core/result.hpp"

namespace argosy::cli {

class InputFiles {
 public:
  // Notes what is read.
  InputFiles() = default;
  // Gives what was noted, and nothing else: no file is read.
  [[nodiscard]] static core::Result<InputFiles> parse(const core::JsonValue& json);

  [[nodiscard]] core::Result<std::string> read(const std::string& path);
  // Which file a name such as "fees/ibkr_fixed" was, when that was noted.
  [[nodiscard]] std::optional<std::string> find_name(const std::string& name) const;
  void note_name(const std::string& name, const std::string& path);
  [[nodiscard]] bool is_stored() const { return is_stored_; }
  [[nodiscard]] const std::map<std::string, std::string>& texts() const { return texts_; }

  // {"names": {name: path}, "texts": {path: text}}
  void write(core::JsonWriter& json) const;

 private:
  bool is_stored_ = false;
  std::map<std::string, std::string> names_;
  std::map<std::string, std::string> texts_;  // by path
};

}  // namespace argosy::cli
