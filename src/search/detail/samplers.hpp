// The makes of samplers that stand in files of their own.
#pragma once

#include <memory>
#include <span>

#include "core/result.hpp"
#include "core/rng.hpp"
#include "search/sampler.hpp"

namespace argosy::search::detail {

// Each parameter drawn on its own; those that do not count left out.
[[nodiscard]] Setting random_setting(const Space& space, core::Rng rng);

[[nodiscard]] core::Result<std::unique_ptr<Sampler>> make_sobol(const SamplerOptions& options, const Space& space);
[[nodiscard]] core::Result<std::unique_ptr<Sampler>> make_tpe(const SamplerOptions& options, const Space& space,
                                                              std::span<const Objective> objectives);
[[nodiscard]] core::Result<std::unique_ptr<Sampler>> make_cma_es(const SamplerOptions& options, const Space& space,
                                                                 std::span<const Objective> objectives);

}  // namespace argosy::search::detail
