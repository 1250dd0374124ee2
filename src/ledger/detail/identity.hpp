// Ids that people can say and type: a number by age and six digits of what it is of, "12-3fa9c1".
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "ledger/database.hpp"

namespace argosy::ledger::detail {

// One more than the highest `number` of the table.
[[nodiscard]] core::Result<std::int64_t> next_number(Transaction& work, std::string_view table);
[[nodiscard]] std::string make_identity(std::string_view prefix, std::int64_t number,
                                        std::initializer_list<std::string_view> content);

struct IdentityColumn {
  std::string_view table;
  std::string_view column;
  std::string_view what;  // for messages: "run"
};
// The id that is `wanted` or begins with it; "last" is the newest. The number alone is the whole of it: "1" is not
// "12-...". kNotFound, or kInvalidArgument with the ids where several begin so.
[[nodiscard]] core::Result<std::string> find_identity(Transaction& work, const IdentityColumn& column,
                                                      const std::string& wanted);

}  // namespace argosy::ledger::detail
