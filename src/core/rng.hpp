// A seeded generator whose numbers are the same on every machine (xoshiro256**, seeded by splitmix64; Blackman and
// Vigna).
#pragma once

#include <array>
#include <cstdint>

namespace argosy::core {

class Rng {
 public:
  explicit Rng(std::uint64_t seed);
  [[nodiscard]] std::uint64_t next();
  // Uniform in [0, 1), 53 bits.
  [[nodiscard]] double uniform();
  // Uniform in [0, bound), without bias; bound > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);
  // Standard normal, by an exact rejection method that uses no library function but arithmetic.
  [[nodiscard]] double normal();
  // An independent generator for a part of the work, the same for the same name.
  [[nodiscard]] Rng fork(std::uint64_t name) const;

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace argosy::core
