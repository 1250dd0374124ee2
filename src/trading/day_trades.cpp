#include "trading/day_trades.hpp"

#include <algorithm>
#include <numeric>

namespace argosy::trading {

void DayTrades::begin_session(std::int64_t day) {
  if (day == today_) return;
  today_ = day;
  std::rotate(counts_.begin(), counts_.end() - 1, counts_.end());
  counts_.front() = 0;
}

void DayTrades::on_fill(std::size_t instrument, std::int64_t day, bool opens) {
  begin_session(day);
  if (opens) {
    opened_[instrument] = day;
  } else if (opened_[instrument] == day) {
    opened_[instrument] = kNever;
    ++counts_.front();
    most_ = std::max(most_, count());
  }
}

int DayTrades::count() const { return std::accumulate(counts_.begin(), counts_.end(), 0); }

}  // namespace argosy::trading
