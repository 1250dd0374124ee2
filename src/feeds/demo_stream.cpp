#include "feeds/demo_stream.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/check.hpp"
#include "core/limits.hpp"
#include "feeds/detail/arithmetic.hpp"
#include "feeds/detail/name_number.hpp"

namespace argosy::feeds {
namespace {

// Walks stay between these, so that a bid is a tick at least and every price can be stored.
constexpr double kFewestTicks = 2;
constexpr double kHighestPrice = 100'000'000;
static_assert(kHighestPrice * 1e9 < static_cast<double>(core::limits::kPriceUnits));
// The largest part of its price by which a quote may move: it stays positive.
constexpr double kLargestMove = 0.5;

// How long the exchange is open in the year after a date, and how often it opens.
struct Open {
  core::Duration time{0};
  std::size_t sessions = 0;
};
Open open_in_a_year(const market::Calendar& calendar, core::Date from) {
  const std::vector<core::Date> dates = calendar.sessions(from, from.plus_days(364));
  Open open{.sessions = dates.size()};
  for (const core::Date date : dates) {
    const market::Session session = *calendar.session(date);
    open.time += session.close - session.open;
  }
  return open;
}

}  // namespace

DemoStream::DemoStream(const DemoMarket& market, const market::Calendar& calendar, DemoStreamOptions options)
    : market_(market), calendar_(calendar), options_(std::move(options)) {
  ARGOSY_CHECK(options_.quote_interval >= std::chrono::milliseconds{1}, "a quote every {} ns",
               options_.quote_interval.count());
  begin_session(calendar_.session_from(options_.start));
  const Open open = open_in_a_year(calendar_, session_.date);
  intervals_a_year_ = static_cast<double>(open.time.count()) / static_cast<double>(options_.quote_interval.count());
  intervals_a_session_ = intervals_a_year_ / static_cast<double>(open.sessions);
}

std::uint32_t DemoStream::add(std::string_view symbol) {
  if (const auto found = places_.find(symbol); found != places_.end()) return found->second;
  const auto place = static_cast<std::uint32_t>(symbols_.size());
  const DemoStock& row = market_.row(symbol);
  const auto start = options_.start_prices.find(symbol);
  const core::Price price = start == options_.start_prices.end() ? row.base_price : start->second;
  core::Rng rng = core::Rng(options_.seed).fork(detail::name_number(symbol));
  Walk walk{.rng = rng.fork(1),
            .volume_rng = rng.fork(2),
            .phase = core::Duration{static_cast<std::int64_t>(
                rng.below(static_cast<std::uint64_t>(options_.quote_interval.count())))},
            .ticks = static_cast<double>(price.units()) / static_cast<double>(market_.tick.units()),
            .step = row.volatility / 100 / std::sqrt(intervals_a_year_),
            .spread = market_.spread_basis_points / 10'000,
            .volume = row.daily_volume / intervals_a_session_,
            .symbol = place};
  symbols_.emplace_back(symbol);
  places_.emplace(symbol, place);
  if (next_ == 0) {
    walks_.push_back(walk);
    sorted_ = false;
    return place;
  }
  // What was given stays given: a new one behind it has its turn in this round, one before it in the next.
  const auto at =
      std::ranges::lower_bound(walks_, walk, [this](const Walk& a, const Walk& b) { return is_before(a, b); });
  if (static_cast<std::size_t>(at - walks_.begin()) < next_) ++next_;
  walks_.insert(at, walk);
  return place;
}

bool DemoStream::is_before(const Walk& a, const Walk& b) const {
  if (a.phase != b.phase) return a.phase < b.phase;
  return symbols_[a.symbol] < symbols_[b.symbol];
}

void DemoStream::begin_session(const market::Session& session) {
  session_ = session;
  next_ = 0;
  round_ = session_.open;
  // In the middle of a session the rounds are those of one that was followed from its opening.
  if (options_.start > round_) round_ += (options_.start - round_) / options_.quote_interval * options_.quote_interval;
}

market::Quote DemoStream::quote(Walk& walk, core::Timestamp time) const {
  const double bell = detail::quick_bell(walk.rng);
  walk.ticks *= 1 + std::clamp(walk.step * bell, -kLargestMove, kLargestMove);
  const double most = kHighestPrice * 1e9 / static_cast<double>(market_.tick.units());
  walk.ticks = std::clamp(walk.ticks, kFewestTicks, most);
  const std::int64_t spread = std::max<std::int64_t>(1, detail::nearest(walk.ticks * walk.spread));
  const std::int64_t bid = std::max<std::int64_t>(1, detail::nearest(walk.ticks - 0.5 * static_cast<double>(spread)));
  const core::Price tick = market_.tick;
  const core::Price low = tick * bid;
  const core::Price high = tick * (bid + spread);
  // A price that rose was paid at the ask.
  return {.time = time,
          .bid = low,
          .ask = high,
          .last = bell > 0 ? high : low,
          .source = market::PriceSource::kSimulated,
          .volume = std::floor(walk.volume * 2 * walk.volume_rng.uniform() + 0.5)};
}

std::optional<FeedEvent> DemoStream::next() {
  if (walks_.empty()) return std::nullopt;
  if (!sorted_) {
    std::ranges::sort(walks_, [this](const Walk& a, const Walk& b) { return is_before(a, b); });
    sorted_ = true;
  }
  while (true) {
    if (next_ == walks_.size()) {
      next_ = 0;
      round_ += options_.quote_interval;
    }
    Walk& walk = walks_[next_];
    const core::Timestamp time = round_ + walk.phase;
    // Later ones of this round are behind the close too.
    if (time >= session_.close) {
      begin_session(calendar_.session_from(session_.close));
      continue;
    }
    ++next_;
    if (time < options_.start) continue;
    return FeedEvent{.time = time, .symbol = walk.symbol, .what = quote(walk, time)};
  }
}

}  // namespace argosy::feeds
