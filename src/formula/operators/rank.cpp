// Order statistics of a window: median, quantile, rank.
#include "formula/operators/counted_rank.hpp"
#include "formula/operators/order_window.hpp"
#include "formula/operators/registry.hpp"

namespace argosy::formula {
namespace {

template <class Order>
struct Quantile final : Kernel {
  Quantile(std::size_t rows, double share) : n(rows), place(n, share), window(rows) {}
  void run(const Chunk& chunk) override {
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      window.push(chunk.in[0][i]);
      chunk.out[0][i] = window.count() == n ? clean(place.of(window)) : kNaN;
    }
  }
  void reset() override { window.reset(); }
  void persist(StateArchive& archive) override { archive(window); }

  std::size_t n;
  QuantilePlace place;
  OrderWindow<Order> window;
};

template <class Order>
struct Rank final : Kernel {
  explicit Rank(std::size_t rows) : n(rows), window(rows) {}
  void run(const Chunk& chunk) override {
    for (std::size_t i = 0; i < chunk.rows; ++i) {
      window.push(chunk.in[0][i]);
      chunk.out[0][i] = window.count() == n ? window_rank(window, chunk.in[0][i]) : kNaN;
    }
  }
  void reset() override { window.reset(); }
  void persist(StateArchive& archive) override { archive(window); }

  std::size_t n;
  OrderWindow<Order> window;
};

std::unique_ptr<Kernel> make_quantile(Arguments arguments) {
  return make_ordered<Quantile>(static_cast<std::size_t>(arguments[0]), arguments[1]);
}
std::unique_ptr<Kernel> make_median(Arguments arguments) {
  return make_ordered<Quantile>(static_cast<std::size_t>(arguments[0]), 0.5);
}
std::unique_ptr<Kernel> make_rank(Arguments arguments) {
  const auto n = static_cast<std::size_t>(arguments[0]);
  if (n <= CountedRank::kRows) return std::make_unique<CountedRank>(n, n);
  return make_ordered<Rank>(n);
}

Operator order(std::string_view name, std::unique_ptr<Kernel> (*make)(Arguments), std::string_view meaning,
               std::string_view source) {
  return {.name = name,
          .family = "rank",
          .parameters = {{"x"}, {"n", ParameterKind::kInteger}},
          .memory = Memory::kWindow,
          .cost = Cost::kLogarithmic,
          .lookback = window_lookback,
          .make = make,
          .meaning = meaning,
          .warm_up = "n - 1 rows",
          .source = source};
}

}  // namespace

std::vector<Operator> rank_operators() {
  std::vector<Operator> all = {
      order("median", make_median,
            "The middle of the last n rows in order of size, or the mean of the two middle ones.",
            "pandas rolling.median"),
      order(
          "quantile", make_quantile,
          "The value below which the share q of the last n rows lies: that at place (n - 1) q of the rows in order of "
          "size, the first at place 0, linear between two of them.",
          "pandas rolling.quantile"),
      order("rank", make_rank,
            "The share of the last n rows that are not above x, in (0, 1]: the rank of x among them, from 1, over n. "
            "Equal ones share the mean of their ranks.",
            "pandas rolling.rank with pct=True"),
  };
  all[1].parameters.push_back(
      {.name = "q", .kind = ParameterKind::kNumber, .standard = 0.5, .minimum = 0, .maximum = 1});
  return all;
}

}  // namespace argosy::formula
