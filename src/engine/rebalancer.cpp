#include "engine/rebalancer.hpp"

#include <algorithm>
#include <cmath>

#include "market/bar.hpp"
#include "strategy/signals.hpp"

namespace argosy::engine {

using strategy::Rebalance;

namespace {

// A number that changes when a period begins.
std::int64_t period_of(const Rebalance& settings, std::int64_t key, std::int64_t instants) {
  if (settings.every == Rebalance::Every::kBars) return instants / settings.bars;
  const core::Date date = market::key_date(key);
  constexpr int kMonday = 3;  // 1970-01-01 was a Thursday
  if (settings.every == Rebalance::Every::kWeek) return (date.days() + kMonday) / 7;
  const std::int64_t month = date.year() * 12 + static_cast<std::int64_t>(date.month()) - 1;
  switch (settings.every) {
    case Rebalance::Every::kMonth:
      return month;
    case Rebalance::Every::kQuarter:
      return month / 3;
    default:
      return date.year();
  }
}

}  // namespace

bool Rebalancer::is_due(std::int64_t key) {
  const std::int64_t period = period_of(settings_, key, instants_++);
  const bool due = period != period_;
  period_ = period;
  return due;
}

bool Rebalancer::has_bar(trading::InstrumentIndex i) const {
  return std::ranges::find(bars_, i, &Pending::instrument) != bars_.end();
}

std::span<const trading::InstrumentIndex> Rebalancer::choose() {
  ranked_.clear();
  for (const Pending& bar : bars_) {
    const double rank = bar.row.columns[rank_column_][bar.row.row];
    if (std::isnan(rank) || (filters_ && (bar.signals & strategy::kBuy) == 0)) continue;
    ranked_.push_back({rank, bar.instrument});
  }
  const auto better = [](const Ranked& a, const Ranked& b) {
    return a.rank != b.rank ? a.rank > b.rank : a.instrument < b.instrument;
  };
  const auto most = std::min(ranked_.size(), static_cast<std::size_t>(settings_.hold));
  std::ranges::partial_sort(ranked_, ranked_.begin() + static_cast<std::ptrdiff_t>(most), better);
  chosen_.clear();
  for (std::size_t k = 0; k < most; ++k) chosen_.push_back(ranked_[k].instrument);
  return chosen_;
}

}  // namespace argosy::engine
