#include "ledger/detail/soci_transaction.hpp"

#include <soci/soci.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <string_view>
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

std::vector<ColumnType> types_of(const std::vector<Value>& values) {
  std::vector<ColumnType> types;
  types.reserve(values.size());
  for (const Value& value : values) types.push_back(type_of(value));
  return types;
}

bool is_kept(std::string_view sql) {
  constexpr std::array<std::string_view, 6> kKept{"SELECT", "INSERT", "UPDATE", "DELETE", "BEGIN", "COMMIT"};
  return std::ranges::any_of(kKept, [&](std::string_view word) { return sql.starts_with(word); });
}

}  // namespace

// A statement with the places that its values go to, and those that its columns come to.
struct Prepared {
  // Prepared apart from its run only where it `stays`: that is a question more to a server.
  Prepared(soci::session& session, const std::string& sql, std::span<const ColumnType> value_types,
           std::span<const ColumnType> column_types, bool is_kept)
      : statement(session), values(make_slots(value_types)), columns(make_slots(column_types)), stays(is_kept) {
    for (Slot& slot : values) slot.use_in(statement);
    for (Slot& slot : columns) slot.read_from(statement);
    statement.alloc();
    statement.prepare(sql, stays ? soci::details::st_repeatable_query : soci::details::st_one_time_query);
    statement.define_and_bind();
  }
  void set(const std::vector<Value>& given) {
    ARGOSY_CHECK(given.size() == values.size(), "{} values for {} places", given.size(), values.size());
    for (std::size_t i = 0; i < given.size(); ++i) values[i].set(given[i]);
  }

  soci::statement statement;
  std::deque<Slot> values;
  std::deque<Slot> columns;
  bool stays;
};

void FreePrepared::operator()(Prepared* prepared) const { delete prepared; }

Statements::Statements() = default;
Statements::~Statements() = default;

PreparedPointer Statements::take(const std::string& sql, std::span<const ColumnType> values,
                                 std::span<const ColumnType> columns) {
  const auto found = kept_.find(sql);
  if (found == kept_.end() || found->second == nullptr) return nullptr;
  PreparedPointer taken = std::move(found->second);
  const bool fits = std::ranges::equal(taken->values, values, {}, &Slot::type) &&
                    std::ranges::equal(taken->columns, columns, {}, &Slot::type);
  return fits ? std::move(taken) : nullptr;
}

bool Statements::runs_again(const std::string& sql) {
  if (!is_kept(sql)) return false;
  if (kept_.size() >= kMost && !kept_.contains(sql)) kept_.clear();
  return !kept_.try_emplace(sql).second;
}

void Statements::put_back(const std::string& sql, PreparedPointer prepared) {
  if (prepared->stays) kept_.insert_or_assign(sql, std::move(prepared));
}

void Statements::clear() { kept_.clear(); }

PreparedPointer SociTransaction::prepared(const std::string& sql, std::span<const ColumnType> values,
                                          std::span<const ColumnType> columns, bool runs_again) {
  if (PreparedPointer kept = statements_.take(sql, values, columns)) return kept;
  const bool stays = statements_.runs_again(sql) || runs_again;
  return PreparedPointer(new Prepared(session_, translate(sql), values, columns, stays));
}

Result<std::int64_t> SociTransaction::execute(const std::string& sql, const std::vector<Value>& values) {
  ARGOSY_TRY_VOID(begin(values));
  try {
    PreparedPointer ready = prepared(sql, types_of(values), {}, false);
    ready->set(values);
    ready->statement.execute(true);
    const std::int64_t changed = std::max<std::int64_t>(ready->statement.get_affected_rows(), 0);
    statements_.put_back(sql, std::move(ready));
    return changed;
  } catch (...) {
    return fail(note(caught()));
  }
}

Result<void> SociTransaction::execute_many(const std::string& sql, std::span<const ColumnType> types, std::size_t count,
                                           const std::function<void(std::size_t, std::vector<Value>&)>& fill) {
  if (count == 0) return {};
  ARGOSY_TRY_VOID(begin({}));
  try {
    PreparedPointer ready = prepared(sql, types, {}, true);
    std::vector<Value> values;
    for (std::size_t row = 0; row < count; ++row) {
      values.clear();
      fill(row, values);
      ARGOSY_TRY_VOID(check(values));
      ready->set(values);
      ready->statement.execute(true);
    }
    statements_.put_back(sql, std::move(ready));
    return {};
  } catch (...) {
    return fail(note(caught()));
  }
}

Result<void> SociTransaction::query(const std::string& sql, std::span<const ColumnType> types,
                                    const std::vector<Value>& values, const OnRow& on_row) {
  ARGOSY_TRY_VOID(begin(values));
  try {
    PreparedPointer ready = prepared(sql, types_of(values), types, false);
    ready->set(values);
    std::vector<Value> row(types.size());
    for (bool more = ready->statement.execute(true); more; more = ready->statement.fetch()) {
      for (std::size_t i = 0; i < row.size(); ++i) row[i] = ready->columns[i].get();
      ARGOSY_TRY_VOID(on_row(Row(row)));
    }
    statements_.put_back(sql, std::move(ready));
    return {};
  } catch (...) {
    return fail(note(caught()));
  }
}

Error SociTransaction::note(Error error) {
  if (!first_error_) first_error_ = error;
  return error;
}

Result<void> SociTransaction::begin(const std::vector<Value>& values) {
  if (auto ready = before_statement(); !ready) return fail(note(std::move(ready).error()));
  return check(values);
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
