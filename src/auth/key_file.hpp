// Keys that lie in the home, each in a file that only its owner may read.
#pragma once

#include <string>
#include <string_view>

#include "core/files.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"

namespace argosy::auth {

// What the key of `path` is for, for messages: `use` ("that signs tokens"), and what its loss does: `lost` ("who has
// logged in logs in again").
struct KeyFile {
  std::string path;
  std::string_view use;
  std::string_view lost;
};

// 32 characters or more; 256 random bits where there is no file yet. kInvalidArgument: it is too short, or others may
// read it.
[[nodiscard]] core::Result<core::Secret> open_key(const KeyFile& key, core::Files& files);

}  // namespace argosy::auth
