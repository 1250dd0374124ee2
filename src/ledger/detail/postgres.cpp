#include "ledger/detail/postgres.hpp"

#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>

#include "core/check.hpp"
#include "core/patience.hpp"
#include "core/text.hpp"
#include "ledger/acting.hpp"
#include "ledger/detail/dialect.hpp"
#include "ledger/detail/postgres_address.hpp"
#include "ledger/detail/soci_transaction.hpp"
#include "ledger/row_policies.hpp"

namespace argosy::ledger::detail {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Patience;
using core::Result;

namespace {

constexpr int kOldestServer = 150000;
// A unit of work that others push aside (a deadlock, say) is tried so often; and a writer waits for the lock this part
// of its patience at a time.
constexpr int kTries = 5;
// The first half of the key of the writers' lock: "argo".
constexpr std::int32_t kLockClass = 0x6172676f;

Error make_error(ErrorCode code, const std::string& message, const char* hint, const std::string& name) {
  return Error(code, fmt::format("the database cannot be used: {}", core::trim(message))).with_hint(hint).at(name);
}

Error unavailable(const std::string& message, const char* hint, const std::string& name) {
  Error error = make_error(ErrorCode::kUnavailable, message, hint, name);
  error.retryable = true;
  return error;
}

// "a  b\n\tc" as one line.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : core::trim(text)) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank) line += c;
    if (blank && !line.ends_with(' ')) line += ' ';
  }
  return line;
}

// The server's five letters and digits (SQLSTATE) as an error of ours, with the way out.
Error translate_state(std::string_view state, const std::string& message, const std::string& name) {
  const std::string_view kind = state.substr(0, 2);
  if (state == "40001" || state == "40P01" || state == "55P03")
    return unavailable(message, "another process is writing; try again when it is done", name);
  // The tables have changed since a statement was prepared: it is prepared anew when the unit of work runs again.
  if (state == "0A000" && message.contains("cached plan"))
    return unavailable(message, "another process changes the schema; try again when it is done", name);
  if (kind == "08" || state.starts_with("57P0") || state == "53300")
    return unavailable(message, "look whether the server runs, and at its log", name);
  if (state == "53100")
    return make_error(ErrorCode::kOutOfSpace, message, "free some space on the server's disk", name);
  if (kind == "53" || kind == "54") return make_error(ErrorCode::kLimit, message, "look at the server's limits", name);
  if (state == "42501" && message.contains("row-level security"))
    return make_error(ErrorCode::kForbidden, message, "the row would be another user's", name);
  if (state == "42501" || state == "25006")
    return make_error(ErrorCode::kReadOnly, message, "grant the user CREATE on the database: it owns its schemas",
                      name);
  if (kind == "22" || kind == "23") {
    return make_error(ErrorCode::kConflict, message,
                      "a row like it is stored already, or one that it belongs to is not, or a value does not fit",
                      name);
  }
  if (kind == "XX") {
    return make_error(ErrorCode::kCorrupt, message,
                      "look at the server's log and at argosy db verify, and bring a backup back: argosy db restore",
                      name);
  }
  return make_error(ErrorCode::kIo, message, "this is a mistake in a statement, or in the schema: argosy db verify",
                    name);
}

// The client library's connection and results, which SOCI keeps.
PGconn* connection_of(soci::session& session) {
  return static_cast<soci::postgresql_session_backend*>(session.get_backend())->conn_;
}

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPointer = std::unique_ptr<PGresult, ClearResult>;

bool is_good(const ResultPointer& result) {
  const ExecStatusType status = PQresultStatus(result.get());
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

std::string state_of(const ResultPointer& result) {
  const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  return state == nullptr ? "" : state;
}

class PostgresTransaction final : public SociTransaction {
 public:
  PostgresTransaction(soci::session& session, Statements& statements, const std::string& name)
      : SociTransaction(session, statements), session_(session), name_(name) {}

 protected:
  Error caught() override {
    try {
      throw;
    } catch (const soci::postgresql_soci_error& error) {
      if (PQstatus(connection_of(session_)) == CONNECTION_BAD) return lost(error.get_error_message());
      return translate_state(error.sqlstate(), error.get_error_message(), name_);
    } catch (const soci::soci_error& error) {
      return make_error(ErrorCode::kIo, error.get_error_message(), "this is a mistake in a statement", name_);
    } catch (const std::exception& error) {
      return make_error(ErrorCode::kIo, error.what(), "this is a mistake in a statement", name_);
    }
  }

  // The client library would take the text up to its first NUL, and say nothing.
  Result<void> check_text(const std::string& text) override {
    if (!text.contains('\0')) return {};
    return fail(make_error(ErrorCode::kConflict, "a text holds a NUL character",
                           "PostgreSQL has no place for it: take it out", name_));
  }

  std::string translate(const std::string& sql) override { return to_postgres(sql); }

  // Local to the unit of work: the next one begins as the connection did, for everybody.
  Result<void> before_statement() override {
    const std::int64_t acting_for = ActingFor::user_id();
    if (acting_for == told_) return {};
    const ResultPointer result(PQexec(connection_of(session_), act_for_statement(acting_for).c_str()));
    if (is_good(result)) {
      told_ = acting_for;
      return {};
    }
    const std::string message = PQerrorMessage(connection_of(session_));
    if (PQstatus(connection_of(session_)) == CONNECTION_BAD) return fail(lost(message));
    return fail(translate_state(state_of(result), message, name_));
  }

 private:
  Error lost(const std::string& message) const {
    return unavailable(message, "the connection to the server was lost: look whether it runs, and at its log", name_);
  }

  soci::session& session_;
  const std::string& name_;
  std::int64_t told_ = ActingFor::kEverybody;
};

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(const PostgresAddress& address, std::string schema, const core::Secret& password,
                   core::Duration wait)
      : name_(fmt::format("{} schema {}", address.text(), schema)),
        schema_(std::move(schema)),
        connection_text_(connection_text(address, schema_, password)),
        wait_(wait) {}

  Result<void> open() {
    try {
      statements_.clear();
      session_.close();
      session_.open(soci::postgresql, std::string(connection_text_.expose()));
    } catch (const soci::soci_error& error) {
      session_.close();
      return fail(connection_error(error.get_error_message(), name_));
    }
    auto prepared = prepare();
    if (!prepared) session_.close();
    return prepared;
  }

  const std::string& name() const override { return name_; }
  Dialect dialect() const override { return Dialect::kPostgres; }

 protected:
  // READ COMMITTED under the writers' lock: what a statement reads is what the last unit of work left, and nobody
  // changes it before this one ends. The number of the transaction says later what became of it.
  Result<void> run_write(const Work& work) override { return run(Kind::kWrite, work); }
  Result<void> run_read(const Work& work) override { return run(Kind::kRead, work); }

 private:
  enum class Kind : std::uint8_t { kWrite, kRead };
  enum class Outcome : std::uint8_t { kDone, kFailed, kAgain, kUnknown };

  struct Attempt {
    Outcome outcome = Outcome::kDone;
    Result<void> result;
  };

  [[nodiscard]] bool is_connected() {
    return session_.get_backend() != nullptr && PQstatus(connection_of(session_)) == CONNECTION_OK;
  }

  [[nodiscard]] ResultPointer ask(const std::string& sql) {
    return ResultPointer(PQexec(connection_of(session_), sql.c_str()));
  }

  [[nodiscard]] Error error_of(const ResultPointer& result) {
    const std::string message = PQerrorMessage(connection_of(session_));
    if (!is_connected()) return unavailable(message, "look whether the server runs, and at its log", name_);
    return translate_state(state_of(result), message, name_);
  }

  // What the server is, and what it must be told.
  Result<void> prepare() {
    PGconn* connection = connection_of(session_);
    if (PQserverVersion(connection) < kOldestServer) {
      return fail(make_error(ErrorCode::kUnsupported,
                             fmt::format("its server is of version {}", PQserverVersion(connection) / 10000),
                             "PostgreSQL 15 or newer is wanted", name_));
    }
    const char* encoding = PQparameterStatus(connection, "server_encoding");
    if (encoding == nullptr || std::string_view(encoding) != "UTF8") {
      return fail(make_error(ErrorCode::kUnsupported,
                             fmt::format("its encoding is {}", encoding ? encoding : "unknown"),
                             "make the database with UTF-8: createdb --encoding=UTF8 --template=template0", name_));
    }
    // What was committed survives a loss of power. A server that waits for a copy of itself goes on doing so.
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(wait_).count() / kTries;
    const ResultPointer result =
        ask(fmt::format("SELECT set_config('synchronous_commit', 'on', false) "
                        "WHERE current_setting('synchronous_commit') IN ('off', 'local'); "
                        "SET lock_timeout = {}; SELECT pg_postmaster_start_time()",
                        std::max<std::int64_t>(milliseconds, 1)));
    if (!is_good(result)) return fail(error_of(result));
    server_started_ = PQgetvalue(result.get(), 0, 0);
    return {};
  }

  Result<void> reconnect(Patience& patience) {
    while (true) {
      Result<void> opened = open();
      if (opened || opened.error().code != ErrorCode::kUnavailable || !patience.wait()) return opened;
    }
  }

  Result<void> run(Kind kind, const Work& work) {
    ARGOSY_CHECK(!active_, "a unit of work within a unit of work on {}", name_);
    active_ = true;
    Patience patience(wait_);
    Attempt attempt;
    for (int tried = 0; tried < kTries; ++tried) {
      attempt = is_connected() ? Attempt() : Attempt{.result = reconnect(patience)};
      if (!attempt.result) break;
      attempt = once(kind, work);
      if (attempt.outcome == Outcome::kUnknown) attempt = settle(patience, std::move(attempt));
      if (attempt.outcome != Outcome::kAgain) break;
    }
    active_ = false;
    return attempt.result;
  }

  Result<void> begin(Kind kind) {
    transaction_ = "";
    const ResultPointer result =
        kind == Kind::kRead
            ? ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            : ask(fmt::format("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock({}, {}); "
                              "SELECT pg_current_xact_id()",
                              kLockClass, lock_key(schema_)));
    if (!is_good(result)) return fail(error_of(result));
    if (kind == Kind::kWrite) transaction_ = PQgetvalue(result.get(), 0, 0);
    return {};
  }

  Attempt once(Kind kind, const Work& work) {
    PostgresTransaction transaction(session_, statements_, name_);
    Result<void> result = begin(kind);
    const bool begun = result.has_value();
    if (begun) result = work(transaction);
    if (begun && result && transaction.first_error()) result = fail(*transaction.first_error());
    if (result) return commit(kind);
    // An error of the callback's own is its last word, unless a statement before it met what another try may not meet.
    const bool pushed_aside = !begun || transaction.first_error();
    const Error& cause = transaction.first_error() ? *transaction.first_error() : result.error();
    const bool again = pushed_aside && cause.code == ErrorCode::kUnavailable && cause.retryable;
    roll_back();
    if (transaction.first_error()) drop_statements();
    return {.outcome = again ? Outcome::kAgain : Outcome::kFailed, .result = std::move(result)};
  }

  Attempt commit(Kind kind) {
    const ResultPointer result = ask("COMMIT");
    if (is_good(result)) {
      // The server answers ROLLBACK, and no error, where a statement of the unit of work had failed.
      ARGOSY_CHECK(std::string_view(PQcmdStatus(result.get())) == "COMMIT", "{}: COMMIT was answered {}", name_,
                   PQcmdStatus(result.get()));
      return {};
    }
    Error error = error_of(result);
    if (!is_connected()) {
      const Outcome outcome = kind == Kind::kRead ? Outcome::kAgain : Outcome::kUnknown;
      return {.outcome = outcome, .result = fail(std::move(error))};
    }
    roll_back();
    return {.outcome = error.retryable ? Outcome::kAgain : Outcome::kFailed, .result = fail(std::move(error))};
  }

  // After a statement failed: one that was prepared could not be taken back before its unit of work was.
  void drop_statements() {
    statements_.clear();
    if (is_connected()) ask("DEALLOCATE ALL").reset();
  }

  void roll_back() {
    if (!is_connected()) return;
    const ResultPointer result = ask("ROLLBACK");
    ARGOSY_CHECK(is_good(result) || !is_connected(), "{} cannot be taken back: {}", name_,
                 PQerrorMessage(connection_of(session_)));
  }

  // What became of a unit of work whose COMMIT had no answer. It held the writers' lock, so whoever gets that lock
  // finds it ended; and the server remembers how, as long as it is the same server: one that was started since may be
  // a copy that never had it.
  Attempt settle(Patience& patience, Attempt lost) {
    const std::string transaction = transaction_;
    const std::string server = server_started_;
    Error unknown = make_error(
        ErrorCode::kUnavailable,
        fmt::format("the connection was lost while a unit of work was being stored: {}", lost.result.error().message),
        "it may be stored or not: look before doing it again", name_);
    lost.result = fail(std::move(unknown));
    if (!reconnect(patience) || server_started_ != server) return lost;
    std::string status;
    if (begin(Kind::kWrite)) {
      const ResultPointer result = ask(fmt::format("SELECT pg_xact_status('{}'::xid8)", transaction));
      if (is_good(result)) status = PQgetvalue(result.get(), 0, 0);
    }
    roll_back();
    if (status == "committed") return {};
    if (status == "aborted") {
      return {.outcome = Outcome::kAgain,
              .result = fail(unavailable("the connection was lost each time a unit of work was being stored",
                                         "look at the server's log", name_))};
    }
    return lost;
  }

  std::string name_;
  std::string schema_;
  core::Secret connection_text_;
  core::Duration wait_;
  soci::session session_;
  Statements statements_;  // of the session
  std::string server_started_;
  std::string transaction_;  // the number of the unit of work that writes
  bool active_ = false;
};

}  // namespace

// FNV-1a, so that every program of every version takes the same.
std::int32_t lock_key(std::string_view schema) {
  std::uint32_t hash = 2166136261U;
  for (const char c : schema) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return static_cast<std::int32_t>(hash);
}

// The client library keeps the server's code of a refused connection to itself; what a server that speaks English says
// is told apart by its words.
Error connection_error(std::string_view text, const std::string& name) {
  const std::string message = one_line(text);
  const auto says = [&](std::initializer_list<std::string_view> words) {
    return std::ranges::all_of(words, [&](std::string_view word) { return message.contains(word); });
  };
  const bool refused = says({"FATAL:"});
  if (says({"password authentication failed"}) || says({"no password supplied"})) {
    return make_error(ErrorCode::kReadOnly, message,
                      "give this user's password in the environment variable PGPASSWORD, and look at the user's name",
                      name);
  }
  if (refused && says({"no pg_hba.conf entry"})) {
    return make_error(ErrorCode::kReadOnly, message,
                      "the server lets this user in from elsewhere only: its pg_hba.conf says from where", name);
  }
  if (refused && says({"database \"", "does not exist"})) {
    return make_error(ErrorCode::kNotFound, message,
                      "make it: createdb --encoding=UTF8 --template=template0; docs/guides/database.md has the rest",
                      name);
  }
  if (refused && says({"role \"", "does not exist"})) {
    return make_error(ErrorCode::kNotFound, message,
                      "make the user, or name another one: postgresql://user@host:port/database", name);
  }
  if (says({"certificate"}) || says({"SSL"})) {
    return make_error(ErrorCode::kReadOnly, message,
                      "a server elsewhere must prove who it is: name who signed its certificate by sslrootcert=FILE",
                      name);
  }
  return unavailable(message,
                     "look whether the server runs and can be reached from here, and at its log; its password is taken "
                     "from PGPASSWORD",
                     name);
}

Result<std::unique_ptr<Database>> open_postgres(const std::string& url, const std::string& schema,
                                                const core::Secret& password, core::Duration wait) {
  ARGOSY_TRY(const PostgresAddress address, parse_postgres_address(url));
  auto database = std::make_unique<PostgresDatabase>(address, schema, password, wait);
  ARGOSY_TRY_VOID(database->open());
  return std::unique_ptr<Database>(std::move(database));
}

Result<void> make_schema(Transaction& work, const std::string& schema) {
  ARGOSY_TRY_VOID(work.execute(fmt::format("CREATE SCHEMA IF NOT EXISTS \"{}\"", schema)));
  return {};
}

}  // namespace argosy::ledger::detail
