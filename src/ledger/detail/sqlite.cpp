#include "ledger/detail/sqlite.hpp"

#include <fmt/format.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <array>
#include <deque>
#include <exception>
#include <memory>
#include <unordered_map>
#include <utility>

#include "core/check.hpp"

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
  } catch (const std::exception& error) {
    return translate(SQLITE_ERROR, error.what(), path);
  }
}

// One bound value, or one column of a row: SOCI reads and writes it in place.
struct Slot {
  ColumnType type = ColumnType::kInteger;
  long long integer = 0;
  double real = 0;
  std::string text;
  soci::indicator indicator = soci::i_null;

  void set(const Value& value) {
    indicator = std::holds_alternative<std::monostate>(value) ? soci::i_null : soci::i_ok;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      ARGOSY_CHECK(type == ColumnType::kInteger, "an integer where the statement has none");
      integer = *whole;
    } else if (const auto* number = std::get_if<double>(&value)) {
      ARGOSY_CHECK(type == ColumnType::kReal, "a real number where the statement has none");
      real = *number;
    } else if (const auto* string = std::get_if<std::string>(&value)) {
      ARGOSY_CHECK(type == ColumnType::kText, "a text where the statement has none");
      text = *string;
    }
  }

  [[nodiscard]] Value get() const {
    if (indicator == soci::i_null) return std::monostate{};
    if (type == ColumnType::kInteger) return std::int64_t{integer};
    if (type == ColumnType::kReal) return real;
    return text;
  }

  void use_in(soci::statement& statement) {
    if (type == ColumnType::kInteger) statement.exchange(soci::use(integer, indicator));
    if (type == ColumnType::kReal) statement.exchange(soci::use(real, indicator));
    if (type == ColumnType::kText) statement.exchange(soci::use(text, indicator));
  }

  void read_from(soci::statement& statement) {
    if (type == ColumnType::kInteger) statement.exchange(soci::into(integer, indicator));
    if (type == ColumnType::kReal) statement.exchange(soci::into(real, indicator));
    if (type == ColumnType::kText) statement.exchange(soci::into(text, indicator));
  }
};

ColumnType type_of(const Value& value) {
  if (std::holds_alternative<double>(value)) return ColumnType::kReal;
  if (std::holds_alternative<std::string>(value)) return ColumnType::kText;
  return ColumnType::kInteger;
}

// SOCI keeps the addresses of its slots: a deque does not move them.
std::deque<Slot> make_slots(std::span<const ColumnType> types) {
  std::deque<Slot> slots;
  for (const ColumnType type : types) slots.emplace_back().type = type;
  return slots;
}

// A statement that is kept, with the places that its values go to.
struct Prepared {
  explicit Prepared(soci::session& session, const std::string& sql, std::deque<Slot> places)
      : statement(session), slots(std::move(places)) {
    for (Slot& slot : slots) slot.use_in(statement);
    statement.alloc();
    statement.prepare(sql);
    statement.define_and_bind();
  }

  soci::statement statement;
  std::deque<Slot> slots;
};

// Statements that write, by their text: to prepare one takes ten times as long as to run it. One that met an error is
// prepared anew.
class Statements {
 public:
  Prepared& find(soci::session& session, const std::string& sql, std::span<const ColumnType> types) {
    if (const auto found = kept_.find(sql); found != kept_.end()) return *found->second;
    if (kept_.size() == kMost) kept_.clear();
    return *kept_.emplace(sql, std::make_unique<Prepared>(session, sql, make_slots(types))).first->second;
  }
  void forget(const std::string& sql) { kept_.erase(sql); }

 private:
  static constexpr std::size_t kMost = 100;
  std::unordered_map<std::string, std::unique_ptr<Prepared>> kept_;
};

class SqliteTransaction final : public Transaction {
 public:
  SqliteTransaction(soci::session& session, Statements& statements, const std::string& path)
      : session_(session), statements_(statements), path_(path) {}

  Result<std::int64_t> execute(const std::string& sql, const std::vector<Value>& values) override {
    try {
      soci::statement statement(session_);
      std::deque<Slot> slots = bind(statement, values);
      statement.alloc();
      statement.prepare(sql);
      statement.define_and_bind();
      statement.execute(true);
      return std::int64_t{statement.get_affected_rows()};
    } catch (...) {
      return fail(note(caught(path_)));
    }
  }

  Result<void> execute_many(const std::string& sql, std::span<const ColumnType> types, std::size_t count,
                            const std::function<void(std::size_t, std::vector<Value>&)>& fill) override {
    if (count == 0) return {};
    try {
      Prepared& prepared = statements_.find(session_, sql, types);
      std::vector<Value> values;
      for (std::size_t row = 0; row < count; ++row) {
        values.clear();
        fill(row, values);
        ARGOSY_CHECK(values.size() == prepared.slots.size(), "{} values for {} places", values.size(),
                     prepared.slots.size());
        for (std::size_t i = 0; i < values.size(); ++i) prepared.slots[i].set(values[i]);
        prepared.statement.execute(true);
      }
      return {};
    } catch (...) {
      Error error = caught(path_);
      statements_.forget(sql);
      return fail(note(std::move(error)));
    }
  }

  Result<void> query(const std::string& sql, std::span<const ColumnType> types, const std::vector<Value>& values,
                     const OnRow& on_row) override {
    try {
      soci::statement statement(session_);
      std::deque<Slot> bound = bind(statement, values);
      std::deque<Slot> columns = make_slots(types);
      for (Slot& column : columns) column.read_from(statement);
      statement.alloc();
      statement.prepare(sql);
      statement.define_and_bind();
      std::vector<Value> row(types.size());
      for (bool more = statement.execute(true); more; more = statement.fetch()) {
        for (std::size_t i = 0; i < columns.size(); ++i) row[i] = columns[i].get();
        ARGOSY_TRY_VOID(on_row(Row(row)));
      }
      return {};
    } catch (...) {
      return fail(note(caught(path_)));
    }
  }

  // Whether a statement of this unit of work met a database that others keep busy.
  [[nodiscard]] bool was_busy() const { return was_busy_; }

 private:
  static std::deque<Slot> bind(soci::statement& statement, const std::vector<Value>& values) {
    std::deque<Slot> slots;
    for (const Value& value : values) {
      Slot& slot = slots.emplace_back();
      slot.type = type_of(value);
      slot.set(value);
      slot.use_in(statement);
    }
    return slots;
  }

  Error note(Error error) {
    was_busy_ = was_busy_ || error.code == ErrorCode::kUnavailable;
    return error;
  }

  soci::session& session_;
  Statements& statements_;
  const std::string& path_;
  bool was_busy_ = false;
};

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(std::string path) : path_(std::move(path)) {}

  Result<void> open(core::Duration wait) {
    // SOCI reads its parameters from one text, in which it knows no escapes.
    if (path_.contains('"'))
      return fail(Error(ErrorCode::kUnsupported, "a database cannot lie at a path with a quotation mark").at(path_));
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(wait).count();
    try {
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
      session_ << "PRAGMA foreign_keys = ON";
      return {};
    } catch (...) {
      return fail(caught(path_));
    }
  }

  const std::string& name() const override { return path_; }
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
    Result<void> result = fail(ErrorCode::kUnavailable, "");
    bool again = true;
    for (int tried = 0; again && tried < kTries; ++tried) {
      SqliteTransaction transaction(session_, statements_, path_);
      result = once(begin, work, transaction);
      again = !result && transaction.was_busy();
    }
    active_ = false;
    return result;
  }

  Result<void> once(const char* begin, const Work& work, SqliteTransaction& transaction) {
    if (auto begun = transaction.execute(begin, {}); !begun) return fail(std::move(begun).error());
    Result<void> result = work(transaction);
    if (result) {
      auto committed = transaction.execute("COMMIT", {});
      if (committed) return {};
      result = fail(std::move(committed).error());
    }
    // Some errors have taken everything back already.
    if (sqlite_api::sqlite3_get_autocommit(handle()) == 0) {
      const auto back = transaction.execute("ROLLBACK", {});
      ARGOSY_CHECK(back || sqlite_api::sqlite3_get_autocommit(handle()) != 0, "{}: {} cannot be taken back", path_,
                   begin);
    }
    return result;
  }

  std::string path_;
  soci::session session_;
  Statements statements_;  // of the session
  bool active_ = false;
};

Result<std::unique_ptr<SqliteDatabase>> open(const std::string& path, core::Duration wait) {
  auto database = std::make_unique<SqliteDatabase>(path);
  ARGOSY_TRY_VOID(database->open(wait));
  return database;
}

}  // namespace

std::int64_t Row::integer(std::size_t column) const {
  const auto* value = std::get_if<std::int64_t>(&values_[column]);
  ARGOSY_CHECK(value != nullptr, "column {} is no integer", column);
  return *value;
}

double Row::real(std::size_t column) const {
  const auto* value = std::get_if<double>(&values_[column]);
  ARGOSY_CHECK(value != nullptr, "column {} is no real number", column);
  return *value;
}

const std::string& Row::text(std::size_t column) const {
  const auto* value = std::get_if<std::string>(&values_[column]);
  ARGOSY_CHECK(value != nullptr, "column {} is no text", column);
  return *value;
}

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
