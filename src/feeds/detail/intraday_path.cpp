#include "feeds/detail/intraday_path.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/check.hpp"
#include "feeds/detail/arithmetic.hpp"

namespace argosy::feeds::detail {
namespace {

double square(double x) { return x * x; }

// What the path touches in the middle of a minute.
struct Touch {
  std::size_t minute;
  double price;
};

// When, on the clock of variance, a path that starts and ends so far below its high reaches it: the times it needs from
// either end are as the squares of the distances.
double touch_time(double from_start, double from_end, core::Rng& rng) {
  const double early = square(quick_bell(rng)) + square(quick_bell(rng)) + square(quick_bell(rng));
  const double late = square(quick_bell(rng)) + square(quick_bell(rng)) + square(quick_bell(rng));
  const double start = square(from_start) * late;
  const double end = square(from_end) * early;
  return start + end > 0 ? start / (start + end) : 0.5;
}

// High and low in the order of time, without those that open or close is already.
struct Touches {
  std::array<Touch, 2> at{};
  std::size_t count = 0;
};

Touches draw_touches(const TickBar& day, const DayShape& shape, core::Rng& rng) {
  const auto distance = [](std::int64_t a, std::int64_t b) { return static_cast<double>(a - b); };
  const double high_time = touch_time(distance(day.high, day.open), distance(day.high, day.close), rng);
  const double low_time = touch_time(distance(day.open, day.low), distance(day.close, day.low), rng);
  Touch high{.minute = shape.minute_at(high_time), .price = static_cast<double>(day.high)};
  Touch low{.minute = shape.minute_at(low_time), .price = static_cast<double>(day.low)};
  const bool needs_high = day.high != day.open && day.high != day.close;
  const bool needs_low = day.low != day.open && day.low != day.close;
  // On a day that rises the low mostly comes first.
  const bool usual_order = (high.minute > low.minute) == (day.close > day.open);
  const bool swaps = rng.uniform() < 0.7;
  if (needs_high && needs_low && !usual_order && swaps) std::swap(high.minute, low.minute);
  Touches touches;
  if (needs_high) touches.at[touches.count++] = high;
  if (needs_low) touches.at[touches.count++] = low;
  if (touches.count < 2 || shape.minutes() < 2) return touches;
  if (touches.at[1].minute < touches.at[0].minute) std::swap(touches.at[0], touches.at[1]);
  if (touches.at[1].minute == touches.at[0].minute) {
    (touches.at[1].minute + 1 < shape.minutes() ? ++touches.at[1].minute : --touches.at[0].minute);
  }
  return touches;
}

// The path of one day.
class DayPath {
 public:
  DayPath(const TickBar& day, const DayShape& shape, double loading, core::Rng& market, core::Rng& own)
      : day_(day),
        shape_(shape),
        loading_(loading),
        own_loading_(std::sqrt(1 - loading * loading)),
        low_(static_cast<double>(day.low)),
        high_(static_cast<double>(day.high)),
        // A Brownian motion's range is 1.6 of its standard deviations on average.
        deviation_((high_ - low_) * 0.63),
        market_(market),
        own_(own),
        touches_(draw_touches(day, shape, own)),
        price_(static_cast<double>(day.open)),
        last_(day.open) {}

  // The bar of the next minute without its volume; `shock` becomes the minute's move in its usual size.
  TickBar next(double& shock) {
    const std::size_t minute = minute_++;
    shock = loading_ * quick_bell(market_) + own_loading_ * quick_bell(own_);
    TickBar bar;
    bar.open = minute == 0 ? day_.open : first_trade();
    bar.high = bar.low = bar.open;
    double now = shape_.clock(minute);
    const double middle = 0.5 * (now + shape_.clock(minute + 1));
    // One session of a single minute has both.
    while (next_touch_ < touches_.count && touches_.at[next_touch_].minute == minute) {
      price_ = touches_.at[next_touch_++].price;
      now = middle;
      include(bar, nearest(price_));
    }
    step(now, minute, shock);
    bar.close = minute + 1 == shape_.minutes() ? day_.close : nearest(price_);
    include(bar, bar.close);
    wander(bar, shape_.clock(minute + 1) - shape_.clock(minute));
    last_ = bar.close;
    return bar;
  }

 private:
  static void include(TickBar& bar, std::int64_t price) {
    bar.high = std::max(bar.high, price);
    bar.low = std::min(bar.low, price);
  }

  // Mostly where the minute before ended, else a tick away.
  std::int64_t first_trade() {
    const std::uint64_t draw = own_.next() >> 61U;
    const std::int64_t tick = draw == 0 ? 1 : draw == 1 ? -1 : 0;
    return std::clamp(last_ + tick, day_.low, day_.high);
  }

  // Moves price_ from the time `now` to the end of the minute, on a bridge to what it must touch next.
  void step(double now, std::size_t minute, double shock) {
    const double end = shape_.clock(minute + 1);
    double target = static_cast<double>(day_.close);
    double target_time = 1;
    if (next_touch_ < touches_.count) {
      const Touch& touch = touches_.at[next_touch_];
      target = touch.price;
      target_time = 0.5 * (shape_.clock(touch.minute) + shape_.clock(touch.minute + 1));
    }
    const double left = target_time - now;
    const double time = end - now;
    if (left <= time) {  // the end of the day, but for rounding
      price_ = target;
      return;
    }
    price_ += (target - price_) * time / left + deviation_ * std::sqrt(time * (left - time) / left) * shock;
    // What would leave the day's range comes back into it.
    if (price_ > high_) price_ = high_ - (price_ - high_);
    if (price_ < low_) price_ = low_ + (low_ - price_);
    price_ = std::clamp(price_, low_, high_);
  }

  // Within the minute prices went further than to its open and close.
  void wander(TickBar& bar, double time) {
    const double variance = deviation_ * deviation_ * time;
    const auto move = static_cast<double>(bar.close - bar.open);
    const auto up = static_cast<std::int64_t>(highest_of_bridge(move, variance, quick_square_sum(own_)));
    const auto down = static_cast<std::int64_t>(highest_of_bridge(-move, variance, quick_square_sum(own_)));
    include(bar, std::min(bar.open + up, day_.high));
    include(bar, std::max(bar.open - down, day_.low));
  }

  const TickBar& day_;
  const DayShape& shape_;
  double loading_;
  double own_loading_;
  double low_;
  double high_;
  double deviation_;  // of a whole day
  core::Rng& market_;
  core::Rng& own_;
  Touches touches_;
  double price_;
  std::int64_t last_;
  std::size_t minute_ = 0;
  std::size_t next_touch_ = 0;
};

// Every minute has a share; the others go by weight, rounded so that nothing is lost.
void share_out_volume(std::int64_t volume, const std::vector<double>& weights, std::vector<TickBar>& minutes) {
  const std::int64_t rest = volume - static_cast<std::int64_t>(minutes.size());
  ARGOSY_CHECK(rest >= 0, "{} shares for {} minutes", volume, minutes.size());
  double total = 0;
  for (const double weight : weights) total += weight;
  double sum = 0;
  std::int64_t given = 0;
  for (std::size_t i = 0; i < minutes.size(); ++i) {
    sum += weights[i];
    const bool last = i + 1 == minutes.size();
    const std::int64_t until = last ? rest : static_cast<std::int64_t>(static_cast<double>(rest) * (sum / total));
    minutes[i].volume = 1 + until - given;
    given = until;
  }
}

}  // namespace

DayShape::DayShape(std::size_t minutes, bool flat) {
  ARGOSY_CHECK(minutes > 0, "a session without a minute");
  std::vector<double> variance;
  double total = 0;
  for (std::size_t i = 0; i < minutes; ++i) {
    const double place = (static_cast<double>(i) + 0.5) / static_cast<double>(minutes);
    const double edge = square(2 * place - 1);
    const double early = square(square(1 - place)) * square(1 - place);
    const double late = square(square(place)) * square(place);
    variance.push_back(flat ? 1 : 0.55 + 1.1 * edge + 1.5 * early);
    volume_.push_back(flat ? 1 : 0.5 + 1.1 * edge + 1.0 * early + 1.2 * late);
    total += variance.back();
  }
  clock_.push_back(0);
  double sum = 0;
  for (const double part : variance) {
    sum += part;
    clock_.push_back(sum / total);
  }
  clock_.back() = 1;
}

std::size_t DayShape::minute_at(double clock) const {
  const auto after = std::upper_bound(clock_.begin(), clock_.end(), clock);
  const auto index = static_cast<std::size_t>(after - clock_.begin());
  return std::min(std::max<std::size_t>(index, 1) - 1, minutes() - 1);
}

void fill_day(const TickBar& day, const DayShape& shape, double loading, core::Rng market, core::Rng own,
              std::vector<TickBar>& out) {
  out.clear();
  std::vector<double> weights;
  weights.reserve(shape.minutes());
  DayPath path(day, shape, loading, market, own);
  for (std::size_t minute = 0; minute < shape.minutes(); ++minute) {
    double shock = 0;
    out.push_back(path.next(shock));
    // Minutes that move trade more.
    weights.push_back(shape.volume(minute) * (0.3 + 0.4 * square(shock) + 0.6 * own.uniform()));
  }
  share_out_volume(day.volume, weights, out);
}

TickBar join(std::span<const TickBar> bars) {
  TickBar out = bars.front();
  for (const TickBar& bar : bars.subspan(1)) {
    out.high = std::max(out.high, bar.high);
    out.low = std::min(out.low, bar.low);
    out.volume += bar.volume;
  }
  out.close = bars.back().close;
  return out;
}

}  // namespace argosy::feeds::detail
