// The journal as callers see it: decisions of a service, steps of an order, circuit breakers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/journal.hpp"
#include "live/event.hpp"
#include "rest/test_rest.hpp"

namespace argosy::rest {
namespace {

using testing::HasSubstr;

class HistoryTest : public RestTest {
 public:
  HistoryTest() {
    live::OrderMade made;
    made.order = {
        .order_id = 1, .reason = "buy_signal", .state = "created", .quantity = core::Quantity::from_integer(5)};
    const live::What all[] = {
        live::DecisionMade{
            .service_id = 1, .question = "buy", .source = "probability", .reason = "not drawn", .outcome = "no"},
        live::DecisionMade{.service_id = 1,
                           .question = "buy",
                           .source = "probability",
                           .yes = true,
                           .reason = "drawn",
                           .outcome = "order"},
        made,
        live::OrderMoved{.order_id = 1, .event = "accept", .broker_order_id = "P1"},
        live::FillBooked{.order_id = 1,
                         .broker_fill_id = "f1",
                         .price = core::Price::from_integer(7),
                         .quantity = core::Quantity::from_integer(5),
                         .filled_at = Timestamp(seconds(1'700'000'100))},
    };
    std::vector<ledger::JournalRow> rows;
    for (const live::What& what : all) {
      rows.push_back(live::to_row({.seq = static_cast<std::int64_t>(rows.size()) + 1,
                                   .time = Timestamp(seconds(1'700'000'000)),
                                   .what = what}));
    }
    constexpr const char* kMemory =
        R"({"guard":{"day":"2024-01-02","last":"99400","day_base":"100000","peak":"100000","funded":"100000"},)"
        R"("breaker":{"state":1,"trips":2,"rule":2,"unit":1,"value":600000000,"limit":500000000,)"
        R"("tripped_at":"2024-01-02T15:00:00Z","until":null,"day":"2024-01-02","day_base":"100000",)"
        R"("last_equity":"99400","peak":"100000","highest_at":"2024-01-02T14:30:00Z","highest":"100000","losses":4,)"
        R"("trial_entries":0,"trial_trades":0,"orders":"","calls":""}})";
    const ledger::GuardRow guard{.broker_account_id = 1, .memory = kMemory, .updated_at = {}};
    const auto stored = pool.write([&](Transaction& work) -> Result<void> {
      ARGOSY_TRY_VOID(ledger::insert<ledger::JournalRow>(work, rows));
      return ledger::insert<ledger::GuardRow>(work, {&guard, 1});
    });
    EXPECT_TRUE(stored) << stored.error().describe();
  }
  ~HistoryTest() override = default;

 protected:
  static core::JsonValue parsed(const net::HttpResponse& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    auto value = core::parse_json(response.body);
    EXPECT_TRUE(value) << response.body;
    return *value;
  }
};

TEST_F(HistoryTest, DecisionsComeNewestFirst) {
  const auto all = parsed(ask(kOwner, "GET", "/services/1/decisions"));
  const auto& items = *all.find("items")->array();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(*items[0].find("decision")->string(), "YES");
  EXPECT_EQ(*items[0].find("outcome")->string(), "order");
  EXPECT_EQ(*items[1].find("reason")->string(), "not drawn");
  const auto earlier = parsed(ask(kOwner, "GET", "/services/1/decisions?before=2&per_page=5"));
  ASSERT_EQ(earlier.find("items")->array()->size(), 1U);
  EXPECT_EQ(earlier.find("items")->array()->front().find("seq")->number()->text, "1");
  EXPECT_EQ(ask(kStranger, "GET", "/services/1/decisions").status, 404);
  EXPECT_EQ(ask(kAdmin, "GET", "/services/1/decisions?before=0").status, 400);
}

TEST_F(HistoryTest, AnOrdersStepsComeInTheirOrder) {
  const auto all = parsed(ask(kOwner, "GET", "/orders/1/steps"));
  const auto& items = *all.find("items")->array();
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(*items[0].find("step")->string(), "created");
  EXPECT_EQ(*items[0].find("note")->string(), "buy_signal");
  EXPECT_EQ(*items[1].find("step")->string(), "accept");
  EXPECT_EQ(*items[2].find("step")->string(), "fill");
  EXPECT_EQ(*items[2].find("price")->string(), "7");
  EXPECT_EQ(*items[2].find("time")->string(), "2023-11-14T22:15:00Z");
  EXPECT_EQ(ask(kStranger, "GET", "/orders/1/steps").status, 404);
}

TEST_F(HistoryTest, ABreakerConcernsWhoeverTradesInItsAccount) {
  for (const std::int64_t user : {kOwner, kAdmin}) {
    const auto answer = ask(user, "GET", "/risk/breaker");
    EXPECT_THAT(answer.body,
                HasSubstr(R"("state":"open","trips":2,"rule":"daily_loss","why":"daily_loss: 600 of 500")"));
  }
  EXPECT_THAT(ask(kStranger, "GET", "/risk/breaker").body, HasSubstr(R"("items":[])"));
}

}  // namespace
}  // namespace argosy::rest
