// A density over some parameters of a space, made of settings that were seen: one kernel around each and a broad one
// over the whole range. Numbers have normal kernels cut off at the ends of the range, choices a weight for each.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/rng.hpp"
#include "search/space.hpp"

namespace argosy::search::detail {

class ParzenMixture {
 public:
  // `seen` have every parameter of `group` active; `weights` are one for each of them. The space must outlive it.
  ParzenMixture(const Space& space, std::span<const std::size_t> group, std::span<const Setting* const> seen,
                std::span<const double> weights);

  // Draws values of the group into the setting.
  void draw(core::Rng& rng, Setting& setting) const;
  // The density of the group's values in the setting, relative to an even one. Above zero.
  [[nodiscard]] double density(const Setting& setting) const;

 private:
  struct Kernel {
    double mean = 0;         // internal
    double sigma = 1;        // internal
    double below = 0;        // the share of the normal below the range
    double inside = 1;       // the share within it
    double height = 1;       // of the density at the mean, relative to an even one
    std::size_t choice = 0;  // of choices; kEven for the broad kernel
  };
  // One parameter. Components that saw the same discrete value share a kernel.
  struct Dimension {
    std::size_t parameter = 0;
    bool categorical = false;
    bool discrete = false;
    double range = 1;  // internal
    double choices = 1;
    std::vector<Kernel> kernels;            // the last one is the broad one
    std::vector<std::size_t> of_component;  // which kernel each component has
  };
  static constexpr std::size_t kEven = static_cast<std::size_t>(-1);

  void set_kernels(Dimension& dimension, std::span<const Setting* const> seen, std::size_t dimensions) const;
  // A value of a dimension as the kernels see it: for discrete numbers the ends of its room.
  struct Place {
    double low = 0;
    double high = 0;
    std::size_t choice = 0;
  };
  [[nodiscard]] Place place(const Dimension& dimension, double value) const;
  // What a discrete value has by one kernel, relative to an even share.
  [[nodiscard]] double share(const Dimension& dimension, const Kernel& kernel, const Place& at) const;
  [[nodiscard]] double choice_weight(const Dimension& dimension, const Kernel& kernel, std::size_t choice) const;

  const Space* space_;
  std::vector<Dimension> dimensions_;
  std::vector<double> cumulative_;  // of the components' weights, to 1
};

}  // namespace argosy::search::detail
