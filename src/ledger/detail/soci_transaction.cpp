#include "ledger/detail/soci_transaction.hpp"

#include <soci/soci.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>

#include "core/check.hpp"

namespace argosy::ledger::detail {

using core::Error;
using core::fail;
using core::Result;

namespace {

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
      if (std::isnan(real)) indicator = soci::i_null;  // as SQLite does
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

std::deque<Slot> bind(soci::statement& statement, const std::vector<Value>& values) {
  std::deque<Slot> slots;
  for (const Value& value : values) {
    Slot& slot = slots.emplace_back();
    slot.type = type_of(value);
    slot.set(value);
    slot.use_in(statement);
  }
  return slots;
}

// Prepared on its own only where it runs more than once: that is a question more to a server.
void prepare(soci::statement& statement, const std::string& sql, soci::details::statement_type type) {
  statement.alloc();
  statement.prepare(sql, type);
  statement.define_and_bind();
}

}  // namespace

// A statement that is kept, with the places that its values go to.
struct Prepared {
  Prepared(soci::session& session, const std::string& sql, std::span<const ColumnType> types)
      : statement(session), slots(make_slots(types)) {
    for (Slot& slot : slots) slot.use_in(statement);
    prepare(statement, sql, soci::details::st_repeatable_query);
  }

  soci::statement statement;
  std::deque<Slot> slots;
};

Statements::Statements() = default;
Statements::~Statements() = default;

Prepared& Statements::find(soci::session& session, const std::string& sql, const std::string& translated,
                           std::span<const ColumnType> types) {
  if (const auto found = kept_.find(sql); found != kept_.end()) return *found->second;
  if (kept_.size() == kMost) kept_.clear();
  return *kept_.emplace(sql, std::make_unique<Prepared>(session, translated, types)).first->second;
}

void Statements::forget(const std::string& sql) { kept_.erase(sql); }
void Statements::clear() { kept_.clear(); }

Result<std::int64_t> SociTransaction::execute(const std::string& sql, const std::vector<Value>& values) {
  ARGOSY_TRY_VOID(check(values));
  try {
    soci::statement statement(session_);
    std::deque<Slot> slots = bind(statement, values);
    prepare(statement, translate(sql), soci::details::st_one_time_query);
    statement.execute(true);
    return std::max<std::int64_t>(statement.get_affected_rows(), 0);
  } catch (...) {
    return fail(note(caught()));
  }
}

Result<void> SociTransaction::execute_many(const std::string& sql, std::span<const ColumnType> types, std::size_t count,
                                           const std::function<void(std::size_t, std::vector<Value>&)>& fill) {
  if (count == 0) return {};
  try {
    Prepared& prepared = statements_.find(session_, sql, translate(sql), types);
    std::vector<Value> values;
    for (std::size_t row = 0; row < count; ++row) {
      values.clear();
      fill(row, values);
      ARGOSY_CHECK(values.size() == prepared.slots.size(), "{} values for {} places", values.size(),
                   prepared.slots.size());
      ARGOSY_TRY_VOID(check(values));
      for (std::size_t i = 0; i < values.size(); ++i) prepared.slots[i].set(values[i]);
      prepared.statement.execute(true);
    }
    return {};
  } catch (...) {
    // One that met an error is prepared anew.
    Error error = caught();
    statements_.forget(sql);
    return fail(note(std::move(error)));
  }
}

Result<void> SociTransaction::query(const std::string& sql, std::span<const ColumnType> types,
                                    const std::vector<Value>& values, const OnRow& on_row) {
  ARGOSY_TRY_VOID(check(values));
  try {
    soci::statement statement(session_);
    std::deque<Slot> bound = bind(statement, values);
    std::deque<Slot> columns = make_slots(types);
    for (Slot& column : columns) column.read_from(statement);
    prepare(statement, translate(sql), soci::details::st_one_time_query);
    std::vector<Value> row(types.size());
    for (bool more = statement.execute(true); more; more = statement.fetch()) {
      for (std::size_t i = 0; i < columns.size(); ++i) row[i] = columns[i].get();
      ARGOSY_TRY_VOID(on_row(Row(row)));
    }
    return {};
  } catch (...) {
    return fail(note(caught()));
  }
}

Error SociTransaction::note(Error error) {
  if (!first_error_) first_error_ = error;
  return error;
}

Result<void> SociTransaction::check(const std::vector<Value>& values) {
  for (const Value& value : values) {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) continue;
    if (auto checked = check_text(*text); !checked) return fail(note(std::move(checked).error()));
  }
  return {};
}

}  // namespace argosy::ledger::detail
