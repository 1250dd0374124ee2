#include "market/corporate_actions.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace argosy::market {
namespace {

using core::Date;

Date date(const char* text) { return *Date::parse(text); }
Price price(const char* text) { return *Price::parse(text); }
CorporateAction split(const char* ex_date, std::int64_t numerator, std::int64_t denominator) {
  return {.ex_date = date(ex_date), .kind = ActionKind::kSplit, .numerator = numerator, .denominator = denominator};
}
CorporateAction delisting(const char* last_date, const char* amount) {
  return {.ex_date = date(last_date), .kind = ActionKind::kDelisting, .amount = price(amount)};
}
CorporateAction dividend(const char* ex_date, const char* amount) {
  return {.ex_date = date(ex_date), .kind = ActionKind::kDividend, .amount = price(amount)};
}

// Four days: 100, 50, 49, 48.
struct Days {
  std::vector<std::int64_t> keys = {date_key(date("2024-01-02")), date_key(date("2024-01-03")),
                                    date_key(date("2024-01-04")), date_key(date("2024-01-05"))};
  std::vector<Price> close = {price("100"), price("50"), price("49"), price("48")};

  [[nodiscard]] core::Result<AdjustmentFactors> factors(std::vector<CorporateAction> actions, std::size_t anchor = 0) {
    order_actions(actions);
    return adjustment_factors(keys, close, actions, keys[anchor]);
  }
};

TEST(Adjustment, without_actions_is_one) {
  const auto factors = Days().factors({});
  EXPECT_EQ(factors->price, (std::vector<double>{1, 1, 1, 1}));
  EXPECT_EQ(factors->split, (std::vector<double>{1, 1, 1, 1}));
  EXPECT_TRUE(adjustment_factors({}, {}, {}, 0)->price.empty());
}

TEST(Adjustment, multiplies_by_the_split_ratio_from_its_date_on) {
  const auto factors = Days().factors({split("2024-01-03", 2, 1)});
  EXPECT_EQ(factors->price, (std::vector<double>{1, 2, 2, 2}));
  EXPECT_EQ(factors->split, (std::vector<double>{1, 2, 2, 2}));
  // A reverse split.
  EXPECT_EQ(Days().factors({split("2024-01-04", 1, 10)})->price, (std::vector<double>{1, 1, 0.1, 0.1}));
}

TEST(Adjustment, joins_prices_across_a_dividend) {
  // 50 before a dividend of 1: 50 / 49. Then 49 x 50 / 49 = 50: no change on the day but the dividend.
  const auto factors = Days().factors({dividend("2024-01-04", "1")});
  EXPECT_EQ(factors->price, (std::vector<double>{1, 1, 50.0 / 49, 50.0 / 49}));
  EXPECT_EQ(factors->split, (std::vector<double>{1, 1, 1, 1}));
  EXPECT_DOUBLE_EQ(49 * factors->price[2], 50);
}

TEST(Adjustment, restates_the_close_for_a_split_on_the_dividends_date) {
  // 100 before; 2:1 makes it 50; 1 for each new share: 2 x 50 / 49.
  const auto factors = Days().factors({dividend("2024-01-03", "1"), split("2024-01-03", 2, 1)});
  EXPECT_DOUBLE_EQ(factors->price[1], 2 * 50.0 / 49);
  EXPECT_EQ(factors->split[1], 2);
}

TEST(Adjustment, counts_dividends_of_one_date_as_one) {
  const auto factors = Days().factors({dividend("2024-01-04", "0.25"), dividend("2024-01-04", "0.75")});
  EXPECT_EQ(factors->price[2], 50.0 / 49);
}

TEST(Adjustment, multiplies_one_action_after_another) {
  const auto factors =
      Days().factors({split("2024-01-03", 2, 1), dividend("2024-01-04", "1"), dividend("2024-01-05", "2")});
  EXPECT_DOUBLE_EQ(factors->price[3], 2 * (50.0 / 49) * (49.0 / 47));
  EXPECT_EQ(factors->split[3], 2);
}

TEST(Adjustment, gives_inverse_factors_before_the_anchor) {
  const auto factors = Days().factors({split("2024-01-03", 2, 1), dividend("2024-01-05", "2")}, 2);
  EXPECT_EQ(factors->price, (std::vector<double>{0.5, 1, 1, 49.0 / 47}));
  EXPECT_EQ(factors->split, (std::vector<double>{0.5, 1, 1, 1}));
  // An action on the anchor's own date lies before it.
  EXPECT_EQ(Days().factors({split("2024-01-04", 2, 1)}, 2)->price, (std::vector<double>{0.5, 0.5, 1, 1}));
  EXPECT_EQ(Days().factors({split("2024-01-03", 2, 1), split("2024-01-05", 4, 1)}, 3)->price,
            (std::vector<double>{0.125, 0.25, 0.25, 1}));
}

TEST(Adjustment, keeps_its_anchor_when_that_bar_is_gone) {
  Days days;
  const std::vector<CorporateAction> actions = {split("2024-01-04", 2, 1), split("2024-01-05", 3, 1)};
  const std::int64_t anchor = days.keys[1];
  days.keys.erase(days.keys.begin() + 1);
  days.close.erase(days.close.begin() + 1);
  EXPECT_EQ(adjustment_factors(days.keys, days.close, actions, anchor)->price, (std::vector<double>{1, 2, 6}));
  // Between bars, before the anchor.
  EXPECT_EQ(adjustment_factors(days.keys, days.close, std::vector{split("2024-01-03", 2, 1)}, anchor)->price,
            (std::vector<double>{0.5, 1, 1}));
}

TEST(Adjustment, takes_effect_on_the_first_bar_after_a_date_without_one) {
  Days days;
  days.keys[3] = date_key(date("2024-01-09"));
  EXPECT_EQ(days.factors({dividend("2024-01-06", "1")})->price, (std::vector<double>{1, 1, 1, 49.0 / 48}));
}

TEST(Adjustment, ignores_a_delisting) {
  const auto factors = Days().factors({dividend("2024-01-04", "1"), delisting("2024-01-04", "1000")});
  EXPECT_EQ(factors->price, (std::vector<double>{1, 1, 50.0 / 49, 50.0 / 49}));
}

TEST(Adjustment, ignores_actions_that_join_no_bars) {
  const auto factors = Days().factors({dividend("2023-12-29", "1000"), split("2024-01-02", 2, 1),
                                       dividend("2024-01-02", "1000"), split("2024-01-08", 3, 1)});
  EXPECT_EQ(factors->price, (std::vector<double>{1, 1, 1, 1}));
}

TEST(Adjustment, names_a_dividend_that_is_not_below_the_close) {
  const auto factors = Days().factors({dividend("2024-01-04", "50")});
  ASSERT_FALSE(factors);
  EXPECT_EQ(factors.error().message, "the dividend of 50 on 2024-01-04 is not below the close of 50 before it");
  EXPECT_EQ(factors.error().field, "amount");
  EXPECT_EQ(Days().factors({split("2024-01-03", 2, 1), dividend("2024-01-03", "50")}).error().message,
            "the dividend of 50 on 2024-01-03 is not below the close of 100 before it, restated for the split");
  Days negative;
  negative.close[1] = price("-37.63");
  EXPECT_FALSE(negative.factors({dividend("2024-01-04", "1")}));
}

TEST(Action, must_be_above_zero_and_have_a_date_with_a_key) {
  EXPECT_TRUE(check_action(split("2024-01-03", 2, 1)));
  EXPECT_TRUE(check_action(dividend("2024-01-03", "0.01")));
  EXPECT_EQ(check_action(split("2024-01-03", 0, 1)).error().message,
            "the split of 0 for 1 on 2024-01-03 has a part that is not above zero");
  EXPECT_FALSE(check_action(split("2024-01-03", 2, 0)));
  EXPECT_EQ(check_action(dividend("2024-01-03", "-1")).error().message,
            "the dividend of -1 on 2024-01-03 is not above zero");
  EXPECT_FALSE(check_action(dividend("2024-01-03", "0")));
  EXPECT_FALSE(check_action(split("9999-01-03", 2, 1)));
  EXPECT_TRUE(check_action(delisting("2024-01-03", "0"))) << "holders may get nothing";
  EXPECT_TRUE(check_action(delisting("2024-01-03", "12.5")));
  EXPECT_EQ(check_action(delisting("2024-01-03", "-1")).error().message,
            "the delisting on 2024-01-03 pays -1, which is below zero");
  EXPECT_FALSE(Days().factors({split("2024-01-03", 2, 0)}));
}

TEST(Action, has_a_kind_that_reads_back) {
  EXPECT_EQ(parse_action_kind("split"), ActionKind::kSplit);
  EXPECT_EQ(parse_action_kind(to_string(ActionKind::kDividend)), ActionKind::kDividend);
  EXPECT_EQ(parse_action_kind(to_string(ActionKind::kDelisting)), ActionKind::kDelisting);
  EXPECT_FALSE(parse_action_kind("merger"));
}

TEST(AdjustmentDeathTest, stops_at_actions_out_of_order) {
  const Days days;
  const std::vector<CorporateAction> actions = {dividend("2024-01-03", "1"), split("2024-01-03", 2, 1)};
  EXPECT_DEATH(EXPECT_TRUE(adjustment_factors(days.keys, days.close, actions, 0)), "not sorted");
}

TEST(Adjustment, of_intraday_bars_begins_at_midnight_on_the_exchange) {
  const Calendar& nyse = **find_calendar("XNYS");
  const Timeframe hour(1, TimeframeUnit::kHour);
  std::vector<std::int64_t> keys;
  // The last two hours after the session of January 3 lie on January 4 in UTC, but before midnight in New York.
  for (const char* time : {"2024-01-03T20:00:00Z", "2024-01-04T00:00:00Z", "2024-01-04T04:00:00Z",
                           "2024-01-04T05:00:00Z", "2024-01-04T14:00:00Z"}) {
    keys.push_back(*parse_key(time, hour));
  }
  const std::vector<Price> close = {price("101"), price("102"), price("103"), price("52"), price("51")};
  const std::vector<CorporateAction> actions = {split("2024-01-04", 2, 1), dividend("2024-01-04", "0.5")};
  const auto factors = adjustment_factors(keys, close, actions, keys[0], hour, nyse);
  const double step = 2 * 51.5 / 51;
  EXPECT_EQ(factors->price, (std::vector<double>{1, 1, 1, step, step}));
  EXPECT_EQ(factors->split, (std::vector<double>{1, 1, 1, 2, 2}));
  EXPECT_EQ(ex_key(date("2024-07-04"), hour, nyse), *parse_key("2024-07-04T04:00:00Z", hour));
}

TEST(Adjustment, of_weeks_and_months_takes_in_the_bar_that_holds_the_date) {
  const Calendar& nyse = **find_calendar("XNYS");
  const std::vector<Price> close = {price("100"), price("50")};
  const std::vector<CorporateAction> actions = {split("2024-01-10", 2, 1)};
  const std::vector<std::int64_t> weeks = {date_key(date("2024-01-02")), date_key(date("2024-01-08"))};
  EXPECT_EQ(adjustment_factors(weeks, close, actions, weeks[0], Timeframe(1, TimeframeUnit::kWeek), nyse)->price,
            (std::vector<double>{1, 2}));
  const std::vector<std::int64_t> months = {date_key(date("2023-12-01")), date_key(date("2024-01-02"))};
  EXPECT_EQ(adjustment_factors(months, close, actions, months[0], Timeframe(1, TimeframeUnit::kMonth), nyse)->price,
            (std::vector<double>{1, 2}));
}

// Bars before the anchor and actions after a bar leave that bar's factors alone, to the bit.
RC_GTEST_PROP(Adjustment, changes_nothing_on_the_other_side, ()) {
  constexpr std::int32_t kDays = 40;
  std::vector<std::int64_t> keys;
  std::vector<Price> close;
  for (std::int32_t day = 0; day < kDays; ++day) {
    keys.push_back(date_key(Date::from_days(19'000 + day)));
    close.push_back(Price::from_units(*rc::gen::inRange<std::int64_t>(10'000'000'000, 900'000'000'000)));
  }
  std::vector<CorporateAction> actions;
  for (std::int32_t i = *rc::gen::inRange(0, 8); i > 0; --i) {
    CorporateAction action{.ex_date = Date::from_days(19'000 + *rc::gen::inRange(-2, kDays + 2))};
    if (*rc::gen::inRange(0, 2) == 0) {
      action.kind = ActionKind::kSplit;
      action.numerator = *rc::gen::inRange(1, 5);
      action.denominator = *rc::gen::inRange(1, 5);
    } else {
      action.amount = Price::from_units(*rc::gen::inRange<std::int64_t>(1'000'000, 100'000'000));
    }
    actions.push_back(action);
  }
  order_actions(actions);
  const auto anchor = static_cast<std::size_t>(*rc::gen::inRange(0, kDays));
  const auto whole = adjustment_factors(keys, close, actions, keys[anchor]);
  RC_ASSERT(whole->price[anchor] == 1.0);
  // From the anchor on, alone.
  const auto later =
      adjustment_factors(std::span(keys).subspan(anchor), std::span(close).subspan(anchor), actions, keys[anchor]);
  RC_ASSERT(std::ranges::equal(later->price, std::span(whole->price).subspan(anchor)));
  RC_ASSERT(std::ranges::equal(later->split, std::span(whole->split).subspan(anchor)));
  // Up to a bar after the anchor, alone: what lies ahead is not seen.
  const auto end = static_cast<std::size_t>(*rc::gen::inRange(static_cast<int>(anchor) + 1, kDays + 1));
  const auto known = adjustment_factors(std::span(keys).first(end), std::span(close).first(end), actions, keys[anchor]);
  RC_ASSERT(std::ranges::equal(known->price, std::span(whole->price).first(end)));
}

}  // namespace
}  // namespace argosy::market
