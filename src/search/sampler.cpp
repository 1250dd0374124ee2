#include "search/sampler.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "core/rng.hpp"
#include "core/text.hpp"
#include "search/detail/samplers.hpp"

namespace argosy::search {
namespace {

using core::ErrorCode;
using core::Result;

constexpr std::array<std::string_view, 5> kNames{"grid", "random", "sobol", "tpe", "cma_es"};

class GridSampler final : public Sampler {
 public:
  explicit GridSampler(Space space) : space_(std::move(space)) {}

  Setting sample(std::size_t number, std::span<const Trial> /*earlier*/) const override {
    return space_.grid_setting(number);
  }
  bool is_adaptive() const override { return false; }
  std::optional<std::uint64_t> limit() const override { return space_.grid_points(); }
  std::string describe() const override { return "grid"; }

 private:
  Space space_;
};

class RandomSampler final : public Sampler {
 public:
  RandomSampler(Space space, std::uint64_t seed) : space_(std::move(space)), seed_(seed) {}

  Setting sample(std::size_t number, std::span<const Trial> /*earlier*/) const override {
    return detail::random_setting(space_, core::Rng(seed_).fork(number));
  }
  bool is_adaptive() const override { return false; }
  std::string describe() const override { return "random"; }

 private:
  Space space_;
  std::uint64_t seed_;
};

Result<std::unique_ptr<Sampler>> make_grid(const Space& space) {
  for (std::size_t at = 0; at < space.size(); ++at) {
    if (space.points(at)) continue;
    return core::fail(core::Error(ErrorCode::kInvalidArgument,
                                  fmt::format("a grid cannot cover {}, which is continuous", space.parameter(at).name))
                          .with_hint("give it a step, or use the sampler sobol or tpe"));
  }
  return std::make_unique<GridSampler>(space);
}

}  // namespace

namespace detail {

Setting random_setting(const Space& space, core::Rng rng) {
  Setting setting;
  // A draw a parameter, also for those that turn out not to count: each has its own place in the sequence.
  for (std::size_t at = 0; at < space.size(); ++at) setting.values.push_back(space.from_unit(at, rng.uniform()));
  space.deactivate(setting);
  return setting;
}

}  // namespace detail

std::string_view to_string(SamplerKind kind) { return kNames.at(static_cast<std::size_t>(kind)); }

Result<SamplerKind> parse_sampler(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == text) return static_cast<SamplerKind>(i);
  }
  return core::fail(core::Error(ErrorCode::kInvalidArgument, fmt::format("unknown sampler \"{}\"", text))
                        .with_hint("use grid, random, sobol, tpe or cma_es." + core::did_you_mean(text, kNames)));
}

bool Sampler::is_ready(std::size_t /*number*/, std::span<const Trial> /*earlier*/) const { return true; }

Result<std::unique_ptr<Sampler>> make_sampler(const SamplerOptions& options, const Space& space,
                                              std::span<const Objective> objectives) {
  switch (options.kind) {
    case SamplerKind::kGrid:
      return make_grid(space);
    case SamplerKind::kRandom:
      return std::make_unique<RandomSampler>(space, options.seed);
    case SamplerKind::kSobol:
      return detail::make_sobol(options, space);
    case SamplerKind::kTpe:
      return detail::make_tpe(options, space, objectives);
    case SamplerKind::kCmaEs:
      return detail::make_cma_es(options, space, objectives);
  }
  return core::fail(ErrorCode::kInvalidArgument, "unknown sampler");
}

}  // namespace argosy::search
