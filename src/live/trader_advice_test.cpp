// What would be decided: the same as is decided then, and nothing follows from asking.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "live/test_rig.hpp"

namespace argosy::live {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Advices : public testing::Test {
 public:
  Advices() {
    rig.make_service(R"(, "stop_loss_percent": "5", "buy_threshold": "50")");
    rig.decide(true);
  }
  Advice of_service() { return must(rig.process().trader().advise(1)); }
  Advice of_stock(Question what, const char* paid = "0", const char* threshold = "0") {
    return must(rig.process().trader().advise({.instrument_id = 1,
                                               .symbol = "AAPL",
                                               .strategy = "any",
                                               .what = what,
                                               .purchase_price = price(paid),
                                               .threshold = *Rate::parse(threshold),
                                               .stop_loss_percent = *Rate::parse("5"),
                                               .take_profit_percent = *Rate::parse("10")}));
  }
  Rig rig;
};

TEST_F(Advices, AServiceTellsWhatItOrdersThen) {
  EXPECT_THAT(of_service().reasons, ElementsAre(HasSubstr("no price")));
  rig.ask("service_pause", R"({"id": 1})");
  rig.quote("99.9", "100");
  EXPECT_THAT(of_service().reasons, ElementsAre(HasSubstr("PAUSED")));
  EXPECT_FALSE(of_service().yes);
  rig.ask("service_start", R"({"id": 1})");
  const std::int64_t journal = rig.book().last().journal;
  const Advice advice = of_service();
  EXPECT_TRUE(advice.yes);
  EXPECT_EQ(advice.confidence, 80);
  EXPECT_EQ(advice.ask, price("100"));
  EXPECT_EQ(rig.book().last().journal, journal) << "nothing is recorded";
  EXPECT_EQ(rig.decisions.asked, 0);
  EXPECT_THAT(rig.broker().submitted, IsEmpty());
  rig.quote("99.9", "100");
  ASSERT_THAT(rig.broker().submitted, SizeIs(1));
  EXPECT_EQ(rig.last().quantity, advice.quantity);
  EXPECT_THAT(of_service().reasons, ElementsAre("order 1 works"));
  rig.say(rig.filled(rig.last(), "100", rig.last().quantity.to_string().c_str()));
  EXPECT_THAT(of_service().reasons, ElementsAre("no"));
  EXPECT_EQ(of_service().what, Question::kSell);
}

TEST_F(Advices, WhatKeepsItFromBuyingIsSaid) {
  rig.decide(false);
  rig.quote("99.9", "100");
  rig.decide(true);
  rig.ask("risk_kill", R"({"reason": "enough"})");
  EXPECT_THAT(of_service().reasons, ElementsAre("enough"));
  rig.ask("risk_release", "{}");
  rig.ask("service_set", R"({"service_id": 1, "buy_threshold": "90"})");
  EXPECT_THAT(of_service().reasons, ElementsAre(HasSubstr("below the threshold of 90"), "yes"));
  rig.ask("service_set", R"({"service_id": 1, "buy_threshold": "0", "minimum_balance": "9950"})");
  EXPECT_THAT(of_service().reasons, ElementsAre("too little money for one lot", "yes"));
  rig.run(std::chrono::minutes(2));
  EXPECT_THAT(of_service().reasons, ElementsAre(HasSubstr("older than it may be")));
}

TEST_F(Advices, StopsComeBeforeTheStrategy) {
  rig.quote("99.9", "100");
  rig.buy();
  const Advice holds = of_service();
  EXPECT_FALSE(holds.yes);
  // A price that the service would sell at: looked at by a copy alone.
  EXPECT_FALSE(of_stock(Question::kSell, "101").yes);
  const Advice stopped = of_stock(Question::kSell, "110");
  EXPECT_TRUE(stopped.yes);
  EXPECT_EQ(stopped.source, "stop_loss");
  EXPECT_EQ(of_stock(Question::kSell, "90").source, "take_profit");
  rig.decide(true);
  EXPECT_TRUE(of_stock(Question::kBuy).yes);
  EXPECT_FALSE(of_stock(Question::kBuy, "0", "81").yes) << "its confidence is 80";
  EXPECT_FALSE(rig.process().trader().advise({.instrument_id = 7, .symbol = "TSLA", .strategy = "any"}));
  EXPECT_FALSE(rig.process().trader().advise(9));
}

// --- Removing. ---

TEST_F(Advices, AServiceIsRemovedWhenItHoldsNothingAndNothingWorks) {
  rig.order();
  EXPECT_THAT(rig.request("service_remove", R"({"id": 1})").error().message, HasSubstr("order 1 of service 1"));
  rig.say(rig.filled(rig.last(), "100", rig.last().quantity.to_string().c_str()));
  EXPECT_THAT(rig.request("service_remove", R"({"id": 1})").error().message, HasSubstr("holds"));
  rig.ask("complete", R"({"transaction_id": 1, "price": "100"})");
  rig.ask("service_remove", R"({"id": 1})");
  EXPECT_TRUE(rig.book().service(1)->removed_at.has_value());
  EXPECT_EQ(rig.book().service(1)->current_balance, Money());
  for (const char* kind : {"service_start", "service_stop", "service_pause", "service_remove", "close_position"})
    EXPECT_EQ(rig.request(kind, R"({"id": 1})").error().code, core::ErrorCode::kNotFound) << kind;
  EXPECT_EQ(rig.request("service_set", R"({"service_id": 1, "name": "x"})").error().code, core::ErrorCode::kNotFound);
  EXPECT_FALSE(rig.process().trader().advise(1));
  rig.set_account(rig.book().cash_of(1).to_string().c_str(), "99");
  rig.restart();
  EXPECT_EQ(rig.request("service_start", R"({"id": 1})").error().code, core::ErrorCode::kNotFound);
  EXPECT_THAT(rig.findings(), IsEmpty());
}

// --- Limits. ---

TEST_F(Advices, ALooserLimitIsToldFromATighterOne) {
  rig.ask("risk_set", R"({"name": "max_order_value", "value": "2500"})");
  const auto set = [&](const char* value) {
    return rig.request("risk_set",
                       std::string(R"({"name": "max_order_value", "tighter_only": true, "value": ")") + value + "\"}");
  };
  EXPECT_TRUE(set("2000"));
  EXPECT_EQ(set("2001").error().code, core::ErrorCode::kForbidden);
  EXPECT_EQ(set("none").error().code, core::ErrorCode::kForbidden);
  EXPECT_EQ(rig.book().soft_limits().at("max_order_value").value, "2000");
  EXPECT_TRUE(rig.request("risk_set", R"({"name": "max_order_value", "value": "none"})"));
  EXPECT_TRUE(set("2500")) << "tighter than none";
}

}  // namespace
}  // namespace argosy::live
