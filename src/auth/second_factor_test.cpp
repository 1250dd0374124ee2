// Second factors: codes, the vault in which their secrets lie, and logins that need one.
#include "auth/second_factor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <filesystem>
#include <memory>
#include <set>
#include <thread>

#include "auth/access.hpp"
#include "auth/random.hpp"
#include "auth/totp.hpp"
#include "auth/users.hpp"
#include "core/files.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"
#include "ledger/second_factor.hpp"

namespace argosy::auth {
namespace {

using core::ErrorCode;
using core::Secret;
using core::Timestamp;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::SizeIs;

// RFC 6238, appendix B, of whose eight digits an authenticator shows the last six.
TEST(Totp, GivesTheCodesOfTheRfc) {
  const Secret secret("12345678901234567890");
  for (const auto& [time, code] : {std::pair(59LL, "287082"), std::pair(1'111'111'109LL, "081804"),
                                   std::pair(1'111'111'111LL, "050471"), std::pair(1'234'567'890LL, "005924"),
                                   std::pair(2'000'000'000LL, "279037"), std::pair(20'000'000'000LL, "353130")})
    EXPECT_EQ(totp_code(secret, time / kTotpStepSeconds), code) << time;
}

TEST(Totp, TakesTheStepsBesideThePresentOne) {
  const Secret secret("12345678901234567890");
  const Timestamp now(seconds(1'111'111'109));
  const std::int64_t step = totp_step(now);
  for (std::int64_t away = -3; away <= 3; ++away) {
    const auto found = find_step(secret, totp_code(secret, step + away), now);
    EXPECT_EQ(found, away >= -1 && away <= 1 ? std::optional(step + away) : std::nullopt) << away;
  }
  for (const char* bad : {"", "08180", "0818040", "81804", "O81804"}) EXPECT_FALSE(find_step(secret, bad, now)) << bad;
}

// RFC 4648, section 10.
TEST(Totp, WritesBase32) {
  EXPECT_EQ(to_base32(""), "");
  EXPECT_EQ(to_base32("f"), "MY");
  EXPECT_EQ(to_base32("fo"), "MZXQ");
  EXPECT_EQ(to_base32("foo"), "MZXW6");
  EXPECT_EQ(to_base32("foobar"), "MZXW6YTBOI");
}

TEST(Vault, S27OpensWhatItSealedAndOfWhom) {
  const Vault vault{Secret(std::string(43, 'k'))};
  const std::string sealed = vault.seal(Secret("twenty bytes of text"), "totp:7");
  EXPECT_EQ(vault.unseal(sealed, "totp:7")->expose(), "twenty bytes of text");
  EXPECT_EQ(vault.unseal(sealed, "totp:8").error().code, ErrorCode::kCorrupt) << "put into another's row";
  EXPECT_FALSE(Vault(Secret(std::string(43, 'j'))).unseal(sealed, "totp:7")) << "another key";
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(vault.unseal(changed, "totp:7")) << i;
  }
  for (const char* bad : {"", "x", "AAAA"}) EXPECT_FALSE(vault.unseal(bad, "totp:7"));
  std::set<std::string> nonces;
  for (int i = 0; i < 1'000; ++i) nonces.insert(vault.seal(Secret("x"), "totp:7").substr(0, 32));
  EXPECT_THAT(nonces, SizeIs(1'000)) << "each time another nonce";
}

class SecondFactorTest : public testing::Test {
 public:
  SecondFactorTest() {
    folder = testing::TempDir() + "/argosy-factor-" + std::to_string(::getpid()) + "-" +
             testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    access = std::make_unique<Access>(
        pool, Tokens(Secret(std::string(43, 't'))), clock,
        AccessSettings{.cost = {.passes = 1, .memory_bytes = 8192}, .vault = Vault(Secret(std::string(43, 'k')))});
    for (const char* name : {"jean", "luis"}) {
      const auto hash = access->passwords().hash(Secret(std::string("password of ") + name));
      pool.write([&](ledger::Transaction& work) {
            return create_user(work,
                               {.username = name, .email = std::string(name) + "@localhost", .password_hash = *hash},
                               {.actor = "test", .time = clock.now()});
          })
          .value();
    }
  }
  ~SecondFactorTest() override {
    access.reset();
    std::filesystem::remove_all(folder);
  }

 protected:
  core::Result<Login> login(const std::string& code = {}, const std::string& peer = "192.0.2.1",
                            const std::string& name = "jean") {
    return access->login(name, Secret("password of " + name), peer, code);
  }
  // As an authenticator would, from what it was shown.
  std::string code(const Enrolment& shown, std::int64_t away = 0) const {
    std::string bytes;
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const char each : shown.secret) {
      held = (held << 5U) | static_cast<std::uint32_t>(each >= 'A' ? each - 'A' : each - '2' + 26);
      if (bits += 5; bits >= 8) bytes += static_cast<char>((held >> (bits -= 8)) & 0xFFU);
    }
    return totp_code(Secret(bytes), totp_step(clock.now()) + away);
  }
  void wait(core::Duration time) { clock.advance_to(clock.now() + time); }
  // Jean's, on.
  Enrolment turn_on() {
    who = *access->identify(login()->access_token);
    Enrolment shown = access->second_factor().enrol(who).value();
    recovery = access->second_factor().confirm(who, code(shown)).value();
    wait(seconds(kTotpStepSeconds));
    return shown;
  }

  std::string folder;
  core::SimulatedClock clock{Timestamp(seconds(1'700'000'010))};
  ledger::Pool pool{[this] {
    return ledger::open_database({.path = folder + "/ledger.db"}, ledger::ledger_schema(), core::system_files(), clock);
  }};
  std::unique_ptr<Access> access;
  Identity who;
  std::vector<std::string> recovery;
};

TEST_F(SecondFactorTest, IsAskedForFromItsConfirmationOn) {
  who = *access->identify(login()->access_token);
  const Enrolment forgotten = access->second_factor().enrol(who).value();
  const Enrolment shown = access->second_factor().enrol(who).value();
  EXPECT_THAT(shown.secret, SizeIs(32));
  EXPECT_EQ(shown.uri,
            "otpauth://totp/Argosy:jean?secret=" + shown.secret + "&issuer=Argosy&algorithm=SHA1&digits=6&period=30");
  EXPECT_TRUE(login()) << "nothing was confirmed";
  EXPECT_EQ(access->second_factor().confirm(who, code(forgotten)).error().field, "code");
  const auto codes = access->second_factor().confirm(who, code(shown));
  ASSERT_TRUE(codes);
  EXPECT_THAT(std::set<std::string>(codes->begin(), codes->end()), SizeIs(10));
  EXPECT_EQ(access->second_factor().enrol(who).error().code, ErrorCode::kConflict);
  EXPECT_EQ(access->second_factor().confirm(who, code(shown)).error().code, ErrorCode::kConflict);

  const auto without = login();
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ErrorCode::kUnauthorized);
  EXPECT_EQ(without.error().field, "code");
  EXPECT_EQ(access->login("jean", Secret("wrong password"), "192.0.2.1").error().field, "")
      << "without the password nobody hears of it";
  EXPECT_TRUE(login({}, "192.0.2.1", "luis")) << "it is jean's alone";
  wait(seconds(kTotpStepSeconds));
  EXPECT_TRUE(login(code(shown)));
}

TEST_F(SecondFactorTest, S12TakesACodeOnceAndNoOlderOne) {
  const Enrolment shown = turn_on();
  const std::string now = code(shown);
  ASSERT_TRUE(login(now));
  EXPECT_FALSE(login(now)) << "a second time";
  EXPECT_FALSE(login(code(shown, -1))) << "one before it";
  EXPECT_TRUE(login(code(shown, 1))) << "a clock that is ahead";
  wait(seconds(10 * kTotpStepSeconds));
  EXPECT_FALSE(login(code(shown, 2)));
  EXPECT_TRUE(login(code(shown, -1))) << "a clock that is behind";
}

TEST_F(SecondFactorTest, S12TheCodeOfAnothersSecretIsWrong) {
  const Enrolment shown = turn_on();
  const Identity luis = *access->identify(login({}, "192.0.2.1", "luis")->access_token);
  const Enrolment other = access->second_factor().enrol(luis).value();
  ASSERT_TRUE(access->second_factor().confirm(luis, code(other)));
  wait(seconds(kTotpStepSeconds));
  EXPECT_FALSE(login(code(other)));
  // Nor by whoever writes into the ledger: the other's sealed secret does not open in this row.
  pool.write([](ledger::Transaction& work) -> core::Result<void> {
        ARGOSY_TRY_VOID(
            work.execute("UPDATE second_factors SET secret = (SELECT secret FROM second_factors WHERE user_id = 2) "
                         "WHERE user_id = 1"));
        return {};
      })
      .value();
  EXPECT_EQ(login(code(other)).error().code, ErrorCode::kCorrupt);
}

TEST_F(SecondFactorTest, S12WrongCodesWaitWhereverTheyComeFrom) {
  const Enrolment shown = turn_on();
  int looked_at = 0;
  for (int i = 0; i < 50; ++i) {
    const std::string peer = "198.51.100." + std::to_string(i);
    EXPECT_FALSE(login({}, peer)) << "the password alone does not start the count again";
    const auto made = login("000000", peer);
    ASSERT_FALSE(made);
    if (made.error().code == ErrorCode::kUnauthorized) ++looked_at;
  }
  EXPECT_LE(looked_at, 5);
  const auto made = login(code(shown));
  ASSERT_FALSE(made) << "not even the right one is looked at";
  EXPECT_EQ(made.error().code, ErrorCode::kLimit);
  EXPECT_NE(made.error().value, "");
  wait(std::chrono::minutes(5));
  EXPECT_TRUE(login(code(shown)));
}

TEST_F(SecondFactorTest, RecoveryCodesLogInOnceEach) {
  turn_on();
  EXPECT_EQ(access->second_factor().state(who.user_id)->recovery_codes_left, 10);
  for (const std::string& each : recovery) {
    EXPECT_TRUE(login(each));
    EXPECT_FALSE(login(each));
  }
  EXPECT_EQ(access->second_factor().state(who.user_id)->recovery_codes_left, 0);
}

TEST_F(SecondFactorTest, RecoveryCodesAreReadAsPeopleTypeThem) {
  turn_on();
  std::string typed;
  for (const char each : recovery[0])
    typed += each == '-' ? ' ' : each >= 'A' && each <= 'Z' ? static_cast<char>(each + 32) : each;
  EXPECT_TRUE(login(typed));
}

TEST_F(SecondFactorTest, S29ARaceTakesACodeAndARefreshTokenOnce) {
  turn_on();
  const auto together = [](auto act) {
    std::atomic<int> done = 0;
    std::barrier<> start(8);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        if (act()) ++done;
      });
    }
    threads.clear();
    return done.load();
  };
  EXPECT_EQ(together([&] { return access->second_factor().check(who.user_id, "jean", recovery[0]).has_value(); }), 1);
  const auto luis = login({}, "192.0.2.1", "luis");
  EXPECT_EQ(together([&] { return access->refresh(luis->refresh_token).has_value(); }), 1);
}

TEST_F(SecondFactorTest, IsTurnedOffWithACodeOrByAnAdmin) {
  const Enrolment shown = turn_on();
  EXPECT_FALSE(access->second_factor().turn_off(who, "000000"));
  EXPECT_TRUE(access->second_factor().state(who.user_id)->is_on);
  ASSERT_TRUE(access->second_factor().turn_off(who, code(shown)));
  EXPECT_TRUE(login());
  EXPECT_FALSE(login(recovery[0]).has_value() && access->second_factor().state(who.user_id)->is_on);
  turn_on();
  const auto reset = [&] {
    return *pool.write([&](ledger::Transaction& work) {
      return reset_second_factor(work, who.user_id, {.actor = "root", .time = clock.now()});
    });
  };
  EXPECT_TRUE(reset());
  EXPECT_FALSE(reset());
  EXPECT_TRUE(login());
  const auto log = pool.read([](ledger::Transaction& work) {
    return ledger::select<ledger::AuditRow>(work, "WHERE action LIKE 'totp.%' ORDER BY seq");
  });
  std::string actions;
  for (const auto& each : *log) actions += each.action + " ";
  EXPECT_EQ(actions, "totp.on totp.off totp.on totp.reset ");
}

TEST_F(SecondFactorTest, S26TheLedgerHoldsNeitherSecretsNorRecoveryCodes) {
  const Enrolment shown = turn_on();
  const auto rows = pool.read(
      [](ledger::Transaction& work) { return ledger::select<ledger::SecondFactorRow>(work, "ORDER BY user_id"); });
  ASSERT_THAT(*rows, SizeIs(1));
  std::string bytes;
  for (const char* file : {"/ledger.db", "/ledger.db-wal"}) {
    if (const auto read = core::system_files().read(folder + file)) bytes += *read;
  }
  EXPECT_THAT(bytes, HasSubstr((*rows)[0].secret)) << "what is looked through is the ledger";
  EXPECT_EQ(bytes.find(shown.secret), std::string::npos);
  for (const std::string& each : recovery) EXPECT_EQ(bytes.find(each), std::string::npos);
}

TEST_F(SecondFactorTest, WithoutAVaultNobodyEnrolsAndWhoHasCannotLogIn) {
  const Enrolment shown = turn_on();
  Access without(pool, Tokens(Secret(std::string(43, 't'))), clock,
                 AccessSettings{.cost = {.passes = 1, .memory_bytes = 8192}});
  EXPECT_FALSE(without.login("jean", Secret("password of jean"), "192.0.2.1"));
  EXPECT_FALSE(without.login("jean", Secret("password of jean"), "192.0.2.1", code(shown)));
  EXPECT_EQ(without.second_factor().enrol({.user_id = 2, .username = "luis"}).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace argosy::auth
