#include "ledger/detail/postgres_lock.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <cstdint>
#include <string_view>
#include <utility>

#include "core/patience.hpp"
#include "ledger/detail/postgres.hpp"
#include "ledger/detail/postgres_address.hpp"

namespace argosy::ledger::detail {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Patience;
using core::Result;

namespace {

// The first half of the key: "arho". Another one than that of units of work, which wait for each other and not for it.
constexpr std::int32_t kLockClass = 0x6172686f;

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};

class PostgresLock final : public HolderLock {
 public:
  PostgresLock(const PostgresAddress& address, const std::string& schema, const core::Secret& password)
      : name_(fmt::format("{} schema {}", address.text(), schema)),
        connection_text_(connection_text(address, schema, password)),
        statement_(fmt::format("SELECT pg_try_advisory_lock({}, {})::text", kLockClass, lock_key(schema))) {}

  // Connects where there is no connection. False: somebody else has it.
  Result<bool> take() {
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
      connection_.reset(PQconnectdb(std::string(connection_text_.expose()).c_str()));
      if (PQstatus(connection_.get()) != CONNECTION_OK)
        return fail(connection_error(PQerrorMessage(connection_.get()), name_));
    }
    const auto answer = ask(statement_.c_str());
    if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK)
      return fail(connection_error(PQerrorMessage(connection_.get()), name_));
    return std::string_view(PQgetvalue(answer.get(), 0, 0)) == "true";
  }

  Result<void> keep() override {
    if (PQresultStatus(ask("SELECT 1").get()) == PGRES_TUPLES_OK) return {};
    ARGOSY_TRY(const bool taken, take());
    if (taken) return {};
    return fail(Error(ErrorCode::kConflict, "the connection that held the ledger was lost, and another process took it")
                    .with_hint("this process must write and send nothing more: end it")
                    .at(name_));
  }

 private:
  [[nodiscard]] std::unique_ptr<PGresult, Clear> ask(const char* statement) {
    return std::unique_ptr<PGresult, Clear>(PQexec(connection_.get(), statement));
  }

  std::string name_;
  core::Secret connection_text_;
  std::string statement_;
  std::unique_ptr<PGconn, Finish> connection_;
};

}  // namespace

Result<std::unique_ptr<HolderLock>> take_postgres_lock(const std::string& url, const std::string& schema,
                                                       const core::Secret& password, core::Duration wait) {
  ARGOSY_TRY(const PostgresAddress address, parse_postgres_address(url));
  auto lock = std::make_unique<PostgresLock>(address, schema, password);
  for (Patience patience(wait);;) {
    ARGOSY_TRY(const bool taken, lock->take());
    if (taken) return std::unique_ptr<HolderLock>(std::move(lock));
    if (patience.wait()) continue;
    Error error(ErrorCode::kUnavailable, "another process has the lock");
    error.retryable = true;
    return fail(std::move(error).at(address.text()));
  }
}

}  // namespace argosy::ledger::detail
