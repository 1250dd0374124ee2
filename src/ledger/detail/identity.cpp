#include "ledger/detail/identity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/hash.hpp"
#include "core/text.hpp"

namespace argosy::ledger::detail {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;

namespace {

constexpr std::array kInteger = {ColumnType::kInteger};
constexpr std::array kText = {ColumnType::kText};
constexpr std::size_t kHashDigits = 6;
constexpr std::size_t kMostNamed = 5;

Result<std::vector<std::string>> query_texts(Transaction& work, const std::string& sql,
                                             const std::vector<Value>& values = {}) {
  std::vector<std::string> texts;
  ARGOSY_TRY_VOID(work.query(sql, kText, values, [&](const Row& row) -> Result<void> {
    texts.push_back(row.text(0));
    return {};
  }));
  return texts;
}

}  // namespace

Result<std::int64_t> next_number(Transaction& work, std::string_view table) {
  std::int64_t number = 1;
  ARGOSY_TRY_VOID(work.query(fmt::format("SELECT coalesce(max(number), 0) + 1 FROM {}", table), kInteger, {},
                             [&](const Row& row) -> Result<void> {
                               number = row.integer(0);
                               return {};
                             }));
  return number;
}

std::string make_identity(std::string_view prefix, std::int64_t number,
                          std::initializer_list<std::string_view> content) {
  core::Hasher hasher;
  for (const std::string_view part : content) {
    hasher.update(part);
    hasher.update(std::string_view("\0", 1));
  }
  return fmt::format("{}{}-{}", prefix, number, hasher.finish().substr(0, kHashDigits));
}

Result<std::string> find_identity(Transaction& work, const IdentityColumn& column, const std::string& wanted) {
  const std::string select = fmt::format("SELECT {0} FROM {1}", column.column, column.table);
  std::vector<std::string> found;
  if (wanted == "last") {
    ARGOSY_TRY(found, query_texts(work, select + " ORDER BY number DESC LIMIT 1"));
  } else {
    // Without wildcards: what people type is compared as it stands.
    ARGOSY_TRY(found, query_texts(work,
                                  fmt::format("{} WHERE substr({}, 1, length(:wanted)) = :again ORDER BY number DESC",
                                              select, column.column),
                                  {wanted, wanted}));
    const auto whole = std::ranges::find_if(
        found, [&](const std::string& id) { return id == wanted || id.starts_with(wanted + "-"); });
    if (whole != found.end()) return *whole;
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return fail(Error(ErrorCode::kNotFound, wanted == "last"
                                                ? fmt::format("there is no {} yet", column.what)
                                                : fmt::format("there is no {} \"{}\"", column.what, wanted))
                    .with_hint(column.what == "run" ? "see them all: argosy run list" : ""));
  }
  const std::size_t count = found.size();
  found.resize(std::min(count, kMostNamed));
  return fail(
      Error(ErrorCode::kInvalidArgument, fmt::format("{} {}s begin with \"{}\": {}{}", count, column.what, wanted,
                                                     core::join(found, ", "), count > kMostNamed ? ", ..." : ""))
          .with_hint("write more of the one that is meant"));
}

}  // namespace argosy::ledger::detail
