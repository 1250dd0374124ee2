#include "market/quality.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace argosy::market {
namespace {

using core::Date;

const Timeframe kDaily;
const Timeframe kMinute(1, TimeframeUnit::kMinute);

Price price(const char* text) { return *Price::parse(text); }
const Calendar& nyse() { return **find_calendar("XNYS"); }
const Calendar& always() { return **find_calendar("24/7"); }

Bar bar(const char* open, const char* high, const char* low, const char* close, double volume = 1000) {
  return {.key = date_key(Date::from_ymd(2024, 1, 2)),
          .open = price(open),
          .high = price(high),
          .low = price(low),
          .close = price(close),
          .volume = volume};
}

// The rule that a bar breaks and its words, or "".
std::string impossible(const Bar& tested, const Instrument& instrument = {.symbol = "X"}) {
  const auto finding = find_impossible(tested, instrument);
  if (!finding) return "";
  EXPECT_EQ(finding->key, tested.key);
  EXPECT_TRUE(is_impossible(finding->rule));
  return std::string(to_string(finding->rule)) + ": " + finding->detail;
}

// Bars on consecutive sessions (or minutes) with the given closes, each with a little range of its own.
BarColumns run(const std::vector<double>& closes, const Calendar& calendar = nyse()) {
  BarColumns bars;
  Date date = Date::from_ymd(2024, 1, 2);
  std::int64_t cent = 0;
  for (const double close : closes) {
    const Price value = *Price::from_double(close);
    cent = (cent + 1) % 7;
    bars.push_back({.key = date_key(date),
                    .open = value,
                    .high = value + Price::from_units(10'000'000) * cent,
                    .low = value,
                    .close = value,
                    .volume = 1000});
    date = calendar.next_session(date);
  }
  return bars;
}

std::vector<std::string> odd(const BarColumns& bars, std::vector<CorporateAction> actions = {},
                             Timeframe timeframe = kDaily, const Calendar& calendar = nyse()) {
  std::vector<std::string> out;
  for (const QualityFinding& finding : find_odd(bars, timeframe, calendar, actions, {})) {
    EXPECT_FALSE(is_impossible(finding.rule));
    out.push_back(format_key(finding.key, timeframe) + " " + std::string(to_string(finding.rule)) + ": " +
                  finding.detail);
  }
  return out;
}
using Lines = std::vector<std::string>;

TEST(Impossible, leaves_good_bars_alone) {
  EXPECT_EQ(impossible(bar("10", "12", "9", "11")), "");
  EXPECT_EQ(impossible(bar("10", "10", "10", "10", 0)), "");
  Bar with_vwap = bar("10", "12", "9", "11");
  with_vwap.vwap = 10.5;
  EXPECT_EQ(impossible(with_vwap), "");
}

TEST(Impossible, finds_high_below_low) {
  EXPECT_EQ(impossible(bar("10", "9", "12", "11")), "high_below_low: high 9 below low 12");
}

TEST(Impossible, finds_open_and_close_outside_the_range) {
  EXPECT_EQ(impossible(bar("12.02", "12", "9", "11")), "outside_range: open 12.02 above high 12");
  EXPECT_EQ(impossible(bar("8.9", "12", "9", "11")), "outside_range: open 8.9 below low 9");
  EXPECT_EQ(impossible(bar("10", "12", "9", "12.5")), "outside_range: close 12.5 above high 12");
  EXPECT_EQ(impossible(bar("10", "12", "9", "8")), "outside_range: close 8 below low 9");
}

TEST(Impossible, gives_a_tick_of_leave) {
  EXPECT_EQ(impossible(bar("12.01", "12", "9", "8.99")), "");
  EXPECT_EQ(impossible(bar("12.010000001", "12", "9", "11")), "outside_range: open 12.010000001 above high 12");
  EXPECT_EQ(impossible(bar("12.5", "12", "9", "11"), {.symbol = "X", .tick = price("0.5")}), "");
}

TEST(Impossible, finds_prices_that_are_not_positive_unless_they_may_be) {
  const Instrument oil = {.symbol = "CL", .may_be_negative = true};
  EXPECT_EQ(impossible(bar("0", "12", "0", "11")), "not_positive: open 0 is not above zero");
  EXPECT_EQ(impossible(bar("1", "12", "-1", "11")), "not_positive: low -1 is not above zero");
  EXPECT_EQ(impossible(bar("17.73", "17.85", "-40.32", "-37.63"), oil), "");
  EXPECT_EQ(impossible(bar("0", "0", "0", "0"), oil), "");
  EXPECT_EQ(impossible(bar("-3", "-2", "-1", "-2"), oil), "high_below_low: high -2 below low -1");
}

TEST(Impossible, finds_what_is_no_number_or_too_large) {
  EXPECT_EQ(impossible(bar("10", "12", "9", "11", -5)), "unreadable: volume -5");
  EXPECT_EQ(impossible(bar("10", "12", "9", "11", std::nan(""))), "unreadable: volume nan");
  EXPECT_EQ(impossible(bar("10", "12", "9", "11", std::numeric_limits<double>::infinity())), "unreadable: volume inf");
  EXPECT_EQ(impossible(bar("10", "9223372036", "9", "11")), "unreadable: high 9223372036 is too large");
  Bar with_vwap = bar("10", "12", "9", "11");
  with_vwap.vwap = -std::numeric_limits<double>::infinity();
  EXPECT_EQ(impossible(with_vwap), "unreadable: vwap -inf");
}

TEST(Conflict, is_one_key_with_other_values) {
  const Bar first = bar("10", "12", "9", "11");
  Bar second = first;
  second.source = PriceSource::kDelayed;
  EXPECT_FALSE(find_conflict(first, second));
  second.close = price("11.5");
  second.volume = 900;
  const auto finding = find_conflict(first, second);
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->rule, QualityRule::kConflictingDuplicate);
  EXPECT_EQ(finding->detail, "twice: close 11 and 11.5, volume 1000 and 900");
  second.key += 1;
  EXPECT_FALSE(find_conflict(first, second));
  Bar third = first;
  third.vwap = 10.5;
  EXPECT_EQ(find_conflict(first, third)->detail, "twice: vwap nan and 10.5");
}

TEST(Odd, leaves_ordinary_bars_alone) {
  EXPECT_EQ(odd(run({100, 101, 99, 140, 95})), Lines{});
  EXPECT_EQ(odd({}), Lines{});
  EXPECT_EQ(odd(run({100})), Lines{});
}

TEST(Odd, finds_jumps_both_ways) {
  EXPECT_EQ(odd(run({100, 151, 100, 102})),
            (Lines{"2024-01-03 jump: close 151 after 100: +51.0 %", "2024-01-04 jump: close 100 after 151: -33.8 %"}));
  EXPECT_EQ(odd(run({100, 150, 100.1})), Lines{});  // up exactly the limit, down just less
}

TEST(Odd, takes_splits_out_of_jumps) {
  const std::vector<CorporateAction> three_for_one = {
      {.ex_date = Date::from_ymd(2024, 1, 4), .kind = ActionKind::kSplit, .numerator = 3, .denominator = 1}};
  EXPECT_EQ(odd(run({100, 101, 33, 34}), three_for_one), Lines{});
  EXPECT_EQ(odd(run({100, 101, 33, 34})), (Lines{"2024-01-04 jump: close 33 after 101: -67.3 %"}));
  // A split that the prices do not show: they were adjusted already.
  EXPECT_EQ(odd(run({100, 101, 99, 98}), three_for_one),
            (Lines{"2024-01-04 jump: close 99 after 101 and a split of 3: +194.1 %"}));
}

TEST(Odd, compares_only_positive_closes) { EXPECT_EQ(odd(run({10, -37, -3, 10})), Lines{}); }

TEST(Odd, tells_unit_flips_from_jumps) {
  EXPECT_EQ(odd(run({1.5, 151, 1.52})), (Lines{"2024-01-03 unit_flip: close 151 after 1.5: times 100",
                                               "2024-01-04 unit_flip: close 1.52 after 151: times 0.01"}));
  EXPECT_EQ(odd(run({1.5, 1510, 1.52})), (Lines{"2024-01-03 unit_flip: close 1510 after 1.5: times 1000",
                                                "2024-01-04 unit_flip: close 1.52 after 1510: times 0.001"}));
  EXPECT_EQ(odd(run({1.5, 165}))[0].substr(0, 16), "2024-01-03 jump:");  // times 110
}

TEST(Odd, finds_unit_flips_when_jumps_are_allowed) {
  const QualitySettings settings{.jump_ratio = 1e6};
  const auto findings = find_odd(run({1.5, 150, 300, 150}), kDaily, nyse(), {}, settings);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule, QualityRule::kUnitFlip);
}

TEST(Odd, names_every_bar_of_a_stale_run) {
  BarColumns bars = run({50, 51});
  const auto append_same = [&](int count) {
    for (int i = 0; i < count; ++i) {
      Bar next = bar("50", "60", "45", "55");
      next.key = date_key(nyse().next_session(key_date(bars.key.back())));
      bars.push_back(next);
    }
  };
  append_same(9);
  EXPECT_EQ(odd(bars), Lines{});
  append_same(1);
  const Lines found = odd(bars);
  ASSERT_EQ(found.size(), 10U);
  EXPECT_EQ(found.front(), "2024-01-04 stale: bar 1 of 10 with the same prices, close 55");
  EXPECT_EQ(found.back(), "2024-01-18 stale: bar 10 of 10 with the same prices, close 55");
  Bar next = bar("50", "60", "45", "56");
  next.key = date_key(nyse().next_session(key_date(bars.key.back())));
  bars.push_back(next);
  EXPECT_EQ(odd(bars).size(), 10U);
}

TEST(Odd, finds_volume_far_above_the_median_before) {
  BarColumns bars = run(std::vector<double>(25, 100.0));
  bars.volume[3] = 1e9;      // among the first 20: nothing to compare with
  bars.volume[21] = 50'000;  // 50 times: at the limit
  bars.volume[22] = 50'001;
  bars.volume[24] = 0;
  EXPECT_EQ(odd(bars), (Lines{"2024-02-02 odd_volume: volume 50001 is 50 times the median of 1000 before"}));
  bars = run(std::vector<double>(25, 100.0));
  std::fill(bars.volume.begin(), bars.volume.end(), 0.0);
  bars.volume[22] = 1e9;  // no median to be a multiple of
  EXPECT_EQ(odd(bars), Lines{});
}

TEST(Odd, finds_missing_sessions) {
  BarColumns bars = run({100, 101, 102, 103, 104, 105, 106, 107});
  BarColumns holes;
  for (const std::size_t row : {0U, 2U, 3U, 7U}) holes.push_back(bars.at(row));
  EXPECT_EQ(odd(holes), (Lines{"2024-01-04 gap: no bar for 1 session from 2024-01-03 to 2024-01-03",
                               "2024-01-11 gap: no bar for 3 sessions from 2024-01-08 to 2024-01-10"}));
}

TEST(Odd, finds_missing_weeks_and_months) {
  const auto keyed = [](std::initializer_list<const char*> dates) {
    BarColumns bars;
    for (const char* text : dates) {
      Bar next = bar("10", "12", "9", "11");
      next.key = date_key(*Date::parse(text));
      bars.push_back(next);
    }
    return bars;
  };
  const Timeframe week(1, TimeframeUnit::kWeek);
  const Timeframe month(1, TimeframeUnit::kMonth);
  EXPECT_EQ(odd(keyed({"2024-01-02", "2024-01-08", "2024-01-16", "2024-01-22"}), {}, week), Lines{});
  EXPECT_EQ(odd(keyed({"2024-01-02", "2024-01-16"}), {}, week),
            (Lines{"2024-01-16 gap: no bar for 5 sessions from 2024-01-08 to 2024-01-12"}));
  EXPECT_EQ(odd(keyed({"2024-01-31", "2024-02-01", "2024-03-01"}), {}, month), Lines{});
  EXPECT_EQ(odd(keyed({"2024-01-02", "2024-03-01"}), {}, month),
            (Lines{"2024-03-01 gap: no bar for 20 sessions from 2024-02-01 to 2024-02-29"}));
}

BarColumns minutes(std::initializer_list<const char*> times) {
  BarColumns bars;
  for (const char* text : times) {
    Bar next = bar("10", "12", "9", "11");
    next.key = *parse_key(text, kMinute);
    bars.push_back(next);
  }
  return bars;
}

TEST(Odd, finds_missing_session_time_between_intraday_bars) {
  // Within a session; over a night; hours before the session are no loss.
  EXPECT_EQ(odd(minutes({"2024-01-02T20:58:00Z", "2024-01-02T20:59:00Z", "2024-01-03T14:30:00Z"}), {}, kMinute),
            Lines{});
  EXPECT_EQ(odd(minutes({"2024-01-02T15:00:00Z", "2024-01-02T15:04:00Z"}), {}, kMinute),
            (Lines{"2024-01-02T15:04:00Z gap: no bar for 3 x 1m of session time from 2024-01-02T15:01:00Z"}));
  EXPECT_EQ(odd(minutes({"2024-01-02T20:57:00Z", "2024-01-04T14:31:00Z"}), {}, kMinute),
            (Lines{"2024-01-04T14:31:00Z gap: no bar for 393 x 1m of session time from 2024-01-02T20:58:00Z"}));
  EXPECT_EQ(odd(minutes({"2024-01-02T22:10:00Z", "2024-01-03T10:00:00Z", "2024-01-03T10:07:00Z"}), {}, kMinute),
            Lines{});
  EXPECT_EQ(odd(minutes({"2024-01-06T23:59:00Z", "2024-01-07T00:01:00Z"}), {}, kMinute, always()),
            (Lines{"2024-01-07T00:01:00Z gap: no bar for 1 x 1m of session time from 2024-01-07T00:00:00Z"}));
}

TEST(Odd, finds_bars_on_dates_without_a_session) {
  BarColumns bars = run({100, 101, 102}, always());
  bars.key[2] = date_key(Date::from_ymd(2024, 1, 6));
  EXPECT_EQ(odd(bars), (Lines{"2024-01-06 gap: no bar for 2 sessions from 2024-01-04 to 2024-01-05",
                              "2024-01-06 outside_session: XNYS has no session on 2024-01-06"}));
  EXPECT_EQ(odd(minutes({"2024-01-02T15:00:00Z", "2024-01-02T15:01:00Z"}), {}, kMinute), Lines{});
  EXPECT_EQ(odd(minutes({"2024-01-06T15:00:00Z", "2024-01-06T15:01:00Z"}), {}, kMinute),
            (Lines{"2024-01-06T15:00:00Z outside_session: XNYS has no session on 2024-01-06",
                   "2024-01-06T15:01:00Z outside_session: XNYS has no session on 2024-01-06"}));
}

TEST(Odd, finds_bars_after_a_delisting) {
  const std::vector<CorporateAction> gone{{.ex_date = Date::from_ymd(2024, 1, 2), .kind = ActionKind::kDelisting}};
  EXPECT_EQ(odd(run({100, 101}), gone), (Lines{"2024-01-03 after_delisting: traded for the last time on 2024-01-02"}));
  EXPECT_EQ(odd(minutes({"2024-01-02T20:58:00Z", "2024-01-02T20:59:00Z", "2024-01-03T14:30:00Z"}), gone, kMinute),
            (Lines{"2024-01-03T14:30:00Z after_delisting: traded for the last time on 2024-01-02"}));
}

TEST(QualityRule, has_a_name_that_reads_back) {
  for (int i = 0; i <= static_cast<int>(QualityRule::kAfterDelisting); ++i) {
    const auto rule = static_cast<QualityRule>(i);
    EXPECT_EQ(parse_quality_rule(to_string(rule)), rule);
  }
  EXPECT_FALSE(parse_quality_rule("ugly"));
}

}  // namespace
}  // namespace argosy::market
