#include "honesty/detail/cut_data.hpp"

#include <algorithm>
#include <limits>

#include "core/check.hpp"
#include "market/calendar.hpp"

namespace argosy::honesty::detail {
namespace {

using backtest::Feed;
using backtest::MarketData;
using backtest::OtherSymbols;
using backtest::RateSeries;
using core::Price;

// A formula or an order that looks further ahead sees that the bars have ended.
constexpr std::size_t kRowsAhead = 300;

std::size_t rows_to(const market::BarColumns& bars, std::int64_t last_key) {
  return static_cast<std::size_t>(std::ranges::upper_bound(bars.key, last_key) - bars.key.begin());
}

void shorten(market::BarColumns& bars, std::size_t rows) {
  if (rows >= bars.size()) return;
  bars.key.resize(rows);
  for (auto* column : {&bars.open, &bars.high, &bars.low, &bars.close}) column->resize(rows);
  bars.volume.resize(rows);
  if (!bars.vwap.empty()) bars.vwap.resize(rows);
  bars.source.resize(std::min(rows, bars.source.size()));
}

// The copy becomes the first `rows` rows of the whole. It holds no fewer real ones than that.
void shorten(data::SymbolData& copy, const data::SymbolData& whole, std::int64_t last_key) {
  const std::size_t rows = rows_to(whole.bars, last_key);
  ARGOSY_CHECK(copy.bars.size() >= rows, "{} of {} rows were cut before", copy.bars.size(), rows);
  shorten(copy.bars, rows);
  copy.factors.price.resize(std::min(rows, copy.factors.price.size()));
  copy.factors.split.resize(std::min(rows, copy.factors.split.size()));
  copy.actions = whole.actions;
  const core::Date last = market::key_date(last_key);
  std::erase_if(copy.actions, [&](const market::CorporateAction& action) { return action.ex_date > last; });
}

market::Bar any_bar(std::int64_t key, Price around, core::Rng& rng) {
  const auto any = [&] {
    return core::scale(around, static_cast<std::int64_t>(500 + rng.below(1500)), 1000, core::Rounding::kCeiling);
  };
  market::Bar bar{.key = key, .open = any(), .close = any()};
  bar.high = std::max({bar.open, bar.close, any()});
  bar.low = std::min({bar.open, bar.close, any()});
  const std::uint64_t volume = rng.below(1'000'000);
  bar.volume = volume % 8 == 0   ? 0
               : volume % 8 == 1 ? std::numeric_limits<double>::quiet_NaN()
                                 : static_cast<double>(volume);
  bar.vwap = ((bar.high + bar.low).to_double()) / 2;
  return bar;
}

Price last_price(const market::BarColumns& bars) {
  return bars.empty() || !bars.close.back().is_positive() ? Price::from_integer(100) : bars.close.back();
}

// Bars that never were, at the real times.
void append_any(market::BarColumns& bars, const market::BarColumns& whole, std::size_t rows, core::Rng& rng) {
  const bool with_source = bars.source.size() == bars.size();
  const bool with_vwap = !whole.vwap.empty();
  const Price around = last_price(bars);
  for (std::size_t row = bars.size(); row < rows; ++row) {
    const market::Bar bar = any_bar(whole.key[row], around, rng);
    bars.key.push_back(bar.key);
    bars.open.push_back(bar.open);
    bars.high.push_back(bar.high);
    bars.low.push_back(bar.low);
    bars.close.push_back(bar.close);
    bars.volume.push_back(bar.volume);
    if (with_vwap) bars.vwap.push_back(bar.vwap);
    if (with_source) bars.source.push_back(bar.source);
  }
}

void append_any(data::SymbolData& copy, const data::SymbolData& whole, core::Rng& rng) {
  const std::size_t kept = copy.bars.size();
  const std::size_t rows = std::min(whole.bars.size(), kept + kRowsAhead);
  if (rows == kept) return;
  const Price around = last_price(copy.bars);
  append_any(copy.bars, whole.bars, rows, rng);
  // A split before the first of them and a dividend before the last, unless that day has begun.
  const core::Date last = kept > 0 ? market::key_date(copy.bars.key[kept - 1]) : core::Date();
  const core::Date split = market::key_date(copy.bars.key[kept]);
  const core::Date dividend = market::key_date(copy.bars.key.back());
  if (kept > 0 && split > last)
    copy.actions.push_back({.ex_date = split, .kind = market::ActionKind::kSplit, .numerator = 3, .denominator = 2});
  if (kept > 0 && dividend > split)
    copy.actions.push_back({.ex_date = dividend,
                            .kind = market::ActionKind::kDividend,
                            .amount = core::scale(around, 1, 50, core::Rounding::kCeiling)});
  const auto append_factors = [&](std::vector<double>& factors) {
    if (factors.size() != kept) return;
    const double before = kept > 0 ? factors.back() : 1.0;
    factors.resize(rows, before * 1.5);
  };
  append_factors(copy.factors.price);
  append_factors(copy.factors.split);
}

std::int64_t closing(const data::SymbolData& symbol, std::int64_t key) {
  const auto calendar = market::find_calendar(symbol.instrument.exchange);
  ARGOSY_CHECK(calendar.has_value(), "exchange {}", symbol.instrument.exchange);
  return (*calendar)->closing_instant(key, symbol.timeframe).time_since_epoch().count();
}

// The bars up to a key, with room for those that never were.
data::SymbolData copy_to(const data::SymbolData& whole, std::int64_t last_key) {
  const std::size_t rows = rows_to(whole.bars, last_key);
  const auto copy = [&]<class Value>(const std::vector<Value>& from) {
    std::vector<Value> out;
    const std::size_t count = std::min(rows, from.size());
    out.reserve(count + kRowsAhead);
    out.assign(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
    return out;
  };
  return {.instrument = whole.instrument,
          .timeframe = whole.timeframe,
          .bars = {.key = copy(whole.bars.key),
                   .open = copy(whole.bars.open),
                   .high = copy(whole.bars.high),
                   .low = copy(whole.bars.low),
                   .close = copy(whole.bars.close),
                   .volume = copy(whole.bars.volume),
                   .vwap = copy(whole.bars.vwap),
                   .source = copy(whole.bars.source)},
          .actions = whole.actions,
          .factors = {.price = copy(whole.factors.price), .split = copy(whole.factors.split)},
          .content_hash = whole.content_hash};
}

}  // namespace

CutData::CutData(const MarketData& market, const OtherSymbols& others, std::int64_t last_key)
    : whole_(market),
      market_{.symbols = {},
              .detail = market.detail,
              .rates = market.rates,
              .timeframe = market.timeframe,
              .fill_timeframe = market.fill_timeframe,
              .currency = market.currency},
      kept_(market.symbols.size()) {
  for (const data::SymbolData& symbol : market.symbols) market_.symbols.push_back(copy_to(symbol, last_key));
  for (const auto& other : others) {
    whole_others_.push_back(other.get());
    own_others_.push_back(std::make_shared<data::SymbolData>(copy_to(*other, last_key)));
    others_.push_back(own_others_.back());
  }
}

void CutData::truncate(std::int64_t last_key) {
  for (std::size_t i = 0; i < market_.symbols.size(); ++i) shorten(market_.symbols[i], whole_.symbols[i], last_key);
  for (std::size_t i = 0; i < own_others_.size(); ++i) shorten(*own_others_[i], *whole_others_[i], last_key);
  first_cut_key_ = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < market_.symbols.size(); ++i) {
    const std::vector<std::int64_t>& keys = whole_.symbols[i].bars.key;
    if (const std::size_t rows = market_.symbols[i].bars.size(); rows < keys.size())
      first_cut_key_ = std::min(first_cut_key_, keys[rows]);
  }
  // Finer bars belong to the bar in which they lie.
  for (std::size_t i = 0; i < market_.detail.size(); ++i)
    shorten(market_.detail[i], whole_.detail[i], first_cut_key_ - 1);
  market_.rates = whole_.rates;
  if (first_cut_key_ != std::numeric_limits<std::int64_t>::max()) {
    // A rate holds from the day after it on.
    const std::int64_t today = market::date_key(market::key_date(first_cut_key_));
    for (RateSeries& series : market_.rates) {
      const auto rows = std::ranges::lower_bound(series.keys, today) - series.keys.begin();
      series.keys.resize(static_cast<std::size_t>(rows));
      series.rates.resize(static_cast<std::size_t>(rows));
    }
  }
  note_kept();
}

void CutData::perturb(std::int64_t last_key, core::Rng rng) {
  truncate(last_key);
  for (std::size_t i = 0; i < market_.symbols.size(); ++i) append_any(market_.symbols[i], whole_.symbols[i], rng);
  for (std::size_t i = 0; i < own_others_.size(); ++i) append_any(*own_others_[i], *whole_others_[i], rng);
  for (std::size_t i = 0; i < market_.detail.size(); ++i) append_any(market_.detail[i], whole_.detail[i], rng);
}

void CutData::note_kept() {
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  const auto add = [&](const data::SymbolData& copy, const data::SymbolData& whole) {
    const std::size_t rows = copy.bars.size();
    if (rows < whole.bars.size()) first = std::min(first, closing(whole, whole.bars.key[rows]));
  };
  for (std::size_t i = 0; i < market_.symbols.size(); ++i) add(market_.symbols[i], whole_.symbols[i]);
  for (std::size_t i = 0; i < own_others_.size(); ++i) add(*own_others_[i], *whole_others_[i]);
  for (std::size_t i = 0; i < market_.symbols.size(); ++i) {
    const data::SymbolData& symbol = market_.symbols[i];
    kept_[i] = symbol.bars.size();
    while (kept_[i] > 0 && closing(symbol, symbol.bars.key[kept_[i] - 1]) >= first) --kept_[i];
  }
}

Curtain::Curtain(std::span<const Feed> feeds, core::Rng rng) {
  const auto cover = [&](const data::SymbolData& whole) {
    data::SymbolData out{.instrument = whole.instrument,
                         .timeframe = whole.timeframe,
                         .bars = {},
                         .actions = whole.actions,
                         .factors = {std::vector<double>(whole.factors.price.size(), 1.5),
                                     std::vector<double>(whole.factors.split.size(), 1.5)},
                         .content_hash = {}};
    out.bars.source = whole.bars.source;
    const bool with_source = !out.bars.source.empty();
    append_any(out.bars, whole.bars, whole.bars.size(), rng);
    if (with_source) out.bars.source = whole.bars.source;
    return out;
  };
  for (const Feed& feed : feeds) {
    Covered covered{.feed = &feed, .data = cover(*feed.data), .detail = {}, .signals = {}, .columns = {}};
    if (feed.detail != nullptr) covered.detail = cover(*feed.detail);
    for (std::size_t row = 0; row < feed.signals.size(); ++row)
      covered.signals.push_back(static_cast<std::uint8_t>(rng.below(16)));
    covered.columns.assign(feed.columns.size(),
                           std::vector<double>(feed.signals.size(), std::numeric_limits<double>::quiet_NaN()));
    covered_.push_back(std::move(covered));
  }
}

std::vector<Feed> Curtain::feeds() const {
  std::vector<Feed> out;
  for (const Covered& covered : covered_)
    out.push_back({.data = &covered.data,
                   .signals = covered.signals,
                   .columns = covered.columns,
                   .detail = covered.feed->detail == nullptr ? nullptr : &covered.detail});
  return out;
}

void Curtain::uncover(std::int64_t key) {
  const auto show = [](market::BarColumns& bars, const market::BarColumns& whole, std::size_t row) {
    bars.open[row] = whole.open[row];
    bars.high[row] = whole.high[row];
    bars.low[row] = whole.low[row];
    bars.close[row] = whole.close[row];
    bars.volume[row] = whole.volume[row];
    if (!whole.vwap.empty()) bars.vwap[row] = whole.vwap[row];
  };
  for (Covered& covered : covered_) {
    const data::SymbolData& whole = *covered.feed->data;
    std::size_t& row = covered.row;
    for (; row < whole.bars.size() && whole.bars.key[row] <= key; ++row) {
      show(covered.data.bars, whole.bars, row);
      if (!whole.factors.price.empty()) covered.data.factors.price[row] = whole.factors.price[row];
      if (!whole.factors.split.empty()) covered.data.factors.split[row] = whole.factors.split[row];
      covered.signals[row] = covered.feed->signals[row];
      for (std::size_t k = 0; k < covered.columns.size(); ++k) covered.columns[k][row] = covered.feed->columns[k][row];
    }
    if (covered.feed->detail == nullptr) continue;
    const market::BarColumns& fine = covered.feed->detail->bars;
    const std::int64_t until = row < whole.bars.size() ? whole.bars.key[row] : std::numeric_limits<std::int64_t>::max();
    for (; covered.fine < fine.size() && fine.key[covered.fine] < until; ++covered.fine)
      show(covered.detail.bars, fine, covered.fine);
  }
}

}  // namespace argosy::honesty::detail
