// Who may: passwords, tokens, logins, sessions, keys. Attacks are named by their numbers (docs/reference/attacks.md).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <set>

#include "auth/access.hpp"
#include "auth/random.hpp"
#include "auth/users.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "ledger/audit.hpp"
#include "ledger/ledger_schema.hpp"
#include "ledger/open.hpp"
#include "ledger/records.hpp"

namespace argosy::auth {
namespace {

using core::ErrorCode;
using core::Secret;
using core::Timestamp;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

// As cheap as the library lets it be.
constexpr PasswordCost kCheap{.passes = 1, .memory_bytes = 8192};

class AccessTest : public testing::Test {
 public:
  AccessTest() {
    folder = testing::TempDir() + "/argosy-auth-" + std::to_string(::getpid()) + "-" +
             testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    access = std::make_unique<Access>(pool, Tokens(Secret(random_token())), clock, AccessSettings{.cost = kCheap});
    add("root", ledger::Role::kAdmin);
    add("jean", ledger::Role::kTrader);
  }
  ~AccessTest() override {
    access.reset();
    std::filesystem::remove_all(folder);
  }

 protected:
  std::int64_t add(const std::string& name, ledger::Role role) {
    const auto hash = access->passwords().hash(Secret("password of " + name));
    const auto made = pool.write([&](ledger::Transaction& work) {
      return create_user(work, {.username = name, .email = name + "@example.org", .role = role, .password_hash = *hash},
                         {.actor = "test", .time = clock.now()});
    });
    EXPECT_TRUE(made) << made.error().describe();
    return made ? made->user_id : 0;
  }
  core::Result<Login> login(const std::string& name, const std::string& peer = "192.0.2.1") {
    return access->login(name, Secret("password of " + name), peer);
  }
  void wait(core::Duration time) { clock.advance_to(clock.now() + time); }
  bool knows(const std::string& token) { return access->identify(token).has_value(); }
  core::Result<ledger::UserRow> change(std::int64_t user, const UserChange& asked) {
    return pool.write([&](ledger::Transaction& work) {
      return change_user(work, user, asked, {.actor = "test", .time = clock.now()});
    });
  }

  std::string folder;
  core::SimulatedClock clock{Timestamp(seconds(1'700'000'000))};
  ledger::Pool pool{[this] {
    return ledger::open_database({.path = folder + "/ledger.db"}, ledger::ledger_schema(), core::system_files(), clock);
  }};
  std::unique_ptr<Access> access;
};

TEST(Password, IsTakenByThePolicy) {
  const auto why = [](const std::string& text) {
    const auto checked = check_password(Secret(text), "jean-philippe");
    return checked ? std::string() : checked.error().message;
  };
  EXPECT_EQ(why("correct horse battery"), "");
  EXPECT_EQ(why("зелёный чай"), "");
  EXPECT_EQ(why(std::string(128, 'x') + ""), "the password is one character");
  EXPECT_EQ(why(std::string(64, 'x') + std::string(64, 'y')), "");
  EXPECT_THAT(why(std::string(64, 'x') + std::string(65, 'y')), HasSubstr("too long"));
  EXPECT_THAT(why("seven77"), HasSubstr("too short"));
  EXPECT_THAT(why("éééé"), HasSubstr("too short"));
  EXPECT_THAT(why("PassWord123"), HasSubstr("tried first"));
  EXPECT_THAT(why("Jean-Philippe"), HasSubstr("user's name"));
  EXPECT_THAT(why(std::string("nul\0nul\0nul", 11)), HasSubstr("control characters"));
  EXPECT_THAT(why("\xff\xfe\xfd password"), HasSubstr("UTF-8"));
  // S10: a megabyte is refused before anything is computed of it.
  EXPECT_THAT(why(std::string(1'000'000, 'x')), HasSubstr("too long"));
}

TEST(Password, MatchesItsHashAlone) {
  const Passwords passwords(kCheap);
  const auto hash = passwords.hash(Secret("correct horse"));
  ASSERT_TRUE(hash);
  EXPECT_THAT(*hash, testing::StartsWith("$argon2id$"));
  EXPECT_NE(*hash, *passwords.hash(Secret("correct horse"))) << "each has a salt of its own";
  EXPECT_TRUE(passwords.matches(*hash, Secret("correct horse")));
  EXPECT_FALSE(passwords.matches(*hash, Secret("correct horsf")));
  EXPECT_FALSE(passwords.matches("", Secret("")));
  EXPECT_FALSE(passwords.matches("no hash", Secret("no hash")));
}

TEST(Token, SaysWhatWasSignedUntilItExpires) {
  const Tokens tokens{Secret(random_token())};
  const Timestamp now(seconds(1'700'000'000));
  const Claims claims{.user_id = 7, .session_id = "abc", .issued_at = now, .expires_at = now + minutes(15)};
  const std::string token = tokens.sign(claims);
  const auto read = tokens.verify(token, now);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user_id, 7);
  EXPECT_EQ(read->session_id, "abc");
  // S6: clocks may differ by thirty seconds.
  EXPECT_TRUE(tokens.verify(token, now - seconds(30)));
  EXPECT_FALSE(tokens.verify(token, now - seconds(31)));
  EXPECT_TRUE(tokens.verify(token, now + minutes(15) + seconds(29)));
  EXPECT_FALSE(tokens.verify(token, now + minutes(15) + seconds(30)));
}

TEST(Token, S5RefusesWhateverIsNotOurs) {
  const Secret key(random_token());
  const Tokens tokens(key);
  const Timestamp now(seconds(1'700'000'000));
  const std::string token =
      tokens.sign({.user_id = 7, .session_id = "abc", .issued_at = now, .expires_at = now + minutes(15)});
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  const std::string header = token.substr(0, first);
  const std::string payload = token.substr(first, last - first);
  const std::string signature = token.substr(last);
  const auto with_header = [&](const std::string& json) { return to_base64url(json) + payload + signature; };
  std::set<std::string> words;
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), header + payload, header + payload + ".",
        with_header(R"({"alg":"none","typ":"at+jwt"})"), to_base64url(R"({"alg":"none"})") + payload + ".",
        with_header(R"({"alg":"RS256","kid":"1","typ":"at+jwt"})"), with_header(R"({"alg":"HS256","typ":"JWT"})"),
        with_header(R"({"alg":"HS256","kid":"../../etc/passwd","typ":"at+jwt"})"),
        with_header(R"({"alg":"HS256","jku":"http://evil.example/keys","typ":"at+jwt"})"),
        header + to_base64url(R"({"sub":"1"})") + signature, token + "A", token + ".", token + token,
        header + payload + signature.substr(0, signature.size() - 1) + "=", std::string(100'000, 'a'),
        Tokens(Secret(random_token()))
            .sign({.user_id = 7, .session_id = "abc", .issued_at = now, .expires_at = now + minutes(15)})}) {
    const auto read = tokens.verify(bad, now);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, ErrorCode::kUnauthorized);
    words.insert(read.error().message);
  }
  EXPECT_EQ(words.size(), 1U) << "nobody learns what was wrong";
  // Each changed character is found.
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tokens.verify(changed, now)) << i;
  }
}

TEST_F(AccessTest, KeyOfTokensIsItsOwnersAlone) {
  const std::string path = folder + "/api.key";
  const auto made = Tokens::open(path, core::system_files());
  ASSERT_TRUE(made) << made.error().describe();
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const Timestamp now = clock.now();
  const std::string token =
      made->sign({.user_id = 1, .session_id = "s", .issued_at = now, .expires_at = now + minutes(1)});
  EXPECT_TRUE(Tokens::open(path, core::system_files())->verify(token, now)) << "the same key after a restart";
  std::filesystem::permissions(path, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  EXPECT_EQ(Tokens::open(path, core::system_files()).error().code, ErrorCode::kInvalidArgument);
  std::filesystem::remove(path);
  ASSERT_TRUE(core::system_files().write_atomic(path, "short\n"));
  std::filesystem::permissions(path, std::filesystem::perms::owner_read);
  EXPECT_THAT(Tokens::open(path, core::system_files()).error().message, HasSubstr("less than 32"));
}

TEST_F(AccessTest, LogsInByNameOrAddressInAnyCase) {
  for (const std::string name : {"jean", "JEAN", "jean@example.org", "Jean@Example.org"}) {
    const auto made = access->login(name, Secret("password of jean"), "192.0.2.1");
    ASSERT_TRUE(made) << name;
    EXPECT_EQ(made->expires_in, 900);
    const auto who = access->identify(made->access_token);
    ASSERT_TRUE(who);
    EXPECT_EQ(who->username, "jean");
    EXPECT_EQ(who->role, ledger::Role::kTrader);
  }
  const auto row = pool.read([](ledger::Transaction& work) { return find_user(work, "jean"); });
  EXPECT_EQ((*row)->last_login, clock.now());
}

TEST_F(AccessTest, S9AnswersAlikeWhateverIsWrong) {
  change(2, {.is_active = false}).value();
  std::set<std::string> answers;
  for (const auto& [name, password] :
       {std::pair("root", "wrong password"), std::pair("nobody", "wrong password"),
        std::pair("jean", "password of jean"), std::pair("", ""), std::pair("root", "")}) {
    const auto made = access->login(name, Secret(password), "192.0.2.1");
    ASSERT_FALSE(made) << name;
    answers.insert(made.error().describe());
  }
  EXPECT_EQ(answers.size(), 1U);
}

TEST_F(AccessTest, S6RefreshTokenIsNoAccessToken) {
  const auto made = login("jean");
  EXPECT_FALSE(knows(made->refresh_token));
  EXPECT_FALSE(access->refresh(made->access_token));
}

TEST_F(AccessTest, S7SecondUseOfARefreshTokenEndsTheSession) {
  const auto first = login("jean");
  const auto second = access->refresh(first->refresh_token);
  ASSERT_TRUE(second);
  EXPECT_NE(second->refresh_token, first->refresh_token);
  EXPECT_TRUE(knows(second->access_token));
  EXPECT_EQ(access->refresh(first->refresh_token).error().code, ErrorCode::kUnauthorized);
  EXPECT_FALSE(knows(second->access_token)) << "the thief's and the user's";
  EXPECT_FALSE(access->refresh(second->refresh_token));
  EXPECT_TRUE(login("jean")) << "but the user can log in again";
}

TEST_F(AccessTest, S7EndsWithinASecondWhoeverEndsIt) {
  // By another process, which cannot tell this one.
  const auto token = [&] { return login("jean")->access_token; };
  const auto ends_by = [&](auto act) {
    const std::string held = token();
    ASSERT_TRUE(knows(held));
    act();
    wait(seconds(1));
    EXPECT_FALSE(knows(held));
  };
  ends_by([&] { change(2, {.role = ledger::Role::kViewer}).value(); });
  ends_by([&] { change(2, {.password_hash = *access->passwords().hash(Secret("password of jean"))}).value(); });
  ends_by([&] {
    change(2, {.is_active = false}).value();
    change(2, {.is_active = true}).value();
  });
  ends_by([&] {
    pool.write([&](ledger::Transaction& work) { return end_sessions(work, 2, "logout", clock.now()); }).value();
  });
}

TEST_F(AccessTest, LogoutEndsItsSessionAlone) {
  const auto one = login("jean");
  const auto other = login("jean");
  ASSERT_TRUE(access->logout(*access->identify(one->access_token)));
  EXPECT_FALSE(knows(one->access_token));
  EXPECT_FALSE(access->refresh(one->refresh_token));
  EXPECT_TRUE(knows(other->access_token));
}

TEST_F(AccessTest, ChangedPasswordEndsTheOtherSessions) {
  const auto one = login("jean");
  const auto other = login("jean");
  const Identity who = *access->identify(one->access_token);
  EXPECT_EQ(access->change_password(who, Secret("wrong"), Secret("another password")).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(access->change_password(who, Secret("password of jean"), Secret("short")).error().code,
            ErrorCode::kInvalidArgument);
  ASSERT_TRUE(access->change_password(who, Secret("password of jean"), Secret("another password")));
  EXPECT_TRUE(knows(one->access_token));
  EXPECT_FALSE(knows(other->access_token));
  EXPECT_FALSE(login("jean"));
  EXPECT_TRUE(access->login("jean", Secret("another password"), "192.0.2.1"));
}

TEST_F(AccessTest, SessionsEndWhenTheyAreNotRefreshed) {
  const auto made = login("jean");
  wait(minutes(15) + seconds(30));
  EXPECT_FALSE(knows(made->access_token));
  const auto next = access->refresh(made->refresh_token);
  ASSERT_TRUE(next);
  wait(std::chrono::hours(24 * 14));
  EXPECT_FALSE(access->refresh(next->refresh_token));
}

TEST_F(AccessTest, S8WrongPasswordsWaitLongerEachTime) {
  core::Duration waited{};
  int tried = 0;
  for (int i = 0; i < 10'000; ++i) {
    if (const core::Duration left = access->login_wait("jean", "198.51.100.6"); left > core::Duration{}) {
      EXPECT_FALSE(login("jean", "198.51.100.6")) << "not even the right one is looked at";
      waited += left;
      wait(left);
    }
    if (waited > std::chrono::hours(1)) break;
    EXPECT_FALSE(access->login("jean", Secret("guess " + std::to_string(i)), "198.51.100.6"));
    ++tried;
  }
  EXPECT_LT(tried, 25) << "passwords an hour";
  // From where the user has logged in before, no stranger keeps the user out.
  ASSERT_TRUE(login("root", "192.0.2.1"));
  for (int i = 0; i < 100; ++i) (void)access->login("root", Secret("wrong password"), "203.0.113." + std::to_string(i));
  EXPECT_GT(access->login_wait("root", "198.51.100.8"), core::Duration{});
  EXPECT_TRUE(login("root", "192.0.2.1"));
  // One try at each of many accounts.
  int refused = 0;
  for (int i = 0; i < 1'000; ++i) {
    if (access->login_wait("user" + std::to_string(i), "198.51.100.9") > core::Duration{})
      ++refused;
    else
      (void)access->login("user" + std::to_string(i), Secret("12345678"), "198.51.100.9");
  }
  EXPECT_GT(refused, 970);
}

TEST_F(AccessTest, KeysGiveNoMoreThanTheirScopeAndTheirUser) {
  const Identity root = *access->identify(login("root")->access_token);
  const Identity jean = *access->identify(login("jean")->access_token);
  const auto role = [&](const Identity& who, ledger::KeyScope scope) {
    return access->identify(access->make_key(who, "bot", scope, {})->key)->role;
  };
  EXPECT_EQ(role(root, ledger::KeyScope::kRead), ledger::Role::kViewer);
  EXPECT_EQ(role(root, ledger::KeyScope::kTrade), ledger::Role::kTrader);
  EXPECT_EQ(role(root, ledger::KeyScope::kAdmin), ledger::Role::kAdmin);
  EXPECT_EQ(role(jean, ledger::KeyScope::kAdmin), ledger::Role::kTrader);
}

TEST_F(AccessTest, KeysEndByTimeByHandAndWithTheirUser) {
  const Identity jean = *access->identify(login("jean")->access_token);
  const Identity root = *access->identify(login("root")->access_token);
  const auto timed = access->make_key(jean, "timed", ledger::KeyScope::kRead, clock.now() + minutes(1));
  const auto kept = access->make_key(jean, "kept", ledger::KeyScope::kRead, {});
  const auto roots = access->make_key(root, "roots", ledger::KeyScope::kRead, {});
  EXPECT_TRUE(knows(timed->key));
  wait(minutes(1));
  EXPECT_FALSE(knows(timed->key));
  EXPECT_EQ(access->revoke_key(jean, roots->row.key_id).error().code, ErrorCode::kNotFound) << "another's is not there";
  EXPECT_TRUE(access->revoke_key(root, kept->row.key_id));
  EXPECT_FALSE(knows(kept->key));
  const auto last = access->make_key(jean, "last", ledger::KeyScope::kRead, {});
  change(2, {.is_active = false}).value();
  wait(seconds(1));
  EXPECT_FALSE(knows(last->key));
}

// What is asked for many at once is what is asked for each alone.
TEST_F(AccessTest, RolesOfManyAreThoseOfEach) {
  using ledger::Role;
  std::vector<Identity> all;
  const auto know = [&](const std::string& token) { all.push_back(*access->identify(token)); };
  know(login("root")->access_token);
  know(login("jean")->access_token);
  know(login("jean")->access_token);
  know(access->make_key(all[0], "reads", ledger::KeyScope::kRead, {})->key);
  know(access->make_key(all[1], "trades", ledger::KeyScope::kAdmin, clock.now() + minutes(1))->key);
  for (int i = 0; i < 600; ++i)
    all.push_back({.user_id = 1, .username = "root", .session_id = fmt::format("none {}", i)});
  all.push_back({.user_id = 2, .username = "jean", .session_id = all[0].session_id});  // another's
  know(login("root")->access_token);
  const auto roles = [&] {
    std::vector<const Identity*> asked;
    for (const Identity& each : all) asked.push_back(&each);
    auto found = access->roles_now(asked).value();
    EXPECT_EQ(found.size(), all.size());
    for (std::size_t i = 5; i + 1 < found.size(); ++i) EXPECT_FALSE(found[i]) << i;
    return std::vector<std::optional<Role>>{found[0], found[1], found[2], found[3], found[4], found.back()};
  };
  constexpr std::nullopt_t kOver = std::nullopt;
  using testing::ElementsAre;
  EXPECT_THAT(roles(),
              ElementsAre(Role::kAdmin, Role::kTrader, Role::kTrader, Role::kViewer, Role::kTrader, Role::kAdmin));
  EXPECT_TRUE(access->logout(all[2]));
  EXPECT_THAT(roles(), ElementsAre(Role::kAdmin, Role::kTrader, kOver, Role::kViewer, Role::kTrader, Role::kAdmin));
  // Another role ends the sessions; keys give no more than it has.
  change(2, {.role = Role::kViewer}).value();
  EXPECT_THAT(roles(), ElementsAre(Role::kAdmin, kOver, kOver, Role::kViewer, Role::kViewer, Role::kAdmin));
  wait(minutes(1));
  EXPECT_THAT(roles(), ElementsAre(Role::kAdmin, kOver, kOver, Role::kViewer, kOver, Role::kAdmin));
  pool.write([](ledger::Transaction& work) {
        return work.execute("UPDATE users SET is_active = 0 WHERE user_id = 1", {});
      })
      .value();
  EXPECT_THAT(roles(), testing::Each(kOver));
  EXPECT_TRUE(access->roles_now({})->empty());
}

TEST_F(AccessTest, S26NothingThatAClientHoldsIsStored) {
  const auto made = login("jean");
  const auto key = access->make_key(*access->identify(made->access_token), "bot", ledger::KeyScope::kRead, {});
  pool.write([](ledger::Transaction& work) -> core::Result<void> {
        ARGOSY_TRY_VOID(work.execute("UPDATE users SET username = username"));
        return {};
      })
      .value();
  std::string bytes;
  for (const char* file : {"/ledger.db", "/ledger.db-wal"}) {
    if (const auto read = core::system_files().read(folder + file)) bytes += *read;
  }
  ASSERT_GT(bytes.size(), 10'000U);
  for (const std::string& held : {made->access_token, made->refresh_token, key->key, std::string("password of jean")})
    EXPECT_EQ(bytes.find(held), std::string::npos);
}

TEST_F(AccessTest, AnAdminIsAlwaysLeft) {
  EXPECT_EQ(change(1, {.is_active = false}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(change(1, {.role = ledger::Role::kTrader}).error().code, ErrorCode::kConflict);
  change(2, {.role = ledger::Role::kAdmin}).value();
  EXPECT_TRUE(change(1, {.is_active = false}));
}

TEST_F(AccessTest, UsersAreToldApart) {
  const auto create = [&](const std::string& name, const std::string& email) {
    return pool.write([&](ledger::Transaction& work) {
      return create_user(work, {.username = name, .email = email}, {.actor = "test", .time = clock.now()});
    });
  };
  EXPECT_EQ(create("JEAN", "x@y").error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(create("x", "JEAN@example.org").error().field, "email");
  for (const std::string bad : {"", "a b", "a\nb", "a@b", "<script>", "'; DROP TABLE users", "é"})
    EXPECT_EQ(create(bad, "x@y").error().code, ErrorCode::kInvalidArgument) << bad;
  EXPECT_EQ(create(std::string(51, 'x'), "x@y").error().code, ErrorCode::kInvalidArgument);
  for (const std::string bad : {"", "x", "@", "x@", "@y", "a@b@c", "a b@c"})
    EXPECT_EQ(create("x", bad).error().field, "email") << bad;
  EXPECT_TRUE(create("x", "x@y"));
}

TEST_F(AccessTest, ChangesStandInTheAuditLogWithoutHashes) {
  change(2, {.role = ledger::Role::kViewer}).value();
  const auto rows =
      pool.read([](ledger::Transaction& work) { return ledger::select<ledger::AuditRow>(work, "ORDER BY seq"); });
  ASSERT_EQ(rows->size(), 3U);
  EXPECT_EQ((*rows)[2].action, "user.change");
  EXPECT_THAT((*rows)[2].before, HasSubstr("trader"));
  EXPECT_THAT((*rows)[2].after, HasSubstr("viewer"));
  for (const auto& row : *rows) EXPECT_THAT(row.before + row.after, Not(HasSubstr("argon2")));
  const auto findings = pool.read([](ledger::Transaction& work) { return ledger::verify_audit(work); });
  EXPECT_THAT(*findings, testing::IsEmpty());
}

}  // namespace
}  // namespace argosy::auth
