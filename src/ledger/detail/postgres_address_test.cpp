#include "ledger/detail/postgres_address.hpp"

#include <gtest/gtest.h>

namespace argosy::ledger::detail {
namespace {

PostgresAddress parsed(const std::string& url) {
  const auto address = parse_postgres_address(url);
  if (!address) ADD_FAILURE() << url << ": " << address.error().describe();
  return address ? *address : PostgresAddress();
}

std::string refused(const std::string& url) {
  const auto address = parse_postgres_address(url);
  if (!address) return address.error().message + " | " + address.error().hint;
  ADD_FAILURE() << url << " was taken";
  return "";
}

std::string connection(const std::string& url) { return connection_text(parsed(url), "runs", {}); }

TEST(PostgresAddress, ItsParts) {
  const PostgresAddress whole = parsed("postgresql://ar%67osy@db.example.com:6543/trading?connect_timeout=3");
  EXPECT_EQ(whole.user, "argosy");
  EXPECT_EQ(whole.host, "db.example.com");
  EXPECT_EQ(whole.port, "6543");
  EXPECT_EQ(whole.database, "trading");
  EXPECT_EQ(whole.options.at("connect_timeout"), "3");
  EXPECT_EQ(whole.text(), "postgresql://argosy@db.example.com:6543/trading");
  const PostgresAddress least = parsed("postgres:///trading");
  EXPECT_EQ(least.host, "/var/run/postgresql");
  EXPECT_EQ(least.port, "5432");
  EXPECT_EQ(least.user, "");
  const PostgresAddress six = parsed("postgresql://u@[2001:db8::1]:99/t");
  EXPECT_EQ(six.host, "2001:db8::1");
  EXPECT_EQ(six.text(), "postgresql://u@[2001:db8::1]:99/t");
  EXPECT_EQ(parsed("postgresql:///t?host=%2Frun%2Fpg&user=u&port=1").host, "/run/pg");
}

TEST(PostgresAddress, APasswordIsRefusedAndNotRepeated) {
  for (const char* rest : {"u:hidden@h/t", "u:hid/den@h/t", "u:hid?den@h/t", "u:hid@den@h/t", "u@h/t?password=hidden",
                           "u@h/t?pass%77ord=hidden", "u@h/t?sslpassword=hidden", "u@h/t?passfile=hidden"}) {
    const std::string url = std::string("postgresql://") + rest;
    const std::string message = refused(url);
    EXPECT_TRUE(message.contains("PGPASSWORD")) << url << ": " << message;
    EXPECT_FALSE(message.contains("hid") || message.contains("den@")) << url << ": " << message;
  }
  EXPECT_FALSE(refused("postgresql://u:hidden/t").contains("hidden")) << "the @ was forgotten";
}

TEST(PostgresAddress, WhatGoesOverANetworkIsChecked) {
  EXPECT_TRUE(connection("postgresql://u@db.example.com/t").contains("sslmode=verify%2Dfull"));
  EXPECT_TRUE(connection("postgresql://u@db.example.com/t?sslmode=verify-full").contains("sslmode=verify%2Dfull"));
  EXPECT_TRUE(connection("postgresql://u@127.0.0.2/t").contains("sslmode=verify%2Dfull"));
  for (const char* local : {"localhost", "127.0.0.1", "[::1]", ""})
    EXPECT_TRUE(connection(std::string("postgresql://") + local + "/t").contains("sslmode=prefer")) << local;
  EXPECT_TRUE(connection("postgresql://localhost/t?sslmode=disable").contains("sslmode=disable"));
  for (const char* mode : {"disable", "allow", "prefer", "require", "verify-ca"})
    EXPECT_TRUE(refused(std::string("postgresql://u@db.example.com/t?sslmode=") + mode).contains("leave")) << mode;
}

// Nothing of the environment decides with whom we speak.
TEST(PostgresAddress, TheConnectionSaysEverything) {
  const std::string text = connection("postgresql://u@db.example.com/t");
  for (const char* part : {"hostaddr=&", "gssencmode=disable", "port=5432", "dbname=t", "user=u",
                           "options=%2Dc%20search%5Fpath%3D%22runs%22"}) {
    EXPECT_TRUE(text.contains(part)) << part << " in " << text;
  }
  EXPECT_TRUE(connection_text(parsed("postgresql:///t"), "runs", core::Secret("a b'c\\d&e"))
                  .contains("password=a%20b%27c%5Cd%26e"));
}

TEST(PostgresAddress, WhatIsWrongIsSaid) {
  EXPECT_TRUE(refused("mysql://h/t").contains("postgresql://"));
  EXPECT_TRUE(refused("postgresql://u@h").contains("no database"));
  EXPECT_TRUE(refused("postgresql://u@h/").contains("no database"));
  EXPECT_TRUE(refused("postgresql://u@h:0/t").contains("1 to 65535"));
  EXPECT_TRUE(refused("postgresql://u@h:x/t").contains("1 to 65535"));
  EXPECT_TRUE(refused("postgresql://u@h,i/t").contains("several hosts"));
  EXPECT_TRUE(refused("postgresql://u@[::1/t").contains("without its ]"));
  EXPECT_TRUE(refused("postgresql://u@h/t?options=-cx").contains("\"options\""));
  EXPECT_TRUE(refused("postgresql://u@h/t?sslmode").contains("\"sslmode\""));
  EXPECT_TRUE(refused("postgresql://u%zz@h/t").contains("%25"));
  EXPECT_TRUE(refused("postgresql://u%00@h/t").contains("%25"));
  EXPECT_TRUE(refused("postgresql://u@h/t%2").contains("%25"));
}

}  // namespace
}  // namespace argosy::ledger::detail
