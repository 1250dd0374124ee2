#include "data/rate_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace argosy::data {
namespace {

using core::Price;
using market::RateQuote;

core::Timestamp time(const char* text) { return *core::parse_rfc3339(text); }

std::string error_of(const char* csv) {
  const auto rates = read_rates(csv, "rates.csv");
  return rates ? "none" : rates.error().describe();
}

TEST(RateText, ReadsDates) {
  const auto rates = read_rates(
      "Date,Base,Quote,Rate\n2024-11-29,EUR,USD,1.0577\n2024-11-28,EUR,USD,1.0554\n2024-11-29,USD,KRW,1395.2\n",
      "ecb.csv");
  ASSERT_TRUE(rates.has_value()) << rates.error().describe();
  // Known when the day is over.
  EXPECT_EQ(*rates,
            (std::vector<RateQuote>{{time("2024-11-29T00:00:00Z"), "EUR", "USD", *Price::parse("1.0554"), "ecb.csv"},
                                    {time("2024-11-30T00:00:00Z"), "EUR", "USD", *Price::parse("1.0577"), "ecb.csv"},
                                    {time("2024-11-30T00:00:00Z"), "USD", "KRW", *Price::parse("1395.2"), "ecb.csv"}}));
}

TEST(RateText, ReadsTimes) {
  const auto rates = read_rates("rate;quote;base;time\n1.27;USD;GBP;2024-11-29T18:00:00+01:00\n", "x.csv");
  ASSERT_TRUE(rates.has_value()) << rates.error().describe();
  EXPECT_EQ(rates->front(), (RateQuote{time("2024-11-29T17:00:00Z"), "GBP", "USD", *Price::parse("1.27"), "x.csv"}));
  EXPECT_TRUE(read_rates("time,base,quote,rate\n", "x.csv")->empty());
}

TEST(RateText, ErrorsNameTheirLine) {
  const std::string head = "date,base,quote,rate\n2024-11-28,EUR,USD,1.05\n";
  for (const auto& [line, words] : {std::pair("2024-11-31,EUR,USD,1.05\n", "2024-11-31"),
                                    {"29.11.2024,EUR,USD,1.05\n", "YYYY-MM-DD"},
                                    {"2024-11-29,EUR,USD,x\n", "x"},
                                    {"2024-11-29,EUR,USD,0\n", "not above zero"},
                                    {"2024-11-29,EUR,EUR,1\n", "in itself"},
                                    {"2024-11-29,Euro,USD,1\n", "three capital letters"},
                                    {"2024-11-29,EUR,USD\n", "3 cells instead of 4"},
                                    {"2024-11-28,EUR,USD,1.05\n", "line 2"},
                                    {"2024-11-28,USD,EUR,0.9\n", "line 2"},
                                    {"9999-12-31,EUR,USD,1\n", "range"}}) {
    const auto rates = read_rates(head + line, "rates.csv");
    ASSERT_FALSE(rates.has_value()) << line;
    const std::string text = rates.error().describe() + rates.error().hint;
    EXPECT_NE(text.find("rates.csv:3"), std::string::npos) << text;
    EXPECT_NE(text.find(words), std::string::npos) << text;
  }
  EXPECT_NE(error_of("time,base,quote,rate\n2024-11-29T18:00:00,EUR,USD,1\n").find("zone"), std::string::npos);
  EXPECT_NE(error_of("time,base,quote,rate\n2024-11-29,EUR,USD,1\n").find("zone"), std::string::npos);
  EXPECT_NE(error_of("").find("empty"), std::string::npos);
  EXPECT_NE(error_of("date,base,quote\n").find("no column \"rate\""), std::string::npos);
  EXPECT_NE(error_of("base,quote,rate\n").find("either"), std::string::npos);
  EXPECT_NE(error_of("date,time,base,quote,rate\n").find("either"), std::string::npos);
  EXPECT_NE(error_of("date,base,base,quote,rate\n").find("twice"), std::string::npos);
  EXPECT_NE(error_of("date,base,qoute,rate\n").find("qoute"), std::string::npos);
}

}  // namespace
}  // namespace argosy::data
