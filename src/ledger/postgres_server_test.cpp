// The databases of a server that tests make and drop. Other rooms' tests are linked with it, too.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <atomic>
#include <cstdlib>

#include "ledger/detail/postgres.hpp"
#include "ledger/detail/postgres_address.hpp"
#include "ledger/test_ledger.hpp"

namespace argosy::ledger {
namespace {

constexpr std::string_view kDatabase = "/postgres?";

std::string server_url() {
  const char* url = std::getenv("ARGOSY_TEST_POSTGRES");
  return url == nullptr ? "" : url;
}

detail::PostgresAddress server_address() { return *detail::parse_postgres_address(server_url()); }

// Each statement by itself, for some of them (CREATE DATABASE) run outside of every transaction.
std::vector<std::string> run_on(const std::string& url, std::initializer_list<std::string> statements) {
  const auto address = detail::parse_postgres_address(url);
  std::vector<std::string> answer;
  PGconn* connection = PQconnectdb(detail::connection_text(*address, "public", {}).c_str());
  EXPECT_EQ(PQstatus(connection), CONNECTION_OK) << PQerrorMessage(connection);
  for (const std::string& statement : statements) {
    PGresult* result = PQexec(connection, statement.c_str());
    const ExecStatusType status = PQresultStatus(result);
    EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        << statement << ": " << PQerrorMessage(connection);
    answer.clear();
    for (int row = 0; row < PQntuples(result); ++row) answer.emplace_back(PQgetvalue(result, row, 0));
    PQclear(result);
  }
  PQfinish(connection);
  return answer;
}

}  // namespace

std::string PostgresForTest::missing() {
  if (!server_url().empty()) return "";
  const char* why = std::getenv("ARGOSY_TEST_NO_POSTGRES");
  return why != nullptr ? why : "ARGOSY_TEST_POSTGRES names no server: ./dev test starts one, tools/postgres.py too";
}

PostgresForTest::PostgresForTest() {
  static std::atomic<int> count = 0;
  name_ = fmt::format("t{}_{}", ::getpid(), ++count);
  url_ = server_url();
  url_.replace(url_.find(kDatabase), kDatabase.size(), "/" + name_ + "?");
  run_on(server_url(), {"CREATE DATABASE " + name_});
}

PostgresForTest::~PostgresForTest() { run_on(server_url(), {"DROP DATABASE " + name_ + " WITH (FORCE)"}); }

std::string PostgresForTest::port() { return server_address().port; }

std::string PostgresForTest::tcp_url(const std::string& host, const std::string& tcp_port) const {
  return fmt::format("postgresql://visitor@{}:{}/{}", host, tcp_port.empty() ? port() : tcp_port, name_);
}

std::vector<std::string> PostgresForTest::run(const std::string& sql) const { return run_on(url_, {sql}); }

void PostgresForTest::run_all(std::initializer_list<std::string> statements) const { run_on(url_, statements); }

}  // namespace argosy::ledger
