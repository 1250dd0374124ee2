#include "market/timeframe.hpp"

#include <gtest/gtest.h>

namespace argosy::market {
namespace {

TEST(Timeframe, reads_and_writes_every_length) {
  for (const char* text : {"1m", "2m", "3m", "4m", "5m", "6m", "10m", "12m", "15m", "20m", "30m",
                           "1h", "2h", "3h", "4h", "6h", "8h", "12h", "1d",  "1w",  "1mo"}) {
    const auto timeframe = Timeframe::parse(text);
    ASSERT_TRUE(timeframe) << text;
    EXPECT_EQ(timeframe->to_string(), text);
  }
}

TEST(Timeframe, refuses_everything_else) {
  for (const char* text : {"",    "m",  "0m", "7m", "60m", "05m", "-5m", "5", "5M",    "5 m", "5min",
                           "24h", "5h", "2d", "0d", "2w",  "2mo", "1y",  "d", "1000m", "1dd", "99999999999m"}) {
    const auto timeframe = Timeframe::parse(text);
    ASSERT_FALSE(timeframe) << text;
    EXPECT_EQ(timeframe.error().code, core::ErrorCode::kInvalidArgument);
    EXPECT_FALSE(timeframe.error().hint.empty());
  }
  EXPECT_EQ(Timeframe::parse("7m").error().hint,
            "minutes must divide an hour: 1m 2m 3m 4m 5m 6m 10m 12m 15m 20m 30m, then 1h");
}

TEST(Timeframe, knows_its_length_and_kind) {
  using std::chrono::days;
  using std::chrono::hours;
  using std::chrono::minutes;
  EXPECT_EQ(Timeframe::parse("15m")->nominal(), minutes{15});
  EXPECT_EQ(Timeframe::parse("4h")->nominal(), hours{4});
  EXPECT_EQ(Timeframe().nominal(), days{1});
  EXPECT_EQ(Timeframe::parse("1w")->nominal(), days{7});
  EXPECT_EQ(Timeframe::parse("1mo")->nominal(), days{30});
  EXPECT_TRUE(Timeframe::parse("12h")->is_intraday());
  EXPECT_FALSE(Timeframe().is_intraday());
  EXPECT_EQ(Timeframe(), *Timeframe::parse("1d"));
}

}  // namespace
}  // namespace argosy::market
