#include "market/quality.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/check.hpp"
#include "core/limits.hpp"
#include "core/text.hpp"

namespace argosy::market {
namespace {

constexpr std::array<std::pair<QualityRule, std::string_view>, 12> kNames = {{
    {QualityRule::kUnreadable, "unreadable"},
    {QualityRule::kHighBelowLow, "high_below_low"},
    {QualityRule::kOutsideRange, "outside_range"},
    {QualityRule::kNotPositive, "not_positive"},
    {QualityRule::kConflictingDuplicate, "conflicting_duplicate"},
    {QualityRule::kJump, "jump"},
    {QualityRule::kStale, "stale"},
    {QualityRule::kOddVolume, "odd_volume"},
    {QualityRule::kUnitFlip, "unit_flip"},
    {QualityRule::kGap, "gap"},
    {QualityRule::kOutsideSession, "outside_session"},
    {QualityRule::kAfterDelisting, "after_delisting"},
}};

// How many bars before it a volume is compared with.
constexpr std::size_t kVolumeWindow = 20;

bool same_value(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

// One pass over the bars of a symbol; each method looks at one rule.
class OddFinder {
 public:
  OddFinder(const BarColumns& bars, Timeframe timeframe, const Calendar& calendar,
            std::span<const CorporateAction> actions, const QualitySettings& settings)
      : bars_(bars), timeframe_(timeframe), calendar_(calendar), settings_(settings) {
    for (const CorporateAction& action : actions) {
      if (action.kind == ActionKind::kDelisting) delisted_ = action.ex_date;
      if (action.kind != ActionKind::kSplit) continue;
      splits_.push_back({ex_key(action.ex_date, timeframe, calendar),
                         static_cast<double>(action.numerator) / static_cast<double>(action.denominator)});
    }
  }

  std::vector<QualityFinding> find() {
    for (std::size_t row = 0; row < bars_.size(); ++row) {
      if (row > 0) look_at_jump(row);
      look_at_stale(row);
      if (row >= kVolumeWindow) look_at_volume(row);
      if (row > 0) look_at_gap(row);
      look_at_session(row);
    }
    if (delisted_) look_after(*delisted_);
    std::ranges::sort(found_, [](const QualityFinding& a, const QualityFinding& b) {
      return std::pair(a.key, a.rule) < std::pair(b.key, b.rule);
    });
    return std::move(found_);
  }

 private:
  struct Split {
    std::int64_t key;
    double ratio;
  };

  void add(QualityRule rule, std::size_t row, std::string detail) {
    found_.push_back({rule, bars_.key[row], std::move(detail)});
  }

  [[nodiscard]] double split_ratio(std::size_t row) {
    double ratio = 1;
    for (; next_split_ < splits_.size() && splits_[next_split_].key <= bars_.key[row]; ++next_split_) {
      if (splits_[next_split_].key > bars_.key[row - 1]) ratio *= splits_[next_split_].ratio;
    }
    return ratio;
  }

  void look_at_jump(std::size_t row) {
    const double split = split_ratio(row);
    if (!bars_.close[row - 1].is_positive() || !bars_.close[row].is_positive()) return;
    const double change = bars_.close[row].to_double() / bars_.close[row - 1].to_double() * split;
    // A fall counts as much as the rise that undoes it, so that a 2:1 split nobody recorded is found.
    const double size = std::max(change, 1 / change) - 1;
    // Most bars are far from either rule.
    if (size <= std::min(settings_.jump_ratio, 0.5)) return;
    const auto text = [&] {
      return fmt::format("close {} after {}{}", bars_.close[row].to_string(), bars_.close[row - 1].to_string(),
                         split == 1 ? "" : fmt::format(" and a split of {}", core::format_double(split)));
    };
    for (const double unit : {100.0, 0.01, 1000.0, 0.001}) {
      if (std::abs(change / unit - 1) <= settings_.unit_ratio_tolerance) {
        return add(QualityRule::kUnitFlip, row, fmt::format("{}: times {}", text(), core::format_double(unit)));
      }
    }
    if (size > settings_.jump_ratio) {
      add(QualityRule::kJump, row, fmt::format("{}: {:+.1f} %", text(), (change - 1) * 100));
    }
  }

  void look_at_stale(std::size_t row) {
    const bool goes_on = row > stale_start_ && bars_.open[row] == bars_.open[row - 1] &&
                         bars_.high[row] == bars_.high[row - 1] && bars_.low[row] == bars_.low[row - 1] &&
                         bars_.close[row] == bars_.close[row - 1];
    if (!goes_on) {
      end_stale_run(row);
      stale_start_ = row;
    }
    if (row + 1 == bars_.size()) end_stale_run(row + 1);
  }

  void end_stale_run(std::size_t end) {
    if (static_cast<std::int64_t>(end - stale_start_) < std::max<std::int64_t>(settings_.stale_bars, 2)) return;
    for (std::size_t row = stale_start_; row < end; ++row) {
      add(QualityRule::kStale, row,
          fmt::format("bar {} of {} with the same prices, close {}", row - stale_start_ + 1, end - stale_start_,
                      bars_.close[row].to_string()));
    }
  }

  void look_at_volume(std::size_t row) {
    const double limit = bars_.volume[row] / settings_.volume_ratio;
    const auto first = bars_.volume.begin() + static_cast<std::ptrdiff_t>(row - kVolumeWindow);
    const auto last = first + kVolumeWindow;
    // The median lies below the limit only when half the volumes do, which is rare: no need to sort for the others.
    const auto below = std::count_if(first, last, [limit](double volume) { return volume < limit; });
    if (below < static_cast<std::ptrdiff_t>(kVolumeWindow / 2)) return;
    std::array<double, kVolumeWindow> window{};
    std::copy(first, last, window.begin());
    std::ranges::sort(window);
    const double median = (window[kVolumeWindow / 2 - 1] + window[kVolumeWindow / 2]) / 2;
    if (!(median > 0) || !(median < limit)) return;
    add(QualityRule::kOddVolume, row,
        fmt::format("volume {} is {:.0f} times the median of {} before", core::format_double(bars_.volume[row]),
                    bars_.volume[row] / median, core::format_double(median)));
  }

  void look_at_gap(std::size_t row) {
    if (timeframe_.is_intraday()) return look_at_intraday_gap(row);
    core::Date from = key_date(bars_.key[row - 1]);
    core::Date to = key_date(bars_.key[row]);
    if (timeframe_.unit() == TimeframeUnit::kDay) {
      from = from.plus_days(1);
    } else {  // the dates between the end of one week or month and the start of the other
      from =
          key_date(ex_key(from, timeframe_, calendar_)).plus_days(timeframe_.unit() == TimeframeUnit::kWeek ? 7 : 31);
      from = key_date(ex_key(from, timeframe_, calendar_));
      to = key_date(ex_key(to, timeframe_, calendar_));
    }
    if (from >= to) return;
    const std::vector<core::Date> missing = calendar_.sessions(from, to.plus_days(-1));
    if (missing.empty()) return;
    add(QualityRule::kGap, row,
        fmt::format("no bar for {} session{} from {} to {}", missing.size(), missing.size() == 1 ? "" : "s",
                    missing.front().to_string(), missing.back().to_string()));
  }

  // Counts the time of sessions between the end of one bar and the start of the next.
  void look_at_intraday_gap(std::size_t row) {
    const core::Timestamp from = key_instant(bars_.key[row - 1]) + timeframe_.nominal();
    const core::Timestamp to = key_instant(bars_.key[row]);
    if (from >= to) return;
    core::Duration missing{0};
    const core::Date last = calendar_.local_date(to);
    for (core::Date date = calendar_.local_date(from); date <= last; date = date.plus_days(1)) {
      const auto session = calendar_.session(date);
      if (!session) continue;
      missing += std::max(core::Duration{0}, std::min(to, session->close) - std::max(from, session->open));
    }
    const std::int64_t count = missing / timeframe_.nominal();
    if (count == 0) return;
    add(QualityRule::kGap, row,
        fmt::format("no bar for {} x {} of session time from {}", count, timeframe_.to_string(),
                    core::format_rfc3339(from)));
  }

  void look_at_session(std::size_t row) {
    // The keys of weeks and months differ from source to source: some take the first day, session or not.
    if (!timeframe_.is_intraday() && timeframe_.unit() != TimeframeUnit::kDay) return;
    const core::Timestamp time = key_instant(bars_.key[row]);
    if (timeframe_.is_intraday() && time >= session_.open && time < session_.close) return;
    const core::Date date = timeframe_.is_intraday() ? calendar_.local_date(time) : core::utc_date(time);
    if (const auto session = calendar_.session(date)) {
      session_ = *session;
      return;
    }
    add(QualityRule::kOutsideSession, row, fmt::format("{} has no session on {}", calendar_.name(), date.to_string()));
  }

  void look_after(core::Date last) {
    const core::Date next = last.plus_days(1);
    const std::int64_t end =
        timeframe_.is_intraday() ? calendar_.local_midnight(next).time_since_epoch().count() : date_key(next);
    const auto first = std::ranges::lower_bound(bars_.key, end);
    for (auto row = static_cast<std::size_t>(first - bars_.key.begin()); row < bars_.size(); ++row)
      add(QualityRule::kAfterDelisting, row, fmt::format("traded for the last time on {}", last.to_string()));
  }

  const BarColumns& bars_;
  Timeframe timeframe_;
  const Calendar& calendar_;
  const QualitySettings& settings_;
  std::vector<Split> splits_;
  std::size_t next_split_ = 0;
  std::optional<core::Date> delisted_;  // its last date
  std::size_t stale_start_ = 0;
  Session session_;  // of the last bar that was looked up
  std::vector<QualityFinding> found_;
};

}  // namespace

std::string_view to_string(QualityRule rule) {
  for (const auto& [known, name] : kNames) {
    if (known == rule) return name;
  }
  ARGOSY_CHECK(false, "quality rule {}", static_cast<int>(rule));
}

core::Result<QualityRule> parse_quality_rule(std::string_view text) {
  for (const auto& [rule, name] : kNames) {
    if (name == text) return rule;
  }
  return core::fail(core::ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a rule of data quality", text));
}

std::optional<QualityFinding> find_impossible(const Bar& bar, const Instrument& instrument) {
  const auto found = [&](QualityRule rule, std::string detail) {
    return QualityFinding{rule, bar.key, std::move(detail)};
  };
  if (!std::isfinite(bar.volume) || bar.volume < 0) {
    return found(QualityRule::kUnreadable, fmt::format("volume {}", core::format_double(bar.volume)));
  }
  if (std::isinf(bar.vwap)) {
    return found(QualityRule::kUnreadable, fmt::format("vwap {}", core::format_double(bar.vwap)));
  }
  const std::array<std::pair<const char*, Price>, 4> prices = {
      {{"open", bar.open}, {"high", bar.high}, {"low", bar.low}, {"close", bar.close}}};
  for (const auto& [name, price] : prices) {
    if (price.units() > core::limits::kPriceUnits || price.units() < -core::limits::kPriceUnits) {
      return found(QualityRule::kUnreadable, fmt::format("{} {} is too large", name, price.to_string()));
    }
    if (!instrument.may_be_negative && !price.is_positive()) {
      return found(QualityRule::kNotPositive, fmt::format("{} {} is not above zero", name, price.to_string()));
    }
  }
  if (bar.high < bar.low) {
    return found(QualityRule::kHighBelowLow,
                 fmt::format("high {} below low {}", bar.high.to_string(), bar.low.to_string()));
  }
  // A tick of leave: sources round the four prices one by one.
  for (const auto& [name, price] : {prices[0], prices[3]}) {
    if (price > bar.high && price - bar.high > instrument.tick) {
      return found(QualityRule::kOutsideRange,
                   fmt::format("{} {} above high {}", name, price.to_string(), bar.high.to_string()));
    }
    if (price < bar.low && bar.low - price > instrument.tick) {
      return found(QualityRule::kOutsideRange,
                   fmt::format("{} {} below low {}", name, price.to_string(), bar.low.to_string()));
    }
  }
  return std::nullopt;
}

std::optional<QualityFinding> find_conflict(const Bar& first, const Bar& second) {
  if (first.key != second.key) return std::nullopt;
  std::string detail;
  const auto compare = [&](const char* name, bool same, const std::string& a, const std::string& b) {
    if (same) return;
    detail += fmt::format("{}{} {} and {}", detail.empty() ? "" : ", ", name, a, b);
  };
  compare("open", first.open == second.open, first.open.to_string(), second.open.to_string());
  compare("high", first.high == second.high, first.high.to_string(), second.high.to_string());
  compare("low", first.low == second.low, first.low.to_string(), second.low.to_string());
  compare("close", first.close == second.close, first.close.to_string(), second.close.to_string());
  compare("volume", first.volume == second.volume, core::format_double(first.volume),
          core::format_double(second.volume));
  compare("vwap", same_value(first.vwap, second.vwap), core::format_double(first.vwap),
          core::format_double(second.vwap));
  if (detail.empty()) return std::nullopt;
  return QualityFinding{QualityRule::kConflictingDuplicate, first.key, "twice: " + detail};
}

std::vector<QualityFinding> find_odd(const BarColumns& bars, Timeframe timeframe, const Calendar& calendar,
                                     std::span<const CorporateAction> actions, const QualitySettings& settings) {
  return OddFinder(bars, timeframe, calendar, actions, settings).find();
}

}  // namespace argosy::market
