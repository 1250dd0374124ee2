#include "auth/key_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include "auth/random.hpp"
#include "core/text.hpp"

namespace argosy::auth {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr std::size_t kShortestKey = 32;

}  // namespace

Result<core::Secret> open_key(const KeyFile& key, core::Files& files) {
  if (!files.exists(key.path)) {
    const ::mode_t before = ::umask(S_IRWXG | S_IRWXO);
    auto written = files.write_atomic(key.path, random_token() + "\n");
    ::umask(before);
    if (!written) return fail(std::move(written).error());
  }
  struct stat status{};
  if (::stat(key.path.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("others may read the key {}", key.use))
                    .with_hint(fmt::format("chmod 600 it; if somebody may have read it, delete it: a new one is made, "
                                           "and {}",
                                           key.lost))
                    .at(key.path));
  }
  ARGOSY_TRY(const std::string text, files.read(key.path));
  core::Secret read{std::string(core::trim(text))};
  if (read.expose().size() < kShortestKey) {
    return fail(Error(ErrorCode::kInvalidArgument, fmt::format("the key has less than {} characters", kShortestKey))
                    .with_hint(fmt::format("delete the file: a new one is made, and {}", key.lost))
                    .at(key.path));
  }
  return read;
}

}  // namespace argosy::auth
