// What the oracle's parts share: reading rows, arithmetic in integers, and what was found.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/decimal.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "ledger/database.hpp"
#include "simulation/oracle.hpp"

namespace argosy::simulation::detail {

// What is wrong, each once in all; of one invariant some, and how many more there are.
class Findings {
 public:
  void add(int invariant, std::string what);
  [[nodiscard]] std::vector<Violation> take();

 private:
  std::set<std::pair<int, std::string>> said_;
  std::map<int, int> counts_;  // of those that are fresh
  std::vector<Violation> fresh_;
};

// Column types by letters: i an integer, t a text, r a real.
template <std::size_t kLength>
consteval std::array<ledger::ColumnType, kLength - 1> columns(const char (&letters)[kLength]) {
  std::array<ledger::ColumnType, kLength - 1> types{};
  for (std::size_t i = 0; i + 1 < kLength; ++i)
    types[i] = letters[i] == 'i'   ? ledger::ColumnType::kInteger
               : letters[i] == 't' ? ledger::ColumnType::kText
                                   : ledger::ColumnType::kReal;
  return types;
}

// Calls `use` with each row.
template <class Use>
[[nodiscard]] core::Result<void> each_row(ledger::Transaction& work, const std::string& sql,
                                          std::span<const ledger::ColumnType> types,
                                          const std::vector<ledger::Value>& values, Use use) {
  return work.query(sql, types, values, [&](const ledger::Row& row) -> core::Result<void> {
    use(row);
    return {};
  });
}

[[nodiscard]] inline std::int64_t integer_or(const ledger::Row& row, std::size_t column, std::int64_t otherwise = 0) {
  return row.is_null(column) ? otherwise : row.integer(column);
}

// A hash of rows in their order; not one that withstands an adversary.
class RowHash {
 public:
  [[nodiscard]] static std::uint64_t of(const ledger::Row& row);
  void add(std::uint64_t row) { value_ = (value_ ^ row) * kPrime; }
  [[nodiscard]] std::uint64_t value() const { return value_; }

  static constexpr std::uint64_t kStart = 14695981039346656037U;
  static constexpr std::uint64_t kPrime = 1099511628211U;

 private:
  std::uint64_t value_ = kStart;
};

inline constexpr std::int64_t kOne = 1'000'000'000;       // of prices, quantities and rates
inline constexpr std::int64_t kDay = 86'400'000'000'000;  // ns

// Units of 1e-9 for prices, quantities and rates, of 1e-6 for money.
[[nodiscard]] std::int64_t half_even(__int128 numerator, __int128 denominator);
[[nodiscard]] std::int64_t worth(std::int64_t price, std::int64_t quantity);  // to the nearest unit, ties to even
[[nodiscard]] std::int64_t worth_rounded_up(std::int64_t price, std::int64_t quantity);
[[nodiscard]] std::int64_t converted(std::int64_t money, std::int64_t rate, bool inverse);
// Of what may be lost of `base`.
[[nodiscard]] std::int64_t amount_of(const trading::Allowance& allowed, std::int64_t base);
[[nodiscard]] std::string shares(std::int64_t units);
[[nodiscard]] std::string money(std::int64_t units);
[[nodiscard]] std::string price_text(std::int64_t units);

// Members of a JSON object; what is missing or no such thing is 0, empty or false.
[[nodiscard]] std::int64_t whole(const core::JsonValue& object, std::string_view name);
[[nodiscard]] std::int64_t nine_digits(const core::JsonValue& object, std::string_view name);
[[nodiscard]] std::int64_t six_digits(const core::JsonValue& object, std::string_view name);
[[nodiscard]] std::string text_of(const core::JsonValue& object, std::string_view name);
[[nodiscard]] bool truth(const core::JsonValue& object, std::string_view name, bool otherwise = false);

}  // namespace argosy::simulation::detail
