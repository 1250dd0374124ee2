#include "harness.hpp"

#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace argosy::fuzz {

void require(std::string_view broken) {
  if (broken.empty()) return;
  std::fprintf(stderr, "broken: %.*s\n", static_cast<int>(broken.size()), broken.data());
  std::abort();
}

}  // namespace argosy::fuzz

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  argosy::fuzz::run({data, size});
  return 0;
}
