// The last n rows in the order of size: what quantiles and ranks are made of. Rows that are NaN are left out; how many
// are not is count(), and a full window is one where that is n.
//
//   OrderWindow window(n);
//   window.push(x);
//   if (window.count() == n) median = window_quantile(window, 0.5);
//
// push() replaces the row that leaves by the one that comes. Up to kNetworkRows the sorted rows are written anew by a
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

// A sorted array of n values. Rows that are not there are infinities at its end, so that each step takes one out and
// puts one in.
class SortedArray {
 public:
  static constexpr std::size_t kNetworkRows = 40;

  explicit SortedArray(std::size_t n) : n_(n), sorted_(n + 2), other_(n + 2) { clear(); }

  void clear() {
    std::ranges::fill(sorted_, kMissing);
    std::ranges::fill(other_, kMissing);
    sorted_.front() = other_.front() = -kMissing;
  }
  // NaN: no value.
  void replace(std::size_t, double old, double x) {
    old = is_nan(old) ? kMissing : old;
    x = is_nan(x) ? kMissing : x;
    if (n_ <= kNetworkRows) {
      pass(sorted_.data(), other_.data() + 1, n_, old, x);
      std::swap(sorted_, other_);
    } else {
      move(old, x);
    }
  }
  [[nodiscard]] double kth(std::size_t k) const { return sorted_[k + 1]; }
  [[nodiscard]] std::size_t below(double x) const {
    return count_while([x](double value) { return value < x; });
  }
  [[nodiscard]] std::size_t not_above(double x) const {
    return count_while([x](double value) { return value <= x; });
  }
  void persist(StateArchive& archive) { archive(sorted_); }

 private:
  static constexpr double kMissing = std::numeric_limits<double>::infinity();

  // Taking `old` out of the sorted s gives t, t[i] = s[i] < old ? s[i] : s[i + 1]; putting x in gives
  // min(t[i], max(x, t[i - 1])). `last` is s one place on: s[-1] and s[n] are infinite.
  static void pass(const double* __restrict last, double* __restrict to, std::size_t n, double old, double x) {
    for (std::size_t i = 0; i < n; ++i) {
      const double before = last[i] < old ? last[i] : last[i + 1];
      const double here = last[i + 1] < old ? last[i + 1] : last[i + 2];
      const double put = before > x ? before : x;
      to[i] = put < here ? put : here;
    }
  }
  // How many of the sorted values, from the first on, do.
  template <class Holds>
  [[nodiscard]] std::size_t count_while(Holds holds) const {
    const double* base = sorted_.data() + 1;
    std::size_t n = n_;
    while (n > 1) {
      const std::size_t half = n / 2;
      base += holds(base[half - 1]) ? half : 0;
      n -= half;
    }
    return static_cast<std::size_t>(base - sorted_.data()) - 1 + (holds(*base) ? 1 : 0);
  }
  void move(double old, double x) {
    double* s = sorted_.data() + 1;
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
  std::vector<double> sorted_;  // between two infinities
  std::vector<double> other_;   // the next sorted_, of a pass
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

// Linear between the two values around place (count - 1) q of a window that is not empty.
template <class Window>
[[nodiscard]] double window_quantile(const Window& window, double q) {
  const double place = static_cast<double>(window.count() - 1) * q;
  const auto k = static_cast<std::size_t>(place);
  const double low = window.kth(k);
  const double part = place - static_cast<double>(k);
  return part == 0 ? low : low + (window.kth(k + 1) - low) * part;
}

// The share of the window that x, one of its rows, is not below: the mean rank of equal ones over the count.
template <class Window>
[[nodiscard]] double window_rank(const Window& window, double x) {
  const std::size_t below = window.below(x);
  const std::size_t equal = window.not_above(x) - below;
  return (static_cast<double>(below) + static_cast<double>(equal + 1) / 2) / static_cast<double>(window.count());
}

// The rank in a small window by counting: no order is kept.
class CountedWindow {
 public:
  static constexpr std::size_t kRows = 64;  // above, order is cheaper

  explicit CountedWindow(std::size_t n) : ring_(n, kNaN) {}
  void push(double x) {
    count_ = count_ + (is_nan(x) ? 0 : 1) - (is_nan(ring_[at_]) ? 0 : 1);
    ring_[at_] = x;
    at_ = at_ + 1 == ring_.size() ? 0 : at_ + 1;
  }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::size_t below(double x) const {
    std::size_t count = 0;
    for (const double value : ring_) count += value < x ? 1 : 0;
    return count;
  }
  [[nodiscard]] std::size_t not_above(double x) const {
    std::size_t count = 0;
    for (const double value : ring_) count += value <= x ? 1 : 0;
    return count;
  }
  void reset() {
    std::ranges::fill(ring_, kNaN);
    at_ = count_ = 0;
  }
  void persist(StateArchive& archive) { archive(ring_, at_, count_); }

 private:
  std::vector<double> ring_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
};

// Made<Order>(n, more...) with the order that is fastest for n rows.
template <template <class> class Made, class... More>
[[nodiscard]] std::unique_ptr<Kernel> make_ordered(std::size_t n, More... more) {
  if (n <= kArrayRows) return std::make_unique<Made<SortedArray>>(n, more...);
  return std::make_unique<Made<OrderTree>>(n, more...);
}

}  // namespace argosy::formula
