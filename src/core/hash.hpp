// Content hashes: SHA-256, as lower-case hex.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace argosy::core {

class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  void update(std::string_view bytes);
  template <class T>
  void update_values(std::span<const T> values) {
    update(std::string_view(reinterpret_cast<const char*>(values.data()), values.size_bytes()));
  }
  // 64 hex digits; the hasher is spent afterwards.
  [[nodiscard]] std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string sha256_hex(std::string_view bytes);
// CRC-32C (Castagnoli), for records of append files.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes);

}  // namespace argosy::core
