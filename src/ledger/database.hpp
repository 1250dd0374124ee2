// The relational store as the repositories see it: units of work over rows of integers, reals and texts. SQLite or
// PostgreSQL stands behind it (open.hpp).
//
//   ARGOSY_TRY_VOID(database->write([&](Transaction& work) -> Result<void> {
//     ARGOSY_TRY_VOID(work.execute("UPDATE studies SET state = :s WHERE study_id = :i", {{"finished", id}}));
//     return add_trials(work, trials);   // an error here takes the update back, too
//   }));
//
// A unit of work is all or nothing: any error, also one that the callback returns, and any crash leaves what was there.
// A statement that failed has ended its unit of work, even where the callback goes on and returns no error.
// A Database is used by one thread at a time; several processes, and several Databases of one process, may share a
// file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "core/result.hpp"

namespace argosy::ledger {

// What a statement must be written for, where the two differ. Statements of repositories are the same for both.
enum class Dialect : std::uint8_t { kSqlite, kPostgres };

// REAL columns hold statistics and objectives. Money, prices and quantities are integers, in the units of
// core/decimal.hpp.
enum class ColumnType : std::uint8_t { kInteger, kReal, kText };

// What stands in one column of one row; std::monostate is NULL.
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;

// A row of a query. A column must be read as the type that the query named.
class Row {
 public:
  explicit Row(std::span<const Value> values) : values_(values) {}
  [[nodiscard]] std::span<const Value> values() const { return values_; }
  [[nodiscard]] bool is_null(std::size_t column) const {
    return std::holds_alternative<std::monostate>(values_[column]);
  }
  // NULL stops the program; ask is_null first where it may be.
  [[nodiscard]] std::int64_t integer(std::size_t column) const;
  [[nodiscard]] double real(std::size_t column) const;
  [[nodiscard]] const std::string& text(std::size_t column) const;

 private:
  std::span<const Value> values_;
};

// One unit of work, valid within the callback that it was given to. Values stand in a statement as `:name`, each name
// once; they are given in the order in which the names stand.
class Transaction {
 public:
  using OnRow = std::function<core::Result<void>(const Row&)>;

  virtual ~Transaction() = default;
  // Runs one statement that gives no rows. Returns the number of rows that it changed.
  [[nodiscard]] virtual core::Result<std::int64_t> execute(const std::string& sql,
                                                           const std::vector<Value>& values = {}) = 0;
  // Runs one statement `count` times, prepared once; `fill` gives the values of each. They are of `types`, or NULL.
  [[nodiscard]] virtual core::Result<void> execute_many(
      const std::string& sql, std::span<const ColumnType> types, std::size_t count,
      const std::function<void(std::size_t, std::vector<Value>&)>& fill) = 0;
  // Hands each row to `on_row`, whose error ends the query. `types` says as what each column is read.
  [[nodiscard]] virtual core::Result<void> query(const std::string& sql, std::span<const ColumnType> types,
                                                 const std::vector<Value>& values, const OnRow& on_row) = 0;
};

// Whether what a unit of work wrote may be there although it failed so: kUnavailable that is not retryable.
[[nodiscard]] inline bool may_be_stored(const core::Error& error) {
  return error.code == core::ErrorCode::kUnavailable && !error.retryable;
}

class Database {
 public:
  using Work = std::function<core::Result<void>(Transaction&)>;

  virtual ~Database() = default;

  // Changes in one unit of work; no other writer is between its first statement and its last. Where the database is
  // busy, or its server lost, the callback is run again from its beginning, until the database's patience is over
  // (kUnavailable, retryable). Where the server was lost while it stored the unit of work, that may be there or not
  // (may_be_stored); whoever runs it again must be able to tell (an id of the request, say).
  template <class Function>
  auto write(Function function) {
    return with_value(function, [this](const Work& work) { return run_write(work); });
  }
  // The same for looking only: all queries of the callback see one moment.
  template <class Function>
  auto read(Function function) {
    return with_value(function, [this](const Work& work) { return run_read(work); });
  }

  // Makes sure that what is read is on the disk. After a sync that failed the system shows what was written as if it
  // were there, to the next process too, and no later sync brings it there
  // (https://wiki.postgresql.org/wiki/Fsync_Errors): the log is written again. Servers look after that themselves.
  [[nodiscard]] virtual core::Result<void> make_durable() { return {}; }

  // The file, or the server's address and schema, for messages.
  [[nodiscard]] virtual const std::string& name() const = 0;
  [[nodiscard]] virtual Dialect dialect() const = 0;

 protected:
  [[nodiscard]] virtual core::Result<void> run_write(const Work& work) = 0;
  [[nodiscard]] virtual core::Result<void> run_read(const Work& work) = 0;

 private:
  template <class Function, class Run>
  static auto with_value(Function& function, Run run) {
    using Answer = std::invoke_result_t<Function&, Transaction&>;
    if constexpr (std::is_void_v<typename Answer::value_type>) {
      return run([&](Transaction& transaction) { return function(transaction); });
    } else {
      std::optional<typename Answer::value_type> value;
      const core::Result<void> done = run([&](Transaction& transaction) -> core::Result<void> {
        ARGOSY_TRY(value, function(transaction));
        return {};
      });
      if (!done) return Answer(std::unexpected(done.error()));
      return Answer(*std::move(value));
    }
  }
};

}  // namespace argosy::ledger
