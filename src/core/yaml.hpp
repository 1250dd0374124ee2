// YAML as a tree that remembers where everything stands. Duplicate keys, anchors, tags and several documents are
// errors. Scalars stay text; what they mean is decided by whoever reads them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace argosy::core {

struct YamlEntry;

struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kSequence, kMapping };
  Kind kind = Kind::kNull;
  std::string scalar;
  bool quoted = false;             // a quoted scalar is text even when it looks like a number
  std::vector<YamlNode> items;     // of a sequence
  std::vector<YamlEntry> entries;  // of a mapping, in the order of the file
  std::int64_t line = 0;           // 1-based
  std::int64_t column = 0;         // 1-based

  [[nodiscard]] const YamlNode* find(std::string_view key) const;
};

struct YamlEntry {
  std::string key;
  std::int64_t key_line = 0;
  std::int64_t key_column = 0;
  YamlNode value;
};

// `file` is the name used in errors.
[[nodiscard]] Result<YamlNode> parse_yaml(std::string_view text, std::string_view file);

}  // namespace argosy::core
