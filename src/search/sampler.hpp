// Samplers say which setting a trial tries. A sampler is a pure function of the seed, the number of the trial and the
// trials before it, so that a study that was interrupted goes on as if it had not been.
//
//   ARGOSY_TRY(const auto sampler, make_sampler({.kind = SamplerKind::kTpe, .seed = 7}, space, objectives));
//   const Setting setting = sampler->sample(trials.size(), trials);
//
// grid     every setting of a space without continuous parameters, once
// random   independent draws
// sobol    a scrambled low-discrepancy sequence: draws that leave no hole; up to 32 parameters
// tpe      Parzen estimators of the good and of the other trials (Bergstra et al. 2011); any space
// cma_es   covariance matrix adaptation (Hansen); continuous parameters only
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "search/space.hpp"
#include "search/trial.hpp"

namespace argosy::search {

enum class SamplerKind : std::uint8_t { kGrid, kRandom, kSobol, kTpe, kCmaEs };
[[nodiscard]] std::string_view to_string(SamplerKind kind);
[[nodiscard]] core::Result<SamplerKind> parse_sampler(std::string_view text);

struct SamplerOptions {
  SamplerKind kind = SamplerKind::kTpe;
  std::uint64_t seed = 0;
  // Of TPE.
  std::size_t startup_trials = 10;  // drawn at random before the estimators take over
  std::size_t candidates = 24;      // drawn for each trial, of which the best is taken
  // Of CMA-ES: the size of a generation; 0: 4 + floor(3 ln n) for n parameters.
  std::size_t population = 0;
};

class Sampler {
 public:
  virtual ~Sampler() = default;
  // `earlier`: the trials 0 to number - 1, finished or running. Only when is_ready says so, and number < limit().
  [[nodiscard]] virtual Setting sample(std::size_t number, std::span<const Trial> earlier) const = 0;
  // False while it must see more of them finished.
  [[nodiscard]] virtual bool is_ready(std::size_t number, std::span<const Trial> earlier) const;
  // Whether it looks at earlier trials; if not, any number of trials can be asked for at once.
  [[nodiscard]] virtual bool is_adaptive() const = 0;
  // How many trials it has; nothing when it never ends.
  [[nodiscard]] virtual std::optional<std::uint64_t> limit() const { return std::nullopt; }
  // Its name and settings, the same text for the same sequence.
  [[nodiscard]] virtual std::string describe() const = 0;
};

// An error when the sampler cannot search this space; it names the parameter and what to use instead.
[[nodiscard]] core::Result<std::unique_ptr<Sampler>> make_sampler(const SamplerOptions& options, const Space& space,
                                                                  std::span<const Objective> objectives);

}  // namespace argosy::search
