#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <utility>

#include "core/check.hpp"
#include "core/rng.hpp"
#include "search/detail/samplers.hpp"
#include "search/detail/sobol.hpp"

namespace argosy::search::detail {
namespace {

constexpr int kBits = 32;

// A primitive polynomial by its degree and inner coefficients, and the first direction numbers.
struct Direction {
  int degree;
  std::uint32_t coefficients;
  std::array<std::uint32_t, 7> first;
};

// S. Joe and F. Y. Kuo, new-joe-kuo-6.21201, dimensions 2 to 32.
constexpr std::array<Direction, kSobolDimensions - 1> kDirections{{
    {1, 0, {1}},
    {2, 1, {1, 3}},
    {3, 1, {1, 3, 1}},
    {3, 2, {1, 1, 1}},
    {4, 1, {1, 1, 3, 3}},
    {4, 4, {1, 3, 5, 13}},
    {5, 2, {1, 1, 5, 5, 17}},
    {5, 4, {1, 1, 5, 5, 5}},
    {5, 7, {1, 1, 7, 11, 19}},
    {5, 11, {1, 1, 5, 1, 1}},
    {5, 13, {1, 1, 1, 3, 11}},
    {5, 14, {1, 3, 5, 5, 31}},
    {6, 1, {1, 3, 3, 9, 7, 49}},
    {6, 13, {1, 1, 1, 15, 21, 21}},
    {6, 16, {1, 3, 1, 13, 27, 49}},
    {6, 19, {1, 1, 1, 15, 7, 5}},
    {6, 22, {1, 3, 1, 15, 13, 25}},
    {6, 25, {1, 1, 5, 5, 19, 61}},
    {7, 1, {1, 3, 7, 11, 23, 15, 103}},
    {7, 4, {1, 3, 7, 13, 13, 15, 69}},
    {7, 7, {1, 1, 3, 13, 7, 35, 63}},
    {7, 8, {1, 3, 5, 9, 1, 25, 53}},
    {7, 14, {1, 3, 1, 13, 9, 35, 107}},
    {7, 19, {1, 3, 1, 5, 27, 61, 31}},
    {7, 21, {1, 1, 5, 11, 19, 41, 61}},
    {7, 28, {1, 3, 5, 3, 3, 13, 69}},
    {7, 31, {1, 1, 7, 13, 1, 19, 1}},
    {7, 32, {1, 3, 7, 5, 13, 19, 59}},
    {7, 37, {1, 1, 3, 9, 25, 29, 41}},
    {7, 41, {1, 3, 5, 13, 23, 1, 55}},
    {7, 42, {1, 3, 7, 3, 13, 59, 17}},
}};

using DirectionBits = std::array<std::uint32_t, kBits>;

DirectionBits direction_bits(std::size_t dimension) {
  DirectionBits bits{};
  if (dimension == 0) {
    for (int i = 0; i < kBits; ++i) bits.at(static_cast<std::size_t>(i)) = 1U << (kBits - 1 - i);
    return bits;
  }
  const Direction& direction = kDirections.at(dimension - 1);
  const auto degree = static_cast<std::size_t>(direction.degree);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (i < degree) {
      bits.at(i) = direction.first.at(i) << (kBits - 1 - i);
      continue;
    }
    std::uint32_t value = bits.at(i - degree) ^ (bits.at(i - degree) >> degree);
    for (std::size_t k = 1; k < degree; ++k) {
      if (((direction.coefficients >> (degree - 1 - k)) & 1U) != 0) value ^= bits.at(i - k);
    }
    bits.at(i) = value;
  }
  return bits;
}

class SobolSampler final : public Sampler {
 public:
  SobolSampler(Space space, std::uint64_t seed) : space_(std::move(space)), seed_(seed) {}

  Setting sample(std::size_t number, std::span<const Trial> /*earlier*/) const override {
    Setting setting;
    for (std::size_t at = 0; at < space_.size(); ++at) {
      const std::uint32_t bits = sobol_bits(static_cast<std::uint32_t>(number), at);
      const std::uint64_t seed = core::Rng(seed_).fork(at).next();
      setting.values.push_back(space_.from_unit(at, scramble_bits(bits, seed) * 0x1p-32));
    }
    space_.deactivate(setting);
    return setting;
  }
  bool is_adaptive() const override { return false; }
  std::optional<std::uint64_t> limit() const override { return std::uint64_t{1} << 32U; }
  std::string describe() const override { return "sobol"; }

 private:
  Space space_;
  std::uint64_t seed_;
};

}  // namespace

std::uint32_t sobol_bits(std::uint32_t index, std::size_t dimension) {
  static const auto kAll = [] {
    std::array<DirectionBits, kSobolDimensions> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all.at(i) = direction_bits(i);
    return all;
  }();
  ARGOSY_CHECK(dimension < kSobolDimensions);
  std::uint32_t bits = 0;
  std::uint32_t gray = index ^ (index >> 1U);
  for (std::size_t i = 0; gray != 0; gray >>= 1U, ++i) {
    if ((gray & 1U) != 0) bits ^= kAll.at(dimension).at(i);
  }
  return bits;
}

std::uint32_t scramble_bits(std::uint32_t bits, std::uint64_t seed) {
  std::uint32_t scrambled = 0;
  for (int i = 0; i < kBits; ++i) {
    // The bits above this one, behind a one that says how many they are.
    const std::uint64_t above =
        (std::uint64_t{1} << static_cast<unsigned>(i)) | (i == 0 ? 0U : bits >> static_cast<unsigned>(kBits - i));
    const auto flip = static_cast<std::uint32_t>(core::Rng(seed ^ (above * 0x9E3779B97F4A7C15U)).next() >> 63U);
    const std::uint32_t bit = (bits >> static_cast<unsigned>(kBits - 1 - i)) & 1U;
    scrambled = (scrambled << 1U) | (bit ^ flip);
  }
  return scrambled;
}

core::Result<std::unique_ptr<Sampler>> make_sobol(const SamplerOptions& options, const Space& space) {
  if (space.size() > kSobolDimensions) {
    return core::fail(core::Error(core::ErrorCode::kInvalidArgument,
                                  fmt::format("sobol searches at most {} parameters, and the space has {}",
                                              kSobolDimensions, space.size()))
                          .with_hint("use the sampler random or tpe"));
  }
  return std::make_unique<SobolSampler>(space, options.seed);
}

}  // namespace argosy::search::detail
