#include "core/rng.hpp"

#include <bit>

#include "core/check.hpp"

namespace argosy::core {
namespace {

// splitmix64: spreads a seed over all bits.
std::uint64_t split_mix(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15U;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
  return mixed ^ (mixed >> 31U);
}

// True with probability exp(-x p) for x and p in [0, 1]: the length of a falling run x > u1 > u2 > ... each step of
// which is taken with probability p is at least n with probability (x p)^n / n!, so it is even with probability exp(-x
// p) (von Neumann 1951).
bool bernoulli_exp(Rng& rng, double x, double p) {
  bool even = true;
  while (true) {
    const double next = rng.uniform();
    if (next >= x || rng.uniform() >= p) return even;
    x = next;
    even = !even;
  }
}

}  // namespace

Rng::Rng(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = split_mix(seed);
}

std::uint64_t Rng::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Rng::uniform() { return static_cast<double>(next() >> 11U) * 0x1p-53; }

// The high half of a 128-bit product; the few products that would come too often are drawn again (Lemire 2019).
std::uint64_t Rng::below(std::uint64_t bound) {
  ARGOSY_CHECK(bound > 0);
  const std::uint64_t too_often = (0 - bound) % bound;
  while (true) {
    const unsigned __int128 product = static_cast<unsigned __int128>(next()) * bound;
    if (static_cast<std::uint64_t>(product) >= too_often) return static_cast<std::uint64_t>(product >> 64U);
  }
}

// Karney's exact method (ACM Transactions on Mathematical Software 42:3, 2016, algorithm N): a whole part k with weight
// exp(-k^2 / 2), then a fraction x kept with probability exp(-x (2k + x) / 2).
double Rng::normal() {
  while (true) {
    // k >= 0 with probability proportional to exp(-k / 2), kept with probability exp(-k (k - 1) / 2).
    int k = 0;
    while (bernoulli_exp(*this, 1.0, 0.5)) ++k;
    bool keep = true;
    for (int i = 0; keep && i < k * (k - 1); ++i) keep = bernoulli_exp(*this, 1.0, 0.5);
    if (!keep) continue;
    const double x = uniform();
    const double step = (2.0 * k + x) / (2.0 * k + 2.0);
    for (int i = 0; keep && i <= k; ++i) keep = bernoulli_exp(*this, x, step);
    if (!keep) continue;
    const double value = k + x;
    return (next() >> 63U) != 0 ? -value : value;
  }
}

Rng Rng::fork(std::uint64_t name) const {
  std::uint64_t seed = split_mix(name);
  for (const std::uint64_t word : state_) {
    seed ^= word;
    seed = split_mix(seed);
  }
  return Rng(seed);
}

}  // namespace argosy::core
