// Orders that people place by themselves: what a portfolio may sell, in the oracle's eyes.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "simulation/world.hpp"

namespace argosy::simulation {
namespace {

using core::Result;
using std::chrono::minutes;
using testing::IsEmpty;

// Services have shares of all three, and portfolio 1 has 12 AAPL of its own.
class OracleOwnOrders : public testing::Test {
 public:
  OracleOwnOrders() {
    world.run(minutes(10));
    world.post("order_place", R"({"instrument_id": 1, "symbol": "AAPL", "side": "buy", "quantity": "12"})");
    world.run(minutes(1));
    world.calm_down();
    EXPECT_THAT(world.findings(), IsEmpty());
    const auto held = world.process().book().holdings().find({1, world.instruments().at("AAPL")});
    EXPECT_EQ(held->second.unassigned, core::Quantity::from_integer(12));
    EXPECT_GT(held->second.quantity, core::Quantity::from_integer(20));
  }
  ~OracleOwnOrders() override { static_cast<void>(core::take_warning_count()); }

 protected:
  void change(const std::string& sql) {
    const auto done = world.ledger().write([&](ledger::Transaction& work) -> Result<void> {
      ARGOSY_TRY(const std::int64_t rows, work.execute(sql));
      EXPECT_EQ(rows, 1) << sql;
      return {};
    });
    ASSERT_TRUE(done) << done.error().describe();
  }
  // The last row of a kind that is of a person's order, told again with other `fields` (of json_set()).
  void tell(const std::string& kind, const std::string& fields) {
    change(fmt::format(
        "INSERT INTO journal SELECT (SELECT max(seq) + 1 FROM journal), {}, kind, service_id, NULL, "
        "json_set(payload{}), "
        "(SELECT max(fencing) FROM journal) FROM journal WHERE kind = '{}' AND service_id IS NULL ORDER BY seq DESC "
        "LIMIT 1",
        world.now().time_since_epoch().count(), fields, kind));
  }
  // An order of a person that was decided on, written, and is on its way.
  void place(const std::string& fields) {
    ++number;
    tell("decision", "");
    tell("order",
         fmt::format(", '$.order_id', {}, '$.client_order_id', 'argosy-own-{}', '$.symbol', 'AAPL', '$.side', 'sell', "
                     "'$.effect', 'close', '$.service_id', NULL, '$.portfolio_id', 1, '$.state', 'pending_submit', "
                     "'$.decision', (SELECT max(seq) FROM journal){}",
                     number, number, fields));
  }
  void move(std::int64_t order, const std::string& event) {
    tell("order_event", fmt::format(", '$.order_id', {}, '$.event', '{}', '$.broker_order_id', ''", order, event));
  }
  void sell(int quantity, const std::string& fields = "") {
    place(fmt::format(", '$.quantity', '{}'{}", quantity, fields));
  }
  [[nodiscard]] std::string look() {
    std::string out;
    for (const Violation& each : world.oracle().check(world.ledger(), world.venue_books(), Moment::kRunning))
      out += to_string(each) + "\n";
    return out;
  }

  World world{{.seed = 5, .client_ids = false}};
  std::int64_t number = 100'000;
};

TEST_F(OracleOwnOrders, APortfolioSellsWhatIsItsOwn) {
  sell(7);
  sell(5);
  EXPECT_EQ(look(), "");
}

TEST_F(OracleOwnOrders, APortfolioSellsWhatItsServicesHave) {
  sell(13);
  EXPECT_EQ(look(), "I10: order 100001 sells 13, and portfolio 1 has 12 of its own\n");
}

TEST_F(OracleOwnOrders, APortfolioSellsTwice) {
  sell(12);
  sell(1);
  EXPECT_EQ(look(), "I10: order 100002 sells 1, and portfolio 1 has 0 of its own\n");
}

TEST_F(OracleOwnOrders, AnOrderThatEndedSellsNoMore) {
  sell(12);
  for (const char* event : {"send", "accept"}) move(100'001, event);
  sell(1);
  EXPECT_EQ(look(), "I10: order 100002 sells 1, and portfolio 1 has 0 of its own\n");
  move(100'001, "cancel");
  for (const char* event : {"send", "reject"}) move(100'002, event);
  sell(12);
  EXPECT_EQ(look(), "");
}

TEST_F(OracleOwnOrders, OrdersOfOthersTakeNothingFromIt) {
  sell(9, ", '$.symbol', 'MSFT'");
  EXPECT_EQ(look(), "I10: order 100001 sells 9, and portfolio 1 has 0 of its own\n");
  sell(2, ", '$.service_id', 1");
  EXPECT_THAT(look(), testing::Not(testing::HasSubstr("of its own")));
  sell(12);
  EXPECT_EQ(look(), "");
}

TEST_F(OracleOwnOrders, APurchaseNeedsNoShares) {
  place(", '$.side', 'buy', '$.effect', 'open', '$.quantity', '13'");
  EXPECT_EQ(look(), "");
}

TEST_F(OracleOwnOrders, AnOrderOfNobody) {
  sell(1, ", '$.portfolio_id', 77");
  EXPECT_EQ(look(), "I10: order 100001 is nobody's\n");
}

}  // namespace
}  // namespace argosy::simulation
