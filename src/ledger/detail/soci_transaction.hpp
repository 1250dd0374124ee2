// A unit of work over SOCI, the same for each of its databases but for their errors.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "ledger/database.hpp"

namespace soci {
class session;  // NOLINT(readability-identifier-naming): their name
}

namespace argosy::ledger::detail {

struct Prepared;
struct FreePrepared {
  void operator()(Prepared* prepared) const;
};
using PreparedPointer = std::unique_ptr<Prepared, FreePrepared>;

// The statements of a session that are kept prepared, by their text: to prepare one takes ten times as long as to run
// it, and is one question more to a server. They must go before their session is closed.
//
// One is taken out while it runs and put back when it has run to its end: one that met an error, or whose rows were not
// all read, is dropped, for it could hold the moment open that it looked at. What changes the schema or a setting is
// not kept at all, and of the rest only what runs again.
class Statements {
 public:
  Statements();
  ~Statements();
  Statements(const Statements&) = delete;
  Statements& operator=(const Statements&) = delete;

  // Null where none is kept that takes values of these types and gives these columns.
  [[nodiscard]] PreparedPointer take(const std::string& sql, std::span<const ColumnType> values,
                                     std::span<const ColumnType> columns);
  // Whether it is worth preparing apart from its run, so that it can be put back: from its second run on.
  [[nodiscard]] bool runs_again(const std::string& sql);
  void put_back(const std::string& sql, PreparedPointer prepared);
  void clear();

 private:
  static constexpr std::size_t kMost = 200;
  std::unordered_map<std::string, PreparedPointer> kept_;  // null: it ran once, or runs
};

class SociTransaction : public Transaction {
 public:
  SociTransaction(soci::session& session, Statements& statements) : session_(session), statements_(statements) {}

  core::Result<std::int64_t> execute(const std::string& sql, const std::vector<Value>& values) override;
  core::Result<void> execute_many(const std::string& sql, std::span<const ColumnType> types, std::size_t count,
                                  const std::function<void(std::size_t, std::vector<Value>&)>& fill) override;
  core::Result<void> query(const std::string& sql, std::span<const ColumnType> types, const std::vector<Value>& values,
                           const OnRow& on_row) override;

  // Of the first statement that failed.
  [[nodiscard]] const std::optional<core::Error>& first_error() const { return first_error_; }

 protected:
  // The error behind the exception that is being handled.
  [[nodiscard]] virtual core::Error caught() = 0;
  // Before each statement.
  [[nodiscard]] virtual core::Result<void> before_statement() { return {}; }
  // Why a text cannot be stored.
  [[nodiscard]] virtual core::Result<void> check_text(const std::string& /*text*/) { return {}; }
  // The statement as the database wants it.
  [[nodiscard]] virtual std::string translate(const std::string& sql) { return sql; }

 private:
  // What is bound to `values` and `columns`; ready to be run.
  [[nodiscard]] PreparedPointer prepared(const std::string& sql, std::span<const ColumnType> values,
                                         std::span<const ColumnType> columns, bool runs_again);
  core::Error note(core::Error error);
  core::Result<void> begin(const std::vector<Value>& values);
  core::Result<void> check(const std::vector<Value>& values);

  soci::session& session_;
  Statements& statements_;
  std::optional<core::Error> first_error_;
};

}  // namespace argosy::ledger::detail
