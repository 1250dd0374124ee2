#include "data/row_stream.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "core/rng.hpp"

namespace argosy::data {
namespace {

const std::vector<std::string> kFields{"open", "high",      "low",     "close",        "volume",
                                       "vwap", "raw.close", "weekday", "is_month_end", "session_minute"};

// Bars of sessions with some left out, with factors that change now and then.
SymbolData make_symbol(std::uint64_t seed, market::Timeframe timeframe, int days) {
  core::Rng rng(seed);
  SymbolData out;
  out.instrument = {.symbol = "S", .exchange = "XNYS"};
  out.timeframe = timeframe;
  const market::Calendar& calendar = **market::find_calendar("XNYS");
  double price = 1;
  double split = 1;
  const auto push = [&](std::int64_t key) {
    if (rng.below(6) == 0) return;
    if (rng.below(40) == 0) price *= 1.01;
    if (rng.below(80) == 0) price *= 2, split *= 2;
    const auto close = core::Price::from_units(static_cast<std::int64_t>(50'000'000'000 + rng.below(20'000'000'000)));
    const auto open = core::Price::from_units(static_cast<std::int64_t>(50'000'000'000 + rng.below(20'000'000'000)));
    out.bars.push_back({.key = key,
                        .open = open,
                        .high = std::max(open, close),
                        .low = std::min(open, close),
                        .close = close,
                        .volume = static_cast<double>(1 + rng.below(100'000)),
                        .vwap = rng.below(3) == 0 ? std::nan("") : close.to_double()});
    out.factors.price.push_back(price);
    out.factors.split.push_back(split);
  };
  for (core::Date date = core::Date::from_ymd(2023, 11, 1); days > 0; --days, date = date.plus_days(1)) {
    const auto session = calendar.session(date);
    if (!session) continue;
    if (!timeframe.is_intraday()) {
      push(market::date_key(date));
      continue;
    }
    for (core::Timestamp at = session->open; at < session->close; at += timeframe.nominal())
      push(at.time_since_epoch().count());
  }
  return out;
}

void expect_same(const SymbolData& symbol, std::optional<market::Timeframe> longer) {
  const SymbolRows all = longer ? *make_rows(symbol, kFields, PriceMode::kAdjusted, *longer)
                                : *make_rows(symbol, kFields, PriceMode::kAdjusted);
  RowStream stream(symbol, kFields, PriceMode::kAdjusted, longer);
  std::vector<StreamedRow> rows;
  for (std::size_t i = 0; i < symbol.bars.size(); ++i)
    stream.add(symbol.bars.at(i), {symbol.factors.price[i], symbol.factors.split[i]}, rows);
  // The last longer bar may not be complete.
  ASSERT_GE(rows.size() + 1, all.keys.size());
  ASSERT_LE(rows.size(), all.keys.size());
  ASSERT_GT(rows.size(), 5U);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].key, all.keys[i]);
    EXPECT_EQ(rows[i].closing, all.closing[i]);
    for (std::size_t f = 0; f < kFields.size(); ++f)
      EXPECT_EQ(std::bit_cast<std::uint64_t>(rows[i].values[f]), std::bit_cast<std::uint64_t>(all.columns[f][i]))
          << kFields[f] << " of row " << i;
  }
}

TEST(RowStream, gives_the_bits_of_all_rows_at_once) {
  const market::Timeframe hour = *market::Timeframe::parse("1h");
  const market::Timeframe week = *market::Timeframe::parse("1w");
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    const SymbolData days = make_symbol(seed, market::Timeframe(), 300);
    expect_same(days, std::nullopt);
    expect_same(days, week);
    expect_same(days, *market::Timeframe::parse("1mo"));
    const SymbolData hours = make_symbol(seed, hour, 70);
    expect_same(hours, std::nullopt);
    expect_same(hours, *market::Timeframe::parse("4h"));
    expect_same(hours, market::Timeframe());
    expect_same(hours, week);
  }
}

TEST(RowStream, gives_a_longer_bar_with_its_last_part_or_with_the_next_one) {
  SymbolData symbol;
  symbol.instrument = {.symbol = "S", .exchange = "XNYS"};
  const auto bar = [](int day) {
    const auto price = core::Price::from_integer(day);
    return market::Bar{.key = market::date_key(core::Date::from_ymd(2024, 7, static_cast<unsigned>(day))),
                       .open = price,
                       .high = price,
                       .low = price,
                       .close = price,
                       .volume = 1};
  };
  RowStream weeks(symbol, {"close"}, PriceMode::kAdjusted, *market::Timeframe::parse("1w"));
  std::vector<StreamedRow> rows;
  weeks.add(bar(8), {}, rows);
  weeks.add(bar(11), {}, rows);
  EXPECT_TRUE(rows.empty()) << "it is Thursday";
  weeks.add(bar(12), {}, rows);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].values[0], 12);
  weeks.add(bar(18), {}, rows);
  EXPECT_EQ(rows.size(), 1U);
  weeks.add(bar(22), {}, rows);
  ASSERT_EQ(rows.size(), 2U) << "there was no Friday";
  EXPECT_EQ(rows[1].values[0], 18);
  EXPECT_EQ(core::format_rfc3339(market::key_instant(rows[1].closing)), "2024-07-19T20:00:00Z");
}

}  // namespace
}  // namespace argosy::data
