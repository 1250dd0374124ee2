#include "push/hub.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "push/test_hub.hpp"

namespace argosy::push {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST_F(HubTest, TheFirstMessageSaysWhoItIs) {
  for (const char* first : {R"({"type":"subscribe","room":"stocks"})", "{", "[]", R"({"type":"auth"})",
                            R"({"type":"auth","token":"no token"})", R"({"type":"auth","ticket":"no ticket"})",
                            R"({"type":"auth","token":"argosy_no-key"})"}) {
    const Guest guest = connect();
    say(guest, first);
    EXPECT_EQ(guest.socket->code, kUnknown) << first;
    EXPECT_THAT(guest.socket->texts, IsEmpty()) << first;
    subscribe(guest, "stocks");
    EXPECT_THAT(guest.socket->texts, IsEmpty());
  }
  const Guest guest = connect(kOwner);
  EXPECT_THAT(guest.socket->last(), HasSubstr(R"("username":"owner","role":"trader","ledger":"abc123")"));
  say(guest, fmt::format(R"({{"type":"auth","token":"{}"}})", token(kAdmin)));
  EXPECT_THAT(guest.socket->last(), HasSubstr(R"("code":"conflict")")) << "nobody becomes somebody else";
}

TEST_F(HubTest, WhoSaysNothingIsNotWaitedFor) {
  const Guest silent = connect();
  const Guest known = connect(kOwner);
  run(seconds(9));
  EXPECT_EQ(silent.socket->code, 0);
  run(seconds(2));
  EXPECT_EQ(silent.socket->code, kTooLate);
  EXPECT_EQ(known.socket->code, 0);
}

TEST_F(HubTest, WhatCannotBeReadIsToldAndNothingElse) {
  const Guest guest = connect(kOwner);
  for (const char* wrong : {"{", R"({"type":"shout"})", R"({"type":"subscribe"})", R"({"type":"subscribe","room":7})",
                            R"({"type":"subscribe","room":"stocks","after":-1})",
                            R"({"type":"subscribe","room":"stocks","colour":"red"})"}) {
    say(guest, wrong);
    EXPECT_THAT(guest.socket->last(), HasSubstr(R"("type":"error","code":"invalid_argument")")) << wrong;
  }
  say(guest, R"({"type":"unsubscribe","room":"stocks"})");
  EXPECT_THAT(guest.socket->last(), HasSubstr(R"("code":"not_found")"));
  say(guest, R"({"type":"ping"})");
  EXPECT_EQ(guest.socket->last(), R"({"type":"pong"})");
  EXPECT_EQ(guest.socket->code, 0);
}

// S15: the whole matrix of rooms and callers. Another's room sounds like one that is not there.
TEST_F(HubTest, RoomsOfOthersAreNotThere) {
  const std::set<std::string> own{"service_1", "portfolio_1", "job_1"};
  for (const char* room : {"services", "service_1", "stocks", "stock_AAPL", "transactions", "price_updates", "orders",
                           "portfolio_1", "jobs", "job_1", "health", "notifications"}) {
    for (const std::int64_t user : {kAdmin, kOwner, kStranger}) {
      const Guest guest = connect(user);
      subscribe(guest, room, R"(,"snapshot":true)");
      const bool may = user != kStranger || !own.contains(room);
      EXPECT_EQ(heard(guest, "subscribed").size(), may ? 1U : 0U) << room << " of " << user;
      if (may) continue;
      std::string refused = guest.socket->last();
      const std::string other = std::string(room).substr(0, std::string_view(room).size() - 1) + "9";
      subscribe(guest, other);
      while (refused.contains(room)) refused.replace(refused.find(room), other.size(), other);
      EXPECT_EQ(guest.socket->last(), refused);
      EXPECT_THAT(refused, HasSubstr(R"("code":"not_found")"));
    }
  }
  const Guest guest = connect(kAdmin);
  for (const char* room : {"", "service_", "service_0", "service_01", "service_-1", "service_1x", "services/2",
                           "stock_", "stock_NOPE", "job_99999999999999999999", "everything", "SERVICES"}) {
    subscribe(guest, room);
    EXPECT_THAT(guest.socket->last(), HasSubstr(R"("code":"not_found")")) << room;
  }
}

TEST_F(HubTest, ListsCarryTheCallersRowsNumberedWithoutGaps) {
  change_service(2, kStranger, "pears");
  const Guest admin = connect(kAdmin);
  const Guest owner = connect(kOwner);
  const Guest one = connect(kOwner);
  subscribe(admin, "services");
  subscribe(owner, "services");
  subscribe(one, "service_1");
  EXPECT_THAT(heard(admin, "subscribed"), ElementsAre("services 2"));
  EXPECT_THAT(heard(owner, "subscribed"), ElementsAre("services 1"));
  change_service(2, kStranger, "plums");
  change_service(1, kOwner, "quinces");
  change_service(2, kStranger, "figs");
  change_service(1, kOwner, "dates");
  hub.changes_stored();
  run(milliseconds(1));
  EXPECT_THAT(heard(admin),
              ElementsAre("services 3 plums", "services 4 quinces", "services 5 figs", "services 6 dates"));
  EXPECT_THAT(heard(owner), ElementsAre("services 2 quinces", "services 3 dates"));
  EXPECT_THAT(heard(one), ElementsAre("service_1 2 quinces", "service_1 3 dates"));
  EXPECT_THAT(*owner.socket->texts.back(), Not(HasSubstr("services/2")));
}

TEST_F(HubTest, WhatAnotherProcessWritesIsFoundWithoutBeingTold) {
  const Guest guest = connect(kOwner);
  subscribe(guest, "services");
  change_service(1, kOwner, "pears");
  run(milliseconds(260));
  EXPECT_THAT(heard(guest), ElementsAre("services 2 pears"));
  run(seconds(2));
  EXPECT_THAT(heard(guest), SizeIs(1)) << "once";
  say(guest, R"({"type":"unsubscribe","room":"services"})");
  change_service(1, kOwner, "plums");
  run(seconds(1));
  EXPECT_THAT(heard(guest), SizeIs(1));
}

// The hub has not looked at the change when the second client comes, whose answer has it.
TEST_F(HubTest, WhatTheFirstAnswerHasIsNotToldAgain) {
  const Guest first = connect(kOwner);
  subscribe(first, "services");
  change_service(1, kOwner, "pears");
  const Guest second = connect(kOwner);
  subscribe(second, "services", R"(,"after":1)");
  EXPECT_THAT(heard(first), IsEmpty());
  EXPECT_THAT(heard(second), ElementsAre("services 2 pears"));
  run(milliseconds(260));
  EXPECT_THAT(heard(first), ElementsAre("services 2 pears"));
  EXPECT_THAT(heard(second), SizeIs(1));
}

TEST_F(HubTest, OneTextForAllWhoHearIt) {
  const Guest a = connect(kOwner);
  const Guest b = connect(kOwner);
  for (const Guest& each : {a, b}) subscribe(each, "services");
  change_service(1, kOwner, "pears");
  run(milliseconds(260));
  EXPECT_EQ(a.socket->texts.back(), b.socket->texts.back());
}

TEST_F(HubTest, WhoComesBackGetsWhatItMissedOrASnapshot) {
  for (int i = 0; i < 4; ++i) change_service(1, kOwner, fmt::format("name {}", i));
  const Guest back = connect(kOwner);
  subscribe(back, "services", R"(,"after":3,"ledger":"abc123")");
  change_service(1, kOwner, "new");
  run(milliseconds(260));
  EXPECT_THAT(heard(back, "subscribed"), ElementsAre("services 3"));
  EXPECT_THAT(heard(back), ElementsAre("services 4 name 2", "services 5 name 3", "services 6 new"));

  const auto snapshot = [&](const std::string& more) {
    const Guest guest = connect(kOwner);
    subscribe(guest, "services", more);
    EXPECT_THAT(heard(guest), IsEmpty()) << more;
    EXPECT_THAT(guest.socket->last(), HasSubstr(R"("rows":[{"what":"service","row":{"service_id":1)")) << more;
    return heard(guest, "snapshot");
  };
  EXPECT_THAT(snapshot(R"(,"after":0)"), ElementsAre("services 6")) << "more than it is sent one by one";
  EXPECT_THAT(snapshot(R"(,"after":99)"), ElementsAre("services 6")) << "numbers that were never given";
  EXPECT_THAT(snapshot(R"(,"after":6,"ledger":"zzz999")"), ElementsAre("services 6")) << "another ledger's";
  EXPECT_THAT(snapshot(R"(,"after":6,"snapshot":true)"), ElementsAre("services 6"));
  change([&](ledger::Transaction& work) -> core::Result<void> {
    ARGOSY_TRY_VOID(ledger::remove_old_changes(work, clock.now() + seconds(1), 1'000));
    return {};
  });
  EXPECT_THAT(snapshot(R"(,"after":4)"), ElementsAre("services 6")) << "what came after is no longer kept";
}

// S7, S15: whoever is out hears nothing more.
TEST_F(HubTest, AnEndedLoginClosesItsSocketsWithinASecond) {
  struct Case {
    const char* what;
    const char* sql;
  };
  const Case cases[] = {
      {"logout", "UPDATE sessions SET ended_at = 1 WHERE session_id = 'session 2'"},
      {"disabled", "UPDATE users SET is_active = 0 WHERE user_id = 2"},
      {"another role", "UPDATE users SET role = 'viewer' WHERE user_id = 2"},
  };
  const Guest other = connect(kStranger);
  for (const auto& [what, sql] : cases) {
    change([](ledger::Transaction& work) -> core::Result<void> {
      ARGOSY_TRY_VOID(work.execute("UPDATE sessions SET ended_at = NULL"));
      ARGOSY_TRY_VOID(work.execute("UPDATE users SET is_active = 1"));
      ARGOSY_TRY_VOID(work.execute("UPDATE users SET role = 'trader' WHERE user_id = 2"));
      return {};
    });
    access.forget();
    const Guest a = connect(kOwner);
    const Guest b = connect(kOwner);
    subscribe(a, "services");
    run(seconds(1));
    EXPECT_EQ(a.socket->code, 0) << what;
    change([&](ledger::Transaction& work) -> core::Result<void> {
      ARGOSY_TRY_VOID(work.execute(sql));
      return {};
    });
    run(milliseconds(900));
    EXPECT_EQ(a.socket->code, kUnknown) << what;
    EXPECT_EQ(b.socket->code, kUnknown) << what;
  }
  EXPECT_EQ(other.socket->code, 0);
  run(std::chrono::minutes(20));
  EXPECT_EQ(other.socket->code, 0) << "the token has expired, not the session";
  run(std::chrono::hours(1));
  EXPECT_EQ(other.socket->code, kUnknown) << "the session has expired";
}

TEST_F(HubTest, AKeyThatIsTakenBackClosesItsSockets) {
  const Guest guest = connect();
  say(guest, fmt::format(R"({{"type":"auth","token":"{}"}})", kKey));
  EXPECT_THAT(guest.socket->last(), HasSubstr("welcome"));
  run(seconds(2));
  EXPECT_EQ(guest.socket->code, 0);
  change([](ledger::Transaction& work) -> core::Result<void> {
    ARGOSY_TRY_VOID(work.execute("UPDATE api_keys SET revoked_at = 1"));
    return {};
  });
  run(milliseconds(900));
  EXPECT_EQ(guest.socket->code, kUnknown);
}

TEST_F(HubTest, ATicketLetsInOnceAndSoon) {
  const auto who = access.identify(token(kOwner));
  ASSERT_TRUE(who);
  const auto show = [&](const std::string& ticket) {
    Guest guest = connect();
    say(guest, fmt::format(R"({{"type":"auth","ticket":"{}"}})", ticket));
    return guest.socket->code;
  };
  const auto ticket = tickets.make(*who);
  EXPECT_EQ(show(*ticket), 0);
  EXPECT_EQ(show(*ticket), kUnknown) << "used";
  const auto late = tickets.make(*who);
  run(seconds(31));
  EXPECT_EQ(show(*late), kUnknown);
  const auto ended = tickets.make(*who);
  change([](ledger::Transaction& work) -> core::Result<void> {
    ARGOSY_TRY_VOID(work.execute("UPDATE sessions SET ended_at = 1"));
    return {};
  });
  access.forget();
  EXPECT_EQ(show(*ended), kUnknown) << "its login has ended";
}

market::Quote quote(std::int64_t last) {
  return {.time = core::Timestamp(seconds(5)),
          .bid = core::Price::from_integer(last - 1),
          .ask = core::Price::from_integer(last + 1),
          .last = core::Price::from_integer(last)};
}

TEST_F(HubTest, PricesAreOneTextInAQuarterOfASecond) {
  prices.set(1, quote(100));
  prices.set(2, quote(200));
  const Guest a = connect(kOwner);
  const Guest b = connect(kStranger);
  for (const Guest& each : {a, b}) subscribe(each, "price_updates");
  run(milliseconds(260));
  EXPECT_THAT(heard(a, "prices"), SizeIs(1)) << "all that there are";
  EXPECT_THAT(a.socket->last(), HasSubstr(R"("symbol":"MSFT","bid":"199","ask":"201","last":"200")"));
  const std::size_t before = a.socket->texts.size();
  for (int i = 1; i <= 20; ++i) {
    prices.set(1, quote(100 + i));
    run(milliseconds(50));
  }
  run(milliseconds(250));
  const std::size_t frames = a.socket->texts.size() - before;
  EXPECT_GE(frames, 3U);
  EXPECT_LE(frames, 6U) << "1,250 ms";
  EXPECT_THAT(a.socket->last(), HasSubstr(R"("last":"120")"));
  EXPECT_THAT(a.socket->last(), Not(HasSubstr("MSFT"))) << "only what changed";
  EXPECT_EQ(a.socket->texts.back(), b.socket->texts.back());
  run(seconds(1));
  EXPECT_EQ(a.socket->texts.size() - before, frames) << "nothing changed";
  prices.set(99, quote(1));  // nobody's instrument
  run(milliseconds(260));
  say(a, R"({"type":"unsubscribe","room":"price_updates"})");
  prices.set(1, quote(7));
  run(milliseconds(260));
  EXPECT_THAT(a.socket->last(), HasSubstr("unsubscribed"));
  EXPECT_THAT(b.socket->last(), HasSubstr(R"("last":"7")"));
}

TEST_F(HubTest, HealthIsToldAsItIs) {
  const Guest guest = connect(kStranger);
  subscribe(guest, "health");
  EXPECT_THAT(guest.socket->last(), HasSubstr("subscribed"));
  hub.tell_health(R"({"state":"healthy"})");
  run(milliseconds(1));
  EXPECT_EQ(guest.socket->last(), R"({"type":"health","room":"health","health":{"state":"healthy"}})");
  const Guest later = connect(kOwner);
  subscribe(later, "health");
  EXPECT_THAT(later.socket->last(), HasSubstr(R"("state":"healthy")"));
}

TEST_F(HubTest, AClientHearsSoManyRoomsAndNoMore) {
  change([&](ledger::Transaction& work) -> core::Result<void> {
    std::vector<ledger::JobRow> jobs;
    for (std::int64_t id = 2; id <= 30; ++id)
      jobs.push_back(
          {.job_id = id, .owner_id = kOwner, .type = "backup", .next_try_at = clock.now(), .created_at = clock.now()});
    return ledger::insert<ledger::JobRow>(work, jobs);
  });
  const Guest guest = connect(kOwner);
  for (int id = 1; id <= 21; ++id) subscribe(guest, fmt::format("job_{}", id));
  EXPECT_THAT(heard(guest, "subscribed"), SizeIs(20));
  EXPECT_THAT(guest.socket->last(), HasSubstr("at most 20 rooms"));
  subscribe(guest, "job_1");
  EXPECT_THAT(heard(guest, "subscribed"), SizeIs(21)) << "again";
}

TEST_F(HubTest, WhoIsGoneIsForgotten) {
  const Guest guest = connect(kOwner);
  for (const char* room : {"services", "price_updates", "health"}) subscribe(guest, room);
  const std::size_t before = guest.socket->texts.size();
  guest.listener->on_closed();
  run(milliseconds(1));
  change_service(1, kOwner, "pears");
  prices.set(1, quote(5));
  hub.tell_health("{}");
  run(seconds(1));
  EXPECT_EQ(guest.socket->texts.size(), before);
}

}  // namespace
}  // namespace argosy::push
