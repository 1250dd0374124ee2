#include "ledger/detail/sqlite.hpp"

#include <fmt/format.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <new>
#include <utility>

#include "core/check.hpp"
#include "core/planted.hpp"
#include "ledger/detail/soci_transaction.hpp"

namespace argosy::ledger {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

// How often the whole unit of work is tried within its time. Between tries SQLite waits, in growing steps.
constexpr int kTries = 5;

// SQLite's primary result code as one of ours, with the way out.
Error translate(int code, const std::string& message, const std::string& path) {
  const auto make = [&](ErrorCode kind, std::string hint) {
    return Error(kind, fmt::format("the database cannot be used: {}", message)).with_hint(std::move(hint)).at(path);
  };
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: {
      Error error = make(ErrorCode::kUnavailable, "another process is writing; try again when it is done");
      error.retryable = true;
      return error;
    }
    case SQLITE_FULL:
      return make(ErrorCode::kOutOfSpace, "free some space on its disk");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      return make(ErrorCode::kReadOnly, "check the permissions of the file and its folder");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return make(ErrorCode::kCorrupt, "look at it with argosy db verify, and bring a backup back: argosy db restore");
    case SQLITE_CONSTRAINT:
      return make(ErrorCode::kConflict, "a row like it is stored already, or one that it belongs to is not");
    case SQLITE_NOMEM:
      return make(ErrorCode::kLimit, "there is no memory left: give the program more of it");
    case SQLITE_TOOBIG:
      return make(ErrorCode::kLimit, "a text is longer than a row may hold");
    case SQLITE_IOERR:
      return make(ErrorCode::kIo, "check the disk and its free space");
    default:
      return make(ErrorCode::kIo, "this is a mistake in a statement, or in the file: argosy db verify");
  }
}

// The error behind the exception that is being handled.
Error caught(const std::string& path) {
  try {
    throw;
  } catch (const soci::sqlite3_soci_error& error) {
    return translate(error.result(), error.get_error_message(), path);
  } catch (const soci::soci_error& error) {
    return translate(SQLITE_ERROR, error.get_error_message(), path);
  } catch (const std::bad_alloc&) {
    return translate(SQLITE_NOMEM, "out of memory", path);
  } catch (const std::exception& error) {
    return translate(SQLITE_ERROR, error.what(), path);
  }
}

class SqliteTransaction final : public detail::SociTransaction {
 public:
  SqliteTransaction(soci::session& session, detail::Statements& statements, const std::string& path)
      : SociTransaction(session, statements), path_(path) {}

 protected:
  Error caught() override { return ledger::caught(path_); }

 private:
  const std::string& path_;
};

// Every byte of a file as it is, and a sync. SOCI has SQLite's names in a namespace of its own, so that for a sanitizer
// the functions of a file system have another type than here.
__attribute__((no_sanitize("function"))) int write_again(sqlite_api::sqlite3_file& file) {
  sqlite_api::sqlite3_int64 size = 0;
  int code = file.pMethods->xFileSize(&file, &size);
  std::string bytes(64 * 1024, '\0');
  for (sqlite_api::sqlite3_int64 at = 0; code == SQLITE_OK && at < size;) {
    const auto part = static_cast<int>(std::min<sqlite_api::sqlite3_int64>(std::ssize(bytes), size - at));
    code = file.pMethods->xRead(&file, bytes.data(), part, at);
    if (code == SQLITE_OK) code = file.pMethods->xWrite(&file, bytes.data(), part, at);
    at += part;
  }
  if (code == SQLITE_OK && size > 0) code = file.pMethods->xSync(&file, SQLITE_SYNC_FULL);
  return code;
}

// A Database is used by one thread at a time, so that a connection needs no locks of its own, which would be taken for
// each column of each row. Where SQLite runs already, as in tests that put a file system under it, it keeps its way.
void use_without_locks() {
  static const int done = sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
  (void)done;
}

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(std::string path) : path_(std::move(path)) {}

  Result<void> open(core::Duration wait) {
    // SOCI reads its parameters from one text, in which it knows no escapes.
    if (path_.contains('"'))
      return fail(Error(ErrorCode::kUnsupported, "a database cannot lie at a path with a quotation mark").at(path_));
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(wait).count();
    try {
      use_without_locks();
      session_.open(soci::sqlite3, fmt::format("dbname=\"{}\"", path_));
      session_ << fmt::format("PRAGMA busy_timeout = {}", std::max<std::int64_t>(milliseconds / kTries, 1));
      std::string mode;
      session_ << "PRAGMA journal_mode = WAL", soci::into(mode);
      if (mode != "wal") {
        return fail(Error(ErrorCode::kUnsupported, fmt::format("the database keeps to journal mode {}", mode))
                        .with_hint("keep it on a local disk: file systems over a network cannot share its log")
                        .at(path_));
      }
      session_ << "PRAGMA synchronous = FULL";
      if (ARGOSY_PLANTED(kNeverSyncs)) session_ << "PRAGMA synchronous = OFF";
      if (ARGOSY_PLANTED(kSyncsLate)) session_ << "PRAGMA synchronous = NORMAL";
      session_ << "PRAGMA foreign_keys = ON";
      return {};
    } catch (...) {
      return fail(caught(path_));
    }
  }

  // Byte by byte as it is, so that a crash meanwhile changes nothing. What a checkpoint could not sync is still in the
  // log, and the next one writes it again.
  Result<void> make_durable() override {
    return write([this](Transaction&) -> Result<void> {
      sqlite_api::sqlite3_file* log = nullptr;
      int code =
          sqlite_api::sqlite3_file_control(handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log));
      if (code != SQLITE_OK || log == nullptr || log->pMethods == nullptr)
        return fail(translate(code, "its log cannot be found", path_));
      code = write_again(*log);
      if (code != SQLITE_OK) return fail(translate(code, "its log cannot be written again", path_));
      return {};
    });
  }

  const std::string& name() const override { return path_; }
  Dialect dialect() const override { return Dialect::kSqlite; }
  [[nodiscard]] sqlite_api::sqlite3* handle() {
    return static_cast<soci::sqlite3_session_backend*>(session_.get_backend())->conn_;
  }

 protected:
  // SOCI's own begin() would take the lock at the first change only, and then fail at once where another writer was
  // there between.
  Result<void> run_write(const Work& work) override { return run("BEGIN IMMEDIATE", work); }
  Result<void> run_read(const Work& work) override { return run("BEGIN", work); }

 private:
  Result<void> run(const char* begin, const Work& work) {
    ARGOSY_CHECK(!active_, "a unit of work within a unit of work on {}", path_);
    active_ = true;
    try {
      Result<void> result = fail(ErrorCode::kUnavailable, "");
      bool again = true;
      for (int tried = 0; again && tried < kTries; ++tried) {
        SqliteTransaction transaction(session_, statements_, path_);
        result = once(begin, work, transaction);
        again = !result && transaction.first_error() && transaction.first_error()->code == ErrorCode::kUnavailable;
      }
      active_ = false;
      return result;
    } catch (...) {  // no memory, or what the callback throws
      take_back();
      active_ = false;
      throw;
    }
  }

  Result<void> once(const char* begin, const Work& work, SqliteTransaction& transaction) {
    if (!take_back())
      return fail(
          Error(ErrorCode::kIo, "the last unit of work cannot be taken back").with_hint("end this process").at(path_));
    if (auto begun = transaction.execute(begin, {}); !begun) return fail(std::move(begun).error());
    Result<void> result = work(transaction);
    if (result && transaction.first_error()) result = fail(*transaction.first_error());
    if (result) {
      auto committed = transaction.execute("COMMIT", {});
      if (committed) return {};
      result = fail(std::move(committed).error());
    }
    take_back();
    return result;
  }

  // Some errors have taken everything back already. What cannot be taken back now, for want of memory, is when the next
  // unit of work begins, and never stored.
  bool take_back() noexcept {
    if (sqlite_api::sqlite3_get_autocommit(handle()) == 0)
      sqlite_api::sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    return sqlite_api::sqlite3_get_autocommit(handle()) != 0;
  }

  std::string path_;
  soci::session session_;
  detail::Statements statements_;  // of the session
  bool active_ = false;
};

Result<std::unique_ptr<SqliteDatabase>> open(const std::string& path, core::Duration wait) {
  auto database = std::make_unique<SqliteDatabase>(path);
  ARGOSY_TRY_VOID(database->open(wait));
  return database;
}

}  // namespace

namespace detail {

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, core::Duration wait) {
  ARGOSY_TRY(std::unique_ptr<Database> database, open(path, wait));
  return database;
}

Result<void> copy_sqlite(const std::string& from, const std::string& to, core::Duration wait) {
  ARGOSY_TRY(const auto source, open(from, wait));
  ARGOSY_TRY(const auto target, open(to, wait));
  sqlite_api::sqlite3_backup* copy =
      sqlite_api::sqlite3_backup_init(target->handle(), "main", source->handle(), "main");
  if (copy == nullptr) {
    return fail(
        translate(sqlite_api::sqlite3_errcode(target->handle()), sqlite_api::sqlite3_errmsg(target->handle()), to));
  }
  // All pages in one step: one moment of the source. A busy target is asked again, as a unit of work is.
  int code = SQLITE_BUSY;
  for (int tried = 0; tried < kTries && (code == SQLITE_BUSY || code == SQLITE_LOCKED); ++tried)
    code = sqlite_api::sqlite3_backup_step(copy, -1);
  const int finished = sqlite_api::sqlite3_backup_finish(copy);
  if (code == SQLITE_DONE && finished == SQLITE_OK) return {};
  if (code == SQLITE_DONE) code = finished;
  return fail(translate(code, fmt::format("copying {} to {}: {}", from, to, sqlite_api::sqlite3_errstr(code)), to));
}

Result<void> make_single_file(const std::string& path) {
  try {
    soci::session session(soci::sqlite3, fmt::format("dbname=\"{}\"", path));
    std::string mode;
    session << "PRAGMA journal_mode = DELETE", soci::into(mode);
    if (mode == "delete") return {};
    return fail(Error(ErrorCode::kUnavailable, "the database is in use").at(path));
  } catch (...) {
    return fail(caught(path));
  }
}

Result<void> remove_sqlite(const std::string& path, core::Files& files) {
  for (const char* rest : {"", "-wal", "-shm", "-journal"}) {
    if (files.exists(path + rest)) ARGOSY_TRY_VOID(files.remove(path + rest));
  }
  return {};
}

}  // namespace detail
}  // namespace argosy::ledger
