// The Sobol sequence with the direction numbers of Joe and Kuo (2008), in the order of the Gray code.
#pragma once

#include <cstddef>
#include <cstdint>

namespace argosy::search::detail {

inline constexpr std::size_t kSobolDimensions = 32;

// A coordinate of a point in units of 2^-32, dimension < kSobolDimensions: 0, 1/2, 3/4, 1/4, ... in dimension 0.
[[nodiscard]] std::uint32_t sobol_bits(std::uint32_t index, std::size_t dimension);
// Owen's scrambling: each bit is flipped or not by the seed and the bits above it, so that the points keep their even
// spread and become uniform.
[[nodiscard]] std::uint32_t scramble_bits(std::uint32_t bits, std::uint64_t seed);

}  // namespace argosy::search::detail
