// Portfolios are named, chosen and removed; nothing is lost by it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "live/test_rig.hpp"

namespace argosy::live {
namespace {

using core::ErrorCode;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Portfolios : public testing::Test {
 public:
  Portfolios() { make("pension"); }

 protected:
  void make(const std::string& name) {
    rig.ask("portfolio_create", R"({"owner_id": 1, "broker_account_id": 1, "name": ")" + name + "\"}");
  }
  [[nodiscard]] const ledger::PortfolioRow& row(std::int64_t id) { return *rig.book().portfolio(id); }
  // Why it cannot be removed; empty: it was.
  [[nodiscard]] std::string removing(std::int64_t id) {
    const auto done = rig.request("portfolio_remove", R"({"id": )" + std::to_string(id) + "}");
    if (done) return {};
    EXPECT_EQ(done.error().code, ErrorCode::kConflict);
    return done.error().message;
  }
  Rig rig;
};

TEST_F(Portfolios, TheNumbersOfTheDefaultOneMayFall) {
  rig.ask("portfolio_set", R"({"portfolio_id": 2, "is_default": true})");
  EXPECT_FALSE(row(1).is_default);
  EXPECT_TRUE(row(2).is_default);
  // The row of number 1 is written before that of number 2, which is still the default one then.
  rig.ask("portfolio_set", R"({"portfolio_id": 1, "is_default": true, "name": "first"})");
  EXPECT_TRUE(row(1).is_default);
  const auto stored = rig.rows<ledger::PortfolioRow>("ORDER BY portfolio_id");
  EXPECT_EQ(std::tuple(stored[0].name, stored[0].is_default, stored[1].is_default), std::tuple("first", true, false));
  const auto refused = rig.request("portfolio_set", R"({"portfolio_id": 1, "is_default": false})");
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST_F(Portfolios, NamesMayBeSwappedInOneTurn) {
  rig.process().run_turn([&] {
    for (const char* payload :
         {R"({"portfolio_id": 1, "name": "x"})", R"({"portfolio_id": 2, "name": "default"})",
          R"({"portfolio_id": 1, "name": "pension"})", R"({"portfolio_id": 2, "is_default": true})"})
      must(rig.process().trader().take_request("portfolio_set", payload, "test"));
  });
  rig.run(std::chrono::milliseconds(10));
  const auto stored = rig.rows<ledger::PortfolioRow>("ORDER BY portfolio_id");
  EXPECT_EQ(std::tuple(stored[0].name, stored[1].name), std::tuple("pension", "default"));
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST_F(Portfolios, ANameIsOneAmongAnOwners) {
  for (const auto& [payload, code] :
       {std::tuple(R"({"portfolio_id": 2, "name": "default"})", ErrorCode::kAlreadyExists),
        std::tuple(R"({"portfolio_id": 2, "name": " "})", ErrorCode::kInvalidArgument),
        std::tuple(R"({"portfolio_id": 3, "name": "x"})", ErrorCode::kNotFound)})
    EXPECT_EQ(rig.request("portfolio_set", payload).error().code, code) << payload;
  rig.ask("portfolio_set", R"({"portfolio_id": 2, "name": "pension"})");
  EXPECT_EQ(row(2).name, "pension");
}

TEST_F(Portfolios, OneThatHasAnythingStays) {
  EXPECT_THAT(removing(1), HasSubstr("default one"));
  rig.ask("portfolio_fund", R"({"portfolio_id": 2, "amount": "500"})");
  EXPECT_THAT(removing(2), HasSubstr("500 USD in cash"));
  rig.ask("portfolio_withdraw", R"({"portfolio_id": 2, "amount": "500"})");
  rig.ask("portfolio_fund", R"({"portfolio_id": 2, "amount": "7", "money_market": true})");
  EXPECT_THAT(removing(2), HasSubstr("7 parked"));
  rig.ask("portfolio_withdraw", R"({"portfolio_id": 2, "amount": "7", "money_market": true})");
  rig.ask("portfolio_fund", R"({"portfolio_id": 2, "amount": "10000"})");
  rig.make_service(R"(, "portfolio_id": 2)");
  EXPECT_THAT(removing(2), HasSubstr("service 1"));
  rig.buy();
  EXPECT_THAT(removing(2), HasSubstr("AAPL"));
  rig.ask("portfolio_fund", R"({"portfolio_id": 2, "amount": "10000"})");
  rig.ask("complete", R"({"transaction_id": 1, "price": "100"})");
  rig.ask("service_remove", R"({"id": 1})");
  rig.ask("portfolio_withdraw", R"({"portfolio_id": 2, "amount": ")" + row(2).cash.to_string() + "\"}");
  EXPECT_THAT(removing(2), HasSubstr("holds 99 AAPL"));
  EXPECT_FALSE(row(2).removed_at);
}

// What a broker turns out to have belongs to a portfolio of the account.
TEST_F(Portfolios, TheLastOneOfAnAccountStays) {
  must(rig.database().write([](ledger::Transaction& work) -> core::Result<void> {
    const ledger::UserRow user{.user_id = 2, .username = "other", .email = "other@localhost"};
    ARGOSY_TRY_VOID(ledger::insert<ledger::UserRow>(work, {&user, 1}));
    const ledger::BrokerAccountRow account{.broker_account_id = 2, .broker = "fake", .owner_id = 2};
    return ledger::insert<ledger::BrokerAccountRow>(work, {&account, 1});
  }));
  rig.ask("portfolio_create", R"({"owner_id": 2, "broker_account_id": 2, "name": "theirs"})");
  EXPECT_THAT(removing(3), HasSubstr("last one of its broker account"));
  rig.ask("portfolio_create", R"({"owner_id": 2, "broker_account_id": 2, "name": "more"})");
  EXPECT_EQ(removing(3), "");
  EXPECT_THAT(removing(4), HasSubstr("last one of its broker account"));
}

TEST_F(Portfolios, ARemovedOneIsNotThereAnyMore) {
  EXPECT_EQ(removing(2), "");
  EXPECT_TRUE(row(2).removed_at.has_value());
  for (const auto& [kind, payload] :
       {std::tuple("portfolio_remove", R"({"id": 2})"), std::tuple("portfolio_set", R"({"portfolio_id": 2})"),
        std::tuple("portfolio_fund", R"({"portfolio_id": 2, "amount": "1"})"),
        std::tuple("service_create", R"({"portfolio_id": 2, "instrument_id": 1, "symbol": "AAPL", "balance": "10"})"),
        std::tuple("order_place",
                   R"({"portfolio_id": 2, "instrument_id": 1, "symbol": "AAPL", "side": "buy", "quantity": "1"})")})
    EXPECT_EQ(rig.request(kind, payload).error().code, ErrorCode::kNotFound) << kind;
  // Its name is free, as often as it is wanted.
  for (const std::int64_t id : {3, 4}) {
    make("pension");
    EXPECT_EQ(row(id).name, "pension");
    EXPECT_EQ(removing(id), "");
  }
  EXPECT_EQ(row(2).name, "pension (removed)");
  EXPECT_EQ(row(4).name, "pension (removed 3)");
  // A day begins and worth is told without it.
  rig.run(std::chrono::hours(24));
  for (const auto& day : rig.rows<ledger::DailyPnlRow>("WHERE scope = 'portfolio'"))
    EXPECT_EQ(day.subject_id, 1) << day.date.to_string();
  rig.restart();
  EXPECT_EQ(rig.request("portfolio_set", R"({"portfolio_id": 2})").error().code, ErrorCode::kNotFound);
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST_F(Portfolios, OneThatGetsMoneyAfterAllIsThereAgain) {
  EXPECT_EQ(removing(2), "");
  rig.process().run_turn([&] {
    rig.process().recorder().record(
        CashAdopted{.broker_account_id = 1, .portfolio_id = 2, .change = money("3"), .reason = "late"});
  });
  EXPECT_FALSE(row(2).removed_at);
  EXPECT_EQ(row(2).name, "pension (removed)");
  EXPECT_THAT(removing(2), HasSubstr("3 USD"));
  rig.ask("portfolio_set", R"({"portfolio_id": 2, "name": "pension"})");
  EXPECT_EQ(row(2).name, "pension");
  rig.run(std::chrono::milliseconds(10));
  EXPECT_THAT(rig.findings(), IsEmpty());
}

TEST_F(Portfolios, WhatIsDoneIsInTheAuditLog) {
  rig.ask("portfolio_set", R"({"portfolio_id": 2, "name": "old age"})");
  EXPECT_EQ(removing(2), "");
  const auto audit = rig.rows<ledger::AuditRow>("WHERE action IN ('portfolio.set', 'portfolio.remove') ORDER BY seq");
  ASSERT_EQ(audit.size(), 2U);
  EXPECT_THAT(audit[0].before, HasSubstr("pension"));
  EXPECT_THAT(audit[0].after, HasSubstr("old age"));
  EXPECT_THAT(audit[1].before, HasSubstr("old age"));
}

// --- What others have to say. ---

TEST_F(Portfolios, AUserIsToldWhatAnotherPartOfTheProgramSays) {
  rig.ask("tell_user", R"({"owner_id": 1, "severity": "warning", "subject": "job 7 was given up", "text": "twice"})");
  const auto told = rig.rows<ledger::OutboxRow>("WHERE subject LIKE 'job%'");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(std::tuple(told[0].severity, told[0].text, told[0].owner_id),
            std::tuple("warning", "twice", std::optional<std::int64_t>(1)));
  EXPECT_EQ(rig.request("tell_user", R"({"subject": "x", "severity": "loud"})").error().code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace argosy::live
