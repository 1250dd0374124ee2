// A unit of work over SOCI, the same for each of its databases but for their errors.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "ledger/database.hpp"

namespace soci {
class session;  // NOLINT(readability-identifier-naming): their name
}

namespace argosy::ledger::detail {

struct Prepared;

// The statements of a session that execute_many has prepared, by their text: to prepare one takes ten times as long as
// to run it, and is one question more to a server. They must go before their session is closed.
class Statements {
 public:
  Statements();
  ~Statements();
  Statements(const Statements&) = delete;
  Statements& operator=(const Statements&) = delete;

  // Prepares `translated` where no statement of the text `sql` is kept.
  [[nodiscard]] Prepared& find(soci::session& session, const std::string& sql, const std::string& translated,
                               std::span<const ColumnType> types);
  void forget(const std::string& sql);
  void clear();

 private:
  static constexpr std::size_t kMost = 100;
  std::unordered_map<std::string, std::unique_ptr<Prepared>> kept_;
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
  // Why a text cannot be stored.
  [[nodiscard]] virtual core::Result<void> check_text(const std::string& /*text*/) { return {}; }
  // The statement as the database wants it.
  [[nodiscard]] virtual std::string translate(const std::string& sql) { return sql; }

 private:
  core::Error note(core::Error error);
  core::Result<void> check(const std::vector<Value>& values);

  soci::session& session_;
  Statements& statements_;
  std::optional<core::Error> first_error_;
};

}  // namespace argosy::ledger::detail
