// The last n rows in the order of size: what quantiles and ranks are made of. Rows that are NaN are left out; how many
// are not is count(), and a full window is one where that is n.
//
//   OrderWindow window(n);
//   window.push(x);
//   if (window.count() == n) median = window_quantile(window, 0.5);
//
// push() replaces the row that leaves by the one that comes. Up to kPassRows the sorted rows are written anew by a
// pass of comparisons without a branch, up to kArrayRows they are moved in place, and above they hang in a tree in
// which a row is found in O(log n) steps. Nothing is allocated after the construction.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "formula/operators/operator.hpp"

namespace argosy::formula {

// Comparisons over whole arrays, four at a time where the processor can: they have no rounding, so that the values are
// the same. Without AVX2 two at a time.
namespace order_passes {

using Four = double __attribute__((vector_size(32)));

// Takes `old` out of the sorted s, which gives t, t[i] = s[i] < old ? s[i] : s[i + 1], and puts x in: min(t[i], max(x,
// t[i - 1])). s has n rows, whole fours, and four more that are infinite. Neighbours are shifted in from registers:
// what is loaded is what a pass has stored in one piece, as other loads would wait until that is in the cache.
[[gnu::always_inline]] inline void replace(double* s, std::size_t n, double old, double x) {
  const Four come = {x, x, x, x};
  Four last = Four{} - std::numeric_limits<double>::infinity();
  Four now;
  std::memcpy(&now, s, sizeof now);
  for (std::size_t i = 0; i < n; i += 4) {
    Four next;
    std::memcpy(&next, s + i + 4, sizeof next);
    const Four here = now < old ? now : __builtin_shufflevector(now, next, 1, 2, 3, 4);
    const Four before = __builtin_shufflevector(last, here, 3, 4, 5, 6);
    const Four put = before > come ? before : come;
    const Four made = put < here ? put : here;
    std::memcpy(s + i, &made, sizeof made);
    last = here;
    now = next;
  }
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] inline void replace_by_four(double* s, std::size_t n, double old, double x) {
  replace(s, n, old, x);
}
inline const bool kByFour = __builtin_cpu_supports("avx2") != 0;
#else
inline constexpr bool kByFour = false;
inline void replace_by_four(double*, std::size_t, double, double) {}
#endif

}  // namespace order_passes

// A sorted array of n values. Rows that are not there are infinities at its end, so that each step takes one out and
// puts one in.
class SortedArray {
 public:
  static constexpr std::size_t kPassRows = 40;
  static constexpr std::size_t kPassRowsByFour = 256;

  explicit SortedArray(std::size_t n) : n_(n), sorted_((n + 3) / 4 * 4 + 4) { clear(); }

  void clear() { std::ranges::fill(sorted_, kMissing); }
  // NaN: no value.
  void replace(std::size_t, double old, double x) {
    old = is_nan(old) ? kMissing : old;
    x = is_nan(x) ? kMissing : x;
    if (n_ > most_) return move(old, x);
    if (order_passes::kByFour) return order_passes::replace_by_four(sorted_.data(), sorted_.size() - 4, old, x);
    order_passes::replace(sorted_.data(), sorted_.size() - 4, old, x);
  }
  [[nodiscard]] double kth(std::size_t k) const { return sorted_[k]; }
  [[nodiscard]] std::size_t below(double x) const {
    return count_while([x](double value) { return value < x; });
  }
  [[nodiscard]] std::size_t not_above(double x) const {
    return count_while([x](double value) { return value <= x; });
  }
  void persist(StateArchive& archive) { archive(sorted_); }

 private:
  static constexpr double kMissing = std::numeric_limits<double>::infinity();

  // How many of the sorted values, from the first on, do.
  template <class Holds>
  [[nodiscard]] std::size_t count_while(Holds holds) const {
    const double* base = sorted_.data();
    std::size_t n = n_;
    while (n > 1) {
      const std::size_t half = n / 2;
      base += holds(base[half - 1]) ? half : 0;
      n -= half;
    }
    return static_cast<std::size_t>(base - sorted_.data()) + (holds(*base) ? 1 : 0);
  }
  void move(double old, double x) {
    double* s = sorted_.data();
    const std::size_t from = below(old);
    const std::size_t to = below(x);
    if (to > from) {
      std::memmove(s + from, s + from + 1, (to - from - 1) * sizeof(double));
      s[to - 1] = x;
    } else {
      std::memmove(s + to + 1, s + to, (from - to) * sizeof(double));
      s[to] = x;
    }
  }

  std::size_t n_;
  std::size_t most_ = order_passes::kByFour ? kPassRowsByFour : kPassRows;  // rows that a pass is faster for
  std::vector<double> sorted_;                                              // n, and infinities behind them
};

// A treap of n places: a place's node stays its own, its priority is a hash of its number, so that the depth does not
// depend on the values. Equal values are ordered by place.
class OrderTree {
 public:
  explicit OrderTree(std::size_t n) : nodes_(n + 1) { clear(); }

  void clear() {
    std::ranges::fill(nodes_, Node{});
    root_ = 0;
  }
  void replace(std::size_t place, double old, double x) {
    const auto node = static_cast<std::uint32_t>(place + 1);
    if (!is_nan(old)) root_ = erased(root_, node);
    if (is_nan(x)) return;
    nodes_[node] = {.value = x, .left = 0, .right = 0, .size = 1};
    root_ = inserted(root_, node);
  }
  [[nodiscard]] double kth(std::size_t k) const {
    std::uint32_t at = root_;
    while (true) {
      const std::size_t left = nodes_[nodes_[at].left].size;
      if (k == left) return nodes_[at].value;
      if (k < left) {
        at = nodes_[at].left;
      } else {
        k -= left + 1;
        at = nodes_[at].right;
      }
    }
  }
  [[nodiscard]] std::size_t below(double x) const {
    return count_while([x](double value) { return value < x; });
  }
  [[nodiscard]] std::size_t not_above(double x) const {
    return count_while([x](double value) { return value <= x; });
  }
  void persist(StateArchive& archive) { archive(nodes_, root_); }

 private:
  struct Node {
    double value = 0;
    std::uint32_t left = 0;  // 0: none; node 0 is empty, of size 0
    std::uint32_t right = 0;
    std::uint64_t size = 0;
  };

  static std::uint32_t priority(std::uint32_t node) {
    std::uint64_t hash = (node + std::uint64_t{1}) * 0x9E3779B97F4A7C15U;
    hash = (hash ^ (hash >> 29U)) * 0xBF58476D1CE4E5B9U;
    return static_cast<std::uint32_t>(hash >> 32U);
  }
  [[nodiscard]] bool before(std::uint32_t a, std::uint32_t b) const {
    return nodes_[a].value < nodes_[b].value || (nodes_[a].value == nodes_[b].value && a < b);
  }
  static bool above(std::uint32_t a, std::uint32_t b) {
    const std::uint32_t first = priority(a);
    const std::uint32_t second = priority(b);
    return first > second || (first == second && a > b);
  }
  void measure(std::uint32_t node) {
    nodes_[node].size = nodes_[nodes_[node].left].size + nodes_[nodes_[node].right].size + 1;
  }

  // The tree `root` cut at `node`: what is before it and what is after.
  std::pair<std::uint32_t, std::uint32_t> split(std::uint32_t root, std::uint32_t node) {
    if (root == 0) return {0, 0};
    if (before(root, node)) {
      const auto [low, high] = split(nodes_[root].right, node);
      nodes_[root].right = low;
      measure(root);
      return {root, high};
    }
    const auto [low, high] = split(nodes_[root].left, node);
    nodes_[root].left = high;
    measure(root);
    return {low, root};
  }
  std::uint32_t merged(std::uint32_t low, std::uint32_t high) {
    if (low == 0 || high == 0) return low + high;
    if (above(low, high)) {
      nodes_[low].right = merged(nodes_[low].right, high);
      measure(low);
      return low;
    }
    nodes_[high].left = merged(low, nodes_[high].left);
    measure(high);
    return high;
  }
  std::uint32_t inserted(std::uint32_t root, std::uint32_t node) {
    std::uint32_t* link = &root;
    while (*link != 0 && above(*link, node)) {
      ++nodes_[*link].size;
      link = before(*link, node) ? &nodes_[*link].right : &nodes_[*link].left;
    }
    const auto [low, high] = split(*link, node);
    nodes_[node].left = low;
    nodes_[node].right = high;
    measure(node);
    *link = node;
    return root;
  }
  std::uint32_t erased(std::uint32_t root, std::uint32_t node) {
    std::uint32_t* link = &root;
    while (*link != node) {
      --nodes_[*link].size;
      link = before(*link, node) ? &nodes_[*link].right : &nodes_[*link].left;
    }
    *link = merged(nodes_[node].left, nodes_[node].right);
    return root;
  }
  template <class Holds>
  [[nodiscard]] std::size_t count_while(Holds holds) const {
    std::size_t count = 0;
    for (std::uint32_t at = root_; at != 0;) {
      if (holds(nodes_[at].value)) {
        count += nodes_[nodes_[at].left].size + 1;
        at = nodes_[at].right;
      } else {
        at = nodes_[at].left;
      }
    }
    return count;
  }

  std::vector<Node> nodes_;
  std::uint32_t root_ = 0;
};

// The most rows a sorted array is the faster one for.
inline constexpr std::size_t kArrayRows = 2048;

// Order: SortedArray, or OrderTree for more than kArrayRows.
template <class Order>
class OrderWindow {
 public:
  explicit OrderWindow(std::size_t n) : ring_(n, kNaN), order_(n) {}

  void push(double x) {
    const double old = ring_[at_];
    ring_[at_] = x;
    order_.replace(at_, old, x);
    at_ = at_ + 1 == ring_.size() ? 0 : at_ + 1;
    count_ = count_ + (is_nan(x) ? 0 : 1) - (is_nan(old) ? 0 : 1);
  }
  // Rows of the last n that are not NaN.
  [[nodiscard]] std::size_t count() const { return count_; }
  // The k-th smallest, k < count().
  [[nodiscard]] double kth(std::size_t k) const { return order_.kth(k); }
  // How many are less than x, or not greater.
  [[nodiscard]] std::size_t below(double x) const { return order_.below(x); }
  [[nodiscard]] std::size_t not_above(double x) const { return order_.not_above(x); }
  // The sum of both, for an x of the window.
  [[nodiscard]] std::size_t twice_below(double x) const {
    const std::size_t less = order_.below(x);
    const bool alone = less + 1 == count_ || order_.kth(less + 1) != x;  // the usual case
    return less + (alone ? less + 1 : order_.not_above(x));
  }

  void reset() {
    std::ranges::fill(ring_, kNaN);
    order_.clear();
    at_ = count_ = 0;
  }
  void persist(StateArchive& archive) { archive(ring_, order_, at_, count_); }

 private:
  std::vector<double> ring_;
  Order order_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
};

// The place (count - 1) q of a window that is not empty, and the value there: linear between the two around it.
struct QuantilePlace {
  QuantilePlace(std::size_t count, double q) : QuantilePlace(static_cast<double>(count - 1) * q) {}
  explicit QuantilePlace(double place)
      : below(static_cast<std::size_t>(place)), part(place - static_cast<double>(below)) {}
  template <class Window>
  [[nodiscard]] double of(const Window& window) const {
    const double low = window.kth(below);
    return part == 0 ? low : low + (window.kth(below + 1) - low) * part;
  }
  std::size_t below;
  double part;
};
template <class Window>
[[nodiscard]] double window_quantile(const Window& window, double q) {
  return QuantilePlace(window.count(), q).of(window);
}

// The share of the window that x, one of its rows, is not below: the mean rank of equal ones over the count.
template <class Window>
[[nodiscard]] double window_rank(const Window& window, double x) {
  return static_cast<double>(window.twice_below(x) + 1) / 2 / static_cast<double>(window.count());
}

// Made<Order>(n, more...) with the order that is fastest for n rows.
template <template <class> class Made, class... More>
[[nodiscard]] std::unique_ptr<Kernel> make_ordered(std::size_t n, More... more) {
  if (n <= kArrayRows) return std::make_unique<Made<SortedArray>>(n, more...);
  return std::make_unique<Made<OrderTree>>(n, more...);
}

}  // namespace argosy::formula
