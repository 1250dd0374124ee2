// What only a server can do to us: connections that are lost at any moment, deadlocks, two that make the same schema.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "ledger/detail/postgres.hpp"
#include "ledger/detail/postgres_address.hpp"
#include "ledger/test_ledger.hpp"

namespace argosy::ledger {

using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr core::Duration kWait = std::chrono::seconds(5);

class PostgresTest : public LedgerTest {
 public:
  void SetUp() override {
    if (!PostgresForTest::missing().empty()) GTEST_SKIP() << PostgresForTest::missing();
    server = std::make_unique<PostgresForTest>();
    server->run("CREATE SCHEMA plain; CREATE TABLE plain.t (i BIGINT PRIMARY KEY, s TEXT)");
  }

 protected:
  [[nodiscard]] std::string location_of(const std::string& /*database*/) const override { return server->url(); }
  [[nodiscard]] std::unique_ptr<Database> plain(const std::string& url = "", core::Duration wait = kWait) const {
    auto database = detail::open_postgres(url.empty() ? server->url() : url, "plain", password, wait);
    if (!database) ADD_FAILURE() << database.error().describe();
    return database ? *std::move(database) : nullptr;
  }
  [[nodiscard]] std::string rows() const { return server->run("SELECT count(*) FROM plain.t").front(); }
  // Ends the server's end of a connection, as a crash of its process would.
  static void cut(Transaction& work, const PostgresForTest& from) {
    std::string process;
    constexpr std::array kText = {ColumnType::kText};
    EXPECT_TRUE(work.query("SELECT CAST(pg_backend_pid() AS TEXT)", kText, {}, [&](const Row& row) -> Result<void> {
      process = row.text(0);
      return {};
    }));
    from.run(fmt::format("SELECT pg_terminate_backend({}, 5000)", process));
  }
  // A user who needs a password, for TCP.
  void make_visitor() {
    password = core::Secret("it's a \\ secret");  // no secret: of a server that lives for one test
    server->run(
        "DO $$ BEGIN CREATE ROLE visitor LOGIN PASSWORD 'it''s a \\ secret'; EXCEPTION WHEN OTHERS THEN NULL; END $$; "
        "GRANT ALL ON SCHEMA plain TO visitor; GRANT ALL ON plain.t TO visitor");
  }

  std::unique_ptr<PostgresForTest> server;
  core::Secret password;
};

// Stands between a program and the server's port, and can lose what the server answers.
class Wire {
 public:
  explicit Wire(const std::string& server_port) : server_port_(std::stoi(server_port)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = at(0);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    socklen_t length = sizeof(address);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = std::to_string(ntohs(address.sin_port));
    worker_ = std::thread([this] { work(); });
  }
  ~Wire() {
    stop_ = true;
    worker_.join();
    ::close(listener_);
  }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  [[nodiscard]] const std::string& port() const { return port_; }
  // From now on: how many connections are cut when the server has answered their COMMIT, before the answer goes on.
  void lose_commits(int count) { to_lose_ = count; }
  void refuse_connections() { refuse_ = true; }

 private:
  static sockaddr_in at(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  void work() {
    while (!stop_) {
      pollfd waiting{.fd = listener_, .events = POLLIN, .revents = 0};
      if (::poll(&waiting, 1, 20) <= 0) continue;
      const int client = ::accept(listener_, nullptr, nullptr);
      if (!refuse_) {
        const int server = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address = at(server_port_);
        EXPECT_EQ(::connect(server, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
        carry(client, server);
        ::close(server);
      }
      ::close(client);
    }
  }

  static constexpr std::string_view kCommit{"COMMIT\0", 7};  // the statement, not READ COMMITTED

  // Until one side ends it, or it is to be lost.
  void carry(int client, int server) {
    bool committing = false;
    std::array<pollfd, 2> ends = {pollfd{.fd = client, .events = POLLIN, .revents = 0},
                                  pollfd{.fd = server, .events = POLLIN, .revents = 0}};
    while (!stop_) {
      if (::poll(ends.data(), ends.size(), 20) <= 0) continue;
      for (std::size_t from = 0; from < ends.size(); ++from) {
        if (ends[from].revents == 0) continue;
        std::array<char, 65536> bytes{};
        const ssize_t count = ::recv(ends[from].fd, bytes.data(), bytes.size(), 0);
        if (count <= 0) return;
        const std::string_view text(bytes.data(), static_cast<std::size_t>(count));
        if (from == 0) committing = to_lose_ > 0 && text.contains(kCommit);
        if (from == 1 && committing) {
          --to_lose_;
          return;
        }
        EXPECT_EQ(::send(ends[1 - from].fd, bytes.data(), text.size(), MSG_NOSIGNAL), count);
      }
    }
  }

  int server_port_;
  int listener_ = -1;
  std::string port_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> refuse_ = false;
  std::atomic<int> to_lose_ = 0;
  std::thread worker_;
};

// What execute_many prepares serves the next units of work, until a statement fails or the connection is another one.
TEST_F(PostgresTest, PreparedStatementsAreKept) {
  const auto database = plain();
  constexpr std::array kInteger = {ColumnType::kInteger};
  const auto insert = [&](std::int64_t first, bool cut_first = false) {
    bool lose = cut_first;
    return database->write([&](Transaction& work) -> Result<void> {
      if (std::exchange(lose, false)) cut(work, *server);
      return work.execute_many(
          "INSERT INTO t (i) VALUES (:i)", kInteger, 2,
          [&](std::size_t i, std::vector<Value>& values) { values = {first + static_cast<std::int64_t>(i)}; });
    });
  };
  const auto kept = [&] {
    return texts(*database, "SELECT name FROM pg_prepared_statements WHERE statement LIKE 'INSERT INTO t%'");
  };
  ASSERT_TRUE(insert(1));
  const auto first = kept();
  EXPECT_EQ(first.size(), 1);
  ASSERT_TRUE(insert(3));
  EXPECT_EQ(kept(), first);
  // A callback's own error leaves it.
  EXPECT_FALSE(database->write([](Transaction&) -> Result<void> { return core::fail(ErrorCode::kLimit, "no"); }));
  EXPECT_EQ(kept(), first);
  const auto twice = insert(4);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::kConflict);
  EXPECT_TRUE(kept().empty());
  ASSERT_TRUE(insert(5));
  ASSERT_TRUE(insert(7, true));
  EXPECT_EQ(kept().size(), 1);
  EXPECT_EQ(rows(), "8");
}

// The unit of work is stored, and only the answer is lost: it is not done a second time.
TEST_F(PostgresTest, ACommitWhoseAnswerWasLost) {
  make_visitor();
  Wire wire(PostgresForTest::port());
  const auto database = plain(server->tcp_url("127.0.0.1", wire.port()) + "?sslmode=disable");
  wire.lose_commits(1);
  int tries = 0;
  const auto done = database->write([&](Transaction& work) -> Result<void> {
    ++tries;
    ARGOSY_TRY_VOID(work.execute(fmt::format("INSERT INTO t VALUES ({}, 'a')", tries)));
    return {};
  });
  EXPECT_TRUE(done) << done.error().describe();
  EXPECT_EQ(tries, 1);
  EXPECT_EQ(rows(), "1");
}

// Nobody can be asked what became of it: neither tried again nor called retryable.
TEST_F(PostgresTest, ACommitOfWhichNobodyKnows) {
  make_visitor();
  Wire wire(PostgresForTest::port());
  const auto database =
      plain(server->tcp_url("127.0.0.1", wire.port()) + "?sslmode=disable", std::chrono::milliseconds(300));
  wire.lose_commits(1);
  wire.refuse_connections();
  int tries = 0;
  const auto done = database->write([&](Transaction& work) -> Result<void> {
    ++tries;
    ARGOSY_TRY_VOID(work.execute("INSERT INTO t VALUES (1, 'a')"));
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(done.error().retryable);
  EXPECT_TRUE(done.error().hint.contains("stored or not")) << done.error().hint;
  EXPECT_EQ(tries, 1);
  EXPECT_EQ(rows(), "1") << "it was, in fact";
}

TEST_F(PostgresTest, SettingsOfAConnection) {
  server->run("ALTER DATABASE " + detail::parse_postgres_address(server->url())->database +
              " SET synchronous_commit = off");
  const auto database = plain();
  EXPECT_EQ(texts(*database, "SHOW synchronous_commit"), std::vector<std::string>{"on"});
  EXPECT_EQ(texts(*database, "SHOW client_encoding"), std::vector<std::string>{"UTF8"});
  EXPECT_EQ(texts(*database, "SHOW lock_timeout"), std::vector<std::string>{"1s"});
  EXPECT_EQ(texts(*database, "SHOW transaction_isolation"), std::vector<std::string>{"repeatable read"});
  EXPECT_EQ(texts(*database, "SHOW transaction_read_only"), std::vector<std::string>{"on"});
}

TEST_F(PostgresTest, ALostConnectionHasTheUnitOfWorkRunAgainWhole) {
  const auto database = plain();
  int tries = 0;
  const auto done = database->write([&](Transaction& work) -> Result<void> {
    ARGOSY_TRY_VOID(work.execute("INSERT INTO t VALUES (1, 'first')"));
    if (++tries <= 2) cut(work, *server);
    ARGOSY_TRY_VOID(work.execute("INSERT INTO t VALUES (2, 'second')"));
    return {};
  });
  EXPECT_TRUE(done) << done.error().describe();
  EXPECT_EQ(tries, 3);
  EXPECT_EQ(rows(), "2");
  tries = 0;
  const auto read = database->read([&](Transaction& work) -> Result<int> {
    if (++tries == 1) cut(work, *server);
    ARGOSY_TRY_VOID(work.execute("SELECT 1"));
    return tries;
  });
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_EQ(*read, 2);
}

// An idle connection that was lost is noticed by the next unit of work only.
TEST_F(PostgresTest, AConnectionLostBetweenUnitsOfWork) {
  const auto database = plain();
  ASSERT_TRUE(run_sql(*database, "INSERT INTO t VALUES (1, 'a')"));
  server->run(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'argosy' AND "
      "pid <> pg_backend_pid() AND datname = current_database()");
  EXPECT_TRUE(run_sql(*database, "INSERT INTO t VALUES (2, 'b')"));
  EXPECT_EQ(rows(), "2");
}

TEST_F(PostgresTest, AnEndlessLossIsAnError) {
  const auto database = plain();
  int tries = 0;
  const auto done = database->write([&](Transaction& work) -> Result<void> {
    ++tries;
    cut(work, *server);
    ARGOSY_TRY_VOID(work.execute("INSERT INTO t VALUES (2, 'second')"));
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(done.error().retryable);
  EXPECT_EQ(tries, 5);
  EXPECT_EQ(rows(), "0");
}

// The callback's own error is its last word, though the connection was lost too.
TEST_F(PostgresTest, AnErrorOfTheCallbackIsNotTriedAgain) {
  const auto database = plain();
  int tries = 0;
  const auto done = database->write([&](Transaction& work) -> Result<void> {
    ++tries;
    ARGOSY_TRY_VOID(work.execute("INSERT INTO t VALUES (1, 'a')"));
    cut(work, *server);
    return fail(ErrorCode::kLimit, "enough");
  });
  EXPECT_EQ(done.error().code, ErrorCode::kLimit);
  EXPECT_EQ(tries, 1);
  EXPECT_EQ(rows(), "0");
}

// The server ends the connection while it commits, before anything is stored: found out, and done again.
TEST_F(PostgresTest, ACommitThatWasLostBeforeItWasStored) {
  server->run(
      "CREATE SEQUENCE plain.commits; GRANT ALL ON plain.commits TO PUBLIC; "
      "CREATE FUNCTION plain.die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF nextval('plain.commits') <= 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END "
      "$$; "
      "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON plain.t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
      "EXECUTE FUNCTION plain.die()");
  const auto database = plain();
  int tries = 0;
  const auto done = database->write([&](Transaction& work) -> Result<void> {
    ++tries;
    ARGOSY_TRY_VOID(work.execute("INSERT INTO t VALUES (1, 'a')"));
    return {};
  });
  EXPECT_TRUE(done) << done.error().describe();
  EXPECT_EQ(tries, 3);
  EXPECT_EQ(rows(), "1");
}

// Another program, which does not take our lock, and we: each waits for the other, and we are the one who gives way.
TEST_F(PostgresTest, ADeadlockHasTheUnitOfWorkRunAgain) {
  server->run("INSERT INTO plain.t VALUES (1, 'a'), (2, 'b')");
  const auto database = plain("", std::chrono::seconds(50));
  int tries = 0;
  std::thread other;
  const auto done = database->write([&](Transaction& work) -> Result<void> {
    ++tries;
    ARGOSY_TRY_VOID(work.execute("SET LOCAL deadlock_timeout = '50ms'"));
    ARGOSY_TRY_VOID(work.execute("UPDATE t SET s = 'ours' WHERE i = 1"));
    if (tries == 1) {
      other = std::thread([&] {
        server->run_all({"SET deadlock_timeout = '1h'", "BEGIN", "UPDATE plain.t SET s = 'theirs' WHERE i = 2",
                         "SELECT pg_advisory_lock(1)", "UPDATE plain.t SET s = 'theirs' WHERE i = 1", "COMMIT"});
      });
      const std::string has_begun =
          "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = 1";
      while (server->run(has_begun).front() == "0") {
      }
    }
    ARGOSY_TRY_VOID(work.execute("UPDATE t SET s = 'ours' WHERE i = 2"));
    return {};
  });
  other.join();
  EXPECT_TRUE(done) << done.error().describe();
  EXPECT_GE(tries, 2) << "the other may still be there at the second one";
  EXPECT_EQ(server->run("SELECT DISTINCT s FROM plain.t"), std::vector<std::string>{"ours"});
}

// Both find no schema; one makes it, and the other finds it made.
TEST_F(PostgresTest, TwoThatMakeTheSameSchema) {
  std::vector<std::thread> makers;
  for (int i = 0; i < 4; ++i) {
    makers.emplace_back([this] {
      const auto database = try_open();
      EXPECT_TRUE(database) << database.error().describe();
    });
  }
  for (std::thread& maker : makers) maker.join();
  EXPECT_EQ(server->run("SELECT count(*) FROM runs.migrations"),
            std::vector<std::string>{fmt::to_string(runs_schema().migrations.size())});
}

TEST_F(PostgresTest, DatabasesOfDifferentNamesShareAServer) {
  constexpr const char* kOther[] = {"CREATE TABLE studies (x TEXT) STRICT"};
  const Migration step[] = {{"other", kOther}};
  const Schema other{.name = "ledger", .migrations = step, .tables = {}};
  const auto runs = open();
  const auto ledger = open_database({.path = location()}, other, core::system_files(), clock);
  ASSERT_TRUE(ledger) << ledger.error().describe();
  make_study(*runs, "of runs");
  ASSERT_TRUE(run_sql(**ledger, "INSERT INTO studies VALUES ('of the ledger')"));
  EXPECT_EQ(texts(*runs, "SELECT name FROM studies"), std::vector<std::string>{"of runs"});
  EXPECT_EQ(texts(**ledger, "SELECT x FROM studies"), std::vector<std::string>{"of the ledger"});
  // A writer of one does not wait for a writer of the other.
  ASSERT_TRUE(runs->write([&](Transaction& work) -> Result<void> {
    ARGOSY_TRY_VOID(work.execute("UPDATE studies SET seed = 8"));
    return run_sql(**ledger, "INSERT INTO studies VALUES ('meanwhile')");
  }));
}

TEST_F(PostgresTest, WhatIsNotThereIsNotMadeUnasked) {
  const auto exists = database_exists(location(), runs_schema(), core::system_files());
  ASSERT_TRUE(exists) << exists.error().describe();
  EXPECT_FALSE(*exists);
  const auto opened = try_open({.missing = Missing::kFail});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(server->run("SELECT count(*) FROM pg_namespace WHERE nspname = 'runs'"), std::vector<std::string>{"0"});
  ASSERT_NE(open(), nullptr);
  EXPECT_TRUE(*database_exists(location(), runs_schema(), core::system_files()));
  EXPECT_EQ(*stored_version(location(), runs_schema()), std::ssize(runs_schema().migrations));
}

TEST_F(PostgresTest, ATextWithNulIsRefused) {
  const auto done = plain()->write([](Transaction& work) -> Result<void> {
    ARGOSY_TRY_VOID(work.execute("INSERT INTO t VALUES (1, :s)", {std::string("a\0b", 3)}));
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kConflict);
  EXPECT_EQ(rows(), "0");
}

// The server sorts as people do; the ledger as bytes are, whatever its store.
TEST_F(PostgresTest, TextsAreSortedByTheirBytes) {
  const auto database = open();
  for (const char* name : {"b", "B", "a", "\xc3\xa4"}) make_study(*database, name);
  EXPECT_EQ(texts(*database, "SELECT name FROM studies ORDER BY name"),
            (std::vector<std::string>{"B", "a", "b", "\xc3\xa4"}));
}

TEST_F(PostgresTest, APasswordIsTakenAndNeverShown) {
  make_visitor();
  EXPECT_TRUE(run_sql(*plain(server->tcp_url("127.0.0.1")), "INSERT INTO t VALUES (1, 'a')"));
  const auto wrong = detail::open_postgres(server->tcp_url("127.0.0.1"), "plain", core::Secret("hidden thing"), kWait);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kReadOnly);
  EXPECT_TRUE(wrong.error().message.contains("password")) << wrong.error().message;
  EXPECT_FALSE(wrong.error().describe().contains("hidden"));
  EXPECT_TRUE(wrong.error().hint.contains("PGPASSWORD"));
}

// 127.0.0.2 is not among the names that are local: its certificate is checked, against nothing but the file that is
// named.
TEST_F(PostgresTest, AServerThatIsNotLocalShowsItsCertificate) {
  make_visitor();
  const auto unknown = detail::open_postgres(server->tcp_url("127.0.0.2"), "plain", password, kWait);
  ASSERT_FALSE(unknown);
  EXPECT_TRUE(unknown.error().message.contains("certificate")) << unknown.error().message;
  const char* authority = std::getenv("ARGOSY_TEST_POSTGRES_CA");
  ASSERT_NE(authority, nullptr);
  const auto known =
      detail::open_postgres(server->tcp_url("127.0.0.2") + "?sslrootcert=" + authority, "plain", password, kWait);
  ASSERT_TRUE(known) << known.error().describe();
  EXPECT_EQ(texts(**known, "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"),
            std::vector<std::string>{"TLSv1.3"});
}

TEST_F(PostgresTest, AUserWithoutRightsIsTold) {
  make_visitor();
  const auto opened = open_database({.path = server->tcp_url("127.0.0.1"), .password = password}, runs_schema(),
                                    core::system_files(), clock);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kReadOnly) << opened.error().describe();
}

}  // namespace
}  // namespace argosy::ledger
