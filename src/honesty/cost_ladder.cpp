#include "honesty/cost_ladder.hpp"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace argosy::honesty {
namespace {

using backtest::Simulation;
using backtest::SimulationSettings;
using core::Rounding;

constexpr CostMultiple kMost = 100 * kAssumedCosts;
constexpr std::size_t kWork = 2'000'000;  // bars simulated to find the break-even
constexpr std::size_t kMostRuns = 12;

template <class Amount>
Amount times(Amount amount, CostMultiple multiple) {
  return core::scale(amount, multiple, kAssumedCosts, Rounding::kHalfEven);
}

trading::FeeSchedule scale_fees(const trading::FeeSchedule& fees, CostMultiple multiple) {
  if (multiple == 0 || fees.is_free()) return {};
  std::vector<trading::FeeItem> items = fees.items();
  for (trading::FeeItem& item : items) {
    for (trading::FeeRate& rate : item.rates) {
      // A share of another item grows with that.
      if (!item.share_of) rate.ratio = times(rate.ratio, multiple);
      rate.per_share = times(rate.per_share, multiple);
      rate.fixed = times(rate.fixed, multiple);
      rate.minimum = times(rate.minimum, multiple);
      if (rate.maximum) rate.maximum = times(*rate.maximum, multiple);
      if (rate.maximum_ratio) rate.maximum_ratio = times(*rate.maximum_ratio, multiple);
    }
  }
  return {fees.name(), fees.currency(), std::move(items)};
}

bool has_costs(const SimulationSettings& settings) {
  return !settings.engine.fees.is_free() || settings.exchange.slippage.kind != venue::SlippageKind::kNone ||
         !settings.exchange.interest.is_zero() || !settings.exchange.borrow.rate.is_zero();
}

// What the equity grew by, as a logarithm: nearly a straight line in the costs.
double growth(const Simulation& run) {
  const double ratio = run.equity.back().to_double() / run.initial_cash.to_double();
  return std::log(std::max(ratio, 1e-9));
}

CostRung rung_of(const Simulation& run, CostMultiple multiple) {
  return {.multiple = static_cast<double>(multiple) / kAssumedCosts,
          .total_return = run.equity.back().to_double() / run.initial_cash.to_double() - 1,
          .final_equity = run.equity.back(),
          .fees = run.fees,
          .trades = static_cast<std::int64_t>(run.trades.size())};
}

struct Point {
  CostMultiple multiple = 0;
  double growth = 0;
};

// Between a gain and a loss: by a straight line, and by halves where that moves only one end (Illinois).
class Bisection {
 public:
  Bisection(Point gain, Point loss, double close) : gain_(gain), loss_(loss), close_(close) {}

  [[nodiscard]] bool done() const {
    return loss_.multiple - gain_.multiple <= std::max<CostMultiple>(1, loss_.multiple / 200) || exact_;
  }
  [[nodiscard]] CostMultiple next() const {
    const double share = gain_.growth / (gain_.growth - loss_.growth);
    const auto width = static_cast<double>(loss_.multiple - gain_.multiple);
    return std::clamp(gain_.multiple + static_cast<CostMultiple>(std::llround(share * width)), gain_.multiple + 1,
                      loss_.multiple - 1);
  }
  void add(Point point) {
    exact_ = std::abs(point.growth) < close_;
    found_ = point.multiple;
    if (point.growth > 0) {
      gain_ = point;
      if (last_ > 0) loss_.growth /= 2;
      last_ = 1;
    } else {
      loss_ = point;
      if (last_ < 0) gain_.growth /= 2;
      last_ = -1;
    }
  }
  [[nodiscard]] double result() const {
    const double share = gain_.growth / (gain_.growth - loss_.growth);
    const double between =
        static_cast<double>(gain_.multiple) + share * static_cast<double>(loss_.multiple - gain_.multiple);
    return (exact_ ? static_cast<double>(found_) : between) / kAssumedCosts;
  }

 private:
  Point gain_;
  Point loss_;
  double close_;  // a growth that counts as none
  CostMultiple found_ = 0;
  int last_ = 0;
  bool exact_ = false;
};

class Ladder {
 public:
  Ladder(const SimulationSettings& settings, const RunWithCosts& run) : settings_(settings), run_(run) {}

  CostLadder climb(const Simulation& base) {
    CostLadder out;
    out.assumed = has_costs(settings_);
    const CostMultiple based_on = out.assumed ? kAssumedCosts : 0;
    if (!out.assumed) settings_.engine.fees = trading::FeeSchedule::percent(*core::Rate::parse("0.001"));
    std::array<Point, 4> points;
    out.rungs.resize(points.size());
    tbb::parallel_for(std::size_t{0}, points.size(), [&](std::size_t k) {
      const CostMultiple multiple = static_cast<CostMultiple>(k) * kAssumedCosts;
      const auto note = [&](const Simulation& run) {
        out.rungs[k] = rung_of(run, multiple);
        points[k] = {multiple, growth(run)};
      };
      if (multiple == based_on) return note(base);
      note(run_(scale_costs(settings_, multiple)));
    });
    runs_left_ = std::clamp<std::size_t>(kWork / base.keys.size(), 1, kMostRuns);
    if (!base.orders.empty()) find_break_even(points, out);
    return out;
  }

 private:
  [[nodiscard]] Point measure(CostMultiple multiple) {
    --runs_left_;
    return {multiple, growth(run_(scale_costs(settings_, multiple)))};
  }

  void find_break_even(std::span<const Point> points, CostLadder& out) {
    out.state = BreakEven::kNever;
    if (points.front().growth <= 0) return;
    Point gain = points.front();
    std::optional<Point> loss;
    for (const Point& point : points.subspan(1)) {
      if (point.growth > 0 && !loss) gain = point;
      if (point.growth <= 0 && !loss) loss = point;
    }
    out.state = BreakEven::kNotBelow;
    // The line through the last points says how far it is; twice as far there is a loss, or it is looked for further.
    Point before = points[points.size() - 2];
    while (!loss && gain.multiple < kMost && runs_left_ > 0) {
      const double fall = before.growth - gain.growth;
      const double steps = fall > 0 ? gain.growth / fall : 1e9;
      const auto width = static_cast<double>(gain.multiple - before.multiple);
      const double further = static_cast<double>(gain.multiple) + std::min(1.25 * steps * width, 1e9) + 1;
      const Point next = measure(std::min(kMost, static_cast<CostMultiple>(further)));
      if (next.growth <= 0) {
        loss = next;
      } else {
        before = gain;
        gain = next;
      }
    }
    if (!loss && gain.multiple < kMost) out.state = BreakEven::kBeyond;
    if (!loss) return;
    Bisection between(gain, *loss, points.front().growth / 1000);
    while (runs_left_ > 0 && !between.done()) between.add(measure(between.next()));
    out.state = BreakEven::kFound;
    out.break_even = between.result();
  }

  SimulationSettings settings_;
  const RunWithCosts& run_;
  std::size_t runs_left_ = 0;
};

}  // namespace

SimulationSettings scale_costs(const SimulationSettings& settings, CostMultiple multiple) {
  SimulationSettings out = settings;
  out.engine.fees = scale_fees(settings.engine.fees, multiple);
  venue::Slippage& slippage = out.exchange.slippage;
  slippage.amount = times(slippage.amount, multiple);
  slippage.ratio = times(slippage.ratio, multiple);
  if (multiple == 0) slippage = {};
  out.exchange.interest = times(out.exchange.interest, multiple);
  out.exchange.borrow.rate = times(out.exchange.borrow.rate, multiple);
  for (auto& [symbol, rate] : out.exchange.borrow.rates) rate = times(rate, multiple);
  return out;
}

CostLadder climb_costs(const SimulationSettings& settings, const Simulation& base, const RunWithCosts& run) {
  return Ladder(settings, run).climb(base);
}

}  // namespace argosy::honesty
