// Which instruments a portfolio should hold: when it is looked at, and the best by rank.
//
//   Rebalancer rebalancer(settings, rank_column, filters);
//   rebalancer.add(pending);                 // of every bar of an instant
//   if (rebalancer.is_due(key)) rebalancer.choose();
//   rebalancer.begin_next();                 // the instant is over
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/row.hpp"
#include "strategy/strategy_file.hpp"

namespace argosy::engine {

class Rebalancer {
 public:
  // `rank_column`: of the row's columns. `filters`: only instruments with a buy signal are ranked.
  Rebalancer(const strategy::Rebalance& settings, std::size_t rank_column, bool filters)
      : settings_(settings), rank_column_(rank_column), filters_(filters) {}

  // Other settings from now on; the period goes on.
  void change(const strategy::Rebalance& settings, std::size_t rank_column) {
    settings_ = settings;
    rank_column_ = rank_column;
  }
  void add(const Pending& bar) { bars_.push_back(bar); }
  // Whether a new period has begun since the last instant that was asked about: then its first close decides.
  [[nodiscard]] bool is_due(std::int64_t key);
  // The best instruments with a bar at this instant, the best first; of equals the one that is listed first. A rank
  // that is not known is none.
  [[nodiscard]] std::span<const trading::InstrumentIndex> choose();
  [[nodiscard]] bool has_bar(trading::InstrumentIndex i) const;
  void begin_next() { bars_.clear(); }

  // Bought up to the target as soon as what is sold has paid for it, or at the next close with what there is.
  std::vector<trading::InstrumentIndex> planned;
  core::Money target;

 private:
  struct Ranked {
    double rank = 0;
    trading::InstrumentIndex instrument = 0;
  };

  strategy::Rebalance settings_;
  std::size_t rank_column_;
  bool filters_;
  std::vector<Pending> bars_;
  std::vector<Ranked> ranked_;
  std::vector<trading::InstrumentIndex> chosen_;
  std::optional<std::int64_t> period_;
  std::int64_t instants_ = 0;
};

}  // namespace argosy::engine
