// A small lake beside the ledger of test_rest.hpp.
#pragma once

#include <string>
#include <utility>

#include "market/bar.hpp"
#include "rest/test_rest.hpp"

namespace argosy::rest {

inline constexpr std::int64_t kDayLength = 86'400'000'000'000;

// The stock AAPL with the days of January 2020: closes 1, 2, ... 31.
class LakeTest : public RestTest {
 public:
  LakeTest() {
    const auto lake = open_lake();
    auto transaction = lake->begin();
    lake::Tables tables = transaction->tables();
    tables.instruments["AAPL"] = {.symbol = "AAPL", .exchange = "24/7"};
    market::BarColumns bars;
    const std::int64_t first = market::date_key(core::Date::from_ymd(2020, 1, 1));
    for (std::int64_t i = 0; i < 31; ++i) {
      const auto price = core::Price::from_integer(i + 1);
      bars.push_back(
          {.key = first + i * kDayLength, .open = price, .high = price, .low = price, .close = price, .volume = 100});
    }
    tables.anchors["AAPL"] = first;
    transaction->set_tables(std::move(tables));
    EXPECT_TRUE(transaction->put("AAPL", market::Timeframe(), bars));
    EXPECT_TRUE(transaction->commit());
    snapshot = lake->snapshot().value();
  }

 protected:
  core::JsonValue json(const net::HttpResponse& answer, int status = 200) {
    EXPECT_EQ(answer.status, status) << answer.body;
    auto parsed = core::parse_json(answer.body);
    EXPECT_TRUE(parsed) << answer.body;
    return parsed ? *std::move(parsed) : core::JsonValue();
  }
  // The texts of numbers; null stands for none.
  static std::string numbers(const core::JsonValue* array) {
    std::string out;
    for (const core::JsonValue& each : *array->array())
      out += (each.number() != nullptr ? each.number()->text : each.is_null() ? "null" : "?") + " ";
    return out;
  }
};

}  // namespace argosy::rest
