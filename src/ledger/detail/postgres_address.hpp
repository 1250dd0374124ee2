// Where a PostgreSQL server is and who asks, as people write it, checked, and as its client library wants it.
//
//   postgresql://argosy@db.example.com:5432/trading?sslrootcert=/etc/ssl/our-ca.pem
//   postgresql:///trading?host=/var/run/postgresql&user=argosy        a Unix socket
//
// A password never stands in it: it is handed over beside it, or taken by the client library from PGPASSWORD. Whatever
// goes over a network is encrypted, and the server's name and certificate are checked (sslmode=verify-full).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/secret.hpp"

namespace argosy::ledger::detail {

struct PostgresAddress {
  std::string host;  // a name, an address, or the folder of a Unix socket
  std::string port;
  std::string user;  // empty: who runs the program
  std::string database;
  std::map<std::string, std::string> options;  // of the client library; those that may be given

  // On this machine: nothing goes over a network.
  [[nodiscard]] bool is_local() const;
  // For messages: "postgresql://argosy@db.example.com:5432/trading".
  [[nodiscard]] std::string text() const;
};

// kInvalidArgument says what is wrong, and never repeats a password.
[[nodiscard]] core::Result<PostgresAddress> parse_postgres_address(std::string_view url);

// "postgresql://?host=...&port=...": everything that decides with whom we speak and how is written out, so that nothing
// in the environment (PGHOSTADDR, PGSSLMODE, PGOPTIONS, ...) changes it. `schema` is where tables are looked for.
[[nodiscard]] std::string connection_text(const PostgresAddress& address, std::string_view schema,
                                          const core::Secret& password);

}  // namespace argosy::ledger::detail
